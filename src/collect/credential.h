// Who asks: tokens, each bound to its share of the repositories.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "secrets/secret_source.h"

namespace stargaze::collect {

// Something that has a token to give. Safe for concurrent use.
class TokenProvider {
 public:
  virtual ~TokenProvider() = default;
  // The same after a restart; does not reveal the token.
  virtual const std::string& identity() const = 0;
  // Where it was found: the name of a variable, the path of a file.
  virtual const std::string& origin() const = 0;
  virtual Result<secrets::Secret> Token(const std::stop_token& stop) = 0;
};

// A token that somebody wrote down.
class StaticToken final : public TokenProvider {
 public:
  explicit StaticToken(secrets::Secret token, std::string origin = "");
  const std::string& identity() const override { return identity_; }
  const std::string& origin() const override { return origin_; }
  Result<secrets::Secret> Token(const std::stop_token&) override { return token_; }

 private:
  secrets::Secret token_;
  std::string identity_;
  std::string origin_;
};

// What one request is sent with.
struct Credential {
  std::string identity = "anonymous";  // For the governor and for ETags.
  std::string label{};                 // For people: "…" and four characters; empty: no token.
  std::string origin{};
  secrets::Secret token{};

  // The header for a URL; nullopt without a token and for every origin but its own.
  std::optional<std::pair<std::string, std::string>> HeaderFor(const std::string& url) const;
};

struct TokenAlert {
  std::string label{};
  std::string message{};
};

// Safe for concurrent use.
class CredentialPool {
 public:
  // `origin`: where the tokens may go, "https://api.github.com". `alert` may be empty.
  CredentialPool(std::string origin,
                 std::vector<std::unique_ptr<TokenProvider>> providers,
                 std::function<void(const TokenAlert&)> alert);

  // The repository's own credential (rendezvous hashing: a further token takes its share from all
  // others and moves nothing else). Anonymous when no token is configured; kUnauthorized when every
  // token was set aside.
  Result<Credential> CredentialFor(int64_t repository_id, const std::stop_token& stop);

  // The source answered 401: sets the credential's token aside until the process starts anew.
  void SetAside(const Credential& credential);

  std::size_t size() const { return providers_.size(); }

  // "4 tokens, 1 set aside"; without any what that means.
  std::string Summary() const;

 private:
  const std::string origin_;
  const std::vector<std::unique_ptr<TokenProvider>> providers_;
  const std::function<void(const TokenAlert&)> alert_;
  mutable std::mutex mutex_;
  std::set<std::string> aside_;  // Identities.
};

// Tokens from GITHUB_TOKEN and GITHUB_TOKENS (separated by commas) of `environment`, and from the
// file, one a line ('#' begins a comment); empty path: none. Each once, in that order.
Result<std::vector<std::unique_ptr<TokenProvider>>> TokensFrom(secrets::SecretSource& environment,
                                                               const std::string& token_file);

}  // namespace stargaze::collect
