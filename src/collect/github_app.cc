#include "collect/github_app.h"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "base/digest.h"
#include "net/url.h"
#include "secrets/rs256.h"

namespace stargaze::collect {
namespace {

namespace json = boost::json;
using std::chrono::minutes;
using std::chrono::seconds;

// GitHub refuses a token whose life is over ten minutes, and one issued in its future: the minute
// before now allows for a clock that is ahead.
constexpr seconds kIssuedBefore{60};
constexpr seconds kLife{9 * 60};
// An installation token lives an hour. A request that begins now must not outlive its token.
constexpr minutes kRenewBefore{5};
constexpr minutes kStillGood{1};
constexpr minutes kWaitMax{2};

int64_t Epoch(Instant instant) {
  return std::chrono::floor<seconds>(instant).time_since_epoch().count();
}

}  // namespace

GithubApp::GithubApp(GithubAppOptions options,
                     net::HttpTransport& transport,
                     Governor& governor,
                     Clock& clock)
    : options_(std::move(options)),
      identity_("a" + Sha256Hex("stargaze app " + options_.app_id + " " + options_.installation_id)
                          .substr(0, 12)),
      transport_(transport),
      governor_(governor),
      clock_(clock) {}

Result<secrets::Secret> GithubApp::Token(const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.Now();
  if (!issued_.token.empty() && now + kRenewBefore < issued_.expires_at) return issued_.token;
  Result<Issued> asked = Ask(stop);
  if (asked.ok()) {
    issued_ = std::move(asked).value();
    return issued_.token;
  }
  const bool refused = asked.error().kind() == ErrorKind::kUnauthorized;
  if (!refused && !issued_.token.empty() && now + kStillGood < issued_.expires_at)
    return issued_.token;
  return std::move(asked).error();
}

Result<GithubApp::Issued> GithubApp::Ask(const std::stop_token& stop) {
  const Instant now = clock_.Now();
  const json::object claims{
      {"iat", Epoch(now - kIssuedBefore)}, {"exp", Epoch(now + kLife)}, {"iss", options_.app_id}};
  SG_TRY(const secrets::Secret proof,
         secrets::SignedToken(json::serialize(claims), options_.private_key));
  net::HttpRequest request{
      .method = "POST",
      .url = net::BuildUrl(options_.base_url,
                           fmt::format("/app/installations/{}/access_tokens",
                                       net::PercentEncode(options_.installation_id)),
                           {})};
  request.headers.Add("accept", "application/vnd.github+json");
  request.headers.Add("authorization", "Bearer " + proof.Reveal());
  // The app itself has a limit of its own, apart from its installations'.
  SG_TRY(Grant grant,
         governor_.Acquire({.key = {identity_ + ".app", "core"},
                            .priority = Priority::kWatchlist,
                            .points = PointsOf(request.method),
                            .deadline = now + kWaitMax},
                           stop));
  SG_TRY(const net::HttpResponse response, transport_.Send(request, stop));
  (void)grant.Settle(response);
  return ReadAnswer(response);
}

Result<GithubApp::Issued> GithubApp::ReadAnswer(const net::HttpResponse& response) const {
  const std::string what = fmt::format(
      "the token of GitHub App {}, installation {}", options_.app_id, options_.installation_id);
  if (response.status == 401 || response.status == 404) {
    return Error(ErrorKind::kUnauthorized, fmt::format("HTTP {} for {}", response.status, what))
        .Remedy(response.status == 401
                    ? "check the app's id, its private key and this machine's date"
                    : "check the installation's id: the app may have been uninstalled");
  }
  if (response.status != 201)
    return Error(ErrorKind::kUnavailable, fmt::format("HTTP {} for {}", response.status, what));
  boost::system::error_code error;
  const json::value parsed = json::parse(response.body, error);
  const json::object* answer = error ? nullptr : parsed.if_object();
  const json::value* token = answer == nullptr ? nullptr : answer->if_contains("token");
  const json::value* expires = answer == nullptr ? nullptr : answer->if_contains("expires_at");
  const bool whole = token != nullptr && token->is_string() && !token->as_string().empty() &&
                     expires != nullptr && expires->is_string();
  const auto expires_at =
      whole ? ParseInstant(std::string_view(expires->as_string())) : std::nullopt;
  if (!expires_at)  // The body is not shown: it may hold the token.
    return Error(ErrorKind::kUnavailable, what + " came without its text or its end");
  return Issued{.token = secrets::Secret(std::string(token->as_string())),
                .expires_at = *expires_at};
}

}  // namespace stargaze::collect
