#include "app/help_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <sstream>

#include "app/command_notes.h"
#include "app/exit_codes.h"
#include "app/output.h"

namespace stargaze::app {
namespace {

constexpr std::size_t kLine = 100;
constexpr std::size_t kLeftMax = 32;

struct Entry {
  std::string left{};
  std::string right{};
};

std::string Wrapped(const std::string& text, std::size_t indent) {
  std::string wrapped;
  std::size_t used = indent;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const bool first = wrapped.empty();
    if (!first && used + 1 + TextWidth(word) > kLine) {
      wrapped += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (!first) {
      wrapped += ' ';
      ++used;
    }
    wrapped += word;
    used += TextWidth(word);
  }
  return wrapped;
}

std::string Block(const std::string& title, const std::vector<Entry>& entries) {
  if (entries.empty()) return {};
  std::size_t left = 0;
  for (const Entry& entry : entries) left = std::max(left, std::min(kLeftMax, entry.left.size()));
  std::string text = "\n" + title + ":\n";
  for (const Entry& entry : entries) {
    text += "  " + entry.left;
    text += entry.left.size() > left ? "\n" + std::string(left + 4, ' ')
                                     : std::string(left + 2 - entry.left.size(), ' ');
    text += Wrapped(entry.right, left + 4) + "\n";
  }
  return text;
}

std::vector<Entry> Entries(const std::vector<CommandOption>& options) {
  std::vector<Entry> entries;
  for (const CommandOption& option : options)
    entries.push_back({.left = SpellingOf(option), .right = DescriptionOf(option)});
  return entries;
}

std::string CommandBlocks(const Command& command) {
  const auto block = [&](const std::string& title, const auto& belongs) {
    std::vector<Entry> entries;
    for (const Command& below : command.commands) {
      if (belongs(below)) entries.push_back({.left = below.name, .right = below.summary});
    }
    return Block(title, entries);
  };
  const bool grouped = std::any_of(command.commands.begin(),
                                   command.commands.end(),
                                   [](const Command& below) { return !below.group.empty(); });
  if (!grouped) return block("Commands", [](const Command&) { return true; });
  std::string text;
  for (const std::string& group : CommandGroups()) {
    text += block(group, [&](const Command& below) {
      return below.group == group || (below.group.empty() && group == CommandGroups().back());
    });
  }
  return text;
}

}  // namespace

std::string SpellingOf(const CommandOption& option) {
  if (!option.argument.empty()) {
    const std::string name = "<" + option.argument + ">" + (option.repeated ? "..." : "");
    return option.required ? name : "[" + name + "]";
  }
  std::string text;
  for (const std::string& name : option.names) text += (text.empty() ? "" : ", ") + name;
  if (option.optional_value) return text + "[=" + option.type + "]";
  return option.type.empty() ? text : text + " " + option.type;
}

std::string DescriptionOf(const CommandOption& option) {
  std::string text = option.description;
  if (!option.choices.empty()) {
    std::string list;
    for (const std::string& choice : option.choices) list += (list.empty() ? "" : ", ") + choice;
    text += ": " + list;
  }
  if (option.required && option.argument.empty()) text += " (required)";
  if (!option.default_text.empty()) text += " (default: " + option.default_text + ")";
  return text;
}

std::string UsageOf(const Command& command) {
  std::string text = command.path;
  if (!command.commands.empty()) text += " <command>";
  for (const CommandOption& argument : command.arguments) text += " " + SpellingOf(argument);
  return text + " [flags]";
}

std::string ExitCodeText() {
  std::string text;
  for (const ExitCode& code : kExitCodes)
    text += fmt::format("  {:<9} {}\n", code.code, code.meaning);
  return text;
}

std::string HelpText(const Command& root, const Command& command, HelpLength length) {
  std::string text = command.summary + (command.summary.ends_with('.') ? "\n" : ".\n");
  text += "\nUsage: " + UsageOf(command) + "\n";
  const bool is_long = length == HelpLength::kLong;
  if (is_long && !command.examples.empty()) {
    text += "\nExamples:\n";
    for (const std::string& example : command.examples) text += "  " + example + "\n";
  }
  text += CommandBlocks(command);
  text += Block("Arguments", Entries(command.arguments));
  const bool is_root = command.path == root.path;
  if (!is_root) text += Block("Flags", Entries(command.options));
  if (is_long || is_root) text += Block("Flags of every command", Entries(root.options));
  if (is_root) {
    text += "\nMore about one: stargaze help <command>. Exit codes: stargaze help exit-codes.\n";
  } else if (is_long) {
    text += "\nExit codes: 0 success, others: stargaze help exit-codes.\n";
  } else {
    text += fmt::format("\nMore: {} --help\n", command.path);
  }
  return text;
}

}  // namespace stargaze::app
