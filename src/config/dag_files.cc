#include "config/dag_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/digest.h"

namespace stargaze::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 1000;  // Of a folder.
constexpr int kMaxDepth = 1;             // As FilesOfFolder.

// The *.yaml files of a folder and of its sub-folders.
Result<std::set<fs::path>> Listed(const std::string& folder) {
  std::error_code code;
  std::set<fs::path> paths;
  fs::recursive_directory_iterator entry(folder, code);
  for (; !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
    std::error_code unknown;  // Of a file that went away meanwhile: it is not listed.
    if (entry->is_directory(unknown) && entry.depth() >= kMaxDepth)
      entry.disable_recursion_pending();
    if (entry->path().extension() == ".yaml" && entry->is_regular_file(unknown))
      paths.insert(entry->path());
    if (paths.size() > kMaxFiles) {
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("too many files: folder={} limit={}", folder, kMaxFiles));
    }
  }
  if (code) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("cannot read: path={} reason={}", folder, code.message()));
  }
  return paths;
}

bool AreSame(const std::vector<FileProblem>& a, const std::vector<FileProblem>& b) {
  return std::ranges::equal(a, b, [](const FileProblem& x, const FileProblem& y) {
    return x.file == y.file && x.error.message() == y.error.message() &&
           x.earlier_version_stays == y.earlier_version_stays;
  });
}

// Both are sorted by dag_id.
DagChanges Difference(const DagDeclarations& before, const DagDeclarations& after) {
  DagChanges changes{.pools_changed = before.pools != after.pools,
                     .problems_changed = !AreSame(before.problems, after.problems)};
  auto old = before.dags.begin();
  for (const model::Dag& dag : after.dags) {
    while (old != before.dags.end() && old->dag_id < dag.dag_id)
      changes.removed.push_back((old++)->dag_id);
    if (old == before.dags.end() || old->dag_id != dag.dag_id) {
      changes.added.push_back(dag.dag_id);
    } else if (*old++ != dag) {
      changes.changed.push_back(dag.dag_id);
    }
  }
  for (; old != before.dags.end(); ++old) changes.removed.push_back(old->dag_id);
  return changes;
}

}  // namespace

bool DagChanges::empty() const {
  return added.empty() && changed.empty() && removed.empty() && !pools_changed && !problems_changed;
}

DagFiles::DagFiles(std::vector<DeclarationFile> built_in,
                   std::vector<std::string> folders,
                   model::Catalog catalog,
                   DagRules rules)
    : built_in_(std::move(built_in)),
      paths_(std::move(folders)),
      catalog_(std::move(catalog)),
      rules_(std::move(rules)),
      folders_(paths_.size()),
      unlisted_(paths_.size()) {}

DagChanges DagFiles::Refresh() {
  bool has_changed = std::exchange(is_first_, false);
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    if (Scan(paths_[i], folders_[i], unlisted_[i])) has_changed = true;
  }
  if (!has_changed) return {};
  const std::vector<DagSource> sources = Sources();
  DagDeclarations found = ReadDags(std::span<const DagSource>(sources), catalog_, rules_);
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    if (!unlisted_[i]) continue;
    found.problems.push_back(
        {.file = paths_[i], .error = *unlisted_[i], .earlier_version_stays = !folders_[i].empty()});
  }
  DagChanges changes = Difference(current_, found);
  current_ = std::move(found);
  KeepGoodTexts();
  return changes;
}

// True when anything is other than before.
bool DagFiles::Scan(const std::string& path, Folder& files, std::optional<Error>& unlisted) {
  const auto listed = Listed(path);
  if (!listed.ok()) {
    const bool is_new = !unlisted || unlisted->message() != listed.error().message();
    unlisted = listed.error();
    return is_new;
  }
  bool has_changed = unlisted.has_value();
  unlisted.reset();
  has_changed |= std::erase_if(files, [&](const auto& file) {
                   return !listed.value().contains(fs::path(file.first));
                 }) > 0;
  for (const fs::path& file : listed.value()) {
    if (ScanFile(file, files[file.string()])) has_changed = true;
  }
  return has_changed;
}

// True when the content is another one.
bool DagFiles::ScanFile(const fs::path& path, Known& known) {
  std::error_code of_size;
  std::error_code of_time;
  const std::uintmax_t size = fs::file_size(path, of_size);
  const fs::file_time_type changed_at = fs::last_write_time(path, of_time);
  const bool is_as_before =
      !of_size && !of_time && known.text && known.size == size && known.changed_at == changed_at;
  if (is_as_before && known.is_settled) return false;
  known.size = size;
  known.changed_at = changed_at;
  known.is_settled = is_as_before;
  Result<std::string> text = ReadTextFile(path.string());
  if (!text.ok()) {
    const bool is_new = !known.unreadable || known.unreadable->message() != text.error().message();
    known.text.reset();
    known.hash.clear();
    known.unreadable = text.error();
    return is_new;
  }
  std::string hash = Sha256Hex(text.value());
  if (hash == known.hash) return false;
  known.hash = std::move(hash);
  known.text = std::move(text).value();
  known.unreadable.reset();
  return true;
}

std::vector<DagSource> DagFiles::Sources() const {
  std::vector<DagSource> sources;
  for (const DeclarationFile& file : built_in_) sources.push_back({.file = file});
  for (const Folder& folder : folders_) {
    for (const auto& [path, known] : folder) {
      sources.push_back({.file = {.path = path, .text = known.text.value_or("")},
                         .unreadable = known.unreadable,
                         .earlier_text = known.good_text});
    }
  }
  return sources;
}

void DagFiles::KeepGoodTexts() {
  std::set<std::string> broken;
  for (const FileProblem& problem : current_.problems) broken.insert(problem.file);
  for (Folder& folder : folders_) {
    for (auto& [path, known] : folder) {
      if (known.text && !broken.contains(path)) known.good_text = known.text;
    }
  }
}

}  // namespace stargaze::config
