#include "storage/duckdb.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "storage/parquet_writer.h"

namespace stargaze::storage {
namespace {

std::unique_ptr<DuckDbConnection> InMemory() {
  static std::unique_ptr<DuckDb> database = DuckDb::Open({}).value();
  return database->Connect().value();
}

TEST(DuckDb, RoundTripsEveryKindOfValue) {
  const auto connection = InMemory();
  const Instant instant = ParseInstant("2026-09-01T11:50:00.123456Z").value();
  const Day day = ParseDay("2024-02-29").value();
  const std::string text("a\0'b", 4);
  const std::vector<SqlValue> in{std::monostate{}, true, int64_t{-7}, 2.5, text, instant, day};
  const auto rows = connection->Query("SELECT $1, $2, $3, $4, $5, $6, $7", in);
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  ASSERT_EQ(rows.value().size(), 1U);
  EXPECT_EQ(rows.value().rows[0], in);
}

TEST(DuckDb, GivesSumsAsIntegers) {
  const auto connection = InMemory();
  const auto rows = connection->Query("SELECT sum(i) FROM range(1000000) t(i)");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows.value().Integer(0, 0), 499999500000);
}

TEST(DuckDb, NamesTheStatementThatFailed) {
  const auto connection = InMemory();
  const auto rows = connection->Query("SELECT missing FROM nowhere");
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().message().find("nowhere"), std::string::npos);
}

TEST(DuckDb, RollsBackATransactionThatFails) {
  const auto connection = InMemory();
  ASSERT_TRUE(connection->Execute("CREATE TABLE kept (i INTEGER)").ok());
  const Status status = connection->Transaction([&]() -> Status {
    SG_RETURN_IF_ERROR(connection->Execute("INSERT INTO kept VALUES (1)"));
    return Error(ErrorKind::kCancelled, "changed our mind");
  });
  EXPECT_EQ(status.error().kind(), ErrorKind::kCancelled);
  EXPECT_EQ(connection->Query("SELECT count(*) FROM kept").value().Integer(0, 0), 0);
}

TEST(DuckDb, QuotesWhatCannotBeAParameter) {
  const auto connection = InMemory();
  const std::string hostile = "x' || (SELECT 1) --\"";
  const auto rows = connection->Query("SELECT " + QuoteLiteral(hostile) + " AS " + QuoteIdentifier(hostile));
  ASSERT_TRUE(rows.ok()) << rows.error().message();
  EXPECT_EQ(rows.value().Text(0, 0), hostile);
  EXPECT_EQ(rows.value().columns[0].name, hostile);
}

TEST(ParquetWriter, WritesWhatIsReadBack) {
  const std::string path = testing::TempDir() + "/journal.parquet";
  std::filesystem::remove(path);
  const std::vector<ParquetColumn> columns{{.name = "id", .type = "BIGINT"}, {.name = "noted_at", .type = "TIMESTAMP"}};
  const Instant at = ParseInstant("2026-09-01T00:00:00Z").value();
  const std::vector<std::vector<SqlValue>> rows{{int64_t{1}, at}, {int64_t{2}, std::monostate{}}};
  ASSERT_TRUE(WriteParquet(path, columns, rows).ok());
  const auto read = InMemory()->Query("SELECT id, noted_at FROM read_parquet(" + QuoteLiteral(path) + ") ORDER BY id");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read.value().rows, rows);
}

}  // namespace
}  // namespace stargaze::storage
