#include "app/builtin_components.h"

#include "lake/local/local_store.h"

namespace stargaze::app {

Result<std::unique_ptr<lake::ObjectStore>> OpenLake(const std::string& path, bool fsync) {
  SG_TRY(std::unique_ptr<lake::LocalStore> store, lake::LocalStore::Open(path, fsync));
  return std::unique_ptr<lake::ObjectStore>(std::move(store));
}

}  // namespace stargaze::app
