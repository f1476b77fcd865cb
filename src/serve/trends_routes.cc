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
  count integer

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
  repositories RepositoryPage
  risers RiserList
  cold_start ColdStart?
)";

// What ParseTrendsState (trends_state.cc) understands; anything else is ignored with a notice.
std::vector<Parameter> TrendsParameters() {
  return {{"m", "stars|forks", "What the lists are about."},
          {"w", "1d|7d|28d|90d", "Window in days that ends on the day."},
          {"lic", "string", "Licence keys, comma separated; none for repositories without one."},
          {"q", "string", "Part of the full name, any case."},
          {"sort", "stars|forks|name|owner|created|license", "Order of the repositories."},
          {"dir", "asc|desc", "Direction of that order."},
          {"rise", "velocity|accel", "Order of the risers."},
          {"p", "integer", "Page of the repositories, from 1."},
          {"asof", "day", "The ranking as it was on that UTC day.", "2026-01-31"}};
}

}  // namespace

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
              .pattern = "/api/v1/pages/trends/{panel}.csv",
              .tag = "Trends",
              .summary = "All rows of one panel as CSV.",
              .path = {{"panel", "top|repositories|risers", "Which panel.", "top"}},
              .query = TrendsParameters(),
              .media = "text/csv",
              .tagged = Tagged::kByPublication},
             [&trends](const net::ServerRequest& r, const PathParameters& p) {
               return trends.Export(r, p.at("panel"));
             });
}

}  // namespace stargaze::serve
