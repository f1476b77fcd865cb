#include "collect/rate_answer.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace stargaze::collect {
namespace {

using std::chrono::seconds;

// No window of GitHub's is longer; a reset further away is a clock gone wrong, not a limit.
constexpr int64_t kWindowSecondsMax = 3600 + 60;
constexpr int64_t kRetryAfterSecondsMax = int64_t{24} * 3600;
// A refusal is a sentence. Longer bodies are data, in which any words may stand.
constexpr std::size_t kRefusalBytesMax = 4096;

std::optional<int64_t> IntegerHeader(const net::HttpResponse& response, std::string_view name) {
  const auto text = response.headers.Find(name);
  if (!text) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 0) return std::nullopt;
  return value;
}

// What may become a part of our state: not just any text of a stranger's.
bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Instant SourceNow(const net::HttpResponse& response, Instant now) {
  const auto text = response.headers.Find("date");
  const auto date = text ? ParseHttpDate(*text) : std::nullopt;
  return date.value_or(now);
}

seconds Clamped(int64_t value, int64_t max) {
  return seconds(std::clamp<int64_t>(value, 0, max));
}

// Seconds or an HTTP date (RFC 9110 section 10.2.3).
std::optional<seconds> RetryAfter(const net::HttpResponse& response, Instant source_now) {
  if (const auto delay = IntegerHeader(response, "retry-after"))
    return Clamped(*delay, kRetryAfterSecondsMax);
  const auto text = response.headers.Find("retry-after");
  const auto date = text ? ParseHttpDate(*text) : std::nullopt;
  if (!date) return std::nullopt;
  return Clamped(std::chrono::ceil<seconds>(*date - source_now).count(), kRetryAfterSecondsMax);
}

bool Says(const net::HttpResponse& response, std::string_view words) {
  return response.body.size() <= kRefusalBytesMax && response.body.find(words) != std::string::npos;
}

bool IsGraphqlRefusal(const net::HttpResponse& response) {
  return Says(response, "\"errors\"") && !Says(response, "\"data\":{") &&
         (Says(response, "RATE_LIMITED") || Says(response, "secondary rate limit"));
}

Refusal RefusalOf(const net::HttpResponse& response,
                  std::string_view resource,
                  const RateAnswer& answer) {
  const bool refused =
      response.status == 429 ||
      (response.status == 200 && resource == "graphql" && IsGraphqlRefusal(response)) ||
      // A plain 403 (private, blocked) is an answer; one about limits says so in one of these ways.
      (response.status == 403 && (answer.retry_after || answer.remaining == 0 ||
                                  Says(response, "rate limit") || Says(response, "abuse")));
  if (!refused) return Refusal::kNone;
  return answer.remaining == 0 ? Refusal::kPrimary : Refusal::kSecondary;
}

}  // namespace

RateAnswer ReadRateAnswer(const net::HttpResponse& response,
                          std::string_view resource,
                          Instant now) {
  const Instant source_now = SourceNow(response, now);
  RateAnswer answer{.limit = IntegerHeader(response, "x-ratelimit-limit"),
                    .remaining = IntegerHeader(response, "x-ratelimit-remaining"),
                    .reset = IntegerHeader(response, "x-ratelimit-reset"),
                    .retry_after = RetryAfter(response, source_now)};
  if (answer.limit == 0) answer.limit = std::nullopt;
  if (answer.limit && answer.remaining)
    answer.remaining = std::min(*answer.remaining, *answer.limit);
  // GitHub leaves `remaining` out where `used` says it.
  const auto used = IntegerHeader(response, "x-ratelimit-used");
  if (!answer.remaining && used && answer.limit)
    answer.remaining = *answer.limit - std::min(*used, *answer.limit);
  if (answer.reset) {
    const int64_t at = std::chrono::floor<seconds>(source_now).time_since_epoch().count();
    const int64_t reset = std::min(*answer.reset, at + kWindowSecondsMax);
    answer.resets_in = Clamped(reset - at, kWindowSecondsMax);
  }
  if (const auto name = response.headers.Find("x-ratelimit-resource"); name && IsName(*name))
    answer.resource = std::string(*name);
  answer.refusal = RefusalOf(response, resource, answer);
  return answer;
}

}  // namespace stargaze::collect
