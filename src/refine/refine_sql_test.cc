#include "refine/refine_sql.h"

#include <gtest/gtest.h>

#include <fstream>

#include "storage/duckdb.h"

namespace stargaze::refine {
namespace {

using model::Column;
using model::ColumnType;
using model::Dataset;
using model::ParseJsonPath;
using model::Table;
using model::TableKind;
using storage::SqlRows;

Column Col(std::string name, const char* path, ColumnType type, bool required = false) {
  return {.name = std::move(name),
          .path = ParseJsonPath(path).value(),
          .type = type,
          .required = required};
}

// A small dataset with every kind of table.
Dataset Sample() {
  Dataset dataset;
  dataset.name = "test/thing";
  dataset.requests = {{.name = "all", .resource = "search"}, {.name = "one", .resource = "core"}};
  dataset.records = ParseJsonPath("$.items[*]").value();
  Column stars = Col("stars", "$.stars", ColumnType::kInteger, true);
  stars.min = 0;
  Column title = Col("title", "$.title", ColumnType::kString);
  title.max_length = 5;
  Table thing{.name = "thing", .key = {"id"}};
  thing.columns = {Col("id", "$.id", ColumnType::kInteger, true),
                   title,
                   stars,
                   Col("owner_id", "$.owner.id", ColumnType::kInteger),
                   Col("made_at", "$.made_at", ColumnType::kTimestamp)};
  Table license{
      .name = "thing_license", .key = {"key"}, .where = ParseJsonPath("$.license").value()};
  license.columns = {Col("key", "$.license.key", ColumnType::kString, true)};
  Table snapshot{.name = "thing_snapshot", .kind = TableKind::kSnapshot, .key = {"id"}};
  snapshot.columns = {thing.columns[0], stars};
  Table history{.name = "thing_title",
                .kind = TableKind::kHistory,
                .key = {"id", "title"},
                .where = ParseJsonPath("$.title").value()};
  history.columns = {thing.columns[0], title};
  dataset.tables = {thing, license, snapshot, history};
  return dataset;
}

class RefineSql : public testing::Test {
 protected:
  // Refines lines whose bodies are `bodies`, one response each, a minute apart.
  void Refine(const std::vector<std::string>& bodies, const std::string& request = "all") {
    const std::string path = testing::TempDir() + "/refine_sql.ndjson";
    {
      std::ofstream file(path, std::ios::trunc);
      for (std::size_t i = 0; i < bodies.size(); ++i) {
        file << R"({"ordinal":)" << i << R"(,"request":{"name":")" << request
             << R"("},"observed_at":"2026-09-01T23:5)" << i << R"(:00.000000Z","body":)"
             << bodies[i] << "}\n";
      }
    }
    const std::vector<std::string> paths{path};
    Run(LineSql(dataset_, paths, 1 << 20));
    Run(RecordSql(dataset_, fields_));
    Run(CheckedSql(fields_));
    Run(QuarantineSql(dataset_, fields_));
  }

  void Run(const std::string& sql) {
    const Status status = connection_->Execute(sql);
    ASSERT_TRUE(status.ok()) << status.error().message() << "\n" << sql;
  }

  // One row as text, cells separated by blanks.
  std::vector<std::string> Rows(const std::string& table, const std::string& columns) {
    const std::string sql = TableSql(dataset_, *dataset_.FindTable(table), fields_, "attempt-1");
    return Texts("SELECT concat_ws(' ', " + columns + ") FROM (" + sql + ")");
  }

  std::vector<std::string> Texts(const std::string& sql) {
    const Result<SqlRows> rows = connection_->Query(sql);
    EXPECT_TRUE(rows.ok()) << rows.error().message() << "\n" << sql;
    std::vector<std::string> texts;
    if (!rows.ok()) return texts;
    for (std::size_t i = 0; i < rows.value().size(); ++i) texts.push_back(rows.value().Text(i, 0));
    return texts;
  }

  std::vector<std::string> Quarantined() {
    return Texts("SELECT concat_ws(' ', line, record, field, rule, value) FROM quarantine");
  }

  Dataset dataset_ = Sample();
  std::vector<Field> fields_ = DistinctFields(dataset_);
  std::unique_ptr<storage::DuckDb> database_ = storage::DuckDb::Open({}).value();
  std::unique_ptr<storage::DuckDbConnection> connection_ = database_->Connect().value();
};

using Lines = std::vector<std::string>;

TEST_F(RefineSql, KeepsTheNewestVersionOfAKey) {
  Refine({R"({"items":[{"id":2,"stars":5},{"id":1,"stars":7}]})",
          R"({"items":[{"id":2,"stars":6},{"id":2,"stars":4}]})"});
  EXPECT_EQ(Rows("thing", "id, stars, ordinal, attempt, provenance"),
            (Lines{"1 7 2 attempt-1 measured", "2 4 1000002 attempt-1 measured"}));
  EXPECT_EQ(Quarantined(), Lines{});
}

TEST_F(RefineSql, GivesSnapshotsTheirDayAndTheRateLimitResource) {
  Refine({R"({"items":[{"id":1,"stars":7}]})"}, "one");
  EXPECT_EQ(Rows("thing_snapshot", "id, stars, day, request"), Lines{"1 7 2026-09-01 core"});
}

TEST_F(RefineSql, SpansAHistoryOverTheAttempt) {
  Refine({R"({"items":[{"id":1,"stars":7,"title":"a"}]})",
          R"({"items":[{"id":1,"stars":7,"title":"b"}]})",
          R"({"items":[{"id":1,"stars":7,"title":"a"}]})"});
  EXPECT_EQ(Rows("thing_title", "id, title, first_seen, last_seen"),
            (Lines{"1 a 2026-09-01 23:50:00 2026-09-01 23:52:00",
                   "1 b 2026-09-01 23:51:00 2026-09-01 23:51:00"}));
}

TEST_F(RefineSql, NullsAndListsABadOptionalValue) {
  Refine(
      {R"({"items":[{"id":1,"stars":7,"title":"too long","owner":"nobody","made_at":"yesterday"}]})"});
  EXPECT_EQ(Rows("thing",
                 "id, stars, coalesce(title, '-'), coalesce(owner_id::VARCHAR, '-'), "
                 "coalesce(made_at::VARCHAR, '-')"),
            Lines{"1 7 - - -"});
  EXPECT_EQ(Quarantined(),
            (Lines{R"(1 1 thing.made_at type "yesterday")",
                   R"(1 1 thing.owner_id type "nobody")",
                   R"(1 1 thing.title max_length "too long")"}));
}

TEST_F(RefineSql, SetsAsideARecordWithABadRequiredValueAndKeepsItsNeighbours) {
  Refine(
      {R"({"items":[{"id":1,"stars":"7"},{"id":2,"stars":-1},{"id":3},{"id":4,"stars":1.5},{"id":5,"stars":5},7,null,[1],)"
       R"({"id":99999999999999999999,"stars":1}]})"});
  EXPECT_EQ(Rows("thing", "id, stars"), Lines{"5 5"});
  EXPECT_EQ(Rows("thing_snapshot", "id, stars"), Lines{"5 5"});
  const Lines listed = Quarantined();
  EXPECT_EQ(listed.size(),
            11U);  // Four bad stars, three records of no shape with two values missing, one bad id.
  EXPECT_EQ(listed[0], R"(1 1 thing.stars type "7")");
  EXPECT_EQ(listed[1], "1 2 thing.stars min -1");
  EXPECT_EQ(listed[2], "1 3 thing.stars required");
}

TEST_F(RefineSql, TakesAConditionalTableOnlyWhereItsConditionHolds) {
  Refine(
      {R"({"items":[{"id":1,"stars":1,"license":null},{"id":2,"stars":1,"license":{"key":"mit"}},{"id":3,"stars":1,"license":{}},)"
       R"({"id":4,"stars":1,"license":"mit"}]})"});
  EXPECT_EQ(Rows("thing_license", "key"), Lines{"mit"});
  EXPECT_EQ(Rows("thing", "id"), (Lines{"1", "2", "3", "4"}));
  EXPECT_EQ(Quarantined(),
            (Lines{"1 3 thing_license.key required", R"(1 4 thing_license.key type "mit")"}));
}

TEST_F(RefineSql, CutsALongOffendingValueToAKibibyte) {
  Refine({R"({"items":[{"id":1,"stars":1,"title":")" + std::string(5000, 'x') + R"("}]})"});
  const Lines sizes = Texts("SELECT strlen(value)::VARCHAR FROM quarantine");
  EXPECT_EQ(sizes, Lines{"256"});
}

TEST_F(RefineSql, ReadsABodyThatIsAListOrASingleRecord) {
  for (const char* path : {"$[*]", "$"}) {
    dataset_.records = ParseJsonPath(path).value();
    const std::string record = R"({"id":1,"stars":7})";
    Refine({std::string(path) == "$" ? record : "[" + record + "]"});
    EXPECT_EQ(Rows("thing", "id, stars"), Lines{"1 7"}) << path;
  }
}

}  // namespace
}  // namespace stargaze::refine
