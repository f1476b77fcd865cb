#include "base/log_file.h"

#include <fmt/core.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <utility>

namespace stargaze {

struct LogFile::Impl {
  explicit Impl(std::shared_ptr<spdlog::sinks::rotating_file_sink_mt> sink)
      : logger("file", std::move(sink)) {}
  spdlog::logger logger;
};

LogFile::LogFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogFile::~LogFile() {
  impl_->logger.flush();
}

Result<std::unique_ptr<LogFile>> LogFile::Open(const std::string& path,
                                               int64_t bytes_max,
                                               int files_max) {
  try {
    auto impl = std::make_unique<Impl>(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
        path, static_cast<std::size_t>(bytes_max), static_cast<std::size_t>(files_max)));
    impl->logger.set_pattern("%v");
    impl->logger.flush_on(spdlog::level::warn);
    return std::unique_ptr<LogFile>(new LogFile(std::move(impl)));
  } catch (const spdlog::spdlog_ex& error) {
    return Error(ErrorKind::kUnavailable,
                 fmt::format("cannot write the log {}: {}", path, error.what()))
        .Remedy("make its folder writable");
  }
}

void LogFile::Write(std::string_view line) {
  impl_->logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace stargaze
