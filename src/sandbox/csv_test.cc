#include "sandbox/csv.h"

#include <gtest/gtest.h>

namespace stargaze::sandbox {
namespace {

using Records = std::vector<std::vector<std::string>>;

Records ReadAll(std::string_view text) {
  CsvReader reader(text);
  Records records;
  std::vector<std::string> fields;
  while (true) {
    const Result<bool> more = reader.Next(fields);
    EXPECT_TRUE(more.ok());
    if (!more.ok() || !more.value()) return records;
    records.push_back(fields);
  }
}

TEST(CsvReader, KeepsQuotesCommasAndLineBreaksInsideFields) {
  EXPECT_EQ(ReadAll("a,b\n1,\"x, \"\"y\"\"\nz\"\n"), (Records{{"a", "b"}, {"1", "x, \"y\"\nz"}}));
}

TEST(CsvReader, TakesBothLineEndsAndALastLineWithoutOne) {
  EXPECT_EQ(ReadAll("a,b\r\n,\r\nlast,\"q\""), (Records{{"a", "b"}, {"", ""}, {"last", "q"}}));
}

TEST(CsvReader, ShorterRecordsDoNotKeepFieldsOfLongerOnes) {
  EXPECT_EQ(ReadAll("a,b,c\nd\n"), (Records{{"a", "b", "c"}, {"d"}}));
}

TEST(CsvReader, RefusesAQuoteThatNeverCloses) {
  CsvReader reader("a,\"b\n");
  std::vector<std::string> fields;
  const Result<bool> more = reader.Next(fields);
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().kind(), ErrorKind::kCorrupt);
}

TEST(CsvReader, RefusesARecordWithoutBound) {
  const std::string commas(2'000, ',');
  CsvReader reader(commas);
  std::vector<std::string> fields;
  EXPECT_FALSE(reader.Next(fields).ok());
}

}  // namespace
}  // namespace stargaze::sandbox
