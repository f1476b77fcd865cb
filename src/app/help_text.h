// Help as text: what it does, usage, examples, flags.

#pragma once

#include <string>

#include "app/command_tree.h"

namespace stargaze::app {

// -h: what it does, how it is written, its own flags. --help: with examples, the flags that every
// command has and the exit codes.
enum class HelpLength { kShort, kLong };

std::string HelpText(const Command& root, const Command& command, HelpLength length);

std::string ExitCodeText();

// "Usage: " apart: "stargaze repo add <repository> [flags]".
std::string UsageOf(const Command& command);

// "-c, --config FILE"
std::string SpellingOf(const CommandOption& option);

// With choices and default.
std::string DescriptionOf(const CommandOption& option);

}  // namespace stargaze::app
