// Time that really passes, whatever a Clock says: for the deadlines of sockets, which no virtual
// clock can move.

#pragma once

#include <chrono>

namespace stargaze {

using SteadyTime = std::chrono::steady_clock::time_point;

inline SteadyTime SteadyNow() {
  return std::chrono::steady_clock::now();
}

}  // namespace stargaze
