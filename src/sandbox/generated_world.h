// A world made up from a seed: thousands of fictional repositories that grow, move and disappear.
//
// Per 1,000 repositories and 400 days about 60 are renamed, 20 change their owner, 10 are deleted
// (some of whose names newcomers with other ids take), 30 are archived; 0.8 newcomers appear a day
// for 730 days.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/growth.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {

struct GeneratedWorldOptions {
  uint64_t seed = 1;
  int repositories = 1'000;  // At the start; 1 to 50,000.
  Day start_day = Day(std::chrono::year(2026) / 1 / 1);
  int steps_per_day = 1;  // How often the values change: a divisor of 1,440.
};

class GeneratedWorld final : public World {
 public:
  // kInvalidInput for options out of their bounds.
  static Result<std::unique_ptr<GeneratedWorld>> Create(const GeneratedWorldOptions& options);
  ~GeneratedWorld() override;

  const std::string& name() const override;
  Result<std::shared_ptr<const Snapshot>> At(Instant instant) override;
  std::optional<int64_t> HolderOf(std::string_view full_name, Instant instant) override;

  // The world's own books. nullptr for an unknown id.
  const Curve* CurveOf(int64_t repository_id) const;
  // Ids of all that ever exist, ascending.
  std::vector<int64_t> Ids() const;

 private:
  struct Impl;
  explicit GeneratedWorld(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::sandbox
