// A table for eyes: aligned columns, numbers to the right, no wider than the terminal.

#pragma once

#include <ostream>
#include <string_view>

#include "app/output.h"

namespace stargaze::app {

bool IsNumber(const storage::SqlValue& value);

// Texts are shortened with an ellipsis where the terminal is too narrow; control characters, which
// would move its cursor, are shown as "?".
void PrintAligned(std::ostream& out, const OutputOptions& options, const storage::SqlRows& rows);

}  // namespace stargaze::app
