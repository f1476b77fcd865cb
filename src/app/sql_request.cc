// The parent's side: starts the child, feeds it, reads it, ends it.

#include "app/sql_request.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <sstream>
#include <utility>

#include <boost/json.hpp>

namespace stargaze::app {
namespace {

namespace json = boost::json;
using storage::SqlValue;

constexpr std::size_t kAnswerMax = std::size_t{256} << 20;
constexpr int kPollMs = 50;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

// A running child; killed and waited for when it is let go.
class Child {
 public:
  Child(pid_t pid, int question, int answer) : in(question), out(answer), pid_(pid) {}
  ~Child() { (void)End(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The wait status.
  int End() {
    if (pid_ <= 0) return status_;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, -1), &status_, 0);
    return status_;
  }
  int Wait() {
    if (pid_ > 0) ::waitpid(std::exchange(pid_, -1), &status_, 0);
    return status_;
  }

  Descriptor in;
  Descriptor out;

 private:
  pid_t pid_;
  int status_ = 0;
};

Error NotStarted(int code) {
  return {ErrorKind::kInternal, fmt::format("the query's process cannot be started: {}", code)};
}

Result<std::unique_ptr<Child>> Start() {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0) return NotStarted(errno);
  Descriptor in_read(in[0]);
  Descriptor in_write(in[1]);
  if (::pipe2(out.data(), O_CLOEXEC) != 0) return NotStarted(errno);
  Descriptor out_read(out[0]);
  Descriptor out_write(out[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in_read.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out_write.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  std::string name = "stargaze";
  std::string word = kSqlChild;
  const std::array<char*, 3> arguments{name.data(), word.data(), nullptr};
  std::array<char*, 1> environment{nullptr};  // No token of the parent's reaches it.
  pid_t pid = 0;
  const int code = ::posix_spawn(
      &pid, "/proc/self/exe", &actions, nullptr, arguments.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return NotStarted(code);
  return std::make_unique<Child>(pid, in_write.Release(), out_read.Release());
}

std::string Question(const warehouse::Publication& publication,
                     const std::string& sql,
                     const SqlLimits& limits) {
  json::object tables;
  for (const auto& [table, files] : publication.tables) {
    if (!files.empty()) tables[table] = json::value_from(files);
  }
  return json::serialize(json::object{{"sql", sql},
                                      {"tables", tables},
                                      {"rows", limits.rows},
                                      {"seconds", limits.time.count()},
                                      {"memory_mb", limits.memory_mb}});
}

// The child reads everything before it answers; one that has died ends the write.
void Write(Descriptor& to, const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t wrote = ::write(to.get(), text.data() + at, text.size() - at);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    at += static_cast<std::size_t>(wrote);
  }
  to.Close();
}

Result<std::string> Read(Child& child,
                         const SqlLimits& limits,
                         Clock& clock,
                         const std::stop_token& stop) {
  const Instant deadline = clock.Now() + limits.time;
  std::string text;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (true) {
    pollfd waiting{.fd = child.out.get(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, kPollMs);
    if (stop.stop_requested()) return Error(ErrorKind::kCancelled, "the query was stopped");
    if (clock.Now() > deadline)
      return Error(
                 ErrorKind::kTimeout,
                 fmt::format("the query took longer than {} s and was ended", limits.time.count()))
          .Remedy("ask for less, or give it longer: --timeout TIME");
    if (ready <= 0) continue;
    const ssize_t got = ::read(child.out.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kAnswerMax)
      return Error(ErrorKind::kExhausted,
                   fmt::format("the answer is larger than {} MiB", kAnswerMax >> 20U))
          .Remedy("ask for fewer columns or rows: --rows N");
  }
}

SqlValue FromJson(const json::value& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_int64()) return value.as_int64();
  if (value.is_double()) return value.as_double();
  if (value.is_string()) return std::string(value.as_string());
  return std::monostate{};
}

// nullopt: the answer has no end, the child has died in between.
Result<std::optional<SqlAnswer>> Parse(const std::string& text) {
  SqlAnswer answer;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    boost::system::error_code error;
    const json::value parsed = json::parse(line, error);
    if (error) return std::optional<SqlAnswer>();
    if (const json::array* row = parsed.if_array()) {
      std::vector<SqlValue>& values = answer.rows.rows.emplace_back();
      for (const json::value& value : *row) values.push_back(FromJson(value));
      continue;
    }
    const json::object& object = parsed.as_object();
    if (const json::value* message = object.if_contains("error"))
      return Error(static_cast<ErrorKind>(object.at("kind").as_int64()),
                   std::string(message->as_string()))
          .Remedy(std::string(object.at("remedy").as_string()));
    if (const json::value* columns = object.if_contains("columns")) {
      for (const json::value& name : columns->as_array())
        answer.rows.columns.push_back({.name = std::string(name.as_string())});
    }
    if (object.contains("end")) {
      answer.truncated = object.at("truncated").as_bool();
      return std::optional<SqlAnswer>(std::move(answer));
    }
  }
  return std::optional<SqlAnswer>();
}

}  // namespace

Result<SqlAnswer> AskInChild(const warehouse::Publication& publication,
                             const std::string& sql,
                             const SqlLimits& limits,
                             Clock& clock,
                             const std::stop_token& stop) {
  SG_TRY(const std::unique_ptr<Child> child, Start());
  Write(child->in, Question(publication, sql, limits));
  SG_TRY(const std::string text, Read(*child, limits, clock, stop));
  const int status = child->Wait();
  SG_TRY(std::optional<SqlAnswer> answer, Parse(text));
  if (answer) return std::move(*answer);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
    return Error(ErrorKind::kTimeout, "the query has used up its processor time")
        .Remedy("ask for less, or give it longer: --timeout TIME");
  return Error(
             ErrorKind::kOutOfMemory,
             fmt::format("the query's process ended without an answer (status {}): it most likely "
                         "ran out of memory",
                         status))
      .Remedy("ask for less, or give it more: --memory MIB");
}

}  // namespace stargaze::app
