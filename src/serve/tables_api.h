// Every declared table as a page: what it has, and its rows. Generated from the catalog.

#pragma once

#include <atomic>
#include <string>

#include "base/result.h"
#include "model/dataset.h"
#include "net/http_server.h"
#include "warehouse/published_reader.h"

namespace stargaze::serve {

// Safe for concurrent use.
class TablesApi {
 public:
  // Both outlive the object.
  TablesApi(const model::Catalog& catalog, warehouse::PublishedReader& published)
      : catalog_(catalog), published_(published) {}

  Result<net::HttpResponse> List(const net::ServerRequest& request);
  Result<net::HttpResponse> Page(const net::ServerRequest& request, const std::string& table);
  // The whole table, streamed: `form` is csv, ndjson or json.
  Result<net::ServerResponse> Export(const net::ServerRequest& request,
                                     const std::string& table,
                                     const std::string& form);

 private:
  const model::Catalog& catalog_;
  warehouse::PublishedReader& published_;
  std::atomic<int> streams_{0};
};

}  // namespace stargaze::serve
