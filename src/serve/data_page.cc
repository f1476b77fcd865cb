#include "serve/data_page.h"

#include <fmt/core.h>

#include <map>
#include <optional>
#include <string>

#include <boost/json.hpp>

#include "serve/json_rows.h"
#include "serve/license_class.h"
#include "serve/problem.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using storage::SqlRows;

// Days of the calendar: a quarter and a week, so that a window of 90 days is in it whole.
constexpr int kCalendarDays = 98;

json::array Requests(const model::Dataset& dataset) {
  json::array requests;
  for (const model::Request& request : dataset.requests) {
    requests.push_back({{"name", request.name},
                        {"method", request.method},
                        {"path", request.path},
                        {"resource", request.resource},
                        {"cost", request.cost}});
  }
  return requests;
}

json::object Describe(const model::Catalog& catalog, const model::Dataset& dataset) {
  json::object docs;
  for (const auto& [key, text] : dataset.docs) docs[key] = text;
  json::array tables;
  for (const model::Table& table : dataset.tables) tables.push_back(json::value_from(table.name));
  const auto source = catalog.sources.find(dataset.source);
  return {{"name", dataset.name},
          {"source", dataset.source},
          {"base_url", source == catalog.sources.end() ? "" : source->second.base_url},
          {"summary", dataset.summary},
          {"schema_version", dataset.schema_version},
          {"definition", dataset.hash.substr(0, 12)},
          {"pipeline", dataset.dag},
          {"requests", Requests(dataset)},
          {"tables", tables},
          {"docs", docs}};
}

// Per dataset: when it was last read, and how its newest walk ended.
constexpr const char* kReadings =
    "SELECT dataset, max(observed_at) FILTER (state <> 'failed') AS last_reading, "
    "max(observed_at) FILTER (state = 'failed') AS last_failure, "
    "count(DISTINCT subject) FILTER (logical_date = newest) AS subjects, "
    "count(DISTINCT subject) FILTER (state = 'failed' AND logical_date = newest) AS "
    "failed_subjects, "
    "max_by(message, observed_at) FILTER (state = 'failed') AS last_failure_message "
    "FROM (SELECT *, max(logical_date) OVER (PARTITION BY dataset) AS newest FROM collection_log) "
    "GROUP BY dataset";

// A subject's newest attempt on a day decides: a try that failed and was made good is no gap.
std::string CalendarSql() {
  return fmt::format(
      "WITH last_day AS (SELECT max(logical_date)::DATE AS day FROM collection_log), "
      "newest AS (SELECT dataset, logical_date::DATE AS day, subject, max_by(state, observed_at) "
      "AS "
      "state FROM collection_log, last_day WHERE logical_date::DATE > last_day.day - {} "
      "GROUP BY ALL) "
      "SELECT dataset, day, CASE WHEN count(*) FILTER (state <> 'failed') = 0 THEN 'gap' "
      "WHEN count(*) FILTER (state = 'failed') > 0 THEN 'partial' ELSE 'complete' END AS state, "
      "count(*) AS subjects, count(*) FILTER (state = 'failed') AS failed "
      "FROM newest GROUP BY dataset, day ORDER BY dataset, day",
      kCalendarDays);
}

constexpr const char* kLicenses =
    "SELECT coalesce(t.license_key, 'none') AS key, any_value(l.spdx_id) AS spdx_id, "
    "any_value(l.name) AS name, count(*) AS repositories FROM repository AS t "
    "LEFT JOIN license AS l ON l.license_key = t.license_key GROUP BY 1 ORDER BY repositories "
    "DESC, "
    "key";

Result<json::array> Licenses(warehouse::PublishedLease& lease) {
  if (!lease.publication().tables.contains("repository")) return json::array();
  SG_TRY(const SqlRows rows, lease.QueryOnce(kLicenses));
  json::array licenses = RowsToJson(rows);
  for (json::value& row : licenses) {
    json::object& object = row.as_object();
    object["class"] = ClassOfLicense(std::string_view(object.at("key").as_string()));
  }
  return licenses;
}

Result<json::object> Rows(warehouse::PublishedLease& lease, const model::Catalog& catalog) {
  json::object counts;
  for (const model::Dataset& dataset : catalog.datasets) {
    for (const model::Table& table : dataset.tables) {
      const auto found = lease.publication().tables.find(table.name);
      if (found == lease.publication().tables.end() || found->second.empty()) continue;
      SG_TRY(const SqlRows rows,
             lease.QueryOnce("SELECT count(*) FROM " + storage::QuoteIdentifier(table.name)));
      counts[table.name] = rows.Integer(0, 0);
    }
  }
  return counts;
}

void AddReading(json::object& dataset, const SqlRows& readings) {
  for (std::size_t row = 0; row < readings.size(); ++row) {
    if (readings.Text(row, 0) == std::string_view(dataset.at("name").as_string()))
      dataset["reading"] = RowToJson(readings, row);
  }
}

}  // namespace

Result<net::HttpResponse> DataPage::Bundle(const net::ServerRequest& request) {
  json::object page{{"version", 1},
                    {"now", FormatInstantSeconds(clock_.Now())},
                    {"sandbox", false},
                    {"published_at", nullptr},
                    {"method", "trend_repository 1"},
                    {"calendar_days", kCalendarDays},
                    {"datasets", json::array()},
                    {"calendar", json::array()},
                    {"licenses", json::array()},
                    {"rows", json::object()}};
  json::array& datasets = page["datasets"].as_array();
  for (const model::Dataset& dataset : catalog_.datasets)
    datasets.push_back(Describe(catalog_, dataset));
  Result<warehouse::PublishedLease> lease = published_.Acquire(request.stop);
  if (!lease.ok() && lease.error().kind() == ErrorKind::kNotFound)
    return JsonResponse(json::serialize(page));
  if (!lease.ok()) return std::move(lease).error();
  SG_TRY(const SqlRows readings, lease.value().QueryOnce(kReadings));
  for (json::value& dataset : datasets) AddReading(dataset.as_object(), readings);
  SG_TRY(const SqlRows calendar, lease.value().QueryOnce(CalendarSql()));
  page["calendar"] = RowsToJson(calendar);
  SG_TRY(page["licenses"], Licenses(lease.value()));
  SG_TRY(page["rows"], Rows(lease.value(), catalog_));
  page["sandbox"] = lease.value().publication().sandbox;
  page["published_at"] = FormatInstantSeconds(lease.value().publication().published_at);
  return JsonResponse(json::serialize(page));
}

}  // namespace stargaze::serve
