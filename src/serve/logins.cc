#include "serve/logins.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "base/secret.h"

namespace stargaze::serve {
namespace {

constexpr std::size_t kCodesMax = 64;
constexpr std::size_t kSessionsMax = 1024;

// Drops what has expired, then what expires first until there is room for one more.
template <typename Entries>
void MakeRoom(Entries& entries, Instant now, std::size_t most) {
  std::erase_if(entries, [now](const auto& entry) { return entry.second.expires <= now; });
  while (entries.size() >= most) {
    entries.erase(
        std::min_element(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
          return a.second.expires < b.second.expires;
        }));
  }
}

}  // namespace

std::string Logins::NewCode(Role role) {
  std::string code = NewSecret();
  const std::lock_guard lock(mutex_);
  MakeRoom(codes_, clock_.Now(), kCodesMax);
  codes_[Sha256Hex(code)] = {.role = role, .expires = clock_.Now() + kCodeLife};
  return code;
}

Result<Logins::Opened> Logins::Open(const std::string& code) {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.Now();
  const auto found = codes_.find(Sha256Hex(code));
  if (found == codes_.end() || found->second.expires <= now) {
    return Error(ErrorKind::kUnauthorized,
                 "this login code is unknown, used or older than five minutes")
        .Remedy(
            "start the server again, or ask for a new code with the admin token: POST "
            "/api/v1/login-codes");
  }
  Opened opened{
      .cookie = NewSecret(),
      .facts = {.role = found->second.role, .proof = NewSecret(), .expires = now + kSessionLife}};
  codes_.erase(found);
  MakeRoom(sessions_, now, kSessionsMax);
  sessions_[Sha256Hex(opened.cookie)] = opened.facts;
  return opened;
}

std::optional<SessionFacts> Logins::Find(const std::string& cookie) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(Sha256Hex(cookie));
  if (found == sessions_.end() || found->second.expires <= clock_.Now()) return std::nullopt;
  return found->second;
}

void Logins::Close(const std::string& cookie) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(Sha256Hex(cookie));
}

}  // namespace stargaze::serve
