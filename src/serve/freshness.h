// Which publication is the newest, seen without a database: the base of ETags and of the event
// about it.

#pragma once

#include <sys/stat.h>

#include <mutex>
#include <string>

namespace stargaze::serve {

// Safe for concurrent use.
class PublicationWatch {
 public:
  explicit PublicationWatch(std::string directory) : directory_(std::move(directory)) {}

  // "v00000012"; empty before the first publication. Costs a stat.
  std::string Version();

 private:
  std::string directory_;
  std::mutex mutex_;
  std::string version_;
  timespec time_{};
  ino_t inode_ = 0;
};

}  // namespace stargaze::serve
