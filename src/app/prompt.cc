#include "app/prompt.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace stargaze::app {
namespace {

constexpr int kLookEvery = 100;  // Milliseconds: whether to stop.
constexpr std::size_t kLineMax = 4096;

// What is typed is not shown; undone at the end.
class HiddenTyping {
 public:
  HiddenTyping() : is_set_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_set_) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~HiddenTyping() {
    if (is_set_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  HiddenTyping(const HiddenTyping&) = delete;
  HiddenTyping& operator=(const HiddenTyping&) = delete;

 private:
  termios before_{};
  bool is_set_;
};

Result<std::string> ReadLine(const std::stop_token& stop) {
  std::string line;
  for (;;) {
    if (stop.stop_requested()) return Error(ErrorKind::kCancelled, "stopped");
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&input, 1, kLookEvery) <= 0) continue;
    char c = '\0';
    if (::read(STDIN_FILENO, &c, 1) <= 0 || c == '\n') return line;
    if (line.size() == kLineMax)
      return Error(ErrorKind::kInvalidInput, "the line is longer than 4 KiB");
    line += c;
  }
}

}  // namespace

Result<std::string> AskSecret(Session& session, const std::string& question) {
  if (!session.environment().in_is_terminal) return ReadLine(session.environment().stop);
  if (session.no_input)
    return Error(ErrorKind::kInvalidInput, "nothing may be asked: --no-input")
        .Remedy("hand it over on standard input");
  session.raw_err() << question << std::flush;
  Result<std::string> line = [&] {
    const HiddenTyping hidden;
    return ReadLine(session.environment().stop);
  }();
  session.raw_err() << "\n";
  return line;
}

}  // namespace stargaze::app
