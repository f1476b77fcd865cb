#include "config/pipelines.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "base/instant.h"
#include "config/catalog.h"

namespace stargaze::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A dataset of the pipeline `dag`, enough of one for pipelines.
model::Dataset MakeDataset(const std::string& name, const std::string& dag) {
  return {.name = name, .source = "shop", .dag = dag, .requests = {{.name = "newest"}}};
}

const model::Catalog kCatalog{.datasets = {MakeDataset("shop/buyer", "shop_day"),
                                           MakeDataset("shop/order", "shop_day"),
                                           MakeDataset("shop/rare", "shop_rare")}};

const DagRules kRules{.uses = {"collect", "refine", "load", "follow"},
                      .callbacks = {"slack"},
                      .check_schedule = [](const model::Dag& dag) -> Status {
                        const std::string& text = dag.schedule.text;
                        if (dag.time_zone == "Asia/Soul")
                          return Error(ErrorKind::kInvalidInput, "no such zone");
                        if (text != "daily") return Ok();
                        return Error(ErrorKind::kInvalidInput, "malformed schedule: " + text);
                      }};

const std::string kPipeline = R"(dag: shop_day
schedule: 0 0 * * *
tasks:
  - id: collect
    uses: collect
    for_each_dataset: true
    retries: 3
  - id: refine
    uses: refine
    after: [collect]
  - id: follow
    uses: follow
    with: {rule: top, dataset: shop/order, request: newest}
    after: [refine]
)";

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  SG_ASSERT(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

DagDeclarations ReadFiles(const std::vector<DeclarationFile>& files) {
  return ReadDags(files, kCatalog, kRules);
}

DagDeclarations Read(const std::string& text) {
  return ReadFiles({{.path = "pipelines/shop_day.yaml", .text = text}});
}

std::vector<std::string> IdsOf(const model::Dag& pipeline) {
  std::vector<std::string> ids;
  for (const model::DagTask& task : pipeline.tasks) ids.push_back(task.id);
  return ids;
}

TEST(Pipelines, ExpandsTheTaskThatStandsForOnePerDataset) {
  const auto pipelines = Read(kPipeline);
  ASSERT_TRUE(pipelines.ToStatus().ok()) << pipelines.ToStatus().error().message();
  const model::Dag& pipeline = pipelines.dags[0];
  EXPECT_EQ(pipeline.schedule.text, "0 0 * * *");
  EXPECT_THAT(IdsOf(pipeline), ElementsAre("collect_buyer", "collect_order", "refine", "follow"));
  EXPECT_EQ(pipeline.tasks[1].with.at("dataset"), "shop/order");
  EXPECT_EQ(pipeline.tasks[1].retries, 3);
  EXPECT_THAT(pipeline.tasks[2].after, ElementsAre("collect_buyer", "collect_order"));
  EXPECT_EQ(pipeline.tasks[2].retries, 1);
  EXPECT_EQ(pipeline.tasks[3].with.at("request"), "newest");
}

// What is written with its error, or how its tasks are mapped.
TEST(Pipelines, MapsTasksAsTheirDatasetsAsk) {
  DagRules rules = kRules;
  rules.for_each_of = [](const model::DagTask& task, const model::Dataset& dataset) {
    return task.uses == "collect" && dataset.name != "shop/rare" ? "followed" : "";
  };
  const std::string error = "pipelines/shop_day.yaml";
  const std::string nothing =
      ".for_each: nothing that the task is about is asked for each 'followed'";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{id: a, uses: collect, for_each_dataset: true}", "a_buyer=followed a_order=followed "},
      {"{id: a, uses: collect, for_each_dataset: true, for_each: followed}",
       "a_buyer=followed a_order=followed "},
      {"{id: a, uses: collect, with: {dataset: shop/order}}", "a=followed "},
      {"{id: a, uses: collect, with: {dataset: shop/rare}}", "a= "},
      {"{id: a, uses: refine}", "a= "},
      {"{id: a, uses: collect, with: {dataset: shop/rare}, for_each: followed}",
       error + ":3: tasks.a" + nothing},
      {"{id: a, uses: refine, for_each: followed}", error + ":3: tasks.a" + nothing},
      {"{id: a, uses: refine, for_each_dataset: true, for_each: followed}",
       error + ":3: tasks.a" + nothing},
      {"{id: a, uses: collect, with: {dataset: shop/order}, trigger_rule: always}",
       error + ":3: tasks.a.trigger_rule: 'always' is not allowed for a mapped task"},
      {"{id: a, uses: collect, with: {dataset: shop/rare}, trigger_rule: always}", "a= "}};
  for (const auto& [task, expected] : cases) {
    const std::vector<DeclarationFile> files{
        {.path = "pipelines/shop_day.yaml", .text = "dag: shop_day\ntasks:\n  - " + task + "\n"}};
    const auto read = ReadDags(files, kCatalog, rules);
    std::string found = read.problems.empty() ? "" : read.problems[0].error.message();
    for (const model::Dag& dag : read.dags) {
      if (dag.dag_id != "shop_day") continue;
      for (const model::DagTask& one : dag.tasks) found += one.id + "=" + one.for_each + " ";
    }
    EXPECT_EQ(found, expected) << task;
  }
}

TEST(Pipelines, MakesOneForDatasetsThatNameNone) {
  const auto pipelines = Read(kPipeline);
  ASSERT_EQ(pipelines.dags.size(), 2U);
  const model::Dag& made = pipelines.dags[1];
  EXPECT_EQ(made.dag_id, "shop_rare");
  EXPECT_EQ(made.schedule, model::Schedule{});
  EXPECT_THAT(IdsOf(made),
              ElementsAre("collect_rare", "refine", "load", "journal", "publish", "watch"));
  EXPECT_TRUE(model::TaskOrder(made).ok());
}

TEST(Pipelines, ReportsEachMistakeWithItsPlace) {
  const std::vector<std::pair<std::pair<std::string, std::string>, std::string>> cases{
      {{"dag: shop_day", "dag: shop_rare"}, ":1: dag: must be in a file called shop_rare.yaml"},
      {{"dag: shop_day", "dag: shop.day"},
       ":1: dag: expected lower-case letters, digits and _, beginning with a letter, found "
       "'shop.day'"},
      {{"0 0 * * *", "daily"}, ":2: schedule: malformed schedule: daily"},
      {{"schedule:", "shedule:"}, ":2: shedule: unknown key, did you mean 'schedule'?"},
      {{"uses: refine", "uses: refin"},
       ":9: tasks.refine.uses: unknown 'refin', did you mean 'refine'?"},
      {{"after: [collect]", "after: [colect]"},
       ":10: tasks.refine.after[0]: unknown task 'colect', did you mean 'collect'?"},
      {{"after: [collect]", "after: [follow]"},
       ":3: tasks: tasks wait for each other: refine after follow after refine"},
      {{"after: [collect]", "after: [refine]"},
       ":3: tasks: tasks wait for each other: refine after refine"},
      {{"id: follow", "id: refine"}, ":11: tasks.refine: duplicate task: another one has this id"},
      {{"id: follow\n    ", ""}, ":11: tasks[2]: missing key 'id'"},
      {{"shop/order", "shop/ordr"},
       ":13: tasks.follow.with.dataset: unknown dataset 'shop/ordr', did you mean 'shop/order'?"},
      {{"newest", "newst"},
       ":13: tasks.follow.with.request: unknown request 'newst' of dataset 'shop/order', did you "
       "mean 'newest'?"},
      {{"retries: 3", "retries: -1"}, ":7: tasks.collect.retries: must be at least 0, found -1"},
      {{"retries: 3", "pool: default_pol"},
       ":7: tasks.collect.pool: unknown pool 'default_pol', did you mean 'default_pool'?"},
      {{"retries: 3", "pool_slots: 129"},
       ":7: tasks.collect.pool_slots: the task would wait for ever: pool 'default_pool' has 128 "
       "slots, not 129"},
      {{"retries: 3", "retry_delay: 5x"},
       ":7: tasks.collect.retry_delay: expected a duration such as 90 (seconds), 5m, 1h30m or "
       "PT5M, found '5x'"},
      {{"retries: 3", "trigger_rule: one_sucess"},
       ":7: tasks.collect.trigger_rule: unknown trigger_rule 'one_sucess', did you mean "
       "'one_success'?"},
      {{"retries: 3", "for_each: followed\n    trigger_rule: always"},
       ":8: tasks.collect.trigger_rule: 'always' is not allowed for a mapped task"},
      {{"retries: 3", "on_retry: [slak]"},
       ":7: tasks.collect.on_retry[0]: unknown callback 'slak', did you mean 'slack'?"},
      {{"schedule: 0 0 * * *", "time_zone: Asia/Soul"}, ":2: time_zone: no such zone"},
      {{"0 0 * * *", "{evry: 5m}"}, ":2: schedule.evry: unknown key, did you mean 'every'?"},
      {{"0 0 * * *", "{on_manifest: shop/ordr}"},
       ":2: schedule: unknown dataset 'shop/ordr', did you mean 'shop/order'?"},
      {{"id: follow", "id: collect_order"},
       ":3: tasks: two tasks would be called 'collect_order': rename one of them or one dataset"},
      {{"for_each_dataset: true", "for_each_dataset: true\n    with: {dataset: shop/order}"},
       ":6: tasks.collect.for_each_dataset: with.dataset is set by for_each_dataset"},
  };
  for (const auto& [change, error] : cases) {
    const auto pipelines = Read(Replaced(kPipeline, change.first, change.second));
    ASSERT_EQ(pipelines.problems.size(), 1U) << error;
    EXPECT_EQ(pipelines.problems[0].error.message(), "pipelines/shop_day.yaml" + error);
  }
}

TEST(Pipelines, RefusesForEachDatasetWithoutDatasets) {
  const std::vector<DeclarationFile> files{
      {.path = "shop_week.yaml", .text = Replaced(kPipeline, "shop_day", "shop_week")}};
  const auto pipelines = ReadFiles(files);
  ASSERT_EQ(pipelines.problems.size(), 1U);
  EXPECT_THAT(pipelines.problems[0].error.message(),
              HasSubstr("no dataset of the catalog says dag: shop_week"));
}

TEST(Pipelines, ALaterFileReplacesAnEarlierOne) {
  const std::vector<DeclarationFile> files{
      {.path = "a/shop_day.yaml", .text = kPipeline},
      {.path = "b/shop_day.yaml", .text = "dag: shop_day\ntasks: [{id: load, uses: load}]\n"}};
  const auto pipelines = ReadFiles(files);
  ASSERT_TRUE(pipelines.ToStatus().ok()) << pipelines.ToStatus().error().message();
  EXPECT_EQ(pipelines.dags[0].file, "b/shop_day.yaml");
  EXPECT_THAT(IdsOf(pipelines.dags[0]), ElementsAre("load"));
}

TEST(Pipelines, ReadsItsOwnFiles) {
  const auto catalog = ReadCatalog(BuiltInFiles(EmbeddedFiles(), "catalog"));
  ASSERT_TRUE(catalog.ok()) << catalog.error().message();
  DagRules rules{.uses = kRules.uses};
  rules.uses.insert(rules.uses.end(), {"journal", "publish", "fail"});
  const auto pipelines =
      ReadDags(BuiltInFiles(EmbeddedFiles(), "pipelines"), catalog.value(), rules);
  ASSERT_TRUE(pipelines.ToStatus().ok()) << pipelines.ToStatus().error().message();
  const auto github_repo = std::ranges::find(pipelines.dags, "github_repo", &model::Dag::dag_id);
  ASSERT_NE(github_repo, pipelines.dags.end());
  EXPECT_THAT(IdsOf(*github_repo),
              ElementsAre("collect_repository",
                          "refine",
                          "load",
                          "follow_stars",
                          "follow_forks",
                          "journal",
                          "publish",
                          "watch"));
}

const std::string kEveryField = R"(dag: all
schedule: {every: 90m}
time_zone: Asia/Seoul
time_semantics: interval
start_date: 2026-01-01
end_date: 2026-02-01T12:00:00Z
catchup: true
max_active_runs: 2
max_active_tasks: 4
dagrun_timeout: PT2H
is_paused_upon_creation: true
on_failure: [slack]
default_args: {pool: api, retries: 4, retry_delay: 5m}
tasks:
  - {id: start, uses: load}
  - group: middle
    after: [start]
    default_args: {retries: 5}
    tasks:
      - id: one
        uses: collect
        for_each: followed
        trigger_rule: none_failed
        pool_slots: 2
        priority_weight: 7
        weight_rule: absolute
        load: cpu
        retry_exponential_backoff: true
        max_retry_delay: 1h30m
        execution_timeout: 90
        depends_on_past: true
        max_active_tis_per_dag: 8
        on_retry: [slack]
      - {id: two, uses: refine, after: [one], retries: 0}
  - {id: end, uses: load, after: [middle]}
)";

TEST(Pipelines, ReadsEveryField) {
  const auto read = ReadFiles({{.path = "pools.yaml", .text = "pools: {api: {slots: 6}}\n"},
                               {.path = "all.yaml", .text = kEveryField}});
  ASSERT_TRUE(read.ToStatus().ok()) << read.ToStatus().error().message();
  const auto dag = std::ranges::find(read.dags, "all", &model::Dag::dag_id);
  ASSERT_NE(dag, read.dags.end());
  using std::chrono::minutes;
  using std::chrono::seconds;
  const model::DagTask inherited{
      .uses = "load", .pool = "api", .retries = 4, .retry_delay = minutes(5)};
  model::Dag expected{.dag_id = "all",
                      .schedule = {.kind = model::ScheduleKind::kInterval,
                                   .text = "every 90m",
                                   .interval = minutes(90)},
                      .time_zone = "Asia/Seoul",
                      .time_semantics = model::TimeSemantics::kInterval,
                      .start_date = ParseInstant("2026-01-01T00:00:00Z"),
                      .end_date = ParseInstant("2026-02-01T12:00:00Z"),
                      .catchup = true,
                      .max_active_runs = 2,
                      .max_active_tasks = 4,
                      .dagrun_timeout = minutes(120),
                      .is_paused_upon_creation = true,
                      .on_failure = {"slack"},
                      .tasks = {inherited, inherited, inherited, inherited},
                      .file = "all.yaml"};
  expected.tasks[0].id = "start";
  expected.tasks[1] = {.id = "middle.one",
                       .group = "middle",
                       .uses = "collect",
                       .after = {"start"},
                       .for_each = "followed",
                       .trigger_rule = model::TriggerRule::kNoneFailed,
                       .pool = "api",
                       .pool_slots = 2,
                       .priority_weight = 7,
                       .weight_rule = model::WeightRule::kAbsolute,
                       .load = model::TaskLoad::kCpu,
                       .retries = 5,
                       .retry_delay = minutes(5),
                       .retry_exponential_backoff = true,
                       .max_retry_delay = minutes(90),
                       .execution_timeout = seconds(90),
                       .depends_on_past = true,
                       .max_active_tis_per_dag = 8,
                       .on_retry = {"slack"}};
  expected.tasks[2].id = "middle.two";
  expected.tasks[2].group = "middle";
  expected.tasks[2].uses = "refine";
  expected.tasks[2].after = {"middle.one"};
  expected.tasks[2].retries = 0;
  expected.tasks[3].id = "end";
  expected.tasks[3].after = {"middle.two"};
  EXPECT_EQ(*dag, expected);
}

TEST(Pipelines, ABrokenFileStopsNoOtherAndTakesItsDagAway) {
  const auto read =
      ReadFiles({{.path = "a/shop_day.yaml", .text = kPipeline},
                 {.path = "b/shop_day.yaml", .text = "dag: [\n"},
                 {.path = "b/big.yaml", .text = std::string((1U << 20U) + 1, '#')},
                 {.path = "b/fine.yaml", .text = "dag: fine\ntasks: [{id: load, uses: load}]\n"}});
  ASSERT_EQ(read.problems.size(), 2U);
  EXPECT_EQ(read.problems[0].file, "b/shop_day.yaml");
  EXPECT_THAT(read.problems[1].error.message(), HasSubstr("the file is too large"));
  ASSERT_EQ(read.dags.size(), 2U);  // And the one made for shop_rare.
  EXPECT_EQ(read.dags[0].dag_id, "fine");
}

TEST(Pipelines, PublishesASchema) {
  EXPECT_THAT(PipelineJsonSchema(), HasSubstr("\"for_each_dataset\""));
  EXPECT_THAT(PipelineJsonSchema(), HasSubstr("\"pool_slots\""));
  EXPECT_THAT(PoolsJsonSchema(), HasSubstr("\"slots\""));
}

}  // namespace
}  // namespace stargaze::config
