// Who is next: tasks of runs that may begin, in Airflow's order, found without looking at those
// that may not.

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/instant.h"
#include "model/dag.h"

namespace stargaze::orchestrate {

// One task of one run: all its waiting instances together, which go by map_index.
struct ReadyKey {
  int64_t priority = 0;
  Instant run_date{};
  int64_t run = 0;
  std::size_t task = 0;

  // Priority descending, then run date, run and task ascending.
  friend bool operator<(const ReadyKey& a, const ReadyKey& b) {
    return std::tie(b.priority, a.run_date, a.run, a.task) <
           std::tie(a.priority, b.run_date, b.run, b.task);
  }
};

// Those that share a lane need the same: so many slots of that pool, a thread of that kind. A lane
// can serve either its first or nobody.
struct Lane {
  std::string pool{};
  int slots = 1;
  model::TaskLoad load = model::TaskLoad::kWaiting;

  friend auto operator<=>(const Lane&, const Lane&) = default;  // NOLINT(modernize-use-nullptr)
};

// Every operation costs the logarithm of what is in it, times the number of lanes, never more: a
// DAG at its limit is one closed door in front of its tasks, not a task to be skipped thousandfold.
class ReadyQueue {
 public:
  void Add(std::size_t dag, const Lane& lane, const ReadyKey& key);
  void Remove(std::size_t dag, const Lane& lane, const ReadyKey& key);
  // A closed DAG keeps its tasks but offers none.
  void SetOpen(std::size_t dag, bool open);
  std::size_t size() const { return size_; }

  struct Pick {
    std::size_t dag = 0;
    ReadyKey key{};
  };
  // The first of all lanes that `may_serve` lets pass; stays in the queue.
  std::optional<Pick> Best(const std::function<bool(const Lane&)>& may_serve) const;

 private:
  struct Offer {  // The first task of an open DAG in a lane.
    ReadyKey key{};
    std::size_t dag = 0;
    friend bool operator<(const Offer& a, const Offer& b) { return a.key < b.key; }
  };
  struct OfDag {
    bool open = true;
    std::map<std::size_t, std::set<ReadyKey>> lanes{};
  };

  std::size_t LaneNumber(const Lane& lane);
  OfDag& Of(std::size_t dag);

  std::map<Lane, std::size_t> numbers_;
  std::vector<Lane> lanes_;
  std::vector<std::set<Offer>> offers_;  // Beside lanes_.
  std::vector<OfDag> dags_;
  std::size_t size_ = 0;
};

}  // namespace stargaze::orchestrate
