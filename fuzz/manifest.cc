// A manifest as it lies in the lake, which others may write too: what is read can be written, and
// reads the same again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "lake/manifest_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = stargaze::lake::DecodeManifest(text);
  if (!read.ok()) return 0;
  const std::string written = stargaze::lake::EncodeManifest(read.value());
  const auto again = stargaze::lake::DecodeManifest(written);
  SG_ASSERT(again.ok());
  SG_ASSERT(stargaze::lake::EncodeManifest(again.value()) == written);
  return 0;
}
