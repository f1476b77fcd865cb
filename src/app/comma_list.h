// "mit, apache-2.0": lists as settings and flags write them.

#pragma once

#include <string>
#include <vector>

namespace stargaze::app {

// The words between commas without the spaces around them; empty ones are left out.
std::vector<std::string> CommaList(const std::string& text);

}  // namespace stargaze::app
