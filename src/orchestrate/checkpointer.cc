#include "orchestrate/checkpointer.h"

#include <fmt/core.h>

#include <utility>

namespace stargaze::orchestrate {
namespace {

constexpr int kCommitsBetween = 50;
constexpr int kLongLogPages = 8000;  // 32 MiB.

}  // namespace

Result<std::unique_ptr<Checkpointer>> Checkpointer::Open(const std::string& path,
                                                         storage::Sqlite& writer) {
  SG_RETURN_IF_ERROR(writer.Execute(fmt::format("PRAGMA wal_autocheckpoint = {}", kLongLogPages)));
  SG_TRY(auto database, storage::Sqlite::Open(path));
  return std::unique_ptr<Checkpointer>(new Checkpointer(std::move(database)));
}

Checkpointer::Checkpointer(std::unique_ptr<storage::Sqlite> database)
    : database_(std::move(database)), thread_([this] { Loop(); }) {}

Checkpointer::~Checkpointer() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_one();
}

void Checkpointer::Committed() {
  if (++commits_ < kCommitsBetween) return;
  commits_ = 0;
  const std::lock_guard lock(mutex_);
  called_ = true;
  changed_.notify_one();
}

void Checkpointer::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return called_ || stopping_; });
    if (stopping_) return;
    called_ = false;
    lock.unlock();
    // What fails now (a full disk) is moved the next time, or by the writer, who says why it
    // cannot.
    (void)database_->Execute("PRAGMA wal_checkpoint(PASSIVE)");
    lock.lock();
  }
}

}  // namespace stargaze::orchestrate
