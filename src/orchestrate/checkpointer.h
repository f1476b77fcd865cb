// Moves what was committed from the log (WAL) into the database file, aside from the writer.

#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "storage/sqlite.h"

namespace stargaze::orchestrate {

// A commit that has to move a thousand pages first makes freed slots wait for the disk; moving them
// from a thread of its own, on a connection of its own, disturbs neither writer nor readers. The
// writer moves the rest itself only when the log has become long all the same, and then there is
// little left to move.
class Checkpointer {
 public:
  // `writer` is told to leave it to this.
  static Result<std::unique_ptr<Checkpointer>> Open(const std::string& path,
                                                    storage::Sqlite& writer);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  void Committed();  // By the writer's thread, after each commit.

 private:
  explicit Checkpointer(std::unique_ptr<storage::Sqlite> database);
  void Loop();

  std::unique_ptr<storage::Sqlite> database_;
  int commits_ = 0;  // Since the last call; the writer's.
  std::mutex mutex_;
  std::condition_variable changed_;
  bool called_ = false;
  bool stopping_ = false;
  std::jthread thread_;  // Last: joined before the rest goes.
};

}  // namespace stargaze::orchestrate
