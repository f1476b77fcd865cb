#include "refine/expression_sql.h"

#include <fmt/core.h>

#include <array>
#include <string_view>

#include "base/assert.h"

namespace stargaze::refine {
namespace {

using model::Expression;

// A version at the end of a tag, whatever name stands in front: major, minor, patch, pre-release.
// Lazy: "1.2.3-beta-4.5" is a 1.2.3. A lone number ("build-17") is none.
#define SG_SEMVER                                                                \
  "'^(?:.*?[^0-9A-Za-z.+])??[A-Za-z]*?(\\d{1,9})\\.(\\d{1,9})(?:\\.(\\d{1,9}))?" \
  "(?:-([0-9A-Za-z][0-9A-Za-z.-]*))?(?:\\+[0-9A-Za-z.-]+)?$'"

struct FunctionSql {
  std::string_view name{};
  std::string_view sql{};  // $1, $2: the arguments, each typed and NULL where absent.
};

// Years beyond 9999 and shifts of more than a million days are taken for nonsense.
constexpr std::array<FunctionSql, 10> kFunctions{{
    {.name = "epoch_day",
     .sql = "CASE WHEN $1 BETWEEN -62135596800 AND 253402300799 THEN DATE '1970-01-01' + "
            "CAST(floor($1 / 86400.0) AS INTEGER) END"},
    {.name = "epoch_time",
     .sql = "CASE WHEN $1 BETWEEN -62135596800 AND 253402300799 THEN make_timestamp($1 * 1000000) "
            "END"},
    {.name = "date_add",
     .sql = "CASE WHEN $2 BETWEEN -1000000 AND 1000000 THEN $1 + CAST($2 AS INTEGER) END"},
    {.name = "left", .sql = "left($1, $2)"},
    {.name = "first_line", .sql = "split_part(replace($1, chr(13), chr(10)), chr(10), 1)"},
    {.name = "lower", .sql = "lower($1)"},
    {.name = "semver_major",
     .sql = "try_cast(nullif(regexp_extract($1, " SG_SEMVER ", 1), '') AS BIGINT)"},
    {.name = "semver_minor",
     .sql = "try_cast(nullif(regexp_extract($1, " SG_SEMVER ", 2), '') AS BIGINT)"},
    {.name = "semver_patch",
     .sql = "try_cast(nullif(regexp_extract($1, " SG_SEMVER ", 3), '') AS BIGINT)"},
    {.name = "semver_prerelease", .sql = "nullif(regexp_extract($1, " SG_SEMVER ", 4), '')"},
}};

#undef SG_SEMVER

std::string_view SqlOf(const std::string& function) {
  for (const FunctionSql& known : kFunctions) {
    if (known.name == function) return known.sql;
  }
  SG_ASSERT(false && "a function of the model lacks its SQL");
  return "NULL";
}

class Writer {
 public:
  explicit Writer(
      const std::function<std::string(std::size_t leaf, model::ColumnType type)>& value_of)
      : value_of_(value_of) {}

  std::string Write(const Expression& expression) {
    switch (expression.kind) {
      case Expression::Kind::kPath:
        return "(" + value_of_(leaf_++, expression.type) + ")";
      case Expression::Kind::kIndex:
        return "place";
      case Expression::Kind::kInteger:
        return fmt::format("({})::BIGINT", expression.number);
      case Expression::Kind::kCall:
        break;
    }
    std::vector<std::string> arguments;
    for (const Expression& argument : expression.arguments) arguments.push_back(Write(argument));
    std::string sql = "(";
    const std::string_view pattern = SqlOf(expression.function);
    for (std::size_t at = 0; at < pattern.size(); ++at) {
      const bool is_argument = pattern[at] == '$' && at + 1 < pattern.size() &&
                               pattern[at + 1] >= '1' && pattern[at + 1] <= '9';
      if (is_argument) {
        sql += arguments.at(static_cast<std::size_t>(pattern[++at] - '1'));
      } else {
        sql += pattern[at];
      }
    }
    return sql + ")";
  }

 private:
  const std::function<std::string(std::size_t leaf, model::ColumnType type)>& value_of_;
  std::size_t leaf_ = 0;
};

}  // namespace

std::vector<Leaf> LeavesOf(const Expression& expression) {
  if (expression.kind == Expression::Kind::kPath)
    return {{.path = expression.path, .type = expression.type}};
  std::vector<Leaf> leaves;
  for (const Expression& argument : expression.arguments) {
    for (Leaf& leaf : LeavesOf(argument)) leaves.push_back(std::move(leaf));
  }
  return leaves;
}

std::string ExpressionSql(
    const Expression& expression,
    const std::function<std::string(std::size_t leaf, model::ColumnType type)>& value_of) {
  return Writer(value_of).Write(expression);
}

}  // namespace stargaze::refine
