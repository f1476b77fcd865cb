#include "collect/batches.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "collect/followed.h"
#include "collect/known_state.h"

namespace stargaze::collect {
namespace {

void Add(CollectReport batch, CollectReport& total) {
  std::move(batch.done.begin(), batch.done.end(), std::back_inserter(total.done));
  std::move(batch.failed.begin(), batch.failed.end(), std::back_inserter(total.failed));
  total.requests.sent += batch.requests.sent;
  total.requests.charged += batch.requests.charged;
  total.requests.retried += batch.requests.retried;
  total.records += batch.records;
  total.bytes_written += batch.bytes_written;
  total.unchanged += batch.unchanged;
  total.gone += batch.gone;
  if (!batch.manifest_key.empty()) total.manifest_key = std::move(batch.manifest_key);
  if (!batch.come_back_at) return;
  total.come_back_at =
      std::max(total.come_back_at.value_or(*batch.come_back_at), *batch.come_back_at);
}

}  // namespace

Result<CollectReport> CollectBatches(CollectJob job, const CollectDeps& deps) {
  SG_TRY(const KnownState known, KnownState::Read(job.dataset, deps.lake));
  std::vector<registry::RepositoryRef> all = std::move(job.subjects);
  std::ranges::sort(all, {}, &registry::RepositoryRef::repository_id);
  const auto size = static_cast<std::size_t>(job.dataset.batch_size);
  CollectReport total;
  for (std::size_t at = 0; at < all.size(); at += size) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(size, all.size() - at));
    job.subjects.assign(begin, end);
    job.attempt.instance.map_index = static_cast<int>(at / size);
    SG_TRY(CollectReport batch, CollectFollowed(job, deps, known));
    Add(std::move(batch), total);
  }
  return total;
}

}  // namespace stargaze::collect
