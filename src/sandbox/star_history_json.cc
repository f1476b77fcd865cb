#include "sandbox/star_history_json.h"

#include <numeric>
#include <span>

#include "sandbox/json_text.h"

namespace stargaze::sandbox {

void AppendWeeks(std::string& out, const StarHistory& history) {
  constexpr std::size_t kDays = 7;
  out += '[';
  for (std::size_t week = history.week_begins.size(); week > 0; --week) {
    const auto days = std::span(history.gained).subspan((week - 1) * kDays, kDays);
    if (week != history.week_begins.size()) out += ',';
    out += "{\"week\":";
    AppendNumber(out, history.week_begins[week - 1]);
    out += ",\"total\":";
    AppendNumber(out, std::accumulate(days.begin(), days.end(), int64_t{0}));
    for (std::size_t day = 0; day < kDays; ++day) {
      out += day == 0 ? ",\"days\":[" : ",";
      AppendNumber(out, days[day]);
    }
    out += "]}";
  }
  out += ']';
}

}  // namespace stargaze::sandbox
