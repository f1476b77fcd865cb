#include "config/dataset_schema.h"

#include "config/json_schema.h"
#include "config/text_checks.h"

namespace stargaze::config {
namespace {

Schema Text(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description)};
}

Schema Boolean(std::string name, std::string description) {
  return {
      .name = std::move(name), .kind = SchemaKind::kBoolean, .description = std::move(description)};
}

Schema Integer(std::string name,
               std::string description,
               std::optional<int64_t> min = std::nullopt) {
  return {.name = std::move(name),
          .kind = SchemaKind::kInteger,
          .description = std::move(description),
          .min = min};
}

Schema Path(std::string name, std::string description) {
  return {.name = std::move(name),
          .description = std::move(description),
          .max_length = 512,
          .check = CheckJsonPath};
}

Schema Later(std::string name) {
  return {.name = std::move(name), .later = true};
}

Schema Required(Schema schema) {
  schema.required = true;
  return schema;
}

Schema ListOf(std::string name, std::string description, Schema element) {
  return {.name = std::move(name),
          .kind = SchemaKind::kList,
          .description = std::move(description),
          .min_items = 1,
          .parts = {std::move(element)}};
}

// A map whose names the writer chooses freely.
Schema MapOf(std::string name, std::string description, Schema element) {
  return {.name = std::move(name),
          .kind = SchemaKind::kNamed,
          .description = std::move(description),
          .parts = {std::move(element)}};
}

Schema TemplateMap(std::string name, std::string description) {
  Schema value{.kind = SchemaKind::kScalar, .check = CheckTemplate};
  return MapOf(std::move(name), std::move(description), std::move(value));
}

Schema IdentifierMap(std::string name, std::string description, Schema element) {
  Schema map = IdentifierSchema(std::move(name), std::move(description));
  map.kind = SchemaKind::kNamed;
  map.parts = {std::move(element)};
  return map;
}

Schema Duration(std::string name) {
  return {.name = std::move(name),
          .description = "Days, as in 400d, or forever.",
          .pattern = "forever|[1-9][0-9]{0,4}d",
          .pattern_meaning = "days as in 400d, or forever"};
}

Schema SplitSchema() {
  return {
      .name = "split",
      .kind = SchemaKind::kRecord,
      .description = "Cuts a query with too many results into bands: {band.from} and {band.to}.",
      .parts = {IdentifierSchema("by", "Column of the first table that the band ranges over."),
                {.name = "from",
                 .kind = SchemaKind::kScalar,
                 .description = "Lower end of the first band.",
                 .check = CheckTemplate},
                Path("total", "Where a response states its number of results."),
                Integer("until_below", "A slice must have fewer results than this.", 1),
                IdentifierSchema(
                    "then_by", "What a band of one value is cut by when it is still too large.")}};
}

Schema PaginateSchema() {
  return {.name = "paginate",
          .kind = SchemaKind::kRecord,
          .description = "How the next page is found.",
          .parts = {{.name = "kind",
                     .required = true,
                     .description = "link follows the Link header's rel=next.",
                     .noun = "pagination",
                     .choices = {"none", "link"}},
                    {.name = "max_pages",
                     .kind = SchemaKind::kInteger,
                     .description = "A longer walk is an error.",
                     .min = 1,
                     .max = 100'000},
                    Later("first_fill"),
                    Later("then")}};
}

Schema RequestSchema() {
  Schema method = Text("method", "HTTP method.");
  method.choices = {"GET"};
  method.later_choices = {"POST"};
  Schema path = Text("path", "Path below the source's base URL; may name variables in braces.");
  path.pattern = "/[^?#\\s]*";
  path.pattern_meaning = "a path that begins with / and has no query";
  path.check = CheckTemplate;
  Schema retry_when = MapOf("retry_when",
                            "Asks again when the response has this value there.",
                            {.kind = SchemaKind::kScalar});
  retry_when.check = CheckJsonPath;
  return {.kind = SchemaKind::kRecord,
          .parts = {
              Required(IdentifierSchema("name", "Names the request within the dataset.")),
              IdentifierSchema("like",
                               "An earlier request whose keys are taken over; maps are merged."),
              std::move(method),
              std::move(path),
              TemplateMap("query",
                          "Query parameters, in this order; values may name variables in braces."),
              TemplateMap("headers", "Headers besides those of the source."),
              SplitSchema(),
              PaginateSchema(),
              std::move(retry_when),
              IdentifierSchema("resource", "The rate limit that it counts against."),
              Integer("cost", "Points that a request is charged.", 0),
              Later("conditional"),
              Later("cursor"),
              Later("body")}};
}

Schema ColumnSchema() {
  return {.kind = SchemaKind::kRecord,
          .parts = {Path("path", "From the record to the value."),
                    Required(ColumnTypeSchema()),
                    Boolean("required", "A record without it is set aside."),
                    Boolean("person", "Identifies a person."),
                    Integer("min", "Smallest number allowed."),
                    Integer("max", "Largest number allowed."),
                    Integer("max_length", "Longest text allowed, in characters.", 1),
                    {.name = "pattern",
                     .description = "Regular expression that a text must match somewhere.",
                     .max_length = 256,
                     .check = CheckRegex},
                    ListOf("allowed", "The only values allowed.", {.kind = SchemaKind::kScalar}),
                    Text("description", "For people."),
                    Later("expr"),
                    Later("subject")}};
}

Schema ColumnsSchema() {
  Schema taken{.kind = SchemaKind::kRecord,
               .description = "Columns of another table of the dataset.",
               .parts = {Required(IdentifierSchema("from", "The other table.")),
                         Required(ListOf("take", "Its columns.", IdentifierSchema("", "")))}};
  Schema own = IdentifierMap("", "Column name to column.", ColumnSchema());
  own.min_items = 1;
  return {.name = "columns",
          .kind = SchemaKind::kEither,
          .required = true,
          .parts = {std::move(taken), std::move(own)}};
}

Schema TableSchema() {
  Schema kind = Text("kind",
                     "entity: newest version per key; snapshot: a row per key and day; history: "
                     "first and last seen.");
  kind.choices = {"entity", "snapshot", "history"};
  kind.later_choices = {"reading"};
  Schema provenance = Text("provenance", "What its numbers rest on.");
  provenance.choices = {"measured", "source_reported", "imported"};
  return {.kind = SchemaKind::kRecord,
          .parts = {std::move(kind),
                    Boolean("per_day", "The same as kind: snapshot."),
                    Text("summary", "One sentence."),
                    ListOf("key", "Columns that identify a row.", IdentifierSchema("", "")),
                    Path("where", "Records without a value there give no row."),
                    std::move(provenance),
                    ColumnsSchema()}};
}

Schema RetentionSchema() {
  return {.name = "retention",
          .kind = SchemaKind::kRecord,
          .description = "How long what was collected is kept.",
          .parts = {Duration("raw"), Duration("analytics")}};
}

Schema BuildDatasetSchema() {
  Schema dataset = Text("dataset", "<source>/<dataset>, as the file is named.");
  dataset.pattern = "[a-z][a-z0-9_]{0,62}/[a-z][a-z0-9_]{0,62}";
  dataset.pattern_meaning = "<source>/<dataset> in lower-case letters, digits and _";
  Schema variable{.kind = SchemaKind::kScalar, .check = CheckPlainValue};
  Schema tables =
      IdentifierMap("tables", "The tables that come out of it, the main one first.", TableSchema());
  tables.min_items = 1;
  return {
      .kind = SchemaKind::kRecord,
      .parts = {Required(std::move(dataset)),
                Required(Integer("schema_version", "Raised by a rename or a change of type.", 1)),
                Text("summary", "One sentence."),
                IdentifierSchema("source", "Who answers; the folder's name."),
                IdentifierSchema("dag", "The pipeline that collects it."),
                IdentifierMap(
                    "vars", "Variables of the templates with their defaults.", std::move(variable)),
                RetentionSchema(),
                ListOf("requests",
                       "What is asked. None: the product itself writes the dataset.",
                       RequestSchema()),
                Path("records", "From the body to the records, as in $.items[*]."),
                ListOf("key",
                       "Columns that identify a row, unless a table says otherwise.",
                       IdentifierSchema("", "")),
                ListOf("drop", "Cut from a body before it is written.", Path("", "")),
                Required(std::move(tables)),
                MapOf("docs", "Prose for the generated pages: grain, limits, …", Text("", "")),
                Later("for_each"),
                Later("explode"),
                Later("object_group"),
                Later("mapping")}};
}

Schema BuildSourceSchema() {
  Schema base_url = Text("base_url", "Where it answers, without a trailing slash.");
  base_url.pattern = "https?://[^\\s/?#@]+(/[^\\s?#]*[^\\s?#/])?";
  base_url.pattern_meaning = "an http or https URL without credentials, query and trailing slash";
  Schema token_env = Text("token_env", "Environment variable that holds the credential.");
  token_env.pattern = "[A-Z][A-Z0-9_]*";
  token_env.pattern_meaning = "the name of an environment variable";
  return {.kind = SchemaKind::kRecord,
          .parts = {Required(IdentifierSchema("source", "The folder's name.")),
                    Text("summary", "One sentence."),
                    Required(std::move(base_url)),
                    std::move(token_env),
                    MapOf("headers",
                          "Sent with every request.",
                          {.kind = SchemaKind::kScalar, .check = CheckPlainValue}),
                    IdentifierMap(
                        "requests_per_minute",
                        "First guess of each rate limit, until the answers' headers tell better.",
                        Integer("", "", 1)),
                    MapOf("docs", "Prose for the generated pages.", Text("", ""))}};
}

}  // namespace

const Schema& ColumnTypeSchema() {
  static const Schema kSchema{
      .name = "type",
      .description = "Type of the value.",
      .choices = {"string", "integer", "number", "boolean", "timestamp", "date", "json"},
      .synonyms = {{"int64", "integer"}, {"double", "number"}, {"bool", "boolean"}}};
  return kSchema;
}

const Schema& DatasetSchema() {
  static const Schema kSchema = BuildDatasetSchema();
  return kSchema;
}

const Schema& SourceSchema() {
  static const Schema kSchema = BuildSourceSchema();
  return kSchema;
}

std::string DatasetJsonSchema() {
  return ToJsonSchema(DatasetSchema(), "Stargaze dataset declaration");
}

}  // namespace stargaze::config
