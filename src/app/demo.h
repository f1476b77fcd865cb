// The demo: a simulated GitHub, the real pipeline over virtual days, the dashboard.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/session.h"

namespace stargaze::app {

struct DemoOptions {
  std::string
      world{};  // A folder of recorded rankings, or empty: a generated one of `repositories`.
  int days = 100;
  int repositories = 1000;
  int seed = 1;
  std::string from{};                 // First virtual day; empty: the world's own.
  bool all = false;                   // Every DAG that collects, not only the one of the ranking.
  bool once = false;                  // Do not serve afterwards.
  std::vector<std::string> faults{};  // "html=0.05"
};

Status RunDemo(Session& session, const DemoOptions& options);

}  // namespace stargaze::app
