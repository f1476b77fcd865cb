#include "config/catalog.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <boost/json.hpp>

#include "config/dataset_schema.h"

namespace stargaze::config {
namespace {

using model::ColumnType;
using model::TableKind;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

std::vector<DeclarationFile> OwnFiles() {
  return BuiltInFiles(EmbeddedFiles(), "catalog");
}

constexpr const char* kSource = "source: shop\nbase_url: https://shop.example\n";

// The one place where each test changes something; lines are counted from 1.
const std::string kShop = R"(dataset: shop/order
schema_version: 1
vars: {min_total: 5}
requests:
  - name: newest
    path: /orders
    query: {q: "total:{band.from}..{band.to}", per_page: 100}
    split: {by: total, from: "{min_total}", total: $.count}
  - name: oldest
    like: newest
    query: {sort: age}
records: $.orders[*]
key: [order_id]
tables:
  shop_order:
    columns:
      order_id: {path: $.id, type: int64, required: true}
      total: {path: $.total, type: integer}
      buyer_login: {path: $.buyer.login, type: string, person: true}
  order_snapshot:
    per_day: true
    columns: {from: shop_order, take: [order_id, total]}
)";

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  SG_ASSERT(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

Result<model::Catalog> ReadShop(const std::string& text) {
  const std::vector<DeclarationFile> files{{.path = "shop/source.yaml", .text = kSource},
                                           {.path = "shop/order.yaml", .text = text}};
  return ReadCatalog(files);
}

std::string ErrorOf(const std::string& text) {
  const auto catalog = ReadShop(text);
  return catalog.ok() ? "" : catalog.error().message();
}

TEST(Catalog, ReadsItsOwnDeclarations) {
  const auto catalog = ReadCatalog(OwnFiles());
  ASSERT_TRUE(catalog.ok()) << catalog.error().message();
  const model::Dataset* dataset = catalog.value().FindDataset("github/repository");
  ASSERT_NE(dataset, nullptr);
  EXPECT_EQ(dataset->dag, "github_repo");
  EXPECT_EQ(dataset->file, "catalog/github/repository.yaml");
  EXPECT_EQ(dataset->hash.size(), 64U);
  EXPECT_EQ(dataset->retention.raw, std::chrono::days(400));
  EXPECT_FALSE(dataset->retention.analytics);
  EXPECT_EQ(dataset->records.ToString(), "$.items[*]");
  EXPECT_EQ(dataset->vars.at("min_stars"), "1000");
  ASSERT_EQ(dataset->tables.size(), 4U);
  EXPECT_EQ(dataset->tables[0].name, "repository");
  EXPECT_EQ(dataset->tables[0].FindColumn("archived")->type, ColumnType::kBoolean);
  EXPECT_EQ(dataset->FindTable("license")->where->ToString(), "$.license");
  EXPECT_EQ(dataset->FindTable("repository_snapshot")->kind, TableKind::kSnapshot);
  EXPECT_THAT(dataset->FindTable("repository_snapshot")->key, ElementsAre("repository_id"));
  EXPECT_EQ(dataset->FindTable("repository_name")->kind, TableKind::kHistory);
  EXPECT_THAT(dataset->FindTable("repository_name")->key,
              ElementsAre("repository_id", "full_name"));
  EXPECT_EQ(catalog.value().sources.at("github").requests_per_minute.at("search"), 10);
  EXPECT_NE(catalog.value().FindTable("dag_run").second, nullptr);
  EXPECT_NE(catalog.value().FindTable("repository_membership").second, nullptr);
}

TEST(Catalog, InheritsRequestsByLike) {
  const auto catalog = ReadCatalog(OwnFiles());
  ASSERT_TRUE(catalog.ok());
  const auto& requests = catalog.value().FindDataset("github/repository")->requests;
  ASSERT_EQ(requests.size(), 2U);
  const model::Request& forks = requests[1];
  EXPECT_EQ(forks.name, "by_forks");
  EXPECT_EQ(forks.path, "/search/repositories");
  EXPECT_EQ(forks.split->by, "forks");
  EXPECT_EQ(forks.split->from, "{min_forks}");
  EXPECT_EQ(forks.split->total.ToString(), "$.total_count");
  EXPECT_EQ(forks.split->then_by, "created");
  EXPECT_EQ(forks.paginate.kind, model::PaginationKind::kLink);
  EXPECT_EQ(forks.resource, "search");
  ASSERT_EQ(forks.retry_when.size(), 1U);
  EXPECT_EQ(forks.retry_when[0].first.ToString(), "$.incomplete_results");
  EXPECT_EQ(forks.retry_when[0].second, "true");
  const std::vector<std::pair<std::string, std::string>> query{
      {"q", "forks:{band.from}..{band.to}"},
      {"sort", "forks"},
      {"order", "desc"},
      {"per_page", "100"}};
  EXPECT_EQ(forks.query, query);
}

TEST(Catalog, NamesFileLineAndKeyOfAnUnknownType) {
  std::vector<DeclarationFile> files = OwnFiles();
  for (DeclarationFile& file : files) {
    if (file.path.ends_with("github/repository.yaml")) {
      file.text = Replaced(file.text,
                           "stars: {path: $.stargazers_count, type: integer",
                           "stars: {path: $.stargazers_count, type: interger");
    }
  }
  const auto catalog = ReadCatalog(files);
  ASSERT_FALSE(catalog.ok());
  EXPECT_EQ(catalog.error().kind(), ErrorKind::kInvalidInput);
  EXPECT_EQ(catalog.error().message(),
            "catalog/github/repository.yaml:45: repository.stars.type: unknown type 'interger', "
            "did you mean 'integer'?");
}

struct BadCase {
  std::string what;
  std::string with;
  std::string error;  // The whole message.
};

const std::string kFile = "shop/order.yaml";

// An error that ends in ": a" is only looked for up to there.
const std::vector<BadCase> kBadCases{
    {"schema_version: 1", "schema_version: 0", ":2: schema_version: must be at least 1, found 0"},
    {"schema_version: 1\n", "", ":1: missing key 'schema_version'"},
    {"vars:", "varz:", ":3: varz: unknown key, did you mean 'vars'?"},
    {"vars: {min_total: 5}\n",
     "",
     ":7: requests.newest.split.from: unknown variable 'min_total'; variables are declared under "
     "vars"},
    {"{min_total}",
     "{min_totals}",
     ":8: requests.newest.split.from: unknown variable 'min_totals', did you mean 'min_total'?; "
     "variables are declared under vars"},
    {"{band.to}",
     "{band.to",
     ":7: requests.newest.query.q: malformed template: '{' without '}' in "
     "'total:{band.from}..{band.to'"},
    {"..{band.to}",
     "",
     ":8: requests.newest.split: split needs a query value with {band.from} and {band.to}"},
    {"{min_total: 5}",
     "{min_total: few}",
     ":8: requests.newest.split.from: expected a whole number or one variable that is one, found "
     "'few'"},
    {"by: total",
     "by: totl",
     ":8: requests.newest.split.by: unknown column 'totl', did you mean 'total'?"},
    {"by: total",
     "by: buyer_login",
     ":8: requests.newest.split.by: a band needs a column of type 'integer', 'buyer_login' is "
     "'string'"},
    {"like: newest",
     "like: newst",
     ":9: requests.oldest: missing key 'path'\n" + kFile +
         ":10: requests.oldest.like: no earlier request is called 'newst', did you mean "
         "'newest'?"},
    {"name: oldest",
     "name: newest",
     ":9: requests.newest: duplicate request: another one has this name"},
    {"records: $.orders[*]",
     "records: $.orders[*].lines[*]",
     ":12: records: the path to the records may have one [*], at its end, and no [number]"},
    {"records: $.orders[*]",
     "records: orders",
     ":12: records: malformed JSON path: expected '$' at character 1 of 'orders'"},
    {"key: [order_id]",
     "key: [ordr_id]",
     ":15: shop_order: key column 'ordr_id' is not a column of table 'shop_order', did you mean "
     "'order_id'?\n" +
         kFile +
         ":20: order_snapshot: key column 'ordr_id' is not a column of table 'order_snapshot', "
         "did you mean 'order_id'?"},
    {"$.id, type: int64, required: true",
     "$.id, type: int64",
     ":15: shop_order: key column 'order_id' must say required: true\n" + kFile +
         ":20: order_snapshot: key column 'order_id' must say required: true"},
    {"path: $.total,", "", ":18: shop_order.total: missing key 'path'"},
    {"type: integer}",
     "type: integer, max_length: 5}",
     ":18: shop_order.total.max_length: has no meaning for type 'integer'"},
    {"type: integer}", "type: string, pattern: '(a'}", ":18: a"},
    {"type: integer}", "type: string, pattern: '(?=a)'}", ":18: a"},
    {"type: integer}",
     "type: integer, min: high}",
     ":18: shop_order.total.min: expected a whole number, found 'high'"},
    {", person: true",
     "",
     ":19: shop_order.buyer_login: a login identifies a person: say person: true"},
    {"$.buyer.login",
     "$.buyer.email",
     ":19: shop_order.buyer_login.path: e-mail addresses are never stored"},
    {"take: [order_id, total]",
     "take: [order_id, totl]",
     ":22: order_snapshot.take[1]: unknown column 'totl', did you mean 'total'?"},
    {"from: shop_order", "from: shop_ordr", ":20: a"},
    {"per_day: true", "per_day: true\n    key: [order_id, total]", ":22: a"},
    {"vars:", "mapping: {}\nvars:", ":3: mapping: this key is known but not supported yet"},
    {"path: /orders",
     "path: /orders\n    body: {}",
     ":7: requests.newest.body: this key is known but not supported yet"},
    {"path: /orders",
     "path: /orders\n    conditional: etag",
     ":7: requests.newest.conditional: needs for_each"},
    {"  shop_order:", "  Shop-Order:", ":15: a"},
    {"order_id: {path", "attempt: {path", ":17: a"},
    {"order_snapshot:",
     "collection_log:",
     ":20: collection_log: table name 'collection_log' is reserved"},
    {"dataset: shop/order",
     "dataset: shop/orders",
     ":1: dataset: must be in a file that ends in shop/orders.yaml"},
    {"dataset: shop/order", "dataset: order", ":1: a"},
    {"vars:", "source: mall\nvars:", ":3: source: must be 'shop', as in the dataset's name"},
    {"path: /orders", "path: https://elsewhere.example/", ":6: a"},
};

TEST(Catalog, ReportsEachMistakeWithItsPlace) {
  ASSERT_EQ(ErrorOf(kShop), "");
  for (const BadCase& bad : kBadCases) {
    const std::string error = ErrorOf(Replaced(kShop, bad.what, bad.with));
    if (bad.error.ends_with(": a")) {
      EXPECT_THAT(error, HasSubstr(kFile + bad.error.substr(0, bad.error.size() - 2))) << bad.with;
    } else {
      EXPECT_EQ(error, kFile + bad.error) << bad.with;
    }
  }
}

TEST(Catalog, ReportsAllMistakesOfAFileUpToTwenty) {
  std::string columns;
  for (int i = 0; i < 30; ++i) columns += fmt::format("      c{}: {{path: $.x, type: wrong}}\n", i);
  const std::string error =
      ErrorOf(Replaced(kShop,
                       "      total: {path: $.total, type: integer}\n",
                       "      total: {path: $.total, type: integer}\n" + columns));
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 20);
  EXPECT_THAT(
      error,
      HasSubstr(
          "shop/order.yaml:19: shop_order.c0.type: unknown type 'wrong'; one of string, integer"));
  EXPECT_THAT(error, EndsWith("and 10 more"));
}

TEST(Catalog, ReportsMalformedFilesBesideOthers) {
  const std::vector<DeclarationFile> files{
      {.path = "shop/source.yaml", .text = kSource},
      {.path = "shop/broken.yaml", .text = "dataset: [\n"},
      {.path = "shop/order.yaml", .text = Replaced(kShop, "type: integer", "type: int")}};
  const auto catalog = ReadCatalog(files);
  ASSERT_FALSE(catalog.ok());
  EXPECT_THAT(catalog.error().message(), HasSubstr("shop/broken.yaml:"));
  EXPECT_THAT(catalog.error().message(),
              HasSubstr("shop/order.yaml:18: shop_order.total.type: unknown type 'int'"));
}

TEST(Catalog, LaterFilesReplaceAndAdd) {
  std::vector<DeclarationFile> files = OwnFiles();
  const std::size_t own = ReadCatalog(files).value().datasets.size();
  files.push_back({.path = "/etc/more/shop/source.yaml", .text = kSource});
  files.push_back({.path = "/etc/more/shop/order.yaml", .text = kShop});
  files.push_back({.path = "/etc/last/shop/order.yaml",
                   .text = Replaced(kShop, "min_total: 5", "min_total: 6")});
  const auto catalog = ReadCatalog(files);
  ASSERT_TRUE(catalog.ok()) << catalog.error().message();
  EXPECT_EQ(catalog.value().datasets.size(), own + 1);
  EXPECT_EQ(catalog.value().FindDataset("shop/order")->vars.at("min_total"), "6");
}

TEST(Catalog, RefusesClashesBetweenFiles) {
  std::vector<DeclarationFile> files = OwnFiles();
  files.push_back(
      {.path = "x/shop/order.yaml", .text = Replaced(kShop, "order_snapshot:", "license:")});
  const auto catalog = ReadCatalog(files);
  ASSERT_FALSE(catalog.ok());
  EXPECT_THAT(catalog.error().message(),
              HasSubstr("x/shop/order.yaml:20: license: table 'license' is also a table of dataset "
                        "'github/repository'"));
  EXPECT_THAT(catalog.error().message(),
              HasSubstr("unknown source 'shop': declare it in shop/source.yaml"));
  std::vector<DeclarationFile> own = OwnFiles();
  for (DeclarationFile& file : own) file.built_in = false;
  EXPECT_THAT(ReadCatalog(own).error().message(),
              HasSubstr("datasets of 'stargaze' are the product's own"));
}

TEST(Catalog, LoadsFoldersFromDisk) {
  const std::filesystem::path folder =
      std::filesystem::path(::testing::TempDir()) / fmt::format("catalog_test_{}", ::getpid());
  std::filesystem::create_directories(folder / "shop" / "deeper");
  std::ofstream(folder / "shop" / "source.yaml") << kSource;
  std::ofstream(folder / "shop" / "order.yaml") << kShop;
  std::ofstream(folder / "shop" / "notes.txt") << "not YAML: [";
  std::ofstream(folder / "shop" / "deeper" / "order.yaml") << "not read: [";
  const auto catalog = LoadCatalog({}, {folder.string()});
  ASSERT_TRUE(catalog.ok()) << catalog.error().message();
  EXPECT_EQ(catalog.value().datasets.size(), 1U);
  std::filesystem::remove_all(folder);
  EXPECT_EQ(LoadCatalog({}, {folder.string()}).error().kind(), ErrorKind::kNotFound);
}

// Says where `value` breaks `schema`, for the parts of JSON Schema that we publish.
void Validate(const boost::json::object& schema,
              const YamlNode& value,
              std::vector<std::string>& problems) {
  if (const auto* any = schema.if_contains("anyOf")) {
    std::vector<std::string> best;
    for (const auto& alternative : any->as_array()) {
      std::vector<std::string> found;
      Validate(alternative.as_object(), value, found);
      if (found.empty()) return;
      best = found;
    }
    problems.insert(problems.end(), best.begin(), best.end());
    return;
  }
  const auto& type = schema.at("type");
  const YamlKind expected = type == "object"  ? YamlKind::kMap
                            : type == "array" ? YamlKind::kList
                                              : YamlKind::kScalar;
  if (value.kind != expected) return problems.push_back("wrong kind at " + value.place.key);
  for (const YamlNode& child : value.children) {
    const auto* properties = schema.if_contains("properties");
    const auto* others = schema.if_contains("additionalProperties");
    if (type == "array") {
      Validate(schema.at("items").as_object(), child, problems);
    } else if (properties != nullptr && properties->as_object().contains(child.name)) {
      Validate(properties->as_object().at(child.name).as_object(), child, problems);
    } else if (others->is_object()) {
      Validate(others->as_object(), child, problems);
    } else {
      problems.push_back("unknown key " + child.place.key);
    }
  }
  if (const auto* words = schema.if_contains("enum")) {
    const auto& array = words->as_array();
    if (std::find(array.begin(), array.end(), boost::json::value(value.text)) == array.end())
      problems.push_back("unknown word at " + value.place.key);
  }
}

std::vector<std::string> ProblemsBySchema(const std::string& text) {
  const auto schema = boost::json::parse(DatasetJsonSchema());
  std::vector<std::string> problems;
  Validate(schema.as_object(), ParseYaml("a.yaml", text).value(), problems);
  return problems;
}

TEST(Catalog, PublishesASchemaThatAgreesWithItsCheck) {
  const auto schema = boost::json::parse(DatasetJsonSchema());
  EXPECT_EQ(schema.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
  for (const DeclarationFile& file : OwnFiles()) {
    if (file.path.ends_with("/source.yaml")) continue;
    EXPECT_THAT(ProblemsBySchema(file.text), ElementsAre()) << file.path;
  }
  EXPECT_THAT(ProblemsBySchema(kShop), ElementsAre());
  EXPECT_THAT(ProblemsBySchema(Replaced(kShop, "vars:", "varz:")), ElementsAre("unknown key varz"));
  EXPECT_THAT(ProblemsBySchema(Replaced(kShop, "vars:", "mapping: {}\nvars:")),
              ElementsAre("unknown key mapping"));
  EXPECT_THAT(ProblemsBySchema(Replaced(kShop, "int64", "int65")),
              ElementsAre("unknown word at tables.shop_order.columns.order_id.type"));
}

}  // namespace
}  // namespace stargaze::config
