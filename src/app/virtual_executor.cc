#include "app/virtual_executor.h"

#include <utility>

namespace stargaze::app {

VirtualExecutor::VirtualExecutor(orchestrate::ThreadExecutorOptions options, VirtualClock& clock)
    : clock_(clock), threads_(std::move(options), clock) {}

void VirtualExecutor::HoldTime(uint64_t ticket) {
  auto hold = std::make_unique<VirtualClock::Hold>(clock_);
  const std::lock_guard lock(mutex_);
  holds_[ticket] = std::move(hold);
}

void VirtualExecutor::LetTimeGo(uint64_t ticket) {
  std::unique_ptr<VirtualClock::Hold> hold;
  const std::lock_guard lock(mutex_);
  hold = std::move(holds_[ticket]);
  holds_.erase(ticket);
}

void VirtualExecutor::Submit(std::vector<orchestrate::WorkItem> items) {
  for (orchestrate::WorkItem& item : items) {
    HoldTime(item.ticket);
    item.body = [this, ticket = item.ticket, body = std::move(item.body)](
                    const orchestrate::TaskContext& context) {
      const VirtualClock::Actor actor(clock_);
      LetTimeGo(ticket);
      Result<orchestrate::Outcome> result = body(context);
      HoldTime(ticket);  // Until the scheduler has it.
      return result;
    };
  }
  threads_.Submit(std::move(items));
}

std::vector<orchestrate::WorkDone> VirtualExecutor::TakeDone() {
  std::vector<orchestrate::WorkDone> done = threads_.TakeDone();
  for (const orchestrate::WorkDone& one : done) LetTimeGo(one.ticket);
  return done;
}

}  // namespace stargaze::app
