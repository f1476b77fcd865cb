#include "lake/materialize.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace stargaze::lake {

MaterializedObject::MaterializedObject(MaterializedObject&& other) noexcept
    : path_(std::move(other.path_)), is_copy_(std::exchange(other.is_copy_, false)) {}

MaterializedObject& MaterializedObject::operator=(MaterializedObject&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(is_copy_, other.is_copy_);
  return *this;
}

MaterializedObject::~MaterializedObject() {
  std::error_code error;
  if (is_copy_) std::filesystem::remove(path_, error);
}

Result<MaterializedObject> Materialize(ObjectStore& store,
                                       const std::string& key,
                                       const std::string& scratch_directory) {
  Result<std::string> local = store.LocalPath(key);
  if (local.ok()) return MaterializedObject(std::move(local).value(), false);
  if (local.error().kind() != ErrorKind::kUnsupported) return local.error();
  SG_TRY(const std::string bytes, store.Get(key));
  std::string name = key;
  std::replace(name.begin(), name.end(), '/', '_');
  MaterializedObject copy(scratch_directory + "/" + name, true);
  std::ofstream file(copy.path(), std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.flush();
  if (!file) return Error(ErrorKind::kExhausted, "cannot copy an object to " + copy.path());
  return copy;
}

}  // namespace stargaze::lake
