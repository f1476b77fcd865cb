// The port to whatever keeps the lake's objects: a folder, a bucket, memory.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"

namespace stargaze::lake {

struct ObjectInfo {
  std::string key{};
  int64_t bytes = 0;
  Instant modified_at{};
};

enum class PutMode { kIfAbsent, kReplace };

/// Keys are relative paths of [A-Za-z0-9._=-] segments joined by '/', at most 1,000 bytes; anything
/// else is kInvalidInput. Implementations are safe for concurrent use. An object is seen whole or
/// not at all: a reader, and a process killed at any instant, never meets half of one.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Stores `bytes`. kConflict when the key exists and the mode is kIfAbsent; kExhausted when the
  /// disk is full (nothing is left behind); kUnavailable when the store cannot be reached.
  virtual Status Put(const std::string& key, std::string_view bytes, PutMode mode) = 0;

  /// Like Put, with the content of a local file, which is consumed (moved or deleted) on success.
  virtual Status PutFile(const std::string& key, const std::string& path, PutMode mode) = 0;

  /// kNotFound when there is no such object.
  virtual Result<std::string> Get(const std::string& key) = 0;

  /// At most `length` bytes from `offset`; fewer at the object's end, none behind it.
  virtual Result<std::string> GetRange(const std::string& key, int64_t offset, int64_t length) = 0;

  virtual Result<ObjectInfo> Head(const std::string& key) = 0;

  /// All objects whose key begins with `prefix`, in byte order of their keys, those after
  /// `start_after`.
  virtual Result<std::vector<ObjectInfo>> List(const std::string& prefix,
                                               const std::string& start_after = "") = 0;

  /// Deleting what is not there is no error.
  virtual Status Delete(const std::string& key) = 0;

  /// Path of a local file with the object's content, for libraries that read files. The path stays
  /// valid until the object is deleted; the caller must not write to it. kUnsupported where the
  /// store has no files: see Materialize (lake/materialize.h), which then makes a copy.
  virtual Result<std::string> LocalPath(const std::string& key) = 0;
};

}  // namespace stargaze::lake
