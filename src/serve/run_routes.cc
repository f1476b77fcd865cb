#include <fmt/core.h>

#include <fstream>
#include <sstream>

#include "serve/problem.h"
#include "serve/routes.h"
#include "serve/scheduler_json.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using net::HttpResponse;
using net::ServerRequest;
using orchestrate::InstanceState;
using orchestrate::RunView;

constexpr const char* kSchemas = R"(
Run
  number integer
  dag string
  run_id string
  logical_date instant
  type scheduled|manual|backfill|manifest
  state queued|running|success|failed
  data_start instant
  data_end instant
  queued_at instant
  started_at instant?
  ended_at instant?
  cause string
  conf string
  backfill integer  The backfill it belongs to; 0: none.

RunPage
  runs [Run]
  next integer?  For the parameter before; null on the last page.

RunTask
  task string
  group string
  mapped boolean
  state string
  instances map  How many of its instances are in each state.

RunTasks
  tasks [RunTask]

TaskInstance
  task string
  map_index integer
  state string
  partial boolean
  try integer
  started_at instant?
  ended_at instant?
  next_at instant?  When it is tried again.
  detail string

TaskInstances
  instances [TaskInstance]

TaskTry
  try integer
  state string
  cleared boolean  Somebody had it run again.
  partial boolean
  started_at instant
  ended_at instant?
  detail string

TaskTries
  tries [TaskTry]

RunWish
  logical_date* instant  Now otherwise.
  run_id* string
  conf* string
  reason* string

Reason
  reason* string

TaskSelection: which task instances are meant
  tasks* [string]  All otherwise.
  map_index* integer
  upstream* boolean
  downstream* boolean
  past* boolean
  future* boolean
  only_failed* boolean
  dry_run* boolean
  reason* string

MarkWish
  state success|failed
  reason string
  tasks* [string]
  map_index* integer
  upstream* boolean
  downstream* boolean
  past* boolean
  future* boolean
  only_failed* boolean
  dry_run* boolean

AffectedTask
  run_id string
  task string
  instances integer

Affected
  instances integer
  tasks [AffectedTask]
)";

constexpr int64_t kMostListed = 1000;
constexpr int64_t kMostInstances = 1'000'000;
constexpr std::size_t kMostLog = std::size_t{10} << 20;
const std::vector<Parameter> kRunPath{{"dag", "string", "The DAG's name.", "github_repo"},
                                      {"run", "string", "The run_id.", "manual__20260131T000000Z"}};

std::vector<Parameter> TaskPath() {
  std::vector<Parameter> path = kRunPath;
  path.push_back({"task", "string", "The task's id.", "load"});
  path.push_back({"map_index", "integer", "Which instance; 0 of a task that is not mapped.", "0"});
  return path;
}

class RunApi {
 public:
  explicit RunApi(const SchedulingParts& parts)
      : scheduler_(*parts.scheduler), log_folder_(parts.log_folder) {}

  Result<HttpResponse> List(const ServerRequest& request) {
    orchestrate::RunFilter filter{.dag_id = request.Param("dag")};
    if (const auto state = request.Param("state")) {
      filter.state = orchestrate::ParseDagRunState(*state);
      if (!filter.state) return Error(ErrorKind::kInvalidInput, "'state' is no state of a run");
    }
    SG_TRY(filter.logical_from, DateParam(request, "from"));
    SG_TRY(filter.logical_to, DateParam(request, "to"));
    SG_TRY(const int64_t limit, NumberParam(request, "limit", 50, 1, kMostListed));
    filter.limit = static_cast<int>(limit);
    if (request.Param("before")) {
      SG_TRY(filter.before, NumberParam(request, "before", 0, 0, INT64_MAX));
    }
    SG_TRY(const orchestrate::RunPage page, scheduler_.queries().Runs(filter));
    json::array runs;
    for (const RunView& run : page.runs) runs.push_back(ToJson(run));
    return JsonResponse(json::serialize(
        json::object{{"runs", std::move(runs)},
                     {"next", page.next ? json::value(*page.next) : json::value(nullptr)}}));
  }

  Result<HttpResponse> Get(const PathParameters& path) {
    SG_TRY(const RunView run, Find(path));
    return JsonResponse(json::serialize(ToJson(run)));
  }

  Result<HttpResponse> Tasks(const PathParameters& path) {
    SG_TRY(const RunView run, Find(path));
    SG_TRY(const auto tasks, scheduler_.Tasks(run.run.dag_id, run.run.run_id));
    json::array list;
    for (const orchestrate::TaskView& task : tasks) list.push_back(ToJson(task));
    return JsonResponse(json::serialize(json::object{{"tasks", std::move(list)}}));
  }

  Result<HttpResponse> Instances(const ServerRequest& request, const PathParameters& path) {
    orchestrate::InstanceFilter filter{.task_id = request.Param("task")};
    if (const auto state = request.Param("state")) {
      filter.state = orchestrate::ParseInstanceState(*state);
      if (!filter.state) return Error(ErrorKind::kInvalidInput, "'state' is no state of a task");
    }
    SG_TRY(filter.offset, NumberParam(request, "offset", 0, 0, kMostInstances));
    SG_TRY(const int64_t limit, NumberParam(request, "limit", 100, 1, kMostListed));
    filter.limit = static_cast<int>(limit);
    SG_TRY(const auto found,
           scheduler_.queries().Instances(path.at("dag"), path.at("run"), filter));
    json::array list;
    for (const orchestrate::InstanceView& one : found) list.push_back(ToJson(one));
    return JsonResponse(json::serialize(json::object{{"instances", std::move(list)}}));
  }

  Result<HttpResponse> Tries(const PathParameters& path) {
    SG_TRY(const auto tries, TriesOf(path));
    json::array list;
    for (const orchestrate::TryView& one : tries) list.push_back(ToJson(one));
    return JsonResponse(json::serialize(json::object{{"tries", std::move(list)}}));
  }

  Result<HttpResponse> Log(const ServerRequest& request, const PathParameters& path) {
    SG_TRY(const auto tries, TriesOf(path));
    SG_TRY(const int64_t number, NumberParam(request, "try", 0, 0, kMostInstances));
    for (auto one = tries.rbegin(); one != tries.rend(); ++one) {
      if (number != 0 && one->try_number != number) continue;
      std::ifstream file(log_folder_ + "/" + one->log_path, std::ios::binary);
      std::string text(kMostLog, '\0');
      file.read(text.data(), static_cast<std::streamsize>(text.size()));
      text.resize(static_cast<std::size_t>(file.gcount()));
      return TextResponse(std::move(text), "text/plain; charset=utf-8");
    }
    return Error(ErrorKind::kNotFound, "the task has had no such try in this run");
  }

  Result<HttpResponse> Trigger(const ServerRequest& request, const std::string& dag_id) {
    SG_TRY(const BodyFields body, BodyFields::Read(request));
    orchestrate::TriggerRequest wish{.dag_id = dag_id};
    SG_TRY(wish.logical_date, body.Date("logical_date"));
    SG_TRY(const std::string run_id, body.Text("run_id"));
    if (!run_id.empty()) wish.run_id = run_id;
    SG_TRY(wish.conf, body.Text("conf"));
    SG_TRY(std::string reason, body.Text("reason"));
    SG_TRY(const RunView run, scheduler_.Trigger(wish, ActionOf(request, std::move(reason))));
    return JsonResponse(json::serialize(ToJson(run)));
  }

  Result<HttpResponse> Clear(const ServerRequest& request, const PathParameters& path) {
    SG_TRY(const Wish wish, WishOf(request, path));
    SG_TRY(const auto affected,
           scheduler_.Clear(wish.selection, ActionOf(request, wish.reason), wish.dry_run));
    return JsonResponse(json::serialize(ToJson(affected)));
  }

  Result<HttpResponse> Mark(const ServerRequest& request, const PathParameters& path) {
    SG_TRY(const Wish wish, WishOf(request, path));
    if (wish.state != "success" && wish.state != "failed")
      return Error(ErrorKind::kInvalidInput, "'state' is neither success nor failed");
    const InstanceState state =
        wish.state == "success" ? InstanceState::kSuccess : InstanceState::kFailed;
    SG_TRY(const auto affected,
           scheduler_.Mark(wish.selection, state, ActionOf(request, wish.reason), wish.dry_run));
    return JsonResponse(json::serialize(ToJson(affected)));
  }

  Result<HttpResponse> Retry(const ServerRequest& request, const PathParameters& path) {
    SG_TRY(const Wish wish, WishOf(request, path));
    SG_TRY(const auto affected,
           scheduler_.Retry(path.at("dag"), path.at("run"), ActionOf(request, wish.reason)));
    return JsonResponse(json::serialize(ToJson(affected)));
  }

  Result<HttpResponse> Cancel(const ServerRequest& request, const PathParameters& path) {
    SG_TRY(const Wish wish, WishOf(request, path));
    SG_RETURN_IF_ERROR(
        scheduler_.Cancel(path.at("dag"), path.at("run"), ActionOf(request, wish.reason)));
    return HttpResponse{.status = 204};
  }

 private:
  struct Wish {
    orchestrate::Selection selection{};
    std::string state{};
    std::string reason{};
    bool dry_run = false;
  };

  static Result<Wish> WishOf(const ServerRequest& request, const PathParameters& path) {
    SG_TRY(const BodyFields body, BodyFields::Read(request));
    Wish wish;
    wish.selection.dag_id = path.at("dag");
    wish.selection.run_id = path.at("run");
    SG_TRY(wish.selection.task_ids, body.Texts("tasks"));
    SG_TRY(const int64_t map_index, body.Number("map_index", -1, -1, kMostInstances));
    if (map_index >= 0) wish.selection.map_index = static_cast<int>(map_index);
    SG_TRY(wish.selection.upstream, body.Flag("upstream"));
    SG_TRY(wish.selection.downstream, body.Flag("downstream"));
    SG_TRY(wish.selection.past, body.Flag("past"));
    SG_TRY(wish.selection.future, body.Flag("future"));
    SG_TRY(wish.selection.only_failed, body.Flag("only_failed"));
    SG_TRY(wish.dry_run, body.Flag("dry_run"));
    SG_TRY(wish.state, body.Text("state"));
    SG_TRY(wish.reason, body.Text("reason"));
    return wish;
  }

  Result<RunView> Find(const PathParameters& path) {
    return scheduler_.queries().Run(path.at("dag"), path.at("run"));
  }

  Result<std::vector<orchestrate::TryView>> TriesOf(const PathParameters& path) {
    SG_TRY(const int64_t map_index, NumberOf(path.at("map_index"), "the map index"));
    if (map_index < 0 || map_index > kMostInstances)
      return Error(ErrorKind::kInvalidInput, "the map index is out of range");
    return scheduler_.queries().Tries(
        path.at("dag"), path.at("run"), path.at("task"), static_cast<int>(map_index));
  }

  orchestrate::Scheduler& scheduler_;
  const std::string log_folder_;
};

void AddLookers(Router& router, const std::shared_ptr<RunApi>& api) {
  using Parameters = PathParameters;
  const std::string run = "/api/v1/dags/{dag}/runs/{run}";
  const auto add = [&](Route route, auto handler) {
    route.method = "GET";
    route.tag = "Runs";
    router.Add(std::move(route), std::move(handler));
  };
  add({.pattern = "/api/v1/runs",
       .summary = "Runs, the newest first.",
       .query = {{"dag", "string", "Only of this DAG.", "github_repo"},
                 {"state", "queued|running|success|failed", "Only in this state.", "failed"},
                 {"from", "string", "First logical date.", "2026-01-01"},
                 {"to", "string", "Last logical date.", "2026-01-31"},
                 {"before", "integer", "next of the page before."},
                 {"limit", "integer", "How many, at most 1,000.", "50"}},
       .answer = "RunPage"},
      [api](const ServerRequest& r, const Parameters&) { return api->List(r); });
  add({.pattern = run, .summary = "One run.", .path = kRunPath, .answer = "Run"},
      [api](const ServerRequest&, const Parameters& p) { return api->Get(p); });
  add({.pattern = run + "/tasks",
       .summary = "The tasks of a run, in the DAG's order.",
       .path = kRunPath,
       .answer = "RunTasks"},
      [api](const ServerRequest&, const Parameters& p) { return api->Tasks(p); });
  add({.pattern = run + "/instances",
       .summary = "Task instances of a run that have begun or were decided.",
       .path = kRunPath,
       .query = {{"task", "string", "Only of this task.", "load"},
                 {"state", "string", "Only in this state.", "failed"},
                 {"offset", "integer", "How many to pass over.", "0"},
                 {"limit", "integer", "How many, at most 1,000.", "100"}},
       .answer = "TaskInstances"},
      [api](const ServerRequest& r, const Parameters& p) { return api->Instances(r, p); });
  add({.pattern = run + "/tasks/{task}/{map_index}/tries",
       .summary = "Every try of one instance, the first first.",
       .path = TaskPath(),
       .answer = "TaskTries"},
      [api](const ServerRequest&, const Parameters& p) { return api->Tries(p); });
  add({.pattern = run + "/tasks/{task}/{map_index}/log",
       .summary = "What a try has written, at most 10 MiB.",
       .path = TaskPath(),
       .query = {{"try", "integer", "Which try; the last one otherwise.", "1"}},
       .media = "text/plain"},
      [api](const ServerRequest& r, const Parameters& p) { return api->Log(r, p); });
}

void AddMenders(Router& router, const std::shared_ptr<RunApi>& api) {
  using Parameters = PathParameters;
  const std::string run = "/api/v1/dags/{dag}/runs/{run}";
  const auto add = [&](Route route, auto handler) {
    route.method = "POST";
    route.tag = "Runs";
    route.role = Role::kAdmin;
    router.Add(std::move(route), std::move(handler));
  };
  add({.pattern = "/api/v1/dags/{dag}/runs",
       .summary = "Make a run now.",
       .path = {kRunPath.front()},
       .body = "RunWish",
       .answer = "Run"},
      [api](const ServerRequest& r, const Parameters& p) { return api->Trigger(r, p.at("dag")); });
  add({.pattern = run + "/clear",
       .summary = "Have tasks run again.",
       .path = kRunPath,
       .body = "TaskSelection",
       .answer = "Affected"},
      [api](const ServerRequest& r, const Parameters& p) { return api->Clear(r, p); });
  add({.pattern = run + "/mark",
       .summary = "Say how tasks ended, whatever they did.",
       .path = kRunPath,
       .body = "MarkWish",
       .answer = "Affected"},
      [api](const ServerRequest& r, const Parameters& p) { return api->Mark(r, p); });
  add({.pattern = run + "/retry",
       .summary = "Run again what failed, and what failed because of it.",
       .path = kRunPath,
       .body = "Reason",
       .answer = "Affected"},
      [api](const ServerRequest& r, const Parameters& p) { return api->Retry(r, p); });
  add({.pattern = run + "/cancel",
       .summary = "Stop what runs and skip the rest; the run ends as failed.",
       .path = kRunPath,
       .body = "Reason"},
      [api](const ServerRequest& r, const Parameters& p) { return api->Cancel(r, p); });
}

}  // namespace

void AddRunRoutes(Router& router, const SchedulingParts& parts) {
  router.AddSchemas(kSchemas);
  auto api = std::make_shared<RunApi>(parts);
  AddLookers(router, api);
  AddMenders(router, api);
}

}  // namespace stargaze::serve
