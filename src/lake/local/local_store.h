// The lake as a folder. An object is written beside and renamed into place, so it is seen whole or
// not at all.

#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "lake/object_store.h"

namespace stargaze::lake {

class LocalStore final : public ObjectStore {
 public:
  // Creates the folder. With `fsync`, an object that Put has accepted survives a power loss, at the
  // price of two flushes.
  static Result<std::unique_ptr<LocalStore>> Open(const std::string& root, bool fsync);

  Status Put(const std::string& key, std::string_view bytes, PutMode mode) override;
  Status PutFile(const std::string& key, const std::string& path, PutMode mode) override;
  Result<std::string> Get(const std::string& key) override;
  Result<std::string> GetRange(const std::string& key, int64_t offset, int64_t length) override;
  Result<ObjectInfo> Head(const std::string& key) override;
  Result<std::vector<ObjectInfo>> List(const std::string& prefix,
                                       const std::string& start_after = "") override;
  Status Delete(const std::string& key) override;
  Result<std::string> LocalPath(const std::string& key) override;

 private:
  LocalStore(std::string root, bool fsync) : root_(std::move(root)), fsync_(fsync) {}

  std::string PathOf(const std::string& key) const { return root_ + "/" + key; }
  std::string TemporaryPath();
  // Renames a finished file to its key's place; it is deleted when that fails.
  Status Publish(const std::string& temporary, const std::string& key, PutMode mode);

  std::string root_;
  bool fsync_;
  std::atomic<uint64_t> next_temporary_{0};
};

}  // namespace stargaze::lake
