// Objects as local files, for libraries that can read nothing else.

#pragma once

#include <string>

#include "base/result.h"
#include "lake/object_store.h"

namespace stargaze::lake {

// A file to read from; a copy made for this purpose is deleted with this object.
class MaterializedObject {
 public:
  MaterializedObject(std::string path, bool is_copy) : path_(std::move(path)), is_copy_(is_copy) {}
  MaterializedObject(MaterializedObject&& other) noexcept;
  MaterializedObject& operator=(MaterializedObject&& other) noexcept;
  ~MaterializedObject();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool is_copy_;
};

// The store's own file where it has files, else a copy in `scratch_directory`, which must exist.
Result<MaterializedObject> Materialize(ObjectStore& store,
                                       const std::string& key,
                                       const std::string& scratch_directory);

}  // namespace stargaze::lake
