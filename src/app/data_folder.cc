#include "app/data_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <utility>

#include <boost/json.hpp>

#include "base/replace_file.h"
#include "base/secret.h"

namespace stargaze::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::chrono::milliseconds kLookersGone{500};
constexpr std::chrono::milliseconds kTryAgain{5};

std::string IdentityPath(const std::string& folder) {
  return folder + "/instance.json";
}
std::string LockPath(const std::string& folder) {
  return folder + "/lock";
}

Status WriteIdentity(const std::string& folder, const FolderIdentity& identity, Instant now) {
  const json::object object{{"version", 1},
                            {"host", identity.host},
                            {"sandbox", identity.sandbox},
                            {"world", identity.world},
                            {"created_at", FormatInstantSeconds(now)}};
  return ReplaceFile(IdentityPath(folder), json::serialize(object) + "\n", 0644);
}

// The lock's file descriptor, or kConflict. Who only looks holds it for a moment too.
Result<int> Lock(const std::string& folder) {
  const int lock = ::open(LockPath(folder).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0)
    return Error(ErrorKind::kUnauthorized, "the data folder cannot be written: " + folder);
  SystemClock clock;
  const Instant deadline = clock.Now() + kLookersGone;
  for (;;) {
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
    if (clock.Now() >= deadline) break;
    (void)clock.SleepUntil(clock.Now() + kTryAgain, {});
  }
  ::close(lock);
  return Error(ErrorKind::kConflict, "another stargaze process holds the data folder: " + folder)
      .Remedy("stop it, or choose another folder with --home");
}

Status CheckIdentity(const std::string& folder,
                     const FolderIdentity& has,
                     const FolderIdentity& wanted) {
  if (has.sandbox != wanted.sandbox) {
    return Error(ErrorKind::kConflict,
                 fmt::format(
                     "the data folder {} holds {} data", folder, has.sandbox ? "sandbox" : "real"))
        .Remedy("choose another folder with --home");
  }
  const bool same = has.sandbox ? has.world == wanted.world : has.host == wanted.host;
  if (same) return Ok();
  return Error(ErrorKind::kConflict,
               fmt::format("the data folder {} belongs to {}, not to {}",
                           folder,
                           has.sandbox ? has.world : has.host,
                           has.sandbox ? wanted.world : wanted.host))
      .Remedy("choose another folder with --home, or delete this one");
}

}  // namespace

Result<FolderIdentity> DataFolder::ReadIdentity(const std::string& path) {
  SG_TRY(const std::string text, ReadWholeFile(IdentityPath(path)));
  try {
    const json::object object = json::parse(text).as_object();
    return FolderIdentity{.host = std::string(object.at("host").as_string()),
                          .sandbox = object.at("sandbox").as_bool(),
                          .world = std::string(object.at("world").as_string())};
  } catch (const std::exception& error) {
    return Error(ErrorKind::kCorrupt,
                 fmt::format("cannot read {}: {}", IdentityPath(path), error.what()));
  }
}

bool DataFolder::IsHeld(const std::string& path) {
  const int lock = ::open(LockPath(path).c_str(), O_RDWR | O_CLOEXEC);
  if (lock < 0) return false;
  const bool held = ::flock(lock, LOCK_SH | LOCK_NB) != 0;  // Beside others who look.
  ::close(lock);
  return held;
}

Result<std::unique_ptr<DataFolder>> DataFolder::Open(const std::string& path,
                                                     const FolderIdentity& identity,
                                                     Clock& clock) {
  std::error_code error;
  const std::string folder = fs::absolute(path, error).lexically_normal().string();
  fs::create_directories(folder, error);
  if (error) {
    return Error(ErrorKind::kUnauthorized,
                 fmt::format("the data folder cannot be made: {}: {}", folder, error.message()))
        .Remedy("choose another folder with --home");
  }
  SG_TRY(const int lock, Lock(folder));
  std::unique_ptr<DataFolder> opened(new DataFolder(folder, identity, lock));
  const Result<FolderIdentity> existing = ReadIdentity(folder);
  if (existing.ok()) {
    SG_RETURN_IF_ERROR(CheckIdentity(folder, existing.value(), identity));
  } else if (existing.error().kind() == ErrorKind::kNotFound) {
    SG_RETURN_IF_ERROR(WriteIdentity(folder, identity, clock.Now()));
  } else {
    return existing.error();
  }
  // What a killed process left half done is of no use to anybody.
  fs::remove_all(opened->ScratchPath(), error);
  fs::create_directories(opened->ScratchPath(), error);
  return opened;
}

DataFolder::~DataFolder() {
  ::close(lock_);
}

Result<std::string> DataFolder::AdminToken() const {
  const std::string path = path_ + "/admin_token";
  if (Result<std::string> token = ReadWholeFile(path); token.ok()) {
    std::string text = std::move(token).value();
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.empty()) return text;
  }
  const std::string token = NewSecret();
  SG_RETURN_IF_ERROR(ReplaceFile(path, token + "\n", 0600));
  return token;
}

}  // namespace stargaze::app
