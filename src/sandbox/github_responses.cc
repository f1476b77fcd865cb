#include "sandbox/github_responses.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "sandbox/json_text.h"

namespace stargaze::sandbox {
namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kDocumentation = "https://docs.github.com/rest";

std::string Quoted(std::string_view text) {
  std::string quoted;
  AppendJsonText(quoted, text);
  return quoted;
}

net::HttpResponse JsonResponse(int status, std::string body) {
  net::HttpResponse response{.status = status, .body = std::move(body)};
  response.headers.Add("content-type", kJson);
  return response;
}

std::string PageUrl(const PageLinks& links, int64_t page) {
  net::QueryParameters query = links.query;
  std::erase_if(query, [](const auto& parameter) { return parameter.first == "page"; });
  query.emplace_back("page", std::to_string(page));
  return net::BuildUrl(links.base_url, links.path, query);
}

std::string QuotaJson(const Quota& quota) {
  return fmt::format(R"({{"limit":{},"used":{},"remaining":{},"reset":{}}})",
                     quota.limit,
                     quota.used,
                     quota.remaining(),
                     quota.reset_seconds);
}

}  // namespace

net::HttpResponse ErrorResponse(int status,
                                std::string_view message,
                                std::string_view documentation) {
  return JsonResponse(status,
                      fmt::format(R"({{"message":{},"documentation_url":"{}{}","status":"{}"}})",
                                  Quoted(message),
                                  kDocumentation,
                                  documentation,
                                  status));
}

net::HttpResponse NotFoundResponse() {
  return ErrorResponse(404, "Not Found", "/repos/repos#get-a-repository");
}

net::HttpResponse TakenDownResponse() {
  return JsonResponse(
      451,
      R"({"message":"Repository access blocked","block":{"reason":"dmca","created_at":"2026-01-01T00:00:00Z",)"
      R"("html_url":"https://github.example/dmca"}})");
}

net::HttpResponse ValidationFailed(std::string_view code, std::string_view message) {
  std::string error = fmt::format(R"({{"resource":"Search","field":"q","code":"{}")", code);
  if (!message.empty()) error += fmt::format(R"(,"message":{})", Quoted(message));
  return JsonResponse(422,
                      fmt::format(R"({{"message":"Validation Failed","errors":[{}}}],)"
                                  R"("documentation_url":"{}/search/search","status":"422"}})",
                                  error,
                                  kDocumentation));
}

net::HttpResponse LimitExceeded(int status, const Quota& quota) {
  const std::string message =
      fmt::format("API rate limit exceeded for {} requests.", ResourceName(quota.resource));
  return ErrorResponse(status, message, "/overview/rate-limits-for-the-rest-api");
}

net::HttpResponse SecondaryLimit(int retry_after_seconds) {
  net::HttpResponse response =
      ErrorResponse(403,
                    "You have exceeded a secondary rate limit. Wait before you try again.",
                    "/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits");
  if (retry_after_seconds > 0)
    response.headers.Add("retry-after", std::to_string(retry_after_seconds));
  return response;
}

net::HttpResponse HtmlPage(int status, std::string_view title) {
  net::HttpResponse response{.status = status};
  response.headers.Add("content-type", "text/html; charset=utf-8");
  response.body = fmt::format(
      "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n",
      title);
  return response;
}

void AddQuotaHeaders(net::Headers& headers, const Quota& quota) {
  headers.Add("x-ratelimit-limit", std::to_string(quota.limit));
  headers.Add("x-ratelimit-remaining", std::to_string(quota.remaining()));
  headers.Add("x-ratelimit-used", std::to_string(quota.used));
  headers.Add("x-ratelimit-reset", std::to_string(quota.reset_seconds));
  headers.Add("x-ratelimit-resource", ResourceName(quota.resource));
}

std::string RateLimitBody(const Quota& core, const Quota& search, const Quota& graphql) {
  return fmt::format(R"({{"resources":{{"core":{0},"search":{1},"graphql":{2}}},"rate":{0}}})",
                     QuotaJson(core),
                     QuotaJson(search),
                     QuotaJson(graphql));
}

std::string LinkHeader(const PageLinks& links) {
  std::vector<std::string> entries;
  const auto add = [&](int64_t page, std::string_view relation) {
    entries.push_back(fmt::format(R"(<{}>; rel="{}")", PageUrl(links, page), relation));
  };
  if (links.page > 1) add(std::min(links.page - 1, links.last), "prev");
  if (links.page < links.last) add(links.page + 1, "next");
  if (links.page < links.last) add(links.last, "last");
  if (links.page > 1) add(1, "first");
  return fmt::format("{}", fmt::join(entries, ", "));
}

}  // namespace stargaze::sandbox
