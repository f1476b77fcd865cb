#include "sandbox/recorded_world.h"

#include <fmt/core.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <set>

#include "sandbox/archive.h"
#include "sandbox/ascii.h"
#include "sandbox/mix.h"
#include "sandbox/ranking_file.h"

namespace stargaze::sandbox {
namespace {

constexpr int64_t kMonthBytesMax = int64_t{512} << 20;
constexpr int64_t kDayBytesMax = int64_t{64} << 20;
constexpr std::string_view kPrefix = "github-ranking-";
constexpr std::string_view kArchiveSuffix = ".tar.zst";

// "2022-06" of "github-ranking-2022-06.tar.zst"; empty for any other name.
std::string MonthOfArchive(std::string_view file_name) {
  if (!file_name.starts_with(kPrefix) || !file_name.ends_with(kArchiveSuffix)) return "";
  file_name.remove_prefix(kPrefix.size());
  file_name.remove_suffix(kArchiveSuffix.size());
  return ParseDay(std::string(file_name) + "-01") ? std::string(file_name) : "";
}

std::string MonthOf(Day day) {
  return FormatDay(day).substr(0, 7);
}

// "recorded:rankings" for /somewhere/rankings/: what is private in the path stays out of every
// response.
std::string WorldName(const std::string& folder) {
  const std::filesystem::path path = (std::filesystem::path(folder) / "").parent_path();
  std::string name = path.filename().string();
  for (char& c : name) {
    if (c < '!' || c > '~') c = '_';
  }
  return "recorded:" + name;
}

struct Month {
  std::string name{};
  std::string text{};
  std::map<Day, std::string_view> days{};  // Point into `text`.
};

}  // namespace

struct RecordedWorld::Impl {
  std::string name{};
  std::map<std::string, std::string> archives{};  // Path by month.
  std::map<Day, std::string> files{};             // Path by day.
  std::mutex mutex{};
  std::unique_ptr<Month> month{};  // Guarded by `mutex`, as are the next.
  std::shared_ptr<const Snapshot> newest{};
  std::shared_ptr<const Snapshot> previous{};

  Status LoadMonth(const std::string& wanted) {
    if (month && month->name == wanted) return Ok();
    month.reset();  // Before the next is read: only one is in memory.
    auto loaded = std::make_unique<Month>();
    loaded->name = wanted;
    const auto archive = archives.find(wanted);
    if (archive != archives.end()) {
      SG_TRY(loaded->text, ReadZstdFile(archive->second, kMonthBytesMax));
      Result<std::vector<ArchiveMember>> members = ListTar(loaded->text);
      if (!members.ok())
        return std::move(members).error().While(fmt::format("read {}", archive->second));
      for (const ArchiveMember& member : members.value()) {
        if (const auto day = DayOfRankingFile(member.path)) loaded->days[*day] = member.content;
      }
    }
    month = std::move(loaded);
    return Ok();
  }

  Result<std::shared_ptr<const Snapshot>> Load(Day day) {
    if (const auto file = files.find(day); file != files.end()) {
      SG_TRY(const std::string text, ReadPlainFile(file->second, kDayBytesMax));
      return ReadRankingFile(text, day);
    }
    SG_RETURN_IF_ERROR(LoadMonth(MonthOf(day)));
    const auto found = month->days.find(day);
    if (found == month->days.end()) {
      return Error(ErrorKind::kUnavailable,
                   fmt::format("nothing was recorded on {}", FormatDay(day)));
    }
    return ReadRankingFile(found->second, day);
  }
};

RecordedWorld::RecordedWorld(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordedWorld::~RecordedWorld() = default;

Result<std::unique_ptr<RecordedWorld>> RecordedWorld::Open(const std::string& folder) {
  std::error_code code;
  std::filesystem::directory_iterator entry(folder, code);
  if (code) {
    return Error(ErrorKind::kNotFound,
                 fmt::format(
                     "cannot open the folder of a recorded world: {}: {}", code.message(), folder))
        .Remedy("name a folder of ranking files, or a generated world such as generated:seed=1");
  }
  auto impl = std::make_unique<Impl>();
  for (; !code && entry != std::filesystem::directory_iterator(); entry.increment(code)) {
    const std::string path = entry->path().string();
    const std::string month = MonthOfArchive(entry->path().filename().string());
    if (!month.empty()) impl->archives[month] = path;
    if (const auto day = DayOfRankingFile(path)) impl->files[*day] = path;
  }
  if (impl->archives.empty() && impl->files.empty()) {
    return Error(ErrorKind::kNotFound, fmt::format("the folder holds no ranking files: {}", folder))
        .Remedy("it needs github-ranking-YYYY-MM.tar.zst or github-ranking-YYYY-MM-DD.csv");
  }
  impl->name = WorldName(folder);
  return std::unique_ptr<RecordedWorld>(new RecordedWorld(std::move(impl)));
}

const std::string& RecordedWorld::name() const {
  return impl_->name;
}

Result<std::shared_ptr<const Snapshot>> RecordedWorld::At(Instant instant) {
  const Day day = DayOf(instant);
  const std::lock_guard lock(impl_->mutex);
  if (impl_->newest && impl_->newest->since == Instant(day)) return impl_->newest;
  if (impl_->previous && impl_->previous->since == Instant(day)) return impl_->previous;
  Result<std::shared_ptr<const Snapshot>> loaded = impl_->Load(day);
  if (!loaded.ok()) {
    if (loaded.error().kind() == ErrorKind::kUnavailable) return loaded;
    return std::move(loaded).error().While(fmt::format("read the recorded day {}", FormatDay(day)));
  }
  impl_->previous = std::move(impl_->newest);
  impl_->newest = std::move(loaded).value();
  return impl_->newest;
}

std::optional<int64_t> RecordedWorld::HolderOf(std::string_view full_name, Instant instant) {
  const Result<std::shared_ptr<const Snapshot>> snapshot = At(instant);
  if (!snapshot.ok()) return std::nullopt;
  const Repository* repository = snapshot.value()->Find(InventedId(full_name));
  if (repository == nullptr || !EqualsAnyCase(repository->name->full_name, full_name))
    return std::nullopt;
  return repository->profile->id;
}

Result<std::vector<Day>> RecordedWorld::Days() {
  const std::lock_guard lock(impl_->mutex);
  std::set<Day> days;
  for (const auto& [day, path] : impl_->files) days.insert(day);
  for (const auto& [month, path] : impl_->archives) {
    SG_RETURN_IF_ERROR(impl_->LoadMonth(month));
    for (const auto& [day, text] : impl_->month->days) days.insert(day);
  }
  return std::vector<Day>(days.begin(), days.end());
}

int64_t InventedId(std::string_view full_name) {
  // FNV-1a, then mixed. 48 bits are exact as a JSON number everywhere, and two of the 23,000 names
  // ever recorded do not meet there; names that do are refused when their file is read.
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : full_name) {
    hash = (hash ^ static_cast<unsigned char>(LowerChar(c))) * 0x100000001b3ULL;
  }
  return static_cast<int64_t>(Mix(hash, 0) >> 16U) + 1;
}

}  // namespace stargaze::sandbox
