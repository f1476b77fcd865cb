// Bodies on threads under virtual time: it stands still while one works, and while one is on its
// way to or from the scheduler.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/virtual_clock.h"
#include "orchestrate/executor.h"
#include "orchestrate/thread_executor.h"

namespace stargaze::app {

class VirtualExecutor final : public orchestrate::Executor {
 public:
  VirtualExecutor(orchestrate::ThreadExecutorOptions options, VirtualClock& clock);

  std::size_t Capacity(model::TaskLoad load) const override { return threads_.Capacity(load); }
  void Submit(std::vector<orchestrate::WorkItem> items) override;
  void RequestStop(uint64_t ticket) override { threads_.RequestStop(ticket); }
  std::vector<orchestrate::WorkDone> TakeDone() override;
  bool RunAside(std::function<void()> callback) override {
    return threads_.RunAside(std::move(callback));
  }
  void OnDone(std::function<void()> wake) override { threads_.OnDone(std::move(wake)); }

 private:
  void HoldTime(uint64_t ticket);
  void LetTimeGo(uint64_t ticket);

  VirtualClock& clock_;
  std::mutex mutex_;
  std::map<uint64_t, std::unique_ptr<VirtualClock::Hold>> holds_;  // By ticket.
  orchestrate::ThreadExecutor threads_;  // Last: its threads use the rest.
};

}  // namespace stargaze::app
