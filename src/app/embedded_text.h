// A file that is compiled into the binary.

#pragma once

#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/embedded_files.h"

namespace stargaze::app {

// It must exist.
inline std::string EmbeddedText(std::string_view path) {
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (file.path == path) return std::string(file.bytes);
  }
  SG_ASSERT(false && "a file is missing from the binary");
  return {};
}

}  // namespace stargaze::app
