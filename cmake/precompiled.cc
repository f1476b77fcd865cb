// A unit for the library that owns the precompiled header; CMake wants one.
