#include "orchestrate/thread_executor.h"

#include <fmt/core.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/assert.h"

namespace stargaze::orchestrate {
namespace {

using Work = std::function<void()>;

// A thread that was woken and has not come yet will take whatever waits; more of them at once only
// take turns on the processor.
constexpr std::size_t kWakesAtOnce = 2;

// Threads that are begun as work comes, up to a number, and take it in order. Whoever takes some
// wakes the next while more waits: work that ends at once is done by the few that are awake, work
// that waits has every thread it needs within as many wakes.
class Crew {
 public:
  Crew(std::size_t most_threads, std::size_t most_waiting)
      : most_threads_(most_threads), most_waiting_(most_waiting) {}
  ~Crew() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }

  // All of it or nothing: false when too much waits.
  bool Add(std::vector<Work> more) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + more.size() > most_waiting_) return false;
    for (Work& work : more) waiting_.push_back(std::move(work));
    WakeSome();
    return true;
  }

 private:
  void WakeSome() {  // The mutex is held.
    while (calls_ + beginning_ < std::min(kWakesAtOnce, waiting_.size())) {
      if (idle_ > calls_) {
        ++calls_;
        changed_.notify_one();
      } else if (threads_.size() < most_threads_) {
        ++beginning_;
        threads_.emplace_back([this] { Loop(); });
      } else {
        return;
      }
    }
  }

  void Loop() {
    std::unique_lock lock(mutex_);
    --beginning_;
    while (true) {
      while (!waiting_.empty()) {
        Work work = std::move(waiting_.front());
        waiting_.pop_front();
        WakeSome();
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
      }
      if (stopping_) return;
      ++idle_;
      changed_.wait(lock, [this] { return calls_ > 0 || stopping_; });
      --idle_;
      if (calls_ > 0) --calls_;
    }
  }

  const std::size_t most_threads_;
  const std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  std::size_t idle_ = 0;
  std::size_t calls_ = 0;      // For idle threads to wake; never more than there are.
  std::size_t beginning_ = 0;  // Threads that were made and have not come yet.
  bool stopping_ = false;
  std::vector<std::jthread> threads_;  // Last: joined before the rest goes.
};

// The file comes with the first line: most tries say nothing.
class TryLog {
 public:
  TryLog(std::filesystem::path path, std::size_t most, Clock& clock)
      : path_(std::move(path)), most_(most), clock_(clock) {}
  ~TryLog() {
    if (dropped_ > 0) file_ << fmt::format("{} lines more: the log is full\n", dropped_);
  }

  void Write(std::string_view line) {
    if (path_.empty()) return;
    const std::lock_guard lock(mutex_);
    if (!file_.is_open()) {
      std::error_code ignored;  // A log that cannot be written must not fail its task.
      std::filesystem::create_directories(path_.parent_path(), ignored);
      file_.open(path_, std::ios::app);
    }
    const std::string text = fmt::format("{} {}\n", FormatInstant(clock_.Now()), line);
    size_ += text.size();
    if (size_ > most_) {
      ++dropped_;
      return;
    }
    file_ << text << std::flush;
  }

 private:
  const std::filesystem::path path_;
  const std::size_t most_;
  Clock& clock_;
  std::mutex mutex_;
  std::ofstream file_;
  std::size_t size_ = 0;
  int64_t dropped_ = 0;
};

Result<Outcome> Call(const TaskBody& body, const TaskContext& context) {
  try {
    return body(context);
  } catch (const std::exception& error) {
    return Error(ErrorKind::kInternal, fmt::format("the task threw: {}", error.what()));
  } catch (...) {
    return Error(ErrorKind::kInternal, "the task threw something unknown");
  }
}

}  // namespace

class ThreadExecutor::Impl {
 public:
  Impl(ThreadExecutorOptions options, Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        aside_(options_.aside_threads, options_.max_aside),
        cpu_(options_.cpu_threads, options_.cpu_threads + 1),
        waiting_(options_.waiting_threads, options_.waiting_threads + 1) {}

  ~Impl() {
    const std::lock_guard lock(mutex_);
    for (auto& [ticket, stop] : stops_) stop.request_stop();
  }

  const ThreadExecutorOptions& options() const { return options_; }

  void Submit(std::vector<WorkItem> items) {
    std::vector<Work> computing;
    std::vector<Work> waiting;
    {
      const std::lock_guard lock(mutex_);
      for (WorkItem& item : items) {
        item.context.stop = stops_[item.ticket].get_token();
        auto& work = item.load == model::TaskLoad::kCpu ? computing : waiting;
        auto shared = std::make_shared<WorkItem>(std::move(item));
        work.emplace_back([this, shared] { Run(*shared); });
      }
    }
    const bool added = cpu_.Add(std::move(computing)) && waiting_.Add(std::move(waiting));
    SG_ASSERT(added);
  }

  void RequestStop(uint64_t ticket) {
    std::stop_source stop(std::nostopstate);
    {
      const std::lock_guard lock(mutex_);
      const auto at = stops_.find(ticket);
      if (at != stops_.end()) stop = at->second;
    }
    stop.request_stop();
  }

  std::vector<WorkDone> TakeDone() {
    const std::lock_guard lock(mutex_);
    return std::exchange(done_, {});
  }

  bool RunAside(Work callback) {
    std::vector<Work> work;
    work.emplace_back([callback = std::move(callback)] {
      try {
        callback();
      } catch (...) {  // NOLINT(bugprone-empty-catch): what a callback does cannot fail a task.
      }
    });
    return aside_.Add(std::move(work));
  }

  void OnDone(Work wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }

 private:
  void Run(WorkItem& item) {
    const Instant began = clock_.Now();
    const std::filesystem::path path =
        options_.log_folder.empty() || item.log_path.empty()
            ? std::filesystem::path()
            : std::filesystem::path(options_.log_folder) / item.log_path;
    TryLog log(path, options_.max_log_bytes, clock_);
    item.context.progress = [&log](std::string_view line) { log.Write(line); };
    Result<Outcome> result = Call(item.body, item.context);
    if (!result.ok()) log.Write("failed: " + result.error().message());
    item.context.progress = nullptr;
    item.body = nullptr;
    Work wake;
    {
      const std::lock_guard lock(mutex_);
      stops_.erase(item.ticket);
      if (done_.empty()) wake = wake_;
      done_.push_back({.ticket = item.ticket,
                       .result = std::move(result),
                       .began_at = began,
                       .ended_at = clock_.Now()});
    }
    if (wake) wake();
  }

  const ThreadExecutorOptions options_;
  Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<uint64_t, std::stop_source> stops_;
  std::vector<WorkDone> done_;
  Work wake_;
  Crew aside_;  // The crews are last: joined before what their work uses goes.
  Crew cpu_;
  Crew waiting_;
};

ThreadExecutor::ThreadExecutor(ThreadExecutorOptions options, Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}
ThreadExecutor::~ThreadExecutor() = default;

std::size_t ThreadExecutor::Capacity(model::TaskLoad load) const {
  return load == model::TaskLoad::kCpu ? impl_->options().cpu_threads
                                       : impl_->options().waiting_threads;
}

void ThreadExecutor::Submit(std::vector<WorkItem> items) {
  impl_->Submit(std::move(items));
}

void ThreadExecutor::RequestStop(uint64_t ticket) {
  impl_->RequestStop(ticket);
}

std::vector<WorkDone> ThreadExecutor::TakeDone() {
  return impl_->TakeDone();
}

bool ThreadExecutor::RunAside(std::function<void()> callback) {
  return impl_->RunAside(std::move(callback));
}

void ThreadExecutor::OnDone(std::function<void()> wake) {
  impl_->OnDone(std::move(wake));
}

}  // namespace stargaze::orchestrate
