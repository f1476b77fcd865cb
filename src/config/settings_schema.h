// The form of configuration files, made from the table of settings.

#pragma once

#include "config/schema.h"
#include "config/settings.h"

namespace stargaze::config {

// One value, as in a variable; `key` is its name in messages.
Schema LeafSchema(const SettingSpec& spec, const std::string& key);

const Schema& SettingsFileSchema();

}  // namespace stargaze::config
