#include "collect/known_states.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace stargaze::collect {
namespace {

constexpr std::size_t kRunsRemembered = 64;

}  // namespace

std::shared_ptr<KnownStates::Entry> KnownStates::EntryOf(const std::string& dataset) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Entry>& entry = entries_[dataset];
  if (!entry) entry = std::make_shared<Entry>();
  return entry;
}

Result<std::shared_ptr<const KnownState>> KnownStates::Of(const model::Dataset& dataset,
                                                          const model::Run& run,
                                                          lake::ObjectStore& lake) {
  const std::shared_ptr<Entry> entry = EntryOf(dataset.name);
  const std::lock_guard lock(entry->mutex);
  std::shared_ptr<KnownState> known = entry->seen.lock();
  if (!known || entry->hash != dataset.hash) {
    known = nullptr;
    entry->runs.clear();
  }
  const std::string name = run.dag_id + "." + run.run_id;
  if (known && std::ranges::find(entry->runs, name) != entry->runs.end())
    return std::shared_ptr<const KnownState>(known);

  SG_TRY(const std::vector<std::string> keys, KnownState::Keys(dataset, lake));
  if (!known || !known->HasRead(keys)) {
    if (!known) known = std::make_shared<KnownState>();
    // Who holds it reads on in what it was; where nobody does, there is no need for two.
    const bool held = known.use_count() > (entry->kept == known ? 2 : 1);
    if (held) known = std::make_shared<KnownState>(*known);
    // What those who have let go of it read, they read before it changes: a count orders nothing.
    std::atomic_thread_fence(std::memory_order_acquire);
    SG_RETURN_IF_ERROR(known->CatchUp(dataset, lake, keys));
  }
  entry->hash = dataset.hash;
  entry->seen = known;
  entry->kept = known->pages() <= most_pages_ ? known : nullptr;
  entry->runs.push_back(name);
  if (entry->runs.size() > kRunsRemembered) entry->runs.pop_front();
  return std::shared_ptr<const KnownState>(known);
}

}  // namespace stargaze::collect
