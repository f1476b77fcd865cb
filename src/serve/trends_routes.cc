#include "serve/routes.h"

namespace stargaze::serve {
namespace {

constexpr const char* kSchemas = R"(
TrendsState: the page's state, as it was understood
  m stars|forks
  w 1d|7d|28d|90d
  lic [string]
  q string
  sort stars|forks|name|owner|created|license
  dir asc|desc
  rise velocity|accel
  lang [string]
  topic [string]
  age integer?
  min integer?
  max integer?
  hide [string]
  n integer
  p integer
  asof day?

Notice: a parameter that was ignored
  code unknown_parameter|invalid_value
  parameter string
  detail string

LastAttempt
  ended_at instant?
  failed_subjects integer

DataFacts: what the numbers rest on
  day day?  The UTC day that every number is about; null before the first closed day, when most facts are missing.
  sandbox boolean
  now instant  When the server answered; a 304 keeps the earlier one.
  method* string
  source* string
  provenance* string?
  observed_from* instant?
  observed_to* instant?
  published_at* instant
  first_day* day?
  days* integer  Closed days so far.
  tracked* integer  Repositories followed at the end of the day.
  ranked* integer
  no_reading* integer
  new_today* integer
  followed_set_changed* integer
  last_attempt* LastAttempt

Riser
  repository_id integer
  full_name string
  velocity number?  Per day.
  gain integer?
  coverage exact|stretched?

Headline
  biggest_riser Riser?

TopRow
  rank integer
  rank_move integer?  Positive when it rose.
  repository_id integer
  full_name string
  value integer
  gain integer?
  velocity number?  Per day.
  coverage exact|stretched?

TopList
  rows [TopRow]

LicenseCount
  key string  "none" for repositories without one.
  spdx_id string?
  name string?
  count integer  With all filters but this one.
  class permissive|weak|strong|source_available|none|other

FacetCount
  key string  "none" for repositories without one.
  count integer  With all filters but this one.

NewRow
  repository_id integer
  full_name string
  created_at instant
  age_days integer
  value integer
  gain integer?
  velocity number?  Per day.
  coverage exact|stretched?
  license_key string?
  spdx_id string?
  language string?

NewList: created within 30 days before the day
  rows [NewRow]

RepositoryRow
  repository_id integer
  full_name string
  owner string
  name string
  created_at instant?
  license_key string?
  spdx_id string?
  language string?
  stars integer
  forks integer
  archived boolean?

RepositoryPage
  matching integer
  page integer
  per_page integer
  rows [RepositoryRow]

RiserRow
  position integer
  repository_id integer
  full_name string
  velocity number?  Per day.
  gain integer?
  coverage exact|stretched?
  acceleration number?  Change of velocity, per day.
  acceleration_margin number?  Half of its 80 % interval.
  value integer
  license_key string?
  spdx_id string?
  language string?
  since_creation number?  Average per day since creation.
  spark [integer?]  The 28 days that end on data.day, oldest first; null without a reading.

RiserList
  rows [RiserRow]
  without_velocity integer

ColdStart
  days integer
  days_for_velocity integer
  days_for_acceleration integer

TrendsBundle: everything the Trends page shows
  version integer
  state TrendsState
  notices [Notice]
  data DataFacts
  headline Headline
  top TopList
  licenses [LicenseCount]
  license_classes [string]  In the order in which they are shown.
  languages [FacetCount]
  topics [FacetCount]
  new_repositories NewList
  repositories RepositoryPage
  risers RiserList
  cold_start ColdStart?

ScatterRow
  repository_id integer
  full_name string
  value integer
  gain integer
  percent number  Growth of the window, of what was there before it.
  license_key string
  class string

LanguageStep
  step integer  Windows back; 0 is the newest.
  day day  Its last day.
  language string
  gain integer

RankStep
  step integer
  day day
  repository_id integer
  full_name string
  rank integer
  gain integer

TrendsSection: what a chart shows; "shape" has the first group, "flow" the second
  day day
  matching* integer
  without_velocity* integer
  without_growth* integer
  scatter* [ScatterRow]
  languages* [LanguageStep]
  ranks* [RankStep]

PanelRows: all rows of one panel
  day day
  sandbox boolean
  published_at instant
  rows [map]
)";

constexpr const char* kPanels = "top|repositories|risers|new|licenses|scatter|languages|flow";

void AddPanelRoutes(Router& router, TrendsPage& trends) {
  struct Form {
    std::string ending{};
    std::string summary{};
    std::string answer{};
    std::string media{};
  };
  const std::vector<Form> forms{
      {"csv", "All rows of one panel as CSV.", "", "text/csv"},
      {"json", "All rows of one panel as JSON.", "PanelRows", ""},
      {"ndjson", "All rows of one panel, a JSON object a line.", "", "application/x-ndjson"},
      {"sql", "The statement that makes the panel, to run elsewhere.", "", "text/plain"}};
  for (const Form& form : forms) {
    router.Add(
        {.method = "GET",
         .pattern = "/api/v1/pages/trends/{panel}." + form.ending,
         .tag = "Trends",
         .summary = form.summary,
         .path = {{"panel", kPanels, "Which panel.", "top"}},
         .query = TrendsParameters(),
         .answer = form.answer,
         .media = form.media,
         .tagged = Tagged::kByPublication},
        [&trends, format = form.ending](const net::ServerRequest& r, const PathParameters& p) {
          return trends.Export(r, p.at("panel"), format);
        });
  }
}

}  // namespace

std::vector<Parameter> TrendsParameters() {
  return {{"m", "stars|forks", "What the lists are about."},
          {"w", "1d|7d|28d|90d", "Window in days that ends on the day."},
          {"lic",
           "string",
           "Licence keys or classes (class:weak), comma separated; none for repositories without.",
           "mit,none"},
          {"lang", "string", "Languages, comma separated; none for those without.", "Rust"},
          {"topic", "string", "Topics, comma separated; any of them.", "database"},
          {"age", "integer", "Days since creation, at most.", "365"},
          {"min", "integer", "Of the metric, at least.", "100"},
          {"max", "integer", "Of the metric, at most.", "100000"},
          {"hide", "string", "archived, forks, or both, comma separated.", "archived,forks"},
          {"n", "integer", "Rows of the top list: 10, 25, 50 or 100.", "25"},
          {"cols", "string", "Columns that the page hides; no answer depends on it."},
          {"q", "string", "Part of the full name, any case."},
          {"sort", "stars|forks|name|owner|created|license", "Order of the repositories."},
          {"dir", "asc|desc", "Direction of that order."},
          {"rise", "velocity|accel", "Order of the risers."},
          {"p", "integer", "Page of the repositories, from 1."},
          {"asof", "day", "The ranking as it was on that UTC day.", "2026-01-31"}};
}

void AddTrendsRoutes(Router& router, TrendsPage& trends) {
  router.AddSchemas(kSchemas);
  router.Add(
      {.method = "GET",
       .pattern = "/api/v1/pages/trends",
       .tag = "Trends",
       .summary = "Everything the Trends page shows.",
       .query = TrendsParameters(),
       .answer = "TrendsBundle",
       .tagged = Tagged::kByPublication},
      [&trends](const net::ServerRequest& r, const PathParameters&) { return trends.Bundle(r); });
  router.Add({.method = "GET",
              .pattern = "/api/v1/pages/trends/sections/{name}",
              .tag = "Trends",
              .summary = "What the charts below the first screen show.",
              .path = {{"name", "shape|flow", "Which section.", "shape"}},
              .query = TrendsParameters(),
              .answer = "TrendsSection",
              .tagged = Tagged::kByPublication},
             [&trends](const net::ServerRequest& r, const PathParameters& p) {
               return trends.Section(r, p.at("name"));
             });
  AddPanelRoutes(router, trends);
}

}  // namespace stargaze::serve
