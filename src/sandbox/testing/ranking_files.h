// Ranking files as tests write them.

#pragma once

#include <fmt/core.h>
#include <unistd.h>
#include <zstd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace stargaze::sandbox::testing {

inline constexpr std::string_view kRankingHeader =
    "rank,item,repo_name,stars,forks,language,repo_url,username,issues,last_commit,description\n";

struct RankingRow {
  std::string owner{};
  std::string name{};
  int64_t stars = 0;
  int64_t forks = 0;
  std::string description{};  // As it stands in the file, with quotes where it needs them.
  std::string language{};
};

// With the header line.
inline std::string RankingCsv(const std::vector<RankingRow>& rows) {
  std::string csv(kRankingHeader);
  for (const RankingRow& row : rows) {
    csv += fmt::format(
        "1,top-100-stars,{},{},{},{},https://github.com/{}/{},{},3,2022-05-30T08:50:49Z,{}\n",
        row.name,
        row.stars,
        row.forks,
        row.language,
        row.owner,
        row.name,
        row.owner,
        row.description);
  }
  return csv;
}

// A ustar archive of these paths and contents.
inline std::string Tar(const std::vector<std::pair<std::string, std::string>>& files) {
  constexpr std::size_t kBlock = 512;
  std::string tar;
  for (const auto& [path, content] : files) {
    std::string header(kBlock, '\0');
    const auto put = [&](std::size_t at, std::string_view text) {
      header.replace(at, text.size(), text);
    };
    put(0, path);
    put(124, fmt::format("{:011o}", content.size()));
    put(148, "        ");
    put(156, "0");
    put(257,
        std::string_view("ustar\0"
                         "00",
                         8));
    std::size_t sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put(148, fmt::format("{:06o}", sum));
    tar += header + content;
    tar.resize((tar.size() + kBlock - 1) / kBlock * kBlock, '\0');
  }
  return tar + std::string(2 * kBlock, '\0');
}

inline std::string Zstd(std::string_view bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3);
  SG_ASSERT(ZSTD_isError(size) == 0);
  packed.resize(size);
  return packed;
}

inline void WriteFile(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  SG_ASSERT(file.good());
}

// A new empty folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "sandbox-test-XXXXXX").string();
  SG_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

inline TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // A leftover in the temporary folder harms no test.
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace stargaze::sandbox::testing
