// Changes one setting in the text of a configuration file and leaves everything else as it was
// written: comments, order, other settings.

#pragma once

#include <string>

#include "base/result.h"

namespace stargaze::config {

// `file` is for messages. kInvalidInput for text that is no configuration file, for a setting that
// a file may not hold (a secret) or does not know, for a value that does not suit it, and for one
// that is written over several lines (those are for an editor).
Result<std::string> WithSetting(const std::string& file,
                                const std::string& text,
                                const std::string& setting,
                                const std::string& value);

// Everything that is wrong with the text of a configuration file; kInvalidInput lists it with
// lines.
Status CheckSettingsText(const std::string& file, const std::string& text);

}  // namespace stargaze::config
