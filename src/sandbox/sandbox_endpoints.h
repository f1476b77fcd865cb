// What the sandbox says about itself under /_sandbox/: nothing of it is GitHub's, and none of it is
// counted or limited.
//
//   GET  /_sandbox/counters
//   GET  /_sandbox/books/facts?at=<instant>          one line for each repository ever, NDJSON
//   GET  /_sandbox/books/star_days?id=<id>&at=…      one line for each day
//   GET  /_sandbox/books/releases?id=<id>&at=…       one line for each public release
//   GET  /_sandbox/books/names?id=<id>               one line for each name, with its begin
//   POST /_sandbox/faults {"kind":"cut","target":"/repositories/7/","times":2}

#pragma once

#include <string>
#include <string_view>

#include "net/http_server.h"
#include "sandbox/books.h"
#include "sandbox/faults.h"

namespace stargaze::sandbox {

inline constexpr std::string_view kSandboxPath = "/_sandbox/";

// A fault for the next requests whose target begins so.
struct FaultOrder {
  FaultKind kind{};
  std::string target{};
  int64_t times = 1;
};

// `books` may be absent: a world without them. 400 for a wrong parameter, 404 for another path.
net::HttpResponse AnswerFromBooks(const net::ServerRequest& request, Books* books, Instant now);

// kInvalidInput says what is wrong.
Result<FaultOrder> ReadFaultOrder(std::string_view body);

}  // namespace stargaze::sandbox
