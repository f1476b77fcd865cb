// The Trends page's bundle and its exports (docs/api.md).

#pragma once

#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_server.h"
#include "warehouse/published_reader.h"

namespace stargaze::serve {

// Safe for concurrent use.
class TrendsPage {
 public:
  // Both outlive the object.
  TrendsPage(warehouse::PublishedReader& published, const Clock& clock)
      : published_(published), clock_(clock) {}

  Result<net::HttpResponse> Bundle(const net::ServerRequest& request);
  // The charts that the first screen does without: "shape" or "flow"; kNotFound for another.
  Result<net::HttpResponse> Section(const net::ServerRequest& request, const std::string& name);
  // All rows of a panel as csv, json or ndjson, or its statement as sql. kNotFound for another
  // panel.
  Result<net::HttpResponse> Export(const net::ServerRequest& request,
                                   const std::string& panel,
                                   const std::string& format);

 private:
  warehouse::PublishedReader& published_;
  const Clock& clock_;
  std::mutex making_flow_{};  // Two requests would make the same table twice.
};

}  // namespace stargaze::serve
