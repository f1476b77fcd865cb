// URLs: one that is accepted has an origin that reads back as itself, and queries survive writing.

#include "net/url.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"

namespace net = stargaze::net;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)net::ParseTarget(text).ok();
  SG_ASSERT(net::PercentDecode(net::PercentEncode(text)) == text);
  const auto parts = net::ParseUrl(text);
  if (!parts.ok()) return 0;
  const auto again =
      net::ParseUrl(net::BuildUrl(parts.value().origin, parts.value().path, parts.value().query));
  SG_ASSERT(again.ok() && again.value().origin == parts.value().origin);
  SG_ASSERT(again.value().query == parts.value().query);
  return 0;
}
