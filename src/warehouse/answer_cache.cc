#include "warehouse/answer_cache.h"

namespace stargaze::warehouse {

std::optional<storage::SqlRows> AnswerCache::Find(const std::string& question) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(question);
  if (place == places_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, place->second);
  return place->second->second;
}

void AnswerCache::Remember(const std::string& question, storage::SqlRows answer) {
  const std::lock_guard lock(mutex_);
  if (const auto place = places_.find(question); place != places_.end()) {
    place->second->second = std::move(answer);
    entries_.splice(entries_.begin(), entries_, place->second);
    return;
  }
  entries_.emplace_front(question, std::move(answer));
  places_.emplace(entries_.front().first, entries_.begin());
  if (entries_.size() <= most_) return;
  places_.erase(entries_.back().first);
  entries_.pop_back();
}

}  // namespace stargaze::warehouse
