// Bodies on threads: many for those that wait, one a core for those that compute.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "orchestrate/executor.h"

namespace stargaze::orchestrate {

struct ThreadExecutorOptions {
  std::string log_folder{};           // Empty: no logs.
  std::size_t waiting_threads = 512;  // Begun as needed, kept until the end.
  std::size_t cpu_threads = 2;
  std::size_t aside_threads = 2;                      // For callbacks.
  std::size_t max_aside = 1000;                       // Callbacks that may wait for one of them.
  std::size_t max_log_bytes = std::size_t{10} << 20;  // Of one try; what comes after is counted.
};

// Every body has a stop token of its own. One that throws fails alone. The destructor asks all to
// stop and waits for them.
class ThreadExecutor final : public Executor {
 public:
  ThreadExecutor(ThreadExecutorOptions options, Clock& clock);
  ~ThreadExecutor() override;

  std::size_t Capacity(model::TaskLoad load) const override;
  void Submit(std::vector<WorkItem> items) override;
  void RequestStop(uint64_t ticket) override;
  std::vector<WorkDone> TakeDone() override;
  bool RunAside(std::function<void()> callback) override;
  void OnDone(std::function<void()> wake) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::orchestrate
