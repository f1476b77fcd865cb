// Replays the scheduler's simulation: orchestrate_sim --seed N [--count M]

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "orchestrate/testing/simulation.h"

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  uint64_t seed = 1;
  uint64_t count = 1;
  for (std::size_t i = 0; i + 1 < args.size(); i += 2) {
    if (args[i] == "--seed") seed = std::stoull(args[i + 1]);
    if (args[i] == "--count") count = std::stoull(args[i + 1]);
  }
  const std::string folder =
      (std::filesystem::temp_directory_path() / "stargaze-orchestrate-sim").string();
  for (uint64_t end = seed + count; seed < end; ++seed) {
    const auto report = stargaze::orchestrate::testing::Simulate(seed, folder);
    if (!report.ok()) {
      std::fprintf(stderr, "seed %lu: %s\n", seed, report.error().message().c_str());
      return 1;
    }
    std::printf("seed %lu: %ld steps, %ld runs, %ld tries, %ld crashes, %ld operations\n",
                seed,
                report.value().steps,
                report.value().runs,
                report.value().tries,
                report.value().crashes,
                report.value().operations);
  }
  return 0;
}
