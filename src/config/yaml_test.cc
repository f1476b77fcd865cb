#include "config/yaml.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stargaze::config {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ErrorOf(const std::string& text) {
  const auto root = ParseYaml("a.yaml", text);
  return root.ok() ? "" : root.error().message();
}

TEST(Yaml, KnowsLineAndDottedKeyOfEveryNode) {
  const auto root =
      ParseYaml("a.yaml",
                "tables:\n  license:\n    columns:\n      name: {type: x}\nlist:\n- 1\n- name: b\n",
                {.silent_keys = {"tables", "columns"}});
  ASSERT_TRUE(root.ok());
  const YamlNode& type =
      *root.value().Find("tables")->Find("license")->Find("columns")->Find("name")->Find("type");
  EXPECT_EQ(type.place.ToString(), "a.yaml:4: license.name.type");
  const YamlNode& list = *root.value().Find("list");
  EXPECT_EQ(list.place.line, 5);
  EXPECT_EQ(list.children[0].place.ToString(), "a.yaml:6: list[0]");
  EXPECT_EQ(list.children[1].place.ToString(), "a.yaml:7: list.b");
}

TEST(Yaml, TellsNumbersAndBooleansFromQuotedText) {
  const auto root =
      ParseYaml("a.yaml", "n: 12\nq: '12'\nb: true\nt: yes\nbig: 99999999999999999999\nnothing:\n");
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root.value().Integer("n"), 12);
  EXPECT_FALSE(root.value().Integer("q"));
  EXPECT_EQ(root.value().Text("q"), "12");
  EXPECT_EQ(root.value().Boolean("b"), true);
  EXPECT_FALSE(root.value().Boolean("t"));
  EXPECT_FALSE(root.value().Integer("big"));
  EXPECT_EQ(root.value().Find("nothing")->kind, YamlKind::kNull);
}

TEST(Yaml, RefusesWhatHasNoPlaceHere) {
  EXPECT_THAT(ErrorOf("a: 1\nb: [1, 2\n"), StartsWith("a.yaml:"));
  EXPECT_THAT(ErrorOf("a: 1\nb: [1, 2\n"), HasSubstr("malformed YAML"));
  EXPECT_THAT(ErrorOf("a: {path: $.days[*]}\n"), HasSubstr("quote a text"));
  EXPECT_EQ(ErrorOf("a: 1\nb: 2\na: 3\n"), "a.yaml:3: duplicate key 'a', first at line 1");
  EXPECT_EQ(ErrorOf("a: 1\n---\nb: 2\n"), "a.yaml:3: only one document per file is allowed");
  EXPECT_EQ(ErrorOf(""), "a.yaml:1: the file is empty");
  EXPECT_EQ(ErrorOf("? [a]\n: 1\n"), "a.yaml:1: a key must be plain text, found a list");
  EXPECT_THAT(ErrorOf("a: !!python/object x\n"), HasSubstr("tags are not allowed"));
}

TEST(Yaml, RefusesAliasesBeforeTheyMultiply) {
  std::string laughs = "a: &a [x, x]\n";
  for (char c = 'b'; c <= 'z'; ++c)
    laughs += fmt::format("{0}: &{0} [*{1}, *{1}]\n", c, static_cast<char>(c - 1));
  EXPECT_EQ(ErrorOf(laughs), "a.yaml:1: anchors are not allowed: write the value out");
}

TEST(Yaml, KeepsItsLimits) {
  EXPECT_THAT(ErrorOf("a: " + std::string(std::size_t{1} << 20U, 'x')),
              HasSubstr("the file is too large"));
  EXPECT_THAT(ErrorOf(std::string(33, '[') + std::string(33, ']')),
              HasSubstr("nested too deeply: limit=32"));
  EXPECT_EQ(ErrorOf(std::string(31, '[') + std::string(31, ']')), "");
  EXPECT_THAT(ErrorOf(std::string(100'000, '[')), StartsWith("a.yaml:1:"));
  std::string many = "a:\n";
  for (int i = 0; i < 20'001; ++i) many += "- x\n";
  EXPECT_THAT(ErrorOf(many), HasSubstr("too many values: limit=20000"));
}

TEST(Yaml, SurvivesBytesThatAreNoText) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_THAT(ErrorOf(bytes), StartsWith("a.yaml:"));
  for (std::size_t cut = 0; cut < 60; ++cut) {
    const auto root = ParseYaml(
        "a.yaml",
        std::string("a: {b: [\"c\", 'd'], e: |\n  f\n  g}\nh: [i, {j: k}]\n").substr(0, cut));
    if (!root.ok()) {
      EXPECT_THAT(root.error().message(), StartsWith("a.yaml:"));
    }
  }
}

TEST(Yaml, MergesMapByMap) {
  const auto base = ParseYaml("a.yaml", "query: {q: x, sort: s, order: o}\nlist: [1, 2]\n");
  const auto over = ParseYaml("a.yaml", "\n\nquery: {sort: t, page: 1}\nlist: [3]\n");
  const YamlNode merged = MergedOver(base.value(), over.value());
  EXPECT_EQ(merged.Find("query")->children.size(), 4U);
  EXPECT_EQ(merged.Find("query")->children[1].text, "t");  // In its old place.
  EXPECT_EQ(merged.Find("query")->Text("order"), "o");
  EXPECT_EQ(merged.Texts("list"), std::vector<std::string>{"3"});
  EXPECT_EQ(merged.Find("query")->place.line, 3);
}

}  // namespace
}  // namespace stargaze::config
