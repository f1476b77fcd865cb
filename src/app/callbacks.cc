#include "app/callbacks.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

#include "base/instant.h"

namespace stargaze::app {
namespace {

using orchestrate::CallbackContext;

constexpr const char* kLog = "log";

std::string StateOf(const CallbackContext& context) {
  if (context.task_id.empty()) return std::string(NameOf(context.run.state));
  return fmt::format("{}[{}] try {} {}",
                     context.task_id,
                     context.map_index,
                     context.try_number,
                     NameOf(context.state));
}

// One line, whatever stands in an error of a source.
std::string LineOf(const CallbackContext& context, Instant now) {
  std::string line = fmt::format("{} {} {} {}{}",
                                 FormatInstant(now),
                                 context.run.run.dag_id,
                                 context.run.run.run_id,
                                 StateOf(context),
                                 context.detail.empty() ? "" : ": " + context.detail);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::ranges::replace_if(line, is_control, ' ');
  return line + "\n";
}

// Appends to a file that does not grow for ever.
class CallbackLog {
 public:
  explicit CallbackLog(CallbackOptions options) : options_(std::move(options)) {}

  Status Append(const std::string& line) {
    const std::lock_guard lock(mutex_);
    std::error_code ignored;  // What cannot be made cannot be opened either.
    std::filesystem::create_directories(std::filesystem::path(options_.log_path).parent_path(),
                                        ignored);
    Roll();
    // Never waits: not for a reader of a pipe that somebody has put in its place either.
    const int file = ::open(
        options_.log_path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0644);
    if (file < 0) return Failed("open", errno);
    const ssize_t written = ::write(file, line.data(), line.size());
    const int code = errno;
    ::close(file);
    if (written == static_cast<ssize_t>(line.size())) return Ok();
    return Failed("write", written < 0 ? code : ENOSPC);
  }

 private:
  void Roll() {
    struct stat status {};
    if (::stat(options_.log_path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    if (status.st_size < options_.most_log_bytes) return;
    std::error_code ignored;  // Then it grows a little further.
    std::filesystem::rename(options_.log_path, options_.log_path + ".1", ignored);
  }

  Error Failed(const char* doing, int code) const {
    return Error(ErrorKind::kUnavailable,
                 fmt::format("cannot {} {}: {}", doing, options_.log_path, std::strerror(code)));
  }

  const CallbackOptions options_;
  std::mutex mutex_;
};

}  // namespace

std::vector<std::string> CallbackKinds() {
  return {kLog};
}

std::map<std::string, orchestrate::Callback> MakeCallbacks(const CallbackOptions& options,
                                                           Clock& clock) {
  auto log = std::make_shared<CallbackLog>(options);
  return {{kLog, [log, &clock, warn = options.warn](const CallbackContext& context) {
             Status appended = log->Append(LineOf(context, clock.Now()));
             if (!appended.ok() && warn) warn("callback log: " + appended.error().message());
             return appended;
           }}};
}

}  // namespace stargaze::app
