#include "sandbox/generated_profile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace stargaze::sandbox {
namespace {

constexpr std::array<std::string_view, 16> kLanguages = {"TypeScript",
                                                         "Python",
                                                         "JavaScript",
                                                         "Go",
                                                         "Rust",
                                                         "Java",
                                                         "C++",
                                                         "C",
                                                         "C#",
                                                         "Kotlin",
                                                         "Swift",
                                                         "PHP",
                                                         "Shell",
                                                         "Elixir",
                                                         "Ruby",
                                                         "Jupyter Notebook"};

constexpr std::array<std::string_view, 12> kTopics = {"simulation",
                                                      "database",
                                                      "cli",
                                                      "observability",
                                                      "machine-learning",
                                                      "compiler",
                                                      "web",
                                                      "security",
                                                      "testing",
                                                      "devops",
                                                      "graphics",
                                                      "education"};

constexpr std::array<std::string_view, 8> kManners = {"A small",
                                                      "A fast",
                                                      "An opinionated",
                                                      "A typed",
                                                      "The",
                                                      "A boring",
                                                      "Self-hosted",
                                                      "Yet another"};

constexpr std::array<std::string_view, 8> kThings = {"toolkit",
                                                     "runtime",
                                                     "dashboard",
                                                     "library",
                                                     "file store",
                                                     "editor",
                                                     "test bench",
                                                     "scheduler"};

// The last ones are awkward on purpose: quotes, other scripts, what a spreadsheet takes for a
// formula.
constexpr std::array<std::string_view, 10> kPurposes = {" for log lines",
                                                        " for teams without an operations desk",
                                                        " that fits in one file",
                                                        " with sensible defaults",
                                                        " for people who like plain text",
                                                        " for maps and mazes",
                                                        " with the \"batteries\" taken out",
                                                        " 🚀 for everyone, 모두를 위한",
                                                        ", <b>no</b> build step & no daemon",
                                                        " that computes =SUM(1,2) in a \\ blink"};

template <std::size_t kSize>
std::string_view Pick(const std::array<std::string_view, kSize>& words, Draws& draws) {
  return words[draws.Below(kSize)];
}

void AddViralCurve(Curve& curve, Draws& draws, double height_min, double height_max) {
  curve.kind = CurveKind::kViral;
  curve.viral_stars = draws.Between(height_min, height_max);
  curve.viral_days = draws.Between(1.5, 12);
}

void AddBoughtStep(Curve& curve, Draws& draws) {
  curve.kind = CurveKind::kBought;
  curve.bought_stars = std::floor(draws.Between(800, 9'000));
  curve.bought_day = std::floor(draws.Between(5, 120)) + 0.25;
  curve.purged_stars = std::floor(curve.bought_stars * draws.Between(0, 0.6));
  curve.purged_day = curve.bought_day + std::floor(draws.Between(20, 60));
}

void DrawRhythm(Curve& curve, Draws& draws) {
  curve.swing = draws.Between(0.1, 0.85);
  curve.swing_days = draws.Between(30, 200);
  curve.swing_phase = draws.Between(0, 2 * std::numbers::pi);
  curve.withdrawn_every_days = draws.Between(9, 60);
  curve.withdrawn_stars = std::floor(1 + curve.stars_at_start * draws.Between(0, 0.0006));
}

// Few repositories have most of the stars: a Pareto distribution, cut at the top.
double DrawInitialStars(Draws& draws, double fork_heavy_share) {
  if (draws.Chance(fork_heavy_share)) return draws.Between(200, 990);
  const double chance = 1 - draws.Between(0, 1);
  return std::min(1000 * std::pow(chance, -1 / 1.15), draws.Between(150'000, 260'000));
}

const License* DrawLicense(Draws& draws) {
  int64_t remaining = static_cast<int64_t>(draws.Below(kLicenseWeightTotal));
  for (const License& license : Licenses()) {
    remaining -= license.weight;
    if (remaining < 0) return &license;
  }
  return nullptr;
}

}  // namespace

Curve DrawEstablishedCurve(Draws& draws, double birth_day) {
  constexpr double kForkHeavyShare = 0.05;  // Found by their forks only.
  Curve curve{.birth_day = birth_day,
              .stars_at_start = std::floor(DrawInitialStars(draws, kForkHeavyShare))};
  curve.stars_per_day = curve.stars_at_start * draws.Between(0.0002, 0.002);
  curve.fork_ratio =
      curve.stars_at_start < 1000 ? draws.Between(1.1, 3) : draws.Between(0.04, 0.35);
  const double kind = draws.Between(0, 1);
  if (kind < 0.25) {
    curve.kind = CurveKind::kStale;
    curve.stars_per_day *= 0.03;
  } else if (kind < 0.33) {
    AddViralCurve(curve, draws, 500, 500 + curve.stars_at_start * 2);
    curve.viral_day = draws.Between(-20, 300);
  } else if (kind < 0.37) {
    AddBoughtStep(curve, draws);
  }
  DrawRhythm(curve, draws);
  return curve;
}

Curve DrawNewcomerCurve(Draws& draws, double birth_day) {
  Curve curve{.birth_day = birth_day,
              .stars_per_day = draws.Between(1, 40),
              .fork_ratio = draws.Between(0.03, 0.5)};
  if (draws.Chance(0.4)) {
    AddViralCurve(curve, draws, 800, 30'000);
    curve.viral_day = birth_day + draws.Between(2, 40);
  }
  DrawRhythm(curve, draws);
  return curve;
}

RepositoryProfile DrawProfile(Draws& draws) {
  RepositoryProfile profile;
  if (!draws.Chance(0.03)) {
    std::string text(Pick(kManners, draws));
    text += ' ';
    text += Pick(kThings, draws);
    text += Pick(kPurposes, draws);
    profile.description = std::move(text);
  }
  if (draws.Chance(0.3)) {
    profile.homepage =
        draws.Chance(0.2) ? "" : "https://docs.example/" + std::to_string(draws.Below(100'000));
  }
  if (!draws.Chance(0.06)) profile.language = Pick(kLanguages, draws);
  profile.license = DrawLicense(draws);
  const uint64_t topics = draws.Below(5);
  for (uint64_t i = 0; i < topics; ++i) {
    std::string topic(Pick(kTopics, draws));
    if (std::ranges::find(profile.topics, topic) == profile.topics.end())
      profile.topics.push_back(std::move(topic));
  }
  profile.size_kilobytes = static_cast<int64_t>(std::exp(draws.Between(3, 14)));
  if (draws.Chance(0.35)) profile.default_branch = "master";
  return profile;
}

}  // namespace stargaze::sandbox
