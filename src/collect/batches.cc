#include "collect/batches.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include <boost/json.hpp>

#include "lake/gzip_writer.h"
#include "lake/layout.h"

namespace stargaze::collect {
namespace {

namespace json = boost::json;

constexpr std::size_t kPlansInMemory = 32;
constexpr int64_t kVersion = 1;

std::string Packed(const Batches& batches) {
  const json::object object{{"v", kVersion},
                            {"made_at", FormatInstant(batches.made_at)},
                            {"batch_size", batches.batch_size},
                            {"repository_ids", json::value_from(batches.repository_ids)}};
  lake::GzipWriter gzip;
  gzip.Append(json::serialize(object));
  return gzip.Finish();
}

Result<Batches> Unpacked(const std::string& bytes, const std::string& key) {
  const Error damaged(ErrorKind::kCorrupt, "the batches of a run are damaged: " + key);
  std::string text;
  const Status inflated = lake::Inflate(bytes, [&text](std::string_view piece) {
    text += piece;
    return Ok();
  });
  if (!inflated.ok()) return damaged;
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return damaged;
  const json::object& object = value.as_object();
  const auto is_number = [&](const char* name) {
    const json::value* found = object.if_contains(name);
    return found != nullptr && found->is_int64();
  };
  if (!is_number("v") || object.at("v").as_int64() != kVersion || !is_number("batch_size"))
    return damaged;
  const json::value* made = object.if_contains("made_at");
  const json::value* ids = object.if_contains("repository_ids");
  if (made == nullptr || !made->is_string() || ids == nullptr || !ids->is_array()) return damaged;
  const std::optional<Instant> made_at = ParseInstant(std::string(made->as_string()));
  Batches batches{.batch_size = static_cast<int>(object.at("batch_size").as_int64())};
  if (!made_at || batches.batch_size < 1) return damaged;
  batches.made_at = *made_at;
  for (const json::value& id : ids->as_array()) {
    if (!id.is_int64()) return damaged;
    batches.repository_ids.push_back(id.as_int64());
  }
  return batches;
}

}  // namespace

int Batches::count() const {
  const auto size = static_cast<std::size_t>(batch_size);
  return static_cast<int>((repository_ids.size() + size - 1) / size);
}

std::span<const int64_t> Batches::Of(int map_index) const {
  if (map_index < 0 || map_index >= count()) return {};
  const auto size = static_cast<std::size_t>(batch_size);
  const std::size_t begin = static_cast<std::size_t>(map_index) * size;
  return std::span(repository_ids).subspan(begin, std::min(size, repository_ids.size() - begin));
}

Result<Batches> BatchPlans::Draw(const model::Dataset& dataset) {
  Batches drawn{.made_at = clock_.Now(), .batch_size = dataset.batch_size};
  SG_TRY(drawn.repository_ids, registry_.FollowedIds());
  return drawn;
}

// Whoever was first has said which batches there are.
Status BatchPlans::Keep(Plan& plan) {
  Status put = lake_.Put(plan.key, Packed(*plan.batches), lake::PutMode::kIfAbsent);
  if (!put.ok() && put.error().kind() != ErrorKind::kConflict) return put;
  if (!put.ok()) {
    SG_TRY(const std::string bytes, lake_.Get(plan.key));
    SG_TRY(Batches first, Unpacked(bytes, plan.key));
    plan.batches = std::make_shared<const Batches>(std::move(first));
  }
  plan.is_kept = true;
  return Ok();
}

// Null when nobody is followed. The mutex is held.
Result<BatchPlans::Plan*> BatchPlans::Find(const model::Dataset& dataset,
                                           const model::Run& run,
                                           const std::string& task_id) {
  std::string key = lake::BatchesKey(dataset.name, run, task_id);
  const auto known = std::ranges::find(plans_, key, &Plan::key);
  if (known != plans_.end()) {
    plans_.splice(plans_.begin(), plans_, known);
    return &plans_.front();
  }
  Batches batches;
  const Result<std::string> bytes = lake_.Get(key);
  if (bytes.ok()) {
    SG_TRY(batches, Unpacked(bytes.value(), key));
  } else if (bytes.error().kind() == ErrorKind::kNotFound) {
    SG_TRY(batches, Draw(dataset));
  } else {
    return bytes.error();
  }
  if (batches.repository_ids.empty()) return nullptr;
  plans_.push_front({.key = std::move(key),
                     .batches = std::make_shared<const Batches>(std::move(batches)),
                     .is_kept = bytes.ok()});
  if (plans_.size() > kPlansInMemory) plans_.pop_back();
  return &plans_.front();
}

Result<int> BatchPlans::Count(const model::Dataset& dataset,
                              const model::Run& run,
                              const std::string& task_id) {
  const std::lock_guard lock(mutex_);
  SG_TRY(Plan * plan, Find(dataset, run, task_id));
  if (plan == nullptr) return 0;
  if (!plan->is_kept) {
    const Status kept = Keep(*plan);
    if (!kept.ok() && kept.error().kind() != ErrorKind::kExhausted) return kept.error();
  }
  return plan->batches->count();
}

Result<std::vector<registry::FollowedRepository>> BatchPlans::Subjects(
    const model::Dataset& dataset, const model::TaskInstance& instance) {
  std::shared_ptr<const Batches> batches;
  {
    const std::lock_guard lock(mutex_);
    SG_TRY(Plan * plan, Find(dataset, instance.run, instance.task_id));
    if (plan == nullptr) return std::vector<registry::FollowedRepository>();
    if (!plan->is_kept) SG_RETURN_IF_ERROR(Keep(*plan));
    batches = plan->batches;
  }
  const std::span<const int64_t> ids = batches->Of(instance.map_index);
  if (ids.empty())
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("{} of {} has {} batches, 0 to {}: there is no batch {}",
                             instance.task_id,
                             instance.run.run_id,
                             batches->count(),
                             batches->count() - 1,
                             instance.map_index));
  std::vector<registry::FollowedRepository> subjects;
  for (const int64_t id : ids) {
    SG_TRY(registry::FollowedRepository found, registry_.Get(id));
    subjects.push_back(std::move(found));
  }
  return subjects;
}

}  // namespace stargaze::collect
