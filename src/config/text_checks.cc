#include "config/text_checks.h"

#include <fmt/core.h>

#include <algorithm>
#include <regex>

#include "model/json_path.h"

namespace stargaze::config {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// std::regex knows constructs that RE2 has not.
std::string UnknownToRe2(const std::string& text) {
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    if (text[at] == '\\') {
      if (text[at + 1] >= '1' && text[at + 1] <= '9') return "back-references are not supported";
      ++at;
    } else if (text.compare(at, 3, "(?=") == 0 || text.compare(at, 3, "(?!") == 0) {
      return "look-ahead is not supported";
    }
  }
  return {};
}

}  // namespace

std::string CheckJsonPath(const std::string& text) {
  const auto path = model::ParseJsonPath(text);
  return path.ok() ? std::string() : path.error().message();
}

std::string CheckRegex(const std::string& text) {
  std::string problem = UnknownToRe2(text);
  if (!problem.empty()) return "malformed regular expression: " + problem;
  try {
    const std::regex compiled(text, std::regex::ECMAScript);
  } catch (const std::regex_error& error) {
    return fmt::format("malformed regular expression: '{}': {}", text, error.what());
  }
  return {};
}

std::string CheckPlainValue(const std::string& text) {
  return std::any_of(text.begin(), text.end(), IsControl) ? "control characters are not allowed"
                                                          : std::string();
}

std::string CheckTemplate(const std::string& text) {
  if (std::any_of(text.begin(), text.end(), IsControl)) return "control characters are not allowed";
  std::size_t at = 0;
  while ((at = text.find_first_of("{}", at)) != std::string::npos) {
    if (text[at] == '}') return fmt::format("malformed template: '}}' without '{{' in '{}'", text);
    const std::size_t close = text.find_first_of("{}", at + 1);
    if (close == std::string::npos || text[close] == '{')
      return fmt::format("malformed template: '{{' without '}}' in '{}'", text);
    const std::string name = text.substr(at + 1, close - at - 1);
    if (name.empty() || !std::all_of(name.begin(), name.end(), IsNameCharacter)) {
      return fmt::format("malformed template: '{}' is no variable's name in '{}'", name, text);
    }
    at = close + 1;
  }
  return {};
}

bool IsWholeNumber(const std::string& text) {
  const std::size_t begin = text.starts_with('-') ? 1 : 0;
  return text.size() > begin && text.size() <= begin + 18 &&
         text.find_first_not_of("0123456789", begin) == std::string::npos;
}

std::vector<std::string> TemplateNames(const std::string& text) {
  std::vector<std::string> names;
  std::size_t open = text.find('{');
  while (open != std::string::npos) {
    const std::size_t close = text.find('}', open);
    if (close == std::string::npos) break;
    names.push_back(text.substr(open + 1, close - open - 1));
    open = text.find('{', close);
  }
  return names;
}

}  // namespace stargaze::config
