#include "warehouse/published_files.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/assert.h"
#include "storage/duckdb.h"
#include "warehouse/published_reader.h"

namespace stargaze::warehouse {
namespace {

using storage::QuoteLiteral;

// The mart's windows, and how many days before a window's start may stand in for it
// (marts/trend_repository.sql).
struct Window {
  int days = 0;
  int tolerance = 0;
};
constexpr Window kWindows[] = {{1, 0}, {7, 1}, {28, 4}, {90, 13}};

constexpr std::size_t kListedMax = 2000;

std::string FileList(const std::vector<std::string>& files) {
  std::string list;
  for (const std::string& file : files) list += (list.empty() ? "" : ", ") + QuoteLiteral(file);
  return "[" + list + "]";
}

bool IsByDay(const std::vector<std::string>& files) {
  return !files.empty() && files.front().find("/day=") != std::string::npos;
}

Day DayOf(const std::string& file) {
  const std::string mark = "/day=";
  return ParseDay(file.substr(file.rfind(mark) + mark.size(), 10)).value_or(Day{});
}

// The files of the days from `from` to `to`, both included.
std::vector<std::string> FilesBetween(const std::vector<std::string>& files, Day from, Day to) {
  std::vector<std::string> chosen;
  for (const std::string& file : files) {
    const Day day = DayOf(file);
    if (day >= from && day <= to) chosen.push_back(file);
  }
  return chosen;
}

const Window& WindowOf(int64_t days) {
  const auto* const window = std::find_if(std::begin(kWindows),
                                          std::end(kWindows),
                                          [&](const Window& one) { return one.days == days; });
  SG_ASSERT(window != std::end(kWindows));
  return *window;
}

}  // namespace

std::span<const int64_t> RankedWindows() {
  static constexpr std::array<int64_t, std::size(kWindows)> kDays = [] {
    std::array<int64_t, std::size(kWindows)> days{};
    for (std::size_t i = 0; i < days.size(); ++i) days[i] = kWindows[i].days;
    return days;
  }();
  return kDays;
}

std::string RelationOf(const std::vector<std::string>& files) {
  if (!IsByDay(files)) return fmt::format("read_parquet({})", FileList(files));
  return fmt::format("read_parquet({}, hive_partitioning = true, hive_types = {{'day': DATE}})",
                     FileList(files));
}

std::vector<std::string> FilesOfSpark(const std::vector<std::string>& files, Day day) {
  return FilesBetween(files, day - kSparkDays + std::chrono::days(1), day);
}

std::vector<StandIn> StandInsOfRanking(const std::vector<std::string>& files,
                                       Day day,
                                       int64_t window_days) {
  const std::chrono::days window(window_days);
  const std::chrono::days tolerance(WindowOf(window_days).tolerance);
  std::vector<StandIn> stand_ins;
  for (const Day end : {day, day - window}) {
    const Day start = end - window;
    const std::vector<std::string> at_end = FilesBetween(files, end, end);
    const std::vector<std::string> at_start = FilesBetween(files, start, start);
    StandIn stand_in{.files = FilesBetween(files, start - tolerance, start - std::chrono::days(1))};
    if (at_end.empty() || stand_in.files.empty()) continue;
    stand_in.unread_sql = "SELECT repository_id FROM " + RelationOf(at_end) + " AS at_end";
    if (!at_start.empty())
      stand_in.unread_sql +=
          fmt::format(" ANTI JOIN {} AS at_start USING (repository_id)", RelationOf(at_start));
    stand_ins.push_back(std::move(stand_in));
  }
  return stand_ins;
}

std::string ReadingsOfRanking(const std::vector<std::string>& files,
                              Day day,
                              int64_t window_days,
                              const std::vector<StandIn>& stand_ins) {
  const std::chrono::days window(window_days);
  std::vector<std::string> exact;
  for (const Day one : {day, day - window, day - 2 * window})
    for (std::string& file : FilesBetween(files, one, one)) exact.push_back(std::move(file));
  std::string readings = "FROM " + RelationOf(exact);
  for (const StandIn& stand_in : stand_ins) {
    if (stand_in.unread.empty()) continue;
    // A scan that knows the ids skips what it need not unpack; a long list costs more than it
    // saves.
    const bool is_short = stand_in.unread.size() <= kListedMax;
    readings += fmt::format(
        " UNION ALL BY NAME SELECT * FROM {} WHERE repository_id IN ({})",
        RelationOf(stand_in.files),
        is_short ? fmt::format("{}", fmt::join(stand_in.unread, ", ")) : stand_in.unread_sql);
  }
  return readings;
}

}  // namespace stargaze::warehouse
