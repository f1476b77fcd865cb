// The credentials that the settings name, as the collector uses them.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "collect/credential.h"
#include "collect/governor.h"
#include "config/settings.h"
#include "model/dataset.h"
#include "net/http_client.h"

namespace stargaze::app {

struct CredentialOptions {
  std::string base_url{};  // Where the source answers: tokens go to its origin only.
  std::string token{};     // The instance's own; empty: none.
  bool sandbox = false;    // Then nothing but `token` is used: no real one goes to a simulation.
  std::function<void(const collect::TokenAlert&)> alert{};
};

using TokenProviders = std::vector<std::unique_ptr<collect::TokenProvider>>;

// The tokens, each once. Errors and references as for OpenCredentials.
Result<TokenProviders> OpenTokens(const config::Settings& settings,
                                  const CredentialOptions& options,
                                  net::HttpTransport& transport,
                                  collect::Governor& governor,
                                  Clock& clock);

// Where a token comes from, as a person knows it: "STARGAZE_GITHUB_TOKEN", a file's path.
std::string OriginOf(const config::Settings& settings, const collect::TokenProvider& provider);

// Where GitHub answers: github.base_url, or what the catalog says.
std::string GithubBaseUrl(const config::Settings& settings, const model::Catalog& catalog);

// kInvalidInput for half of a GitHub App's settings; kUnauthorized for a file that others may read.
// The references must outlive the pool.
Result<std::unique_ptr<collect::CredentialPool>> OpenCredentials(const config::Settings& settings,
                                                                 CredentialOptions options,
                                                                 net::HttpTransport& transport,
                                                                 collect::Governor& governor,
                                                                 Clock& clock);

}  // namespace stargaze::app
