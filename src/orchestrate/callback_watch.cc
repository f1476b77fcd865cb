#include "orchestrate/callback_watch.h"

#include <fmt/core.h>

#include <exception>
#include <utility>

namespace stargaze::orchestrate {
namespace {

Status Call(const Callback& callback, const CallbackContext& context) {
  try {
    return callback(context);
  } catch (const std::exception& error) {
    return Error(ErrorKind::kInternal, fmt::format("it threw: {}", error.what()));
  } catch (...) {
    return Error(ErrorKind::kInternal, "it threw something unknown");
  }
}

}  // namespace

std::function<void()> CallbackWatch::Guard(std::shared_ptr<CallbackWatch> watch,
                                           std::string name,
                                           Callback callback,
                                           CallbackContext context) {
  return [watch = std::move(watch),
          name = std::move(name),
          callback = std::move(callback),
          context = std::move(context)]() mutable {
    const uint64_t id = watch->Begin(name, context);
    const Status done = Call(callback, context);
    watch->End(id, {.name = std::move(name), .context = std::move(context)}, done);
  };
}

uint64_t CallbackWatch::Begin(const std::string& name, CallbackContext& context) {
  const std::lock_guard lock(mutex_);
  const uint64_t id = ++last_id_;
  Working& working = working_[id];
  working.deadline = clock_.Now() + limit_;
  context.deadline = working.deadline;
  context.stop = working.stop.get_token();
  working.late = {
      .name = name,
      .context = context,
      .detail = fmt::format("did not return within {} s and was asked to stop", limit_.count())};
  return id;
}

void CallbackWatch::End(uint64_t id, CallbackFailure failure, const Status& done) {
  const std::lock_guard lock(mutex_);
  const auto at = working_.find(id);
  if (at == working_.end()) return;  // It was late, and this has been told.
  if (!done.ok()) {
    failure.detail = done.error().message();
    failures_.push_back(std::move(failure));
  } else if (clock_.Now() > at->second.deadline) {
    failures_.push_back(std::move(at->second.late));
  }
  working_.erase(at);
}

std::vector<CallbackFailure> CallbackWatch::TakeFailures() {
  const Instant now = clock_.Now();
  const std::lock_guard lock(mutex_);
  for (auto at = working_.begin(); at != working_.end();) {
    if (at->second.deadline >= now) {
      ++at;
      continue;
    }
    at->second.stop.request_stop();
    failures_.push_back(std::move(at->second.late));
    at = working_.erase(at);
  }
  return std::exchange(failures_, {});
}

}  // namespace stargaze::orchestrate
