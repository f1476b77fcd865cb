// What a command's exit code says: part of the interface, so in one place.

#pragma once

#include <array>
#include <string_view>

namespace stargaze::app {

inline constexpr int kBudgetCode = 5;
inline constexpr int kCheckFailedCode = 7;

struct ExitCode {
  std::string_view code{};
  std::string_view meaning{};
};

inline constexpr std::array<ExitCode, 14> kExitCodes{{
    {.code = "0", .meaning = "success"},
    {.code = "1", .meaning = "failure"},
    {.code = "2", .meaning = "usage, or invalid input"},
    {.code = "3", .meaning = "not found"},
    {.code = "4", .meaning = "not permitted"},
    {.code = "5",
     .meaning =
         "a rate limit or budget is used up, or would not suffice (budget plan --repositories)"},
    {.code = "6", .meaning = "conflict: a lock is held, a port is taken, an object exists"},
    {.code = "7",
     .meaning = "a check failed (auth status, catalog check, config validate, dag validate, "
                "doctor, lake verify)"},
    {.code = "8", .meaning = "partial success: some subjects failed"},
    {.code = "9", .meaning = "something needed cannot be reached"},
    {.code = "75", .meaning = "task run: the task asks to be run again later"},
    {.code = "99", .meaning = "task run: the task had nothing to do"},
    {.code = "124", .meaning = "timeout"},
    {.code = "130, 143", .meaning = "stopped by SIGINT, SIGTERM"},
}};

}  // namespace stargaze::app
