#include "serve/routes.h"

namespace stargaze::serve {
namespace {

constexpr const char* kSchemas = R"(
TableColumn
  name string
  type string
  required boolean
  person boolean  True when the column identifies people.
  description string
  path string  Where the value stands in the source's record.

TableInfo: a declared table
  name string
  dataset string
  kind string
  summary string
  key [string]
  rows integer
  docs map
  columns [TableColumn]

TableList
  tables [TableInfo]

TablePage
  table TableInfo
  sandbox boolean
  page integer
  per_page integer
  total integer
  next_cursor string?  For the parameter cursor; null on the last page.
  rows [map]  One object a row, by column; instants in UTC.
)";

const Parameter kTable{"table", "string", "A name from the list of tables.", "repository"};

std::vector<Parameter> OrderParameters() {
  return {{"sort", "string", "Column to order by; without it the key decides.", "observed_at"},
          {"dir", "asc|desc", "Direction of that order."},
          {"asof", "day", "Snapshot tables only: rows up to that UTC day.", "2026-01-31"}};
}

}  // namespace

void AddTableRoutes(Router& router, TablesApi& tables) {
  router.AddSchemas(kSchemas);
  const auto add = [&](Route route, auto handler) {
    route.method = "GET";
    route.tag = "Tables";
    route.tagged = Tagged::kByPublication;
    router.Add(std::move(route), std::move(handler));
  };
  add({.pattern = "/api/v1/tables", .summary = "The declared tables.", .answer = "TableList"},
      [&tables](const net::ServerRequest& r, const PathParameters&) { return tables.List(r); });
  const std::vector<std::pair<std::string, std::string>> forms{{"csv", "text/csv"},
                                                               {"ndjson", "application/x-ndjson"}};
  for (const auto& [ending, media] : forms) {
    add({.pattern = "/api/v1/tables/{table}." + ending,
         .summary = "A whole table, streamed as " + media + ".",
         .path = {kTable},
         .query = OrderParameters(),
         .media = media},
        [&tables, form = ending](const net::ServerRequest& r, const PathParameters& p) {
          return tables.Export(r, p.at("table"), form);
        });
  }
  add({.pattern = "/api/v1/tables/{table}.json",
       .summary = "A whole table, streamed as a JSON list.",
       .path = {kTable},
       .query = OrderParameters(),
       .answer = "[map]"},
      [&tables](const net::ServerRequest& r, const PathParameters& p) {
        return tables.Export(r, p.at("table"), "json");
      });
  std::vector<Parameter> page = OrderParameters();
  page.push_back({"p", "integer", "Page, from 1, 50 rows each."});
  page.push_back({"cursor", "string", "next_cursor of the page before, instead of p."});
  add({.pattern = "/api/v1/tables/{table}",
       .summary = "A page of a table's rows.",
       .path = {kTable},
       .query = page,
       .answer = "TablePage"},
      [&tables](const net::ServerRequest& r, const PathParameters& p) {
        return tables.Page(r, p.at("table"));
      });
}

}  // namespace stargaze::serve
