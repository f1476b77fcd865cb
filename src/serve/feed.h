// A Trends query as a feed: Atom (RFC 4287) and JSON Feed 1.1.

#pragma once

#include "base/result.h"
#include "net/http_server.h"
#include "warehouse/published_reader.h"

namespace stargaze::serve {

// Safe for concurrent use.
class Feeds {
 public:
  // Outlives the object.
  explicit Feeds(warehouse::PublishedReader& published) : published_(published) {}

  // The risers of the state that the query says, newest day; an entry is a repository and a day.
  Result<net::HttpResponse> Atom(const net::ServerRequest& request);
  Result<net::HttpResponse> Json(const net::ServerRequest& request);

 private:
  warehouse::PublishedReader& published_;
};

}  // namespace stargaze::serve
