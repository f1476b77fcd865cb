// Installation tokens of a GitHub App: asked for with the app's key, renewed before they expire.

#pragma once

#include <mutex>
#include <string>

#include "base/clock.h"
#include "collect/credential.h"
#include "collect/governor.h"
#include "net/http_client.h"

namespace stargaze::collect {

struct GithubAppOptions {
  std::string base_url{};  // "https://api.github.com"
  std::string app_id{};
  std::string installation_id{};
  secrets::Secret private_key{};  // PEM, as FileSecrets reads it.
};

class GithubApp final : public TokenProvider {
 public:
  // The references must outlive it.
  GithubApp(GithubAppOptions options,
            net::HttpTransport& transport,
            Governor& governor,
            Clock& clock);
  const std::string& identity() const override { return identity_; }
  const std::string& origin() const override { return origin_; }
  // kUnauthorized when GitHub does not know the app, its key or its installation; while an older
  // token still holds, failing to renew it is no error.
  Result<secrets::Secret> Token(const std::stop_token& stop) override;

 private:
  struct Issued {
    secrets::Secret token{};
    Instant expires_at{};
  };
  Result<Issued> Ask(const std::stop_token& stop);
  Result<Issued> ReadAnswer(const net::HttpResponse& response) const;

  const GithubAppOptions options_;
  const std::string identity_;
  const std::string origin_ = "github.app_id";
  net::HttpTransport& transport_;
  Governor& governor_;
  Clock& clock_;
  std::mutex mutex_;  // Held while asking: everybody waits for the one answer.
  Issued issued_;
};

}  // namespace stargaze::collect
