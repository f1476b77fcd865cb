#include "storage/duckdb.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "storage/parquet_writer.h"

namespace stargaze::storage {
namespace {

// DuckDB must be closed before the process tears down its threads: no static database here.
class DuckDbTest : public testing::Test {
 protected:
  std::unique_ptr<DuckDb> database_ = DuckDb::Open({}).value();
  std::unique_ptr<DuckDbConnection> connection_ = database_->Connect().value();
};

TEST_F(DuckDbTest, RoundTripsEveryKindOfValue) {
  const Instant instant = ParseInstant("2026-09-01T11:50:00.123456Z").value();
  const Day day = ParseDay("2024-02-29").value();
  const std::string text("a\0'b", 4);
  const std::vector<SqlValue> in{std::monostate{}, true, int64_t{-7}, 2.5, text, instant, day};
  const auto rows = connection_->Query("SELECT $1, $2, $3, $4, $5, $6, $7", in);
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  ASSERT_EQ(rows.value().size(), 1U);
  EXPECT_EQ(rows.value().rows[0], in);
}

TEST_F(DuckDbTest, GivesSumsAsIntegers) {
  const auto rows = connection_->Query("SELECT sum(i) FROM range(1000000) t(i)");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows.value().Integer(0, 0), 499999500000);
}

TEST_F(DuckDbTest, NamesTheStatementThatFailed) {
  const auto rows = connection_->Query("SELECT missing FROM nowhere");
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().message().find("nowhere"), std::string::npos);
}

// Neither a full disk, which a task waits for, nor a fault of ours.
TEST(DuckDbMemoryTest, SaysThatItsMemoryIsUsedUpAndWhichSettingGivesMore) {
  const auto database = DuckDb::Open({.memory_limit_bytes = int64_t{64} << 20}).value();
  const auto connection = database->Connect().value();
  const auto rows = connection->Query(
      "SELECT length(string_agg(repeat('x', 1000) || r, ',')) FROM range(100000000) t(r)");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind(), ErrorKind::kOutOfMemory) << rows.error().message();
  EXPECT_NE(rows.error().remedy().find("duckdb.memory_limit_mb"), std::string::npos);
}

TEST_F(DuckDbTest, RollsBackATransactionThatFails) {
  ASSERT_TRUE(connection_->Execute("CREATE TABLE kept (i INTEGER)").ok());
  const Status status = connection_->Transaction([&]() -> Status {
    SG_RETURN_IF_ERROR(connection_->Execute("INSERT INTO kept VALUES (1)"));
    return Error(ErrorKind::kCancelled, "changed our mind");
  });
  EXPECT_EQ(status.error().kind(), ErrorKind::kCancelled);
  EXPECT_EQ(connection_->Query("SELECT count(*) FROM kept").value().Integer(0, 0), 0);
}

TEST_F(DuckDbTest, QuotesWhatCannotBeAParameter) {
  const std::string hostile = "x' || (SELECT 1) --\"";
  const auto rows =
      connection_->Query("SELECT " + QuoteLiteral(hostile) + " AS " + QuoteIdentifier(hostile));
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  EXPECT_EQ(rows.value().Text(0, 0), hostile);
  EXPECT_EQ(rows.value().columns[0].name, hostile);
}

TEST_F(DuckDbTest, ReadsTheParquetThatWeWrite) {
  const std::string path = testing::TempDir() + "/journal.parquet";
  std::filesystem::remove(path);
  const std::vector<ParquetColumn> columns{{.name = "id", .type = "BIGINT"},
                                           {.name = "noted_at", .type = "TIMESTAMP"}};
  const Instant at = ParseInstant("2026-09-01T00:00:00Z").value();
  const std::vector<std::vector<SqlValue>> rows{{int64_t{1}, at}, {int64_t{2}, std::monostate{}}};
  ASSERT_TRUE(WriteParquet(*database_, path, columns, rows).ok());
  const auto read = connection_->Query("SELECT id, noted_at FROM read_parquet(" +
                                       QuoteLiteral(path) + ") ORDER BY id");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read.value().rows, rows);
}

}  // namespace
}  // namespace stargaze::storage
