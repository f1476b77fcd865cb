#include "app/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace stargaze::app {
namespace {

std::string Shown(ProgressMode mode, const std::vector<ProgressStep>& steps) {
  std::ostringstream err;
  {
    Progress progress(err, {.mode = mode});
    for (const ProgressStep& step : steps) progress.Show(step);
  }
  return err.str();
}

TEST(Progress, HasAFormForEachReader) {
  const ProgressStep half{.task = "demo", .done = 12, .total = 24, .detail = "2026-01-12"};
  EXPECT_EQ(Shown(ProgressMode::kBar, {half, half}),
            "\r\x1b[K"
            "demo  ████████████░░░░░░░░░░░░ 12/24  2026-01-12\r\x1b[K");
  EXPECT_EQ(Shown(ProgressMode::kJson, {half, half}),
            "{\"v\":1,\"t\":\"progress\",\"task\":\"demo\",\"done\":12,\"total\":24,"
            "\"detail\":\"2026-01-12\"}\n");
  EXPECT_EQ(Shown(ProgressMode::kPlain, {half}), "");  // Nothing for what is quickly done.
  EXPECT_EQ(Shown(ProgressMode::kNone, {half}), "");
}

TEST(Progress, ProgramsSeeTheLastStepAlways) {
  const std::string shown = Shown(ProgressMode::kJson,
                                  {{.task = "a", .done = 1, .total = 3},
                                   {.task = "a", .done = 2, .total = 3},
                                   {.task = "a", .done = 3, .total = 3}});
  EXPECT_EQ(shown,
            "{\"v\":1,\"t\":\"progress\",\"task\":\"a\",\"done\":1,\"total\":3}\n"
            "{\"v\":1,\"t\":\"progress\",\"task\":\"a\",\"done\":3,\"total\":3}\n");
}

TEST(Progress, NeedsNoUtf8) {
  EXPECT_EQ(ProgressText({.task = "x", .done = 1, .total = 2}, true),
            "x  ############............ 1/2");
  EXPECT_EQ(ProgressText({.task = "verify", .detail = "raw/a"}, true), "verify  raw/a");
}

}  // namespace
}  // namespace stargaze::app
