// The catalog: all sources and datasets that an instance knows.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/embedded_files.h"
#include "base/result.h"
#include "config/declaration_files.h"
#include "model/dataset.h"

namespace stargaze::config {

// Reads and checks every file. A later file's source or dataset replaces an earlier one of the same
// name, so put the built-in files first. kInvalidInput lists the problems of all files, 20 at most,
// each with file, line and key.
Result<model::Catalog> ReadCatalog(std::span<const DeclarationFile> files);

// The catalog that was compiled in, with folders laid over it in their order.
Result<model::Catalog> LoadCatalog(std::span<const EmbeddedFile> embedded,
                                   const std::vector<std::string>& folders);

}  // namespace stargaze::config
