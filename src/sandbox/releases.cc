#include "sandbox/releases.h"

#include <fmt/core.h>

#include <algorithm>

#include "sandbox/mix.h"

namespace stargaze::sandbox {
namespace {

constexpr int32_t kReleasesMax = 1'000;  // The API lists no more either.
constexpr double kWithoutReleases = 0.25;
constexpr int64_t kReleaseIdSpan = 2'048;  // Ids of one repository's releases stand together.

Instant After(Instant instant, double days) {
  return instant + std::chrono::seconds(static_cast<int64_t>(days * 86'400));
}

// Every fourth starts a minor version, every fortieth a major one.
struct Version {
  int32_t major = 0;
  int32_t minor = 0;
  int32_t patch = 0;
};

Version VersionOf(int32_t number) {
  return {.major = number / 40, .minor = number % 40 / 4, .patch = number % 4};
}

Release ReleaseOf(const ReleaseRhythm& rhythm, int32_t number, double every_days) {
  Draws draws(Mix(rhythm.seed, 0x52454c), static_cast<uint64_t>(number));
  Release one{.id = rhythm.repository_id * kReleaseIdSpan + number, .number = number};
  one.created_at =
      After(rhythm.created_at, (static_cast<double>(number) + draws.Between(0, 0.8)) * every_days);
  one.prerelease = draws.Chance(0.12);
  const bool drafted = draws.Chance(0.06);
  one.published_at =
      After(one.created_at, drafted ? draws.Between(0.2, 2.5) * every_days : draws.Between(0, 0.1));
  const bool edited = draws.Chance(0.1);
  one.updated_at = edited ? After(one.published_at, draws.Between(0.5, 40)) : one.published_at;
  return one;
}

}  // namespace

std::string Release::Tag() const {
  const Version version = VersionOf(number);
  return fmt::format(
      "v{}.{}.{}{}", version.major, version.minor, version.patch, prerelease ? "-rc.1" : "");
}

std::string Release::Name() const {
  return number % 9 == 0 ? "" : fmt::format("Release {}", Tag().substr(1));
}

std::string Release::Body() const {
  std::string body = fmt::format("## What's changed in {}\n", Tag());
  const uint64_t lines = Mix(static_cast<uint64_t>(id), 1) % 12;
  for (uint64_t line = 0; line < lines; ++line) {
    body += fmt::format("* Part {} does \"more\" with less\r\n",
                        Mix(static_cast<uint64_t>(id), line + 2) % 1'000);
  }
  if (edited) body += "\nThese notes were corrected after publication.\n";
  return body;
}

std::vector<Release> ReleasesAt(const ReleaseRhythm& rhythm, Instant instant) {
  std::vector<Release> releases;
  Draws draws(Mix(rhythm.seed, 0x524859), 0);
  if (draws.Chance(kWithoutReleases)) return releases;
  const double unit = draws.Between(0, 1);
  const double every_days = 4 + 200 * unit * unit;  // Many are frequent, few are rare.
  const Instant end = std::min(instant, rhythm.archived_at.value_or(instant));
  for (int32_t number = 1; number <= kReleasesMax; ++number) {
    Release one = ReleaseOf(rhythm, number, every_days);
    if (one.created_at > end) break;  // They are created in the order of their numbers.
    if (one.published_at > end) continue;
    one.edited = one.updated_at != one.published_at && one.updated_at <= instant;
    if (!one.edited) one.updated_at = one.published_at;
    releases.push_back(one);
  }
  std::ranges::reverse(releases);
  return releases;
}

}  // namespace stargaze::sandbox
