#include "sandbox/invented_names.h"

#include <array>
#include <string_view>

#include "base/assert.h"
#include "sandbox/mix.h"

namespace stargaze::sandbox {
namespace {

constexpr std::array<std::string_view, 32> kSyllables = {
    "vor",  "qual", "drix", "zin", "ploo", "grae", "mib",  "snor", "threx", "ulk", "jav",
    "wod",  "kren", "fip",  "yul", "bax",  "oom",  "tirr", "skev", "nalb",  "quo", "hesk",
    "vosk", "dro",  "lurr", "pem", "zog",  "arv",  "ick",  "munt", "sef",   "rax"};

constexpr std::array<std::string_view, 24> kNouns = {
    "mesh",  "forge",  "lens",  "kit",   "flow",  "grid",  "cache", "parser",
    "proxy", "deck",   "vault", "agent", "shell", "graph", "queue", "render",
    "infra", "stream", "bench", "lint",  "notes", "tutor", "fonts", "engine"};

constexpr uint64_t kCount = kSyllables.size();

}  // namespace

std::string InventedOwner(uint64_t seed, uint64_t index) {
  SG_ASSERT(index < kOwnersMax);
  // An odd factor and an offset permute the numbers below a power of two.
  const uint64_t number = (index * ((Mix(seed, 1) % kOwnersMax) | 1U) + Mix(seed, 2)) % kOwnersMax;
  std::string owner = "sim-";
  owner += kSyllables[number % kCount];
  owner += kSyllables[number / kCount % kCount];
  owner += kSyllables[number / kCount / kCount];
  return owner;
}

std::string InventedRepository(uint64_t draw) {
  std::string name(kSyllables[draw % kCount]);
  name += kSyllables[(draw >> 8U) % kCount];
  if ((draw >> 16U) % 4 != 0) {
    name += '-';
    name += kNouns[(draw >> 24U) % kNouns.size()];
  }
  return name;
}

}  // namespace stargaze::sandbox
