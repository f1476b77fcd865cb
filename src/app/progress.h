// One line on stderr that says what a long command is doing; only when a person watches.

#pragma once

#include <chrono>
#include <ostream>
#include <string>

namespace stargaze::app {

// A terminal gets one line, redrawn at most ten times a second; anything else a line every ten
// seconds.
class Progress {
 public:
  Progress(std::ostream& err, bool is_terminal);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(const std::string& line);
  void Clear();

 private:
  std::ostream& err_;
  bool is_terminal_;
  bool is_drawn_ = false;
  std::chrono::steady_clock::time_point
      last_{};  // Of the last line; a log's first comes after ten seconds.
};

// "████████░░░░ 40/100"
std::string ProgressBar(int done, int total);

}  // namespace stargaze::app
