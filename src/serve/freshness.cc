#include "serve/freshness.h"

#include <optional>

#include "warehouse/published_pointer.h"

namespace stargaze::serve {

std::string PublicationWatch::Version() {
  struct stat pointer {};
  if (stat(warehouse::PointerPath(directory_).c_str(), &pointer) != 0) return {};
  const std::lock_guard lock(mutex_);
  const bool same = inode_ == pointer.st_ino && time_.tv_sec == pointer.st_mtim.tv_sec &&
                    time_.tv_nsec == pointer.st_mtim.tv_nsec;
  if (same) return version_;
  const auto publication = warehouse::ReadPointer(directory_);
  if (!publication.ok() || !publication.value()) return {};
  version_ = publication.value()->version;
  inode_ = pointer.st_ino;
  time_ = pointer.st_mtim;
  return version_;
}

}  // namespace stargaze::serve
