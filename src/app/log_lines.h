// What a command says on standard error, as text or as JSON: --log-format.

#pragma once

#include <mutex>
#include <ostream>
#include <streambuf>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace stargaze::app {

enum class LogFormat { kText, kJson };

// "text", "json"
const std::vector<std::string>& LogFormatNames();

// What `arguments` ask for, before anything checks them: an error in them is told in that form too.
LogFormat LogFormatOf(const std::vector<std::string>& arguments);

// {"v":1,"t":"log","at":"2026-01-31T12:00:00Z","level":"warning","message":"…"} with a line end;
// a line that begins with "warning: " is one.
std::string LogJson(const std::string& line, Instant at);

// {"v":1,"t":"error","at":…,"code":"E-CONFLICT","message":…,"remedy":…,"retry_after_s":…}; the last
// two where the error has them.
std::string ErrorJson(const Error& error, Instant at);

// A stream whose lines reach `to` as LogJson, each as soon as it ends. Safe for concurrent use as
// far as `to` is; two threads' pieces of a line may mix, as in any stream.
class JsonLines final : private std::streambuf, public std::ostream {
 public:
  explicit JsonLines(std::ostream& to) : std::ostream(this), to_(to) {}
  ~JsonLines() override;
  JsonLines(const JsonLines&) = delete;
  JsonLines& operator=(const JsonLines&) = delete;

 private:
  int overflow(int c) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;
  void AppendLocked(char c);
  void EndLineLocked();

  std::ostream& to_;
  std::mutex mutex_;
  std::string line_{};
};

}  // namespace stargaze::app
