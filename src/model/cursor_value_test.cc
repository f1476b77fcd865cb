#include "model/cursor_value.h"

#include <gtest/gtest.h>

namespace stargaze::model {
namespace {

TEST(CursorValueTest, ReadsWhatItWrites) {
  struct Case {
    ColumnType type;
    const char* text;
    int64_t overlap;
    const char* begin;  // Nullptr: no value of that type.
  };
  const Case cases[] = {
      {ColumnType::kTimestamp, "2026-01-31T11:00:00Z", 0, "2026-01-31T11:00:00Z"},
      {ColumnType::kTimestamp, "2026-01-31T11:00:00.999999Z", 0, "2026-01-31T11:00:00Z"},
      {ColumnType::kTimestamp, "1969-12-31T23:59:59.5Z", 0, "1969-12-31T23:59:59Z"},
      {ColumnType::kTimestamp, "2026-03-01T00:00:10Z", 3610, "2026-02-28T23:00:00Z"},
      {ColumnType::kTimestamp, "2026-01-31", 0, nullptr},
      {ColumnType::kDate, "2026-03-01", 2, "2026-02-27"},
      {ColumnType::kDate, "yesterday", 0, nullptr},
      {ColumnType::kInteger, "-7", 3, "-10"},
      {ColumnType::kInteger, "7.5", 0, nullptr},
      {ColumnType::kInteger, "99999999999999999999", 0, nullptr},
      {ColumnType::kString, "7", 0, nullptr},
  };
  for (const Case& one : cases) {
    const std::optional<int64_t> value = ParseCursorValue(one.type, one.text);
    ASSERT_EQ(value.has_value(), one.begin != nullptr) << one.text;
    if (!value) continue;
    EXPECT_EQ(FormatCursorValue(one.type, LessOverlap(one.type, *value, one.overlap)), one.begin);
  }
}

}  // namespace
}  // namespace stargaze::model
