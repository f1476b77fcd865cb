// A store that stops for good after a number of changes, as a killed process does: for tests that
// stop between every two durable steps.

#pragma once

#include <string>
#include <vector>

#include "lake/object_store.h"

namespace stargaze::lake {

class StoppingStore final : public ObjectStore {
 public:
  // `store` must outlive this; the first `changes` changes reach it.
  StoppingStore(ObjectStore& store, int changes) : store_(store), left_(changes) {}

  bool stopped() const { return left_ < 0; }

  Status Put(const std::string& key, std::string_view bytes, PutMode mode) override {
    if (--left_ < 0) return Stopped();
    return store_.Put(key, bytes, mode);
  }
  Status PutFile(const std::string& key, const std::string& path, PutMode mode) override {
    if (--left_ < 0) return Stopped();
    return store_.PutFile(key, path, mode);
  }
  Status Delete(const std::string& key) override {
    if (--left_ < 0) return Stopped();
    return store_.Delete(key);
  }
  Result<std::string> Get(const std::string& key) override { return store_.Get(key); }
  Result<std::string> GetRange(const std::string& key, int64_t offset, int64_t length) override {
    return store_.GetRange(key, offset, length);
  }
  Result<ObjectInfo> Head(const std::string& key) override { return store_.Head(key); }
  Result<std::vector<ObjectInfo>> List(const std::string& prefix,
                                       const std::string& start_after = "") override {
    return store_.List(prefix, start_after);
  }
  Result<std::string> LocalPath(const std::string& key) override { return store_.LocalPath(key); }

 private:
  static Error Stopped() { return {ErrorKind::kUnavailable, "the process was killed here"}; }

  ObjectStore& store_;
  int left_;
};

}  // namespace stargaze::lake
