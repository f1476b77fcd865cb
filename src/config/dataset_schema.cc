#include "config/dataset_schema.h"

#include "config/json_schema.h"
#include "config/request_schema.h"
#include "config/schema_parts.h"
#include "config/text_checks.h"

namespace stargaze::config {
namespace {

Schema ColumnSchema() {
  return {.kind = SchemaKind::kRecord,
          .parts = {Path("path", "From the record to the value; from the element if exploded."),
                    Choice("subject",
                           "Instead of path: of the repository that was asked for.",
                           {"repository_id", "node_id", "full_name"}),
                    Text("expr", "Instead of path: computed from the record, by functions."),
                    ColumnTypeSchema(),
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
                    Text("description", "For people.")}};
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

Schema DatasetNameSchema(std::string name, std::string description) {
  Schema dataset = Text(std::move(name), std::move(description));
  dataset.pattern = "[a-z][a-z0-9_]{0,62}/[a-z][a-z0-9_]{0,62}";
  dataset.pattern_meaning = "<source>/<dataset> in lower-case letters, digits and _";
  return dataset;
}

Schema DeriveSchema() {
  return Record(
      "derive",
      "What the warehouse makes of readings.",
      {Required(IdentifierSchema("newest", "Table with the newest reading per key.")),
       Required(IdentifierSchema("changes", "Table with each change between two readings.")),
       Required(IdentifierSchema("value", "The column whose changes they are; an integer."))});
}

Schema TableSchema() {
  Schema kind = Choice("kind",
                       "entity: newest version per key; snapshot: a row per key and day; history: "
                       "first and last seen; reading: all of them, in the lake only.",
                       {"entity", "snapshot", "history", "reading"});
  Schema provenance = Choice(
      "provenance", "What its numbers rest on.", {"measured", "source_reported", "imported"});
  Schema extends = DatasetNameSchema("extends", "The dataset that declares this table.");
  return {.kind = SchemaKind::kRecord,
          .parts = {std::move(kind),
                    Boolean("per_day", "The same as kind: snapshot."),
                    Text("summary", "One sentence."),
                    ListOf("key", "Columns that identify a row.", IdentifierSchema("", "")),
                    Path("where", "Records without a value there give no row."),
                    std::move(provenance),
                    std::move(extends),
                    DeriveSchema(),
                    ColumnsSchema()}};
}

Schema RetentionSchema() {
  return Record(
      "retention", "How long what was collected is kept.", {Days("raw"), Days("analytics")});
}

Schema ExplodeSchema() {
  return Record("explode",
                "A record holds several rows: one per element of a list in it.",
                {Required(Path("path", "From the record to the elements, as in $.days[*].")),
                 IdentifierSchema("index", "What expr calls an element's place, from 0.")});
}

Schema BuildDatasetSchema() {
  Schema dataset = DatasetNameSchema("dataset", "<source>/<dataset>, as the file is named.");
  Schema max_failed = Text(
      "max_failed", "Share of a last try's subjects that may fail; one may, unless this is 0%.");
  max_failed.pattern = "([1-9]?[0-9]|100)%";
  max_failed.pattern_meaning = "a share as in 5%";
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
                Choice("for_each",
                       "followed: everything is asked of each followed repository.",
                       {"followed"}),
                Integer("batch_size", "Repositories of one attempt.", 1, 1000),
                std::move(max_failed),
                IdentifierSchema("object_group",
                                 "Datasets of one task and group may share objects in the lake."),
                ListOf("requests",
                       "What is asked. None: the product itself writes the dataset.",
                       RequestSchema()),
                Path("records", "From the body to the records, as in $.items[*]."),
                ExplodeSchema(),
                ListOf("key",
                       "Columns that identify a row, unless a table says otherwise.",
                       IdentifierSchema("", "")),
                ListOf("drop", "Cut from a body before it is written.", Path("", "")),
                Required(std::move(tables)),
                MapOf("docs", "Prose for the generated pages: grain, limits, …", Text("", "")),
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
