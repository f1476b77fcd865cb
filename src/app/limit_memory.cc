#include "app/limit_memory.h"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace stargaze::app {
namespace {

namespace fs = std::filesystem;

// At most so much of what was sent is unknown after a kill. A refusal is written at once.
constexpr std::chrono::seconds kSaveEvery{2};

Status Write(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".new";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out) return Error(ErrorKind::kExhausted, "cannot write " + temporary);
  }
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error)
    return Error(ErrorKind::kInternal,
                 fmt::format("cannot rename {}: {}", temporary, error.message()));
  return Ok();
}

}  // namespace

LimitMemory::LimitMemory(std::string path, collect::Governor& governor, Clock& clock, Warn warn)
    : path_(std::move(path)), governor_(governor), clock_(clock), warn_(std::move(warn)) {
  if (std::ifstream file(path_, std::ios::binary); file) {
    std::stringstream text;
    text << file.rdbuf();
    if (const Status restored = governor_.Restore(text.str()); !restored.ok())
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
  const Status written = Write(path_, governor_.Snapshot());
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
