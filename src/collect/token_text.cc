#include "collect/token_text.h"

namespace stargaze::collect {

std::vector<std::string> TokenTexts(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::string part;
  const auto end = [&] {
    part = part.substr(0, part.find('#'));
    std::erase_if(part, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    if (!part.empty()) parts.push_back(part);
    part.clear();
  };
  for (const char c : text) {
    if (c == separator) {
      end();
    } else {
      part += c;
    }
  }
  end();
  return parts;
}

}  // namespace stargaze::collect
