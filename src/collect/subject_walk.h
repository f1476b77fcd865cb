// One followed repository, asked by REST: all pages of its requests, or nothing of it.

#pragma once

#include <string>
#include <vector>

#include "collect/collect.h"
#include "collect/fetch.h"
#include "collect/known_state.h"

namespace stargaze::collect {

// What a walk has to keep, until it is known whether it reaches its end.
struct KeptPage {
  const model::Request* request = nullptr;
  Page page{};
  int number = 1;
};

struct SubjectPages {
  std::vector<KeptPage> changed{};            // Answered with 200.
  std::vector<model::PageState> states{};     // Of every page, 304s too: they hold from now on.
  std::vector<model::CursorState> cursors{};  // That this walk has moved.
  Instant observed_at{};
  std::optional<Instant> come_back_at{};  // The answer is still being made.
};

// "repository_id=10270250"
std::string SubjectName(const registry::RepositoryRef& repository);

// Variables of a request's templates for one subject.
Variables SubjectVariables(const CollectJob& job, const registry::RepositoryRef& repository);

// An error says why the walk did not reach its end; `fetcher` has the last status.
Result<SubjectPages> WalkSubject(const CollectJob& job,
                                 const registry::RepositoryRef& repository,
                                 const KnownState& known,
                                 Fetcher& fetcher);

}  // namespace stargaze::collect
