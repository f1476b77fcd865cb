#include "model/expression.h"

#include <gtest/gtest.h>

namespace stargaze::model {
namespace {

struct Case {
  std::string text;
  std::string expected;  // Its form with its type, or what is wrong with it.
};

std::string Read(const std::string& text) {
  const auto expression = ParseExpression(text, "weekday");
  if (!expression.ok()) return expression.error().message();
  return expression.value().ToString() + ": " + std::string(NameOf(expression.value().type));
}

const std::vector<Case> kCases{
    {"date_add(epoch_day($.week), weekday)", "date_add(epoch_day($.week), index): date"},
    {" date_add( epoch_day($.week) ,-1 ) ", "date_add(epoch_day($.week), -1): date"},
    {"epoch_time($.a[0].b)", "epoch_time($.a[0].b): timestamp"},
    {"left(first_line($.body), 500)", "left(first_line($.body), 500): string"},
    {"semver_minor($.tag_name)", "semver_minor($.tag_name): integer"},
    {"semver_prerelease(lower($.tag_name))", "semver_prerelease(lower($.tag_name)): string"},
    {"", "malformed expression: expected a value at character 1 of ''"},
    {"$.week",
     "an expression must call a function: epoch_day, epoch_time, date_add, left, first_line, "
     "lower, "
     "semver_major, semver_minor, semver_patch, semver_prerelease"},
    {"epoch_days($.week)",
     "malformed expression: unknown function 'epoch_days', did you mean 'epoch_day'? at character "
     "1 "
     "of 'epoch_days($.week)'"},
    {"epoch_day(hour)",
     "malformed expression: unknown name 'hour' at character 11 of 'epoch_day(hour)'"},
    {"epoch_day(epoch_day($.week))",
     "malformed expression: epoch_day needs a value of type 'integer', found 'date' at character "
     "11 "
     "of 'epoch_day(epoch_day($.week))'"},
    {"date_add(epoch_day($.week))",
     "malformed expression: expected ',' at character 27 of 'date_add(epoch_day($.week))'"},
    {"epoch_day(1, 2)", "malformed expression: expected ')' at character 12 of 'epoch_day(1, 2)'"},
    {"epoch_day(1) 2",
     "malformed expression: expected the end at character 14 of 'epoch_day(1) 2'"},
    {"epoch_day(1x)",
     "malformed expression: expected a whole number at character 13 of 'epoch_day(1x)'"},
    {"epoch_day($x)", "malformed JSON path: expected '.' or '[' at character 2 of '$x'"},
    {"lower(lower(lower(lower(lower(lower(lower(lower(lower(lower($.a))))))))))",
     "malformed expression: nested too deeply at character 55 of "
     "'lower(lower(lower(lower(lower(lower(lower(lower(lower(lower($.a))))))))))'"},
};

TEST(Expression, IsReadTypedOrRefusedWithThePlace) {
  for (const Case& test : kCases) EXPECT_EQ(Read(test.text), test.expected) << test.text;
}

TEST(Expression, KnowsTheIndexOnlyWhereItIsNamed) {
  EXPECT_TRUE(ParseExpression("epoch_day(weekday)", "weekday").ok());
  EXPECT_FALSE(ParseExpression("epoch_day(weekday)").ok());
}

}  // namespace
}  // namespace stargaze::model
