// A world that was: daily ranking files, served on their days.
//
// The folder holds monthly archives ("github-ranking-2022-06.tar.zst") or daily files
// ("github-ranking-2022-06-06.csv"), or both; a daily file wins. Where a repository stands several
// times in a day's file, the row with the most stars, then with the most forks, is taken
// (metrics.md section 4). The files name repositories and give no ids and no times of creation:
// both are invented from the name, any case, and are the same in every process.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/world.h"

namespace stargaze::sandbox {

class RecordedWorld final : public World {
 public:
  // Looks at the names of the files only. kNotFound without any that fits.
  static Result<std::unique_ptr<RecordedWorld>> Open(const std::string& folder);
  ~RecordedWorld() override;

  const std::string& name() const override;
  // kUnavailable on a day without a file. kCorrupt names the file and the record. Costs some 10 ms
  // for a new day, and 100 ms more for a new month; one month's text (at most 512 MiB) and two days
  // are kept.
  Result<std::shared_ptr<const Snapshot>> At(Instant instant) override;
  std::optional<int64_t> HolderOf(std::string_view full_name, Instant instant) override;

  // Every recorded day, ascending. Reads the archives one after another.
  Result<std::vector<Day>> Days();

 private:
  struct Impl;
  explicit RecordedWorld(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The id that a recorded world gives to a full name: positive, below 2^48, the same for any case.
int64_t InventedId(std::string_view full_name);

}  // namespace stargaze::sandbox
