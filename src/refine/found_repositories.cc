#include "refine/found_repositories.h"

#include <simdjson.h>

#include <map>
#include <optional>

#include "lake/gzip_writer.h"
#include "lake/object_bytes.h"

namespace stargaze::refine {
namespace {

namespace dom = simdjson::dom;
using model::PathStep;

// More than any object of the raw lake inflates to.
constexpr int64_t kInflatedMax = int64_t{4} << 30;

std::optional<dom::element> Find(dom::element element, const std::vector<PathStep>& steps) {
  for (const PathStep& step : steps) {
    if (step.kind == PathStep::Kind::kEach) break;  // The list itself is wanted.
    simdjson::simdjson_result<dom::element> next;
    if (step.kind == PathStep::Kind::kKey) next = element[std::string_view(step.key)];
    if (step.kind == PathStep::Kind::kIndex)
      next = element.at(static_cast<std::size_t>(step.index));
    if (next.error() != simdjson::SUCCESS) return std::nullopt;
    element = next.value_unsafe();
  }
  return element;
}

std::optional<std::string> TextAt(dom::element record, const model::JsonPath& path) {
  const auto found = Find(record, path.steps);
  if (!found || !found->is_string()) return std::nullopt;
  return std::string(found->get_string().value_unsafe());
}

class Collector {
 public:
  explicit Collector(const model::Dataset& dataset)
      : dataset_(dataset),
        id_(Path("repository_id")),
        node_id_(Path("node_id")),
        full_name_(Path("full_name")) {}

  Status AddLine(std::string_view line) {
    const auto parsed = parser_.parse(line.data(), line.size(), true);
    if (parsed.error() != simdjson::SUCCESS)
      return Error(ErrorKind::kCorrupt, "a response in the raw lake is not JSON");
    const auto body = Find(parsed.value_unsafe(), {{.key = "body"}});
    const auto records = body ? Find(*body, dataset_.records.steps) : std::nullopt;
    if (!records || !records->is_array()) return Ok();
    const dom::array list = records->get_array().value_unsafe();
    for (const dom::element record : list) AddRecord(record);
    return Ok();
  }

  std::vector<FoundRecord> Finish() {
    std::vector<FoundRecord> records;
    for (auto& [id, record] : found_) records.push_back(std::move(record));
    return records;
  }

 private:
  const model::JsonPath& Path(const char* column) const {
    const model::Column* found = dataset_.tables.front().FindColumn(column);
    SG_ASSERT(found != nullptr);
    return found->path;
  }

  void AddRecord(dom::element record) {
    const auto id = Find(record, id_.steps);
    auto node_id = TextAt(record, node_id_);
    auto full_name = TextAt(record, full_name_);
    if (!id || !id->is_int64() || !node_id || !full_name) return;
    const int64_t key = id->get_int64().value_unsafe();
    found_[key] = {
        .repository_id = key, .node_id = std::move(*node_id), .full_name = std::move(*full_name)};
  }

  const model::Dataset& dataset_;
  const model::JsonPath& id_;
  const model::JsonPath& node_id_;
  const model::JsonPath& full_name_;
  dom::parser parser_;
  std::map<int64_t, FoundRecord> found_;
};

}  // namespace

Result<std::vector<FoundRecord>> FoundRepositories(const model::Manifest& raw,
                                                   const std::string& request,
                                                   const model::Dataset& dataset,
                                                   lake::ObjectStore& lake) {
  Collector collector(dataset);
  for (const model::ManifestObject& object : raw.objects) {
    if (object.subject != request) continue;
    SG_TRY(const std::string gzip, lake::ReadObject(lake, object));
    SG_TRY(const std::string text, lake::Gunzip(gzip, kInflatedMax));
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      SG_RETURN_IF_ERROR(collector.AddLine(rest.substr(0, end)));
      rest.remove_prefix(std::min(rest.size(), end + 1));
    }
  }
  return collector.Finish();
}

}  // namespace stargaze::refine
