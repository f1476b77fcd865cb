#include "serve/widget.h"

#include <gtest/gtest.h>

#include "serve/license_class.h"
#include "serve/statement.h"
#include "serve/xml_text.h"

namespace stargaze::serve {
namespace {

WidgetFacts Facts() {
  return {.full_name = "acme/flux",
          .value = 18402,
          .gain = 4120,
          .day = *ParseDay("2026-09-30"),
          .readings = {10, 20, std::nullopt, 40, 30},
          .first_reading = *ParseDay("2026-09-26")};
}

TEST(WidgetTest, BadgeIsTheseBytes) {
  EXPECT_EQ(
      DrawBadge(Facts(), {.theme = "light"}),
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"220\" height=\"24\" viewBox=\"0 0 220 "
      "24\" "
      "role=\"img\"><title>acme/flux: 18,402 stars (2026-09-30), +4,120 in 7 days</title><style>"
      ".s{fill:#fff;stroke:#d9dee6}.t{fill:#141a24}.m{fill:#5b6678}.l{stroke:#1b5cd1;fill:none}"
      ".h{stroke:#d9dee6}</style><rect class=\"s\" x=\".5\" y=\".5\" width=\"219\" height=\"23\" "
      "rx=\"6\"/><text class=\"m\" x=\"12.0\" y=\"16.0\" text-anchor=\"start\" "
      "font-family=\"system-ui,'Noto Sans CJK KR',sans-serif\" font-size=\"12\">stars</text>"
      "<text class=\"t\" x=\"208.0\" y=\"16.0\" text-anchor=\"end\" "
      "font-family=\"system-ui,'Noto Sans CJK KR',sans-serif\" font-size=\"12\">18,402 · +4,120 / "
      "7 "
      "d</text></svg>\n");
}

TEST(WidgetTest, AMissingDayLiftsThePen) {
  WidgetFacts facts = Facts();
  facts.value = 30;
  const std::string spark = DrawSpark(facts, {});
  EXPECT_NE(spark.find("d=\"M4.0 28.0L42.0 20.0M118.0 4.0L156.0 12.0\""), std::string::npos)
      << spark;
  EXPECT_NE(spark.find("prefers-color-scheme:dark"), std::string::npos);
}

TEST(WidgetTest, NamesTheSandboxInBothLanguages) {
  WidgetFacts facts = Facts();
  facts.sandbox = true;
  EXPECT_NE(DrawCurve(facts, {}).find("sandbox data"), std::string::npos);
  EXPECT_NE(DrawCurve(facts, {.korean = true}).find("샌드박스"), std::string::npos);
}

TEST(WidgetTest, ForeignTextStaysText) {
  WidgetFacts facts = Facts();
  facts.full_name = "a/<script>\"'&";
  for (const std::string& picture :
       {DrawBadge(facts, {}), DrawCurve(facts, {}), DrawReason("<script>", {})})
    EXPECT_EQ(picture.find("<script>"), std::string::npos) << picture;
}

TEST(EscapeXmlTest, LeavesNothingThatXmlReads) {
  EXPECT_EQ(EscapeXml("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
  EXPECT_EQ(EscapeXml(std::string("x\x01y\n", 4)), "x\xEF\xBF\xBDy\n");
}

TEST(StatementTest, ShowsItsValuesAsLiterals) {
  Statement statement;
  for (int i = 0; i < 10; ++i) statement.sql += statement.Bind(int64_t{i}) + " ";
  statement.sql += statement.Bind(std::string("it's $1"));
  EXPECT_EQ(statement.Shown(), "0 1 2 3 4 5 6 7 8 9 'it''s $1'");
}

TEST(LicenseClassTest, ClassesWhatTheTableNames) {
  EXPECT_EQ(ClassOfLicense("mit"), "permissive");
  EXPECT_EQ(ClassOfLicense("mpl-2.0"), "weak");
  EXPECT_EQ(ClassOfLicense("agpl-3.0"), "strong");
  EXPECT_EQ(ClassOfLicense("busl-1.1"), "source_available");
  EXPECT_EQ(ClassOfLicense("none"), "none");
  EXPECT_EQ(ClassOfLicense("made-up"), "other");
  for (const auto& [key, name] : LicenseClassTable())
    EXPECT_NE(std::find(LicenseClasses().begin(), LicenseClasses().end(), name),
              LicenseClasses().end())
        << key;
}

}  // namespace
}  // namespace stargaze::serve
