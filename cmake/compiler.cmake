# How everything is compiled: warnings are errors with both compilers, ccache and lld when the machine has them.
add_library(sg_flags INTERFACE)
target_compile_options(sg_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Werror=unused-result
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
target_include_directories(sg_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms of gcc 12's optimiser about std::string (gcc bug 105651, mended in 13).
  target_compile_options(sg_flags INTERFACE -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
endif()

# Relative paths and no directory in the hash: build folders beside each other share what ccache holds.
# Without the sloppiness ccache declines every unit that uses a precompiled header.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

find_program(LLD ld.lld)
if(LLD)
  target_link_options(sg_flags INTERFACE -fuse-ld=lld)
endif()

# One precompiled header for all. The clang preset compiles without it, so a unit that leans on it fails there.
add_library(sg_precompiled STATIC ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
target_link_libraries(sg_precompiled PUBLIC sg_flags fmt::fmt)
target_compile_options(sg_precompiled INTERFACE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
target_precompile_headers(sg_precompiled PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
