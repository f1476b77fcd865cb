// The command line: parses, runs one command, prints. A running server runs commands for others
// through it too.

#pragma once

#include <map>
#include <mutex>
#include <ostream>
#include <stop_token>
#include <string>
#include <vector>

#include "app/instance.h"
#include "app/output.h"

namespace stargaze::app {

// What a command may know of the process around it.
struct CliEnvironment {
  std::map<std::string, std::string> variables{};
  std::string working_directory{};
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t terminal_width = 0;   // 0: unknown.
  std::size_t terminal_height = 0;  // 0: unknown.
  std::stop_token stop{};
  Instance* attached = nullptr;  // A server's: commands that another process asked it to run.
  std::mutex* stores = nullptr;  // Its: held by the one of them that uses the stores.
  std::string served_at{};       // That server's address: "http://127.0.0.1:8686/".
};

// Gives the exit code of docs/cli.md.
int RunCli(const std::vector<std::string>& arguments,
           const CliEnvironment& environment,
           std::ostream& out,
           std::ostream& err);

}  // namespace stargaze::app
