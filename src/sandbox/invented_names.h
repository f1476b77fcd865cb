// Names that belong to nobody: words put together from syllables that no language uses in a row.
//
// Owners are "sim-" and a word of three syllables ("sim-vorqualdrix"): the prefix says on every
// screen that the account is simulated. Repositories are a word of two syllables and, for most, a
// plain noun
// ("draffzin-mesh"). The same number gives the same name, in every process.

#pragma once

#include <cstdint>
#include <string>

namespace stargaze::sandbox {

// Different indexes below this bound give different owners.
inline constexpr uint64_t kOwnersMax = 32'768;

// `index` < kOwnersMax; `seed` picks the order in which the names are given out.
std::string InventedOwner(uint64_t seed, uint64_t index);

// Different draws may give the same name.
std::string InventedRepository(uint64_t draw);

}  // namespace stargaze::sandbox
