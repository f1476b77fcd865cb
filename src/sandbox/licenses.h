// The licences that a simulated repository can have, as GitHub describes them.

#pragma once

#include <span>
#include <string_view>

namespace stargaze::sandbox {

struct License {
  std::string_view key{};
  std::string_view name{};
  std::string_view spdx_id{};
  bool has_page = true;  // False for "other": GitHub then gives no URL.
  int weight = 1;        // How often generated worlds use it, of kLicenseWeightTotal.
};

// What remains up to the total has no licence.
inline constexpr int kLicenseWeightTotal = 100;

std::span<const License> Licenses();

}  // namespace stargaze::sandbox
