// The ledgers of a world's repositories, kept where their readers left them.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "sandbox/star_ledger.h"

namespace stargaze::sandbox {

// Readings that move forward in time cost little; one that goes back starts its ledger again. Keeps
// a bounded number of ledgers, the oldest goes first. Safe for concurrent use.
class LedgerCache {
 public:
  // A new ledger of that repository, nullopt for an unknown one.
  using Open = std::function<std::optional<StarLedger>(int64_t id)>;

  explicit LedgerCache(Open open) : open_(std::move(open)) {}

  // Calls `read` with the ledger at that step; false for an unknown repository.
  bool Read(int64_t id, int64_t step, const std::function<void(const StarLedger&)>& read);

 private:
  Open open_;
  std::mutex mutex_;
  std::unordered_map<int64_t, StarLedger> ledgers_;  // Guarded by `mutex_`, as is the next.
  std::deque<int64_t> by_age_;
};

}  // namespace stargaze::sandbox
