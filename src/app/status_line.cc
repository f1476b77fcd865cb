#include "app/status_line.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "app/data_folder.h"
#include "warehouse/published_pointer.h"

namespace stargaze::app {
namespace {

std::string AgeText(std::chrono::seconds age) {
  constexpr int64_t kHour = 3600;
  constexpr int64_t kDay = 24 * kHour;
  const int64_t seconds = std::max<int64_t>(age.count(), 0);
  if (seconds >= 2 * kDay) return fmt::format("{} d ago", seconds / kDay);
  if (seconds >= kHour) return fmt::format("{} h ago", seconds / kHour);
  return fmt::format("{} min ago", seconds / 60);
}

std::string PublishedText(const std::string& home, bool sandbox) {
  const Result<std::optional<warehouse::Publication>> published =
      warehouse::ReadPointer(home + "/published");
  if (!published.ok()) return "what is published cannot be read: stargaze doctor";
  if (!published.value()) return "nothing published yet: stargaze dag run github_repo";
  const Instant at = published.value()->published_at;
  if (sandbox) return "published " + FormatInstantSeconds(at) + " of simulated time";
  return fmt::format(
      "published {}, {}",
      FormatInstantSeconds(at),
      AgeText(std::chrono::duration_cast<std::chrono::seconds>(SystemClock().Now() - at)));
}

}  // namespace

std::string StatusLine(Session& session) {
  const Result<const config::Settings*> settings = session.LoadSettings();
  if (!settings.ok()) return "the settings cannot be read: stargaze config validate";
  const std::string home = settings.value()->Text("home");
  const Result<FolderIdentity> identity = DataFolder::ReadIdentity(home);
  if (!identity.ok())
    return fmt::format(
        "No data yet in {}: stargaze demo shows simulated data, stargaze up collects", home);
  return fmt::format("{} · {} · {}",
                     home,
                     DataFolder::IsHeld(home) ? "a process has it open" : "no process has it open",
                     PublishedText(home, identity.value().sandbox));
}

}  // namespace stargaze::app
