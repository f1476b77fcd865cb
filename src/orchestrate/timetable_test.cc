#include "orchestrate/timetable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace stargaze::orchestrate {
namespace {

using model::ScheduleKind;
using model::TimeSemantics;

constexpr auto kInterval = TimeSemantics::kInterval;
constexpr auto kTrigger = TimeSemantics::kTrigger;

// "2026-01-31T15" is enough of an instant here.
Instant At(const std::string& text) {
  const std::string rest = "2026-01-01T00:00:00Z";
  return ParseInstant(text + rest.substr(text.size())).value();
}

std::optional<Instant> MaybeAt(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(At(text));
}

model::Schedule ScheduleOf(const std::string& text) {
  if (text == "@once") return {.kind = ScheduleKind::kOnce, .text = text};
  if (text == "30m")
    return {.kind = ScheduleKind::kInterval, .text = text, .interval = std::chrono::minutes(30)};
  if (text == "manifest") return {.kind = ScheduleKind::kOnManifest, .dataset = "shop/order"};
  if (text.empty()) return {};
  return {.kind = ScheduleKind::kCron, .text = text};
}

// "logical date/run after", to the minute.
std::string Shown(const std::vector<PlannedRun>& runs) {
  std::string text;
  for (const PlannedRun& run : runs) {
    EXPECT_EQ(run.interval_start, run.logical_date);
    EXPECT_EQ(run.interval_end, run.run_after);
    text += (text.empty() ? "" : " ") + FormatInstant(run.logical_date).substr(5, 11) + "/" +
            FormatInstant(run.run_after).substr(5, 11);
  }
  return text;
}

struct Case {
  std::string schedule;
  TimeSemantics semantics;
  bool catchup;
  std::string start;
  std::string end;
  std::string last;
  std::string active_since;
  std::string now;
  std::string due;   // All of them.
  std::string next;  // After those.
};

void Check(const Case& c) {
  SCOPED_TRACE(c.schedule + " start=" + c.start + " last=" + c.last + " now=" + c.now);
  const model::Dag dag{.schedule = ScheduleOf(c.schedule),
                       .time_semantics = c.semantics,
                       .start_date = MaybeAt(c.start),
                       .end_date = MaybeAt(c.end),
                       .catchup = c.catchup};
  const Timetable timetable = Timetable::Create(dag).value();
  Progress progress{.last_logical_date = MaybeAt(c.last), .active_since = At(c.active_since)};
  const std::vector<PlannedRun> due = timetable.Due(progress, At(c.now), 100);
  EXPECT_EQ(Shown(due), c.due);
  if (!due.empty()) progress.last_logical_date = due.back().logical_date;
  const auto next = timetable.Next(progress, At(c.now));
  EXPECT_EQ(next ? Shown({*next}) : "none", c.next);
}

const std::vector<Case> kCronCases{
    // @daily, enabled at 15:00 on 31 January.
    {"@daily",
     kTrigger,
     false,
     "2026-01-01",
     "",
     "",
     "2026-01-31T15",
     "2026-01-31T15",  //
     "",
     "02-01T00:00/02-01T00:00"},
    {"@daily",
     kInterval,
     false,
     "2026-01-01",
     "",
     "",
     "2026-01-31T15",
     "2026-01-31T15",
     "01-30T00:00/01-31T00:00",
     "01-31T00:00/02-01T00:00"},
    // The same without a start date.
    {"@daily",
     kTrigger,
     false,
     "",
     "",
     "",
     "2026-01-31T15",
     "2026-01-31T15",  //
     "",
     "02-01T00:00/02-01T00:00"},
    {"@daily",
     kInterval,
     false,
     "",
     "",
     "",
     "2026-01-31T15",
     "2026-01-31T15",
     "01-30T00:00/01-31T00:00",
     "01-31T00:00/02-01T00:00"},
    {"@daily",
     kTrigger,
     true,
     "",
     "",
     "",
     "2026-01-31T15",
     "2026-02-02T15",
     "02-01T00:00/02-01T00:00 02-02T00:00/02-02T00:00",
     "02-03T00:00/02-03T00:00"},
    {"@daily",
     kInterval,
     true,
     "",
     "",
     "",
     "2026-01-31T15",
     "2026-02-02T15",
     "02-01T00:00/02-02T00:00",
     "02-02T00:00/02-03T00:00"},
    // On the instant itself.
    {"@daily",
     kTrigger,
     false,
     "",
     "",
     "",
     "2026-01-31",
     "2026-01-31",  //
     "01-31T00:00/01-31T00:00",
     "02-01T00:00/02-01T00:00"},
    {"@daily",
     kInterval,
     false,
     "2026-01-01",
     "",
     "",
     "2026-01-31",
     "2026-01-31",
     "01-30T00:00/01-31T00:00",
     "01-31T00:00/02-01T00:00"},
    // Never asked for three days after it was first seen.
    {"@daily",
     kTrigger,
     false,
     "",
     "",
     "",
     "2026-01-28T15",
     "2026-01-31T15",
     "01-31T00:00/01-31T00:00",
     "02-01T00:00/02-01T00:00"},
    // Behind by three days.
    {"@daily",
     kTrigger,
     false,
     "2026-01-01",
     "",
     "2026-01-28",
     "2026-01-01",
     "2026-01-31T15",
     "01-31T00:00/01-31T00:00",
     "02-01T00:00/02-01T00:00"},
    {"@daily",
     kTrigger,
     true,
     "2026-01-01",
     "",
     "2026-01-28",
     "2026-01-01",
     "2026-01-31T15",
     "01-29T00:00/01-29T00:00 01-30T00:00/01-30T00:00 01-31T00:00/01-31T00:00",
     "02-01T00:00/02-01T00:00"},
    {"@daily",
     kInterval,
     false,
     "2026-01-01",
     "",
     "2026-01-27",
     "2026-01-01",
     "2026-01-31T15",
     "01-30T00:00/01-31T00:00",
     "01-31T00:00/02-01T00:00"},
    {"@daily",
     kInterval,
     true,
     "2026-01-01",
     "",
     "2026-01-28",
     "2026-01-01",
     "2026-01-31T15",
     "01-29T00:00/01-30T00:00 01-30T00:00/01-31T00:00",
     "01-31T00:00/02-01T00:00"},
    // A start inside an interval: that part is left out.
    {"@daily",
     kInterval,
     true,
     "2026-01-29T07",
     "",
     "",
     "2026-01-29",
     "2026-01-31T15",
     "01-30T00:00/01-31T00:00",
     "01-31T00:00/02-01T00:00"},
    {"@daily",
     kInterval,
     false,
     "2026-01-30T07",
     "",
     "",
     "2026-01-29",
     "2026-01-31T15",  //
     "",
     "01-31T00:00/02-01T00:00"},
    {"@daily",
     kTrigger,
     true,
     "2026-01-30T07",
     "",
     "",
     "2026-01-29",
     "2026-01-31T15",
     "01-31T00:00/01-31T00:00",
     "02-01T00:00/02-01T00:00"},
    // A start to come.
    {"@daily",
     kTrigger,
     false,
     "2026-02-05",
     "",
     "",
     "2026-01-29",
     "2026-01-31T15",  //
     "",
     "02-05T00:00/02-05T00:00"},
    {"@daily",
     kInterval,
     false,
     "2026-02-05",
     "",
     "",
     "2026-01-29",
     "2026-01-31T15",  //
     "",
     "02-05T00:00/02-06T00:00"},
    // The end is the last logical date.
    {"@daily",
     kTrigger,
     true,
     "2026-01-29",
     "2026-01-30",
     "",
     "2026-01-29",
     "2026-02-15",
     "01-29T00:00/01-29T00:00 01-30T00:00/01-30T00:00",
     "none"},
    {"@daily",
     kInterval,
     true,
     "2026-01-29",
     "2026-01-30",
     "",
     "2026-01-29",
     "2026-02-15",
     "01-29T00:00/01-30T00:00 01-30T00:00/01-31T00:00",
     "none"},
    {"@daily",
     kInterval,
     false,
     "2026-01-29",
     "2026-01-30",
     "",
     "2026-01-29",
     "2026-02-15",  //
     "",
     "none"},
};

TEST(Timetable, MakesRunsOfCron) {
  for (const Case& expected : kCronCases) Check(expected);
}

const std::vector<Case> kIntervalCases{
    // Enabled at 01:05 with 30 minutes: aligned to now, not to the start.
    {"30m",
     kInterval,
     false,
     "2026-01-01",
     "",
     "",
     "2026-01-31T01:05",
     "2026-01-31T01:05",
     "01-31T00:35/01-31T01:05",
     "01-31T01:05/01-31T01:35"},
    {"30m",
     kInterval,
     true,
     "2026-01-31",
     "",
     "",
     "2026-01-31T01:05",
     "2026-01-31T01:05",
     "01-31T00:00/01-31T00:30 01-31T00:30/01-31T01:00",
     "01-31T01:00/01-31T01:30"},
    {"30m",
     kInterval,
     false,
     "2026-01-31T01",
     "",
     "",
     "2026-01-31T01:05",
     "2026-01-31T01:05",
     "",
     "01-31T01:00/01-31T01:30"},
    {"30m",
     kTrigger,
     false,
     "2026-01-01",
     "",
     "",
     "2026-01-31T01:05",
     "2026-01-31T01:05",
     "01-31T01:05/01-31T01:05",
     "01-31T01:35/01-31T01:35"},
    {"30m",
     kTrigger,
     true,
     "2026-01-31T00:10",
     "",
     "",
     "2026-01-31T01:05",
     "2026-01-31T01:05",
     "01-31T00:10/01-31T00:10 01-31T00:40/01-31T00:40",
     "01-31T01:10/01-31T01:10"},
    // A little late does not move the grid, a pause does.
    {"30m",
     kInterval,
     false,
     "",
     "",
     "2026-01-31T00:35",
     "2026-01-31",
     "2026-01-31T01:40",
     "01-31T01:05/01-31T01:35",
     "01-31T01:35/01-31T02:05"},
    {"30m",
     kInterval,
     false,
     "",
     "",
     "2026-01-31T00:35",
     "2026-01-31",
     "2026-01-31T09:40",
     "01-31T09:10/01-31T09:40",
     "01-31T09:40/01-31T10:10"},
    {"30m",
     kTrigger,
     false,
     "",
     "",
     "2026-01-31T00:35",
     "2026-01-31",
     "2026-01-31T01:06",
     "01-31T01:05/01-31T01:05",
     "01-31T01:35/01-31T01:35"},
    {"30m",
     kTrigger,
     true,
     "",
     "2026-01-31T01:05",
     "2026-01-31T00:35",
     "2026-01-31",
     "2026-01-31T09:00",
     "01-31T01:05/01-31T01:05",
     "none"},
};

TEST(Timetable, MakesRunsOfIntervals) {
  for (const Case& expected : kIntervalCases) Check(expected);
}

const std::vector<Case> kOtherCases{
    {"@once",
     kTrigger,
     false,
     "2026-01-30",
     "",
     "",
     "2026-01-31",
     "2026-02-01",
     "01-30T00:00/01-30T00:00",
     "none"},
    {"@once",
     kInterval,
     true,
     "",
     "",
     "",
     "2026-01-31",
     "2026-02-01",  //
     "01-31T00:00/01-31T00:00",
     "none"},
    {"@once",
     kTrigger,
     false,
     "2026-02-05",
     "",
     "",
     "2026-01-31",
     "2026-02-01",  //
     "",
     "02-05T00:00/02-05T00:00"},
    {"@once",
     kTrigger,
     false,
     "2026-01-30",
     "",
     "2026-01-02",
     "2026-01-31",
     "2026-02-01",  //
     "",
     "none"},
    {"", kTrigger, true, "2026-01-30", "", "", "2026-01-31", "2026-02-01", "", "none"},
    {"manifest", kTrigger, true, "2026-01-30", "", "", "2026-01-31", "2026-02-01", "", "none"},
};

TEST(Timetable, MakesOneRunOrNone) {
  for (const Case& expected : kOtherCases) Check(expected);
}

TEST(Timetable, KeepsToTheLimitAndLooksAhead) {
  const model::Dag dag{.schedule = ScheduleOf("0 12 * * *"),
                       .time_zone = "Asia/Seoul",
                       .start_date = At("2026-01-01"),
                       .catchup = true};
  const Timetable timetable = Timetable::Create(dag).value();
  EXPECT_EQ(Shown(timetable.Due({}, At("2026-06-01"), 2)),
            "01-01T03:00/01-01T03:00 01-02T03:00/01-02T03:00");
  EXPECT_EQ(Shown(timetable.Upcoming(
                {.last_logical_date = At("2026-01-09T03")}, At("2026-01-10T02:59"), 2)),
            "01-10T03:00/01-10T03:00 01-11T03:00/01-11T03:00");
}

TEST(Timetable, RefusesWhatCannotBe) {
  const auto error_of = [](const model::Dag& dag) {
    const auto timetable = Timetable::Create(dag);
    return timetable.ok() ? "" : timetable.error().message();
  };
  EXPECT_EQ(error_of({.schedule = ScheduleOf("0 0 30 2 *")}),
            "the schedule never fires: '0 0 30 2 *'");
  EXPECT_EQ(error_of({.schedule = {.kind = ScheduleKind::kInterval, .text = "0s"}}),
            "the schedule never fires: '0s'");
  EXPECT_EQ(error_of({.time_zone = "Mars/Olympus"}), "unknown time zone 'Mars/Olympus'");
  EXPECT_EQ(error_of({.start_date = At("2026-02-01"), .end_date = At("2026-01-01")}),
            "the end is before the start: start_date=2026-02-01T00:00:00Z "
            "end_date=2026-01-01T00:00:00Z");
  EXPECT_EQ(error_of({.schedule = ScheduleOf("@yearly"),
                      .start_date = At("2026-02-01"),
                      .end_date = At("2026-03-01")}),
            "the schedule never fires between start_date and end_date: '@yearly'");
}

// Minute by minute, what a clock on the wall would do: a scheduler that looks every minute makes
// each run at its minute, once, and none else.
TEST(Timetable, MakesEachRunInItsMinute) {
  for (const char* zone_name : {"UTC", "Europe/Berlin", "America/New_York", "Asia/Seoul"}) {
    const Zone zone = Zone::Find(zone_name).value();
    for (const char* text : {"30 * * * *", "0 5 * * *", "*/50 */3 * * 1-5"}) {
      for (const bool catchup : {false, true}) {
        SCOPED_TRACE(std::string(zone_name) + " " + text);
        const Instant begin = At("2026-10-24T00:00:30");
        const model::Dag dag{
            .schedule = ScheduleOf(text), .time_zone = zone_name, .catchup = catchup};
        const Timetable timetable = Timetable::Create(dag).value();
        const CronSchedule cron = ParseCron(text).value();
        Progress progress{.active_since = begin};
        for (int minute = 1; minute < 3 * 24 * 60; ++minute) {
          const Instant now = begin - std::chrono::seconds(30) + std::chrono::minutes(minute);
          const bool fires = cron.PreviousAtOrBefore(now, zone) == now;
          const auto due = timetable.Due(progress, now, 10);
          ASSERT_EQ(due.size(), fires ? 1U : 0U) << FormatInstant(now);
          if (!fires) continue;
          ASSERT_EQ(due[0].logical_date, now);
          progress.last_logical_date = now;
        }
      }
    }
  }
}

}  // namespace
}  // namespace stargaze::orchestrate
