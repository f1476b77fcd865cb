#include "app/tasks.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iterator>
#include <utility>

#include "app/scheduling.h"
#include "collect/collect.h"
#include "lake/cover.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "refine/found_repositories.h"
#include "refine/refine.h"

namespace stargaze::app {
namespace {

using model::Dataset;
using model::Manifest;
using orchestrate::Outcome;
using orchestrate::TaskBody;
using orchestrate::TaskContext;

Result<std::string> Parameter(const model::DagTask& task, const std::string& name) {
  const auto found = task.with.find(name);
  if (found != task.with.end()) return found->second;
  return Error(ErrorKind::kInvalidInput,
               fmt::format("task {} ({}) lacks the parameter '{}'", task.id, task.uses, name));
}

Result<const Dataset*> DatasetOf(const Instance& instance, const model::DagTask& task) {
  SG_TRY(const std::string name, Parameter(task, "dataset"));
  const Dataset* dataset = instance.declarations.catalog.FindDataset(name);
  if (dataset != nullptr) return dataset;
  return Error(ErrorKind::kInvalidInput,
               fmt::format("task {} names a dataset that the catalog lacks: {}", task.id, name));
}

// The raw manifests of one run and dataset, oldest try first.
Result<std::vector<lake::PublishedManifest>> RawManifests(Instance& instance,
                                                          const std::string& dataset,
                                                          const model::Run& run) {
  SG_TRY(std::vector<lake::PublishedManifest> found,
         lake::ReadAttempts(*instance.lake, model::Layer::kRaw, dataset, run.logical_date));
  std::erase_if(found, [&](const lake::PublishedManifest& one) {
    return one.manifest.dag_id != run.dag_id || one.manifest.run_id != run.run_id;
  });
  return found;
}

refine::RefineOptions RefineOptionsOf(const Instance& instance) {
  return {.scratch_directory = instance.folder->ScratchPath()};
}

Result<Outcome> RefineRun(Instance& instance, const TaskContext& context) {
  const model::Run& run = context.attempt.instance.run;
  refine::RefineReport total;
  int64_t manifests = 0;
  for (const Dataset& dataset : instance.declarations.catalog.datasets) {
    if (dataset.dag != run.dag_id) continue;
    SG_TRY(const auto raw, RawManifests(instance, dataset.name, run));
    for (const auto& [key, manifest] : raw) {
      const std::string refined = lake::ManifestKey(
          model::Layer::kAnalytics, manifest.dataset, manifest.logical_date, manifest.attempt);
      if (instance.lake->Head(refined).ok()) continue;
      // Before it counts as refined: whatever ends this process here, the next one observes it
      // again.
      SG_RETURN_IF_ERROR(instance.registry->Observe(manifest));
      SG_TRY(const refine::RefineReport report,
             refine::Refine(manifest,
                            key,
                            dataset,
                            *instance.lake,
                            *instance.engine,
                            instance.clock,
                            RefineOptionsOf(instance)));
      total.records += report.records;
      total.rows += report.rows;
      total.quarantined += report.quarantined;
      ++manifests;
    }
  }
  return Outcome::Success(fmt::format("{} manifests, {} records, {} rows, {} quarantined",
                                      manifests,
                                      total.records,
                                      total.rows,
                                      total.quarantined));
}

Result<Outcome> LoadAll(Instance& instance, const TaskContext& context) {
  SG_TRY(const auto turn, instance.WarehouseTurn(context.stop));
  SG_TRY(const warehouse::LoadReport report, instance.warehouse->Load(*instance.lake));
  std::string detail = fmt::format("{} manifests, {} files", report.manifests, report.files);
  if (!report.unknown_datasets.empty())
    detail += ", unknown dataset " + report.unknown_datasets.front();
  return Outcome::Success(std::move(detail));
}

// A rule's list is what a complete walk found; a walk that did not reach its end unfollows nobody.
Result<Outcome> Follow(Instance& instance,
                       const TaskContext& context,
                       const Dataset& dataset,
                       const std::string& rule,
                       const std::string& request) {
  SG_TRY(const auto manifests, RawManifests(instance, dataset.name, context.attempt.instance.run));
  for (const auto& [key, manifest] : manifests) {
    for (const model::SubjectOutcome& subject : manifest.subjects) {
      if (subject.subject != request || subject.state != model::SubjectState::kChanged) continue;
      SG_TRY(const std::vector<refine::FoundRecord> found,
             refine::FoundRepositories(manifest, request, dataset, *instance.lake));
      std::vector<registry::RepositoryRef> list;
      for (const refine::FoundRecord& record : found) {
        list.push_back({.repository_id = record.repository_id,
                        .node_id = record.node_id,
                        .full_name = record.full_name});
      }
      SG_TRY(const registry::ReplaceCounts counts, instance.registry->ReplaceRule(rule, list));
      return Outcome::Success(fmt::format("{}: {} followed, {} new, {} left",
                                          rule,
                                          counts.added + counts.kept,
                                          counts.added,
                                          counts.removed));
    }
  }
  return Outcome::Skip(fmt::format("{}: no complete walk of {} in this run", rule, request));
}

std::string Describe(const collect::CollectReport& report, const Instance& instance) {
  std::string text = fmt::format("{} records, {} requests ({} retried), {:.1f} MB kept",
                                 report.records,
                                 report.requests.sent,
                                 report.requests.retried,
                                 static_cast<double>(report.bytes_written) / 1e6);
  if (report.unchanged > 0) text += fmt::format(", {} unchanged", report.unchanged);
  if (report.gone > 0) text += fmt::format(", {} gone", report.gone);
  if (!instance.options.identity.sandbox) text += "; " + instance.credentials->Summary();
  return text;
}

// While tries remain a failed subject means another try; the last one decides between partial and
// failed.
Result<Outcome> OutcomeOf(const collect::CollectReport& report,
                          const Instance& instance,
                          const Dataset& dataset,
                          bool last_try) {
  if (report.failed.empty() && report.come_back_at) {
    return Outcome{.state = orchestrate::OutcomeState::kReschedule,
                   .detail = "some answers are still being made",
                   .at = *report.come_back_at};
  }
  if (report.failed.empty()) return Outcome::Success(Describe(report, instance));
  const model::SubjectOutcome& first = report.failed.front();
  const std::string what = fmt::format("{} of {} failed, first {}: {}",
                                       report.failed.size(),
                                       report.failed.size() + report.done.size(),
                                       first.subject,
                                       first.message);
  if (last_try && report.is_partial(dataset)) return Outcome::Partial(what);
  // Retryable, so that the runner gives it another try while there is one.
  return Error(ErrorKind::kUnavailable, what);
}

// A try that ends by itself before it is stopped publishes what it has; so it may not begin a
// request whose answer would come too late.
Instant LastRequestAt(Instant now, Instant deadline) {
  constexpr std::chrono::seconds kRoom{90};  // A request takes 60 s at most.
  return deadline - std::min<Instant::duration>(kRoom, (deadline - now) / 10);
}

Result<Outcome> CollectDataset(Instance& instance,
                               const TaskContext& context,
                               const Dataset& dataset) {
  const model::Source& source = instance.declarations.catalog.sources.at(dataset.source);
  const std::string base_url =
      instance.options.base_url.empty() ? source.base_url : instance.options.base_url;
  collect::CollectJob job{.dataset = dataset,
                          .source = source,
                          .base_url = base_url,
                          .variables = dataset.vars,
                          .backfill = model::IsBackfill(context.attempt.instance.run),
                          .attempt = context.attempt,
                          .last_try = context.last_try,
                          .sandbox = instance.options.identity.sandbox,
                          .deadline = LastRequestAt(instance.clock.Now(), context.deadline),
                          .stop = context.stop,
                          .progress = context.progress};
  const collect::CollectDeps deps{.transport = *instance.transport,
                                  .lake = *instance.lake,
                                  .clock = instance.clock,
                                  .governor = *instance.governor,
                                  .credentials = *instance.credentials,
                                  .known = &instance.known_states};
  if (dataset.for_each == model::ForEach::kFollowed) {
    SG_TRY(const std::vector<registry::FollowedRepository> subjects,
           instance.batches->Subjects(dataset, context.attempt.instance));
    if (subjects.empty()) return Outcome::Skip("no repository is followed");
    for (const registry::FollowedRepository& subject : subjects) {
      job.subjects.push_back(subject.repository);
      if (subject.IsFollowedBy(registry::kManualRule))
        job.watched.insert(subject.repository.repository_id);
    }
  }
  SG_TRY(const collect::CollectReport report, collect::Collect(job, deps));
  const bool tells =
      instance.scheduling != nullptr && instance.scheduling->options().follows_schedules;
  if (tells && !report.manifest_key.empty()) {
    SG_RETURN_IF_ERROR(
        instance.scheduling->scheduler().ManifestPublished(dataset.name, report.manifest_key));
  }
  return OutcomeOf(report, instance, dataset, context.last_try);
}

// Marts and Parquet files of what has been loaded, behind the pointer.
Result<Outcome> Publish(Instance& instance, const RunFacts& facts, const TaskContext& context) {
  {
    SG_TRY(const auto turn, instance.WarehouseTurn(context.stop));
    SG_RETURN_IF_ERROR(instance.warehouse->Publish(instance.clock));
  }
  const model::TaskInstance& task = context.attempt.instance;
  SG_TRY(const RunSoFar so_far, facts(task.run, task.task_id));
  const auto lag =
      std::chrono::duration_cast<std::chrono::seconds>(instance.clock.Now() - so_far.started_at);
  return Outcome::Success(
      fmt::format("published; its first answer was at most {} s on the way", lag.count()));
}

// The run's end, as the warehouse knows it from now on.
Result<Outcome> Journal(Instance& instance,
                        const model::Dag& dag,
                        const RunFacts& facts,
                        const TaskContext& context) {
  const model::TaskInstance& task = context.attempt.instance;
  SG_TRY(const RunSoFar so_far, facts(task.run, task.task_id));
  SG_RETURN_IF_ERROR(JournalRun(instance, dag, task.run, so_far));
  SG_TRY(const Outcome loaded, LoadAll(instance, context));
  return Outcome::Success(so_far.state + "; " + loaded.detail);
}

Result<TaskBody> MakeWait(Instance& instance, const model::DagTask& task) {
  SG_TRY(const std::string text, Parameter(task, "seconds"));
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("task {}: seconds: not a whole number: {}", task.id, text));
  }
  return TaskBody([&instance, seconds](const TaskContext& context) -> Result<Outcome> {
    const Instant until = instance.clock.Now() + std::chrono::seconds(seconds);
    SG_RETURN_IF_ERROR(instance.clock.SleepUntil(until, context.stop));
    return Outcome::Success(fmt::format("waited {} s", seconds));
  });
}

// Tasks that touch no data: they join, hold up or end a run.
Result<TaskBody> MakePlainTask(Instance& instance, const model::DagTask& task) {
  if (task.uses == "wait") return MakeWait(instance, task);
  if (task.uses == "empty")
    return TaskBody([](const TaskContext&) { return Outcome::Success(""); });
  if (task.uses == "fail") {
    return TaskBody([](const TaskContext&) {
      return Outcome{.state = orchestrate::OutcomeState::kFail,
                     .detail = "a task of this run failed"};
    });
  }
  return Error(ErrorKind::kInvalidInput,
               fmt::format("task {}: nothing is called '{}'", task.id, task.uses));
}

}  // namespace

std::string MappedOver(const model::DagTask& task, const Dataset& dataset) {
  const bool is_mapped = task.uses == "collect" && dataset.for_each == model::ForEach::kFollowed;
  return is_mapped ? "followed" : "";
}

Result<int> CountInstances(Instance& instance, const model::DagTask& task, const model::Run& run) {
  SG_TRY(const Dataset* dataset, DatasetOf(instance, task));
  return instance.batches->Count(*dataset, run, task.id);
}

std::vector<std::string> TaskKinds() {
  return {"collect", "refine", "load", "follow", "journal", "publish", "empty", "wait", "fail"};
}

Result<TaskBody> MakeTask(Instance& instance,
                          const model::Dag& dag,
                          const model::DagTask& task,
                          RunFacts facts) {
  if (task.uses == "refine") {
    return TaskBody(
        [&instance](const TaskContext& context) { return RefineRun(instance, context); });
  }
  if (task.uses == "load")
    return TaskBody([&instance](const TaskContext& context) { return LoadAll(instance, context); });
  if (task.uses == "publish") {
    return TaskBody([&instance, facts = std::move(facts)](const TaskContext& context) {
      return Publish(instance, facts, context);
    });
  }
  if (task.uses == "journal") {
    return TaskBody([&instance, dag, facts = std::move(facts)](const TaskContext& context) {
      return Journal(instance, dag, facts, context);
    });
  }
  if (task.uses != "collect" && task.uses != "follow") return MakePlainTask(instance, task);
  SG_TRY(const Dataset* dataset, DatasetOf(instance, task));
  if (task.uses == "collect") {
    return TaskBody([&instance, dataset](const TaskContext& context) {
      return CollectDataset(instance, context, *dataset);
    });
  }
  SG_TRY(const std::string rule, Parameter(task, "rule"));
  SG_TRY(const std::string request, Parameter(task, "request"));
  return TaskBody([&instance, dataset, rule, request](const TaskContext& context) {
    return Follow(instance, context, *dataset, rule, request);
  });
}

}  // namespace stargaze::app
