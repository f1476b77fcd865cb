#include "app/token_check.h"

#include <fmt/core.h>

#include <boost/json.hpp>

namespace stargaze::app {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kAnswerLimit{10};

std::optional<int64_t> IntegerOf(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->as_int64();
}

}  // namespace

Result<net::HttpResponse> AskLimits(net::HttpTransport& transport,
                                    const std::string& base_url,
                                    const secrets::Secret& token,
                                    const std::stop_token& stop) {
  net::HttpRequest request{.url = base_url + "/rate_limit"};
  request.connect_timeout = kAnswerLimit;
  request.first_byte_timeout = kAnswerLimit;
  request.total_timeout = kAnswerLimit;
  request.redirects_max = 0;  // A token is for one origin.
  if (!token.empty()) request.headers.Add("authorization", "Bearer " + token.Reveal());
  return transport.Send(request, stop);
}

std::map<std::string, LimitFacts> ReadLimits(const std::string& body) {
  std::map<std::string, LimitFacts> limits;
  boost::system::error_code error;
  const json::value parsed = json::parse(body, error);
  const json::value* resources = error ? nullptr : parsed.find_pointer("/resources", error);
  if (error || resources == nullptr || !resources->is_object()) return limits;
  for (const auto& [name, value] : resources->as_object()) {
    if (!value.is_object()) continue;
    const auto limit = IntegerOf(value.as_object(), "limit");
    const auto remaining = IntegerOf(value.as_object(), "remaining");
    if (!limit || !remaining) continue;
    LimitFacts facts{.limit = *limit, .remaining = *remaining};
    if (const auto reset = IntegerOf(value.as_object(), "reset"))
      facts.reset_at = Instant(std::chrono::seconds(*reset));
    limits[std::string(name)] = facts;
  }
  return limits;
}

Finding JudgeToken(const std::string& named, const net::HttpResponse& response) {
  Finding finding{.check = "token"};
  if (response.status == 401) {
    finding.health = Health::kFailed;
    finding.detail = named + " is refused by the source";
    finding.remedy = "make a new one; it needs no permission for public repositories";
  } else if (response.status == 403 || response.status == 429) {
    finding.health = Health::kWarning;
    finding.detail = fmt::format("{}: HTTP {}", named, response.status);
    finding.remedy = "wait for the limit to be reset, or check the organisation's rules for tokens";
  } else if (response.status != 200) {
    finding.health = Health::kSkipped;
    finding.detail = fmt::format("{}: not known, HTTP {}", named, response.status);
    finding.remedy = "the source has trouble, or something else answers there: stargaze doctor";
  } else {
    finding.detail = named + " is accepted";
    const auto limits = ReadLimits(response.body);
    if (const auto core = limits.find("core"); core != limits.end())
      finding.detail +=
          fmt::format("; {} of {} requests left", core->second.remaining, core->second.limit);
  }
  return finding;
}

}  // namespace stargaze::app
