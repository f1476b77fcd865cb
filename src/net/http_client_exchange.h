// One exchange of the HTTP client: a request without its redirects, as libcurl runs it. The only
// files that see libcurl are this one, its implementation and the loop. Private to net/.

#pragma once

#include <curl/curl.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <string>

#include "base/steady_time.h"
#include "net/http_client.h"

namespace stargaze::net {

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// Why the loop or a callback of ours ended an exchange; libcurl's own reason is its code.
enum class EndedBy : unsigned char {
  kNobody,
  kBodyTooLarge,
  kHeadersTooLarge,
  kFirstByteDeadline,
  kDeadline,
  kCancel,
  kQueueFull,
};

// Made by the sender on its stack, given to the loop, and back once `done`; in between
// only the loop's thread touches it, apart from
// `cancelled` and `done`.
struct Exchange {
  const HttpRequest& request;
  const std::string& url;  // Of this hop.
  const Headers& headers;  // What this hop may carry.
  SteadyTime deadline{};   // Of the whole request.
  std::string slot{};      // Whose concurrency it counts in.

  std::atomic<bool> cancelled{false};
  bool done = false;  // Guarded by the loop's mutex.
  std::condition_variable ended{};

  HttpResponse response{};
  std::string redirect_target{};  // Absolute; empty: the answer points nowhere.
  CURLcode code = CURLE_OK;
  EndedBy ended_by = EndedBy::kNobody;

  std::unique_ptr<CURL, FreeEasy> easy{};
  std::unique_ptr<curl_slist, FreeList> lines{};
  std::size_t header_bytes = 0;
  bool first_byte_seen = false;
  bool header_ended = false;
  bool body_begun = false;
  SteadyTime first_byte_deadline{};
};

// kInvalidInput for a header that cannot be sent as it is.
Status CheckHeaders(const Headers& headers);

// Gives the exchange its handle, ready for curl_multi_add_handle; false when libcurl has none left.
bool Prepare(Exchange& exchange, const HttpClientOptions& options);

// Takes what libcurl knows of a transfer that has ended.
void Finish(Exchange& exchange, CURLcode code);

// The response, or the error that stands for it.
Result<HttpResponse> Outcome(Exchange& exchange);

// An URL as messages show it: a query may hold what is nobody's business.
std::string WithoutQuery(const std::string& url);

}  // namespace stargaze::net
