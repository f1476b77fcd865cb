#include "app/limit_memory.h"

#include <fmt/core.h>

#include <utility>

#include "base/replace_file.h"

namespace stargaze::app {
namespace {

// At most so much of what was sent is unknown after a kill. A refusal is written at once.
constexpr std::chrono::seconds kSaveEvery{2};

}  // namespace

LimitMemory::LimitMemory(std::string path, collect::Governor& governor, Clock& clock, Warn warn)
    : path_(std::move(path)), governor_(governor), clock_(clock), warn_(std::move(warn)) {
  if (const Result<std::string> text = ReadWholeFile(path_); text.ok()) {
    if (const Status restored = governor_.Restore(text.value()); !restored.ok())
      WarnOnce(restored.error());
  }
  governor_.WhenSettled([this](bool refused) { OnSettled(refused); });
}

LimitMemory::~LimitMemory() {
  governor_.WhenSettled({});
  const std::lock_guard lock(mutex_);
  if (unsaved_) SaveLocked();
}

void LimitMemory::OnSettled(bool refused) {
  const std::lock_guard lock(mutex_);
  unsaved_ = true;
  const Instant now = clock_.Now();
  const bool recent = saved_at_ && now >= *saved_at_ && now < *saved_at_ + kSaveEvery;
  if (refused || !recent) SaveLocked();
}

void LimitMemory::SaveLocked() {
  saved_at_ = clock_.Now();
  const Status written = ReplaceFile(path_, governor_.Snapshot());
  if (written.ok()) {
    unsaved_ = false;
  } else {
    WarnOnce(written.error());
  }
}

void LimitMemory::WarnOnce(const Error& error) {
  if (std::exchange(warned_, true) || !warn_) return;
  warn_(fmt::format(
      "the state of the rate limits is not kept over a restart ({}): the next process learns it "
      "from its first answers",
      error.message()));
}

}  // namespace stargaze::app
