#include "collect/credential.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "base/digest.h"
#include "collect/token_text.h"
#include "net/url.h"

namespace stargaze::collect {
namespace {

constexpr std::size_t kIdentityDigits = 12;

// The finaliser of splitmix64: every bit of the input moves about half of the output's.
uint64_t Mixed(uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

// Must not change: it would move every repository to another token, and void its ETags.
uint64_t Score(const std::string& identity, int64_t repository_id) {
  const std::string digest = Sha256Hex(identity).substr(0, 16);
  uint64_t seed = 0;
  std::from_chars(digest.data(), digest.data() + digest.size(), seed, 16);
  return Mixed(seed ^ Mixed(static_cast<uint64_t>(repository_id)));
}

std::string IdentityOf(const secrets::Secret& token) {
  return "t" + Sha256Hex("stargaze token " + token.Reveal()).substr(0, kIdentityDigits);
}

bool IsSendable(const std::string& token) {
  return token.size() <= 1024 &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 127; });
}

}  // namespace

StaticToken::StaticToken(secrets::Secret token, std::string origin)
    : token_(std::move(token)), identity_(IdentityOf(token_)), origin_(std::move(origin)) {}

std::optional<std::pair<std::string, std::string>> Credential::HeaderFor(
    const std::string& url) const {
  const auto parts = net::ParseUrl(url);
  if (token.empty() || !parts.ok() || parts.value().origin != origin) return std::nullopt;
  return std::pair<std::string, std::string>("authorization", "Bearer " + token.Reveal());
}

CredentialPool::CredentialPool(std::string origin,
                               std::vector<std::unique_ptr<TokenProvider>> providers,
                               std::function<void(const TokenAlert&)> alert)
    : origin_(std::move(origin)), providers_(std::move(providers)), alert_(std::move(alert)) {}

Result<Credential> CredentialPool::CredentialFor(int64_t repository_id,
                                                 const std::stop_token& stop) {
  if (providers_.empty()) return Credential{.origin = origin_};
  TokenProvider* best = nullptr;
  {
    const std::lock_guard lock(mutex_);
    uint64_t best_score = 0;
    for (const auto& provider : providers_) {
      if (aside_.contains(provider->identity())) continue;
      const uint64_t score = Score(provider->identity(), repository_id);
      if (best != nullptr && score <= best_score) continue;
      best = provider.get();
      best_score = score;
    }
  }
  if (best == nullptr) {
    return Error(ErrorKind::kUnauthorized,
                 fmt::format("none of the {} tokens is accepted by {}", providers_.size(), origin_))
        .Remedy("replace the expired or revoked tokens and start again");
  }
  SG_TRY(secrets::Secret token, best->Token(stop));
  Credential credential{.identity = best->identity(), .label = token.Label(), .origin = origin_};
  credential.token = std::move(token);
  return credential;
}

void CredentialPool::SetAside(const Credential& credential) {
  if (credential.token.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (!aside_.insert(credential.identity).second) return;
  }
  if (alert_) {
    alert_({.label = credential.label,
            .message = fmt::format("the token {} is expired or revoked: {} refuses it; it is not "
                                   "used again until the next start",
                                   credential.label,
                                   origin_)});
  }
}

std::string CredentialPool::Summary() const {
  if (providers_.empty())
    return "no token: the source allows 60 requests an hour; one token raises that to 5,000";
  const std::lock_guard lock(mutex_);
  const char* plural = providers_.size() == 1 ? "" : "s";
  if (aside_.empty()) return fmt::format("{} token{}", providers_.size(), plural);
  return fmt::format("{} token{}, {} set aside", providers_.size(), plural, aside_.size());
}

Result<std::vector<std::unique_ptr<TokenProvider>>> TokensFrom(secrets::SecretSource& environment,
                                                               const std::string& token_file) {
  std::vector<std::pair<std::string, std::string>> found;  // Where from, and the token.
  for (const char* name : {"GITHUB_TOKEN", "GITHUB_TOKENS"}) {
    const auto text = environment.Get(name);
    if (!text.ok()) continue;
    for (std::string& part : TokenTexts(text.value().Reveal(), ','))
      found.emplace_back(name, std::move(part));
  }
  if (!token_file.empty()) {
    secrets::FileSecrets files;
    SG_TRY(const secrets::Secret text, files.Get(token_file));
    for (std::string& part : TokenTexts(text.Reveal(), '\n'))
      found.emplace_back(token_file, std::move(part));
  }
  std::vector<std::unique_ptr<TokenProvider>> providers;
  std::set<std::string> identities;
  for (auto& [origin, text] : found) {
    secrets::Secret token(std::move(text));
    if (!IsSendable(token.Reveal()))
      return Error(
          ErrorKind::kInvalidInput,
          fmt::format("{}: the token {} holds characters no token has", origin, token.Label()));
    auto provider = std::make_unique<StaticToken>(std::move(token), origin);
    if (identities.insert(provider->identity()).second) providers.push_back(std::move(provider));
  }
  return providers;
}

}  // namespace stargaze::collect
