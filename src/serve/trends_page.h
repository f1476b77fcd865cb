// The Trends page's bundle and its exports (docs/api.md).

#pragma once

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
  // `panel`: top, repositories or risers; kNotFound for another.
  Result<net::HttpResponse> Export(const net::ServerRequest& request, const std::string& panel);

 private:
  warehouse::PublishedReader& published_;
  const Clock& clock_;
};

}  // namespace stargaze::serve
