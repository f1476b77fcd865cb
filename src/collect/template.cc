#include "collect/template.h"

#include <fmt/core.h>

namespace stargaze::collect {

Result<std::string> Expand(std::string_view text, const Variables& variables) {
  std::string expanded;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find('{', at);
    expanded += text.substr(at, open - at);
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) {
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("unclosed '{{' in the template '{}'", text));
    }
    const auto found = variables.find(std::string(text.substr(open + 1, close - open - 1)));
    if (found == variables.end()) {
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("unknown variable {} in the template '{}'",
                               text.substr(open, close - open + 1),
                               text));
    }
    expanded += found->second;
    at = close + 1;
  }
  return expanded;
}

}  // namespace stargaze::collect
