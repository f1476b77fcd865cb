// Long output at a terminal goes through the person's pager.

#pragma once

#include <map>
#include <string>

namespace stargaze::app {

// $PAGER, `less` otherwise; empty where a person wants none (PAGER is empty or cat, TERM=dumb).
std::string PagerCommand(const std::map<std::string, std::string>& variables);

// Shows `text` and waits for the pager's end. False when there is no such program: print it then.
// The pager sees the environment without STARGAZE_*, where secrets may be.
bool ShowInPager(const std::string& command,
                 const std::map<std::string, std::string>& variables,
                 const std::string& text);

}  // namespace stargaze::app
