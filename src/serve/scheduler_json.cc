#include "serve/scheduler_json.h"

#include <fmt/core.h>

#include <charconv>
#include <utility>

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using orchestrate::InstanceState;

json::object CountsJson(const orchestrate::StateCounts& counts) {
  json::object object;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) object[NameOf(static_cast<InstanceState>(i))] = counts[i];
  return object;
}

Result<Instant> DateOf(const std::string& text, const char* name) {
  if (const auto instant = ParseInstant(text)) return *instant;
  if (const auto day = ParseDay(text)) return Instant(*day);
  return Error(ErrorKind::kInvalidInput,
               fmt::format("'{}' is neither a day nor an instant: '{}'", name, text.substr(0, 40)))
      .Remedy("2026-01-31 or 2026-01-31T11:50:00Z");
}

Result<int64_t> Within(int64_t number, const char* name, int64_t least, int64_t most) {
  if (number >= least && number <= most) return number;
  return Error(ErrorKind::kInvalidInput, fmt::format("'{}' is not {} to {}", name, least, most));
}

}  // namespace

json::value ToJson(const std::optional<Instant>& instant) {
  return instant ? json::value(FormatInstant(*instant)) : json::value(nullptr);
}

json::object ToJson(const orchestrate::RunView& run) {
  return {{"number", run.number},
          {"dag", run.run.dag_id},
          {"run_id", run.run.run_id},
          {"logical_date", FormatInstant(run.run.logical_date)},
          {"type", NameOf(run.type)},
          {"state", NameOf(run.state)},
          {"data_start", FormatInstant(run.data_start)},
          {"data_end", FormatInstant(run.data_end)},
          {"queued_at", FormatInstant(run.queued_at)},
          {"started_at", ToJson(run.started_at)},
          {"ended_at", ToJson(run.ended_at)},
          {"cause", run.cause},
          {"conf", run.conf},
          {"backfill", run.backfill}};
}

json::object ToJson(const orchestrate::TaskView& task) {
  return {{"task", task.task_id},
          {"group", task.group},
          {"mapped", task.mapped},
          {"state", NameOf(task.state)},
          {"instances", CountsJson(task.instances)}};
}

json::object ToJson(const orchestrate::InstanceView& instance) {
  return {{"task", instance.task_id},
          {"map_index", instance.map_index},
          {"state", NameOf(instance.state)},
          {"partial", instance.partial},
          {"try", instance.try_number},
          {"started_at", ToJson(instance.started_at)},
          {"ended_at", ToJson(instance.ended_at)},
          {"next_at", ToJson(instance.next_at)},
          {"detail", instance.detail}};
}

json::object ToJson(const orchestrate::TryView& one) {
  return {{"try", one.try_number},
          {"state", NameOf(one.state)},
          {"cleared", one.cleared},
          {"partial", one.partial},
          {"started_at", FormatInstant(one.started_at)},
          {"ended_at", ToJson(one.ended_at)},
          {"detail", one.detail}};
}

json::object ToJson(const orchestrate::PoolView& pool) {
  return {{"pool", pool.name},
          {"slots", pool.slots},
          {"open", pool.open()},
          {"running", pool.running},
          {"queued", pool.queued},
          {"scheduled", pool.scheduled},
          {"deferred", pool.deferred},
          {"description", pool.description}};
}

json::object ToJson(const orchestrate::Affected& affected) {
  json::array tasks;
  for (const orchestrate::AffectedTask& task : affected.tasks) {
    tasks.push_back(
        {{"run_id", task.run_id}, {"task", task.task_id}, {"instances", task.instances}});
  }
  return {{"instances", affected.instances}, {"tasks", std::move(tasks)}};
}

json::object ToJson(const orchestrate::BackfillView& backfill) {
  return {{"number", backfill.number},
          {"dag", backfill.dag_id},
          {"state", NameOf(backfill.state)},
          {"from", FormatInstant(backfill.from)},
          {"to", FormatInstant(backfill.to)},
          {"backwards", backfill.backwards},
          {"max_active_runs", backfill.max_active_runs},
          {"total", backfill.total},
          {"made", backfill.made},
          {"succeeded", backfill.succeeded},
          {"failed", backfill.failed}};
}

json::object ToJson(const orchestrate::HealthView& health) {
  return {{"started", health.started},
          {"heartbeat_at", FormatInstant(health.heartbeat_at)},
          {"stands_still", health.stands_still},
          {"running", health.running},
          {"ready", health.ready},
          {"active_runs", health.active_runs},
          {"abandoned", health.abandoned},
          {"disk_days_left",
           health.disk_days_left ? json::value(*health.disk_days_left) : json::value(nullptr)},
          {"new_runs_held_by_disk", health.new_runs_held_by_disk},
          {"trouble", health.trouble}};
}

json::object ToJson(const orchestrate::AuditEntry& entry) {
  return {{"id", entry.id},
          {"at", FormatInstant(entry.at)},
          {"who", entry.who},
          {"action", entry.action},
          {"dag", entry.dag_id},
          {"run_id", entry.run_id},
          {"detail", entry.detail},
          {"reason", entry.reason}};
}

Result<BodyFields> BodyFields::Read(const net::ServerRequest& request) {
  if (request.body.empty()) return BodyFields({});
  boost::system::error_code error;
  json::value value = json::parse(request.body, error);
  if (!error && value.is_object()) return BodyFields(std::move(value).as_object());
  return Error(ErrorKind::kInvalidInput, "the body is not a JSON object")
      .Remedy("see /api/v1/openapi.json");
}

const json::value* BodyFields::Find(const char* name) const {
  const json::value* value = fields_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Result<std::string> BodyFields::Text(const char* name) const {
  const json::value* value = Find(name);
  if (value == nullptr) return std::string();
  if (value->is_string()) return std::string(value->as_string());
  return Error(ErrorKind::kInvalidInput, fmt::format("'{}' is not a text", name));
}

Result<bool> BodyFields::Flag(const char* name) const {
  const json::value* value = Find(name);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->as_bool();
  return Error(ErrorKind::kInvalidInput, fmt::format("'{}' is neither true nor false", name));
}

Result<int64_t> BodyFields::Number(const char* name,
                                   int64_t otherwise,
                                   int64_t least,
                                   int64_t most) const {
  const json::value* value = Find(name);
  if (value == nullptr) return otherwise;
  if (value->is_int64()) return Within(value->as_int64(), name, least, most);
  return Error(ErrorKind::kInvalidInput, fmt::format("'{}' is not a whole number", name));
}

Result<std::vector<std::string>> BodyFields::Texts(const char* name) const {
  std::vector<std::string> texts;
  const json::value* value = Find(name);
  if (value == nullptr) return texts;
  const Error wrong(ErrorKind::kInvalidInput, fmt::format("'{}' is not a list of texts", name));
  if (!value->is_array()) return wrong;
  for (const json::value& one : value->as_array()) {
    if (!one.is_string()) return wrong;
    texts.emplace_back(one.as_string());
  }
  return texts;
}

Result<std::optional<Instant>> BodyFields::Date(const char* name) const {
  SG_TRY(const std::string text, Text(name));
  if (text.empty()) return std::optional<Instant>();
  SG_TRY(const Instant instant, DateOf(text, name));
  return std::optional<Instant>(instant);
}

orchestrate::ManualAction ActionOf(const net::ServerRequest& request, std::string reason) {
  const std::string who = request.local_socket ? "the socket" : request.client;
  return {.who = "API, " + (who.empty() ? std::string("unknown") : who),
          .reason = std::move(reason)};
}

Result<std::optional<Instant>> DateParam(const net::ServerRequest& request, const char* name) {
  const auto text = request.Param(name);
  if (!text) return std::optional<Instant>();
  SG_TRY(const Instant instant, DateOf(*text, name));
  return std::optional<Instant>(instant);
}

Result<int64_t> NumberOf(const std::string& text, const char* what) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return Error(ErrorKind::kInvalidInput,
               fmt::format("{} is not a whole number: '{}'", what, text.substr(0, 40)));
}

Result<int64_t> NumberParam(const net::ServerRequest& request,
                            const char* name,
                            int64_t otherwise,
                            int64_t least,
                            int64_t most) {
  const auto text = request.Param(name);
  if (!text) return otherwise;
  SG_TRY(const int64_t number, NumberOf(*text, name));
  return Within(number, name, least, most);
}

}  // namespace stargaze::serve
