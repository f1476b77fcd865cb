#include "serve/routes.h"

namespace stargaze::serve {
namespace {

constexpr const char* kSchemas = R"(
SourceRequest
  name string
  method string
  path string
  resource string
  cost integer

Reading: how the dataset's newest walk ended
  dataset string
  last_reading instant?
  last_failure instant?
  subjects integer
  failed_subjects integer
  last_failure_message string?

SourceDataset
  name string
  source string
  base_url string
  summary string
  schema_version integer
  definition string  The first digits of the declaration's hash.
  pipeline string
  requests [SourceRequest]
  tables [string]
  docs map
  reading* Reading  Missing before the first attempt.

CalendarDay
  dataset string
  day day
  state complete|partial|gap
  subjects integer
  failed integer

LicenseUse
  key string
  spdx_id string?
  name string?
  repositories integer
  class string

DataPage: what is collected, from where, how complete it is
  version integer
  now instant
  sandbox boolean
  published_at instant?
  method string
  calendar_days integer
  datasets [SourceDataset]
  calendar [CalendarDay]
  licenses [LicenseUse]
  rows map  Rows of each published table.
)";

}  // namespace

void AddDataRoutes(Router& router, DataPage& data) {
  router.AddSchemas(kSchemas);
  router.Add(
      {.method = "GET",
       .pattern = "/api/v1/pages/data",
       .tag = "About data",
       .summary = "Everything the page About data shows.",
       .answer = "DataPage",
       .tagged = Tagged::kByPublication},
      [&data](const net::ServerRequest& r, const PathParameters&) { return data.Bundle(r); });
}

}  // namespace stargaze::serve
