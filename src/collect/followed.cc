#include "collect/followed.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "collect/attempt.h"
#include "collect/fetch.h"
#include "collect/known_states.h"
#include "collect/node_query.h"
#include "collect/raw_line.h"
#include "collect/raw_writer.h"
#include "collect/subject_walk.h"
#include "lake/manifest_codec.h"

namespace stargaze::collect {
namespace {

using model::SubjectState;
using registry::RepositoryRef;

// Who is gone may come back (made public again), but rarely: once a week is enough to notice.
constexpr std::chrono::days kAskGoneAgainAfter{7};

// What a status says of a repository that is not given to us; empty: it says nothing final.
std::string_view GoneKind(const Error& error, int status) {
  if (status == 404) return "not_found";
  if (status == 200 && error.kind() == ErrorKind::kNotFound) return "not_found";  // GraphQL
  if (status == 410) return "gone";
  if (status == 451) return "legal";
  // A limit, or a token that may not ask, is another kind of error.
  return status == 403 && error.kind() == ErrorKind::kNotFound ? "forbidden" : "";
}

// What has become of a repository that answers by another name than it had; empty: nothing.
std::string_view MoveKind(std::string_view before, std::string_view now) {
  if (before.empty() || now.empty() || before == now) return "";
  const bool same_owner = before.substr(0, before.find('/')) == now.substr(0, now.find('/'));
  return same_owner ? "renamed" : "transferred";
}

// Many repositories by one query, not one after the other.
bool AsksForNodes(const model::Request& request) {
  return request.graphql && !request.graphql->ids.empty();
}

Status CheckSupported(const model::Dataset& dataset) {
  for (const model::Request& request : dataset.requests) {
    const bool same_way = AsksForNodes(request) == AsksForNodes(dataset.requests.front());
    if (same_way) continue;
    return Error(ErrorKind::kUnsupported,
                 fmt::format("request {} of {} asks in a way that is not collected yet",
                             request.name,
                             dataset.name));
  }
  return Ok();
}

class FollowedAttempt {
 public:
  FollowedAttempt(const CollectJob& job, const CollectDeps& deps, const KnownState& known)
      : job_(job),
        deps_(deps),
        known_(known),
        manifest_(NewManifest(job, deps.clock.Now())),
        writer_(
            deps.lake, job.dataset.name, job.attempt.instance.run.logical_date, job.attempt.Name()),
        fetcher_(job, deps, manifest_.requests) {}

  Result<CollectReport> Run() {
    SG_RETURN_IF_ERROR(CheckSupported(job_.dataset));
    SG_TRY(const std::vector<RepositoryRef> open, OpenSubjects());
    const bool by_node = AsksForNodes(job_.dataset.requests.front());
    const Status walked = by_node ? AskForNodes(open) : WalkEach(open);
    if (!walked.ok()) {
      writer_.AbandonSubject();
      return walked.error();
    }
    SG_RETURN_IF_ERROR(Publish());
    report_.requests = manifest_.requests;
    report_.bytes_written = writer_.bytes_written();
    return std::move(report_);
  }

 private:
  Result<std::vector<RepositoryRef>> OpenSubjects() {
    SG_TRY(const std::set<std::string> done, DoneBefore(job_, deps_.lake));
    std::vector<RepositoryRef> open;
    for (const RepositoryRef& repository : job_.subjects) {
      const std::string name = SubjectName(repository);
      const auto gone_since = known_.GoneSince(name);
      if (done.contains(name)) {
        report_.done.push_back(name);
      } else if (gone_since && deps_.clock.Now() < *gone_since + kAskGoneAgainAfter) {
        ++report_.gone;
      } else {
        open.push_back(repository);
      }
    }
    return open;
  }

  Status WalkEach(const std::vector<RepositoryRef>& repositories) {
    for (const RepositoryRef& repository : repositories) {
      Result<SubjectPages> pages = WalkSubject(job_, repository, known_, fetcher_);
      if (!pages.ok()) {
        if (EndsTheAttempt(pages.error())) return pages.error();
        Fail(repository, pages.error(), fetcher_.last_status());
      } else if (pages.value().come_back_at) {
        // Neither done nor failed: the next attempt asks for it.
        const Instant at = *pages.value().come_back_at;
        report_.come_back_at = std::max(report_.come_back_at.value_or(at), at);
      } else {
        SG_RETURN_IF_ERROR(Keep(repository, std::move(pages).value()));
      }
      ShowProgress(repositories.size());
    }
    return Ok();
  }

  Status Keep(const RepositoryRef& repository, SubjectPages pages) {
    for (const KeptPage& kept : pages.changed) {
      report_.records += kept.page.facts.records;
      SG_RETURN_IF_ERROR(writer_.Append(RawLine(job_,
                                                *kept.request,
                                                kept.page,
                                                {.number = kept.number,
                                                 .ordinal = writer_.next_ordinal(),
                                                 .subjects = std::span(&repository, 1)})));
    }
    std::move(pages.states.begin(), pages.states.end(), std::back_inserter(manifest_.pages));
    std::ranges::move(pages.cursors, std::back_inserter(manifest_.cursors));
    const bool changed = !pages.changed.empty();
    report_.unchanged += changed ? 0 : 1;
    Done(
        repository, changed ? SubjectState::kChanged : SubjectState::kUnchanged, pages.observed_at);
    return Ok();
  }

  Status AskForNodes(const std::vector<RepositoryRef>& repositories) {
    for (const model::Request& request : job_.dataset.requests) {
      SG_TRY(const NodeAnswers answers,
             AskNodes(job_, request, repositories, fetcher_, manifest_.requests));
      for (const NodeAnswer& answer : answers.answers) {
        report_.records += answer.page.facts.records;
        SG_RETURN_IF_ERROR(
            writer_.Append(RawLine(job_,
                                   request,
                                   answer.page,
                                   {.ordinal = writer_.next_ordinal(), .subjects = answer.asked})));
        for (const RepositoryRef& repository : answer.asked) {
          const auto found = answer.found.find(repository.repository_id);
          if (found != answer.found.end()) {
            Done(repository, SubjectState::kChanged, answer.page.observed_at, found->second);
          } else {
            Gone(repository, "not_found", 200, answer.page.observed_at);
          }
        }
      }
      for (const NodeFailure& failure : answers.failures)
        Fail(failure.repository, failure.error, failure.status);
    }
    return Ok();
  }

  void Done(const RepositoryRef& repository,
            SubjectState state,
            Instant observed_at,
            const std::string& full_name = "") {
    manifest_.subjects.push_back({.subject = SubjectName(repository),
                                  .state = state,
                                  .observed_at = observed_at,
                                  .kind = std::string(MoveKind(repository.full_name, full_name)),
                                  .full_name = full_name,
                                  .status = fetcher_.last_status(),
                                  .tries = job_.attempt.try_number});
    report_.done.push_back(SubjectName(repository));
  }

  void Gone(const RepositoryRef& repository,
            std::string_view kind,
            int status,
            Instant observed_at) {
    manifest_.subjects.push_back({.subject = SubjectName(repository),
                                  .state = SubjectState::kGone,
                                  .observed_at = observed_at,
                                  .kind = std::string(kind),
                                  .status = status,
                                  .tries = job_.attempt.try_number});
    report_.done.push_back(SubjectName(repository));
    ++report_.gone;
  }

  void Fail(const RepositoryRef& repository, const Error& error, int status) {
    const std::string_view gone = GoneKind(error, status);
    if (!gone.empty()) return Gone(repository, gone, status, deps_.clock.Now());
    report_.failed.push_back({.subject = SubjectName(repository),
                              .state = SubjectState::kFailed,
                              .observed_at = deps_.clock.Now(),
                              .kind = std::string(TraitsOf(error.kind()).name),
                              .message = error.message(),
                              .status = status,
                              .tries = job_.attempt.try_number});
  }

  // Failures are published with the last try only: until then the next try may still mend them.
  Status Publish() {
    SG_TRY(manifest_.objects, writer_.FinishSubject(""));
    if (job_.last_try)
      manifest_.subjects.insert(
          manifest_.subjects.end(), report_.failed.begin(), report_.failed.end());
    if (manifest_.subjects.empty()) return Ok();
    manifest_.complete = report_.failed.empty() && !report_.come_back_at;
    manifest_.ended_at = deps_.clock.Now();
    SG_TRY(report_.manifest_key, lake::PublishManifest(deps_.lake, manifest_));
    return Ok();
  }

  void ShowProgress(std::size_t of) {
    if (job_.progress)
      job_.progress(fmt::format("{}: {} of {} repositories",
                                job_.dataset.name,
                                report_.done.size() + report_.failed.size(),
                                of));
  }

  const CollectJob& job_;
  const CollectDeps& deps_;
  const KnownState& known_;
  model::Manifest manifest_;
  RawWriter writer_;
  Fetcher fetcher_;
  CollectReport report_;
};

}  // namespace

Result<CollectReport> CollectFollowed(const CollectJob& job, const CollectDeps& deps) {
  if (deps.known == nullptr) {
    SG_TRY(const KnownState known, KnownState::Read(job.dataset, deps.lake));
    return FollowedAttempt(job, deps, known).Run();
  }
  SG_TRY(const std::shared_ptr<const KnownState> known,
         deps.known->Of(job.dataset, job.attempt.instance.run, deps.lake));
  return FollowedAttempt(job, deps, *known).Run();
}

}  // namespace stargaze::collect
