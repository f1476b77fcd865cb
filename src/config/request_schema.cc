#include "config/request_schema.h"

#include <utility>

#include "config/schema_parts.h"
#include "config/text_checks.h"

namespace stargaze::config {
namespace {

Schema SplitSchema() {
  return Record("split",
                "Cuts a query with too many results into bands: {band.from} and {band.to}.",
                {IdentifierSchema("by", "Column of the first table that the band ranges over."),
                 Template("from", "Lower end of the first band."),
                 Path("total", "Where a response states its number of results."),
                 Integer("until_below", "A slice must have fewer results than this.", 1),
                 IdentifierSchema(
                     "then_by", "What a band of one value is cut by when it is still too large.")});
}

Schema PaginateSchema() {
  Schema kind = Choice("kind",
                       "link follows the Link header's rel=next; page counts up a query parameter; "
                       "cursor hands on what the body says; page_info is GraphQL's.",
                       {"none", "link", "page", "cursor", "page_info"});
  kind.noun = "pagination";
  return Record(
      "paginate",
      "How the next page is found.",
      {Required(std::move(kind)),
       Integer("max_pages", "A longer walk is an error.", 1, 100'000),
       IdentifierSchema("parameter",
                        "page, cursor: the query parameter; page_info: the query's variable."),
       Integer("page_size", "page: records of a full page; a shorter one is the last.", 1, 10'000),
       Path("next", "cursor: where the body says what comes next; page_info: the pageInfo."),
       Choice("first_fill", "What the first walk of a subject takes.", {"all"}),
       Choice("then", "What every later walk takes.", {"all", "first_page"})});
}

Schema CursorSchema() {
  return Record("cursor",
                "Where the next walk begins, {cursor} in templates: at the largest value seen.",
                {Required(IdentifierSchema(
                     "by", "Column of the first table: a timestamp, a date or an integer.")),
                 Required({.name = "from",
                           .kind = SchemaKind::kScalar,
                           .description = "What the first walk takes.",
                           .check = CheckPlainValue}),
                 Integer("overlap", "Seconds, days or units to go back, by the type.", 0)});
}

// Query parameters of a REST request, or the text of a GraphQL query.
Schema QuerySchema() {
  Schema text = Text("query", "The GraphQL query.");
  text.max_length = 16'384;
  return {.name = "query",
          .kind = SchemaKind::kEither,
          .parts = {std::move(text),
                    TemplateMap(
                        "query",
                        "Query parameters, in this order; values may name variables in braces.")}};
}

std::vector<Schema> GraphqlParts() {
  return {
      Choice("ids", "What the query's $ids lists of the subjects.", {"node_id"}),
      Integer("batch", "Subjects of one query at most; halved when it proves too much.", 1, 100),
      Path("match", "From a record to the id of the repository that it is about."),
      Path("full_name", "From a record to the repository's name: a new one is noticed."),
      TemplateMap("variables", "The query's other variables.")};
}

std::vector<Schema> AnswerParts() {
  Schema retry_when = MapOf("retry_when",
                            "Asks again when the response has this value there.",
                            {.kind = SchemaKind::kScalar});
  retry_when.check = CheckJsonPath;
  return {std::move(retry_when),
          ListOf("reschedule_when",
                 "Statuses that mean: come back later, the answer is being made.",
                 Integer("", "", 200, 299)),
          Integer("reschedule_after_s", "How much later, unless the answer says.", 1, 86'400),
          Choice("conditional", "Asks with the last answer's ETag; a 304 is unchanged.", {"etag"}),
          Boolean("unchanged_first_page_proves_rest",
                  "A 304 for the first page ends the walk: later pages cannot change alone.")};
}

void Append(std::vector<Schema> more, std::vector<Schema>& parts) {
  for (Schema& part : more) parts.push_back(std::move(part));
}

}  // namespace

Schema RequestSchema() {
  Schema method = Choice("method", "HTTP method; GraphQL is always POST.", {"GET"});
  method.later_choices = {"POST"};
  Schema path = Text("path", "Path below the source's base URL; may name variables in braces.");
  path.pattern = "/[^?#\\s]*";
  path.pattern_meaning = "a path that begins with / and has no query";
  path.check = CheckTemplate;
  std::vector<Schema> parts{
      Required(IdentifierSchema("name", "Names the request within the dataset.")),
      IdentifierSchema("like", "An earlier request whose keys are taken over; maps are merged."),
      Choice("kind", "rest is the usual one.", {"rest", "graphql"}),
      std::move(method),
      std::move(path),
      QuerySchema(),
      TemplateMap("headers", "Headers besides those of the source."),
      SplitSchema(),
      PaginateSchema(),
      CursorSchema(),
      IdentifierSchema("resource", "The rate limit that it counts against."),
      Integer("cost", "Points that a request is charged.", 0),
      Later("body")};
  Append(GraphqlParts(), parts);
  Append(AnswerParts(), parts);
  return Record("", "", std::move(parts));
}

}  // namespace stargaze::config
