#include "collect/walk.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "collect/pager.h"
#include "collect/raw_line.h"
#include "net/url.h"

namespace stargaze::collect {
namespace {

using std::chrono::seconds;

// GitHub opened in 2008: nothing was created before.
constexpr Instant kFirstCreation = Instant(std::chrono::sys_days(std::chrono::year(2008) / 1 / 1));

// Every band takes at least one request; more of them than this is a declaration gone wrong.
constexpr int kBandsMax = 20'000;

int64_t ToInteger(const std::optional<std::string>& text, int64_t otherwise) {
  int64_t value = otherwise;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

// Halfway by ratio: star counts spread over orders of magnitude.
int64_t GeometricMiddle(int64_t from, int64_t to) {
  const double middle = std::sqrt(static_cast<double>(from + 1) * static_cast<double>(to + 1)) - 1;
  return std::clamp(static_cast<int64_t>(middle), from, to - 1);
}

std::string TimeRange(const std::pair<Instant, Instant>& range) {
  return FormatInstantSeconds(range.first) + ".." + FormatInstantSeconds(range.second);
}

std::string Describe(const model::Request& request, const Band& band) {
  std::string text = fmt::format("{} {}:{}..{}",
                                 request.name,
                                 request.split->by,
                                 band.from,
                                 band.to ? std::to_string(*band.to) : "*");
  if (band.created) text += " created:" + TimeRange(*band.created);
  return text;
}

}  // namespace

std::optional<std::pair<Band, Band>> Halve(const Band& band,
                                           int64_t largest,
                                           bool by_creation,
                                           Instant now) {
  const int64_t top = std::max(band.to ? std::min(*band.to, largest) : largest, band.from);
  Band low = band;
  Band high = band;
  if (!band.created && top > band.from) {
    const int64_t middle = GeometricMiddle(band.from, top);
    low.to = middle;
    high.from = middle + 1;
    return std::pair(low, high);
  }
  if (!by_creation) return std::nullopt;
  // No upper end: what has grown past `top` meanwhile must not be lost, so a band of its own looks
  // there.
  if (!band.created && band.to != top) {
    low.to = top;
    high.from = top + 1;
    return std::pair(low, high);
  }
  const std::pair<Instant, Instant> range = band.created.value_or(std::pair(kFirstCreation, now));
  const Instant first = std::chrono::floor<seconds>(range.first);
  const Instant last = std::chrono::floor<seconds>(range.second);
  if (first >= last) return std::nullopt;
  const Instant middle = std::chrono::floor<seconds>(first + (last - first) / 2);
  low.created = std::pair(first, middle);
  high.created = std::pair(Instant(middle + seconds(1)), last);
  return std::pair(low, high);
}

Result<WalkReport> Walk::Run() {
  if (request_.split) {
    SG_RETURN_IF_ERROR(WalkBands());
  } else {
    SG_TRY(std::string url, UrlOf(nullptr));
    SG_TRY(PageAsk ask, FirstAsk(request_, std::move(url), job_.variables));
    SG_TRY(Page page, fetcher_.Fetch(request_, ask, budget_));
    SG_RETURN_IF_ERROR(WalkPages(std::move(ask), std::move(page)));
  }
  return report_;
}

Status Walk::WalkBands() {
  SG_TRY(const std::string from, Expand(request_.split->from, job_.variables));
  std::vector<Band> open{{.from = ToInteger(from, 0)}};
  for (int bands = 0; !open.empty(); ++bands) {
    if (bands == kBandsMax)
      return Error(ErrorKind::kUnsupported,
                   fmt::format("more than {} bands: {}", kBandsMax, request_.name));
    const Band band = open.back();
    open.pop_back();
    SG_TRY(const auto halves, WalkBand(band));
    if (!halves) continue;
    open.push_back(halves->first);
    open.push_back(halves->second);
  }
  return Ok();
}

// Walks a band that is small enough; otherwise gives its halves, and its first page is not kept:
// its records come again.
Result<std::optional<std::pair<Band, Band>>> Walk::WalkBand(const Band& band) {
  PageAsk ask;
  SG_TRY(ask.url, UrlOf(&band));
  SG_TRY(Page page, fetcher_.Fetch(request_, ask, budget_));
  ShowProgress();
  if (*page.facts.total < request_.split->until_below) {
    SG_RETURN_IF_ERROR(WalkPages(std::move(ask), std::move(page)));
    return std::optional<std::pair<Band, Band>>();
  }
  const auto halves = Halve(band,
                            ToInteger(page.facts.first_value, band.from),
                            request_.split->then_by.has_value(),
                            deps_.clock.Now());
  if (halves) return halves;
  return Error(ErrorKind::kUnsupported,
               fmt::format("a search cannot be cut small enough: {} has {} results, {} can be read",
                           Describe(request_, band),
                           *page.facts.total,
                           request_.split->until_below));
}

Status Walk::WalkPages(PageAsk ask, Page page) {
  Pager pager(request_, job_.variables);
  for (;;) {
    SG_RETURN_IF_ERROR(pager.Enter(ask));
    // The first page has been fetched to see how large its band is.
    if (pager.number() > 1) {
      SG_TRY(page, fetcher_.Fetch(request_, ask, budget_));
      ShowProgress();
    }
    SG_RETURN_IF_ERROR(Keep(page, pager.number()));
    SG_TRY(std::optional<PageAsk> next, pager.Next(ask, page));
    if (!next) return Ok();
    ask = *std::move(next);
  }
}

Status Walk::Keep(const Page& page, int number) {
  const std::string line =
      RawLine(job_, request_, page, {.number = number, .ordinal = writer_.next_ordinal()});
  SG_RETURN_IF_ERROR(writer_.Append(line));
  report_.records += page.facts.records;
  report_.pages += 1;
  report_.observed_at = std::max(report_.observed_at, page.observed_at);
  return Ok();
}

Result<std::string> Walk::UrlOf(const Band* band) const {
  Variables variables = job_.variables;
  if (band != nullptr) {
    variables["band.from"] = std::to_string(band->from);
    variables["band.to"] = band->to ? std::to_string(*band->to) : "*";
  }
  SG_TRY(const std::string path, Expand(request_.path, variables));
  net::QueryParameters query;
  for (const auto& [name, pattern] : request_.query) {
    SG_TRY(std::string value, Expand(pattern, variables));
    const bool holds_band = pattern.find("{band.") != std::string::npos;
    if (band != nullptr && band->created && holds_band) {
      value += fmt::format(" {}:{}", *request_.split->then_by, TimeRange(*band->created));
    }
    query.emplace_back(name, std::move(value));
  }
  return net::BuildUrl(job_.base_url, path, query);
}

void Walk::ShowProgress() {
  if (job_.progress)
    job_.progress(
        fmt::format("{}: {} pages, {} records", request_.name, report_.pages, report_.records));
}

}  // namespace stargaze::collect
