#include "serve/cursor.h"

#include <fmt/core.h>

#include <charconv>

#include "base/digest.h"

namespace stargaze::serve {
namespace {

constexpr std::size_t kScopeDigits = 16;
constexpr int64_t kOffsetMax = 1'000'000'000;

std::string ScopeOf(std::string_view scope) {
  return Sha256Hex(scope).substr(0, kScopeDigits);
}

}  // namespace

boost::json::value NextCursor(std::string_view scope, int64_t offset, int64_t total) {
  if (offset >= total) return nullptr;
  return boost::json::value_from(fmt::format("{}{:x}", ScopeOf(scope), offset));
}

Result<int64_t> ReadCursor(const std::string& cursor, std::string_view scope) {
  int64_t offset = -1;
  if (cursor.size() > kScopeDigits && cursor.starts_with(ScopeOf(scope))) {
    const char* end = cursor.data() + cursor.size();
    const auto [stopped_at, error] = std::from_chars(cursor.data() + kScopeDigits, end, offset, 16);
    if (error != std::errc() || stopped_at != end) offset = -1;
  }
  if (offset >= 0 && offset <= kOffsetMax) return offset;
  return Error(ErrorKind::kInvalidInput, "not a cursor of this list; newer data begins a new list")
      .Remedy("ask without a cursor, then follow next_cursor");
}

}  // namespace stargaze::serve
