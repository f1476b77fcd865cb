#include "config/request_reader.h"

#include <fmt/core.h>

#include <algorithm>

#include <boost/json.hpp>

#include "base/suggest.h"
#include "config/path_reader.h"
#include "config/split_reader.h"
#include "config/template_check.h"
#include "model/cursor_value.h"

namespace stargaze::config {
namespace {

using model::Dataset;
using model::Request;

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

model::Pagination ReadPaginate(const YamlNode& request, Problems& problems) {
  using enum model::PaginationKind;
  model::Pagination read;
  const YamlNode* node = request.Find("paginate");
  if (node == nullptr || node->kind != YamlKind::kMap) return read;
  const std::string kind = node->Text("kind").value_or("none");
  read.kind = kind == "link"        ? kLink
              : kind == "page"      ? kPage
              : kind == "cursor"    ? kCursor
              : kind == "page_info" ? kPageInfo
                                    : kNone;
  read.max_pages = static_cast<int>(node->Integer("max_pages").value_or(read.max_pages));
  read.parameter = node->Text("parameter").value_or("");
  read.page_size = static_cast<int>(node->Integer("page_size").value_or(read.page_size));
  read.next = ReadValuePath(node->Find("next"), problems);
  read.then_first_page = node->Text("then") == "first_page";
  const auto needs = [&](const char* key, bool needed) {
    const YamlNode* member = node->Find(key);
    if (needed && member == nullptr)
      problems.Add(node->place, fmt::format("missing key '{}'", key));
    if (!needed && member != nullptr)
      problems.Add(member->place, fmt::format("has no meaning for pagination '{}'", kind));
  };
  needs("parameter", read.kind == kPage || read.kind == kCursor || read.kind == kPageInfo);
  needs("next", read.kind == kCursor || read.kind == kPageInfo);
  if (read.kind != kPage) needs("page_size", false);
  if (read.kind == kPageInfo && request.Text("kind") != "graphql")
    problems.Add(node->Find("kind")->place, "page_info is for kind 'graphql'");
  return read;
}

std::optional<model::Cursor> ReadCursor(const YamlNode& request,
                                        const Dataset& dataset,
                                        Problems& problems) {
  const YamlNode* node = request.Find("cursor");
  if (node == nullptr || node->kind != YamlKind::kMap) return std::nullopt;
  model::Cursor cursor{.by = node->Text("by").value_or(""),
                       .from = node->Text("from").value_or(""),
                       .overlap = node->Integer("overlap").value_or(0)};
  if (dataset.tables.empty() || cursor.by.empty()) return cursor;
  const model::Column* column =
      FindNamedColumn(dataset.tables.front(), *node->Find("by"), problems);
  if (column == nullptr) return cursor;
  using enum model::ColumnType;
  const bool is_ordered =
      column->type == kTimestamp || column->type == kDate || column->type == kInteger;
  if (!is_ordered || column->source != model::ColumnSource::kPath) {
    problems.Add(node->Find("by")->place,
                 "a cursor needs a column with a path, of type timestamp, date or integer");
  } else if (!model::ParseCursorValue(column->type, cursor.from)) {
    problems.Add(node->Find("from")->place,
                 fmt::format("'{}' is no value of the column '{}'", cursor.from, cursor.by));
  }
  return cursor;
}

// Whether a name is a word of a GraphQL text: "$ids" is not in "$ids_of".
bool HasWord(const std::string& text, const std::string& word) {
  const auto is_part = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (end == text.size() || !is_part(text[end])) return true;
  }
  return false;
}

void CheckGraphql(const YamlNode& node, const Request& request, Problems& problems) {
  const model::GraphqlQuery& query = *request.graphql;
  const YamlNode* text = node.Find("query");
  if (text == nullptr || text->kind != YamlKind::kScalar)
    return problems.Add(text == nullptr ? node.place : text->place,
                        "a request of kind 'graphql' needs the text of its query under 'query'");
  if (!HasWord(query.text, "rateLimit") || !HasWord(query.text, "cost"))
    problems.Add(text->place, "the query must ask for rateLimit { cost remaining resetAt }");
  if (query.ids.empty()) return;
  if (!HasWord(query.text, "$ids")) problems.Add(text->place, "the query does not use $ids");
  if (node.Find("match") == nullptr)
    problems.Add(node.place, "missing key 'match', which ids needs");
  if (request.paginate.kind != model::PaginationKind::kNone)
    problems.Add(node.Find("paginate")->place, "has no meaning where one query asks for many ids");
  if (const YamlNode* cursor = node.Find("cursor"))
    problems.Add(cursor->place, "has no meaning where one query asks for many ids");
}

// What only one kind of request can say.
void CheckKind(const YamlNode& node, bool is_graphql, Problems& problems) {
  const auto refuse = [&](std::initializer_list<const char*> keys, const char* kind) {
    for (const char* key : keys) {
      if (const YamlNode* member = node.Find(key))
        problems.Add(member->place, fmt::format("has no meaning for kind '{}'", kind));
    }
  };
  if (is_graphql) {
    refuse({"method", "split", "conditional", "reschedule_when"}, "graphql");
  } else {
    refuse({"ids", "batch", "match", "full_name", "variables"}, "rest");
  }
  if (!is_graphql && node.Find("path") == nullptr) problems.Add(node.place, "missing key 'path'");
  if (const YamlNode* query = node.Find("query");
      !is_graphql && query != nullptr && query->kind == YamlKind::kScalar)
    problems.Add(query->place, "expected a map, found text; kind 'graphql' has a text");
}

std::optional<model::GraphqlQuery> ReadGraphql(const YamlNode& node, Problems& problems) {
  if (node.Text("kind") != "graphql") return std::nullopt;
  model::GraphqlQuery query{.text = node.Text("query").value_or(""),
                            .variables = ReadTexts(node.Find("variables")),
                            .ids = node.Text("ids").value_or("")};
  query.batch = static_cast<int>(node.Integer("batch").value_or(query.batch));
  query.match = ReadValuePath(node.Find("match"), problems);
  query.full_name = ReadValuePath(node.Find("full_name"), problems);
  return query;
}

// What belongs to subjects that are asked again and again, not to a search.
void CheckFollowed(const YamlNode& node,
                   const Request& request,
                   const Dataset& dataset,
                   Problems& problems) {
  if (dataset.for_each == model::ForEach::kFollowed) {
    if (request.split) problems.Add(node.Find("split")->place, "has no meaning with for_each");
  } else {
    for (const char* key : {"conditional", "cursor", "ids", "reschedule_when"}) {
      if (const YamlNode* member = node.Find(key)) problems.Add(member->place, "needs for_each");
    }
    if (request.paginate.then_first_page)
      problems.Add(node.Find("paginate")->Find("then")->place, "needs for_each");
  }
  if (const YamlNode* proves = node.Find("unchanged_first_page_proves_rest");
      proves != nullptr && !request.conditional)
    problems.Add(proves->place, "needs conditional: etag");
}

void ReadAnswers(const YamlNode& node, Request& request) {
  request.retry_when = ReadRetryWhen(node.Find("retry_when"));
  request.conditional = node.Text("conditional") == "etag";
  request.unchanged_first_page_proves_rest =
      node.Boolean("unchanged_first_page_proves_rest").value_or(false);
  if (const YamlNode* statuses = node.Find("reschedule_when")) {
    for (const YamlNode& status : statuses->children)
      request.reschedule_when.push_back(static_cast<int>(status.AsInteger().value_or(202)));
  }
  if (const auto after = node.Integer("reschedule_after_s"))
    request.reschedule_after = std::chrono::seconds(*after);
}

Request ReadRequest(const YamlNode& node, const Dataset& dataset, Problems& problems) {
  Request request;
  request.name = node.Text("name").value_or("");
  request.graphql = ReadGraphql(node, problems);
  const bool is_graphql = request.graphql.has_value();
  request.kind = is_graphql ? model::RequestKind::kGraphql : model::RequestKind::kRest;
  request.method = is_graphql ? "POST" : node.Text("method").value_or(request.method);
  request.path = node.Text("path").value_or(is_graphql ? "/graphql" : "");
  if (!is_graphql) request.query = ReadTexts(node.Find("query"));
  request.headers = ReadTexts(node.Find("headers"));
  request.resource = node.Text("resource").value_or(is_graphql ? "graphql" : request.resource);
  request.cost =
      static_cast<int>(std::clamp<int64_t>(node.Integer("cost").value_or(1), 0, 1'000'000));
  request.paginate = ReadPaginate(node, problems);
  ReadAnswers(node, request);
  request.split = ReadSplit(node, dataset, problems);
  request.cursor = ReadCursor(node, dataset, problems);
  CheckKind(node, is_graphql, problems);
  if (is_graphql) CheckGraphql(node, request, problems);
  CheckFollowed(node, request, dataset, problems);
  if (request.split) CheckBand(*node.Find("split"), request, problems);
  TemplateCheck templates(dataset, problems);
  if (request.split) templates.AllowBand();
  if (request.cursor) templates.Allow("cursor");
  for (const char* key : {"path", "query", "headers", "variables"}) {
    const YamlNode* member = node.Find(key);
    const bool is_text = is_graphql && key == std::string_view("query");  // Braces of its own.
    if (member != nullptr && !is_text) templates.Check(*member);
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
