#include "app/sql_jail.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>

namespace stargaze::app {
namespace {

using std::chrono::seconds;

// What `attempt` gives in a process that is in the jail; 99: the jail could not be entered.
int InJail(const std::function<int()>& attempt) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!EnterSqlJail(seconds(1), 64, 1).ok()) ::_exit(99);
    ::_exit(attempt());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int Refused(long result) {
  return result < 0 && errno == EPERM ? 0 : 1;
}

TEST(SqlJail, LetsReadAndNothingElse) {
  struct Case {
    const char* what;
    std::function<int()> attempt;
  };
  static char program[] = "/bin/true";
  static char* arguments[] = {program, nullptr};
  const Case cases[] = {
      {"a socket", [] { return Refused(::socket(AF_INET, SOCK_STREAM, 0)); }},
      {"a local socket", [] { return Refused(::socket(AF_UNIX, SOCK_STREAM, 0)); }},
      {"a file to write", [] { return Refused(::open("/tmp/x", O_WRONLY | O_CREAT, 0600)); }},
      {"an old file to write", [] { return Refused(::open("/dev/null", O_RDWR)); }},
      {"another program", [] { return Refused(::execv(program, arguments)); }},
      {"another process", [] { return Refused(::fork()); }},
      {"a removal", [] { return Refused(::unlink("/tmp/no-such-file-of-this-test")); }},
      {"a folder", [] { return Refused(::mkdir("/tmp/no-such-folder-of-this-test", 0700)); }},
      {"a signal", [] { return Refused(::kill(1, 0)); }},
  };
  for (const Case& c : cases) EXPECT_EQ(InJail(c.attempt), 0) << c.what;
  EXPECT_EQ(InJail([] { return ::open("/dev/null", O_RDONLY) >= 0 ? 0 : 1; }), 0);
}

TEST(SqlJail, EndsWhatUsesUpItsTime) {
  const int ended = InJail([] {
    std::atomic<unsigned long> turns = 0;
    while (turns.fetch_add(1) < ~0UL) {
    }
    return 0;
  });
  EXPECT_TRUE(ended == 128 + SIGXCPU || ended == 128 + SIGKILL) << ended;
}

}  // namespace
}  // namespace stargaze::app
