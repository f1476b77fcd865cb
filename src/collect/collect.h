// From a declaration to whole responses in the raw lake: one attempt over a dataset's requests.

#pragma once

#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "collect/credential.h"
#include "collect/governor.h"
#include "collect/template.h"
#include "lake/object_store.h"
#include "model/dataset.h"
#include "model/manifest.h"
#include "model/run.h"
#include "net/http_client.h"
#include "registry/registry.h"

namespace stargaze::collect {

struct CollectJob {
  const model::Dataset& dataset;
  const model::Source& source;
  std::string base_url{};  // Where requests go; the source's own unless an instance says otherwise.
  Variables variables{};   // Settings' values over the declaration's.
  // for_each: followed: those of the attempt's batch.
  std::vector<registry::RepositoryRef> subjects{};
  std::set<int64_t> watched{};  // Those of them that somebody follows by hand: they go first.
  bool backfill = false;        // Of the past: everybody else goes first.
  model::Attempt attempt{};
  bool last_try = false;
  bool sandbox = false;
  Instant deadline{};
  std::stop_token stop{};
  std::function<void(std::string_view line)> progress{};  // May be empty.
};

class KnownStates;

struct CollectDeps {
  net::HttpTransport& transport;
  lake::ObjectStore& lake;
  Clock& clock;
  Governor& governor;
  CredentialPool& credentials;
  KnownStates* known = nullptr;  // Null: an attempt reads earlier manifests for itself.
};

struct CollectReport {
  std::string manifest_key{};       // Empty: this try had nothing to publish.
  std::vector<std::string> done{};  // Subjects whose walks are complete, earlier tries' included.
  std::vector<model::SubjectOutcome> failed{};
  model::RequestCounts requests{};
  int64_t records = 0;
  int64_t bytes_written = 0;
  int64_t unchanged = 0;                  // Subjects whose every page was a 304.
  int64_t gone = 0;                       // Subjects that the source no longer gives.
  std::optional<Instant> come_back_at{};  // Some answers are still being made: reschedule.

  // Whether a last try is partial: not everything failed, and no more than the dataset allows.
  bool is_partial(const model::Dataset& dataset) const;
};

// Walks every request that earlier tries of this task instance have not completed, and publishes
// what it completed. A failed subject is no error here: the report lists it. An error means that
// nothing was published: kExhausted (disk), kCancelled, kInvalidInput (a template or variable).
Result<CollectReport> Collect(const CollectJob& job, const CollectDeps& deps);

}  // namespace stargaze::collect
