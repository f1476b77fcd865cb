#include "app/credentials.h"

#include <map>
#include <utility>
#include <vector>

#include "collect/github_app.h"
#include "net/url.h"

namespace stargaze::app {
namespace {

constexpr const char* kOne = "GITHUB_TOKEN";
constexpr const char* kMore = "GITHUB_TOKENS";

Result<std::unique_ptr<collect::TokenProvider>> AppOf(const config::Settings& settings,
                                                      const std::string& base_url,
                                                      net::HttpTransport& transport,
                                                      collect::Governor& governor,
                                                      Clock& clock) {
  collect::GithubAppOptions options{.base_url = base_url,
                                    .app_id = settings.Text("github.app_id"),
                                    .installation_id = settings.Text("github.app_installation_id")};
  const std::string& key_file = settings.Text("github.app_key_file");
  if (options.app_id.empty() && options.installation_id.empty() && key_file.empty())
    return std::unique_ptr<collect::TokenProvider>();
  if (options.app_id.empty() || options.installation_id.empty() || key_file.empty()) {
    return Error(ErrorKind::kInvalidInput,
                 "a GitHub App needs github.app_id, github.app_installation_id and "
                 "github.app_key_file; only some of them are set")
        .Remedy("set all three, or none");
  }
  secrets::FileSecrets files;
  SG_TRY(options.private_key, files.Get(key_file));
  return std::unique_ptr<collect::TokenProvider>(
      std::make_unique<collect::GithubApp>(std::move(options), transport, governor, clock));
}

}  // namespace

Result<TokenProviders> OpenTokens(const config::Settings& settings,
                                  const CredentialOptions& options,
                                  net::HttpTransport& transport,
                                  collect::Governor& governor,
                                  Clock& clock) {
  std::map<std::string, std::string> named;
  if (!options.token.empty()) named[kOne] = options.token;
  if (options.sandbox) {
    secrets::EnvironmentSecrets only(std::move(named));
    return collect::TokensFrom(only, "");
  }
  if (std::string more = settings.Text("github.tokens"); !more.empty())
    named[kMore] = std::move(more);
  secrets::EnvironmentSecrets environment(std::move(named));
  SG_TRY(TokenProviders providers,
         collect::TokensFrom(environment, settings.Text("github.tokens_file")));
  SG_TRY(auto app, AppOf(settings, options.base_url, transport, governor, clock));
  if (app != nullptr) providers.push_back(std::move(app));
  return providers;
}

std::string OriginOf(const config::Settings& settings, const collect::TokenProvider& provider) {
  const std::string& origin = provider.origin();
  if (origin == kOne) return settings.Origin("github.token");
  return origin == kMore ? settings.Origin("github.tokens") : origin;
}

std::string GithubBaseUrl(const config::Settings& settings, const model::Catalog& catalog) {
  if (const std::string& set = settings.Text("github.base_url"); !set.empty()) return set;
  const auto source = catalog.sources.find("github");
  return source == catalog.sources.end() ? "https://api.github.com" : source->second.base_url;
}

Result<std::unique_ptr<collect::CredentialPool>> OpenCredentials(const config::Settings& settings,
                                                                 CredentialOptions options,
                                                                 net::HttpTransport& transport,
                                                                 collect::Governor& governor,
                                                                 Clock& clock) {
  SG_TRY(const net::UrlParts home, net::ParseUrl(options.base_url));
  SG_TRY(TokenProviders providers, OpenTokens(settings, options, transport, governor, clock));
  return std::make_unique<collect::CredentialPool>(
      home.origin, std::move(providers), std::move(options.alert));
}

}  // namespace stargaze::app
