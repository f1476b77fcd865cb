#include "storage/duckdb_library.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <string>

namespace stargaze::storage {
namespace {

Error LibraryError() {
  const char* why = dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread.
  return Error(ErrorKind::kUnavailable,
               fmt::format("cannot load DuckDB: {}", why == nullptr ? "no message" : why))
      .Remedy("build with ./x build, or put libduckdb.so where the system looks for libraries");
}

// The library stays until the process ends: nothing could tell when its last thread is gone.
Status Load() {
  void* library = nullptr;
  // Where the build found it; and for a program that was moved, where the system looks.
  for (const char* path : {STARGAZE_DUCKDB_LIBRARY, "libduckdb.so"})
    if (library == nullptr) library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return LibraryError();
#define SG_DUCKDB_LOAD(name)                                                          \
  duck.name = reinterpret_cast<decltype(duck.name)>(dlsym(library, "duckdb_" #name)); \
  if (duck.name == nullptr) return LibraryError();
  SG_DUCKDB_FUNCTIONS(SG_DUCKDB_LOAD)
#undef SG_DUCKDB_LOAD
  return Ok();
}

}  // namespace

DuckDbFunctions duck;

Status LoadDuckDb() {
  static const Status kLoaded = Load();
  return kLoaded;
}

}  // namespace stargaze::storage
