// Declarations that ask each followed repository: what they may say and which mistakes are found.

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/catalog.h"

namespace stargaze::config {
namespace {

using model::ColumnSource;
using model::ColumnType;
using model::Dataset;
using model::PaginationKind;
using model::RequestKind;
using model::Table;
using model::TableKind;
using ::testing::ElementsAre;

constexpr const char* kSource = "source: shop\nbase_url: https://shop.example\n";

const std::string kVisits = R"yaml(dataset: shop/visit
schema_version: 1
for_each: followed
batch_size: 50
max_failed: 10%
object_group: day
requests:
  - name: visits
    path: /shops/{repository_id}/visits
    query: {since: "{cursor}", per_page: 30}
    paginate: {kind: link, first_fill: all, then: first_page}
    conditional: etag
    unchanged_first_page_proves_rest: true
    cursor: {by: visits, from: 1, overlap: 2}
    reschedule_when: [202]
    reschedule_after_s: 30
records: $[*]
explode: {path: "$.days[*]", index: weekday}
key: [repository_id, day]
tables:
  visit_reading:
    kind: reading
    derive: {newest: visit, changes: visit_revision, value: visits}
    columns:
      repository_id: {subject: repository_id}
      day: {expr: "date_add(epoch_day($.week), weekday)", type: date, required: true}
      visits: {path: $, type: integer, required: true}
)yaml";

const std::string kCounts = R"yaml(dataset: shop/count
schema_version: 1
for_each: followed
requests:
  - name: counts
    kind: graphql
    ids: node_id
    batch: 40
    match: $.id
    variables: {color: "{full_name}"}
    query: |
      query($ids: [ID!]!, $color: String) { rateLimit { cost } nodes(ids: $ids) { id } }
records: $.data.nodes[*]
key: [id]
tables:
  shop_day:
    extends: shop/base
    per_day: true
    columns:
      id: {path: $.id, type: integer, required: true}
      clerks: {path: $.clerks.totalCount, type: integer}
)yaml";

const std::string kBase = R"yaml(dataset: shop/base
schema_version: 1
requests:
  - name: list
    path: /shops
    resource: search
records: $[*]
key: [id]
tables:
  shop_day:
    per_day: true
    columns:
      id: {path: $.id, type: integer, required: true}
      sold: {path: $.sold, type: integer}
)yaml";

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  SG_ASSERT(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

Result<model::Catalog> Read(const std::string& visits, const std::string& counts) {
  const std::vector<DeclarationFile> files{{.path = "shop/source.yaml", .text = kSource},
                                           {.path = "shop/base.yaml", .text = kBase},
                                           {.path = "shop/visit.yaml", .text = visits},
                                           {.path = "shop/count.yaml", .text = counts}};
  return ReadCatalog(files);
}

TEST(FollowedDeclarations, AreReadWhole) {
  const auto catalog = Read(kVisits, kCounts);
  ASSERT_TRUE(catalog.ok()) << catalog.error().message();
  const Dataset& visit = *catalog.value().FindDataset("shop/visit");
  EXPECT_EQ(visit.for_each, model::ForEach::kFollowed);
  EXPECT_EQ(visit.batch_size, 50);
  EXPECT_EQ(visit.max_failed_percent, 10);
  EXPECT_EQ(visit.object_group, "day");
  EXPECT_EQ(visit.explode->path.ToString(), "$.days[*]");
  EXPECT_EQ(visit.explode->index, "weekday");
  const model::Request& request = visit.requests.front();
  EXPECT_EQ(request.kind, RequestKind::kRest);
  EXPECT_EQ(request.paginate.kind, PaginationKind::kLink);
  EXPECT_TRUE(request.paginate.then_first_page);
  EXPECT_TRUE(request.conditional);
  EXPECT_TRUE(request.unchanged_first_page_proves_rest);
  EXPECT_EQ(request.cursor->by, "visits");
  EXPECT_EQ(request.cursor->from, "1");
  EXPECT_EQ(request.cursor->overlap, 2);
  EXPECT_THAT(request.reschedule_when, ElementsAre(202));
  EXPECT_EQ(request.reschedule_after, std::chrono::seconds(30));
  const Table& reading = visit.tables.front();
  EXPECT_EQ(reading.kind, TableKind::kReading);
  EXPECT_EQ(reading.derived->newest, "visit");
  EXPECT_EQ(reading.derived->changes, "visit_revision");
  EXPECT_EQ(reading.derived->value, "visits");
  EXPECT_EQ(reading.columns[0].source, ColumnSource::kSubject);
  EXPECT_EQ(reading.columns[0].subject, "repository_id");
  EXPECT_EQ(reading.columns[0].type, ColumnType::kInteger);
  EXPECT_TRUE(reading.columns[0].required);
  EXPECT_EQ(reading.columns[1].source, ColumnSource::kExpression);
  EXPECT_EQ(reading.columns[1].expression.ToString(), "date_add(epoch_day($.week), index)");
  EXPECT_EQ(reading.columns[2].source, ColumnSource::kPath);
}

TEST(FollowedDeclarations, KnowGraphqlQueries) {
  const auto catalog = Read(kVisits, kCounts);
  ASSERT_TRUE(catalog.ok()) << catalog.error().message();
  const Dataset& count = *catalog.value().FindDataset("shop/count");
  EXPECT_EQ(count.batch_size, 100);
  EXPECT_EQ(count.max_failed_percent, 5);
  const model::Request& request = count.requests.front();
  EXPECT_EQ(request.kind, RequestKind::kGraphql);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/graphql");
  EXPECT_EQ(request.resource, "graphql");
  EXPECT_TRUE(request.query.empty());
  EXPECT_EQ(request.graphql->ids, "node_id");
  EXPECT_EQ(request.graphql->batch, 40);
  EXPECT_EQ(request.graphql->match.ToString(), "$.id");
  EXPECT_EQ(request.graphql->text,
            "query($ids: [ID!]!, $color: String) { rateLimit { cost } nodes(ids: $ids) { id } }\n");
  ASSERT_EQ(request.graphql->variables.size(), 1U);
  EXPECT_EQ(request.graphql->variables[0].second, "{full_name}");
}

TEST(FollowedDeclarations, ShareATableWithItsColumnsTogether) {
  const auto catalog = Read(kVisits, kCounts);
  ASSERT_TRUE(catalog.ok()) << catalog.error().message();
  const auto [dataset, table] = catalog.value().FindTable("shop_day");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(dataset->name, "shop/base");
  std::vector<std::string> names;
  for (const model::Column& column : table->columns) names.push_back(column.name);
  EXPECT_THAT(names, ElementsAre("id", "sold", "clerks"));
  ASSERT_EQ(catalog.value().tables.size(), 3U);  // Two are derived from readings.
  EXPECT_THAT(catalog.value().tables[0].filled_by, ElementsAre("shop/base", "shop/count"));
  EXPECT_EQ(catalog.value().FindDataset("shop/count")->FindTable("shop_day")->columns.size(), 2U);
}

TEST(FollowedDeclarations, LetOneSubjectFailUnlessNoneMay) {
  const auto failed_max = [](int percent, int64_t subjects) {
    return Dataset{.max_failed_percent = percent}.FailedMax(subjects);
  };
  EXPECT_EQ(failed_max(5, 100), 5);
  EXPECT_EQ(failed_max(5, 119), 5);
  EXPECT_EQ(failed_max(5, 3), 1);
  EXPECT_EQ(failed_max(0, 100), 0);
}

struct BadCase {
  const std::string& file;  // kVisits or kCounts
  std::string what;
  std::string with;
  std::string error;
};

const std::string kVisit = "shop/visit.yaml";
const std::string kCount = "shop/count.yaml";

const std::vector<BadCase> kBadCases{
    {kVisits,
     "followed",
     "starred",
     kVisit + ":3: for_each: unknown for_each 'starred'; one of followed"},
    {kVisits, "50", "0", kVisit + ":4: batch_size: must be at least 1, found 0"},
    {kVisits, "10%", "10", kVisit + ":5: max_failed: expected a share as in 5%, found '10'"},
    {kVisits,
     "{repository_id}/visits",
     "{repo_id}/visits",
     kVisit + ":9: requests.visits.path: unknown variable 'repo_id'; variables are declared under "
              "vars"},
    {kVisits,
     "    cursor: {by: visits, from: 1, overlap: 2}\n",
     "",
     kVisit + ":10: requests.visits.query.since: '{cursor}' needs a cursor"},
    {kVisits,
     "by: visits,",
     "by: day,",
     kVisit + ":14: requests.visits.cursor.by: a cursor needs a column with a path, of type "
              "timestamp, date or integer"},
    {kVisits,
     "from: 1,",
     "from: 2026-01-31,",
     kVisit + ":14: requests.visits.cursor.from: '2026-01-31' is no value of the column 'visits'"},
    {kVisits,
     "by: visits,",
     "by: visit,",
     kVisit + ":14: requests.visits.cursor.by: unknown column 'visit', did you mean 'visits'?"},
    {kVisits,
     "    conditional: etag\n",
     "",
     kVisit + ":12: requests.visits.unchanged_first_page_proves_rest: needs conditional: etag"},
    {kVisits,
     "then: first_page",
     "then: last_page",
     kVisit + ":11: requests.visits.paginate.then: unknown then 'last_page', did you mean "
              "'first_page'?"},
    {kVisits,
     "kind: link",
     "kind: page",
     kVisit + ":11: requests.visits.paginate: missing key 'parameter'"},
    {kVisits,
     "kind: link",
     "kind: page_info, parameter: after, next: $.p",
     kVisit + ":11: requests.visits.paginate.kind: page_info is for kind 'graphql'"},
    {kVisits,
     "kind: link",
     "kind: link, page_size: 5",
     kVisit + ":11: requests.visits.paginate.page_size: has no meaning for pagination 'link'"},
    {kVisits,
     "[202]",
     "[503]",
     kVisit + ":15: requests.visits.reschedule_when[0]: must be at most 299, found 503"},
    {kVisits,
     "$.days[*]",
     "$.days",
     kVisit + ":18: explode.path: the path to the elements must end in [*]"},
    {kVisits,
     "{subject: repository_id}",
     "{subject: repository_id, type: string}",
     kVisit + ":25: visit_reading.repository_id.type: repository_id is 'integer'"},
    {kVisits,
     "{subject: repository_id}",
     "{subject: repository_id, path: $.id}",
     kVisit + ":25: visit_reading.repository_id.subject: a column has one of path, subject and "
              "expr"},
    {kVisits,
     ", weekday)\"",
     ", month)\"",
     kVisit +
         ":26: visit_reading.day.expr: malformed expression: unknown name 'month' at character "
         "29 of 'date_add(epoch_day($.week), month)'"},
    {kVisits,
     "type: date",
     "type: timestamp",
     kVisit + ":26: visit_reading.day.type: the expression is 'date', not 'timestamp'"},
    {kCounts,
     "$.clerks.totalCount, type: integer",
     "$.clerks.totalCount",
     kCount + ":21: shop_day.clerks: missing key 'type'"},
    {kVisits,
     "value: visits",
     "value: day",
     kVisit + ":23: visit_reading.derive.value: must be a required column of type 'integer'"},
    {kVisits,
     "    derive: {newest: visit, changes: visit_revision, value: visits}\n",
     "",
     kVisit + ":21: visit_reading: kind 'reading' needs the key 'derive'"},
    {kVisits,
     "kind: reading",
     "kind: entity",
     kVisit + ":23: visit_reading.derive: is only for kind "
              "'reading'"},
    {kVisits,
     "newest: visit,",
     "newest: shop_day,",
     kVisit + ":21: visit_reading: table 'shop_day' is also a table of dataset 'shop/base'"},
    {kVisits,
     "kind: reading",
     "kind: reading\n    extends: shop/base",
     kVisit +
         ":23: visit_reading.extends: only a table of kind snapshot or history can be extended"},
    {kCounts,
     "rateLimit { cost }",
     "",
     kCount +
         ":11: requests.counts.query: the query must ask for rateLimit { cost remaining resetAt "
         "}"},
    {kCounts, "nodes(ids: $ids)", "nodes(ids: $idx)", ""},  // $ids is still declared.
    {kCounts,
     "    match: $.id\n",
     "",
     kCount + ":5: requests.counts: missing key 'match', which ids needs"},
    {kCounts,
     "    kind: graphql\n",
     "    kind: rest\n",
     kCount + ":5: requests.counts: missing key 'path'\n" + kCount +
         ":7: requests.counts.ids: has no meaning for kind 'rest'\n" + kCount +
         ":8: requests.counts.batch: has no meaning for kind 'rest'\n" + kCount +
         ":9: requests.counts.match: has no meaning for kind 'rest'\n" + kCount +
         ":10: requests.counts.variables: has no meaning for kind 'rest'\n" + kCount +
         ":11: requests.counts.query: expected a map, found text; kind 'graphql' has a text"},
    {kCounts,
     "    batch: 40\n",
     "    batch: 40\n    conditional: etag\n",
     kCount + ":9: requests.counts.conditional: has no meaning for kind 'graphql'"},
    {kCounts,
     "for_each: followed\n",
     "",
     kCount + ":6: requests.counts.ids: needs for_each\n" + kCount +
         ":9: requests.counts.variables.color: '{full_name}' needs for_each: followed"},
    {kCounts,
     "extends: shop/base",
     "extends: shop/bass",
     kCount + ":16: shop_day: dataset 'shop/bass' declares no table 'shop_day'"},
    {kCounts, "clerks:", "sold:", ""},
    {kCounts,
     "clerks: {path: $.clerks.totalCount, type: integer}",
     "sold: {path: $.sold, type: number}",
     kCount + ":16: shop_day: column 'sold' is 'integer' in shop/base, 'number' here"},
    {kCounts,
     "    batch: 40\n",
     "    batch: 40\n    resource: search\n",
     kCount + ":17: shop_day: shop/base gives rows of request 'search' too"},
    {kCounts,
     "per_day: true",
     "kind: history\n    key: [id]",
     kCount + ":16: shop_day: must have the kind and the key of shop/base"},
};

TEST(FollowedDeclarations, ReportEachMistakeWithItsPlace) {
  for (const BadCase& bad : kBadCases) {
    const std::string text = Replaced(bad.file, bad.what, bad.with);
    const bool is_visit = &bad.file == &kVisits;
    const auto catalog = Read(is_visit ? text : kVisits, is_visit ? kCounts : text);
    EXPECT_EQ(catalog.ok() ? "" : catalog.error().message(), bad.error) << bad.with;
  }
}

TEST(FollowedDeclarations, WithoutRequestsHaveNothingToAsk) {
  const std::vector<DeclarationFile> files{
      {.path = "shop/own.yaml",
       .text = "dataset: shop/own\nschema_version: 1\nfor_each: followed\nkey: [id]\n"
               "tables:\n  own:\n    columns:\n      id: {type: integer, required: true}\n"}};
  EXPECT_EQ(ReadCatalog(files).error().message(),
            "shop/own.yaml:3: for_each: has no meaning in a dataset without requests");
}

TEST(FollowedDeclarations, OfOurOwnFillTheSnapshotTogether) {
  const auto catalog = ReadCatalog(BuiltInFiles(EmbeddedFiles(), "catalog"));
  ASSERT_TRUE(catalog.ok()) << catalog.error().message();
  const auto [dataset, table] = catalog.value().FindTable("repository_snapshot");
  EXPECT_EQ(dataset->name, "github/repository");
  for (const char* column : {"stars", "watchers", "open_issues", "open_issues_and_pull_requests"})
    EXPECT_NE(table->FindColumn(column), nullptr) << column;
  const Dataset* history = catalog.value().FindDataset("github/star_history");
  EXPECT_EQ(history->tables.front().derived->newest, "star_day");
  EXPECT_EQ(history->tables.front().provenance, model::Provenance::kSourceReported);
  EXPECT_NE(catalog.value().FindDataset("github/release"), nullptr);
}

}  // namespace
}  // namespace stargaze::config
