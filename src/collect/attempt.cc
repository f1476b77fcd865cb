#include "collect/attempt.h"

#include <vector>

#include "lake/layout.h"
#include "lake/manifest_codec.h"

namespace stargaze::collect {

using model::Manifest;
using model::SubjectOutcome;
using model::SubjectState;

Result<std::set<std::string>> DoneBefore(const CollectJob& job, lake::ObjectStore& lake) {
  const std::string tries = job.attempt.instance.Name() + ".";
  // By name, since a mapped task may have thousands of instances on the same day.
  SG_TRY(
      const std::vector<lake::ObjectInfo> listed,
      lake.List(lake::ManifestPrefix(
                    model::Layer::kRaw, job.dataset.name, job.attempt.instance.run.logical_date) +
                tries));
  std::set<std::string> done;
  for (const auto& [key, bytes, modified_at] : listed) {
    if (!lake::IsManifestKey(key)) continue;
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

bool EndsTheAttempt(const Error& error) {
  return error.kind() == ErrorKind::kCancelled || error.kind() == ErrorKind::kInternal ||
         error.kind() == ErrorKind::kExhausted;
}

}  // namespace stargaze::collect
