#include "app/command_tree.h"

#include <fmt/core.h>

#include <algorithm>
#include <sstream>

#include <CLI/CLI.hpp>

#include "app/command_notes.h"
#include "base/suggest.h"

namespace stargaze::app {
namespace {

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

// CLI11 writes a type as "FORMAT:{table,tsv}".
void ReadType(const std::string& written, CommandOption& option) {
  const std::size_t colon = written.find(':');
  option.type = written.substr(0, colon);
  if (option.type == "INT") option.type = "N";
  const std::size_t open = written.find('{');
  const std::size_t close = written.rfind('}');
  if (open != std::string::npos && close != std::string::npos && close > open)
    option.choices = Split(written.substr(open + 1, close - open - 1), ',');
}

CommandOption Describe(const CLI::Option& written) {
  CommandOption option{.description = written.get_description(),
                       .default_text = written.get_default_str(),
                       .required = written.get_required(),
                       .repeated = written.get_expected_max() > 1};
  if (written.get_positional()) {
    option.argument = written.get_name(true, false);
  } else {
    option.names = Split(written.get_name(false, true), ',');
  }
  if (written.get_type_size() != 0) ReadType(written.get_type_name(), option);
  if (!written.get_option_text().empty()) {
    option.type = written.get_option_text();
    option.optional_value = true;
  }
  return option;
}

Command Describe(const CLI::App& app, const std::string& above) {
  const std::string path = above.empty() ? app.get_name() : above + " " + app.get_name();
  const CommandNotes& notes = NotesOf(path);
  Command command{.name = app.get_name(),
                  .path = path,
                  .summary = app.get_description(),
                  .group = notes.group,
                  .examples = notes.examples};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    (option->get_positional() ? command.arguments : command.options).push_back(Describe(*option));
  }
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!below->get_group().empty()) command.commands.push_back(Describe(*below, path));
  }
  return command;
}

std::string Braced(const std::vector<std::string>& choices) {
  std::string text = "{";
  for (const std::string& choice : choices) text += (text.size() == 1 ? "" : ",") + choice;
  return text + "}";
}

std::string Refusal(const std::string& word, const std::vector<std::string>& choices) {
  std::string list;
  for (const std::string& choice : choices) list += (list.empty() ? "" : ", ") + choice;
  return fmt::format("'{}' is none of {}{}", word, list, DidYouMean(word, choices));
}

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Command DescribeCommands(const CLI::App& app) {
  return Describe(app, "");
}

const Command* FindCommand(const Command& root, const std::vector<std::string>& words) {
  const Command* at = &root;
  for (const std::string& word : words) {
    const auto found = std::find_if(at->commands.begin(),
                                    at->commands.end(),
                                    [&](const Command& below) { return below.name == word; });
    if (found == at->commands.end()) return nullptr;
    at = &*found;
  }
  return at;
}

CLI::Validator OneOf(std::vector<std::string> choices) {
  std::string description = Braced(choices);
  return {[choices = std::move(choices)](std::string& word) {
            return Contains(choices, word) ? std::string() : Refusal(word, choices);
          },
          std::move(description)};
}

CLI::Validator Something() {
  return {[](std::string& word) {
            return word.empty() ? std::string("an empty text is no value") : std::string();
          },
          ""};
}

CLI::Validator SomeOf(std::vector<std::string> choices) {
  std::string description = Braced(choices);
  return {[choices = std::move(choices)](std::string& words) {
            for (const std::string& word : Split(words, ',')) {
              if (!Contains(choices, word)) return Refusal(word, choices);
            }
            return std::string();
          },
          std::move(description)};
}

}  // namespace stargaze::app
