// What only the source can tell: whether it is reached, what time it is, what a token is worth.

#include <fmt/core.h>

#include "app/credentials.h"
#include "app/data_folder.h"
#include "app/token_check.h"
#include "base/instant.h"

namespace stargaze::app {
namespace {

// What an answer's Date may differ by before observations are dated by our own clock.
constexpr std::chrono::minutes kClockFailed{5};
constexpr std::chrono::seconds kClockWarning{30};

Finding Of(const char* check, Health health, std::string detail, std::string remedy = "") {
  return {
      .check = check, .health = health, .detail = std::move(detail), .remedy = std::move(remedy)};
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

std::vector<Finding> Skipped(const std::string& why) {
  return {Of("network", Health::kSkipped, why),
          Of("clock", Health::kSkipped, why),
          Of("token", Health::kSkipped, why)};
}

Finding WithoutToken(const net::HttpResponse& response) {
  std::string detail = "none: GitHub allows fewer requests";
  const auto limits = ReadLimits(response.body);
  if (const auto core = limits.find("core"); core != limits.end())
    detail += fmt::format("; {} of {} requests left", core->second.remaining, core->second.limit);
  return Of("token",
            Health::kWarning,
            std::move(detail),
            "stargaze auth token add keeps one; or set STARGAZE_GITHUB_TOKEN");
}

Finding CheckToken(const DoctorOptions& options,
                   const std::string& base_url,
                   net::HttpTransport& transport,
                   collect::TokenProvider& provider) {
  const std::string origin = OriginOf(options.settings, provider);
  const Result<secrets::Secret> token = provider.Token(options.stop);
  if (!token.ok())
    return Of("token",
              Health::kFailed,
              fmt::format("none from {}: {}", origin, token.error().message()),
              token.error().remedy());
  const std::string named = token.value().Label() + " from " + origin;
  const Result<net::HttpResponse> response =
      AskLimits(transport, base_url, token.value(), options.stop);
  if (response.ok()) return JudgeToken(named, response.value());
  return Of("token", Health::kFailed, named + ": " + response.error().message(), "try again");
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
  const std::string base_url = GithubBaseUrl(options.settings, options.catalog);
  collect::Governor governor(options.clock);
  const Result<TokenProviders> tokens =
      OpenTokens(options.settings,
                 {.base_url = base_url, .token = options.settings.Text("github.token")},
                 *transport.value(),
                 governor,
                 options.clock);
  if (!tokens.ok())
    return {Of("network", Health::kSkipped, "the tokens cannot be read"),
            Of("clock", Health::kSkipped, "the tokens cannot be read"),
            Of("token", Health::kFailed, tokens.error().message(), tokens.error().remedy())};
  const Instant before = options.clock.Now();
  const Result<net::HttpResponse> response =
      AskLimits(*transport.value(), base_url, secrets::Secret(), options.stop);
  if (!response.ok()) {
    std::vector<Finding> findings = Skipped("the source was not reached");
    findings[0] = Unreached(base_url, response.error());
    return findings;
  }
  const bool is_down = response.value().status >= 500;
  std::vector<Finding> findings{
      Of("network",
         is_down ? Health::kWarning : Health::kOk,
         fmt::format("{} answered HTTP {}", base_url, response.value().status),
         is_down ? "the source has trouble: try again later" : ""),
      CheckClock(response.value(), before, options.clock.Now())};
  for (const auto& token : tokens.value())
    findings.push_back(CheckToken(options, base_url, *transport.value(), *token));
  if (tokens.value().empty()) findings.push_back(WithoutToken(response.value()));
  return findings;
}

}  // namespace stargaze::app
