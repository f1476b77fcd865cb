#include "app/dashboard.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include "app/forward.h"

namespace stargaze::app {
namespace {

// The browser lives on by itself; what it prints is not ours.
void OpenInBrowser(const std::string& program, const std::string& address) {
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::string name = program;
  std::string page = address;
  char* arguments[] = {name.data(), page.data(), nullptr};
  pid_t browser = 0;
  (void)::posix_spawnp(&browser, name.c_str(), &files, &attributes, arguments, environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
}

}  // namespace

Result<std::string> DashboardAddress(Session& session) {
  if (session.environment().attached != nullptr) return session.environment().served_at;
  if (!session.server_flag.empty()) {
    SG_TRY(const std::string server, ServerAddress(session.server_flag));
    return server + "/";
  }
  SG_TRY(const std::optional<ServerAnswer> answer, AskServer(session, {"--json", "status"}));
  if (answer && answer->exit_code != 0)
    return Error(ErrorKind::kUnavailable, "the server does not say where it is: " + answer->err);
  const std::string address = answer ? FieldOf(answer->out, "server") : std::string();
  if (!address.empty()) return address;
  return Error(ErrorKind::kNotFound, "no server holds the data folder")
      .Remedy("start one: stargaze up; or look at another folder with --home");
}

Status ShowPage(Session& session, const std::string& path) {
  SG_TRY(const std::string address, DashboardAddress(session));
  session.out() << address << path << "\n";
  if (!session.environment().out_is_terminal) return Ok();
  const auto& variables = session.environment().variables;
  const auto browser = variables.find("BROWSER");
  OpenInBrowser(
      browser == variables.end() || browser->second.empty() ? "xdg-open" : browser->second,
      address + path);
  return Ok();
}

}  // namespace stargaze::app
