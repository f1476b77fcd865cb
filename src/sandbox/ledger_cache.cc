#include "sandbox/ledger_cache.h"

namespace stargaze::sandbox {
namespace {

constexpr std::size_t kLedgersMax = 8'192;  // About 10 kB each, for a repository of seven years.

}  // namespace

bool LedgerCache::Read(int64_t id,
                       int64_t step,
                       const std::function<void(const StarLedger&)>& read) {
  const std::lock_guard lock(mutex_);
  auto found = ledgers_.find(id);
  if (found == ledgers_.end()) {
    std::optional<StarLedger> opened = open_(id);
    if (!opened) return false;
    if (by_age_.size() >= kLedgersMax) {
      ledgers_.erase(by_age_.front());
      by_age_.pop_front();
    }
    by_age_.push_back(id);
    found = ledgers_.emplace(id, std::move(*opened)).first;
  } else if (!found->second.CanReach(step)) {
    found->second = *open_(id);
  }
  StarLedger& ledger = found->second;
  if (!ledger.CanReach(step)) return false;  // Before the repository was created.
  ledger.AdvanceTo(step);
  read(ledger);
  return true;
}

}  // namespace stargaze::sandbox
