// A past day's ranking opens few of the days that there are. It must be the mart's over all of
// them.

#include "warehouse/published_reader.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "warehouse/marts.h"
#include "warehouse/published_pointer.h"

namespace stargaze::warehouse {
namespace {

using std::chrono::days;
using storage::SqlRows;

const Day kFirst = ParseDay("2025-09-01").value();
constexpr int kDays = 230;  // Two windows of 90 days, what may stand in for them, and some.
constexpr int kRepositories = 60;

std::string TrendText() {
  std::ifstream file(std::string(STARGAZE_MARTS_FOLDER) + "/trend_repository.sql");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Repositories come, go and are now and then not read; on some days nobody is.
std::string ReadingsSql(std::mt19937& random) {
  std::string rows;
  for (int day = 0; day < kDays; ++day) {
    if (day > 0 && random() % 17 == 0) continue;
    for (int id = 1; id <= kRepositories; ++id) {
      const bool is_known = day >= static_cast<int>(id) * 3 - 90;
      if (!is_known || random() % 9 == 0) continue;
      rows += fmt::format(
          "{}({}, DATE '{}', TIMESTAMP '{} 06:{:02}:00', 'core', '{}', 'o/r{}', 'mit', 'C', false, "
          "{}, {})",
          rows.empty() ? "" : ", ",
          id,
          FormatDay(kFirst + days(day)),
          FormatDay(kFirst + days(day)),
          random() % 60,
          random() % 5 == 0 ? "imported" : "measured",
          id,
          1000 + day * id + static_cast<int>(random() % 9),
          random() % 50);
    }
  }
  return "CREATE TABLE repository_day AS FROM (VALUES " + rows +
         ") AS reading(repository_id, day, observed_at, request, provenance, full_name, "
         "license_key, language, archived, stars, forks)";
}

class PublishedPast : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    Execute(ReadingsSql(random_));
    Execute("CREATE TABLE closed_day AS SELECT DISTINCT day FROM repository_day");
    Execute(
        "CREATE TABLE repository AS SELECT DISTINCT repository_id, TIMESTAMP '2020-01-01' AS "
        "created_at, false AS is_fork, '[\"a\"]' AS topics FROM repository_day");
    Execute("CREATE TABLE license AS SELECT 'mit' AS license_key, 'MIT' AS spdx_id, 'M' AS name");
    const Day last = kFirst + days(kDays - 1);
    Execute("CREATE TABLE trend_repository AS " + TrendSql(TrendText(), last));
    Publication publication{.version = "v00000001", .day = last};
    for (const char* table : {"closed_day", "repository", "license", "trend_repository"})
      publication.tables[table] = {Write(table, fmt::format("FROM {}", table))};
    const SqlRows read = connection_->Query("SELECT day FROM closed_day ORDER BY day").value();
    for (const auto& row : read.rows) {
      const std::string day = FormatDay(std::get<Day>(row[0]));
      std::filesystem::create_directories(folder_ + "/repository_day/day=" + day);
      publication.tables["repository_day"].push_back(
          Write("repository_day/day=" + day + "/part",
                fmt::format("FROM repository_day WHERE day = DATE '{}'", day)));
    }
    ASSERT_TRUE(WritePointer(folder_, publication).ok());
    reader_ = PublishedReader::Open(folder_, TrendText()).value();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Execute(const std::string& sql) {
    const Status done = connection_->Execute(sql);
    ASSERT_TRUE(done.ok()) << done.error().message();
  }
  std::string Write(const std::string& name, const std::string& select) {
    std::string path = folder_ + "/" + name + ".parquet";
    Execute(fmt::format("COPY ({}) TO '{}' (FORMAT parquet)", select, path));
    return path;
  }

  const std::string folder_ = testing::TempDir() + "/published_past";
  std::mt19937 random_{20261127};
  std::unique_ptr<storage::DuckDb> all_ = storage::DuckDb::Open({}).value();
  std::unique_ptr<storage::DuckDbConnection> connection_ = all_->Connect().value();
  std::unique_ptr<PublishedReader> reader_;
};

TEST_F(PublishedPast, IsTheMartOverAllDays) {
  int64_t stretched = 0;
  for (int i = 0; i < 25; ++i) {
    PublishedLease lease = reader_->Acquire().value();
    const Day asked = kFirst + days(random_() % (kDays - 1));
    for (const int64_t window : {1, 7, 28, 90}) {
      const Result<TrendSource> trend = lease.Trend(asked, window);
      ASSERT_TRUE(trend.ok()) << trend.error().message();
      const std::string columns =
          "SELECT * EXCLUDE (stars_acceleration, stars_acceleration_margin, forks_acceleration, "
          "forks_acceleration_margin), round(stars_acceleration, 6), "
          "round(stars_acceleration_margin, 6), round(forks_acceleration, 6), "
          "round(forks_acceleration_margin, 6) FROM ";
      const std::string order = " ORDER BY repository_id";
      const SqlRows seen =
          lease
              .Query(columns +
                     fmt::format("(SELECT * EXCLUDE (owner, name, full_name_lower, created_at, "
                                 "is_fork, topics, spdx_id, license_name) FROM {})",
                                 trend.value().relation) +
                     order)
              .value();
      const SqlRows wanted =
          connection_
              ->Query(columns + "(" + TrendSql(TrendText(), trend.value().day, window) + ")" +
                      order)
              .value();
      EXPECT_EQ(seen.rows, wanted.rows)
          << FormatDay(trend.value().day) << ", " << window << " days";
      EXPECT_GT(seen.size(), 0U);
      for (std::size_t row = 0; row < seen.size(); ++row)
        stretched += seen.Text(row, 12) == "stretched" ? 1 : 0;
    }
  }
  EXPECT_GT(stretched, 50) << "days that stand in for others were needed";
}

// Also when so many others are asked for meanwhile that its table has to make room.
TEST_F(PublishedPast, StaysWhileSomebodyHoldsIt) {
  PublishedLease lease = reader_->Acquire().value();
  const TrendSource held = lease.Trend(kFirst + days(100), 7).value();
  for (int day = 120; day < 140; ++day) ASSERT_TRUE(lease.Trend(kFirst + days(day), 7).ok());
  EXPECT_GT(lease.Query("SELECT count(*) FROM " + held.relation).value().Integer(0, 0), 0);
  PublishedLease other = lease.Another().value();
  EXPECT_TRUE(other.Query("SELECT count(*) FROM " + held.relation).ok());
  std::string gone;
  {
    const TrendSource again = lease.Trend(kFirst + days(101), 7).value();
    gone = again.relation;
    for (int day = 120; day < 140; ++day) ASSERT_TRUE(lease.Trend(kFirst + days(day), 7).ok());
  }
  EXPECT_FALSE(lease.Query("SELECT count(*) FROM " + gone).ok()) << "nobody holds it any more";
}

TEST_F(PublishedPast, ReadingsAreTheDaysThatThereAre) {
  PublishedLease lease = reader_->Acquire().value();
  const std::vector<int64_t> ids{3, 7, 59};
  for (const int back : {0, 30, 150}) {
    const TrendSource trend = lease.Trend(kFirst + days(kDays - 1 - back), 7).value();
    const SqlRows seen = lease.Readings(trend, "forks", ids).value();
    const SqlRows wanted =
        connection_
            ->Query(fmt::format("SELECT repository_id, day, forks FROM repository_day WHERE "
                                "repository_id IN (3, 7, "
                                "59) AND day BETWEEN DATE '{0}' - 27 AND DATE '{0}' ORDER BY ALL",
                                FormatDay(trend.day)))
            .value();
    EXPECT_EQ(seen.rows, wanted.rows);
    EXPECT_GT(seen.size(), 0U);
  }
}

}  // namespace
}  // namespace stargaze::warehouse
