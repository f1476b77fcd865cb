#include "app/prompt.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <string_view>

namespace stargaze::app {
namespace {

constexpr int kLookEvery = 100;  // Milliseconds: whether to stop.
constexpr std::size_t kBytesMax = std::size_t{64} << 10U;

constexpr char kInterrupt = '\x03';  // Ctrl-C
constexpr char kEnd = '\x04';        // Ctrl-D
constexpr std::string_view kErase = "\x7f\b";

// Keys come as they are typed, unseen and without signals: none can end the process while the
// terminal is so.
class RawTyping {
 public:
  RawTyping() : is_set_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_set_) return;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
  }
  ~RawTyping() {
    if (is_set_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  RawTyping(const RawTyping&) = delete;
  RawTyping& operator=(const RawTyping&) = delete;

 private:
  termios before_{};
  bool is_set_;
};

// False at the end of the input.
Result<bool> ReadByte(char& c, const std::stop_token& stop) {
  for (;;) {
    if (stop.stop_requested()) return Error(ErrorKind::kCancelled, "stopped");
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&input, 1, kLookEvery) > 0) return ::read(STDIN_FILENO, &c, 1) == 1;
  }
}

Result<std::string> ReadTyped(const std::stop_token& stop) {
  std::string line;
  for (char c = '\0';;) {
    SG_TRY(const bool is_there, ReadByte(c, stop));
    if (!is_there || c == '\n' || c == '\r' || c == kEnd) return line;
    if (c == kInterrupt) return Error(ErrorKind::kCancelled, "stopped");
    if (kErase.find(c) != std::string_view::npos) {
      if (!line.empty()) line.pop_back();
    } else if (line.size() < kBytesMax) {
      line += c;
    }
  }
}

Result<std::string> ReadAll(const std::stop_token& stop) {
  std::string text;
  for (char c = '\0';;) {
    SG_TRY(const bool is_there, ReadByte(c, stop));
    if (!is_there) return text;
    if (text.size() == kBytesMax)
      return Error(ErrorKind::kInvalidInput, "standard input holds more than 64 KiB");
    text += c;
  }
}

}  // namespace

Result<std::string> AskSecret(Session& session, const std::string& question) {
  if (!session.environment().in_is_terminal) return ReadAll(session.environment().stop);
  if (session.no_input)
    return Error(ErrorKind::kInvalidInput, "nothing may be asked: --no-input")
        .Remedy("hand it over on standard input");
  Result<std::string> line = [&] {
    const RawTyping raw;  // Before it asks: it throws away what was typed before.
    session.raw_err() << question << std::flush;
    return ReadTyped(session.environment().stop);
  }();
  session.raw_err() << "\n";
  return line;
}

}  // namespace stargaze::app
