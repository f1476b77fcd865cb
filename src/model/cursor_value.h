// A value that a walk has come to, as manifests and requests write it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/table.h"

namespace stargaze::model {

// Microseconds since 1970 of a timestamp ("2026-01-31T11:00:00Z", fractions too), days since 1970
// of a date, the number of an integer. nullopt when the text is none, or for a type without an
// order.
std::optional<int64_t> ParseCursorValue(ColumnType type, std::string_view text);

// In whole seconds, which is what sources take: rounded down, so that nothing is left out.
std::string FormatCursorValue(ColumnType type, int64_t value);

// `overlap` in seconds, days or units.
int64_t LessOverlap(ColumnType type, int64_t value, int64_t overlap);

}  // namespace stargaze::model
