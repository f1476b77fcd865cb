#include "app/sql_jail.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <memory>

namespace stargaze::app {
namespace {

// Beside what DuckDB may use for data: the program, its libraries, its threads' stacks.
[[maybe_unused]] constexpr int64_t kOverheadMb = 2048;
constexpr uint64_t kOpenFiles = 4096;  // A table of a year by day is 365 files.
constexpr uint64_t kWritingFlags = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;

// What a thread of DuckDB that reads files and computes asks of the kernel. Everything else,
// above all sockets and other programs, fails with EPERM.
constexpr std::array kAllowed{
    SCMP_SYS(access),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(brk),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(close),
    SCMP_SYS(dup),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(fadvise64),
    SCMP_SYS(fcntl),
    SCMP_SYS(flock),
    SCMP_SYS(fstat),
    SCMP_SYS(fstatfs),
    SCMP_SYS(futex),
    SCMP_SYS(getcwd),
    SCMP_SYS(getdents64),
    SCMP_SYS(getpid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(ioctl),
    SCMP_SYS(lseek),
    SCMP_SYS(lstat),
    SCMP_SYS(madvise),
    SCMP_SYS(membarrier),
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(nanosleep),
    SCMP_SYS(newfstatat),
    SCMP_SYS(poll),
    SCMP_SYS(pread64),
    SCMP_SYS(preadv),
    SCMP_SYS(read),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(readv),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(stat),
    SCMP_SYS(statfs),
    SCMP_SYS(statx),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    SCMP_SYS(write),
    SCMP_SYS(writev),
};

Status Limit(int resource, uint64_t value) {
  const rlimit limit{.rlim_cur = value, .rlim_max = value};
  if (::setrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0) return Ok();
  // A lower one of the caller's stays: it is a limit, too.
  rlimit current{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &current) == 0 &&
      current.rlim_max < value)
    return Ok();
  return Error(ErrorKind::kInternal,
               fmt::format("the limit {} cannot be set: {}", resource, errno));
}

Status SetLimits(std::chrono::seconds time, int64_t memory_mb, int threads) {
  const auto cpu = static_cast<uint64_t>(time.count()) * static_cast<uint64_t>(threads) + 1;
  SG_RETURN_IF_ERROR(Limit(RLIMIT_CORE, 0));
  SG_RETURN_IF_ERROR(Limit(RLIMIT_FSIZE, 0));
  SG_RETURN_IF_ERROR(Limit(RLIMIT_NOFILE, kOpenFiles));
  SG_RETURN_IF_ERROR(Limit(RLIMIT_CPU, cpu));
#if defined(__SANITIZE_ADDRESS__)
  (void)memory_mb;  // The sanitizer's shadow is larger than any limit.
  return Ok();
#else
  return Limit(RLIMIT_AS, static_cast<uint64_t>(memory_mb + kOverheadMb) << 20U);
#endif
}

struct ReleaseFilter {
  void operator()(void* filter) const { seccomp_release(filter); }
};

// The library's macros are C99.
scmp_arg_cmp Masked(unsigned argument, uint64_t mask, uint64_t value) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

scmp_arg_cmp Equal(unsigned argument, uint64_t value) {
  return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}

Status FilterSystemCalls() {
  const std::unique_ptr<void, ReleaseFilter> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  bool good = filter != nullptr;
  const auto add = [&](uint32_t action, int call, std::initializer_list<scmp_arg_cmp> conditions) {
    good = good && seccomp_rule_add_array(filter.get(),
                                          action,
                                          call,
                                          static_cast<unsigned>(conditions.size()),
                                          conditions.begin()) == 0;
  };
  for (const int call : kAllowed) add(SCMP_ACT_ALLOW, call, {});
  add(SCMP_ACT_ALLOW, SCMP_SYS(openat), {Masked(2, kWritingFlags, 0)});
  add(SCMP_ACT_ALLOW, SCMP_SYS(open), {Masked(1, kWritingFlags, 0)});
  // Threads, but no processes; glibc falls back from clone3, whose flags a filter cannot see.
  constexpr uint64_t kThread = 0x00010000;  // CLONE_THREAD
  add(SCMP_ACT_ALLOW, SCMP_SYS(clone), {Masked(0, kThread, kThread)});
  add(SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), {});
  // Reading its own limits; not setting anybody's.
  add(SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), {Equal(2, 0)});
  add(SCMP_ACT_ALLOW, SCMP_SYS(prctl), {Equal(0, PR_SET_NAME)});
  if (good && seccomp_load(filter.get()) == 0) return Ok();
  return Error(ErrorKind::kUnsupported, "this kernel does not filter system calls")
      .Remedy("stargaze sql needs seccomp; the API and the exports do without");
}

}  // namespace

Status EnterSqlJail(std::chrono::seconds time, int64_t memory_mb, int threads) {
  SG_RETURN_IF_ERROR(SetLimits(time, memory_mb, threads));
  return FilterSystemCalls();
}

}  // namespace stargaze::app
