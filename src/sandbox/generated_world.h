// A world made up from a seed: thousands of fictional repositories that grow, move and disappear.
//
// Stars are given one by one and some are withdrawn again (star_ledger.h); every value of a
// repository follows from its id, the seed and the step of the instant.
//
// Within 400 days so many are renamed, transferred, deleted or withheld as EventShares says; three
// in a hundred are archived. For each 1,000 repositories 0.8 newcomers appear a day for 730 days.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/growth.h"
#include "sandbox/ledger_cache.h"
#include "sandbox/population.h"
#include "sandbox/source_days.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {

struct GeneratedWorldOptions {
  uint64_t seed = 1;
  int repositories = 1'000;  // At the start; 1 to 200,000.
  Day start_day = Day(std::chrono::year(2026) / 1 / 1);
  int steps_per_day = 1;                 // How often the values change: a divisor of 1,440.
  DayBoundary days = DayBoundary::kUtc;  // Of the star histories.
  bool history_short = false;  // Histories miss the repository's first star: one below its count.
  EventShares shares{};
};

class GeneratedWorld final : public World {
 public:
  // kInvalidInput for options out of their bounds.
  static Result<std::unique_ptr<GeneratedWorld>> Create(const GeneratedWorldOptions& options);
  ~GeneratedWorld() override;

  const std::string& name() const override;
  Result<std::shared_ptr<const Snapshot>> At(Instant instant) override;
  std::optional<int64_t> HolderOf(std::string_view full_name, Instant instant) override;
  Result<Lookup> Look(int64_t id, Instant instant) override;  // Never fails.
  Result<StarHistory> StarHistoryOf(int64_t id, Instant instant, const WeekWindow& window) override;
  std::vector<Release> ReleasesOf(int64_t id, Instant instant) override;

  // For the world's own books (books.h). nullptr for an unknown id.
  const Curve* CurveOf(int64_t repository_id) const;
  const std::vector<std::pair<Instant, RepositoryName>>* NamesOf(int64_t repository_id) const;
  // Ids of all that ever exist, ascending.
  std::vector<int64_t> Ids() const;
  const Timeline& timeline() const;
  // A ledger of its own, nullopt for an unknown id. The world outlives it.
  std::optional<StarLedger> OpenLedger(int64_t repository_id) const;
  // The history that the API reports when that ledger stands at the instant.
  StarHistory HistoryFrom(const StarLedger& ledger,
                          Instant instant,
                          const WeekWindow& window) const;

 private:
  struct Impl;
  explicit GeneratedWorld(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::sandbox
