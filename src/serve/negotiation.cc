#include "serve/negotiation.h"

#include <algorithm>

namespace stargaze::serve {
namespace {

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = text.find_last_not_of(" \t");
  return begin == text.size() ? std::string_view() : text.substr(begin, end - begin + 1);
}

std::string_view TakeUntil(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return Trimmed(part);
}

// "q=0.000" and "q=0" refuse; anything else is a weight above 0.
bool IsRefused(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view one = TakeUntil(parameters, ';');
    if ((one.starts_with("q=") || one.starts_with("Q=")) &&
        one.find_first_of("123456789") == std::string_view::npos)
      return true;
  }
  return false;
}

std::string_view Strong(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

}  // namespace

bool AcceptsCoding(std::string_view accept_encoding, std::string_view coding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    std::string_view item = TakeUntil(accept_encoding, ',');
    const std::string_view name = TakeUntil(item, ';');
    if (name == coding) return !IsRefused(item);
    if (name == "*") any = !IsRefused(item);
  }
  return any;
}

bool MatchesTag(std::string_view if_none_match, std::string_view etag) {
  if (Trimmed(if_none_match) == "*") return true;
  while (!if_none_match.empty()) {
    const std::string_view tag = TakeUntil(if_none_match, ',');
    if (!tag.empty() && Strong(tag) == Strong(etag)) return true;
  }
  return false;
}

}  // namespace stargaze::serve
