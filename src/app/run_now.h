// One run of one DAG in this process, from its trigger to its end.

#pragma once

#include <optional>
#include <string>

#include "app/session.h"
#include "base/instant.h"

namespace stargaze::app {

struct RunWish {
  std::string dag_id{};
  std::optional<Instant> logical_date{};  // Absent: now, to the second.
  std::string run_id{};                   // Empty: manual__<logical date>.
  std::string conf{};
  std::string reason{};
  bool detached = false;  // Do not wait for the end.
};

// The same logical date again goes on with the same run: what was stopped continues, what failed is
// tried again, and one that ended well is only shown. Prints the tasks; sets the exit code.
Status RunNow(Session& session, const RunWish& wish);

}  // namespace stargaze::app
