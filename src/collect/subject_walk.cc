#include "collect/subject_walk.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "collect/pager.h"
#include "model/cursor_value.h"
#include "net/url.h"

namespace stargaze::collect {
namespace {

using model::Request;

constexpr int kRetries = 5;
// What one repository may hold in memory before its walk has reached its end.
constexpr std::size_t kSubjectBytesMax = std::size_t{64} << 20;

Instant ComeBackAt(const Request& request, const Page& page) {
  std::chrono::seconds wait = request.reschedule_after;
  if (const auto text = page.response.headers.Find("retry-after")) {
    int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    const bool is_number = error == std::errc() && end == text->data() + text->size();
    if (is_number && seconds > 0 && seconds <= 86'400) wait = std::chrono::seconds(seconds);
  }
  return page.observed_at + wait;
}

class SubjectWalk {
 public:
  SubjectWalk(const CollectJob& job,
              const registry::RepositoryRef& repository,
              const KnownState& known,
              Fetcher& fetcher)
      : job_(job), repository_(repository), known_(known), fetcher_(fetcher) {}

  Result<SubjectPages> Run() {
    SG_RETURN_IF_ERROR(fetcher_.AskFor(std::span(&repository_, 1)));
    for (const Request& request : job_.dataset.requests) {
      SG_RETURN_IF_ERROR(WalkRequest(request));
      if (pages_.come_back_at) break;
    }
    return std::move(pages_);
  }

 private:
  Result<PageAsk> First(const Request& request, const Variables& variables) const {
    SG_TRY(const std::string path, Expand(request.path, variables));
    net::QueryParameters query;
    for (const auto& [name, pattern] : request.query) {
      SG_TRY(std::string value, Expand(pattern, variables));
      query.emplace_back(name, std::move(value));
    }
    return FirstAsk(request, net::BuildUrl(job_.base_url, path, query), variables);
  }

  Status WalkRequest(const Request& request) {
    const std::string name = SubjectName(repository_);
    Variables variables = SubjectVariables(job_, repository_);
    const std::optional<int64_t> begun_at = Reached(request, name);
    std::optional<int64_t> reached = begun_at;
    if (request.cursor) variables["cursor"] = CursorOf(request, begun_at);
    SG_TRY(PageAsk ask, First(request, variables));
    Pager pager(request, variables);
    const bool first_page_only = request.paginate.then_first_page && known_.IsFilled(name);
    const bool first_fill = request.paginate.then_first_page && !first_page_only;
    for (;;) {
      SG_RETURN_IF_ERROR(pager.Enter(ask));
      model::PageState state{.subject = name,
                             .request = request.name,
                             .identity = fetcher_.identity(),
                             .url = ask.url,
                             .accept = fetcher_.AcceptOf(request)};
      const auto before = request.conditional ? known_.FindPage(state) : std::nullopt;
      ask.etag = before ? before->etag : "";
      ask.first_fill = first_fill;
      SG_TRY(Page page, fetcher_.Fetch(request, ask, budget_));
      pages_.observed_at = std::max(pages_.observed_at, page.observed_at);
      const int status = page.response.status;
      if (status != 200 && status != 304) {
        pages_.come_back_at = ComeBackAt(request, page);
        return Ok();
      }
      const bool unchanged = status == 304;
      state.identity = fetcher_.identity();  // Another one, if the first was refused.
      std::optional<PageAsk> next;
      if (unchanged) {
        state = *before;  // A 304 says nothing of the next page: the stored chain goes on.
        if (!state.next.empty()) next = {.url = state.next};
      } else {
        SG_TRY(next, pager.Next(ask, page));
      }
      SG_RETURN_IF_ERROR(Remember(request, unchanged, next, state, page));
      const int number = pager.number();
      reached = std::max(reached, page.facts.largest);  // No value is less than any.
      if (!unchanged) {
        pages_.changed.push_back({.request = &request, .page = std::move(page), .number = number});
      }
      const bool proves_rest = unchanged && request.unchanged_first_page_proves_rest;
      if (!next || first_page_only || (number == 1 && proves_rest)) break;
      ask = *std::move(next);
    }
    if (reached > begun_at) Advance(request, name, *reached);
    return Ok();
  }

  model::ColumnType CursorType(const Request& request) const {
    return job_.dataset.tables.front().FindColumn(request.cursor->by)->type;
  }

  // How far the last published walk has come; nullopt without a cursor or before the first.
  std::optional<int64_t> Reached(const Request& request, const std::string& name) const {
    if (!request.cursor) return std::nullopt;
    const std::optional<std::string> known = known_.CursorOf(name, request.name);
    return known ? model::ParseCursorValue(CursorType(request), *known) : std::nullopt;
  }

  std::string CursorOf(const Request& request, std::optional<int64_t> reached) const {
    if (!reached) return request.cursor->from;
    const model::ColumnType type = CursorType(request);
    return model::FormatCursorValue(type,
                                    model::LessOverlap(type, *reached, request.cursor->overlap));
  }

  // Manifests write whole seconds: within the same one nothing has moved.
  void Advance(const Request& request, const std::string& name, int64_t reached) {
    std::string value = model::FormatCursorValue(CursorType(request), reached);
    if (value == known_.CursorOf(name, request.name)) return;
    pages_.cursors.push_back({.subject = name, .request = request.name, .value = std::move(value)});
  }

  Status Remember(const Request& request,
                  bool unchanged,
                  const std::optional<PageAsk>& next,
                  model::PageState& state,
                  const Page& page) {
    if (!unchanged) {
      state.etag = std::string(page.response.headers.Find("etag").value_or(""));
      state.next = next ? next->url : "";
      bytes_ += page.response.body.size();
      if (bytes_ > kSubjectBytesMax) {
        return Error(ErrorKind::kUnsupported,
                     fmt::format("the answers for one repository are too large: limit_bytes={}",
                                 kSubjectBytesMax));
      }
    }
    if (request.conditional && !state.etag.empty()) pages_.states.push_back(state);
    return Ok();
  }

  const CollectJob& job_;
  const registry::RepositoryRef& repository_;
  const KnownState& known_;
  Fetcher& fetcher_;
  RetryBudget budget_{kRetries};
  SubjectPages pages_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::string SubjectName(const registry::RepositoryRef& repository) {
  return fmt::format("repository_id={}", repository.repository_id);
}

Variables SubjectVariables(const CollectJob& job, const registry::RepositoryRef& repository) {
  Variables variables = job.variables;
  variables["repository_id"] = std::to_string(repository.repository_id);
  variables["node_id"] = repository.node_id;
  variables["full_name"] = repository.full_name;
  return variables;
}

Result<SubjectPages> WalkSubject(const CollectJob& job,
                                 const registry::RepositoryRef& repository,
                                 const KnownState& known,
                                 Fetcher& fetcher) {
  return SubjectWalk(job, repository, known, fetcher).Run();
}

}  // namespace stargaze::collect
