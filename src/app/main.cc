// The process: signals, terminal, environment; everything else is in RunCli.

#include <pthread.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "app/cli.h"
#include "app/sql_request.h"

extern char** environ;  // POSIX, environ(7)

namespace {

std::map<std::string, std::string> Variables() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

// COLUMNS and LINES where they are set, as shells and tests do.
void Measure(stargaze::app::CliEnvironment& environment) {
  const auto number = [&](const char* name) -> std::size_t {
    const auto set = environment.variables.find(name);
    return set == environment.variables.end() ? 0 : std::strtoul(set->second.c_str(), nullptr, 10);
  };
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) size = {};
  const std::size_t columns = number("COLUMNS");
  const std::size_t lines = number("LINES");
  environment.terminal_width = columns > 0 ? columns : size.ws_col;
  environment.terminal_height = lines > 0 ? lines : size.ws_row;
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR1);  // Ends the waiting thread at the end of main.
  return signals;
}

// The first SIGINT or SIGTERM asks the command to stop, the second ends the process.
void WaitForSignals(std::stop_source& stop, int& stopped_by) {
  const sigset_t signals = StopSignals();
  for (int received = 0; sigwait(&signals, &received) == 0 && received != SIGUSR1;) {
    if (stop.stop_requested()) _exit(128 + received);
    stopped_by = 128 + received;
    stop.request_stop();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == stargaze::app::kSqlChild)
    return stargaze::app::RunSqlChild(std::cin, std::cout);
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::stop_source stop;
  int stopped_by = 0;
  std::thread waiter([&] { WaitForSignals(stop, stopped_by); });

  const std::vector<std::string> arguments(argv + 1, argv + argc);
  char* directory = ::getcwd(nullptr, 0);
  stargaze::app::CliEnvironment environment{
      .variables = Variables(),
      .working_directory = directory == nullptr ? "." : directory,
      .in_is_terminal = ::isatty(STDIN_FILENO) == 1,
      .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
      .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
      .stop = stop.get_token()};
  Measure(environment);
  std::free(directory);  // NOLINT(cppcoreguidelines-no-malloc): getcwd allocates it.
  const int code = stargaze::app::RunCli(arguments, environment, std::cout, std::cerr);
  std::cout.flush();
  pthread_kill(waiter.native_handle(), SIGUSR1);
  waiter.join();
  return stopped_by != 0 && code != 0 ? stopped_by : code;
}
