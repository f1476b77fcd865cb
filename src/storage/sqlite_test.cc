#include "storage/sqlite.h"

#include <gtest/gtest.h>

#include <array>

namespace stargaze::storage {
namespace {

class SqliteTest : public ::testing::Test {
 protected:
  std::unique_ptr<Sqlite> database_ = Sqlite::Open(":memory:").value();

  int64_t Count(const std::string& table) {
    return std::get<int64_t>(
        database_->Query("SELECT COUNT(*) FROM " + table).value().rows.front().front());
  }
};

TEST_F(SqliteTest, ACommitThatFailsLeavesNoTransactionOpen) {
  ASSERT_TRUE(database_
                  ->Execute("CREATE TABLE parent(id INTEGER PRIMARY KEY); CREATE TABLE child(id "
                            "INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
                  .ok());
  EXPECT_FALSE(
      database_->Transaction([&] { return database_->Run("INSERT INTO child VALUES (1)"); }).ok());
  const Status next =
      database_->Transaction([&] { return database_->Run("INSERT INTO parent VALUES (1)"); });
  EXPECT_TRUE(next.ok()) << next.error().message();
  EXPECT_EQ(Count("child"), 0);
  EXPECT_EQ(Count("parent"), 1);
}

TEST_F(SqliteTest, AStatementThatFailedWorksTheNextTime) {
  ASSERT_TRUE(database_->Execute("CREATE TABLE t(id INTEGER PRIMARY KEY)").ok());
  const auto insert = [&](int64_t id) {
    return database_->Run("INSERT INTO t VALUES (?1)", std::array<SqlValue, 1>{id});
  };
  EXPECT_TRUE(insert(1).ok());
  EXPECT_FALSE(insert(1).ok());
  const Status next = insert(2);
  EXPECT_TRUE(next.ok()) << next.error().message();
  EXPECT_EQ(Count("t"), 2);
}

}  // namespace
}  // namespace stargaze::storage
