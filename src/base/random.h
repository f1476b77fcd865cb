// Randomness that a test can seed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>

namespace stargaze {

// Safe for concurrent use. Not for secrets: those come from OpenSSL.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  static uint64_t SeedFromDevice();

  uint64_t Next();
  std::string Hex(std::size_t digits);

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace stargaze
