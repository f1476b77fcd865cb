#include "app/pager.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <vector>

namespace stargaze::app {
namespace {

constexpr int kNoSuchProgram = 127;  // Of sh.

std::vector<std::string> PagerVariables(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> entries;
  for (const auto& [name, value] : variables) {
    if (!name.starts_with("STARGAZE_")) entries.push_back(name + "=" + value);
  }
  // Colours as they are, the text stays on the screen.
  if (!variables.contains("LESS")) entries.emplace_back("LESS=FRX");
  return entries;
}

// The child's signals are a fresh program's: ours are blocked for the thread that waits for them.
pid_t Spawn(int input, const std::string& command, std::vector<std::string> variables) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t standard;
  sigemptyset(&none);
  sigemptyset(&standard);
  sigaddset(&standard, SIGPIPE);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &standard);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::array<std::string, 3> words{"sh", "-c", command};
  const std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
  std::vector<char*> environment;
  for (std::string& entry : variables) environment.push_back(entry.data());
  environment.push_back(nullptr);
  pid_t pid = -1;
  if (::posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments.data(), environment.data()) !=
      0)
    pid = -1;
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return pid;
}

// A pager that was left early ends the write: SIGPIPE is ignored here.
void WriteAll(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t wrote = ::write(fd, text.data() + at, text.size() - at);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return;
    at += static_cast<std::size_t>(wrote);
  }
}

}  // namespace

std::string PagerCommand(const std::map<std::string, std::string>& variables) {
  if (const auto term = variables.find("TERM"); term != variables.end() && term->second == "dumb")
    return {};
  const auto pager = variables.find("PAGER");
  if (pager == variables.end()) return "less";
  return pager->second == "cat" ? std::string() : pager->second;
}

bool ShowInPager(const std::string& command,
                 const std::map<std::string, std::string>& variables,
                 const std::string& text) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  const pid_t pid = Spawn(ends[0], command, PagerVariables(variables));
  ::close(ends[0]);
  if (pid > 0) WriteAll(ends[1], text);
  ::close(ends[1]);
  if (pid <= 0) return false;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return !(WIFEXITED(status) && WEXITSTATUS(status) == kNoSuchProgram);
}

}  // namespace stargaze::app
