// Completions for shells, made from the parser's tree: commands, flags and the values that a flag
// may have.

#pragma once

#include <string>

#include "app/command_tree.h"

namespace stargaze::app {

std::string BashCompletion(const Command& root);
std::string ZshCompletion(const Command& root);
std::string FishCompletion(const Command& root);

}  // namespace stargaze::app
