#include "model/json_path.h"

#include <fmt/core.h>

#include <cctype>
#include <charconv>

namespace stargaze::model {
namespace {

Error Malformed(std::string_view text, std::size_t at, std::string_view why) {
  return {ErrorKind::kInvalidInput,
          fmt::format("malformed JSON path: {} at character {} of '{}'", why, at + 1, text)};
}

bool IsKeyCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '@';
}

// Reads "[*]" or "[12]" at `at` and moves it behind the bracket.
Result<PathStep> ParseBracket(std::string_view text, std::size_t& at) {
  const std::size_t close = text.find(']', at);
  if (close == std::string_view::npos) return Malformed(text, at, "unclosed '['");
  const std::string_view inside = text.substr(at + 1, close - at - 1);
  PathStep step;
  if (inside == "*") {
    step.kind = PathStep::Kind::kEach;
  } else {
    step.kind = PathStep::Kind::kIndex;
    const auto [end, error] =
        std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
    if (error != std::errc() || end != inside.data() + inside.size() || step.index < 0) {
      return Malformed(text, at, "expected [*] or [number]");
    }
  }
  at = close + 1;
  return step;
}

}  // namespace

Result<JsonPath> ParseJsonPath(std::string_view text) {
  if (!text.starts_with('$')) return Malformed(text, 0, "expected '$'");
  JsonPath path;
  std::size_t at = 1;
  while (at < text.size()) {
    if (text[at] == '[') {
      SG_TRY(PathStep step, ParseBracket(text, at));
      path.steps.push_back(std::move(step));
    } else if (text[at] == '.') {
      const std::size_t begin = ++at;
      while (at < text.size() && IsKeyCharacter(text[at])) ++at;
      if (at == begin) return Malformed(text, at, "expected a key");
      path.steps.push_back(
          {.kind = PathStep::Kind::kKey, .key = std::string(text.substr(begin, at - begin))});
    } else {
      return Malformed(text, at, "expected '.' or '['");
    }
  }
  return path;
}

std::string JsonPath::ToString() const {
  std::string text = "$";
  for (const PathStep& step : steps) {
    switch (step.kind) {
      case PathStep::Kind::kKey:
        text += "." + step.key;
        break;
      case PathStep::Kind::kIndex:
        text += fmt::format("[{}]", step.index);
        break;
      case PathStep::Kind::kEach:
        text += "[*]";
        break;
    }
  }
  return text;
}

}  // namespace stargaze::model
