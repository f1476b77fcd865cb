// Compaction of the analytics lake must not be seen in the warehouse, whenever it comes.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/crc32c.h"
#include "base/virtual_clock.h"
#include "lake/compact.h"
#include "lake/layout.h"
#include "lake/local/local_store.h"
#include "lake/manifest_codec.h"
#include "lake/sweep.h"
#include "storage/parquet_writer.h"
#include "warehouse/warehouse.h"

namespace stargaze::warehouse {
namespace {

using model::ManifestObject;
using std::chrono::days;
using storage::SqlValue;

const Instant kStart = ParseInstant("2026-09-01T11:50:00Z").value();

class WarehouseCompaction : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_ + "/scratch");
    model::Dataset dataset{.name = "test/thing", .source = "test"};
    model::Table table{.name = "thing", .key = {"id"}};
    table.columns = {{.name = "id", .type = model::ColumnType::kInteger, .required = true},
                     {.name = "name", .type = model::ColumnType::kString}};
    dataset.tables = {table};
    catalog_.datasets = {dataset};
    catalog_.tables = model::SharedTables(catalog_.datasets);
    lake_ = lake::LocalStore::Open(root_ + "/lake", false).value();
    engine_ = storage::DuckDb::Open({}).value();
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  ManifestObject Put(const std::string& key, const std::string& path, int64_t rows) {
    EXPECT_TRUE(lake_->PutFile(key, path, lake::PutMode::kIfAbsent).ok());
    const std::string bytes = lake_->Get(key).value();
    return {.key = key,
            .table = "thing",
            .bytes = static_cast<int64_t>(bytes.size()),
            .crc32c = Crc32c(bytes),
            .lines = rows};
  }

  // An attempt of the first day that saw things `from` to `from` + 2, `minutes` after its start.
  void Publish(const std::string& attempt, int64_t from, int minutes) {
    const Instant observed_at = kStart + std::chrono::minutes(minutes);
    std::vector<std::vector<SqlValue>> rows;
    for (int64_t id = from; id < from + 3; ++id)
      rows.push_back({id, "by " + attempt, observed_at, attempt, std::string("measured"), id});
    const std::vector<storage::ParquetColumn> columns{{.name = "id", .type = "BIGINT"},
                                                      {.name = "name", .type = "VARCHAR"},
                                                      {.name = "observed_at", .type = "TIMESTAMP"},
                                                      {.name = "attempt", .type = "VARCHAR"},
                                                      {.name = "provenance", .type = "VARCHAR"},
                                                      {.name = "ordinal", .type = "BIGINT"}};
    const std::string path = root_ + "/scratch/" + attempt;
    ASSERT_TRUE(storage::WriteParquet(*engine_, path, columns, rows).ok());
    model::Manifest manifest;
    manifest.layer = model::Layer::kAnalytics;
    manifest.dataset = "test/thing";
    manifest.attempt = attempt;
    manifest.logical_date = kStart;
    manifest.subjects = {{.subject = "all", .observed_at = observed_at}};
    manifest.objects = {Put(lake::AnalyticsObjectKey("thing", kStart, attempt), path, 3)};
    ASSERT_TRUE(lake::PublishManifest(*lake_, manifest).ok());
  }

  // All rows of the day in one file; refine's own way of doing it has its own test.
  void Compact(const std::string& attempt) {
    const auto move = [&](const lake::DayManifests& day) -> Result<lake::MovedObjects> {
      lake::MovedObjects moved;
      const std::string key = lake::AnalyticsObjectKey("thing", day.day, day.attempt);
      std::string paths;
      int64_t rows = 0;
      for (const auto& [unused, manifest] : day.manifests) {
        for (const ManifestObject& object : manifest.objects) {
          SG_TRY(const std::string path, lake_->LocalPath(object.key));
          paths += (paths.empty() ? "" : ", ") + storage::QuoteLiteral(path);
          rows += object.lines;
          moved.moves[object.key] = {.key = key};
        }
      }
      const std::string path = root_ + "/scratch/merged";
      SG_TRY(const auto connection, engine_->Connect());
      SG_RETURN_IF_ERROR(connection->Execute(fmt::format(
          "COPY (FROM read_parquet([{}])) TO '{}'{}", paths, path, storage::ParquetCopyOptions())));
      moved.objects = {Put(key, path, rows)};
      return moved;
    };
    const auto report = lake::CompactDays(*lake_,
                                          model::Layer::kAnalytics,
                                          "test/thing",
                                          clock_,
                                          {.attempt = attempt, .before = DayOf(kStart) + days(1)},
                                          move);
    ASSERT_TRUE(report.ok()) << report.error().message();
    ASSERT_EQ(report.value().days, 1);
  }

  std::unique_ptr<Warehouse> Open(const std::string& name) {
    return Warehouse::Open({.path = root_ + "/" + name + ".duckdb",
                            .published_directory = root_ + "/published-" + name,
                            .scratch_directory = root_ + "/scratch",
                            .files = EmbeddedFiles()},
                           catalog_)
        .value();
  }

  static std::string Dump(Warehouse& warehouse) {
    std::string text;
    for (const char* table : {"thing", "collection_log"}) {
      const storage::SqlRows rows =
          warehouse.Query(fmt::format("SELECT to_json(t)::VARCHAR FROM {} AS t ORDER BY 1", table))
              .value();
      for (std::size_t row = 0; row < rows.size(); ++row) text += rows.Text(row, 0) + "\n";
    }
    return text;
  }

  void SweepAll() {
    ASSERT_TRUE(lake::SweepLake(*lake_, catalog_, {.now = kStart + days(3000)}).ok());
  }

  VirtualClock clock_{kStart};
  model::Catalog catalog_;
  std::unique_ptr<lake::LocalStore> lake_;
  std::unique_ptr<storage::DuckDb> engine_;
  std::string root_ = testing::TempDir() + "warehouse_compaction";
};

TEST_F(WarehouseCompaction, RebuildsTheSameTables) {
  Publish("a", 1, 0);
  Publish("b", 2, 1);
  const auto before = Open("before");
  ASSERT_EQ(before->Load(*lake_).value().manifests, 2);
  const std::string expected = Dump(*before);
  ASSERT_NE(expected.find("by b"), std::string::npos);
  Compact("one");
  const LoadReport report = before->Load(*lake_).value();
  EXPECT_EQ(report.manifests, 1);
  EXPECT_EQ(report.files, 0) << "nothing in it is new";
  EXPECT_EQ(Dump(*before), expected);
  SweepAll();
  EXPECT_EQ(lake_->List("analytics/thing/").value().size(), 1U);
  EXPECT_EQ(before->Load(*lake_).value().manifests, 0);
  const auto after = Open("after");
  ASSERT_EQ(after->Load(*lake_).value().files, 1);
  EXPECT_EQ(Dump(*after), expected);
}

TEST_F(WarehouseCompaction, LoadsWhatWasNotYetLoadedOnce) {
  Publish("a", 1, 0);
  const auto warehouse = Open("partly");
  ASSERT_TRUE(warehouse->Load(*lake_).ok());
  Publish("c", 2, 2);
  Compact("one");
  ASSERT_TRUE(warehouse->Load(*lake_).ok());
  // A late attempt, older than what is there, and a compaction of the compaction.
  Publish("b", 3, 1);
  Compact("two");
  SweepAll();
  ASSERT_TRUE(warehouse->Load(*lake_).ok());
  const auto fresh = Open("fresh");
  ASSERT_TRUE(fresh->Load(*lake_).ok());
  EXPECT_EQ(Dump(*warehouse), Dump(*fresh));
  EXPECT_NE(Dump(*fresh).find("by b"), std::string::npos);
  const storage::SqlRows log = fresh->Query("SELECT count(*) FROM collection_log").value();
  EXPECT_EQ(log.Integer(0, 0), 3);
}

}  // namespace
}  // namespace stargaze::warehouse
