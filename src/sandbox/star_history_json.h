// Weeks of a star history as GitHub's REST API writes them.

#pragma once

#include <string>

#include "sandbox/world.h"

namespace stargaze::sandbox {

// [{"week":1780185600,"total":9,"days":[1,2,0,3,0,1,2]},…], the newest first.
void AppendWeeks(std::string& out, const StarHistory& history);

}  // namespace stargaze::sandbox
