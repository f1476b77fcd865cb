// A log of lines in a file that is rotated by size (spdlog).

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stargaze {

// Safe for concurrent use.
class LogFile {
 public:
  // Keeps `files_max` earlier files of at most `bytes_max` each beside it.
  static Result<std::unique_ptr<LogFile>> Open(const std::string& path,
                                               int64_t bytes_max = 10 << 20,
                                               int files_max = 3);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // One line, as it is: the caller has cut line ends and secrets out of it.
  void Write(std::string_view line);

 private:
  struct Impl;
  explicit LogFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze
