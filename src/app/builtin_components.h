// Which adapters are built in. The only place that knows them.

#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "lake/object_store.h"

namespace stargaze::app {

// The lake of a data folder.
Result<std::unique_ptr<lake::ObjectStore>> OpenLake(const std::string& path, bool fsync);

}  // namespace stargaze::app
