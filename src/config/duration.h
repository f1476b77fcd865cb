// Lengths of time as people write them.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace stargaze::config {

// "90" (seconds), "5m", "1h30m", "2d", "1w", or ISO 8601 without months and years, whose length
// varies: "PT5M", "P1DT12H". nullopt for anything else and for more than ten years.
std::optional<std::chrono::seconds> ParseDuration(std::string_view text);

// For schemas: what is wrong, or nothing.
std::string CheckDuration(const std::string& text);
std::string CheckPositiveDuration(const std::string& text);

}  // namespace stargaze::config
