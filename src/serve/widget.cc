#include "serve/widget.h"

#include <fmt/core.h>

#include "serve/problem.h"

namespace stargaze::serve {
namespace {

using storage::SqlRows;
using storage::SqlValue;

constexpr int kCurvePoints = 60;
constexpr int kCurveDaysMax = 365;
constexpr std::size_t kNameMax = 200;

WidgetStyle StyleOf(const net::ServerRequest& request) {
  WidgetStyle style;
  const std::string theme = request.Param("theme").value_or("auto");
  if (theme == "light" || theme == "dark") style.theme = theme;
  style.korean = request.Param("hl").value_or("en") == "ko";
  return style;
}

// What a cell of an integer holds, if anything.
std::optional<int64_t> Count(const SqlValue& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? std::nullopt : std::optional<int64_t>(*number);
}

struct Subject {
  int64_t repository_id = 0;
  WidgetFacts facts{};
};

Result<Subject> Find(warehouse::PublishedLease& lease,
                     const warehouse::TrendSource& trend,
                     const std::string& name,
                     const std::string& metric) {
  const std::vector<SqlValue> parameters{name};
  SG_TRY(const SqlRows rows,
         lease.Query(fmt::format("SELECT repository_id, full_name, {0}, {0}_gain FROM {1} WHERE "
                                 "window_days = 7 AND lower(full_name) = lower($1) "
                                 "ORDER BY repository_id LIMIT 1",
                                 metric,
                                 trend.relation),
                     parameters));
  if (rows.empty()) return Error(ErrorKind::kNotFound, "no reading of " + name);
  return Subject{.repository_id = rows.Integer(0, 0),
                 .facts = {.full_name = rows.Text(0, 1),
                           .metric = metric,
                           .value = rows.Integer(0, 2),
                           .gain = Count(rows.rows[0][3]),
                           .day = trend.day,
                           .sandbox = lease.publication().sandbox}};
}

// Days at even distances, so that a year costs no more than two months.
Status AddReadings(warehouse::PublishedLease& lease,
                   const std::string& relation,
                   Subject& subject,
                   int days) {
  const int stride = std::max(1, days / kCurvePoints);
  const int points = days / stride;
  WidgetFacts& facts = subject.facts;
  facts.first_reading = facts.day - std::chrono::days((points - 1) * stride);
  std::string list;
  for (int i = 0; i < points; ++i)
    list += fmt::format("{}DATE '{}'",
                        i == 0 ? "" : ", ",
                        FormatDay(facts.first_reading + std::chrono::days(i * stride)));
  const std::vector<SqlValue> parameters{subject.repository_id};
  SG_TRY(const SqlRows rows,
         lease.Query(fmt::format("SELECT day, {} FROM {} WHERE repository_id = $1 AND day IN ({})",
                                 facts.metric,
                                 relation,
                                 list),
                     parameters));
  facts.readings.assign(static_cast<std::size_t>(points), std::nullopt);
  for (const auto& row : rows.rows) {
    const auto at = (std::get<Day>(row[0]) - facts.first_reading).count() / stride;
    facts.readings.at(static_cast<std::size_t>(at)) = Count(row[1]);
  }
  return Ok();
}

int DaysOf(const net::ServerRequest& request) {
  const std::string days = request.Param("days").value_or("90");
  if (days == "28") return 28;
  return days == "365" ? kCurveDaysMax : 90;
}

Result<std::string> Picture(warehouse::PublishedReader& published,
                            const net::ServerRequest& request,
                            const std::string& kind,
                            const WidgetStyle& style) {
  const std::string name = request.Param("repo").value_or("").substr(0, kNameMax);
  const bool is_forks = request.Param("metric").value_or("stars") == "forks";
  if (name.empty()) return Error(ErrorKind::kInvalidInput, "?repo=owner/name is missing");
  SG_TRY(warehouse::PublishedLease lease, published.Acquire(request.stop));
  SG_TRY(const warehouse::TrendSource trend, lease.NewestTrend());
  SG_TRY(Subject subject, Find(lease, trend, name, is_forks ? "forks" : "stars"));
  if (kind == "badge") return DrawBadge(subject.facts, style);
  if (kind == "spark") {
    SG_RETURN_IF_ERROR(AddReadings(
        lease, trend.readings.front(), subject, static_cast<int>(warehouse::kSparkDays.count())));
    return DrawSpark(subject.facts, style);
  }
  SG_RETURN_IF_ERROR(AddReadings(lease, "repository_day", subject, DaysOf(request)));
  return DrawCurve(subject.facts, style);
}

}  // namespace

Result<net::HttpResponse> Widgets::Draw(const net::ServerRequest& request,
                                        const std::string& kind) {
  if (kind != "badge" && kind != "spark" && kind != "stars") {
    return Error(ErrorKind::kNotFound, "no widget is called '" + kind + "'")
        .Remedy("badge, spark or stars");
  }
  const WidgetStyle style = StyleOf(request);
  const Result<std::string> picture = Picture(published_, request, kind, style);
  net::HttpResponse response = TextResponse(
      picture.ok() ? picture.value() : DrawReason("Stargaze: " + picture.error().message(), style),
      "image/svg+xml; charset=utf-8");
  response.headers.Add("cache-control", "public, max-age=300");
  return response;
}

}  // namespace stargaze::serve
