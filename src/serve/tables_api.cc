#include "serve/tables_api.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include <boost/json.hpp>

#include "base/suggest.h"
#include "serve/csv.h"
#include "serve/json_rows.h"
#include "serve/problem.h"
#include "storage/duckdb.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using storage::QuoteIdentifier;
using storage::SqlRows;

constexpr int64_t kPageRows = 50;
// More rows than a spreadsheet takes; whoever needs more reads the published Parquet.
constexpr int64_t kExportRows = 1'000'000;

struct NamedTable {
  const model::Dataset* dataset = nullptr;
  const model::Table* table = nullptr;
};

Result<NamedTable> FindTable(const model::Catalog& catalog, const std::string& name) {
  const auto [dataset, table] = catalog.FindTable(name);
  if (table != nullptr) return NamedTable{.dataset = dataset, .table = table};
  std::vector<std::string> names;
  for (const model::Dataset& known : catalog.datasets) {
    for (const model::Table& one : known.tables) names.push_back(one.name);
  }
  return Error(ErrorKind::kNotFound,
               fmt::format("no table is called '{}'{}", name, DidYouMean(name, names)));
}

json::object Describe(const NamedTable& named, int64_t rows) {
  json::array columns;
  for (const model::Column& column : named.table->columns) {
    columns.push_back({{"name", column.name},
                       {"type", NameOf(column.type)},
                       {"required", column.required},
                       {"person", column.person},
                       {"description", column.description},
                       {"path", column.path.ToString()}});
  }
  json::object docs;
  for (const auto& [key, text] : named.dataset->docs) docs[key] = text;
  return {{"name", named.table->name},
          {"dataset", named.dataset->name},
          {"kind", NameOf(named.table->kind)},
          {"summary", named.table->summary},
          {"key", json::value_from(named.table->key)},
          {"rows", rows},
          {"docs", docs},
          {"columns", columns}};
}

// A table without rows is not published.
Result<int64_t> CountRows(warehouse::PublishedLease& lease, const std::string& table) {
  const auto& tables = lease.publication().tables;
  const auto found = tables.find(table);
  if (found == tables.end() || found->second.empty()) return int64_t{0};
  SG_TRY(const SqlRows rows, lease.Query("SELECT count(*) FROM " + QuoteIdentifier(table)));
  return rows.Integer(0, 0);
}

std::string Columns(const model::Table& table) {
  std::string list;
  for (const model::Column& column : table.columns) list += QuoteIdentifier(column.name) + ", ";
  if (table.kind == model::TableKind::kSnapshot) list += "day, request, ";
  if (table.kind == model::TableKind::kHistory) list += "first_seen, last_seen, ";
  return list + "observed_at, provenance";
}

// The wanted order by allow-list, else by key; the key always decides ties.
std::string Order(const model::Table& table, const net::ServerRequest& request) {
  std::string order;
  const std::string wanted = request.Param("sort").value_or("");
  const bool known = table.FindColumn(wanted) != nullptr || wanted == "observed_at" ||
                     (table.kind == model::TableKind::kSnapshot && wanted == "day");
  const bool descending = request.Param("dir").value_or("asc") == "desc";
  if (known)
    order = fmt::format("{} {} NULLS LAST, ", QuoteIdentifier(wanted), descending ? "DESC" : "ASC");
  for (const std::string& column : table.key) order += QuoteIdentifier(column) + ", ";
  return order + "observed_at";
}

int64_t PageNumber(const net::ServerRequest& request) {
  const std::string text = request.Param("p").value_or("1");
  int64_t page = 1;
  std::from_chars(text.data(), text.data() + text.size(), page);
  return std::clamp<int64_t>(page, 1, 1'000'000);
}

}  // namespace

Result<net::HttpResponse> TablesApi::List(const net::ServerRequest&) {
  Result<warehouse::PublishedLease> lease = published_.Acquire();
  if (!lease.ok() && lease.error().kind() != ErrorKind::kNotFound) return std::move(lease).error();
  json::array tables;
  for (const model::SharedTable& shared : catalog_.tables) {
    int64_t rows = 0;
    if (lease.ok()) {
      SG_TRY(rows, CountRows(lease.value(), shared.table.name));
    }
    const model::Dataset* dataset = catalog_.FindDataset(shared.dataset);
    tables.push_back(Describe({.dataset = dataset, .table = &shared.table}, rows));
  }
  return JsonResponse(json::serialize(json::object{{"tables", tables}}));
}

Result<net::HttpResponse> TablesApi::Page(const net::ServerRequest& request,
                                          const std::string& name) {
  SG_TRY(const NamedTable named, FindTable(catalog_, name));
  json::object page{{"sandbox", false},
                    {"page", PageNumber(request)},
                    {"per_page", kPageRows},
                    {"total", 0},
                    {"rows", json::array()}};
  Result<warehouse::PublishedLease> lease = published_.Acquire();
  if (!lease.ok() && lease.error().kind() != ErrorKind::kNotFound) return std::move(lease).error();
  int64_t total = 0;
  if (lease.ok()) {
    SG_TRY(total, CountRows(lease.value(), name));
    page["sandbox"] = lease.value().publication().sandbox;
  }
  page["table"] = Describe(named, total);
  page["total"] = total;
  if (total > 0) {
    SG_TRY(const SqlRows rows,
           lease.value().Query(fmt::format("SELECT {} FROM {} ORDER BY {} LIMIT {} OFFSET {}",
                                           Columns(*named.table),
                                           QuoteIdentifier(name),
                                           Order(*named.table, request),
                                           kPageRows,
                                           (PageNumber(request) - 1) * kPageRows)));
    page["rows"] = RowsToJson(rows);
  }
  return JsonResponse(json::serialize(page));
}

Result<net::HttpResponse> TablesApi::Export(const net::ServerRequest& request,
                                            const std::string& name) {
  SG_TRY(const NamedTable named, FindTable(catalog_, name));
  SG_TRY(warehouse::PublishedLease lease, published_.Acquire());
  SG_TRY(const int64_t total, CountRows(lease, name));
  if (total > kExportRows) {
    return Error(ErrorKind::kExhausted,
                 fmt::format("the table has {} rows, an export at most {}", total, kExportRows))
        .Remedy("read the Parquet files under published/ in the data folder");
  }
  SqlRows rows;
  if (total > 0) {
    SG_TRY(rows,
           lease.Query(fmt::format("SELECT {} FROM {} ORDER BY {}",
                                   Columns(*named.table),
                                   QuoteIdentifier(name),
                                   Order(*named.table, request))));
  }
  return CsvResponse(rows, name + (lease.publication().sandbox ? "-sandbox.csv" : ".csv"));
}

}  // namespace stargaze::serve
