// retry-after, with a Date before it on the first line: no wait is negative or longer than a day.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "collect/rate_answer.h"

namespace stargaze::collect {
namespace {

void Try(std::string_view text) {
  const std::size_t cut = std::min(text.find('\n'), text.size());
  net::HttpResponse response{.status = 429};
  response.headers.Add("date", text.substr(0, cut));
  response.headers.Add("retry-after", text.substr(std::min(cut + 1, text.size())));
  const RateAnswer answer = ReadRateAnswer(response, "core", Instant());
  SG_ASSERT(answer.refusal == Refusal::kSecondary);
  if (!answer.retry_after) return;
  SG_ASSERT(answer.retry_after->count() >= 0 && answer.retry_after->count() <= 24 * 3600);
}

}  // namespace
}  // namespace stargaze::collect

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  stargaze::collect::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
