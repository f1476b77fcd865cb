// How long an answer of the source takes until a chart shows it, by dataset.

#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/instant.h"

namespace stargaze::serve {

// Told of publications as they are noticed, it keeps for each dataset the time from its newest
// answer to the first publication that showed it. One that was there when the process began, or
// came unnoticed between two others, may have been shown earlier: then the lag is at most that.
// Safe for concurrent use.
class DataLag {
 public:
  using Newest = std::map<std::string, Instant>;  // Answer, by dataset.

  // Of the publication made then.
  void Note(const Newest& newest, Instant published_at);
  std::optional<std::chrono::seconds> Of(const std::string& dataset) const;
  std::map<std::string, std::chrono::seconds> All() const;

 private:
  struct Lag {
    Instant answered_at{};
    std::chrono::seconds lag{};
  };
  mutable std::mutex mutex_;
  std::map<std::string, Lag> lags_;
};

}  // namespace stargaze::serve
