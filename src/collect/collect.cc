#include "collect/collect.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "collect/attempt.h"
#include "collect/fetch.h"
#include "collect/followed.h"
#include "collect/raw_writer.h"
#include "collect/walk.h"
#include "lake/manifest_codec.h"

namespace stargaze::collect {
namespace {

using model::Manifest;
using model::SubjectState;

class Attempt {
 public:
  Attempt(const CollectJob& job, const CollectDeps& deps)
      : job_(job),
        deps_(deps),
        manifest_(NewManifest(job, deps.clock.Now())),
        writer_(
            deps.lake, job.dataset.name, job.attempt.instance.run.logical_date, job.attempt.Name()),
        fetcher_(job, deps, manifest_.requests) {}

  Result<CollectReport> Run() {
    SG_TRY(const std::set<std::string> done_before, DoneBefore(job_, deps_.lake));
    report_.done.assign(done_before.begin(), done_before.end());
    for (const model::Request& request : job_.dataset.requests) {
      if (!done_before.contains(request.name)) SG_RETURN_IF_ERROR(WalkSubject(request));
    }
    SG_RETURN_IF_ERROR(Publish());
    report_.requests = manifest_.requests;
    report_.bytes_written = writer_.bytes_written();
    return report_;
  }

 private:
  Status WalkSubject(const model::Request& request) {
    Walk walk(job_, deps_, request, writer_, fetcher_);
    Result<WalkReport> walked = walk.Run();
    if (walked.ok()) {
      SG_TRY(std::vector<model::ManifestObject> objects, writer_.FinishSubject(request.name));
      std::move(objects.begin(), objects.end(), std::back_inserter(manifest_.objects));
      manifest_.subjects.push_back({.subject = request.name,
                                    .state = SubjectState::kChanged,
                                    .observed_at = walked.value().observed_at,
                                    .status = fetcher_.last_status(),
                                    .tries = job_.attempt.try_number});
      report_.done.push_back(request.name);
      report_.records += walked.value().records;
      return Ok();
    }
    writer_.AbandonSubject();
    const Error& error = walked.error();
    if (EndsTheAttempt(error)) return error;
    report_.failed.push_back({.subject = request.name,
                              .state = SubjectState::kFailed,
                              .observed_at = deps_.clock.Now(),
                              .kind = std::string(TraitsOf(error.kind()).name),
                              .message = error.message(),
                              .status = fetcher_.last_status(),
                              .tries = job_.attempt.try_number});
    return Ok();
  }

  // Failures are published with the last try only: until then the next try may still mend them.
  Status Publish() {
    if (job_.last_try)
      manifest_.subjects.insert(
          manifest_.subjects.end(), report_.failed.begin(), report_.failed.end());
    if (manifest_.subjects.empty()) return Ok();
    manifest_.complete = report_.failed.empty();
    manifest_.ended_at = deps_.clock.Now();
    SG_TRY(report_.manifest_key, lake::PublishManifest(deps_.lake, manifest_));
    return Ok();
  }

  const CollectJob& job_;
  const CollectDeps& deps_;
  Manifest manifest_;
  RawWriter writer_;
  Fetcher fetcher_;
  CollectReport report_;
};

}  // namespace

bool CollectReport::is_partial(const model::Dataset& dataset) const {
  const auto subjects = static_cast<int64_t>(done.size() + failed.size());
  return !done.empty() && !failed.empty() &&
         static_cast<int64_t>(failed.size()) <= dataset.FailedMax(subjects);
}

Result<CollectReport> Collect(const CollectJob& job, const CollectDeps& deps) {
  if (job.dataset.for_each == model::ForEach::kFollowed) return CollectFollowed(job, deps);
  return Attempt(job, deps).Run();
}

}  // namespace stargaze::collect
