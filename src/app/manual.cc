#include "app/manual.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "app/exit_codes.h"
#include "app/help_text.h"
#include "base/version.h"

namespace stargaze::app {
namespace {

// A dash that is meant as typed, a backslash, and a line that would be taken for a request.
std::string Roff(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\') {
      safe += "\\e";
    } else if (c == '-') {
      safe += "\\-";
    } else if ((c == '.' || c == '\'') && (safe.empty() || safe.back() == '\n')) {
      safe += std::string("\\&") + c;
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string Options(const std::string& title, const std::vector<CommandOption>& options) {
  if (options.empty()) return {};
  std::string text = ".SH " + title + "\n";
  for (const CommandOption& option : options)
    text += ".TP\n.B " + Roff(SpellingOf(option)) + "\n" + Roff(DescriptionOf(option)) + "\n";
  return text;
}

std::string SeeAlso(const Command& root, const Command& command) {
  std::vector<std::string> names;
  if (command.path != root.path) names.push_back(ManualName(root));
  for (const Command& below : command.commands) names.push_back(ManualName(below));
  std::string text;
  for (const std::string& name : names)
    text += fmt::format("{}.BR {} (1)", text.empty() ? "" : " ,\n", Roff(name));
  return names.empty() ? text : ".SH SEE ALSO\n" + text + "\n";
}

std::string Cell(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '|' ? std::string("\\|") : std::string(1, c);
  return safe;
}

void Reference(const Command& command, std::string& text) {
  text += fmt::format(
      "\n### {}\n\n{}.\n\n```\n{}\n```\n", command.path, command.summary, UsageOf(command));
  if (!command.examples.empty()) {
    text += "\nExamples:\n\n```\n";
    for (const std::string& example : command.examples) text += example + "\n";
    text += "```\n";
  }
  std::vector<CommandOption> own = command.arguments;
  for (const CommandOption& option : command.options) {
    if (option.names.front() != "-h") own.push_back(option);
  }
  if (!own.empty()) text += "\n| flag | what it does |\n|---|---|\n";
  for (const CommandOption& option : own)
    text += fmt::format("| `{}` | {} |\n", Cell(SpellingOf(option)), Cell(DescriptionOf(option)));
  for (const Command& below : command.commands) Reference(below, text);
}

}  // namespace

std::string ManualName(const Command& command) {
  std::string name = command.path;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string ManualPage(const Command& root, const Command& command) {
  std::string title = ManualName(command);
  std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  std::string text =
      fmt::format(".TH {} 1 \"\" \"Stargaze {}\" \"Stargaze\"\n.SH NAME\n{} \\- {}\n",
                  Roff(title),
                  kVersion,
                  Roff(ManualName(command)),
                  Roff(command.summary));
  text += ".SH SYNOPSIS\n.B " + Roff(UsageOf(command)) + "\n";
  text +=
      ".SH DESCRIPTION\n" + Roff(command.summary) + (command.summary.ends_with('.') ? "\n" : ".\n");
  if (!command.commands.empty()) text += ".SH COMMANDS\n";
  for (const Command& below : command.commands)
    text += ".TP\n.B " + Roff(below.name) + "\n" + Roff(below.summary) + ".\n";
  text += Options("ARGUMENTS", command.arguments);
  if (command.path != root.path) text += Options("OPTIONS", command.options);
  text += Options("GLOBAL OPTIONS", root.options);
  if (!command.examples.empty()) {
    text += ".SH EXAMPLES\n.nf\n";
    for (const std::string& example : command.examples) text += Roff(example) + "\n";
    text += ".fi\n";
  }
  text += ".SH EXIT STATUS\n";
  for (const ExitCode& code : kExitCodes)
    text += fmt::format(
        ".TP\n.B {}\n{}.\n", Roff(std::string(code.code)), Roff(std::string(code.meaning)));
  return text + SeeAlso(root, command);
}

std::string MarkdownReference(const Command& root) {
  std::string text = "Flags of every command:\n\n| flag | what it does |\n|---|---|\n";
  for (const CommandOption& option : root.options)
    text += fmt::format("| `{}` | {} |\n", Cell(SpellingOf(option)), Cell(DescriptionOf(option)));
  for (const Command& command : root.commands) Reference(command, text);
  return text;
}

}  // namespace stargaze::app
