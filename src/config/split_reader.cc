#include "config/split_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/suggest.h"
#include "config/path_reader.h"
#include "config/template_check.h"
#include "config/text_checks.h"

namespace stargaze::config {
namespace {

using model::Dataset;
using model::Request;

constexpr std::string_view kBandFrom = "band.from";
constexpr std::string_view kBandTo = "band.to";

// The lower end of the first band: a whole number, or a variable that is one.
void CheckSplitFrom(const YamlNode& from, const Dataset& dataset, Problems& problems) {
  TemplateCheck(dataset, problems).Check(from);
  std::string value = from.text;
  if (value.starts_with('{') && value.ends_with('}')) {
    const auto variable = dataset.vars.find(value.substr(1, value.size() - 2));
    if (variable == dataset.vars.end()) return;
    value = variable->second;
  }
  if (!IsWholeNumber(value)) {
    problems.Add(
        from.place,
        fmt::format("expected a whole number or one variable that is one, found '{}'", value));
  }
}

void CheckSplitColumn(const YamlNode& split,
                      const std::string& by,
                      const Dataset& dataset,
                      Problems& problems) {
  const YamlNode& node = *split.Find("by");
  const model::Column* column = FindNamedColumn(dataset.tables.front(), node, problems);
  if (column != nullptr && column->type != model::ColumnType::kInteger) {
    problems.Add(
        node.place,
        fmt::format(
            "a band needs a column of type 'integer', '{}' is '{}'", by, NameOf(column->type)));
  }
}

}  // namespace

const model::Column* FindNamedColumn(const model::Table& table,
                                     const YamlNode& name,
                                     Problems& problems) {
  const model::Column* column = table.FindColumn(name.text);
  if (column != nullptr) return column;
  std::vector<std::string> names;
  for (const model::Column& known : table.columns) names.push_back(known.name);
  problems.Add(name.place,
               fmt::format("unknown column '{}'{}", name.text, DidYouMean(name.text, names)));
  return nullptr;
}

std::optional<model::Split> ReadSplit(const YamlNode& request,
                                      const Dataset& dataset,
                                      Problems& problems) {
  const YamlNode* split = request.Find("split");
  if (split == nullptr || split->kind != YamlKind::kMap) return std::nullopt;
  for (const char* needed : {"by", "total"}) {
    if (split->Find(needed) == nullptr)
      problems.Add(split->place, fmt::format("missing key '{}'", needed));
  }
  model::Split read;
  read.by = split->Text("by").value_or("");
  if (!read.by.empty() && !dataset.tables.empty())
    CheckSplitColumn(*split, read.by, dataset, problems);
  read.total = ReadValuePath(split->Find("total"), problems);
  read.from = split->Text("from").value_or(read.from);
  if (const YamlNode* from = split->Find("from")) CheckSplitFrom(*from, dataset, problems);
  read.until_below = split->Integer("until_below").value_or(read.until_below);
  read.then_by = split->Text("then_by");
  return read;
}

void CheckBand(const YamlNode& node, const Request& request, Problems& problems) {
  const bool has_band =
      std::any_of(request.query.begin(), request.query.end(), [](const auto& parameter) {
        const std::vector<std::string> names = TemplateNames(parameter.second);
        return std::find(names.begin(), names.end(), kBandFrom) != names.end() &&
               std::find(names.begin(), names.end(), kBandTo) != names.end();
      });
  if (!has_band)
    problems.Add(node.place, "split needs a query value with {band.from} and {band.to}");
}

}  // namespace stargaze::config
