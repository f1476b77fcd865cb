// What the parser has no place for: where a command stands in the overview, and its examples.

#pragma once

#include <string>
#include <vector>

namespace stargaze::app {

struct CommandNotes {
  std::string path{};   // "stargaze repo list"
  std::string group{};  // Of the overview; for commands of the first level.
  std::vector<std::string> examples{};
};

// Empty for a command without notes.
const CommandNotes& NotesOf(const std::string& path);

// Groups in the overview's order; what has none comes last, under the last one's name.
const std::vector<std::string>& CommandGroups();

}  // namespace stargaze::app
