#include "config/declaration_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace stargaze::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 1000;
constexpr std::uintmax_t kMaxBytes = std::uintmax_t{1} << 20U;
constexpr int kMaxDepth = 1;  // <source>/<dataset>.yaml

Error CannotRead(const std::string& path, const std::error_code& code) {
  const ErrorKind kind = code == std::errc::no_such_file_or_directory ? ErrorKind::kNotFound
                                                                      : ErrorKind::kInvalidInput;
  return {kind, fmt::format("cannot read: path={} reason={}", path, code.message())};
}

}  // namespace

std::vector<DeclarationFile> BuiltInFiles(std::span<const EmbeddedFile> files,
                                          std::string_view folder) {
  std::vector<DeclarationFile> found;
  for (const EmbeddedFile& file : files) {
    if (!file.path.starts_with(std::string(folder) + "/") || !file.path.ends_with(".yaml"))
      continue;
    found.push_back(
        {.path = std::string(file.path), .text = std::string(file.bytes), .built_in = true});
  }
  return found;
}

Result<std::string> ReadTextFile(const std::string& path) {
  std::error_code code;
  const std::uintmax_t size = fs::file_size(path, code);
  if (code) return CannotRead(path, code);
  if (size > kMaxBytes) {
    return Error(
        ErrorKind::kInvalidInput,
        fmt::format(
            "the file is too large: path={} size_bytes={} limit_bytes={}", path, size, kMaxBytes));
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(size))) {
    return Error(ErrorKind::kInvalidInput, fmt::format("cannot read: path={}", path));
  }
  return text;
}

Result<std::vector<DeclarationFile>> FilesOfFolder(const std::string& folder) {
  std::error_code code;
  std::vector<std::string> paths;
  fs::recursive_directory_iterator entry(folder, code);
  for (; !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
    if (entry->is_directory() && entry.depth() >= kMaxDepth) entry.disable_recursion_pending();
    if (entry->is_regular_file() && entry->path().extension() == ".yaml")
      paths.push_back(entry->path().string());
    if (paths.size() > kMaxFiles) {
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("too many files: folder={} limit={}", folder, kMaxFiles));
    }
  }
  if (code) return CannotRead(folder, code);
  std::sort(paths.begin(), paths.end());
  std::vector<DeclarationFile> files;
  for (const std::string& path : paths) {
    SG_TRY(std::string text, ReadTextFile(path));
    files.push_back({.path = path, .text = std::move(text)});
  }
  return files;
}

}  // namespace stargaze::config
