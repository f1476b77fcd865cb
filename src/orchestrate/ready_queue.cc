#include "orchestrate/ready_queue.h"

#include "base/assert.h"

namespace stargaze::orchestrate {

std::size_t ReadyQueue::LaneNumber(const Lane& lane) {
  const auto [at, is_new] = numbers_.try_emplace(lane, lanes_.size());
  if (is_new) {
    lanes_.push_back(lane);
    offers_.emplace_back();
  }
  return at->second;
}

ReadyQueue::OfDag& ReadyQueue::Of(std::size_t dag) {
  if (dag >= dags_.size()) dags_.resize(dag + 1);
  return dags_[dag];
}

void ReadyQueue::Add(std::size_t dag, const Lane& lane, const ReadyKey& key) {
  const std::size_t number = LaneNumber(lane);
  OfDag& of = Of(dag);
  std::set<ReadyKey>& keys = of.lanes[number];
  const std::optional<ReadyKey> first =
      keys.empty() ? std::nullopt : std::optional<ReadyKey>(*keys.begin());
  if (!keys.insert(key).second) return;
  ++size_;
  if (!of.open || (first && *first < key)) return;
  if (first) offers_[number].erase({.key = *first, .dag = dag});
  offers_[number].insert({.key = key, .dag = dag});
}

void ReadyQueue::Remove(std::size_t dag, const Lane& lane, const ReadyKey& key) {
  const std::size_t number = LaneNumber(lane);
  OfDag& of = Of(dag);
  std::set<ReadyKey>& keys = of.lanes[number];
  if (keys.erase(key) == 0) return;
  --size_;
  if (!of.open || offers_[number].erase({.key = key, .dag = dag}) == 0) return;
  if (!keys.empty()) offers_[number].insert({.key = *keys.begin(), .dag = dag});
}

void ReadyQueue::SetOpen(std::size_t dag, bool open) {
  OfDag& of = Of(dag);
  if (of.open == open) return;
  of.open = open;
  for (const auto& [number, keys] : of.lanes) {
    if (keys.empty()) continue;
    if (open) {
      offers_[number].insert({.key = *keys.begin(), .dag = dag});
    } else {
      offers_[number].erase({.key = *keys.begin(), .dag = dag});
    }
  }
}

std::optional<ReadyQueue::Pick> ReadyQueue::Best(
    const std::function<bool(const Lane&)>& may_serve) const {
  const Offer* best = nullptr;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (offers_[i].empty()) continue;
    const Offer& first = *offers_[i].begin();
    if ((best != nullptr && best->key < first.key) || !may_serve(lanes_[i])) continue;
    best = &first;
  }
  if (best == nullptr) return std::nullopt;
  return Pick{.dag = best->dag, .key = best->key};
}

}  // namespace stargaze::orchestrate
