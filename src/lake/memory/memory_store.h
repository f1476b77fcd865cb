// The lake in memory: for tests, and small enough to trust. It passes the same conformance suite.

#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "lake/object_store.h"

namespace stargaze::lake {

class MemoryStore final : public ObjectStore {
 public:
  explicit MemoryStore(const Clock& clock) : clock_(clock) {}

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
  struct Object {
    std::string bytes{};
    Instant modified_at{};
  };

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Object> objects_;
};

}  // namespace stargaze::lake
