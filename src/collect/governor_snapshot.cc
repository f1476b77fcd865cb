// What a governor knows, as text for the next process: a line per window and per identity.

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <sstream>

#include "collect/governor.h"

namespace stargaze::collect {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::string_view kFirstLine = "governor 1";
constexpr seconds kWaitMax{24 * 3600};

int64_t Count(Instant instant) {
  return instant.time_since_epoch().count();
}

}  // namespace

std::string Governor::Snapshot() const {
  const std::lock_guard lock(mutex_);
  std::string text = fmt::format("{}\n", kFirstLine);
  for (const auto& [key, window] : windows_) {
    if (!window.confirmed) continue;
    // What is under way may be counted by the source, and this process may not see the answer.
    text += fmt::format("window {} {} {} {} {} {} {}\n",
                        key.identity,
                        key.resource,
                        window.limit,
                        std::max<int64_t>(0, window.remaining - window.in_flight),
                        window.reset,
                        Count(window.ends_at),
                        Count(window.blocked_until));
  }
  for (const auto& [name, identity] : identities_) {
    text +=
        fmt::format("identity {} {} {}\n", name, Count(identity.blocked_until), identity.refusals);
    std::deque<Spent> spent = identity.spent.entries();
    for (Spent flying : {identity.in_flight_rest, identity.in_flight_graphql}) {
      flying.at = latest_;
      if (flying.points > 0) spent.push_back(flying);
    }
    for (const Spent& one : spent) {
      text += fmt::format("spent {} {} {} {} {}\n",
                          name,
                          Count(one.at),
                          one.points,
                          one.cpu_ms,
                          one.graphql ? 1 : 0);
    }
  }
  return text;
}

Status Governor::Restore(std::string_view snapshot) {
  const Error unreadable(ErrorKind::kCorrupt, "the state of the rate limits cannot be read");
  std::istringstream lines{std::string(snapshot)};
  std::string line;
  if (!std::getline(lines, line) || line != kFirstLine) return unreadable;
  std::map<LimitKey, Window> windows;
  std::map<std::string, Identity> identities;
  const std::lock_guard lock(mutex_);
  const Instant now = Now();
  // A clock that was wrong when it was written must not make anybody wait for years.
  const auto instant = [&](int64_t count) {
    return std::min(Instant(microseconds(count)), now + kWaitMax);
  };
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string kind;
    std::string name;
    std::string resource;
    int64_t ends_at = 0;
    int64_t blocked = 0;
    words >> kind >> name;
    if (kind == "window") {
      Window window{.confirmed = true};
      words >> resource >> window.limit >> window.remaining >> window.reset >> ends_at >> blocked;
      window.ends_at = instant(ends_at);
      window.blocked_until = instant(blocked);
      windows[{name, resource}] = window;
    } else if (kind == "identity") {
      words >> blocked >> identities[name].refusals;
      identities[name].blocked_until = instant(blocked);
    } else if (kind == "spent") {
      Spent spent;
      words >> ends_at >> spent.points >> spent.cpu_ms >> spent.graphql;
      spent.at = std::min(instant(ends_at), now);
      if (spent.points < 0 || spent.cpu_ms < 0) return unreadable;
      identities[name].spent.Add(spent);
    } else {
      return unreadable;
    }
    if (words.fail()) return unreadable;
  }
  for (auto& [key, window] : windows) windows_.insert_or_assign(key, window);
  for (auto& [name, identity] : identities) identities_.insert_or_assign(name, identity);
  return Ok();
}

}  // namespace stargaze::collect
