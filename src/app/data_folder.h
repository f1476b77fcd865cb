// The folder that holds everything of one instance. One process owns it at a time.

#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace stargaze::app {

// What a folder is for; decided when it is made, never changed: sandbox and real data do not mix.
struct FolderIdentity {
  std::string host{};  // Base URL of the followed GitHub; "sandbox" for simulated ones.
  bool sandbox = false;
  std::string world{};  // Sandbox: which world, "generated:seed=1,repositories=1000".
};

class DataFolder {
 public:
  // Creates the folder or opens it, and locks it until destruction. kConflict when another process
  // holds it or when it belongs to another identity; the messages say which and what to do.
  static Result<std::unique_ptr<DataFolder>> Open(const std::string& path,
                                                  const FolderIdentity& identity,
                                                  Clock& clock);

  // The identity written in an existing folder; kNotFound when there is none.
  static Result<FolderIdentity> ReadIdentity(const std::string& path);
  // True when some process holds the lock.
  static bool IsHeld(const std::string& path);

  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  const std::string& path() const { return path_; }
  const FolderIdentity& identity() const { return identity_; }
  std::string LakePath() const { return path_ + "/lake"; }
  std::string RegistryPath() const { return path_ + "/registry.sqlite"; }
  std::string WarehousePath() const { return path_ + "/warehouse/warehouse.duckdb"; }
  std::string PublishedPath() const { return path_ + "/published"; }
  std::string RunStatePath() const { return RunStatePathOf(path_); }
  static std::string RunStatePathOf(const std::string& path) { return path + "/runs.sqlite"; }
  std::string TaskLogPath() const { return TaskLogPathOf(path_); }
  static std::string TaskLogPathOf(const std::string& path) { return path + "/logs/tasks"; }
  std::string LimitsPath() const { return path_ + "/limits"; }
  std::string ScratchPath() const { return path_ + "/scratch"; }
  std::string SocketPath() const { return SocketPathOf(path_); }
  static std::string SocketPathOf(const std::string& path) { return path + "/stargaze.sock"; }

  // The secret that changes over HTTP need; made at first use, mode 0600.
  Result<std::string> AdminToken() const;

 private:
  DataFolder(std::string path, FolderIdentity identity, int lock)
      : path_(std::move(path)), identity_(std::move(identity)), lock_(lock) {}

  std::string path_;
  FolderIdentity identity_;
  int lock_;
};

}  // namespace stargaze::app
