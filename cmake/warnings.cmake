# Warnings are errors with both compilers; libraries' headers are system headers and stay silent.
add_library(sg_flags INTERFACE)
target_compile_options(sg_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Werror=unused-result)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(sg_flags INTERFACE -Wthread-safety)
endif()
target_include_directories(sg_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
