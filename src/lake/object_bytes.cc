#include "lake/object_bytes.h"

#include <cstdint>
#include <utility>

#include "base/crc32c.h"

namespace stargaze::lake {

Result<std::string> ReadObject(ObjectStore& store, const model::ManifestObject& object) {
  Result<std::string> bytes = object.origin.empty()
                                  ? store.Get(object.key)
                                  : store.GetRange(object.key, object.offset, object.bytes);
  if (!bytes.ok()) return std::move(bytes).error();
  if (static_cast<int64_t>(bytes.value().size()) == object.bytes &&
      Crc32c(bytes.value()) == object.crc32c) {
    return bytes;
  }
  return Error(ErrorKind::kCorrupt, "object differs from its manifest: " + object.key)
      .Remedy("stargaze lake verify lists every damaged object");
}

}  // namespace stargaze::lake
