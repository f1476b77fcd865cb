#include "app/progress.h"

#include <fmt/core.h>

namespace stargaze::app {

Progress::Progress(std::ostream& err, bool is_terminal) : err_(err), is_terminal_(is_terminal) {
  if (!is_terminal_) last_ = std::chrono::steady_clock::now();
}

void Progress::Show(const std::string& line) {
  const auto now = std::chrono::steady_clock::now();
  const auto interval =
      is_terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
  if (now - last_ < interval) return;
  last_ = now;
  if (is_terminal_) {
    err_ << "\r\x1b[K" << line << std::flush;
    is_drawn_ = true;
  } else {
    err_ << line << "\n" << std::flush;
  }
}

void Progress::Clear() {
  if (is_drawn_) err_ << "\r\x1b[K" << std::flush;
  is_drawn_ = false;
}

std::string ProgressBar(int done, int total) {
  constexpr int kCells = 24;
  const int filled = total == 0 ? 0 : done * kCells / total;
  std::string bar;
  for (int i = 0; i < kCells; ++i) bar += i < filled ? "█" : "░";
  return fmt::format("{} {}/{}", bar, done, total);
}

}  // namespace stargaze::app
