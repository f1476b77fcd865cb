#include "lake/local/local_store.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "lake/layout.h"

namespace stargaze::lake {
namespace {

namespace fs = std::filesystem;

// Hidden from List: its name is no key segment that layout gives.
constexpr std::string_view kTemporaryFolder = ".tmp";

class File {
 public:
  File(const std::string& path, int flags)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Error SystemError(std::string_view doing, const std::string& key, int code) {
  ErrorKind kind = ErrorKind::kInternal;
  if (code == ENOENT || code == ENOTDIR || code == EISDIR) kind = ErrorKind::kNotFound;
  if (code == ENOSPC || code == EDQUOT || code == EFBIG) kind = ErrorKind::kExhausted;
  if (code == EACCES || code == EROFS) kind = ErrorKind::kUnauthorized;
  Error error(kind, fmt::format("cannot {} the object {}: {}", doing, key, std::strerror(code)));
  if (kind == ErrorKind::kExhausted)
    return std::move(error).Remedy("free space on the disk that holds the data folder");
  return error;
}

Status WriteAll(const File& file, std::string_view bytes, const std::string& key) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return SystemError("write", key, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Ok();
}

ObjectInfo InfoOf(const std::string& key, const struct stat& status) {
  const auto time = std::chrono::seconds(status.st_mtim.tv_sec) +
                    std::chrono::duration_cast<std::chrono::microseconds>(
                        std::chrono::nanoseconds(status.st_mtim.tv_nsec));
  return {.key = key, .bytes = status.st_size, .modified_at = Instant(time)};
}

}  // namespace

Result<std::unique_ptr<LocalStore>> LocalStore::Open(const std::string& root, bool fsync) {
  std::error_code error;
  fs::create_directories(root + "/" + std::string(kTemporaryFolder), error);
  if (error)
    return Error(ErrorKind::kUnauthorized,
                 fmt::format("the lake's folder cannot be made: {}: {}", root, error.message()));
  // Leftovers of killed processes: only the owner of the data folder opens its lake, so nobody
  // writes them now.
  for (const fs::directory_entry& leftover :
       fs::directory_iterator(root + "/" + std::string(kTemporaryFolder), error)) {
    std::error_code ignored;
    fs::remove(leftover.path(), ignored);
  }
  return std::unique_ptr<LocalStore>(new LocalStore(root, fsync));
}

std::string LocalStore::TemporaryPath() {
  return fmt::format("{}/{}/{}-{}", root_, kTemporaryFolder, ::getpid(), next_temporary_++);
}

Status LocalStore::Put(const std::string& key, std::string_view bytes, PutMode mode) {
  SG_RETURN_IF_ERROR(CheckKey(key));
  const std::string temporary = TemporaryPath();
  Status written = Ok();
  {
    const File file(temporary, O_WRONLY | O_CREAT | O_EXCL);
    written =
        file.is_open() ? WriteAll(file, bytes, key) : Status(SystemError("write", key, errno));
    if (written.ok() && fsync_ && ::fdatasync(file.get()) != 0)
      written = SystemError("flush", key, errno);
  }
  if (!written.ok()) {
    ::unlink(temporary.c_str());
    return written;
  }
  return Publish(temporary, key, mode);
}

Status LocalStore::PutFile(const std::string& key, const std::string& path, PutMode mode) {
  SG_RETURN_IF_ERROR(CheckKey(key));
  if (fsync_) {
    const File file(path, O_RDONLY);
    if (!file.is_open() || ::fdatasync(file.get()) != 0) return SystemError("flush", key, errno);
  }
  const std::string temporary = TemporaryPath();
  if (::rename(path.c_str(), temporary.c_str()) == 0) return Publish(temporary, key, mode);
  if (errno != EXDEV) return SystemError("move", key, errno);
  std::error_code error;
  fs::copy_file(path, temporary, error);
  if (error) {
    ::unlink(temporary.c_str());
    return SystemError("copy", key, error.value());
  }
  SG_RETURN_IF_ERROR(Publish(temporary, key, mode));
  ::unlink(path.c_str());
  return Ok();
}

Status LocalStore::Publish(const std::string& temporary, const std::string& key, PutMode mode) {
  const std::string path = PathOf(key);
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  const unsigned flags = mode == PutMode::kIfAbsent ? RENAME_NOREPLACE : 0;
  if (error || ::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), flags) != 0) {
    const int code = error ? error.value() : errno;
    ::unlink(temporary.c_str());
    if (code == EEXIST) return Error(ErrorKind::kConflict, "the object exists already: " + key);
    return SystemError("store", key, code);
  }
  if (fsync_) {
    const File folder(fs::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
    if (!folder.is_open() || ::fsync(folder.get()) != 0)
      return SystemError("flush the folder of", key, errno);
  }
  return Ok();
}

Result<std::string> LocalStore::Get(const std::string& key) {
  SG_TRY(const ObjectInfo info, Head(key));
  return GetRange(key, 0, info.bytes);
}

Result<std::string> LocalStore::GetRange(const std::string& key, int64_t offset, int64_t length) {
  SG_RETURN_IF_ERROR(CheckKey(key));
  if (offset < 0 || length < 0)
    return Error(ErrorKind::kInvalidInput, "a range must not be negative: " + key);
  const File file(PathOf(key), O_RDONLY);
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) return SystemError("read", key, errno);
  const int64_t available = std::max<int64_t>(0, status.st_size - offset);
  std::string bytes(static_cast<std::size_t>(std::min(length, available)), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(
        file.get(), bytes.data() + done, bytes.size() - done, offset + static_cast<int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError("read", key, errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

Result<ObjectInfo> LocalStore::Head(const std::string& key) {
  SG_RETURN_IF_ERROR(CheckKey(key));
  struct stat status {};
  if (::stat(PathOf(key).c_str(), &status) != 0) return SystemError("find", key, errno);
  if (!S_ISREG(status.st_mode)) return SystemError("find", key, ENOENT);
  return InfoOf(key, status);
}

Result<std::vector<ObjectInfo>> LocalStore::List(const std::string& prefix,
                                                 const std::string& start_after) {
  // Only the folder that the prefix names is walked, not the whole lake.
  const std::string folder =
      prefix.find('/') == std::string::npos ? "" : prefix.substr(0, prefix.rfind('/'));
  if (!folder.empty()) SG_RETURN_IF_ERROR(CheckKey(folder));
  const fs::path top = folder.empty() ? fs::path(root_) : fs::path(PathOf(folder));
  std::vector<ObjectInfo> found;
  std::error_code error;
  if (!fs::is_directory(top, error)) return found;
  fs::recursive_directory_iterator it(top, error);
  for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
    if (it.depth() == 0 && it->path().filename() == kTemporaryFolder) {
      it.disable_recursion_pending();
      continue;
    }
    std::string key = it->path().string().substr(root_.size() + 1);
    struct stat status {};
    if (!key.starts_with(prefix) || key <= start_after || ::stat(it->path().c_str(), &status) != 0)
      continue;
    if (S_ISREG(status.st_mode)) found.push_back(InfoOf(key, status));
  }
  if (error) return SystemError("list", prefix, error.value());
  std::sort(found.begin(), found.end(), [](const ObjectInfo& a, const ObjectInfo& b) {
    return a.key < b.key;
  });
  return found;
}

Status LocalStore::Delete(const std::string& key) {
  SG_RETURN_IF_ERROR(CheckKey(key));
  if (::unlink(PathOf(key).c_str()) == 0 || errno == ENOENT) return Ok();
  return SystemError("delete", key, errno);
}

Result<std::string> LocalStore::LocalPath(const std::string& key) {
  SG_TRY([[maybe_unused]] const ObjectInfo info, Head(key));
  return PathOf(key);
}

}  // namespace stargaze::lake
