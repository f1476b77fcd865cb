#include "config/pipelines.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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

const PipelineRules kRules{.uses = {"collect", "refine", "load", "follow"},
                           .check_schedule = [](const std::string& schedule) -> Status {
                             if (schedule == "0 0 * * *") return Ok();
                             return Error(ErrorKind::kInvalidInput,
                                          "malformed schedule: " + schedule);
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

Result<std::vector<model::Pipeline>> Read(const std::string& text) {
  const std::vector<DeclarationFile> files{{.path = "pipelines/shop_day.yaml", .text = text}};
  return ReadPipelines(files, kCatalog, kRules);
}

std::vector<std::string> IdsOf(const model::Pipeline& pipeline) {
  std::vector<std::string> ids;
  for (const model::PipelineTask& task : pipeline.tasks) ids.push_back(task.id);
  return ids;
}

TEST(Pipelines, ExpandsTheTaskThatStandsForOnePerDataset) {
  const auto pipelines = Read(kPipeline);
  ASSERT_TRUE(pipelines.ok()) << pipelines.error().message();
  const model::Pipeline& pipeline = pipelines.value()[0];
  EXPECT_EQ(pipeline.schedule, "0 0 * * *");
  EXPECT_THAT(IdsOf(pipeline), ElementsAre("collect_buyer", "collect_order", "refine", "follow"));
  EXPECT_EQ(pipeline.tasks[1].with.at("dataset"), "shop/order");
  EXPECT_EQ(pipeline.tasks[1].retries, 3);
  EXPECT_THAT(pipeline.tasks[2].after, ElementsAre("collect_buyer", "collect_order"));
  EXPECT_EQ(pipeline.tasks[2].retries, 1);
  EXPECT_EQ(pipeline.tasks[3].with.at("request"), "newest");
}

TEST(Pipelines, MakesOneForDatasetsThatNameNone) {
  const auto pipelines = Read(kPipeline);
  ASSERT_EQ(pipelines.value().size(), 2U);
  const model::Pipeline& made = pipelines.value()[1];
  EXPECT_EQ(made.dag_id, "shop_rare");
  EXPECT_EQ(made.schedule, "");
  EXPECT_THAT(IdsOf(made), ElementsAre("collect_rare", "refine", "load"));
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
      {{"retries: 3", "pool: api"},
       ":7: tasks.collect.pool: this key is known but not supported yet"},
      {{"id: follow", "id: collect_order"},
       ":3: tasks: two tasks would be called 'collect_order': rename one of them or one dataset"},
      {{"for_each_dataset: true", "for_each_dataset: true\n    with: {dataset: shop/order}"},
       ":6: tasks.collect.for_each_dataset: with.dataset is set by for_each_dataset"},
  };
  for (const auto& [change, error] : cases) {
    const auto pipelines = Read(Replaced(kPipeline, change.first, change.second));
    ASSERT_FALSE(pipelines.ok()) << error;
    EXPECT_EQ(pipelines.error().message(), "pipelines/shop_day.yaml" + error);
  }
}

TEST(Pipelines, RefusesForEachDatasetWithoutDatasets) {
  const std::vector<DeclarationFile> files{
      {.path = "shop_week.yaml", .text = Replaced(kPipeline, "shop_day", "shop_week")}};
  const auto pipelines = ReadPipelines(files, kCatalog, kRules);
  ASSERT_FALSE(pipelines.ok());
  EXPECT_THAT(pipelines.error().message(),
              HasSubstr("no dataset of the catalog says dag: shop_week"));
}

TEST(Pipelines, ALaterFileReplacesAnEarlierOne) {
  const std::vector<DeclarationFile> files{
      {.path = "a/shop_day.yaml", .text = kPipeline},
      {.path = "b/shop_day.yaml", .text = "dag: shop_day\ntasks: [{id: load, uses: load}]\n"}};
  const auto pipelines = ReadPipelines(files, kCatalog, kRules);
  ASSERT_TRUE(pipelines.ok()) << pipelines.error().message();
  EXPECT_EQ(pipelines.value()[0].file, "b/shop_day.yaml");
  EXPECT_THAT(IdsOf(pipelines.value()[0]), ElementsAre("load"));
}

TEST(Pipelines, ReadsItsOwnFiles) {
  const auto catalog = ReadCatalog(BuiltInFiles(EmbeddedFiles(), "catalog"));
  ASSERT_TRUE(catalog.ok()) << catalog.error().message();
  const auto pipelines = ReadPipelines(
      BuiltInFiles(EmbeddedFiles(), "pipelines"), catalog.value(), {.uses = kRules.uses});
  ASSERT_TRUE(pipelines.ok()) << pipelines.error().message();
  const auto github_repo =
      std::ranges::find(pipelines.value(), "github_repo", &model::Pipeline::dag_id);
  ASSERT_NE(github_repo, pipelines.value().end());
  EXPECT_THAT(IdsOf(*github_repo),
              ElementsAre("collect_repository", "refine", "load", "follow_stars", "follow_forks"));
}

TEST(Pipelines, PublishesASchema) {
  EXPECT_THAT(PipelineJsonSchema(), HasSubstr("\"for_each_dataset\""));
  EXPECT_THAT(PipelineJsonSchema(), ::testing::Not(HasSubstr("\"pool\"")));
}

}  // namespace
}  // namespace stargaze::config
