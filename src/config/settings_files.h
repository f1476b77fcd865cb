// Which configuration files there are, and the form of their paths.

#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace stargaze::config {

// Files that may exist, weakest first.
std::vector<std::string> SettingsFiles(const SettingsSources& sources);

// Absolute and tidy: "~/" is the user's home, anything else that is not absolute is below `folder`.
std::string ResolvedPath(const std::string& path,
                         const std::string& folder,
                         const SettingsSources& sources);

// $XDG_DATA_HOME/stargaze, or ~/.local/share/stargaze; empty when neither is known.
std::string DefaultHome(const SettingsSources& sources);

}  // namespace stargaze::config
