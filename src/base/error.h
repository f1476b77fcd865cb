// What went wrong, in the only terms callers may branch on.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace stargaze {

enum class ErrorKind : unsigned char {
  kInvalidInput,  // The user's configuration or request; never retried.
  kNotFound,
  kConflict,
  kUnauthorized,
  kRateLimited,  // Retry after `retry_after()`.
  kTimeout,
  kUnavailable,  // Remote 5xx, refused connection.
  kCancelled,
  kCorrupt,    // Stored or received data breaks its contract; quarantined, never retried.
  kExhausted,  // Disk, size limit, queue bound.
  kOutOfMemory,
  kUnsupported,
  kInternal,
};

// How the rest of the program treats a kind; the one table is in error.cc.
struct ErrorTraits {
  std::string_view name{};  // Metric label and code in user-facing messages, "rate_limited".
  bool retryable = false;
  int http_status = 500;
  int exit_code = 1;  // The CLI's stable exit codes: see docs/cli.md.
};

const ErrorTraits& TraitsOf(ErrorKind kind);

class Error {
 public:
  Error(ErrorKind kind, std::string message) : message_(std::move(message)), kind_(kind) {}

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  // What the user can do about it; empty when nothing better is known than the message.
  const std::string& remedy() const { return remedy_; }
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }

  // True when the same call may succeed later without a change by the user.
  bool retryable() const { return TraitsOf(kind_).retryable; }

  Error&& After(std::chrono::seconds delay) && {
    retry_after_ = delay;
    return std::move(*this);
  }

  Error&& Remedy(std::string remedy) && {
    remedy_ = std::move(remedy);
    return std::move(*this);
  }

  // Prefixes what the caller was doing: "collect github/issue acme/app: HTTP 502".
  Error&& While(std::string_view doing) && {
    message_.insert(0, std::string(doing) + ": ");
    return std::move(*this);
  }

 private:
  std::string message_;
  std::string remedy_;
  std::optional<std::chrono::seconds> retry_after_;
  ErrorKind kind_;
};

}  // namespace stargaze
