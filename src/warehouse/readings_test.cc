// Readings loaded in any order, in any batches, twice and compacted give the same newest readings
// and the same changes, and these are what a walk through the readings by hand gives.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/crc32c.h"
#include "base/virtual_clock.h"
#include "config/catalog.h"
#include "lake/layout.h"
#include "lake/local/local_store.h"
#include "lake/manifest_codec.h"
#include "storage/parquet_writer.h"
#include "warehouse/warehouse.h"

namespace stargaze::warehouse {
namespace {

using storage::SqlValue;

struct Reading {
  int64_t repository = 0;
  int day = 0;
  int64_t gained = 0;
};

struct Attempt {
  std::string name{};
  int minute = 0;
  std::vector<Reading> readings{};
};

const Instant kStart = ParseInstant("2026-09-01T00:00:00Z").value();

class ReadingsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_ + "/scratch");
    lake_ = lake::LocalStore::Open(root_ + "/lake", false).value();
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  // The manifest's key.
  std::string Publish(const Attempt& attempt) {
    const Instant observed_at = kStart + std::chrono::minutes(attempt.minute);
    std::vector<std::vector<SqlValue>> rows;
    for (const Reading& reading : attempt.readings) {
      rows.push_back({reading.repository,
                      DayOf(kStart) + std::chrono::days(reading.day),
                      reading.gained,
                      observed_at,
                      attempt.name,
                      std::string("source_reported"),
                      static_cast<int64_t>(rows.size())});
    }
    const std::string path = root_ + "/scratch/" + attempt.name;
    const std::vector<storage::ParquetColumn> columns{{.name = "repository_id", .type = "BIGINT"},
                                                      {.name = "source_day", .type = "DATE"},
                                                      {.name = "gained", .type = "BIGINT"},
                                                      {.name = "observed_at", .type = "TIMESTAMP"},
                                                      {.name = "attempt", .type = "VARCHAR"},
                                                      {.name = "provenance", .type = "VARCHAR"},
                                                      {.name = "ordinal", .type = "BIGINT"}};
    EXPECT_TRUE(storage::WriteParquet(*engine_, path, columns, rows).ok());
    const std::string key = lake::AnalyticsObjectKey("star_day_reading", kStart, attempt.name);
    EXPECT_TRUE(lake_->PutFile(key, path, lake::PutMode::kIfAbsent).ok());
    const std::string bytes = lake_->Get(key).value();
    model::Manifest manifest;
    manifest.layer = model::Layer::kAnalytics;
    manifest.dataset = "github/star_history";
    manifest.attempt = attempt.name;
    manifest.logical_date = kStart;
    manifest.objects = {{.key = key,
                         .table = "star_day_reading",
                         .bytes = static_cast<int64_t>(bytes.size()),
                         .crc32c = Crc32c(bytes),
                         .lines = static_cast<int64_t>(rows.size())}};
    return lake::PublishManifest(*lake_, manifest).value();
  }

  std::unique_ptr<Warehouse> Open(const std::string& name) {
    return Warehouse::Open({.path = root_ + "/" + name + ".duckdb",
                            .published_directory = root_ + "/published-" + name,
                            .scratch_directory = root_ + "/scratch",
                            .memory_limit_bytes = memory_limit_bytes_,
                            .rows_per_merge = rows_per_merge_,
                            .files = EmbeddedFiles()},
                           catalog_)
        .value();
  }

  static std::string Dump(Warehouse& warehouse) {
    std::string text;
    for (const char* select :
         {"SELECT concat_ws(' ', 'newest', repository_id, source_day, gained, attempt) FROM "
          "star_day ORDER BY ALL",
          "SELECT concat_ws(' ', 'change', repository_id, source_day, gained_before, gained, "
          "observed_before, observed_at, attempt) FROM star_day_revision ORDER BY ALL"}) {
      const auto rows = warehouse.Query(select);
      EXPECT_TRUE(rows.ok()) << rows.error().message();
      for (std::size_t row = 0; row < rows.value().size(); ++row)
        text += rows.value().Text(row, 0) + "\n";
    }
    return text;
  }

  model::Catalog catalog_ = config::LoadCatalog(EmbeddedFiles(), {}).value();
  std::unique_ptr<lake::LocalStore> lake_;
  std::unique_ptr<storage::DuckDb> engine_ = storage::DuckDb::Open({}).value();
  std::string root_ = testing::TempDir() + "warehouse_readings";
  int64_t rows_per_merge_ = WarehouseOptions{}.rows_per_merge;
  int64_t memory_limit_bytes_ = WarehouseOptions{}.memory_limit_bytes;
};

// What a person with a pencil would write down.
std::string ByHand(std::vector<Attempt> attempts) {
  std::sort(attempts.begin(), attempts.end(), [](const Attempt& a, const Attempt& b) {
    return std::tie(a.minute, a.name) < std::tie(b.minute, b.name);
  });
  struct Known {
    int64_t gained = 0;
    int minute = 0;
    std::string attempt{};
  };
  const auto time = [](int minute) {
    std::string text = FormatInstantSeconds(kStart + std::chrono::minutes(minute));
    text[10] = ' ';
    return text.substr(0, 19);
  };
  const auto day = [](int number) { return FormatDay(DayOf(kStart) + std::chrono::days(number)); };
  std::map<std::pair<int64_t, int>, Known> known;
  std::set<std::string> changes;
  for (const Attempt& attempt : attempts) {
    for (const Reading& r : attempt.readings) {
      const auto before = known.find({r.repository, r.day});
      if (before != known.end() && before->second.gained != r.gained) {
        changes.insert(fmt::format("change {} {} {} {} {} {} {}\n",
                                   r.repository,
                                   day(r.day),
                                   before->second.gained,
                                   r.gained,
                                   time(before->second.minute),
                                   time(attempt.minute),
                                   attempt.name));
      }
      known[{r.repository, r.day}] = {r.gained, attempt.minute, attempt.name};
    }
  }
  std::set<std::string> newest;
  for (const auto& [key, value] : known) {
    newest.insert(fmt::format(
        "newest {} {} {} {}\n", key.first, day(key.second), value.gained, value.attempt));
  }
  std::string text;
  for (const std::string& line : newest) text += line;
  for (const std::string& line : changes) text += line;
  return text;
}

TEST_F(ReadingsTest, KeepsEveryChangeBetweenReadings) {
  Publish({.name = "a", .minute = 0, .readings = {{1, 0, 5}, {1, 1, 2}}});
  Publish({.name = "b", .minute = 10, .readings = {{1, 0, 4}, {1, 1, 2}, {1, 2, 9}}});
  Publish({.name = "c", .minute = 20, .readings = {{1, 0, 4}, {1, 2, 11}}});
  const auto warehouse = Open("w");
  ASSERT_TRUE(warehouse->Load(*lake_).ok());
  EXPECT_EQ(Dump(*warehouse),
            "newest 1 2026-09-01 4 c\n"
            "newest 1 2026-09-02 2 b\n"
            "newest 1 2026-09-03 11 c\n"
            "change 1 2026-09-01 5 4 2026-09-01 00:00:00 2026-09-01 00:10:00 b\n"
            "change 1 2026-09-03 9 11 2026-09-01 00:10:00 2026-09-01 00:20:00 c\n");
}

TEST_F(ReadingsTest, IsTheSameInAnyOrder) {
  for (unsigned seed = 1; seed <= 2; ++seed) {
    SetUp();
    std::mt19937 random(seed);
    std::vector<Attempt> attempts;
    for (int i = 0; i < 12; ++i) {
      Attempt attempt{.name = fmt::format("a{:02}", i), .minute = static_cast<int>(random() % 8)};
      for (int64_t repository = 1; repository <= 3; ++repository) {
        for (int day = 0; day < 3; ++day) {
          if (random() % 3 != 0)
            attempt.readings.push_back({repository, day, static_cast<int64_t>(random() % 3)});
        }
      }
      attempts.push_back(attempt);
    }
    const std::string expected = ByHand(attempts);
    std::shuffle(attempts.begin(), attempts.end(), random);
    const auto piecemeal = Open(fmt::format("piecemeal{}", seed));
    std::vector<std::string> keys;
    for (const Attempt& attempt : attempts) {
      keys.push_back(Publish(attempt));
      if (random() % 2 == 0) {
        ASSERT_TRUE(piecemeal->Load(*lake_).ok());
      }
    }
    ASSERT_TRUE(piecemeal->Load(*lake_).ok());
    EXPECT_EQ(Dump(*piecemeal), expected) << "seed " << seed;
    ASSERT_TRUE(piecemeal->LoadManifests(*lake_, std::span(keys).first(3)).ok());
    EXPECT_EQ(Dump(*piecemeal), expected) << "loaded twice, seed " << seed;
    const auto at_once = Open(fmt::format("at_once{}", seed));
    ASSERT_TRUE(at_once->Load(*lake_).ok());
    EXPECT_EQ(Dump(*at_once), expected) << "seed " << seed;
    rows_per_merge_ = 7;
    const auto in_shares = Open(fmt::format("in_shares{}", seed));
    ASSERT_TRUE(in_shares->Load(*lake_).ok());
    EXPECT_EQ(Dump(*in_shares), expected) << "in shares, seed " << seed;
    rows_per_merge_ = WarehouseOptions{}.rows_per_merge;
  }
}

// What DuckDB keeps of each merge must not add up until nothing fits its limit any more.
TEST_F(ReadingsTest, ManyMergesNeedNoMoreMemoryThanSome) {
  memory_limit_bytes_ = int64_t{96} << 20;
  const auto warehouse = Open("many");
  int64_t most = 0;
  for (int day = 0; day < 24; ++day) {
    Attempt attempt{.name = fmt::format("d.manual__{:02}.t.0.1-{:060}", day, day), .minute = day};
    for (int64_t repository = 0; repository < 600; ++repository)
      for (int one = 0; one < 60; ++one)
        attempt.readings.push_back({repository, one, (repository + one + day) % 7});
    Publish(attempt);
    const auto loaded = warehouse->Load(*lake_);
    ASSERT_TRUE(loaded.ok()) << "day " << day << ": " << loaded.error().message();
    const auto kept = warehouse->Query(
        "SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory() WHERE tag = 'ALLOCATOR'");
    most = std::max(most, kept.value().Integer(0, 0));
  }
  EXPECT_LT(most, memory_limit_bytes_ / 4);
  EXPECT_EQ(warehouse->Query("SELECT count(*) FROM star_day").value().Integer(0, 0), 36'000);
}

}  // namespace
}  // namespace stargaze::warehouse
