// Which repositories each instance of a mapped task takes: drawn up once a run, and then fixed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "model/dataset.h"
#include "model/run.h"
#include "registry/registry.h"

namespace stargaze::collect {

// Who was followed when the run's task was expanded, by id; instance N takes the N-th `batch_size`
// of them, whatever is followed, unfollowed or declared since.
struct Batches {
  Instant made_at{};
  int batch_size = 100;
  std::vector<int64_t> repository_ids{};  // Ascending.

  int count() const;
  std::span<const int64_t> Of(int map_index) const;  // Empty behind the last.
};

// An object of the lake per run and task, so that tries, restarts and other machines see the same
// batches. Safe for concurrent use.
class BatchPlans {
 public:
  // All must outlive it.
  BatchPlans(registry::Registry& registry, lake::ObjectStore& lake, Clock& clock)
      : registry_(registry), lake_(lake), clock_(clock) {}

  // How many batches the run has; whoever asks first draws them up. 0: nobody is followed, which is
  // kept nowhere. A full disk is no error yet: the instances find it.
  Result<int> Count(const model::Dataset& dataset,
                    const model::Run& run,
                    const std::string& task_id);

  // The repositories of one instance, as they are now. Empty when nobody is followed;
  // kInvalidInput when the run has no such batch.
  Result<std::vector<registry::FollowedRepository>> Subjects(const model::Dataset& dataset,
                                                             const model::TaskInstance& instance);

 private:
  struct Plan {
    std::string key{};
    std::shared_ptr<const Batches> batches{};
    bool is_kept = false;  // In the lake.
  };

  Result<Plan*> Find(const model::Dataset& dataset,
                     const model::Run& run,
                     const std::string& task_id);
  Result<Batches> Draw(const model::Dataset& dataset);
  Status Keep(Plan& plan);

  registry::Registry& registry_;
  lake::ObjectStore& lake_;
  Clock& clock_;
  std::mutex mutex_;
  std::list<Plan> plans_;  // The last used first; few runs are under way at once.
};

}  // namespace stargaze::collect
