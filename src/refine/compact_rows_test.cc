#include "refine/compact_rows.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/crc32c.h"
#include "base/virtual_clock.h"
#include "lake/cover.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "lake/materialize.h"
#include "lake/memory/memory_store.h"
#include "lake/testing/stopping_store.h"
#include "storage/parquet_writer.h"

namespace stargaze::refine {
namespace {

using storage::SqlValue;

const Instant kStart = ParseInstant("2026-09-01T11:50:00Z").value();

class CompactRowsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(scratch_);
    dataset_.name = "test/thing";
    dataset_.tables = {{.name = "thing", .key = {"id"}}};
    engine_ = storage::DuckDb::Open({}).value();
  }
  void TearDown() override { std::filesystem::remove_all(scratch_); }

  // An attempt with rows 3, 2, 1; `extra` is a column that was declared later.
  void Publish(lake::ObjectStore& store, const std::string& attempt, bool extra) {
    std::vector<storage::ParquetColumn> columns{{.name = "id", .type = "BIGINT"},
                                                {.name = "observed_at", .type = "TIMESTAMP"},
                                                {.name = "attempt", .type = "VARCHAR"},
                                                {.name = "ordinal", .type = "BIGINT"}};
    if (extra) columns.push_back({.name = "extra", .type = "VARCHAR"});
    std::vector<std::vector<SqlValue>> rows;
    for (int64_t id = 3; id > 0; --id) {
      rows.push_back({id, kStart, attempt, id * 10});
      if (extra) rows.back().emplace_back(std::string("x"));
    }
    const std::string path = scratch_ + "/" + attempt;
    ASSERT_TRUE(storage::WriteParquet(*engine_, path, columns, rows).ok());
    const std::string key = lake::AnalyticsObjectKey("thing", kStart, attempt);
    ASSERT_TRUE(store.PutFile(key, path, lake::PutMode::kIfAbsent).ok());
    const std::string bytes = store.Get(key).value();
    model::Manifest manifest;
    manifest.layer = model::Layer::kAnalytics;
    manifest.dataset = dataset_.name;
    manifest.attempt = attempt;
    manifest.raw_manifest = "raw-of-" + attempt;
    manifest.logical_date = kStart;
    manifest.objects = {{.key = key,
                         .table = "thing",
                         .bytes = static_cast<int64_t>(bytes.size()),
                         .crc32c = Crc32c(bytes),
                         .lines = 3}};
    ASSERT_TRUE(lake::PublishManifest(store, manifest).ok());
  }

  Result<lake::CompactReport> Compact(lake::ObjectStore& store, const std::string& attempt) {
    return CompactRows(store,
                       dataset_,
                       *engine_,
                       clock_,
                       {.attempt = attempt,
                        .scratch_directory = scratch_,
                        .before = DayOf(kStart) + std::chrono::days(1)});
  }

  // The rows that readers find, in the order of the files.
  std::string Rows(lake::ObjectStore& store) {
    std::string text;
    const lake::Cover cover = lake::ListCover(store, model::Layer::kAnalytics).value();
    const auto connection = engine_->Connect().value();
    for (const std::string& key : cover.keys) {
      const model::Manifest manifest = lake::ReadManifest(store, key).value();
      for (const model::ManifestObject& object : manifest.objects) {
        const auto file = lake::Materialize(store, object.key, scratch_).value();
        const storage::SqlRows rows =
            connection
                ->Query("SELECT id || ' ' || attempt || ' ' || ordinal FROM read_parquet(" +
                        storage::QuoteLiteral(file.path()) + ")")
                .value();
        for (std::size_t row = 0; row < rows.size(); ++row) text += rows.Text(row, 0) + "\n";
      }
    }
    return text;
  }

  static constexpr const char* kSorted = "1 a 10\n1 b 10\n2 a 20\n2 b 20\n3 a 30\n3 b 30\n";

  VirtualClock clock_{kStart};
  model::Dataset dataset_;
  std::unique_ptr<storage::DuckDb> engine_;
  std::string scratch_ = testing::TempDir() + "compact_rows_test";
};

TEST_F(CompactRowsTest, KeepsEveryRowSortedByKey) {
  lake::MemoryStore store(clock_);
  Publish(store, "a", false);
  Publish(store, "b", true);
  const lake::CompactReport report = Compact(store, "one").value();
  EXPECT_EQ(report.objects_before, 2);
  EXPECT_EQ(report.objects_after, 1);
  EXPECT_EQ(Rows(store), kSorted);
  const auto attempts =
      lake::ReadAttempts(store, model::Layer::kAnalytics, dataset_.name, kStart).value();
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts[1].manifest.raw_manifest, "raw-of-b");
  EXPECT_EQ(attempts[1].manifest.objects[0].origin, lake::AnalyticsObjectKey("thing", kStart, "b"));
}

TEST_F(CompactRowsTest, NoticesThatRowsAreMissing) {
  lake::MemoryStore store(clock_);
  Publish(store, "a", false);
  Publish(store, "b", false);
  const std::string key = lake::ManifestKey(model::Layer::kAnalytics, dataset_.name, kStart, "b");
  model::Manifest manifest = lake::ReadManifest(store, key).value();
  manifest.objects[0].lines = 4;
  ASSERT_TRUE(store.Put(key, lake::EncodeManifest(manifest), lake::PutMode::kReplace).ok());
  const auto compacted = Compact(store, "one");
  ASSERT_FALSE(compacted.ok());
  EXPECT_EQ(compacted.error().kind(), ErrorKind::kCorrupt);
}

TEST_F(CompactRowsTest, IsSoundWhereverItStops) {
  for (int changes = 0; changes < 3; ++changes) {
    lake::MemoryStore store(clock_);
    Publish(store, "a", false);
    Publish(store, "b", true);
    const std::string before = Rows(store);
    lake::StoppingStore stopping(store, changes);
    EXPECT_EQ(Compact(stopping, "one").ok(), changes == 2);
    EXPECT_EQ(Rows(store), changes == 2 ? kSorted : before);
    if (changes < 2) {
      EXPECT_TRUE(Compact(store, "two").ok());
    }
    EXPECT_EQ(Rows(store), kSorted);
  }
}

}  // namespace
}  // namespace stargaze::refine
