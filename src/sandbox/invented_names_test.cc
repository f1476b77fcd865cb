#include "sandbox/invented_names.h"

#include <gtest/gtest.h>

#include <unordered_set>

#include "sandbox/world.h"

namespace stargaze::sandbox {
namespace {

TEST(InventedNames, OwnersAreAllDifferentAndMarkedAsSimulated) {
  for (const uint64_t seed : {uint64_t{1}, uint64_t{2}, UINT64_MAX}) {
    std::unordered_set<std::string> owners;
    for (uint64_t index = 0; index < kOwnersMax; ++index) {
      const std::string owner = InventedOwner(seed, index);
      ASSERT_TRUE(owner.starts_with("sim-") && IsNamePart(owner)) << owner;
      ASSERT_TRUE(owners.insert(owner).second) << owner;
    }
  }
}

TEST(InventedNames, DependOnTheirNumbersOnly) {
  EXPECT_EQ(InventedOwner(7, 12), InventedOwner(7, 12));
  EXPECT_NE(InventedOwner(7, 12), InventedOwner(8, 12));
  EXPECT_EQ(InventedRepository(0), "vorvor");
  EXPECT_EQ(InventedRepository((1U << 16U) + (2U << 24U)), "vorvor-lens");
}

TEST(IsNamePart, TakesGitHubsCharactersOnly) {
  EXPECT_TRUE(IsNamePart("996.ICU_x-1"));
  for (const std::string_view text : {"", "a/b", "a b", "a\"", "é", "a\n"})
    EXPECT_FALSE(IsNamePart(text)) << text;
  EXPECT_FALSE(IsNamePart(std::string(101, 'a')));
}

}  // namespace
}  // namespace stargaze::sandbox
