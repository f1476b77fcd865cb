#include "config/dag_schema.h"

#include <iterator>
#include <utility>

#include "base/instant.h"
#include "config/duration.h"
#include "config/text_checks.h"

namespace stargaze::config {
namespace {

constexpr int64_t kMost = 1'000'000;  // Of what is counted: a slip of the finger, not a limit.
constexpr int64_t kMaxRetries = 100;
// What many tasks inherit is short, so that a small file cannot ask for much memory.
constexpr std::size_t kMaxCallbacks = 16;
constexpr std::size_t kMaxAfterOfGroup = 256;
constexpr std::size_t kMaxAfter = 10'000;

std::string CheckDate(const std::string& text) {
  if (ParseDay(text) || ParseInstant(text)) return {};
  return "expected a day or an instant in UTC such as 2026-01-31 or 2026-01-31T11:50:00Z, found '" +
         text.substr(0, 80) + "'";
}

Schema Count(std::string name, std::string description, int64_t min, int64_t max = kMost) {
  return {.name = std::move(name),
          .kind = SchemaKind::kInteger,
          .description = std::move(description),
          .min = min,
          .max = max};
}

Schema Flag(std::string name, std::string description) {
  return {
      .name = std::move(name), .kind = SchemaKind::kBoolean, .description = std::move(description)};
}

Schema Choice(std::string name, std::string description, std::vector<std::string> choices) {
  return {.name = std::move(name),
          .description = std::move(description),
          .choices = std::move(choices)};
}

Schema Duration(std::string name, std::string description, bool may_be_nothing = false) {
  return {.name = std::move(name),
          .kind = SchemaKind::kScalar,
          .description = std::move(description) + " Seconds, 5m, 1h30m or PT5M.",
          .check = may_be_nothing ? CheckDuration : CheckPositiveDuration};
}

Schema Date(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description), .check = CheckDate};
}

Schema Callbacks(std::string name, std::string description) {
  return {.name = std::move(name),
          .kind = SchemaKind::kList,
          .description = std::move(description),
          .max_items = kMaxCallbacks,
          .parts = {IdentifierSchema("", "")}};
}

Schema Required(Schema schema) {
  schema.required = true;
  return schema;
}

Schema AfterSchema(std::size_t max_items) {
  return {.name = "after",
          .kind = SchemaKind::kList,
          .description = "Tasks or groups that are waited for; inside a group its own tasks first.",
          .max_items = max_items,
          .parts = {{.pattern = "[a-z][a-z0-9_]{0,62}([.][a-z][a-z0-9_]{0,62})?",
                     .pattern_meaning = "the name of a task, of a group, or group.task"}}};
}

// What default_args may set for all tasks, and each task for itself.
std::vector<Schema> TaskDefaults() {
  return {Choice("trigger_rule",
                 "What must have become of the tasks that are waited for.",
                 {"all_success",
                  "all_failed",
                  "all_done",
                  "all_done_min_one_success",
                  "all_skipped",
                  "one_success",
                  "one_failed",
                  "one_done",
                  "none_failed",
                  "none_failed_min_one_success",
                  "none_skipped",
                  "always"}),
          IdentifierSchema("pool", "Whose slots the task takes."),
          Count("pool_slots", "How many slots it takes.", 1),
          Count("priority_weight", "The larger goes first.", 0),
          Choice("weight_rule",
                 "Whose weights are added to its own.",
                 {"downstream", "upstream", "absolute"}),
          Choice("load", "What it mostly does: wait for others, or compute.", {"waiting", "cpu"}),
          Count("retries", "Further tries after a failed one.", 0, kMaxRetries),
          Duration("retry_delay", "From a failed try to the next.", true),
          Flag("retry_exponential_backoff", "Each delay is twice the one before, with jitter."),
          Duration("max_retry_delay", "The longest delay between tries."),
          Duration("execution_timeout", "The longest that one try may take."),
          Flag("depends_on_past", "The same task of the run before must be success or skipped."),
          Count("max_active_tis_per_dag", "Instances of the task at once, over all runs.", 1),
          Callbacks("on_success", "What is called when the task succeeds."),
          Callbacks("on_failure", "What is called when the task fails for good."),
          Callbacks("on_retry", "What is called when the task will be tried again.")};
}

Schema DefaultArgsSchema() {
  return {.name = "default_args",
          .kind = SchemaKind::kRecord,
          .description = "What tasks say that do not say it themselves.",
          .parts = TaskDefaults()};
}

Schema TaskSchema() {
  std::vector<Schema> parts{
      Required(IdentifierSchema("id", "Names the task within the DAG or the group.")),
      Required(IdentifierSchema("uses", "What the task does.")),
      {.name = "with",
       .kind = SchemaKind::kNamed,
       .description = "Parameters of what it does.",
       .pattern = "[a-z][a-z0-9_]{0,62}",
       .pattern_meaning = "lower-case letters, digits and _, beginning with a letter",
       .parts = {{.kind = SchemaKind::kScalar, .check = CheckPlainValue}}},
      AfterSchema(kMaxAfter),
      Choice("for_each", "One instance for each batch of these.", {"followed"}),
      Flag("for_each_dataset", "One such task for each dataset that names the DAG.")};
  std::vector<Schema> defaults = TaskDefaults();
  std::move(defaults.begin(), defaults.end(), std::back_inserter(parts));
  return {.kind = SchemaKind::kRecord, .parts = std::move(parts)};
}

// A task, or tasks under one name.
Schema ItemSchema() {
  Schema group{.kind = SchemaKind::kRecord,
               .parts = {Required(IdentifierSchema("group", "Its tasks are called group.task.")),
                         {.name = "summary", .description = "One sentence."},
                         AfterSchema(kMaxAfterOfGroup),
                         DefaultArgsSchema(),
                         {.name = "tasks",
                          .kind = SchemaKind::kList,
                          .required = true,
                          .description = "What is done in the group.",
                          .min_items = 1,
                          .parts = {TaskSchema()}}}};
  return {.kind = SchemaKind::kEither,
          .decided_by = "group",
          .parts = {std::move(group), TaskSchema()}};
}

Schema ScheduleSchema() {
  Schema record{.kind = SchemaKind::kRecord,
                .parts = {Duration("every", "The time between runs."),
                          {.name = "on_manifest",
                           .description = "The dataset whose publication makes a run."}}};
  return {.name = "schedule",
          .kind = SchemaKind::kEither,
          .description =
              "Cron, a preset such as @daily, @once, an interval such as PT30M. None: "
              "by hand only.",
          .parts = {std::move(record), {}}};
}

}  // namespace

const Schema& DagSchema() {
  static const Schema kSchema{
      .kind = SchemaKind::kRecord,
      .parts = {
          Required(IdentifierSchema("dag", "The DAG's name, as the file is named.")),
          {.name = "summary", .description = "One sentence."},
          ScheduleSchema(),
          {.name = "time_zone",
           .description = "IANA name; cron follows its daylight saving time. Default: UTC."},
          Choice("time_semantics",
                 "Whether a run is called by the start of its data interval or by the instant "
                 "that it is made.",
                 {"interval", "trigger"}),
          Date("start_date", "No run is due before. UTC."),
          Date("end_date", "The last logical date, inclusive. UTC."),
          Flag("catchup", "Whether runs that were missed are made up for."),
          Count("max_active_runs", "Runs at once.", 1),
          Count("max_active_tasks", "Tasks at once, over all runs.", 1),
          Duration("dagrun_timeout", "The longest that a run may take."),
          Flag("is_paused_upon_creation", "Whether it waits to be resumed when first seen."),
          Callbacks("on_success", "What is called when a run succeeds."),
          Callbacks("on_failure", "What is called when a run fails."),
          DefaultArgsSchema(),
          {.name = "tasks",
           .kind = SchemaKind::kList,
           .required = true,
           .description = "What is done, in any order.",
           .min_items = 1,
           .parts = {ItemSchema()}}}};
  return kSchema;
}

const Schema& PoolsSchema() {
  static const Schema kSchema{
      .kind = SchemaKind::kRecord,
      .parts = {{.name = "pools",
                 .kind = SchemaKind::kNamed,
                 .required = true,
                 .description = "Limits that tasks share.",
                 .min_items = 1,
                 .pattern = "[a-z][a-z0-9_]{0,62}",
                 .pattern_meaning = "lower-case letters, digits and _, beginning with a letter",
                 .parts = {{.kind = SchemaKind::kRecord,
                            .parts = {Required(Count("slots", "How many at once.", 0)),
                                      {.name = "description",
                                       .description = "What it limits, in one sentence."}}}}}}};
  return kSchema;
}

}  // namespace stargaze::config
