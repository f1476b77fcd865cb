#include "config/dag_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "config/dag_schema.h"
#include "config/dag_tasks.h"
#include "config/duration.h"
#include "config/problems.h"
#include "config/schedule_text.h"
#include "config/schema.h"
#include "config/yaml.h"

namespace stargaze::config {
namespace {

using model::Dag;
using model::Schedule;
using model::ScheduleKind;

// A day is its first instant.
std::optional<Instant> DateOf(const YamlNode& root, std::string_view key) {
  const std::optional<std::string> text = root.Text(key);
  if (!text) return std::nullopt;
  if (const auto instant = ParseInstant(*text)) return instant;
  const auto day = ParseDay(*text);
  return day ? std::optional<Instant>(*day) : std::nullopt;
}

class DagReader {
 public:
  DagReader(const YamlNode& root, const DagContext& context, Problems& problems)
      : root_(root), context_(context), problems_(problems) {}

  Dag Read() {
    CheckAgainst(root_, DagSchema(), problems_);
    if (!problems_.empty()) return {};
    ReadHead();
    ReadLimits();
    ReadSchedule();
    CheckTimes();
    ReadDagTasks(root_, context_, dag_, problems_);
    return std::move(dag_);
  }

 private:
  void ReadHead() {
    dag_.dag_id = *root_.Text("dag");
    dag_.summary = root_.Text("summary").value_or("");
    dag_.file = root_.place.file;
    if (StemOf({.path = dag_.file}) != dag_.dag_id) {
      problems_.Add(root_.Find("dag")->place,
                    fmt::format("must be in a file called {}.yaml", dag_.dag_id));
    }
    dag_.on_success = root_.Texts("on_success");
    dag_.on_failure = root_.Texts("on_failure");
    CheckCallbacks(root_, context_.rules, problems_);
  }

  void ReadLimits() {
    if (const auto runs = root_.Integer("max_active_runs"))
      dag_.max_active_runs = static_cast<int>(*runs);
    if (const auto tasks = root_.Integer("max_active_tasks"))
      dag_.max_active_tasks = static_cast<int>(*tasks);
    if (const auto timeout = root_.Text("dagrun_timeout"))
      dag_.dagrun_timeout = ParseDuration(*timeout);
    dag_.is_paused_upon_creation =
        root_.Boolean("is_paused_upon_creation").value_or(dag_.is_paused_upon_creation);
    dag_.catchup = root_.Boolean("catchup").value_or(dag_.catchup);
  }

  void ReadSchedule() {
    dag_.time_zone = root_.Text("time_zone").value_or(dag_.time_zone);
    dag_.start_date = DateOf(root_, "start_date");
    dag_.end_date = DateOf(root_, "end_date");
    if (const auto semantics = root_.Text("time_semantics"))
      dag_.time_semantics = *model::ParseTimeSemantics(*semantics);
    const YamlNode* node = root_.Find("schedule");
    if (node == nullptr) return;
    std::string text = node->text;
    if (node->kind == YamlKind::kMap) {
      if (node->children.size() != 1)
        return problems_.Add(node->place, "say either every or on_manifest");
      text = node->children.front().name + " " + node->children.front().text;
    }
    Result<Schedule> schedule = ParseSchedule(text);
    if (!schedule.ok()) return problems_.Add(node->place, schedule.error().message());
    dag_.schedule = std::move(schedule).value();
    if (dag_.schedule.kind != ScheduleKind::kOnManifest) return;
    const std::string problem = UnknownDataset(dag_.schedule.dataset, context_.catalog);
    if (!problem.empty()) problems_.Add(node->place, problem);
  }

  // Step by step, so that the problem is shown at the key that makes it.
  void CheckTimes() {
    if (!context_.rules.check_schedule) return;
    Dag asked = dag_;
    asked.schedule = {};
    asked.start_date = asked.end_date = std::nullopt;
    if (!IsAccepted(asked, "time_zone")) return;
    asked.start_date = dag_.start_date;
    asked.end_date = dag_.end_date;
    if (!IsAccepted(asked, "end_date")) return;
    IsAccepted(dag_, "schedule");
  }

  bool IsAccepted(const Dag& asked, std::string_view key) {
    const Status checked = context_.rules.check_schedule(asked);
    if (checked.ok()) return true;
    const YamlNode* node = root_.Find(key);
    problems_.Add(node != nullptr ? node->place : root_.place, checked.error().message());
    return false;
  }

  const YamlNode& root_;
  const DagContext& context_;
  Problems& problems_;
  Dag dag_;
};

std::string FileName(const DeclarationFile& file) {
  return file.path.substr(file.path.rfind('/') + 1);  // npos + 1: the whole.
}

}  // namespace

bool DeclaresPools(const DeclarationFile& file) {
  return FileName(file) == "pools.yaml";
}

std::string StemOf(const DeclarationFile& file) {
  const std::string name = FileName(file);
  return name.substr(0, name.rfind('.'));
}

Result<Dag> ReadDag(const DeclarationFile& file, const DagContext& context) {
  SG_TRY(const YamlNode root, ParseYaml(file.path, file.text));
  Problems problems;
  Dag dag = DagReader(root, context, problems).Read();
  if (!problems.empty()) return problems.ToError();
  return dag;
}

Result<std::vector<model::Pool>> ReadPools(const DeclarationFile& file) {
  SG_TRY(const YamlNode root, ParseYaml(file.path, file.text));
  Problems problems;
  CheckAgainst(root, PoolsSchema(), problems);
  if (!problems.empty()) return problems.ToError();
  std::vector<model::Pool> pools;
  for (const YamlNode& node : root.Find("pools")->children) {
    pools.push_back({.name = node.name,
                     .slots = static_cast<int>(*node.Integer("slots")),
                     .description = node.Text("description").value_or("")});
  }
  return pools;
}

}  // namespace stargaze::config
