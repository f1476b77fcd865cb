#include "lake/memory/memory_store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "lake/layout.h"

namespace stargaze::lake {
namespace {

Error NotFound(const std::string& key) {
  return {ErrorKind::kNotFound, "no such object: " + key};
}

}  // namespace

Status MemoryStore::Put(const std::string& key, std::string_view bytes, PutMode mode) {
  SG_RETURN_IF_ERROR(CheckKey(key));
  const std::lock_guard lock(mutex_);
  if (mode == PutMode::kIfAbsent && objects_.contains(key)) {
    return Error(ErrorKind::kConflict, "the object exists already: " + key);
  }
  objects_[key] = {.bytes = std::string(bytes), .modified_at = clock_.Now()};
  return Ok();
}

Status MemoryStore::PutFile(const std::string& key, const std::string& path, PutMode mode) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(ErrorKind::kNotFound, "no such file: " + path);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  SG_RETURN_IF_ERROR(Put(key, bytes, mode));
  std::error_code error;
  std::filesystem::remove(path, error);
  return Ok();
}

Result<std::string> MemoryStore::Get(const std::string& key) {
  SG_RETURN_IF_ERROR(CheckKey(key));
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return NotFound(key);
  return found->second.bytes;
}

Result<std::string> MemoryStore::GetRange(const std::string& key, int64_t offset, int64_t length) {
  if (offset < 0 || length < 0)
    return Error(ErrorKind::kInvalidInput, "a range must not be negative: " + key);
  SG_TRY(const std::string bytes, Get(key));
  const auto size = static_cast<int64_t>(bytes.size());
  const int64_t from = std::min(offset, size);
  return bytes.substr(static_cast<std::size_t>(from),
                      static_cast<std::size_t>(std::min(length, size - from)));
}

Result<ObjectInfo> MemoryStore::Head(const std::string& key) {
  SG_RETURN_IF_ERROR(CheckKey(key));
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return NotFound(key);
  return ObjectInfo{.key = key,
                    .bytes = static_cast<int64_t>(found->second.bytes.size()),
                    .modified_at = found->second.modified_at};
}

Result<std::vector<ObjectInfo>> MemoryStore::List(const std::string& prefix,
                                                  const std::string& start_after) {
  const std::lock_guard lock(mutex_);
  std::vector<ObjectInfo> found;
  for (auto it = objects_.lower_bound(prefix);
       it != objects_.end() && it->first.starts_with(prefix);
       ++it) {
    if (it->first <= start_after) continue;
    found.push_back({.key = it->first,
                     .bytes = static_cast<int64_t>(it->second.bytes.size()),
                     .modified_at = it->second.modified_at});
  }
  return found;
}

Status MemoryStore::Delete(const std::string& key) {
  SG_RETURN_IF_ERROR(CheckKey(key));
  const std::lock_guard lock(mutex_);
  objects_.erase(key);
  return Ok();
}

Result<std::string> MemoryStore::LocalPath(const std::string& key) {
  return Error(ErrorKind::kUnsupported, "objects in memory have no files: " + key);
}

}  // namespace stargaze::lake
