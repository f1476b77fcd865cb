#include "config/pipelines.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/suggest.h"
#include "config/json_schema.h"
#include "config/schema.h"
#include "config/text_checks.h"
#include "config/yaml.h"

namespace stargaze::config {
namespace {

using model::Pipeline;
using model::PipelineTask;

constexpr int kDefaultRetries = 1;

Schema TaskSchema() {
  Schema id = IdentifierSchema("id", "Names the task within the pipeline.");
  id.required = true;
  Schema uses = IdentifierSchema("uses", "What the task does.");
  uses.required = true;
  Schema with = IdentifierSchema("with", "Parameters of what it does.");
  with.kind = SchemaKind::kNamed;
  with.parts = {{.kind = SchemaKind::kScalar, .check = CheckPlainValue}};
  return {.kind = SchemaKind::kRecord,
          .parts = {std::move(id),
                    std::move(uses),
                    std::move(with),
                    {.name = "after",
                     .kind = SchemaKind::kList,
                     .description = "Tasks that must have succeeded.",
                     .parts = {IdentifierSchema("", "")}},
                    {.name = "retries",
                     .kind = SchemaKind::kInteger,
                     .description = "Further tries after a failed one.",
                     .min = 0,
                     .max = 20},
                    {.name = "for_each_dataset",
                     .kind = SchemaKind::kBoolean,
                     .description = "One such task for each dataset that names the pipeline."},
                    {.name = "pool", .later = true},
                    {.name = "map", .later = true}}};
}

const Schema& PipelineSchema() {
  static const Schema kSchema = [] {
    Schema dag = IdentifierSchema("dag", "The pipeline's name, as the file is named.");
    dag.required = true;
    return Schema{
        .kind = SchemaKind::kRecord,
        .parts = {std::move(dag),
                  {.name = "summary", .description = "One sentence."},
                  {.name = "schedule", .description = "Five cron fields, UTC. None: by hand only."},
                  {.name = "tasks",
                   .kind = SchemaKind::kList,
                   .required = true,
                   .description = "What is done, in any order.",
                   .min_items = 1,
                   .parts = {TaskSchema()}},
                  {.name = "on_manifest", .later = true},
                  {.name = "max_active_runs", .later = true}}};
  }();
  return kSchema;
}

std::vector<const model::Dataset*> DatasetsOf(const model::Catalog& catalog,
                                              const std::string& dag_id) {
  std::vector<const model::Dataset*> datasets;
  for (const model::Dataset& dataset : catalog.datasets) {
    if (dataset.dag == dag_id) datasets.push_back(&dataset);
  }
  return datasets;
}

// Puts the tasks of the datasets in the place of those that stand for them.
std::vector<PipelineTask> Expanded(const std::vector<PipelineTask>& tasks,
                                   const std::vector<std::string>& for_each,
                                   const std::vector<const model::Dataset*>& datasets) {
  const auto is_for_each = [&](const std::string& id) {
    return std::find(for_each.begin(), for_each.end(), id) != for_each.end();
  };
  std::vector<PipelineTask> expanded;
  for (PipelineTask task : tasks) {
    std::vector<std::string> after;
    for (const std::string& id : task.after) {
      if (!is_for_each(id)) {
        after.push_back(id);
        continue;
      }
      for (const model::Dataset* dataset : datasets)
        after.push_back(id + "_" + dataset->ShortName());
    }
    task.after = std::move(after);
    if (!is_for_each(task.id)) {
      expanded.push_back(std::move(task));
      continue;
    }
    for (const model::Dataset* dataset : datasets) {
      PipelineTask& one = expanded.emplace_back(task);
      one.id += "_" + dataset->ShortName();
      one.with["dataset"] = dataset->name;
    }
  }
  return expanded;
}

class PipelineReader {
 public:
  PipelineReader(const YamlNode& root,
                 const model::Catalog& catalog,
                 const PipelineRules& rules,
                 Problems& problems)
      : root_(root), catalog_(catalog), rules_(rules), problems_(problems) {}

  Pipeline Read() {
    const std::size_t before = problems_.size();
    CheckAgainst(root_, PipelineSchema(), problems_);
    if (problems_.size() != before) return {};
    pipeline_.dag_id = *root_.Text("dag");
    pipeline_.summary = root_.Text("summary").value_or("");
    pipeline_.schedule = root_.Text("schedule").value_or("");
    pipeline_.file = root_.place.file;
    if (pipeline_.file != pipeline_.dag_id + ".yaml" &&
        !pipeline_.file.ends_with("/" + pipeline_.dag_id + ".yaml")) {
      problems_.Add(root_.Find("dag")->place,
                    fmt::format("must be in a file called {}.yaml", pipeline_.dag_id));
    }
    CheckSchedule();
    for (const YamlNode& node : root_.Find("tasks")->children) ReadTask(node);
    CheckAfter();
    if (problems_.size() == before) Expand();
    return std::move(pipeline_);
  }

 private:
  void CheckSchedule() {
    const YamlNode* schedule = root_.Find("schedule");
    if (schedule == nullptr || !rules_.check_schedule) return;
    const Status checked = rules_.check_schedule(schedule->text);
    if (!checked.ok()) problems_.Add(schedule->place, checked.error().message());
  }

  void ReadTask(const YamlNode& node) {
    PipelineTask task{
        .id = *node.Text("id"), .uses = *node.Text("uses"), .after = node.Texts("after")};
    if (std::find(ids_.begin(), ids_.end(), task.id) != ids_.end()) {
      problems_.Add(node.place, "duplicate task: another one has this id");
      may_order_ = false;
    }
    ids_.push_back(task.id);
    if (std::find(rules_.uses.begin(), rules_.uses.end(), task.uses) == rules_.uses.end()) {
      problems_.Add(node.Find("uses")->place,
                    fmt::format("unknown '{}'{}", task.uses, DidYouMean(task.uses, rules_.uses)));
    }
    if (const YamlNode* with = node.Find("with")) {
      for (const YamlNode& member : with->children) task.with[member.name] = member.text;
    }
    task.retries = static_cast<int>(node.Integer("retries").value_or(kDefaultRetries));
    CheckReferences(node, task);
    if (node.Boolean("for_each_dataset").value_or(false)) ReadForEach(node, task);
    pipeline_.tasks.push_back(std::move(task));
  }

  void ReadForEach(const YamlNode& node, const PipelineTask& task) {
    for_each_.push_back(task.id);
    const Place& place = node.Find("for_each_dataset")->place;
    if (task.with.contains("dataset"))
      problems_.Add(place, "with.dataset is set by for_each_dataset");
    if (DatasetsOf(catalog_, pipeline_.dag_id).empty()) {
      problems_.Add(place, fmt::format("no dataset of the catalog says dag: {}", pipeline_.dag_id));
    }
  }

  // A dataset and a request that a task names must be there.
  void CheckReferences(const YamlNode& node, const PipelineTask& task) {
    const auto named = task.with.find("dataset");
    if (named == task.with.end()) return;
    const YamlNode& with = *node.Find("with");
    const model::Dataset* dataset = catalog_.FindDataset(named->second);
    if (dataset == nullptr) {
      std::vector<std::string> names;
      for (const model::Dataset& known : catalog_.datasets) names.push_back(known.name);
      problems_.Add(
          with.Find("dataset")->place,
          fmt::format("unknown dataset '{}'{}", named->second, DidYouMean(named->second, names)));
      return;
    }
    const auto request = task.with.find("request");
    if (request == task.with.end()) return;
    std::vector<std::string> names;
    for (const model::Request& known : dataset->requests) names.push_back(known.name);
    if (std::find(names.begin(), names.end(), request->second) != names.end()) return;
    problems_.Add(with.Find("request")->place,
                  fmt::format("unknown request '{}' of dataset '{}'{}",
                              request->second,
                              dataset->name,
                              DidYouMean(request->second, names)));
  }

  void CheckAfter() {
    for (const YamlNode& node : root_.Find("tasks")->children) {
      const YamlNode* after = node.Find("after");
      if (after == nullptr) continue;
      for (const YamlNode& item : after->children) {
        if (std::find(ids_.begin(), ids_.end(), item.text) != ids_.end()) continue;
        problems_.Add(item.place,
                      fmt::format("unknown task '{}'{}", item.text, DidYouMean(item.text, ids_)));
        may_order_ = false;
      }
    }
    if (!may_order_) return;
    const auto order = model::TaskOrder(pipeline_);
    if (!order.ok()) problems_.Add(root_.Find("tasks")->place, order.error().message());
  }

  void Expand() {
    pipeline_.tasks = Expanded(pipeline_.tasks, for_each_, DatasetsOf(catalog_, pipeline_.dag_id));
    std::map<std::string, int> count;
    for (const PipelineTask& task : pipeline_.tasks) {
      if (++count[task.id] == 2) {
        problems_.Add(
            root_.Find("tasks")->place,
            fmt::format("two tasks would be called '{}': rename one of them or one dataset",
                        task.id));
      }
    }
  }

  const YamlNode& root_;
  const model::Catalog& catalog_;
  const PipelineRules& rules_;
  Problems& problems_;
  Pipeline pipeline_;
  std::vector<std::string> ids_;       // As written.
  bool may_order_ = true;              // Ids are unique and known.
  std::vector<std::string> for_each_;  // Of the tasks that stand for one per dataset.
};

Pipeline DefaultPipeline(const std::string& dag_id, const model::Catalog& catalog) {
  const std::vector<PipelineTask> tasks{
      {.id = "collect", .uses = "collect", .retries = kDefaultRetries},
      {.id = "refine", .uses = "refine", .after = {"collect"}, .retries = kDefaultRetries},
      {.id = "load", .uses = "load", .after = {"refine"}, .retries = kDefaultRetries}};
  return {.dag_id = dag_id,
          .summary = "Collects the datasets that name it.",
          .tasks = Expanded(tasks, {"collect"}, DatasetsOf(catalog, dag_id))};
}

}  // namespace

Result<std::vector<Pipeline>> ReadPipelines(std::span<const DeclarationFile> files,
                                            const model::Catalog& catalog,
                                            const PipelineRules& rules) {
  std::map<std::string, Pipeline> pipelines;
  Problems problems;
  std::string malformed;
  for (const DeclarationFile& file : files) {
    const auto root = ParseYaml(file.path, file.text, {.silent_keys = {}});
    if (!root.ok()) {
      malformed += (malformed.empty() ? "" : "\n") + root.error().message();
      continue;
    }
    Pipeline pipeline = PipelineReader(root.value(), catalog, rules, problems).Read();
    const std::string dag_id = pipeline.dag_id;
    pipelines.insert_or_assign(dag_id, std::move(pipeline));
  }
  if (!problems.empty())
    malformed += (malformed.empty() ? "" : "\n") + problems.ToError().message();
  if (!malformed.empty()) return Error(ErrorKind::kInvalidInput, malformed);
  for (const model::Dataset& dataset : catalog.datasets) {
    if (dataset.dag.empty() || pipelines.contains(dataset.dag)) continue;
    pipelines.emplace(dataset.dag, DefaultPipeline(dataset.dag, catalog));
  }
  std::vector<Pipeline> sorted;
  for (auto& [dag_id, pipeline] : pipelines) sorted.push_back(std::move(pipeline));
  return sorted;
}

std::string PipelineJsonSchema() {
  return ToJsonSchema(PipelineSchema(), "Stargaze pipeline");
}

}  // namespace stargaze::config
