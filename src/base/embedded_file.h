// A file that was compiled into the binary: declarations, pipelines, marts, the web page.

#pragma once

#include <string_view>

namespace stargaze {

struct EmbeddedFile {
  std::string_view path{};   // From the repository root: "catalog/github/repository.yaml".
  std::string_view bytes{};  // Lives as long as the process.
};

}  // namespace stargaze
