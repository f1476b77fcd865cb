// One-time login codes, and the sessions that they open.

#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "serve/router.h"

namespace stargaze::serve {

struct SessionFacts {
  Role role = Role::kViewer;
  std::string proof{};  // What x-stargaze-session must say: another port's page cannot read it.
  Instant expires{};
};

// Safe for concurrent use. Everything is in memory: a restart ends all sessions.
class Logins {
 public:
  static constexpr std::chrono::minutes kCodeLife{5};
  static constexpr std::chrono::hours kSessionLife{12};

  explicit Logins(const Clock& clock) : clock_(clock) {}

  // A code that opens one session of that role; the oldest goes when there are too many.
  std::string NewCode(Role role);
  struct Opened {
    std::string cookie{};
    SessionFacts facts{};
  };
  // kUnauthorized for a code that is unknown, used or too old.
  Result<Opened> Open(const std::string& code);
  std::optional<SessionFacts> Find(const std::string& cookie);
  void Close(const std::string& cookie);

 private:
  struct Code {
    Role role = Role::kViewer;
    Instant expires{};
  };

  // Both are kept by digest, so that a look-up tells nothing by its time.
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Code> codes_;
  std::map<std::string, SessionFacts> sessions_;
};

}  // namespace stargaze::serve
