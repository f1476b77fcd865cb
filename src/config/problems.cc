#include "config/problems.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>

namespace stargaze::config {
namespace {

constexpr std::size_t kShown = 20;
constexpr std::size_t kKept = 500;  // Of a hostile file's problems; more are only counted.

}  // namespace

std::string Place::ToString() const {
  std::string text = file;
  if (line > 0) text += fmt::format(":{}", line);
  if (!key.empty()) text += ": " + key;
  return text;
}

void Problems::Add(const Place& place, const std::string& message) {
  if (found_.size() >= kKept) {
    ++not_kept_;
    return;
  }
  // What several parts inherit is met several times.
  for (const Problem& known : found_) {
    if (known.place == place && known.message == message) return;
  }
  found_.push_back({.place = place, .message = message});
}

void Problems::AddNotSupportedYet(const Place& place, const std::string& what) {
  Add(place, what + " is known but not supported yet");
}

void Problems::Append(const Problems& other) {
  for (const Problem& problem : other.found_) Add(problem.place, problem.message);
  not_kept_ += other.not_kept_;
}

Error Problems::ToError() const {
  SG_ASSERT(!found_.empty());
  std::vector<Problem> sorted = found_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) {
    return a.place.file != b.place.file ? a.place.file < b.place.file : a.place.line < b.place.line;
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), kShown); ++i) {
    text +=
        fmt::format("{}{}: {}", i == 0 ? "" : "\n", sorted[i].place.ToString(), sorted[i].message);
  }
  if (size() > kShown) text += fmt::format("\nand {} more", size() - kShown);
  return {ErrorKind::kInvalidInput, text};
}

}  // namespace stargaze::config
