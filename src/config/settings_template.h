// The text of a settings file to begin with.

#pragma once

#include <string>

namespace stargaze::config {

// Every setting that a file may hold with its help and its default, all commented out: it changes
// nothing.
std::string SettingsTemplate();

}  // namespace stargaze::config
