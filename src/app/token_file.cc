#include "app/token_file.h"

#include <fmt/core.h>

#include <sstream>

#include "collect/token_text.h"

namespace stargaze::app {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::size_t kEndingMin = 4;  // As many as are shown.

}  // namespace

std::vector<std::string> TokensOf(const std::string& text) {
  return collect::TokenTexts(text, '\n');
}

std::string WithToken(const std::string& text, const std::string& token) {
  const bool is_cut = !text.empty() && text.back() != '\n';
  return text + (is_cut ? "\n" : "") + token + "\n";
}

Result<std::string> WithoutToken(const std::string& text, const std::string& ending) {
  const std::string end = ending.starts_with(kEllipsis) ? ending.substr(kEllipsis.size()) : ending;
  if (end.size() < kEndingMin)
    return Error(ErrorKind::kInvalidInput, "name a token by its last four characters")
        .Remedy("stargaze auth status shows them");
  std::string kept;
  int matching = 0;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> token = TokensOf(line);
    if (!token.empty() && token.front().ends_with(end)) {
      ++matching;
    } else {
      kept += line + "\n";
    }
  }
  if (matching == 1) return kept;
  if (matching == 0)
    return Error(ErrorKind::kNotFound, "no token of the file ends with " + end)
        .Remedy("stargaze auth status shows where each token comes from");
  return Error(ErrorKind::kConflict, fmt::format("{} tokens end with {}", matching, end))
      .Remedy("name more of its end");
}

}  // namespace stargaze::app
