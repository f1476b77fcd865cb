// Numbers that look random and depend on nothing but their inputs: the same world in every process.

#pragma once

#include <cstdint>

namespace stargaze::sandbox {

// The finaliser of SplitMix64 over the sum: every input bit reaches every output bit.
constexpr uint64_t Mix(uint64_t seed, uint64_t value) {
  uint64_t x = seed + (value + 1) * 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

// In [0, 1).
constexpr double Unit01(uint64_t bits) {
  return static_cast<double>(bits >> 11U) * 0x1p-53;
}

// A sequence of draws for one subject.
class Draws {
 public:
  Draws(uint64_t seed, uint64_t subject) : state_(Mix(seed, subject)) {}

  uint64_t Next() { return Mix(state_, ++count_); }
  double Between(double low, double high) { return low + (high - low) * Unit01(Next()); }
  bool Chance(double probability) { return Unit01(Next()) < probability; }
  uint64_t Below(uint64_t bound) { return Next() % bound; }

 private:
  uint64_t state_;
  uint64_t count_ = 0;
};

}  // namespace stargaze::sandbox
