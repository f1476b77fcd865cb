#include "collect/governor.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace stargaze::collect {
namespace {

using std::chrono::seconds;

// GitHub: "wait at least a minute, then longer each time" where a refusal names no time.
constexpr seconds kRefusalWait{60};
constexpr seconds kRefusalWaitMax{3600};
// A window's end is stated in whole seconds of the source's clock.
constexpr seconds kResetSlack{1};
// No window of GitHub's is longer; a reset further away is a clock gone wrong, not a limit.
constexpr seconds kWindowMax{3600 + 60};
constexpr seconds kAssumedWindow{60};

std::optional<int64_t> IntegerHeader(const net::HttpResponse& response, std::string_view name) {
  const auto text = response.headers.Find(name);
  if (!text) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 0) return std::nullopt;
  return value;
}

// Seconds or an HTTP date (RFC 9110 section 10.2.3).
std::optional<Instant> RetryAfter(const net::HttpResponse& response, Instant now) {
  if (const auto delay = IntegerHeader(response, "retry-after"))
    return now + seconds(std::min<int64_t>(*delay, kWindowMax.count()));
  const auto text = response.headers.Find("retry-after");
  const auto date = text ? ParseHttpDate(*text) : std::nullopt;
  if (!date) return std::nullopt;
  return std::min<Instant>(*date, now + kWindowMax);
}

bool IsRefusal(const net::HttpResponse& response) {
  if (response.status == 429) return true;
  if (response.status != 403) return false;
  // A plain 403 (a private or blocked repository) is an answer; one about limits says so in one of
  // these ways.
  return response.headers.Find("retry-after") ||
         IntegerHeader(response, "x-ratelimit-remaining") == 0 ||
         response.body.find("rate limit") != std::string::npos ||
         response.body.find("abuse") != std::string::npos;
}

}  // namespace

void Governor::Assume(const LimitKey& key, int requests_per_minute) {
  const std::lock_guard lock(mutex_);
  if (limits_.contains(key)) return;
  limits_[key] = {.limit = requests_per_minute, .remaining = requests_per_minute};
}

Instant Governor::WhenFree(Limit& limit, Instant now) const {
  if (limit.reset_at != Instant() && (now >= limit.reset_at || limit.reset_at > now + kWindowMax)) {
    limit.remaining = limit.limit;
    limit.reset_at = Instant();
  }
  if (limit.blocked_until > now) return limit.blocked_until;
  return limit.remaining > 0 ? now : limit.reset_at;
}

Status Governor::Acquire(const LimitKey& key, Instant deadline, const std::stop_token& stop) {
  while (true) {
    Instant free_at;
    const Instant now = clock_.Now();
    {
      const std::lock_guard lock(mutex_);
      Limit& limit = limits_[key];
      free_at = WhenFree(limit, now);
      if (free_at <= now) {
        --limit.remaining;
        if (limit.reset_at == Instant()) limit.reset_at = now + kAssumedWindow + kResetSlack;
        return Ok();
      }
    }
    if (free_at > deadline) {
      const auto wait = std::chrono::ceil<seconds>(free_at - now);
      return Error(ErrorKind::kRateLimited,
                   fmt::format("the limit '{}' is used up until {}",
                               key.resource,
                               FormatInstantSeconds(free_at)))
          .After(wait)
          .Remedy("wait, or give a token: it raises the limits");
    }
    SG_RETURN_IF_ERROR(clock_.SleepUntil(free_at, stop));
    const std::lock_guard lock(mutex_);
    waited_ += clock_.Now() - now;
  }
}

bool Governor::Observe(const LimitKey& key, const net::HttpResponse& response) {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.Now();
  Limit& limit = limits_[key];
  const auto remaining = IntegerHeader(response, "x-ratelimit-remaining");
  const auto reset = IntegerHeader(response, "x-ratelimit-reset");
  if (const auto total = IntegerHeader(response, "x-ratelimit-limit"); total && *total > 0)
    limit.limit = *total;
  if (remaining) limit.remaining = *remaining;
  if (reset) limit.reset_at = Instant(seconds(*reset)) + kResetSlack;
  if (!IsRefusal(response)) {
    limit.refusals = 0;
    return false;
  }
  if (const auto retry_after = RetryAfter(response, now)) {
    limit.blocked_until = *retry_after;
  } else if (remaining == 0 && reset) {
    limit.blocked_until = limit.reset_at;
  } else {
    const seconds wait =
        std::min(kRefusalWaitMax, kRefusalWait * (1 << std::min(limit.refusals, 6)));
    limit.blocked_until = now + wait;
    ++limit.refusals;
  }
  return true;
}

std::chrono::microseconds Governor::waited() const {
  const std::lock_guard lock(mutex_);
  return waited_;
}

}  // namespace stargaze::collect
