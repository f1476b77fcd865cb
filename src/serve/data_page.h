// The page "About data": what is collected, from where, how complete it is. Nothing here is written
// by hand: the declarations and the collection log say it.

#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "model/dataset.h"
#include "net/http_server.h"
#include "warehouse/published_reader.h"

namespace stargaze::serve {

// Safe for concurrent use.
class DataPage {
 public:
  // All outlive the object.
  DataPage(const model::Catalog& catalog, warehouse::PublishedReader& published, const Clock& clock)
      : catalog_(catalog), published_(published), clock_(clock) {}

  Result<net::HttpResponse> Bundle(const net::ServerRequest& request);

 private:
  const model::Catalog& catalog_;
  warehouse::PublishedReader& published_;
  const Clock& clock_;
};

}  // namespace stargaze::serve
