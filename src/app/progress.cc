#include "app/progress.h"

#include <fmt/core.h>

#include <boost/json.hpp>

namespace stargaze::app {
namespace {

namespace json = boost::json;

std::chrono::milliseconds IntervalOf(ProgressMode mode) {
  using std::chrono::milliseconds;
  if (mode == ProgressMode::kBar) return milliseconds(100);
  return mode == ProgressMode::kJson ? milliseconds(1'000) : milliseconds(10'000);
}

std::string Bar(int done, int total, bool ascii) {
  constexpr int kCells = 24;
  const int filled = done * kCells / total;
  std::string bar;
  for (int i = 0; i < kCells; ++i) bar += i < filled ? (ascii ? "#" : "█") : (ascii ? "." : "░");
  return fmt::format("{} {}/{}", bar, done, total);
}

std::string ProgressJson(const ProgressStep& step) {
  json::object object{{"v", 1}, {"t", "progress"}, {"task", step.task}};
  if (step.total > 0) {
    object["done"] = step.done;
    object["total"] = step.total;
  }
  if (!step.detail.empty()) object["detail"] = step.detail;
  return json::serialize(object);
}

}  // namespace

const std::vector<std::string>& ProgressModeNames() {
  static const std::vector<std::string> kNames{"auto", "bar", "plain", "json", "none"};
  return kNames;
}

Progress::Progress(std::ostream& err, const ProgressOptions& options)
    : err_(err), options_(options) {
  if (options_.mode == ProgressMode::kPlain) last_ = std::chrono::steady_clock::now();
}

void Progress::Show(const ProgressStep& step) {
  if (options_.mode == ProgressMode::kNone) return;
  const bool is_json = options_.mode == ProgressMode::kJson;
  const bool is_last = is_json && step.total > 0 && step.done == step.total;
  const auto now = std::chrono::steady_clock::now();
  if (!is_last && now - last_ < IntervalOf(options_.mode)) return;
  last_ = now;
  if (options_.mode == ProgressMode::kBar) {
    err_ << "\r\x1b[K" << ProgressText(step, options_.ascii) << std::flush;
    is_drawn_ = true;
  } else {
    err_ << (is_json ? ProgressJson(step) : ProgressText(step, options_.ascii)) << "\n"
         << std::flush;
  }
}

void Progress::Clear() {
  if (is_drawn_) err_ << "\r\x1b[K" << std::flush;
  is_drawn_ = false;
}

std::string ProgressText(const ProgressStep& step, bool ascii) {
  std::string text = step.task;
  if (step.total > 0) text += "  " + Bar(step.done, step.total, ascii);
  if (!step.detail.empty()) text += "  " + step.detail;
  return text;
}

}  // namespace stargaze::app
