// What only the source can tell: whether it is reached, what time it is, what a token is worth.

#include <fmt/core.h>

#include <boost/json.hpp>

#include "app/data_folder.h"
#include "app/doctor.h"
#include "base/instant.h"

namespace stargaze::app {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kAnswerLimit{10};
// What an answer's Date may differ by before observations are dated by our own clock.
constexpr std::chrono::minutes kClockFailed{5};
constexpr std::chrono::seconds kClockWarning{30};

Finding Of(const char* check, Health health, std::string detail, std::string remedy = "") {
  return {
      .check = check, .health = health, .detail = std::move(detail), .remedy = std::move(remedy)};
}

std::string BaseUrl(const DoctorOptions& options) {
  const std::string& set = options.settings.Text("github.base_url");
  if (!set.empty()) return set;
  const auto source = options.catalog.sources.find("github");
  return source == options.catalog.sources.end() ? "https://api.github.com"
                                                 : source->second.base_url;
}

Finding Unreached(const std::string& url, const Error& error) {
  std::string remedy = "check the network, the name and a proxy: https_proxy, no_proxy";
  if (error.kind() == ErrorKind::kUnauthorized)
    remedy =
        "the peer's certificate is not trusted: check the machine's authorities and a proxy "
        "that opens TLS";
  return Of("network", Health::kFailed, fmt::format("{}: {}", url, error.message()), remedy);
}

Finding CheckClock(const net::HttpResponse& response, Instant before, Instant now) {
  const auto date = response.headers.Find("date");
  const std::optional<Instant> theirs = date ? ParseHttpDate(*date) : std::nullopt;
  if (!theirs)
    return Of("clock",
              Health::kWarning,
              "the source's answer has no date",
              "look whether a proxy answers in its place");
  // Date is cut to the second and was written between the two.
  const auto off = *theirs + std::chrono::seconds(1) < before ? before - *theirs
                   : *theirs > now                            ? *theirs - now
                                                              : Instant::duration(0);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(off).count();
  const std::string detail = fmt::format("{} s off the source's", seconds);
  const std::string remedy = "set the machine's clock; timedatectl set-ntp true keeps it right";
  if (off > kClockFailed) return Of("clock", Health::kFailed, detail, remedy);
  if (off > kClockWarning) return Of("clock", Health::kWarning, detail, remedy);
  return Of("clock", Health::kOk, detail);
}

// "4,990 of 5,000" for the core resource, from GET /rate_limit, which costs nothing.
std::string Budget(const std::string& body) {
  boost::system::error_code error;
  const json::value parsed = json::parse(body, error);
  if (error) return {};
  const json::value* core = parsed.find_pointer("/resources/core", error);
  if (core == nullptr || !core->is_object()) return {};
  const json::value* remaining = core->as_object().if_contains("remaining");
  const json::value* limit = core->as_object().if_contains("limit");
  if (remaining == nullptr || limit == nullptr || !remaining->is_int64() || !limit->is_int64())
    return {};
  return fmt::format("; {} of {} requests left", remaining->as_int64(), limit->as_int64());
}

Finding CheckToken(const DoctorOptions& options, const net::HttpResponse& response) {
  const std::string& token = options.settings.Text("github.token");
  const std::string budget = Budget(response.body);
  if (token.empty())
    return Of("token",
              Health::kWarning,
              "none: GitHub allows fewer requests" + budget,
              "set STARGAZE_GITHUB_TOKEN, or github.token_file to a file that holds one");
  const std::string origin = LastFour(token) + " from " + options.settings.Origin("github.token");
  if (response.status == 401)
    return Of("token",
              Health::kFailed,
              origin + " is refused by the source",
              "make a new one; it needs no permission for public repositories");
  if (response.status == 403 || response.status == 429)
    return Of("token",
              Health::kWarning,
              fmt::format("{}: HTTP {}", origin, response.status),
              "wait for the limit to be reset, or check the organisation's rules for tokens");
  return Of("token", Health::kOk, origin + " is accepted" + budget);
}

std::vector<Finding> Skipped(const std::string& why) {
  return {Of("network", Health::kSkipped, why),
          Of("clock", Health::kSkipped, why),
          Of("token", Health::kSkipped, why)};
}

}  // namespace

std::vector<Finding> ExamineSource(const DoctorOptions& options) {
  if (options.offline) return Skipped("--offline");
  const Result<FolderIdentity> identity = DataFolder::ReadIdentity(options.settings.Text("home"));
  if (identity.ok() && identity.value().sandbox && options.settings.Text("github.base_url").empty())
    return Skipped("the data folder is a sandbox's, whose source is simulated");
  const auto transport =
      net::CurlTransport::Create({.user_agent = "stargaze-doctor", .proxy = options.proxy});
  if (!transport.ok())
    return {Of("network", Health::kFailed, transport.error().message(), "install libcurl")};
  net::HttpRequest request{.url = BaseUrl(options) + "/rate_limit"};
  request.connect_timeout = kAnswerLimit;
  request.first_byte_timeout = kAnswerLimit;
  request.total_timeout = kAnswerLimit;
  request.redirects_max = 0;  // A token is for one origin.
  const std::string& token = options.settings.Text("github.token");
  if (!token.empty()) request.headers.Add("authorization", "Bearer " + token);
  const Instant before = options.clock.Now();
  const Result<net::HttpResponse> response = transport.value()->Send(request, options.stop);
  if (!response.ok()) {
    std::vector<Finding> findings = Skipped("the source was not reached");
    findings[0] = Unreached(request.url, response.error());
    return findings;
  }
  const bool is_down = response.value().status >= 500;
  return {Of("network",
             is_down ? Health::kWarning : Health::kOk,
             fmt::format("{} answered HTTP {}", request.url, response.value().status),
             is_down ? "the source has trouble: try again later" : ""),
          CheckClock(response.value(), before, options.clock.Now()),
          CheckToken(options, response.value())};
}

}  // namespace stargaze::app
