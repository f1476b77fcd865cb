// What an ETag says: two contents have the same tag when, and only when, they are the same.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"

namespace stargaze::sandbox {

// Fed with what the content is made from, which is far cheaper than digesting the text.
class ContentTag {
 public:
  void Add(uint64_t value);
  void Add(int64_t value) { Add(static_cast<uint64_t>(value)); }
  void Add(std::string_view text);
  void Add(Instant instant) { Add(int64_t{instant.time_since_epoch().count()}); }

  // W/"<32 hex digits>"
  std::string Text() const;

 private:
  uint64_t high_ = 0x243f6a8885a308d3ULL;  // Digits of pi: any two constants that differ.
  uint64_t low_ = 0x13198a2e03707344ULL;
};

// Whether an If-None-Match header names this tag: a list, "*", or one; W/ means nothing (RFC 9110).
bool Matches(std::string_view if_none_match, std::string_view tag);

}  // namespace stargaze::sandbox
