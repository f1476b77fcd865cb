#include "serve/tables_api.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include <boost/json.hpp>

#include "base/suggest.h"
#include "serve/cursor.h"
#include "serve/json_rows.h"
#include "serve/problem.h"
#include "serve/row_text.h"
#include "storage/duckdb.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using storage::QuoteIdentifier;
using storage::SqlRows;

constexpr int64_t kPageRows = 50;
// Each holds a query open for as long as its client reads.
constexpr int kStreamsMax = 8;

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
Result<int64_t> CountRows(warehouse::PublishedLease& lease,
                          const std::string& table,
                          const std::string& where) {
  const auto& tables = lease.publication().tables;
  const auto found = tables.find(table);
  if (found == tables.end() || found->second.empty()) return int64_t{0};
  SG_TRY(const SqlRows rows, lease.Query("SELECT count(*) FROM " + QuoteIdentifier(table) + where));
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

// Rows up to a past day; only snapshots keep them.
Result<std::string> AsOf(const model::Table& table, const net::ServerRequest& request) {
  const auto text = request.Param("asof");
  if (!text) return std::string();
  const auto day = ParseDay(*text);
  if (!day) return Error(ErrorKind::kInvalidInput, "'asof' is not a day").Remedy("asof=2026-01-31");
  if (table.kind != model::TableKind::kSnapshot) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("table {} keeps the newest state only: it has no asof", table.name))
        .Remedy("ask a snapshot table");
  }
  return fmt::format(" WHERE day <= DATE '{}'", FormatDay(*day));
}

// A stream with what it reads from; released when its client has taken everything or has gone.
struct OpenStream {
  OpenStream(warehouse::PublishedLease open, std::atomic<int>& counter)
      : lease(std::move(open)), count(counter) {}
  ~OpenStream() { --count; }
  OpenStream(const OpenStream&) = delete;
  OpenStream& operator=(const OpenStream&) = delete;

  warehouse::PublishedLease lease;
  std::atomic<int>& count;
  std::unique_ptr<storage::DuckDbStream> rows;  // Ends before the lease.
};

int64_t PageNumber(const net::ServerRequest& request) {
  const std::string text = request.Param("p").value_or("1");
  int64_t page = 1;
  std::from_chars(text.data(), text.data() + text.size(), page);
  return std::clamp<int64_t>(page, 1, 1'000'000);
}

}  // namespace

Result<net::HttpResponse> TablesApi::List(const net::ServerRequest& request) {
  Result<warehouse::PublishedLease> lease = published_.Acquire(request.stop);
  if (!lease.ok() && lease.error().kind() != ErrorKind::kNotFound) return std::move(lease).error();
  json::array tables;
  for (const model::SharedTable& shared : catalog_.tables) {
    int64_t rows = 0;
    if (lease.ok()) {
      SG_TRY(rows, CountRows(lease.value(), shared.table.name, ""));
    }
    const model::Dataset* dataset = catalog_.FindDataset(shared.dataset);
    tables.push_back(Describe({.dataset = dataset, .table = &shared.table}, rows));
  }
  return JsonResponse(json::serialize(json::object{{"tables", tables}}));
}

Result<net::HttpResponse> TablesApi::Page(const net::ServerRequest& request,
                                          const std::string& name) {
  SG_TRY(const NamedTable named, FindTable(catalog_, name));
  SG_TRY(const std::string where, AsOf(*named.table, request));
  Result<warehouse::PublishedLease> lease = published_.Acquire(request.stop);
  if (!lease.ok() && lease.error().kind() != ErrorKind::kNotFound) return std::move(lease).error();
  const std::string order = Order(*named.table, request);
  const std::string scope = fmt::format(
      "{} {} {} {}", name, where, order, lease.ok() ? lease.value().publication().version : "");
  int64_t offset = (PageNumber(request) - 1) * kPageRows;
  if (const auto cursor = request.Param("cursor")) {
    SG_TRY(offset, ReadCursor(*cursor, scope));
  }
  int64_t stored = 0;
  int64_t total = 0;
  json::array list;
  if (lease.ok()) {
    SG_TRY(stored, CountRows(lease.value(), name, ""));
    SG_TRY(total, CountRows(lease.value(), name, where));
  }
  if (total > 0) {
    SG_TRY(const SqlRows rows,
           lease.value().Query(fmt::format("SELECT {} FROM {}{} ORDER BY {} LIMIT {} OFFSET {}",
                                           Columns(*named.table),
                                           QuoteIdentifier(name),
                                           where,
                                           order,
                                           kPageRows,
                                           offset)));
    list = RowsToJson(rows);
  }
  return JsonResponse(
      json::serialize(json::object{{"table", Describe(named, stored)},
                                   {"sandbox", lease.ok() && lease.value().publication().sandbox},
                                   {"page", offset / kPageRows + 1},
                                   {"per_page", kPageRows},
                                   {"total", total},
                                   {"next_cursor", NextCursor(scope, offset + kPageRows, total)},
                                   {"rows", std::move(list)}}));
}

Result<net::ServerResponse> TablesApi::Export(const net::ServerRequest& request,
                                              const std::string& name,
                                              const std::string& form) {
  SG_TRY(const NamedTable named, FindTable(catalog_, name));
  SG_TRY(const std::string where, AsOf(*named.table, request));
  SG_TRY(warehouse::PublishedLease lease, published_.Acquire(request.stop));
  const auto text = std::make_shared<RowText>(form == "csv"      ? RowForm::kCsv
                                              : form == "ndjson" ? RowForm::kNdjson
                                                                 : RowForm::kJson);
  if (++streams_ > kStreamsMax) {
    --streams_;
    return Error(ErrorKind::kUnavailable, "too many tables are being exported already")
        .Remedy("wait until one is done")
        .After(std::chrono::seconds(5));
  }
  const auto open = std::make_shared<OpenStream>(std::move(lease), streams_);
  const auto& tables = open->lease.publication().tables;
  const auto files = tables.find(name);
  const bool sandbox = open->lease.publication().sandbox;
  if (files != tables.end() && !files->second.empty()) {
    SG_TRY(open->rows,
           open->lease.Stream(fmt::format("SELECT {} FROM {}{} ORDER BY {}",
                                          Columns(*named.table),
                                          QuoteIdentifier(name),
                                          where,
                                          Order(*named.table, request))));
  }
  net::ServerResponse response(TextResponse({}, text->media_type()));
  response.answer.headers.Add(
      "content-disposition",
      fmt::format("attachment; filename=\"{}{}.{}\"", name, sandbox ? "-sandbox" : "", form));
  response.source = [open, text](std::string& chunk) -> Result<bool> {
    SqlRows rows;
    if (open->rows) {
      SG_TRY(rows, open->rows->Next());
    }
    text->Append(rows, chunk);
    if (!rows.empty()) return true;
    text->End(chunk);
    return false;
  };
  return response;
}

}  // namespace stargaze::serve
