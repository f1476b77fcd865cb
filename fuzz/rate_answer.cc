// Answers, one after the other: the first line of each is its status, then header lines up to an
// empty one. Whatever they say, the governor keeps its bounds, and what it writes it reads.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "base/testing/hand_clock.h"
#include "collect/governor.h"

namespace stargaze::collect {
namespace {

std::string_view TakeLine(std::string_view& rest) {
  const std::size_t at = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, at);
  rest.remove_prefix(std::min(rest.size(), at + 1));
  return line;
}

net::HttpResponse TakeAnswer(std::string_view& rest) {
  net::HttpResponse response;
  const std::string_view status = TakeLine(rest);
  std::from_chars(status.data(), status.data() + status.size(), response.status);
  while (!rest.empty()) {
    const std::string_view line = TakeLine(rest);
    if (line.empty()) break;
    const std::size_t colon = std::min(line.find(':'), line.size());
    response.headers.Add(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
  }
  response.body = std::string(rest.substr(0, 64));
  return response;
}

void Try(std::string_view text) {
  HandClock clock(Instant(std::chrono::hours(500'000)));
  Governor governor(clock);
  for (int i = 0; i < 8 && !text.empty(); ++i) {
    const Instant before = clock.Now();
    const Ask ask{.key = {"me", i % 2 == 0 ? "core" : "graphql"},
                  .priority = static_cast<Priority>(i % 3),
                  .deadline = before + std::chrono::hours(26)};
    Result<Grant> grant = governor.Acquire(ask, {});
    // No answer makes anybody wait longer than a day and a window.
    SG_ASSERT(grant.ok());
    (void)grant.value().Settle(TakeAnswer(text));
  }
  const std::string written = governor.Snapshot();
  Governor next(clock);
  SG_ASSERT(next.Restore(written).ok());
  SG_ASSERT(next.Snapshot() == written);
  (void)next.Restore(text).ok();
}

}  // namespace
}  // namespace stargaze::collect

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  stargaze::collect::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
