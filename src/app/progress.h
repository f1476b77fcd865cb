// What a long command is doing, on standard error: for a person who watches, for a log, or for a
// program.

#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

namespace stargaze::app {

enum class ProgressMode { kNone, kBar, kPlain, kJson };

// "auto", "bar", "plain", "json", "none"
const std::vector<std::string>& ProgressModeNames();

struct ProgressOptions {
  ProgressMode mode = ProgressMode::kPlain;
  bool ascii = false;  // The terminal does not show UTF-8.
};

struct ProgressStep {
  std::string task{};
  int done = 0;
  int total = 0;  // 0: not known, no bar.
  std::string detail{};
};

// A terminal gets one line, redrawn at most ten times a second; a log a line every ten seconds, the
// first after ten; a program an object a second, {"v":1,"t":"progress",…}, and the last step.
class Progress {
 public:
  Progress(std::ostream& err, const ProgressOptions& options);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(const ProgressStep& step);
  void Clear();

 private:
  std::ostream& err_;
  ProgressOptions options_;
  bool is_drawn_ = false;
  std::chrono::steady_clock::time_point last_{};  // Of the last line.
};

// "demo  ████████░░░░ 40/100  2026-01-31"
std::string ProgressText(const ProgressStep& step, bool ascii);

}  // namespace stargaze::app
