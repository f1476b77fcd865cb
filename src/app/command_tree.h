// The commands as plain values, read from the parser: help, completions, man pages and the
// reference are all made from them, so none can say what the parser does not know.

#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace stargaze::app {

struct CommandOption {
  std::vector<std::string> names{};  // "-c", "--config"; empty for an argument.
  std::string argument{};            // Its own name, of an argument: "repository".
  std::string type{};                // "DIR"; empty: a flag that takes no value.
  std::string description{};
  std::string default_text{};
  std::vector<std::string> choices{};
  bool required = false;
  bool repeated = false;
  bool optional_value = false;  // --json and --json=a,b
};

struct Command {
  std::string name{};
  std::string path{};  // "stargaze repo list"
  std::string summary{};
  std::string group{};
  std::vector<std::string> examples{};
  std::vector<CommandOption> arguments{};
  std::vector<CommandOption> options{};
  std::vector<Command> commands{};
};

// `app` and what is below it; hidden ones (without a group) are left out.
Command DescribeCommands(const CLI::App& app);

// The command of these words below `root`; nullptr when there is none.
const Command* FindCommand(const Command& root, const std::vector<std::string>& words);

// For an option with few values; help and completions list them, and a wrong one is answered with
// the nearest.
CLI::Validator OneOf(std::vector<std::string> choices);
CLI::Validator Something();                               // Any text but the empty one.
CLI::Validator SomeOf(std::vector<std::string> choices);  // Separated by commas.

}  // namespace stargaze::app
