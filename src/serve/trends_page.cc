#include "serve/trends_page.h"

#include <fmt/core.h>

#include <future>
#include <map>
#include <optional>

#include <boost/json.hpp>

#include "serve/csv.h"
#include "serve/json_rows.h"
#include "serve/license_class.h"
#include "serve/problem.h"
#include "serve/trends_query.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using storage::SqlRows;

constexpr int64_t kPageRows = 50;
constexpr int64_t kNewRows = 10;
// Points of the scatter: those that gained most, and others by a hash, so that both the edge and
// the crowd are seen.
constexpr int64_t kFastest = 150;
constexpr int64_t kOthers = 150;

json::value OptionalNumber(const std::optional<int64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::array Hidden(const TrendsState& state) {
  json::array hidden;
  if (state.hide_archived) hidden.push_back("archived");
  if (state.hide_forks) hidden.push_back("forks");
  return hidden;
}

json::object StateToJson(const TrendsState& state) {
  return {{"m", state.metric},
          {"w", fmt::format("{}d", state.window_days)},
          {"lic", json::value_from(state.licenses)},
          {"q", state.text},
          {"sort", state.sort},
          {"dir", state.ascending ? "asc" : "desc"},
          {"rise", state.rise},
          {"lang", json::value_from(state.languages)},
          {"topic", json::value_from(state.topics)},
          {"age", OptionalNumber(state.age_days_max)},
          {"min", OptionalNumber(state.value_min)},
          {"max", OptionalNumber(state.value_max)},
          {"hide", Hidden(state)},
          {"n", state.top_rows},
          {"p", state.page},
          {"asof", state.asof ? json::value(FormatDay(*state.asof)) : json::value(nullptr)}};
}

json::array NoticesToJson(const TrendsState& state) {
  json::array notices;
  for (const Notice& notice : state.notices) {
    notices.push_back(
        {{"code", notice.code}, {"parameter", notice.parameter}, {"detail", notice.detail}});
  }
  return notices;
}

// The page before anything is known: every list empty, no day.
json::object EmptyBundle(const TrendsState& state,
                         const std::optional<warehouse::Publication>& publication,
                         Instant now) {
  json::object data{{"day", nullptr},
                    {"sandbox", publication && publication->sandbox},
                    {"now", FormatInstantSeconds(now)}};
  return {{"version", 1},
          {"state", StateToJson(state)},
          {"notices", NoticesToJson(state)},
          {"data", data},
          {"headline", {{"biggest_riser", nullptr}}},
          {"top", {{"rows", json::array()}}},
          {"licenses", json::array()},
          {"languages", json::array()},
          {"topics", json::array()},
          {"license_classes", json::value_from(LicenseClasses())},
          {"new_repositories", {{"rows", json::array()}}},
          {"repositories",
           {{"matching", 0}, {"page", 1}, {"per_page", kPageRows}, {"rows", json::array()}}},
          {"risers", {{"rows", json::array()}, {"without_velocity", 0}}},
          {"cold_start", nullptr}};
}

// The last attempt of the snapshot's dataset: is the data alive?
Result<json::value> LastAttempt(warehouse::PublishedLease& lease) {
  SG_TRY(
      const SqlRows rows,
      lease.QueryOnce("SELECT max(observed_at) AS ended_at, count(*) FILTER (state = 'failed') AS "
                      "failed_subjects FROM collection_log "
                      "WHERE logical_date = (SELECT max(logical_date) FROM collection_log)"));
  return json::value(RowToJson(rows, 0));
}

Result<json::object> DataToJson(TrendsQuery& query, warehouse::PublishedLease& lease, Instant now) {
  SG_TRY(const SqlRows facts, query.DayFacts());
  json::object data = RowToJson(facts, 0);
  const warehouse::Publication& publication = lease.publication();
  const json::string request =
      data.at("request").is_string() ? data.at("request").as_string() : json::string();
  data.erase("request");
  data["day"] = FormatDay(query.day());
  data["sandbox"] = publication.sandbox;
  data["method"] = "trend_repository 1";
  data["source"] = "GitHub " + std::string(request == "core"      ? "REST"
                                           : request == "graphql" ? "GraphQL"
                                                                  : std::string_view(request));
  data["published_at"] = FormatInstantSeconds(publication.published_at);
  data["now"] = FormatInstantSeconds(now);
  SG_TRY(data["last_attempt"], LastAttempt(lease));
  return data;
}

// Adds the 28 days to each riser; a day without a reading stays null.
Status AddSparks(TrendsQuery& query, const SqlRows& risers, json::array& rows) {
  std::vector<int64_t> ids;
  for (std::size_t i = 0; i < risers.size(); ++i) ids.push_back(risers.Integer(i, 1));
  SG_TRY(const SqlRows readings, query.Readings(ids));
  const Day first = query.day() - warehouse::kSparkDays + std::chrono::days(1);
  std::map<int64_t, json::array> sparks;
  for (const auto& row : readings.rows) {
    json::array& spark = sparks[std::get<int64_t>(row[0])];
    if (spark.empty()) spark.resize(warehouse::kSparkDays.count());
    spark[static_cast<std::size_t>((std::get<Day>(row[1]) - first).count())] = ToJson(row[2]);
  }
  for (std::size_t i = 0; i < ids.size(); ++i) rows[i].as_object()["spark"] = sparks[ids[i]];
  return Ok();
}

// How many more days until the first velocity and acceleration of this window can be there.
json::object ColdStart(const json::object& data, int window_days) {
  return {{"days", data.at("days")},
          {"days_for_velocity", window_days + 1},
          {"days_for_acceleration", 2 * window_days + 1}};
}

json::value BiggestRiser(const SqlRows& risers) {
  for (std::size_t i = 0; i < risers.size(); ++i) {
    if (std::holds_alternative<std::monostate>(risers.rows[i][4])) continue;
    return json::object{{"repository_id", ToJson(risers.rows[i][1])},
                        {"full_name", ToJson(risers.rows[i][2])},
                        {"velocity", ToJson(risers.rows[i][3])},
                        {"gain", ToJson(risers.rows[i][4])},
                        {"coverage", ToJson(risers.rows[i][5])}};
  }
  return nullptr;
}

json::array WithClasses(json::array rows, std::string_view key_column) {
  for (json::value& row : rows) {
    json::object& object = row.as_object();
    object["class"] = ClassOfLicense(std::string_view(object.at(key_column).as_string()));
  }
  return rows;
}

Result<json::object> ShapeSection(TrendsQuery& query) {
  SG_TRY(const SqlRows scatter, query.Ask(query.Scatter(kFastest, kOthers)));
  SG_TRY(const SqlRows counts, query.Ask(query.Counts()));
  return json::object{{"day", FormatDay(query.day())},
                      {"matching", counts.Integer(0, 0)},
                      {"without_velocity", counts.Integer(0, 1)},
                      {"without_growth", counts.Integer(0, 2)},
                      {"scatter", WithClasses(RowsToJson(scatter), "license_key")}};
}

Result<json::object> FlowSection(TrendsQuery& query, std::mutex& making) {
  {
    const std::lock_guard lock(making);
    SG_RETURN_IF_ERROR(query.PrepareFlow());
  }
  SG_TRY(const SqlRows languages, query.Ask(query.LanguageFlow()));
  SG_TRY(const SqlRows ranks, query.Ask(query.RankFlow()));
  return json::object{{"day", FormatDay(query.day())},
                      {"languages", RowsToJson(languages)},
                      {"ranks", RowsToJson(ranks)}};
}

std::optional<Statement> StatementOf(const TrendsQuery& query,
                                     const std::string& panel,
                                     const TrendsState& state,
                                     bool is_whole) {
  if (panel == "top") return query.Top(is_whole ? 0 : state.top_rows);
  if (panel == "risers") return query.Risers(is_whole ? 0 : kPageRows);
  if (panel == "repositories") return query.Repositories(is_whole ? 0 : kPageRows);
  if (panel == "new") return query.NewRepositories(is_whole ? 0 : kNewRows);
  if (panel == "licenses") return query.Licenses();
  if (panel == "scatter") return query.Scatter(is_whole ? 0 : kFastest, kOthers);
  if (panel == "languages") return query.LanguageFlow();
  if (panel == "flow") return query.RankFlow();
  return std::nullopt;
}

// The rows and what they are of; or a row a line.
net::HttpResponse RowsResponse(const SqlRows& rows,
                               const warehouse::Publication& publication,
                               Day day,
                               const std::string& format,
                               const std::string& name) {
  if (format == "csv") return CsvResponse(rows, name);
  std::string body;
  if (format == "json") {
    body = json::serialize(
        json::object{{"day", FormatDay(day)},
                     {"sandbox", publication.sandbox},
                     {"published_at", FormatInstantSeconds(publication.published_at)},
                     {"rows", RowsToJson(rows)}});
  } else {
    for (std::size_t row = 0; row < rows.size(); ++row)
      body += json::serialize(RowToJson(rows, row)) + "\n";
  }
  net::HttpResponse response =
      TextResponse(std::move(body), format == "json" ? "application/json" : "application/x-ndjson");
  response.headers.Add("content-disposition", fmt::format("attachment; filename=\"{}\"", name));
  return response;
}

// What depends on the page's filters, neither on an order nor on a page of the table.
struct FilteredAnswers {
  SqlRows top{};
  SqlRows licenses{};
  SqlRows languages{};
  SqlRows topics{};
  SqlRows fresh{};
  SqlRows counts{};
};

Result<FilteredAnswers> AskFiltered(TrendsQuery& query, const TrendsState& state) {
  FilteredAnswers answers;
  SG_TRY(answers.top, query.AskOnce(query.Top(state.top_rows)));
  SG_TRY(answers.licenses, query.AskOnce(query.Licenses()));
  SG_TRY(answers.languages, query.AskOnce(query.Languages()));
  SG_TRY(answers.topics, query.AskOnce(query.Topics()));
  SG_TRY(answers.fresh, query.AskOnce(query.NewRepositories(kNewRows)));
  SG_TRY(answers.counts, query.AskOnce(query.Counts()));
  return answers;
}

// On a thread of its own, beside the other half of the page, where another lease sees the day.
std::future<Result<FilteredAnswers>> StartFiltered(TrendsQuery& query,
                                                   const warehouse::PublishedLease& lease,
                                                   const TrendsState& state) {
  return std::async(std::launch::async, [&]() -> Result<FilteredAnswers> {
    SG_TRY(warehouse::PublishedLease beside, lease.Another());
    TrendsQuery half(beside, query.trend(), state);
    return AskFiltered(half, state);
  });
}

Result<json::object> FullBundle(const TrendsState& state,
                                TrendsQuery& query,
                                warehouse::PublishedLease& lease,
                                Instant now) {
  json::object bundle = EmptyBundle(state, lease.publication(), now);
  std::future<Result<FilteredAnswers>> half = StartFiltered(query, lease, state);
  SG_TRY(json::object data, DataToJson(query, lease, now));
  SG_TRY(const SqlRows repositories, query.Ask(query.Repositories(kPageRows)));
  SG_TRY(const SqlRows risers, query.Ask(query.Risers(kPageRows)));
  json::array riser_rows = RowsToJson(risers);
  SG_RETURN_IF_ERROR(AddSparks(query, risers, riser_rows));
  SG_TRY(const FilteredAnswers filtered, half.get());
  bundle["headline"] = {{"biggest_riser", BiggestRiser(risers)}};
  bundle["top"] = {{"rows", RowsToJson(filtered.top)}};
  bundle["licenses"] = WithClasses(RowsToJson(filtered.licenses), "key");
  bundle["languages"] = RowsToJson(filtered.languages);
  bundle["topics"] = RowsToJson(filtered.topics);
  bundle["new_repositories"] = {{"rows", RowsToJson(filtered.fresh)}};
  bundle["repositories"] = {{"matching", filtered.counts.Integer(0, 0)},
                            {"page", state.page},
                            {"per_page", kPageRows},
                            {"rows", RowsToJson(repositories)}};
  bundle["risers"] = {{"rows", std::move(riser_rows)},
                      {"without_velocity", filtered.counts.Integer(0, 1)}};
  bundle["cold_start"] = ColdStart(data, state.window_days);
  bundle["data"] = std::move(data);
  return bundle;
}

}  // namespace

Result<net::HttpResponse> TrendsPage::Bundle(const net::ServerRequest& request) {
  const TrendsState state = ParseTrendsState(request.query);
  const Instant now = clock_.Now();
  Result<warehouse::PublishedLease> lease = published_.Acquire(request.stop);
  if (!lease.ok() && lease.error().kind() == ErrorKind::kNotFound) {
    return JsonResponse(json::serialize(EmptyBundle(state, std::nullopt, now)));
  }
  if (!lease.ok()) return std::move(lease).error();
  Result<warehouse::TrendSource> trend = lease.value().Trend(state.asof, state.window_days);
  if (!trend.ok() && trend.error().kind() == ErrorKind::kNotFound) {
    return JsonResponse(json::serialize(EmptyBundle(state, lease.value().publication(), now)));
  }
  if (!trend.ok()) return std::move(trend).error();
  TrendsQuery query(lease.value(), std::move(trend).value(), state);
  SG_TRY(const json::object bundle, FullBundle(state, query, lease.value(), now));
  return JsonResponse(json::serialize(bundle));
}

Result<net::HttpResponse> TrendsPage::Section(const net::ServerRequest& request,
                                              const std::string& name) {
  if (name != "shape" && name != "flow") {
    return Error(ErrorKind::kNotFound, "no section is called '" + name + "'")
        .Remedy("shape or flow");
  }
  const TrendsState state = ParseTrendsState(request.query);
  SG_TRY(warehouse::PublishedLease lease, published_.Acquire(request.stop));
  SG_TRY(warehouse::TrendSource trend, lease.Trend(state.asof, state.window_days));
  TrendsQuery query(lease, std::move(trend), state);
  SG_TRY(const json::object section,
         name == "shape" ? ShapeSection(query) : FlowSection(query, making_flow_));
  return JsonResponse(json::serialize(section));
}

Result<net::HttpResponse> TrendsPage::Export(const net::ServerRequest& request,
                                             const std::string& panel,
                                             const std::string& format) {
  const TrendsState state = ParseTrendsState(request.query);
  SG_TRY(warehouse::PublishedLease lease, published_.Acquire(request.stop));
  SG_TRY(warehouse::TrendSource trend, lease.Trend(state.asof, state.window_days));
  TrendsQuery query(lease, std::move(trend), state);
  const std::optional<Statement> statement = StatementOf(query, panel, state, format != "sql");
  if (!statement) {
    return Error(ErrorKind::kNotFound, "no panel is called '" + panel + "'")
        .Remedy("top, repositories, risers, new, licenses, scatter, languages or flow");
  }
  if (format == "sql") return TextResponse(query.Shown(*statement), "text/plain; charset=utf-8");
  if (panel == "languages" || panel == "flow") {
    const std::lock_guard lock(making_flow_);
    SG_RETURN_IF_ERROR(query.PrepareFlow());
  }
  SG_TRY(const SqlRows rows, query.Ask(*statement));
  return RowsResponse(rows,
                      lease.publication(),
                      query.day(),
                      format,
                      fmt::format("stargaze-{}-{}{}.{}",
                                  panel,
                                  FormatDay(query.day()),
                                  lease.publication().sandbox ? "-sandbox" : "",
                                  format));
}

}  // namespace stargaze::serve
