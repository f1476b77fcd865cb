// Reads a tar archive that is compressed with zstd.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stargaze::sandbox {

struct ArchiveMember {
  std::string path{};
  std::string_view content{};  // Points into the archive's text.
};

// The decompressed bytes of a zstd file. kNotFound, kCorrupt, kExhausted above `bytes_max`.
Result<std::string> ReadZstdFile(const std::string& path, int64_t bytes_max);

// Regular files of a tar archive (ustar; other member types are passed over), in order. kCorrupt
// for anything that is none, or is cut short. The members point into `tar`.
Result<std::vector<ArchiveMember>> ListTar(std::string_view tar);

// The bytes of a plain file. kNotFound, kExhausted above `bytes_max`.
Result<std::string> ReadPlainFile(const std::string& path, int64_t bytes_max);

}  // namespace stargaze::sandbox
