#include "config/request_reader.h"

#include <fmt/core.h>

#include <algorithm>

#include <boost/json.hpp>

#include "base/suggest.h"
#include "config/path_reader.h"
#include "config/text_checks.h"

namespace stargaze::config {
namespace {

using model::Dataset;
using model::Request;

constexpr std::string_view kBandFrom = "band.from";
constexpr std::string_view kBandTo = "band.to";

using Texts = std::vector<std::pair<std::string, std::string>>;

Texts ReadTexts(const YamlNode* map) {
  Texts texts;
  if (map == nullptr || map->kind != YamlKind::kMap) return texts;
  for (const YamlNode& member : map->children) {
    if (member.kind == YamlKind::kScalar) texts.emplace_back(member.name, member.text);
  }
  return texts;
}

// The scalar as JSON text: true and 5 stay, everything else is a string.
std::string JsonTextOf(const YamlNode& scalar) {
  if (scalar.AsBoolean() || scalar.AsInteger()) return scalar.text;
  return boost::json::serialize(boost::json::string(scalar.text));
}

std::vector<std::pair<model::JsonPath, std::string>> ReadRetryWhen(const YamlNode* map) {
  std::vector<std::pair<model::JsonPath, std::string>> conditions;
  if (map == nullptr) return conditions;
  for (const YamlNode& member : map->children) {
    auto path = model::ParseJsonPath(member.name);
    if (path.ok()) conditions.emplace_back(std::move(path).value(), JsonTextOf(member));
  }
  return conditions;
}

// Checks every template below one request against the variables that exist there.
class TemplateCheck {
 public:
  TemplateCheck(const Dataset& dataset, bool has_split, Problems& problems)
      : has_split_(has_split), problems_(problems) {
    for (const auto& [name, value] : dataset.vars) names_.push_back(name);
    if (!has_split) return;
    names_.emplace_back(kBandFrom);
    names_.emplace_back(kBandTo);
  }

  void Check(const YamlNode& node) {
    if (node.kind == YamlKind::kMap) {
      for (const YamlNode& member : node.children) Check(member);
    } else if (node.kind == YamlKind::kScalar && CheckTemplate(node.text).empty()) {
      for (const std::string& name : TemplateNames(node.text)) CheckName(node, name);
    }
  }

 private:
  void CheckName(const YamlNode& node, const std::string& name) {
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) return;
    const bool is_band = name == kBandFrom || name == kBandTo;
    problems_.Add(node.place,
                  is_band && !has_split_
                      ? fmt::format("'{{{}}}' needs a split", name)
                      : fmt::format("unknown variable '{}'{}; variables are declared under vars",
                                    name,
                                    DidYouMean(name, names_)));
  }

  std::vector<std::string> names_;
  bool has_split_;
  Problems& problems_;
};

// The lower end of the first band: a whole number, or a variable that is one.
void CheckSplitFrom(const YamlNode& from, const Dataset& dataset, Problems& problems) {
  TemplateCheck(dataset, false, problems).Check(from);
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
  const model::Table& table = dataset.tables.front();
  const model::Column* column = table.FindColumn(by);
  const Place& place = split.Find("by")->place;
  if (column == nullptr) {
    std::vector<std::string> names;
    for (const model::Column& known : table.columns) names.push_back(known.name);
    problems.Add(place, fmt::format("unknown column '{}'{}", by, DidYouMean(by, names)));
  } else if (column->type != model::ColumnType::kInteger) {
    problems.Add(
        place,
        fmt::format(
            "a band needs a column of type 'integer', '{}' is '{}'", by, NameOf(column->type)));
  }
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

Request ReadRequest(const YamlNode& node, const Dataset& dataset, Problems& problems) {
  Request request;
  request.name = node.Text("name").value_or("");
  request.method = node.Text("method").value_or(request.method);
  request.path = node.Text("path").value_or("");
  if (node.Find("path") == nullptr) problems.Add(node.place, "missing key 'path'");
  request.query = ReadTexts(node.Find("query"));
  request.headers = ReadTexts(node.Find("headers"));
  request.resource = node.Text("resource").value_or(request.resource);
  request.cost =
      static_cast<int>(std::clamp<int64_t>(node.Integer("cost").value_or(1), 0, 1'000'000));
  if (const YamlNode* paginate = node.Find("paginate")) {
    if (paginate->Text("kind") == "link") request.paginate.kind = model::PaginationKind::kLink;
    request.paginate.max_pages = static_cast<int>(
        std::clamp<int64_t>(paginate->Integer("max_pages").value_or(1000), 1, 100'000));
  }
  request.retry_when = ReadRetryWhen(node.Find("retry_when"));
  request.split = ReadSplit(node, dataset, problems);
  if (request.split) CheckBand(*node.Find("split"), request, problems);
  TemplateCheck templates(dataset, request.split.has_value(), problems);
  for (const char* key : {"path", "query", "headers"}) {
    if (const YamlNode* member = node.Find(key)) templates.Check(*member);
  }
  return request;
}

// The request with everything that it takes over from the one it names; `earlier` are complete
// already.
YamlNode WithLike(const YamlNode& node, const std::vector<YamlNode>& earlier, Problems& problems) {
  const std::optional<std::string> like = node.Text("like");
  if (!like) return node;
  std::vector<std::string> names;
  for (const YamlNode& other : earlier) {
    names.push_back(other.Text("name").value_or(""));
    if (names.back() == *like) return MergedOver(other, node);
  }
  problems.Add(node.Find("like")->place,
               fmt::format("no earlier request is called '{}'{}", *like, DidYouMean(*like, names)));
  return node;
}

}  // namespace

std::vector<Request> ReadRequests(const YamlNode& root,
                                  const Dataset& dataset,
                                  Problems& problems) {
  std::vector<Request> requests;
  const YamlNode* list = root.Find("requests");
  if (list == nullptr || list->kind != YamlKind::kList) return requests;
  std::vector<YamlNode> complete;
  for (const YamlNode& item : list->children) {
    if (item.kind != YamlKind::kMap) continue;
    const bool known = std::any_of(requests.begin(), requests.end(), [&](const Request& other) {
      return other.name == item.Text("name");
    });
    if (known) problems.Add(item.place, "duplicate request: another one has this name");
    complete.push_back(WithLike(item, complete, problems));
    requests.push_back(ReadRequest(complete.back(), dataset, problems));
  }
  return requests;
}

}  // namespace stargaze::config
