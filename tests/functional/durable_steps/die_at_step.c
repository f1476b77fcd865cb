// Preloaded into the real binary: counts the calls that make something durable below a folder, and
// kills the process at the chosen one, before it is made. The product knows nothing of it.
//
// STEPS_BELOW: the folder. STEPS_LOG: a line for each step. STEPS_DIE_AT: the step, from 1; 0:
// none.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long steps;

static void Step(const char* call, const char* path) {
  const char* below = getenv("STEPS_BELOW");
  const char* die_at = getenv("STEPS_DIE_AT");
  const char* log = getenv("STEPS_LOG");
  if (below == NULL || die_at == NULL || strncmp(path, below, strlen(below)) != 0) return;
  const long step = atomic_fetch_add(&steps, 1) + 1;
  char line[PATH_MAX + 64];
  const int length = snprintf(line, sizeof line, "%ld %s %s\n", step, call, path + strlen(below));
  const int file = log == NULL ? -1 : open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file >= 0) {
    if (write(file, line, (size_t)length) < 0) abort();
    close(file);
  }
  if (step == strtol(die_at, NULL, 10)) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
}

static void StepOfFile(const char* call, int file) {
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = '\0';
  Step(call, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int file) {
  StepOfFile("fsync", file);
  return REAL(fsync)(file);
}

int fdatasync(int file) {
  StepOfFile("fdatasync", file);
  return REAL(fdatasync)(file);
}

int rename(const char* from, const char* to) {
  Step("rename", to);
  return REAL(rename)(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  Step("renameat2", to);
  return REAL(renameat2)(from_folder, from, to_folder, to, flags);
}

int link(const char* from, const char* to) {
  Step("link", to);
  return REAL(link)(from, to);
}

int unlink(const char* path) {
  Step("unlink", path);
  return REAL(unlink)(path);
}

int ftruncate64(int file, off64_t length) {
  StepOfFile("ftruncate", file);
  return REAL(ftruncate64)(file, length);
}

// A commit of SQLite's write-ahead log is durable against a kill once it is written, flushed or
// not: the first byte of every frame is a step.
ssize_t pwrite64(int file, const void* data, size_t size, off64_t offset) {
  if (size == 24) StepOfFile("frame", file);
  return REAL(pwrite64)(file, data, size, offset);
}
