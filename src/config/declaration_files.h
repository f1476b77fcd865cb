// The files that people write: those compiled into the binary, and folders that add to them.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded_files.h"
#include "base/result.h"

namespace stargaze::config {

struct DeclarationFile {
  std::string path{};  // As shown in messages.
  std::string text{};
  bool built_in = false;
};

// The YAML files below `folder` ("catalog", "pipelines") that were compiled in.
std::vector<DeclarationFile> BuiltInFiles(std::span<const EmbeddedFile> files,
                                          std::string_view folder);

// The files *.yaml of a folder and of its sub-folders, two levels down, sorted by path. kNotFound
// when there is no such folder; kInvalidInput for more than 1,000 files or one of more than 1 MiB.
Result<std::vector<DeclarationFile>> FilesOfFolder(const std::string& folder);

// The whole of a file of at most 1 MiB.
Result<std::string> ReadTextFile(const std::string& path);

}  // namespace stargaze::config
