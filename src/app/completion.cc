#include "app/completion.h"

#include <fmt/core.h>

#include <functional>

namespace stargaze::app {
namespace {

void ForEach(const Command& command, const std::function<void(const Command&)>& visit) {
  visit(command);
  for (const Command& below : command.commands) ForEach(below, visit);
}

// "repo list" of "stargaze repo list"; empty for the program itself.
std::string WordsOf(const Command& command) {
  const std::size_t space = command.path.find(' ');
  return space == std::string::npos ? std::string() : command.path.substr(space + 1);
}

bool TakesFile(const CommandOption& option) {
  return option.type == "FILE";
}
bool TakesFolder(const CommandOption& option) {
  return option.type == "DIR";
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string Flags(const Command& command) {
  std::vector<std::string> names;
  for (const CommandOption& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return Joined(names);
}

std::string Below(const Command& command) {
  std::vector<std::string> names;
  for (const Command& below : command.commands) names.push_back(below.name);
  return Joined(names);
}

std::string Patterns(const CommandOption& option) {
  std::string text;
  for (const std::string& name : option.names) text += (text.empty() ? "" : "|") + name;
  return text;
}

// The value after a flag: choices, files, or nothing to offer.
std::string BashValue(const CommandOption& option) {
  if (!option.choices.empty())
    return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", Joined(option.choices));
  if (TakesFolder(option)) return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\"))";
  if (TakesFile(option)) return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))";
  return "COMPREPLY=()";
}

bool TakesValue(const CommandOption& option) {
  return !option.type.empty() && !option.optional_value;
}

// In single quotes of zsh's _arguments, which gives [, ] and : a meaning.
std::string ZshText(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\'') {
      safe += "'\\''";
    } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
      safe += std::string("\\") + c;
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string ZshValue(const CommandOption& option) {
  if (option.optional_value) return "=-";
  if (!TakesValue(option)) return "";
  std::string action = " ";
  if (!option.choices.empty()) action = "(" + Joined(option.choices) + ")";
  if (TakesFile(option)) action = "_files";
  if (TakesFolder(option)) action = "_files -/";
  return ":" + option.type + ":" + action;
}

std::string FishText(const std::string& text) {
  std::string safe;
  for (const char c : text)
    safe += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return safe;
}

// As a pattern of case, for finding which words are commands.
std::string FlagsWithValue(const Command& root) {
  std::string takes;
  ForEach(root, [&](const Command& command) {
    for (const CommandOption& option : command.options) {
      if (TakesValue(option)) takes += (takes.empty() ? "" : "|") + Patterns(option);
    }
  });
  return takes.empty() ? "''" : takes;
}

}  // namespace

std::string BashCompletion(const Command& root) {
  std::string values;
  std::string words;
  ForEach(root, [&](const Command& command) {
    const std::string path = WordsOf(command);
    for (const CommandOption& option : command.options) {
      if (!TakesValue(option)) continue;
      for (const std::string& name : option.names)
        values += fmt::format("    '{}{}{}') {}; return ;;\n",
                              path,
                              path.empty() ? "" : " ",
                              name,
                              BashValue(option));
    }
    words +=
        fmt::format("    '{}') words='{}' flags='{}' ;;\n", path, Below(command), Flags(command));
  });
  const std::string takes = FlagsWithValue(root);
  return fmt::format(
      R"(# bash completion for stargaze; made by: stargaze completion bash
_stargaze_words() {{
  case "$1" in
{0}  esac
}}

_stargaze_value() {{
  case "$1" in
{1}    *) return 1 ;;
  esac
}}

_stargaze() {{
  local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}"
  local path='' words='' flags='' i skip='' word
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${{COMP_WORDS[i]}}"
    if [[ -n $skip ]]; then skip=''; continue; fi
    case "$word" in
      {2}) skip=1; continue ;;
      -*) continue ;;
    esac
    _stargaze_words "$path"
    if [[ " $words " == *" $word "* ]]; then path="${{path:+$path }}$word"; fi
  done
  if [[ $prev == -* ]]; then
    _stargaze_value "${{path:+$path }}$prev" && return
    _stargaze_value "$prev" && return
  fi
  words='' flags=''
  _stargaze_words "$path"
  if [[ $cur == -* ]]; then
    local own="$flags"
    _stargaze_words ''
    words="$own $flags"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ -z $words ]]; then compopt -o filenames -o default; fi
}}

complete -F _stargaze stargaze
)",
      words,
      values,
      takes);
}

std::string ZshCompletion(const Command& root) {
  std::string functions;
  ForEach(root, [&](const Command& command) {
    std::string name = "_" + command.path;
    for (char& c : name) c = c == ' ' || c == '-' ? '_' : c;
    std::string body;
    const auto add = [&](const Command& of) {
      for (const CommandOption& option : of.options) {
        for (const std::string& flag : option.names)
          body += fmt::format(" \\\n    '{}{}[{}]{}'",
                              option.repeated ? "*" : "",
                              option.optional_value ? flag + "=-" : flag,
                              ZshText(option.description),
                              option.optional_value ? ":" + option.type + ": " : ZshValue(option));
      }
    };
    add(command);
    if (command.path != root.path) {
      for (const CommandOption& option : root.options) {
        if (option.names.front() == "-h") continue;
        Command one{};
        one.options = {option};
        add(one);
      }
    }
    if (command.commands.empty()) {
      for (const CommandOption& argument : command.arguments)
        body +=
            fmt::format(" \\\n    '{}:{}:_files'", argument.repeated ? "*" : "", argument.argument);
      functions += fmt::format("{}() {{\n  _arguments -s{}\n}}\n\n", name, body);
      return;
    }
    std::string list;
    std::string cases;
    for (const Command& below : command.commands) {
      list += fmt::format("        '{}:{}'\n", below.name, ZshText(below.summary));
      std::string function = "_" + below.path;
      for (char& c : function) c = c == ' ' || c == '-' ? '_' : c;
      cases += fmt::format("        {}) {} ;;\n", below.name, function);
    }
    functions += fmt::format(
        "{0}() {{\n  local context state line\n  local -a commands\n  _arguments -C -s{1} \\\n    "
        "'1:command:->command' \\\n    '*::argument:->argument'\n  case $state in\n    command)\n  "
        "  "
        "  commands=(\n{2}      )\n      _describe -t commands command commands\n      ;;\n    "
        "argument)\n      case $words[1] in\n{3}      esac\n      ;;\n  esac\n}}\n\n",
        name,
        body,
        list,
        cases);
  });
  return "#compdef stargaze\n# zsh completion for stargaze; made by: stargaze completion zsh\n\n" +
         functions +
         "if [[ $funcstack[1] == _stargaze ]]; then\n  _stargaze \"$@\"\nelse\n  compdef _stargaze "
         "stargaze\nfi\n";
}

std::string FishCompletion(const Command& root) {
  std::string text =
      "# fish completion for stargaze; made by: stargaze completion fish\n"
      "function __stargaze_at\n"
      "  set -l words (commandline -opc)[2..]\n"
      "  set -l found\n"
      "  for word in $words\n"
      "    string match -q -- '-*' $word; and continue\n"
      "    set found $found $word\n"
      "  end\n"
      "  test \"$found\" = \"$argv\"; or begin\n"
      "    test -n \"$argv[2]\"; and string match -q -- \"$argv *\" \"$found\"\n"
      "  end\n"
      "end\n"
      "complete -c stargaze -f\n";
  ForEach(root, [&](const Command& command) {
    const std::string path = WordsOf(command);
    const std::string condition =
        path.empty() ? std::string() : fmt::format(" -n '__stargaze_at {}'", path);
    for (const Command& below : command.commands)
      text += fmt::format("complete -c stargaze -n '__stargaze_at {}' -a {} -d '{}'\n",
                          path,
                          below.name,
                          FishText(below.summary));
    for (const CommandOption& option : command.options) {
      std::string line = "complete -c stargaze" + condition;
      for (const std::string& name : option.names)
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (TakesFile(option) || TakesFolder(option)) {
        line += " -r -F";
      } else if (TakesValue(option)) {
        line += " -x";
      }
      if (!option.choices.empty()) line += " -a '" + Joined(option.choices) + "'";
      text += fmt::format("{} -d '{}'\n", line, FishText(option.description));
    }
  });
  return text;
}

}  // namespace stargaze::app
