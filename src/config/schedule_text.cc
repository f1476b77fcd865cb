#include "config/schedule_text.h"

#include <string_view>

#include "config/duration.h"

namespace stargaze::config {
namespace {

using model::Schedule;
using model::ScheduleKind;

constexpr std::string_view kEvery = "every ";
constexpr std::string_view kOnManifest = "on_manifest ";

}  // namespace

Result<Schedule> ParseSchedule(const std::string& text) {
  if (text.empty() || text == "off") return Schedule{};
  if (text == "@once") return Schedule{.kind = ScheduleKind::kOnce, .text = text};
  if (text.starts_with(kOnManifest)) {
    return Schedule{.kind = ScheduleKind::kOnManifest,
                    .text = text,
                    .dataset = text.substr(kOnManifest.size())};
  }
  const bool is_every = text.starts_with(kEvery);
  if (!is_every && !text.starts_with('P'))
    return Schedule{.kind = ScheduleKind::kCron, .text = text};
  const std::string interval = is_every ? text.substr(kEvery.size()) : text;
  const std::string problem = CheckPositiveDuration(interval);
  if (!problem.empty()) return Error(ErrorKind::kInvalidInput, "malformed interval: " + problem);
  return Schedule{
      .kind = ScheduleKind::kInterval, .text = text, .interval = *ParseDuration(interval)};
}

}  // namespace stargaze::config
