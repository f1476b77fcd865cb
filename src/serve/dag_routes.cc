#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "orchestrate/timetable.h"
#include "serve/problem.h"
#include "serve/routes.h"
#include "serve/scheduler_json.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using net::HttpResponse;
using net::ServerRequest;
using orchestrate::DagView;

constexpr const char* kSchemas = R"(
Dag
  dag string
  summary string
  schedule string  As declared; empty: by hand only.
  time_zone string
  paused boolean
  active_runs integer
  last_logical_date instant?  Of the last run that the schedule made.
  next_due instant?
  tasks integer

DagProblem: what is wrong with a file; the DAGs of other files go on
  file string
  error string
  earlier_version_stays boolean

DagList
  dags [Dag]
  problems [DagProblem]

DagTask
  task string
  group string
  uses string
  with map
  after [string]
  trigger_rule string
  pool string
  retries integer

DagFacts
  dag string
  summary string
  schedule string
  file string  Empty: made for datasets that name it.
  tasks [DagTask]

PlannedRun
  run_after instant
  logical_date instant
  data_start instant
  data_end instant

PlannedRuns
  runs [PlannedRun]

BackfillWish
  from instant  A day is its first instant.
  to instant
  backwards* boolean
  max_active_runs* integer
  reprocess* none|failed|completed
  conf* string
  dry_run* boolean

BackfillPlan
  number integer  0: a dry run.
  existing integer
  dates [instant]

Backfill
  number integer
  dag string
  state running|paused|done|cancelled
  from instant
  to instant
  backwards boolean
  max_active_runs integer
  total integer
  made integer
  succeeded integer
  failed integer

BackfillList
  backfills [Backfill]

SchedulerHealth
  started boolean
  heartbeat_at instant
  stands_still boolean
  running integer
  ready integer
  active_runs integer
  abandoned integer
  disk_days_left number?
  new_runs_held_by_disk boolean
  trouble string  Why the state cannot be written; empty: it can.

AuditEntry
  id integer
  at instant
  who string
  action string
  dag string
  run_id string
  detail string
  reason string

AuditList
  entries [AuditEntry]
)";

constexpr int kListed = 100;
constexpr int64_t kMostPlanned = 1000;
constexpr int64_t kMostActive = 1000;
const Parameter kDag{"dag", "string", "The DAG's name.", "github_repo"};

class DagApi {
 public:
  explicit DagApi(const SchedulingParts& parts) : parts_(parts), scheduler_(*parts.scheduler) {}

  Result<HttpResponse> List() const {
    SG_TRY(const std::vector<DagView> views, scheduler_.Dags());
    std::map<std::string, DagView> by_id;
    for (const DagView& view : views) by_id[view.dag_id] = view;
    json::array dags;
    for (const model::Dag& dag : parts_.dags()) dags.push_back(Summary(dag, by_id[dag.dag_id]));
    json::array problems;
    for (const config::FileProblem& problem : parts_.problems()) {
      problems.push_back({{"file", problem.file},
                          {"error", problem.error.message()},
                          {"earlier_version_stays", problem.earlier_version_stays}});
    }
    return JsonResponse(json::serialize(
        json::object{{"dags", std::move(dags)}, {"problems", std::move(problems)}}));
  }

  Result<HttpResponse> Facts(const std::string& dag_id) const {
    SG_TRY(const model::Dag dag, Find(dag_id));
    json::array tasks;
    for (const model::DagTask& task : dag.tasks) {
      json::object with;
      for (const auto& [key, value] : task.with) with[key] = value;
      tasks.push_back({{"task", task.id},
                       {"group", task.group},
                       {"uses", task.uses},
                       {"with", std::move(with)},
                       {"after", json::value_from(task.after)},
                       {"trigger_rule", NameOf(task.trigger_rule)},
                       {"pool", task.pool},
                       {"retries", task.retries}});
    }
    return JsonResponse(json::serialize(json::object{{"dag", dag.dag_id},
                                                     {"summary", dag.summary},
                                                     {"schedule", dag.schedule.text},
                                                     {"file", dag.file},
                                                     {"tasks", std::move(tasks)}}));
  }

  Result<HttpResponse> Next(const ServerRequest& request,
                            const std::string& dag_id,
                            Instant now) const {
    SG_TRY(const int64_t count, NumberParam(request, "count", 5, 1, kMostPlanned));
    SG_TRY(const model::Dag dag, Find(dag_id));
    SG_TRY(const orchestrate::Timetable timetable, orchestrate::Timetable::Create(dag));
    json::array runs;
    for (const orchestrate::PlannedRun& run :
         timetable.Upcoming({.last_logical_date = now, .active_since = now},
                            now,
                            static_cast<std::size_t>(count))) {
      runs.push_back({{"run_after", FormatInstant(run.run_after)},
                      {"logical_date", FormatInstant(run.logical_date)},
                      {"data_start", FormatInstant(run.interval_start)},
                      {"data_end", FormatInstant(run.interval_end)}});
    }
    return JsonResponse(json::serialize(json::object{{"runs", std::move(runs)}}));
  }

  Result<HttpResponse> SetPaused(const ServerRequest& request,
                                 const std::string& dag_id,
                                 bool paused) {
    SG_TRY(const BodyFields body, BodyFields::Read(request));
    SG_TRY(std::string reason, body.Text("reason"));
    SG_RETURN_IF_ERROR(scheduler_.SetPaused(dag_id, paused, ActionOf(request, std::move(reason))));
    return HttpResponse{.status = 204};
  }

  Result<HttpResponse> Backfill(const ServerRequest& request, const std::string& dag_id) {
    SG_TRY(const BodyFields body, BodyFields::Read(request));
    orchestrate::BackfillRequest wish{.dag_id = dag_id};
    SG_TRY(const auto from, body.Date("from"));
    SG_TRY(const auto to, body.Date("to"));
    if (!from || !to) return Error(ErrorKind::kInvalidInput, "'from' and 'to' are both needed");
    wish.from = *from;
    wish.to = *to;
    SG_TRY(wish.backwards, body.Flag("backwards"));
    SG_TRY(wish.dry_run, body.Flag("dry_run"));
    SG_TRY(wish.conf, body.Text("conf"));
    SG_TRY(const int64_t active, body.Number("max_active_runs", 1, 1, kMostActive));
    wish.max_active_runs = static_cast<int>(active);
    SG_TRY(const std::string reprocess, body.Text("reprocess"));
    if (reprocess == "failed") wish.reprocess = orchestrate::Reprocess::kFailed;
    if (reprocess == "completed") wish.reprocess = orchestrate::Reprocess::kCompleted;
    SG_TRY(const orchestrate::BackfillPlan plan, scheduler_.Backfill(wish, ActionOf(request, "")));
    json::array dates;
    for (const Instant date : plan.dates) dates.emplace_back(FormatInstant(date));
    return JsonResponse(json::serialize(json::object{
        {"number", plan.number}, {"existing", plan.existing}, {"dates", std::move(dates)}}));
  }

  Result<HttpResponse> Backfills(const ServerRequest& request) {
    SG_TRY(const auto views, scheduler_.queries().Backfills(request.Param("dag"), kListed));
    json::array list;
    for (const orchestrate::BackfillView& view : views) list.push_back(ToJson(view));
    return JsonResponse(json::serialize(json::object{{"backfills", std::move(list)}}));
  }

  Result<HttpResponse> SetBackfill(const ServerRequest& request,
                                   const std::string& number_text,
                                   const std::string& verb) {
    SG_TRY(const int64_t number, NumberOf(number_text, "the backfill"));
    const std::map<std::string, orchestrate::BackfillState> verbs{
        {"pause", orchestrate::BackfillState::kPaused},
        {"resume", orchestrate::BackfillState::kRunning},
        {"cancel", orchestrate::BackfillState::kCancelled}};
    const auto state = verbs.find(verb);
    if (state == verbs.end())
      return Error(ErrorKind::kNotFound, "a backfill can be paused, resumed and cancelled");
    SG_RETURN_IF_ERROR(scheduler_.SetBackfillState(number, state->second, ActionOf(request, "")));
    return HttpResponse{.status = 204};
  }

  Result<HttpResponse> Health() const {
    return JsonResponse(json::serialize(ToJson(scheduler_.Health())));
  }

  Result<HttpResponse> Audit() {
    SG_TRY(const auto entries, scheduler_.queries().Audit(std::nullopt, kListed));
    json::array list;
    for (const orchestrate::AuditEntry& entry : entries) list.push_back(ToJson(entry));
    return JsonResponse(json::serialize(json::object{{"entries", std::move(list)}}));
  }

 private:
  static json::object Summary(const model::Dag& dag, const DagView& view) {
    return {{"dag", dag.dag_id},
            {"summary", dag.summary},
            {"schedule", dag.schedule.text},
            {"time_zone", dag.time_zone},
            {"paused", view.paused},
            {"active_runs", view.active_runs},
            {"last_logical_date", ToJson(view.last_logical_date)},
            {"next_due", ToJson(view.next_due)},
            {"tasks", dag.tasks.size()}};
  }

  Result<model::Dag> Find(const std::string& dag_id) const {
    if (std::optional<model::Dag> dag = scheduler_.FindDag(dag_id)) return std::move(*dag);
    return Error(ErrorKind::kNotFound, "no DAG is called '" + dag_id.substr(0, 100) + "'");
  }

  SchedulingParts parts_;
  orchestrate::Scheduler& scheduler_;
};

void AddDags(Router& router, const std::shared_ptr<DagApi>& api, const Clock& clock) {
  const auto add = [&](Route route, auto handler) {
    route.tag = "DAGs";
    router.Add(std::move(route), std::move(handler));
  };
  using Parameters = PathParameters;
  add({.method = "GET",
       .pattern = "/api/v1/dags",
       .summary = "The DAGs in force, and what is wrong with files of others.",
       .answer = "DagList"},
      [api](const ServerRequest&, const Parameters&) { return api->List(); });
  add({.method = "GET",
       .pattern = "/api/v1/dags/{dag}",
       .summary = "A DAG with its tasks.",
       .path = {kDag},
       .answer = "DagFacts"},
      [api](const ServerRequest&, const Parameters& p) { return api->Facts(p.at("dag")); });
  add({.method = "GET",
       .pattern = "/api/v1/dags/{dag}/next",
       .summary = "When its next runs are made.",
       .path = {kDag},
       .query = {{"count", "integer", "How many, at most 1,000.", "5"}},
       .answer = "PlannedRuns"},
      [api, &clock](const ServerRequest& r, const Parameters& p) {
        return api->Next(r, p.at("dag"), clock.Now());
      });
  for (const bool paused : {true, false}) {
    add({.method = "POST",
         .pattern = paused ? "/api/v1/dags/{dag}/pause" : "/api/v1/dags/{dag}/resume",
         .summary = paused ? "Make no runs and begin no tasks; what runs ends." : "Undo a pause.",
         .path = {kDag},
         .body = "Reason",
         .role = Role::kAdmin},
        [api, paused](const ServerRequest& r, const Parameters& p) {
          return api->SetPaused(r, p.at("dag"), paused);
        });
  }
}

void AddBackfillsAndHealth(Router& router, const std::shared_ptr<DagApi>& api) {
  const auto add = [&](Route route, auto handler) {
    route.tag = "DAGs";
    router.Add(std::move(route), std::move(handler));
  };
  using Parameters = PathParameters;
  add({.method = "POST",
       .pattern = "/api/v1/dags/{dag}/backfills",
       .summary = "Make the runs of past dates, or show which these would be.",
       .path = {kDag},
       .body = "BackfillWish",
       .answer = "BackfillPlan",
       .role = Role::kAdmin},
      [api](const ServerRequest& r, const Parameters& p) { return api->Backfill(r, p.at("dag")); });
  add({.method = "GET",
       .pattern = "/api/v1/backfills",
       .summary = "The newest 100 backfills.",
       .query = {{"dag", "string", "Only of this DAG.", "github_repo"}},
       .answer = "BackfillList"},
      [api](const ServerRequest& r, const Parameters&) { return api->Backfills(r); });
  add({.method = "POST",
       .pattern = "/api/v1/backfills/{number}/{verb}",
       .summary = "Pause, resume or cancel a backfill.",
       .path = {{"number", "integer", "The backfill's number.", "1"},
                {"verb", "pause|resume|cancel", "What to do.", "pause"}},
       .role = Role::kAdmin},
      [api](const ServerRequest& r, const Parameters& p) {
        return api->SetBackfill(r, p.at("number"), p.at("verb"));
      });
  add({.method = "GET",
       .pattern = "/api/v1/scheduler",
       .summary = "Whether the scheduler works, and how long the disk lasts.",
       .answer = "SchedulerHealth"},
      [api](const ServerRequest&, const Parameters&) { return api->Health(); });
  add({.method = "GET",
       .pattern = "/api/v1/audit",
       .summary = "The newest 100 things that people did to DAGs, runs and pools.",
       .answer = "AuditList"},
      [api](const ServerRequest&, const Parameters&) { return api->Audit(); });
}

}  // namespace

void AddDagRoutes(Router& router, const SchedulingParts& parts, const Clock& clock) {
  router.AddSchemas(kSchemas);
  const auto api = std::make_shared<DagApi>(parts);
  AddDags(router, api, clock);
  AddBackfillsAndHealth(router, api);
}

}  // namespace stargaze::serve
