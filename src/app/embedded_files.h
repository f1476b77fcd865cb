// Everything that is compiled into the binary, sorted by path.

#pragma once

#include <span>

#include "base/embedded_file.h"

namespace stargaze::app {

// Defined by the build (cmake/), from the files of catalog/, pipelines/, marts/ and web/dist/.
std::span<const EmbeddedFile> EmbeddedFiles();

}  // namespace stargaze::app
