#include "config/dag_tasks.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/suggest.h"
#include "config/dag_expansion.h"
#include "config/task_fields.h"

namespace stargaze::config {
namespace {

using model::DagTask;

constexpr std::size_t kMaxHints = 20;
constexpr std::size_t kMaxTasks = 20'000;  // After those of the datasets have come in.

// What a task waits for, as written.
struct Wait {
  std::string name{};
  std::string group{};  // Inside which it was written.
  Place place{};
};

struct Draft {
  DagTask task{};
  std::vector<Wait> waits{};
  Place place{};
};

std::vector<Wait> WaitsOf(const YamlNode& node, const std::string& group) {
  std::vector<Wait> waits;
  if (const YamlNode* after = node.Find("after")) {
    for (const YamlNode& item : after->children)
      waits.push_back({.name = item.text, .group = group, .place = item.place});
  }
  return waits;
}

YamlNode Inherited(const YamlNode& from, const YamlNode& node) {
  const YamlNode* arguments = node.Find("default_args");
  return arguments == nullptr ? from : MergedOver(from, *arguments);
}

class TasksReader {
 public:
  TasksReader(const YamlNode& root, const DagContext& context, model::Dag& dag, Problems& problems)
      : root_(root),
        context_(context),
        dag_(dag),
        problems_(problems),
        datasets_(DatasetsOf(context.catalog, dag.dag_id)) {}

  void Read() {
    const std::size_t before = problems_.size();
    const YamlNode inherited = Inherited({.kind = YamlKind::kMap}, root_);
    for (const YamlNode& node : root_.Find("tasks")->children) {
      if (node.Find("group") != nullptr) {
        ReadGroup(node, inherited);
      } else {
        ReadTask(node, inherited, "", {});
      }
    }
    FindLastOfGroups();
    for (Draft& draft : drafts_) Resolve(draft);
    for (Draft& draft : drafts_) dag_.tasks.push_back(std::move(draft.task));
    if (problems_.size() != before) return;
    const auto order = model::TaskOrder(dag_);
    if (!order.ok()) return Add(*root_.Find("tasks"), order.error().message());
    Expand();
  }

 private:
  void Add(const YamlNode& node, const std::string& problem) { problems_.Add(node.place, problem); }

  void ReadGroup(const YamlNode& node, const YamlNode& inherited) {
    const std::string name = *node.Text("group");
    if (!last_of_group_.emplace(name, std::vector<std::string>()).second)
      Add(*node.Find("group"), "duplicate group: another one has this name");
    if (index_.contains(name))
      Add(*node.Find("group"), "a task has this name too: call one of them otherwise");
    const YamlNode arguments = Inherited(inherited, node);
    const std::vector<Wait> waits = WaitsOf(node, "");
    for (const YamlNode& task : node.Find("tasks")->children)
      ReadTask(task, arguments, name, waits);
  }

  void ReadTask(const YamlNode& written,
                const YamlNode& inherited,
                const std::string& group,
                const std::vector<Wait>& waits_of_group) {
    const YamlNode node = MergedOver(inherited, written);
    const std::string id = *node.Text("id");
    Draft draft{.task = {.id = group.empty() ? id : group + "." + id,
                         .group = group,
                         .uses = *node.Text("uses"),
                         .for_each = node.Text("for_each").value_or("")},
                .waits = WaitsOf(written, group),
                .place = written.place};
    if (draft.waits.empty()) draft.waits = waits_of_group;
    if (!index_.emplace(draft.task.id, drafts_.size()).second)
      problems_.Add(draft.place, "duplicate task: another one has this id");
    if (last_of_group_.contains(draft.task.id))
      problems_.Add(draft.place, "a group has this name too: call one of them otherwise");
    if (const YamlNode* with = node.Find("with")) {
      for (const YamlNode& member : with->children) draft.task.with[member.name] = member.text;
    }
    ReadTaskFields(node, draft.task);
    CheckUses(node, draft.task);
    CheckPool(node, draft.task);
    CheckCallbacks(node, context_.rules, problems_);
    CheckReferences(node, draft.task);
    if (node.Boolean("for_each_dataset").value_or(false)) ReadForEachDataset(node, draft.task);
    ReadMapped(node, draft.task);
    drafts_.push_back(std::move(draft));
  }

  void CheckUses(const YamlNode& node, const DagTask& task) {
    const std::vector<std::string>& uses = context_.rules.uses;
    if (std::ranges::find(uses, task.uses) != uses.end()) return;
    Add(*node.Find("uses"), fmt::format("unknown '{}'{}", task.uses, DidYouMean(task.uses, uses)));
  }

  void CheckPool(const YamlNode& node, const DagTask& task) {
    const auto pool = std::ranges::find(context_.pools, task.pool, &model::Pool::name);
    const YamlNode* slots = node.Find("pool_slots");
    if (pool != context_.pools.end()) {
      if (slots == nullptr || pool->slots == 0 || task.pool_slots <= pool->slots) return;
      return Add(*slots,
                 fmt::format("the task would wait for ever: pool '{}' has {} slots, not {}",
                             pool->name,
                             pool->slots,
                             task.pool_slots));
    }
    std::vector<std::string> names;
    for (const model::Pool& known : context_.pools) names.push_back(known.name);
    const YamlNode* place = node.Find("pool");
    Add(place != nullptr ? *place : node,
        fmt::format("unknown pool '{}'{}", task.pool, DidYouMean(task.pool, names)));
  }

  // A dataset and a request that a task names must be there.
  void CheckReferences(const YamlNode& node, const DagTask& task) {
    const auto named = task.with.find("dataset");
    if (named == task.with.end()) return;
    const YamlNode& with = *node.Find("with");
    const std::string problem = UnknownDataset(named->second, context_.catalog);
    if (!problem.empty()) return Add(*with.Find("dataset"), problem);
    const auto request = task.with.find("request");
    if (request == task.with.end()) return;
    const model::Dataset* dataset = context_.catalog.FindDataset(named->second);
    std::vector<std::string> names;
    for (const model::Request& known : dataset->requests) names.push_back(known.name);
    if (std::ranges::find(names, request->second) != names.end()) return;
    Add(*with.Find("request"),
        fmt::format("unknown request '{}' of dataset '{}'{}",
                    request->second,
                    dataset->name,
                    DidYouMean(request->second, names)));
  }

  void ReadForEachDataset(const YamlNode& node, const DagTask& task) {
    for_each_dataset_.insert(task.id);
    const YamlNode& key = *node.Find("for_each_dataset");
    if (task.with.contains("dataset")) Add(key, "with.dataset is set by for_each_dataset");
    if (datasets_.empty())
      Add(key, fmt::format("no dataset of the catalog says dag: {}", dag_.dag_id));
  }

  // The datasets that the task is about; without any if they are not known.
  std::vector<const model::Dataset*> DatasetsOfTask(const DagTask& task) const {
    if (for_each_dataset_.contains(task.id)) return datasets_;
    const auto named = task.with.find("dataset");
    const model::Dataset* dataset =
        named == task.with.end() ? nullptr : context_.catalog.FindDataset(named->second);
    if (dataset == nullptr) return {};
    return {dataset};
  }

  // What a task is mapped over follows from its dataset; who writes it must not be wrong.
  void ReadMapped(const YamlNode& node, DagTask& task) {
    bool is_mapped = !task.for_each.empty();
    if (context_.rules.for_each_of) {
      const std::vector<const model::Dataset*> datasets = DatasetsOfTask(task);
      std::vector<std::string> over;
      for (const model::Dataset* dataset : datasets)
        over.push_back(context_.rules.for_each_of(task, *dataset));
      if (is_mapped && (over.empty() || std::ranges::count(over, task.for_each) !=
                                            static_cast<std::ptrdiff_t>(over.size())))
        Add(*node.Find("for_each"),
            fmt::format("nothing that the task is about is asked for each '{}'", task.for_each));
      if (!over.empty() && !for_each_dataset_.contains(task.id)) task.for_each = over.front();
      is_mapped = is_mapped ||
                  std::ranges::any_of(over, [](const std::string& each) { return !each.empty(); });
    }
    // It would not know how many instances it has.
    if (is_mapped && task.trigger_rule == model::TriggerRule::kAlways) {
      Add(node.Find("trigger_rule") != nullptr ? *node.Find("trigger_rule") : node,
          "'always' is not allowed for a mapped task");
    }
  }

  // The task that is meant; nullopt for the name of a group and for what there is not.
  std::optional<std::string> TaskMeant(const Wait& wait) const {
    const std::string sibling = wait.group + "." + wait.name;
    if (!wait.group.empty() && index_.contains(sibling)) return sibling;
    if (index_.contains(wait.name)) return wait.name;
    return std::nullopt;
  }

  // Those that no other task of the group waits for.
  void FindLastOfGroups() {
    std::unordered_set<std::string> waited_for;
    for (const Draft& draft : drafts_) {
      for (const Wait& wait : draft.waits) {
        const auto task = TaskMeant(wait);
        if (task && drafts_[index_.at(*task)].task.group == draft.task.group)
          waited_for.insert(*task);
      }
    }
    for (const Draft& draft : drafts_) {
      if (!draft.task.group.empty() && !waited_for.contains(draft.task.id))
        last_of_group_[draft.task.group].push_back(draft.task.id);
    }
  }

  void Resolve(Draft& draft) {
    std::unordered_set<std::string> there;
    const auto add = [&](const std::string& id) {
      if (there.insert(id).second) draft.task.after.push_back(id);
    };
    for (const Wait& wait : draft.waits) {
      const auto group = last_of_group_.find(wait.name);
      if (const auto task = TaskMeant(wait)) {
        add(*task);
      } else if (group != last_of_group_.end() && draft.task.group != wait.name) {
        for (const std::string& id : group->second) add(id);
      } else if (group != last_of_group_.end()) {
        problems_.Add(wait.place, "a task cannot wait for the group that it is in");
      } else {
        problems_.Add(
            wait.place,
            fmt::format(
                "unknown task '{}'{}", wait.name, DidYouMean(wait.name, Names(wait.group))));
      }
    }
  }

  // What may be waited for, as it is written inside `group`. Only the first mistakes get a hint: a
  // hostile file makes many.
  std::vector<std::string> Names(const std::string& group) const {
    std::vector<std::string> names;
    if (problems_.size() > kMaxHints) return names;
    for (const Draft& draft : drafts_) {
      const std::string& id = draft.task.id;
      const bool is_sibling = !group.empty() && draft.task.group == group;
      names.push_back(is_sibling ? id.substr(group.size() + 1) : id);
    }
    for (const auto& [name, tasks] : last_of_group_) names.push_back(name);
    return names;
  }

  void Expand() {
    const YamlNode& tasks = *root_.Find("tasks");
    dag_.tasks = Expanded(dag_.tasks, for_each_dataset_, datasets_, context_.rules, kMaxTasks);
    if (dag_.tasks.size() > kMaxTasks)
      return Add(tasks, fmt::format("too many tasks: limit={}", kMaxTasks));
    std::unordered_set<std::string> ids;
    for (const DagTask& task : dag_.tasks) {
      if (ids.insert(task.id).second) continue;
      Add(tasks,
          fmt::format("two tasks would be called '{}': rename one of them or one dataset",
                      task.id));
    }
  }

  const YamlNode& root_;
  const DagContext& context_;
  model::Dag& dag_;
  Problems& problems_;
  std::vector<const model::Dataset*> datasets_;
  std::vector<Draft> drafts_;
  std::unordered_map<std::string, std::size_t> index_;  // Task → draft.
  std::unordered_map<std::string, std::vector<std::string>> last_of_group_;
  std::unordered_set<std::string> for_each_dataset_;  // Tasks that stand for one per dataset.
};

}  // namespace

void ReadDagTasks(const YamlNode& root,
                  const DagContext& context,
                  model::Dag& dag,
                  Problems& problems) {
  TasksReader(root, context, dag, problems).Read();
}

void CheckCallbacks(const YamlNode& node, const DagRules& rules, Problems& problems) {
  for (const char* key : {"on_success", "on_failure", "on_retry"}) {
    const YamlNode* names = node.Find(key);
    if (names == nullptr) continue;
    for (const YamlNode& name : names->children) {
      if (std::ranges::find(rules.callbacks, name.text) != rules.callbacks.end()) continue;
      problems.Add(
          name.place,
          fmt::format(
              "unknown callback '{}'{}", name.text, DidYouMean(name.text, rules.callbacks)));
    }
  }
}

std::string UnknownDataset(const std::string& name, const model::Catalog& catalog) {
  if (catalog.FindDataset(name) != nullptr) return {};
  std::vector<std::string> names;
  for (const model::Dataset& known : catalog.datasets) names.push_back(known.name);
  return fmt::format("unknown dataset '{}'{}", name, DidYouMean(name, names));
}

}  // namespace stargaze::config
