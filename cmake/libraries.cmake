# Debian 12 packages (tools/packages.txt), and DuckDB as tools/duckdb.lock pins it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(date REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(isal REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)

# The pinned copy unless the system has DuckDB's library and header.
find_library(DUCKDB_LIBRARY duckdb)
find_path(DUCKDB_INCLUDE duckdb.h)
if(NOT DUCKDB_LIBRARY OR NOT DUCKDB_INCLUDE)
  set(DUCKDB_LIBRARY ${CMAKE_SOURCE_DIR}/.deps/duckdb/lib/libduckdb.so)
  set(DUCKDB_INCLUDE ${CMAKE_SOURCE_DIR}/.deps/duckdb/include)
endif()
if(NOT EXISTS ${DUCKDB_LIBRARY})
  message(FATAL_ERROR "DuckDB is missing: run ./x setup")
endif()
# Its library is opened at run time (storage/duckdb_library.h).
add_library(duckdb::duckdb INTERFACE IMPORTED)
set_target_properties(duckdb::duckdb PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE} INTERFACE_LINK_LIBRARIES "${CMAKE_DL_LIBS}")
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/storage/duckdb_library.cc PROPERTIES
  COMPILE_DEFINITIONS STARGAZE_DUCKDB_LIBRARY="${DUCKDB_LIBRARY}")
