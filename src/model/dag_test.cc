#include "model/dag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stargaze::model {
namespace {

std::string OrderOf(const std::vector<DagTask>& tasks) {
  const auto order = TaskOrder(Dag{.dag_id = "dag", .tasks = tasks});
  if (!order.ok()) return order.error().message();
  std::string text;
  for (const std::size_t task : order.value()) text += (text.empty() ? "" : " ") + tasks[task].id;
  return text;
}

TEST(Dag, OrdersTasksAsDeclaredWhereNothingElseIsSaid) {
  EXPECT_EQ(OrderOf({}), "");
  EXPECT_EQ(OrderOf({{.id = "b"}, {.id = "a"}, {.id = "c"}}), "b a c");
  EXPECT_EQ(OrderOf({{.id = "a", .after = {"c"}}, {.id = "b"}, {.id = "c"}}), "b c a");
  EXPECT_EQ(OrderOf({{.id = "d", .after = {"b", "c"}},
                     {.id = "b", .after = {"a"}},
                     {.id = "c", .after = {"a", "a"}},
                     {.id = "a"}}),
            "a b c d");
}

TEST(Dag, NamesWhatCannotBeOrdered) {
  EXPECT_EQ(OrderOf({{.id = "a"}, {.id = "a"}}), "two tasks have one id: dag=dag task=a");
  EXPECT_EQ(OrderOf({{.id = "a", .after = {"x"}}}),
            "task waits for an unknown task: dag=dag task=a after=x");
  EXPECT_EQ(OrderOf({{.id = "a", .after = {"a"}}}), "tasks wait for each other: a after a");
  // d waits for the circle and is not in it.
  EXPECT_EQ(OrderOf({{.id = "d", .after = {"b"}},
                     {.id = "a"},
                     {.id = "b", .after = {"a", "c"}},
                     {.id = "c", .after = {"b"}}}),
            "tasks wait for each other: b after c after b");
}

TEST(Dag, OrdersALongChainAtOnce) {
  Dag dag{.dag_id = "dag"};
  constexpr int kTasks = 20'000;
  for (int i = kTasks; i > 0; --i) {
    dag.tasks.push_back({.id = std::to_string(i)});
    if (i > 1) dag.tasks.back().after = {std::to_string(i - 1)};
  }
  const auto order = TaskOrder(dag);
  ASSERT_TRUE(order.ok());
  EXPECT_EQ(order.value().front(), kTasks - 1U);
  EXPECT_EQ(order.value().back(), 0U);
}

TEST(Dag, NamesAreReadBack) {
  int rules = 0;
  for (int i = 0; i <= static_cast<int>(TriggerRule::kAlways); ++i, ++rules) {
    const auto rule = static_cast<TriggerRule>(i);
    EXPECT_EQ(ParseTriggerRule(NameOf(rule)), rule);
  }
  EXPECT_EQ(rules, 12);
  EXPECT_EQ(NameOf(TriggerRule::kNoneFailedMinOneSuccess), "none_failed_min_one_success");
  EXPECT_EQ(ParseTriggerRule("dummy"), std::nullopt);
  EXPECT_EQ(ParseWeightRule(NameOf(WeightRule::kUpstream)), WeightRule::kUpstream);
  EXPECT_EQ(ParseTimeSemantics(NameOf(TimeSemantics::kInterval)), TimeSemantics::kInterval);
  EXPECT_EQ(ParseTimeSemantics(""), std::nullopt);
}

}  // namespace
}  // namespace stargaze::model
