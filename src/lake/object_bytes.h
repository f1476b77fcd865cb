// The bytes of an object as its manifest describes it.

#pragma once

#include <string>

#include "base/result.h"
#include "lake/object_store.h"
#include "model/manifest.h"

namespace stargaze::lake {

// The object's bytes; of a part of a compacted raw object, that part's. kCorrupt when they are not
// what the manifest says, kNotFound when the object is gone.
Result<std::string> ReadObject(ObjectStore& store, const model::ManifestObject& object);

}  // namespace stargaze::lake
