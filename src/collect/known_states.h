// What manifests say, read once a run and dataset for all instances of a mapped task.

#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "collect/known_state.h"
#include "lake/object_store.h"
#include "model/dataset.h"
#include "model/run.h"

namespace stargaze::collect {

// Safe for concurrent use: who asks while another reads waits for what that one has read.
class KnownStates {
 public:
  // A state with more pages than this is kept only as long as somebody uses it.
  explicit KnownStates(std::size_t most_pages_kept = 500'000) : most_pages_(most_pages_kept) {}

  // As of the run's first call or later. What the run itself publishes need not be in it: a subject
  // that an instance has finished is not asked for again by its later tries, and a state that is
  // old costs a request, never a change. A new run reads what was published since, and a
  // declaration that has changed reads everything anew.
  Result<std::shared_ptr<const KnownState>> Of(const model::Dataset& dataset,
                                               const model::Run& run,
                                               lake::ObjectStore& lake);

 private:
  struct Entry {
    std::mutex mutex{};
    std::string hash{};              // Of the declaration that it was read for.
    std::deque<std::string> runs{};  // That it is recent enough for, the newest last.
    std::weak_ptr<KnownState> seen{};
    std::shared_ptr<KnownState> kept{};
  };

  std::shared_ptr<Entry> EntryOf(const std::string& dataset);

  const std::size_t most_pages_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;  // By dataset: as many as are declared.
};

}  // namespace stargaze::collect
