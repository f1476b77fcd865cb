#include "app/credentials.h"

#include <map>
#include <utility>
#include <vector>

#include "collect/github_app.h"
#include "net/url.h"

namespace stargaze::app {
namespace {

using Providers = std::vector<std::unique_ptr<collect::TokenProvider>>;

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

Result<Providers> ProvidersOf(const config::Settings& settings,
                              const CredentialOptions& options,
                              net::HttpTransport& transport,
                              collect::Governor& governor,
                              Clock& clock) {
  std::map<std::string, std::string> named;
  if (!options.token.empty()) named["GITHUB_TOKEN"] = options.token;
  if (options.sandbox) {
    secrets::EnvironmentSecrets only(std::move(named));
    return collect::TokensFrom(only, "");
  }
  if (std::string more = settings.Text("github.tokens"); !more.empty())
    named["GITHUB_TOKENS"] = std::move(more);
  secrets::EnvironmentSecrets environment(std::move(named));
  SG_TRY(Providers providers,
         collect::TokensFrom(environment, settings.Text("github.tokens_file")));
  SG_TRY(auto app, AppOf(settings, options.base_url, transport, governor, clock));
  if (app != nullptr) providers.push_back(std::move(app));
  return providers;
}

}  // namespace

Result<std::unique_ptr<collect::CredentialPool>> OpenCredentials(const config::Settings& settings,
                                                                 CredentialOptions options,
                                                                 net::HttpTransport& transport,
                                                                 collect::Governor& governor,
                                                                 Clock& clock) {
  SG_TRY(const net::UrlParts home, net::ParseUrl(options.base_url));
  SG_TRY(Providers providers, ProvidersOf(settings, options, transport, governor, clock));
  return std::make_unique<collect::CredentialPool>(
      home.origin, std::move(providers), std::move(options.alert));
}

}  // namespace stargaze::app
