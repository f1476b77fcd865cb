// The Link header: its target, where there is one, is part of the header and can be judged as a
// URL.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "net/url.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto next = stargaze::net::NextLink(text);
  if (!next) return 0;
  SG_ASSERT(text.find(*next) != std::string_view::npos);
  (void)stargaze::net::ParseUrl(*next).ok();
  return 0;
}
