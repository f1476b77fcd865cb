#include "base/replace_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace stargaze {
namespace {

namespace fs = std::filesystem;

Error Failure(const char* what, const std::string& path, int code) {
  ErrorKind kind = ErrorKind::kInternal;
  if (code == ENOENT || code == ENOTDIR) kind = ErrorKind::kNotFound;
  if (code == EACCES || code == EPERM || code == EROFS) kind = ErrorKind::kUnauthorized;
  if (code == ENOSPC || code == EDQUOT || code == EFBIG) kind = ErrorKind::kExhausted;
  return Error(kind, fmt::format("cannot {} {}: {}", what, path, std::strerror(code)));
}

// Gives errno; 0 when all of it was taken.
int WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

Status ReplaceFile(const std::string& path, std::string_view text, mode_t mode) {
  std::error_code error;
  const bool is_link = fs::is_symlink(path, error);
  error.clear();  // There need not be such a file.
  const std::string target = is_link ? fs::weakly_canonical(path, error).string() : path;
  if (error) return Failure("replace", path, error.value());
  struct stat old {};
  const bool is_there = ::stat(target.c_str(), &old) == 0;
  const std::string temporary = target + ".new";
  ::unlink(temporary.c_str());  // Of a kill.
  // Nobody else's file or link: O_EXCL.
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return Failure("write", target, errno);
  int code = WriteAll(file, text);
  if (code == 0 && is_there && ::fchmod(file, old.st_mode & 07777U) != 0) code = errno;
  if (::close(file) != 0 && code == 0) code = errno;
  if (code == 0 && std::rename(temporary.c_str(), target.c_str()) != 0) code = errno;
  if (code == 0) return Ok();
  ::unlink(temporary.c_str());
  return Failure("write", target, code);
}

Result<std::string> ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failure("read", path, errno == 0 ? ENOENT : errno);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace stargaze
