// Files that were compiled into the binary: declarations, pipelines, marts, the web page.

#pragma once

#include <span>
#include <string_view>

namespace stargaze {

struct EmbeddedFile {
  std::string_view path{};   // From the repository root: "catalog/github/repository.yaml".
  std::string_view bytes{};  // Lives as long as the process.
};

// All of them, sorted by path. Defined by the build (cmake/embed_files.cmake) in the library
// sg_embedded, which the program and every test program link.
std::span<const EmbeddedFile> EmbeddedFiles();

}  // namespace stargaze
