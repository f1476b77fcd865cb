#include "base/replace_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/secret.h"

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
  if (is_there && !S_ISREG(old.st_mode))
    return Error(ErrorKind::kInvalidInput, "not a regular file: " + target);
  // Nobody else's file or link: its name is new, and O_EXCL.
  const std::string temporary = target + ".new-" + NewSecret().substr(0, 16);
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
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Failure("read", path, errno);
  std::string text;
  std::array<char, 16'384> block{};
  ssize_t got = 0;
  do {
    got = ::read(file, block.data(), block.size());
    if (got > 0) text.append(block.data(), static_cast<std::size_t>(got));
  } while (got > 0 || (got < 0 && errno == EINTR));
  const int code = got < 0 ? errno : 0;
  ::close(file);
  if (code != 0) return Failure("read", path, code);
  return text;
}

}  // namespace stargaze
