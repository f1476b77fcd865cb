// The settings file that a command changes.

#pragma once

#include <string>
#include <vector>

#include "app/session.h"

namespace stargaze::app {

// "user", "project", "system": whose file, where --config names none.
const std::vector<std::string>& SettingsOwners();

// Its path, whether it is there or not; --config's where that is given: what is changed is what is
// read. kInvalidInput for the user's without a HOME.
Result<std::string> SettingsTarget(const Session& session, const std::string& owner);

// Empty without the file; kUnauthorized with a remedy when it may not be read.
Result<std::string> ReadSettingsFile(const std::string& file);

// Makes its folder too.
Status WriteSettingsFile(const std::string& file, const std::string& text);

}  // namespace stargaze::app
