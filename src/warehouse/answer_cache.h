// Answers to questions that many pages ask alike, for as long as what they are about does not
// change.

#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "storage/duckdb.h"

namespace stargaze::warehouse {

// Holds at most `most` answers and forgets the one that has not been asked for the longest.
// Safe for concurrent use.
class AnswerCache {
 public:
  explicit AnswerCache(std::size_t most) : most_(most) {}

  std::optional<storage::SqlRows> Find(const std::string& question);
  // An answer that is there already is replaced.
  void Remember(const std::string& question, storage::SqlRows answer);

 private:
  using Entry = std::pair<std::string, storage::SqlRows>;

  const std::size_t most_;
  std::mutex mutex_;
  std::list<Entry> entries_;  // The one asked for last stands first.
  // Keys live in the entries, which a list never moves.
  std::unordered_map<std::string_view, std::list<Entry>::iterator> places_;
};

}  // namespace stargaze::warehouse
