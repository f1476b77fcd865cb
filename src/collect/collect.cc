#include "collect/collect.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "collect/fetch.h"
#include "collect/raw_writer.h"
#include "collect/walk.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"

namespace stargaze::collect {
namespace {

using model::Manifest;
using model::SubjectOutcome;
using model::SubjectState;

// Subjects that earlier tries of the same task instance have published.
Result<std::set<std::string>> DoneBefore(const CollectJob& job, lake::ObjectStore& lake) {
  const std::string tries = job.attempt.instance.Name() + ".";
  SG_TRY(const std::vector<std::string> keys,
         lake::ListManifests(
             lake, model::Layer::kRaw, job.dataset.name, job.attempt.instance.run.logical_date));
  std::set<std::string> done;
  for (const std::string& key : keys) {
    if (!lake::AttemptOfManifestKey(key).starts_with(tries)) continue;
    SG_TRY(const Manifest manifest, lake::ReadManifest(lake, key));
    for (const SubjectOutcome& subject : manifest.subjects) {
      if (subject.state != SubjectState::kFailed) done.insert(subject.subject);
    }
  }
  return done;
}

Manifest NewManifest(const CollectJob& job, Instant now) {
  const model::Run& run = job.attempt.instance.run;
  Manifest manifest;
  manifest.host = job.base_url;
  manifest.sandbox = job.sandbox;
  manifest.dataset = job.dataset.name;
  manifest.schema_version = job.dataset.schema_version;
  manifest.declaration_hash = job.dataset.hash;
  manifest.attempt = job.attempt.Name();
  manifest.dag_id = run.dag_id;
  manifest.run_id = run.run_id;
  manifest.logical_date = run.logical_date;
  manifest.started_at = now;
  return manifest;
}

// Errors that concern the program or its disk, not one subject: nothing is gained by going on.
bool EndsTheAttempt(const Error& error) {
  return error.kind() == ErrorKind::kCancelled || error.kind() == ErrorKind::kInternal ||
         error.kind() == ErrorKind::kExhausted;
}

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

bool CollectReport::is_partial() const {
  const std::size_t subjects = done.size() + failed.size();
  const std::size_t failed_max = std::max<std::size_t>(1, subjects / 20);
  return !done.empty() && !failed.empty() && failed.size() <= failed_max;
}

Result<CollectReport> Collect(const CollectJob& job, const CollectDeps& deps) {
  return Attempt(job, deps).Run();
}

}  // namespace stargaze::collect
