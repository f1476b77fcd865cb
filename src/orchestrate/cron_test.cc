#include "orchestrate/cron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace stargaze::orchestrate {
namespace {

using ::testing::HasSubstr;

Instant At(const std::string& text) {
  return ParseInstant(text).value();
}

std::string Shown(std::optional<Instant> instant) {
  return instant ? FormatInstantSeconds(*instant) : "never";
}

struct Case {
  std::string schedule;
  std::string instant;
  std::string next;
  std::string previous;
};

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = line.find('\t', begin);
    cells.push_back(line.substr(begin, end - begin));
  }
  return cells;
}

TEST(Cron, FindsTheDueMinutesAround) {
  const std::vector<Case> cases{
      {"50 11,23 * * *", "2026-09-01T11:50:00Z", "2026-09-01T23:50:00Z", "2026-09-01T11:50:00Z"},
      {"50 11,23 * * *",
       "2026-09-01T11:49:59.999999Z",
       "2026-09-01T11:50:00Z",
       "2026-08-31T23:50:00Z"},
      {"50 11,23 * * *", "2026-12-31T23:50:01Z", "2027-01-01T11:50:00Z", "2026-12-31T23:50:00Z"},
      {"* * * * *", "2026-09-01T00:00:00Z", "2026-09-01T00:01:00Z", "2026-09-01T00:00:00Z"},
      {"*/20 * * * *", "2026-09-01T00:41:00Z", "2026-09-01T01:00:00Z", "2026-09-01T00:40:00Z"},
      {"5-45/20 6-8 * * *", "2026-09-01T06:46:00Z", "2026-09-01T07:05:00Z", "2026-09-01T06:45:00Z"},
      {"0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
      {"0 0 29 2 *", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z", "2096-02-29T00:00:00Z"},
      {"0 0 31 * *", "2026-04-01T00:00:00Z", "2026-05-31T00:00:00Z", "2026-03-31T00:00:00Z"},
      {"0 0 30 2 *", "2026-01-01T00:00:00Z", "never", "never"},
      {"0 12 * JAN,mar Mon-Fri",
       "2026-01-30T12:00:00Z",
       "2026-03-02T12:00:00Z",
       "2026-01-30T12:00:00Z"},
      {"0 0 * * 7", "2026-09-01T00:00:00Z", "2026-09-06T00:00:00Z", "2026-08-30T00:00:00Z"},
      {"0 0 * * sat-7", "2026-09-05T00:00:00Z", "2026-09-06T00:00:00Z", "2026-09-05T00:00:00Z"},
      // Both day fields restricted: either will do. 2026-09-13 is a Sunday.
      {"0 0 13 * fri", "2026-09-11T00:00:00Z", "2026-09-13T00:00:00Z", "2026-09-11T00:00:00Z"},
      // A step from * restricts nothing, as in Vixie cron: odd days that are Fridays.
      {"0 0 */2 * fri", "2026-09-04T00:00:00Z", "2026-09-11T00:00:00Z", "2026-08-21T00:00:00Z"},
      {"  0\t0  1 1 * ", "1969-12-31T23:59:00Z", "1970-01-01T00:00:00Z", "1969-01-01T00:00:00Z"},
  };
  for (const Case& expected : cases) {
    const auto schedule = ParseCron(expected.schedule);
    ASSERT_TRUE(schedule.ok()) << schedule.error().message();
    EXPECT_EQ(Shown(schedule.value().NextAfter(At(expected.instant))), expected.next)
        << expected.schedule;
    EXPECT_EQ(Shown(schedule.value().PreviousAtOrBefore(At(expected.instant))), expected.previous)
        << expected.schedule;
  }
}

TEST(Cron, NextAndPreviousAgreeOverAYear) {
  for (const char* text : {"50 11,23 * * *", "7 */5 1-9 * sun", "0 0 1 */3 *"}) {
    const CronSchedule schedule = ParseCron(text).value();
    Instant at = At("2027-03-01T00:00:00Z");
    int steps = 0;
    for (; at < At("2028-03-01T00:00:00Z"); ++steps) {
      const Instant next = *schedule.NextAfter(at);
      ASSERT_GT(next, at);
      ASSERT_EQ(schedule.PreviousAtOrBefore(next), next);
      ASSERT_EQ(schedule.NextAfter(next - std::chrono::microseconds(1)), next);
      ASSERT_LE(*schedule.PreviousAtOrBefore(next - std::chrono::microseconds(1)), at);
      at = next;
    }
    EXPECT_GT(steps, 3);
  }
}

// Written by tests/golden/cron/generate.
TEST(Cron, IsDueWhenAnotherImplementationSays) {
  std::ifstream file(STARGAZE_GOLDEN_FOLDER "/cron/next_fire.tsv");
  ASSERT_TRUE(file);
  std::map<std::string, Zone> zones;
  int vectors = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::vector<std::string> cells = Cells(line);
    ASSERT_EQ(cells.size(), 5U) << line;
    if (!zones.contains(cells[1])) zones.emplace(cells[1], Zone::Find(cells[1]).value());
    const Zone& zone = zones.at(cells[1]);
    const CronSchedule schedule = ParseCron(cells[0]).value();
    const Instant after = At(cells[2]);
    EXPECT_EQ(Shown(schedule.NextAfter(after, zone)), cells[3]) << line;
    const Instant next = At(cells[3]);
    EXPECT_EQ(schedule.PreviousAtOrBefore(next, zone), next) << line;
    const auto before = schedule.PreviousAtOrBefore(next - std::chrono::microseconds(1), zone);
    ASSERT_TRUE(before) << line;
    EXPECT_LE(*before, after) << line;
    EXPECT_EQ(schedule.NextAfter(*before, zone), next) << line;
    ++vectors;
  }
  EXPECT_GE(vectors, 2000);
}

// Clocks in Berlin go from 02:00 to 03:00 on 2026-03-29 and from 03:00 back to 02:00 on 2026-10-25.
TEST(Cron, FollowsDaylightSavingTime) {
  const Zone berlin = Zone::Find("Europe/Berlin").value();
  const std::vector<Case> cases{
      {"30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-28T01:30:00Z"},
      {"0,30 2,3 * * *", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T01:00:00Z"},
      {"30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z", "2026-10-25T00:30:00Z"},
      {"30 2 * * *", "2026-10-25T01:45:00Z", "2026-10-26T01:30:00Z", "2026-10-25T00:30:00Z"},
      // Every hour: an hour passes between two runs, always.
      {"30 * * * *", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T00:30:00Z"},
      {"30 * * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T00:30:00Z"},
  };
  for (const Case& expected : cases) {
    const CronSchedule schedule = ParseCron(expected.schedule).value();
    const Instant instant = At(expected.instant);
    EXPECT_EQ(Shown(schedule.NextAfter(instant, berlin)), expected.next) << expected.schedule;
    EXPECT_EQ(Shown(schedule.PreviousAtOrBefore(instant, berlin)), expected.previous)
        << expected.schedule;
  }
}

TEST(Cron, KnowsWhatNeverComes) {
  for (const char* text : {"0 0 30 2 *", "0 0 31 4,6,9,11 *"})
    EXPECT_FALSE(ParseCron(text).value().EverFires()) << text;
  for (const char* text : {"0 0 29 2 *", "0 0 29 2 */7", "0 0 30 2 mon", "0 0 * 2 mon#5"})
    EXPECT_TRUE(ParseCron(text).value().EverFires()) << text;
}

TEST(Cron, NamesAnUnknownZone) {
  EXPECT_EQ(Zone::Find("Europe/Berlln").error().message(),
            "unknown time zone 'Europe/Berlln', did you mean 'Europe/Berlin'?");
  EXPECT_FALSE(Zone::Find("").ok());
  EXPECT_FALSE(Zone::Find("../etc/passwd").ok());
}

TEST(Cron, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "expected five fields"},
      {"* * * *", "expected five fields"},
      {"* * * * * *", "found '* * * * * *'; seconds and years are not supported"},
      {"60 * * * *", "minute '60' is outside 0-59"},
      {"* 24 * * *", "hour '24' is outside 0-23"},
      {"* * 0 * *", "day of month '0' is outside 1-31"},
      {"* * * 13 *", "month '13' is outside 1-12"},
      {"* * * * 8", "day of week '8' is outside 0-7"},
      {"* * * * moon", "day of week 'moon' is no number"},
      {"*/0 * * * *", "minute '*/0' has no usable step"},
      {"*/99 * * * *", "minute '*/99' has no usable step"},
      {"1,,2 * * * *", "minute '' is no number"},
      {"1, * * * *", "minute '' is no number"},
      {"-1 * * * *", "minute '' is no number"},
      {"? * * * *", "minute '?' is no number"},
      {"* L * * *", "hour 'l' is no number"},
      {"* * L5 * *", "day of month 'l5' is no number"},
      {"* * mon#1 * *", "day of month 'mon#1' is no number"},
      {"* * * * L", "day of week 'l' must name the weekday: L5 is the last Friday"},
      {"* * * * L8", "day of week '8' is outside 0-7"},
      {"* * * * mon#6", "day of week 'mon#6' must end with #1 to #5"},
      {"* * * * mon#", "day of week 'mon#' must end with #1 to #5"},
      {"* * * * #1", "day of week '' is no number"},
      {"*5 * * * *", "minute '*5' is no number"},
      {"99999999999 * * * *", "minute '99999999999' is no number"},
      {"@dayly", "unknown preset '@dayly', did you mean '@daily'?"},
      {"@once", "unknown preset '@once'"},
      {std::string(300, '*'), "expected five fields"},
  };
  for (const auto& [text, message] : cases) {
    const auto schedule = ParseCron(text);
    ASSERT_FALSE(schedule.ok()) << text;
    EXPECT_EQ(schedule.error().kind(), ErrorKind::kInvalidInput);
    EXPECT_THAT(schedule.error().message(), HasSubstr(message));
  }
}

}  // namespace
}  // namespace stargaze::orchestrate
