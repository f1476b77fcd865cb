#include "orchestrate/retry.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

#include "base/digest.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::seconds;

constexpr seconds kMost = std::chrono::hours(24);
constexpr int kMaxDoublings = 17;  // 2^17 s is more than a day.

// As Python prints a UTC datetime, which is what the hash is taken of.
std::string PythonText(Instant instant) {
  std::string text = FormatInstant(instant);
  text[10] = ' ';
  text.pop_back();
  if (text.ends_with(".000000")) text.resize(text.size() - 7);
  return text + "+00:00";
}

// A 160-bit number in hex, modulo a small one.
int64_t Modulo(const std::string& hex, int64_t divisor) {
  int64_t rest = 0;
  for (const char c : hex) rest = (rest * 16 + (c <= '9' ? c - '0' : c - 'a' + 10)) % divisor;
  return rest;
}

}  // namespace

seconds RetryDelay(const model::DagTask& task,
                   const std::string& dag_id,
                   Instant logical_date,
                   int try_number) {
  const seconds most = std::min(kMost, task.max_retry_delay);
  if (!task.retry_exponential_backoff) return std::clamp(task.retry_delay, seconds(0), kMost);
  const int doublings = std::clamp(try_number - 1, 0, kMaxDoublings);
  const int64_t delay = std::clamp<int64_t>(task.retry_delay.count(), 0, kMost.count());
  const int64_t least = std::max<int64_t>(delay << doublings, 1);
  const std::string hash =
      Sha1Hex(fmt::format("{}#{}#{}#{}", dag_id, task.id, PythonText(logical_date), try_number));
  return std::min(most, seconds(least + Modulo(hash, least)));
}

}  // namespace stargaze::orchestrate
