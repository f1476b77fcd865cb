// Man pages and the reference of docs/cli.md, made from the parser's tree.

#pragma once

#include <string>

#include "app/command_tree.h"

namespace stargaze::app {

// "stargaze-repo-add"
std::string ManualName(const Command& command);

// In man(7)'s macros, section 1.
std::string ManualPage(const Command& root, const Command& command);

// Every command with usage, examples and flags, as Markdown.
std::string MarkdownReference(const Command& root);

}  // namespace stargaze::app
