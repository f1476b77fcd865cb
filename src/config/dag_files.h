// The declarations of DAGs as the files change, for a process that stays.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/dag_rules.h"
#include "config/declaration_files.h"
#include "config/pipelines.h"
#include "model/dataset.h"

namespace stargaze::config {

// What a Refresh() found; names are dag ids, sorted.
struct DagChanges {
  std::vector<std::string> added{};
  std::vector<std::string> changed{};
  std::vector<std::string> removed{};
  bool pools_changed = false;
  bool problems_changed = false;  // Worth a line in the log; current() has them.

  bool empty() const;
};

// Owned by one thread, which calls Refresh() from time to time. A file whose size and time of
// change stayed is not read again, apart from once after a change: the clock of file systems is
// coarse. The last version of a file that was fine stays in force while the file is broken, larger
// than 1 MiB or not readable, and all files of a folder while that cannot be listed.
class DagFiles {
 public:
  DagFiles(std::vector<DeclarationFile> built_in,
           std::vector<std::string> folders,
           model::Catalog catalog,
           DagRules rules);

  DagChanges Refresh();

  // As of the last Refresh().
  const DagDeclarations& current() const { return current_; }

 private:
  struct Known {
    std::uintmax_t size = 0;
    std::filesystem::file_time_type changed_at{};
    bool is_settled = false;  // Read twice with this size and time.
    std::optional<std::string> text{};
    std::optional<Error> unreadable{};
    std::string hash{};
    std::optional<std::string> good_text{};
  };
  using Folder = std::map<std::string, Known>;  // Path → file.

  bool Scan(const std::string& path, Folder& files, std::optional<Error>& unlisted);
  bool ScanFile(const std::filesystem::path& path, Known& known);
  std::vector<DagSource> Sources() const;
  void KeepGoodTexts();

  std::vector<DeclarationFile> built_in_;
  std::vector<std::string> paths_;
  model::Catalog catalog_;
  DagRules rules_;
  std::vector<Folder> folders_;                 // As paths_.
  std::vector<std::optional<Error>> unlisted_;  // Why a folder cannot be listed.
  DagDeclarations current_;
  bool is_first_ = true;
};

}  // namespace stargaze::config
