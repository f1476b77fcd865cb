// The shipped declarations against responses of every kind: tests/golden/dataset/<name>/in.ndjson
// holds them as the raw lake does, <table>.jsonl and quarantine.jsonl what must come of them.
// STARGAZE_UPDATE_GOLDEN=1 writes the expected files anew; read their difference.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/embedded_files.h"
#include "config/catalog.h"
#include "refine/refine_sql.h"
#include "storage/duckdb.h"

namespace stargaze::refine {
namespace {

class Golden : public testing::TestWithParam<const char*> {
 protected:
  void Run(const std::string& sql) {
    const Status status = connection_->Execute(sql);
    ASSERT_TRUE(status.ok()) << status.error().message() << "\n" << sql;
  }

  std::string Lines(const std::string& select) {
    const auto rows = connection_->Query("SELECT to_json(t)::VARCHAR FROM (" + select + ") AS t");
    EXPECT_TRUE(rows.ok()) << rows.error().message() << "\n" << select;
    std::string text;
    for (std::size_t row = 0; rows.ok() && row < rows.value().size(); ++row)
      text += rows.value().Text(row, 0) + "\n";
    return text;
  }

  void Compare(const std::string& name, const std::string& found) {
    const std::string path = folder_ + "/" + name + ".jsonl";
    if (std::getenv("STARGAZE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << found;
    std::ostringstream expected;
    expected << std::ifstream(path).rdbuf();
    ASSERT_TRUE(std::filesystem::exists(path)) << path;
    EXPECT_EQ(found, expected.str()) << path;
  }

  std::string folder_ = std::string(STARGAZE_GOLDEN_FOLDER) + "/dataset/" + GetParam();
  std::unique_ptr<storage::DuckDb> engine_ = storage::DuckDb::Open({}).value();
  std::unique_ptr<storage::DuckDbConnection> connection_ = engine_->Connect().value();
};

TEST_P(Golden, RowsAndQuarantine) {
  const model::Catalog catalog = config::LoadCatalog(EmbeddedFiles(), {}).value();
  const model::Dataset& dataset = *catalog.FindDataset(std::string("github/") + GetParam());
  const std::vector<Field> fields = DistinctFields(dataset);
  const std::vector<std::string> paths{folder_ + "/in.ndjson"};
  Run(LineSql(dataset, paths, 1 << 20));
  Run(RecordSql(dataset, fields));
  Run(CheckedSql(fields));
  Run(QuarantineSql(dataset, fields));
  for (const model::Table& table : dataset.tables)
    Compare(table.name, Lines(TableSql(dataset, table, fields, "attempt-1")));
  Compare("quarantine", Lines("SELECT line, record, path, rule, value, field FROM quarantine"));
}

INSTANTIATE_TEST_SUITE_P(Datasets,
                         Golden,
                         testing::Values("release", "star_history", "repository_snapshot"),
                         [](const auto& dataset) { return std::string(dataset.param); });

}  // namespace
}  // namespace stargaze::refine
