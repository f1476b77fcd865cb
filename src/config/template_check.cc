#include "config/template_check.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/suggest.h"
#include "config/text_checks.h"

namespace stargaze::config {

TemplateCheck::TemplateCheck(const model::Dataset& dataset, Problems& problems)
    : problems_(problems) {
  for (const auto& [name, value] : dataset.vars) names_.push_back(name);
  if (dataset.for_each == model::ForEach::kFollowed)
    names_.insert(names_.end(), {"repository_id", "node_id", "full_name"});
}

void TemplateCheck::AllowBand() {
  names_.insert(names_.end(), {"band.from", "band.to"});
}

void TemplateCheck::Check(const YamlNode& node) {
  if (node.kind == YamlKind::kMap) {
    for (const YamlNode& member : node.children) Check(member);
  } else if (node.kind == YamlKind::kScalar && CheckTemplate(node.text).empty()) {
    for (const std::string& name : TemplateNames(node.text)) CheckName(node, name);
  }
}

void TemplateCheck::CheckName(const YamlNode& node, const std::string& name) {
  if (std::find(names_.begin(), names_.end(), name) != names_.end()) return;
  std::string problem = fmt::format(
      "unknown variable '{}'{}; variables are declared under vars", name, DidYouMean(name, names_));
  if (name.starts_with("band.")) problem = fmt::format("'{{{}}}' needs a split", name);
  if (name == "cursor") problem = "'{cursor}' needs a cursor";
  if (name == "repository_id" || name == "node_id" || name == "full_name")
    problem = fmt::format("'{{{}}}' needs for_each: followed", name);
  problems_.Add(node.place, problem);
}

}  // namespace stargaze::config
