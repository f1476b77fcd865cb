#include "config/path_reader.h"

#include <algorithm>

namespace stargaze::config {

using model::JsonPath;
using model::PathStep;

JsonPath ReadPath(const YamlNode* node) {
  if (node == nullptr || node->kind != YamlKind::kScalar) return {};
  auto path = model::ParseJsonPath(node->text);
  return path.ok() ? std::move(path).value() : JsonPath();
}

JsonPath ReadValuePath(const YamlNode* node, Problems& problems) {
  JsonPath path = ReadPath(node);
  const bool has_each = std::any_of(path.steps.begin(), path.steps.end(), [](const PathStep& step) {
    return step.kind == PathStep::Kind::kEach;
  });
  if (has_each) problems.Add(node->place, "the path must lead to one value, without [*]");
  return path;
}

JsonPath ReadRecordsPath(const YamlNode* node, Problems& problems) {
  JsonPath path = ReadPath(node);
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const PathStep::Kind kind = path.steps[i].kind;
    const bool is_last = i + 1 == path.steps.size();
    if (kind == PathStep::Kind::kIndex || (kind == PathStep::Kind::kEach && !is_last)) {
      problems.Add(node->place,
                   "the path to the records may have one [*], at its end, and no [number]");
      break;
    }
  }
  return path;
}

}  // namespace stargaze::config
