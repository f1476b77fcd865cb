#include "orchestrate/testing/simulation.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace stargaze::orchestrate {
namespace {

TEST(Simulation, KeepsItsInvariantsForTwoHundredSeeds) {
  const std::string folder = ::testing::TempDir() + "orchestrate-simulation";
  int64_t crashes = 0;
  int64_t tries = 0;
  int64_t operations = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const auto report = testing::Simulate(seed, folder);
    ASSERT_TRUE(report.ok()) << "./x sim --seed " << seed << ": " << report.error().message();
    crashes += report.value().crashes;
    tries += report.value().tries;
    operations += report.value().operations;
  }
  std::filesystem::remove_all(folder);
  EXPECT_GT(crashes, 200);
  EXPECT_GT(tries, 2000);
  EXPECT_GT(operations, 2000);
}

}  // namespace
}  // namespace stargaze::orchestrate
