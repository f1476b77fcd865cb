#include "base/random.h"

namespace stargaze {

uint64_t Random::SeedFromDevice() {
  std::random_device device;
  return (uint64_t{device()} << 32U) | device();
}

uint64_t Random::Next() {
  const std::lock_guard lock(mutex_);
  return engine_();
}

std::string Random::Hex(std::size_t digits) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(digits, '0');
  for (char& c : text) c = kDigits[Next() % 16];
  return text;
}

}  // namespace stargaze
