#include "app/disk_forecast.h"

#include <chrono>
#include <filesystem>
#include <system_error>

namespace stargaze::app {
namespace {

constexpr std::chrono::hours kLookBack{24};
constexpr std::chrono::minutes kEnough{10};      // Less says nothing about a day.
constexpr int64_t kReserve = int64_t{64} << 20;  // Of use to nobody but those who end their work.
constexpr double kSecondsPerDay = 86'400;

}  // namespace

std::optional<double> DiskForecast::DaysLeft(Instant now) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder_, error);
  if (error) return std::nullopt;
  return DaysLeft(now, static_cast<int64_t>(space.available));
}

std::optional<double> DiskForecast::DaysLeft(Instant now, int64_t free_bytes) {
  // A clock that was set back makes the past worthless.
  if (!samples_.empty() && samples_.back().at > now) samples_.clear();
  samples_.push_back({.at = now, .free_bytes = free_bytes});
  while (samples_.front().at < now - kLookBack) samples_.pop_front();
  if (free_bytes < kReserve) return 0.0;
  const Sample& first = samples_.front();
  const double seconds = std::chrono::duration<double>(now - first.at).count();
  const auto used = static_cast<double>(first.free_bytes - free_bytes);
  if (now - first.at < kEnough || used <= 0) return std::nullopt;
  return static_cast<double>(free_bytes - kReserve) / used * seconds / kSecondsPerDay;
}

}  // namespace stargaze::app
