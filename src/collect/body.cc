#include "collect/body.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include <boost/json.hpp>

#include "model/cursor_value.h"

namespace stargaze::collect {
namespace {

namespace dom = simdjson::dom;
namespace json = boost::json;
using model::JsonPath;
using model::PathStep;

// The element at a path without [*] steps.
std::optional<dom::element> Find(dom::element element, const std::vector<PathStep>& steps) {
  for (const PathStep& step : steps) {
    simdjson::simdjson_result<dom::element> next;
    if (step.kind == PathStep::Kind::kKey) next = element[std::string_view(step.key)];
    if (step.kind == PathStep::Kind::kIndex)
      next = element.at(static_cast<std::size_t>(step.index));
    if (next.error() != simdjson::SUCCESS) return std::nullopt;
    element = next.value_unsafe();
  }
  return element;
}

std::string TextOf(dom::element element) {
  return simdjson::minify(element);
}

// The array of records, or the body itself as a single record.
Result<std::optional<dom::array>> Records(dom::element body, const JsonPath& path) {
  std::vector<PathStep> steps = path.steps;
  const bool is_list = !steps.empty() && steps.back().kind == PathStep::Kind::kEach;
  if (is_list) steps.pop_back();
  const auto found = Find(body, steps);
  if (found && !is_list) return std::optional<dom::array>();
  if (found && found->is_array())
    return std::optional<dom::array>(found->get_array().value_unsafe());
  return Error(ErrorKind::kCorrupt, "the response has no records at " + path.ToString());
}

std::string_view TextAt(dom::element element, const char* key) {
  const auto found = element[key].get_string();
  return found.error() == simdjson::SUCCESS ? found.value_unsafe() : std::string_view();
}

// GraphQL says with status 200 what went wrong. What of the subject is not there is nothing wrong
// with the source.
Status CheckErrors(dom::element root) {
  const auto errors = root["errors"].get_array();
  if (errors.error() != simdjson::SUCCESS) return Ok();
  for (const dom::element error : errors.value_unsafe()) {
    constexpr std::size_t kShown = 200;
    const std::string_view type = TextAt(error, "type");
    ErrorKind kind = ErrorKind::kUnavailable;
    if (type == "NOT_FOUND") kind = ErrorKind::kNotFound;
    if (type == "FORBIDDEN") kind = ErrorKind::kUnauthorized;
    return Error(kind, fmt::format("{}: {}", type, TextAt(error, "message").substr(0, kShown)));
  }
  return Ok();
}

// A cursor as the query parameter's text; absent, null and "" are the end.
Result<std::optional<std::string>> CursorAt(dom::element root, const JsonPath& path) {
  const auto found = Find(root, path.steps);
  if (!found || found->is_null()) return std::optional<std::string>();
  if (found->is_int64() || found->is_uint64()) return std::optional(TextOf(*found));
  const auto text = found->get_string();
  if (text.error() != simdjson::SUCCESS)
    return Error(ErrorKind::kCorrupt,
                 "neither text nor a number is the cursor at " + path.ToString());
  if (text.value_unsafe().empty()) return std::optional<std::string>();
  return std::optional(std::string(text.value_unsafe()));
}

Result<std::optional<std::string>> EndCursorAt(dom::element root, const JsonPath& path) {
  const Error broken(ErrorKind::kCorrupt, "the response has no pageInfo at " + path.ToString());
  const auto info = Find(root, path.steps);
  if (!info) return broken;
  const auto more = (*info)["hasNextPage"].get_bool();
  if (more.error() != simdjson::SUCCESS) return broken;
  if (!more.value_unsafe()) return std::optional<std::string>();
  const std::string_view cursor = TextAt(*info, "endCursor");
  if (cursor.empty()) return broken;
  return std::optional(std::string(cursor));
}

Result<std::optional<std::string>> NextOf(dom::element root, const model::Pagination& paginate) {
  if (paginate.kind == model::PaginationKind::kCursor) return CursorAt(root, paginate.next);
  if (paginate.kind == model::PaginationKind::kPageInfo) return EndCursorAt(root, paginate.next);
  return std::optional<std::string>();
}

int64_t PointsOf(dom::element root) {
  const auto cost = root["data"]["rateLimit"]["cost"].get_int64();
  return cost.error() == simdjson::SUCCESS ? std::max<int64_t>(0, cost.value_unsafe()) : 1;
}

bool IsAddressLocal(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '%' ||
         c == '+' || c == '-';
}
bool IsAddressDomain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-';
}

// "host.tld" with letters at the end.
bool LooksLikeDomain(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view last = text.substr(dot + 1);
  return last.size() >= 2 && std::all_of(last.begin(), last.end(), [](char c) {
           return std::isalpha(static_cast<unsigned char>(c)) != 0;
         });
}

// Whether what stands at `at` follows an odd number of backslashes: it is part of an escape.
bool IsEscaped(std::string_view text, std::size_t at) {
  std::size_t backslashes = 0;
  while (backslashes < at && text[at - backslashes - 1] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

// "\u0040" and "\u006d" are '@' and 'm', where they could hide an address: such escapes become the
// characters that they stand for.
void UnescapeAddressCharacters(std::string& text) {
  constexpr std::string_view kEscape = "\\u00";
  constexpr std::size_t kLength = 6;
  std::string plain;
  std::size_t kept = 0;
  for (std::size_t at = text.find(kEscape); at != std::string::npos;
       at = text.find(kEscape, at + 1)) {
    unsigned value = 0;
    const char* digits = text.data() + at + kEscape.size();
    const bool whole = at + kLength <= text.size() &&
                       std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2;
    const char character = static_cast<char>(value);
    const bool is_address = value < 0x80 && (character == '@' || IsAddressLocal(character));
    if (!whole || !is_address || IsEscaped(text, at)) continue;
    plain.append(text, kept, at - kept).push_back(character);
    kept = at + kLength;
  }
  if (kept > 0) text = plain.append(text, kept);
}

// Values of a key that is called email are cut whatever they look like.
void NullEmailKeys(std::string& text) {
  constexpr std::string_view kKey = "\"email\":\"";
  for (std::size_t at = text.find(kKey); at != std::string::npos; at = text.find(kKey, at + 1)) {
    const std::size_t value = at + kKey.size() - 1;
    std::size_t end = value + 1;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    text.replace(value, end + 1 - value, "null");
  }
}

void Erase(json::value& value, const std::vector<PathStep>& steps, std::size_t at) {
  if (at == steps.size()) return;
  const PathStep& step = steps[at];
  if (step.kind == PathStep::Kind::kEach && value.is_array()) {
    for (json::value& element : value.as_array()) Erase(element, steps, at + 1);
  }
  if (step.kind != PathStep::Kind::kKey || !value.is_object()) return;
  json::object& object = value.as_object();
  if (at + 1 == steps.size()) {
    object.erase(step.key);
  } else if (json::value* next = object.if_contains(step.key)) {
    Erase(*next, steps, at + 1);
  }
}

// A value that is not of the column's type is refinement's to refuse.
void TakeLargest(dom::element row, const model::Column& column, std::optional<int64_t>& largest) {
  const auto found = Find(row, column.path.steps);
  if (!found) return;
  const auto text = found->get_string();
  const std::optional<int64_t> value =
      text.error() == simdjson::SUCCESS ? model::ParseCursorValue(column.type, text.value_unsafe())
                                        : model::ParseCursorValue(column.type, TextOf(*found));
  if (value) largest = std::max(largest.value_or(*value), *value);
}

std::optional<int64_t> LargestOf(const std::optional<dom::array>& records,
                                 dom::element root,
                                 const model::Dataset& dataset,
                                 const model::Request& request) {
  const model::Column* column = dataset.tables.front().FindColumn(request.cursor->by);
  SG_ASSERT(column != nullptr);
  std::optional<int64_t> largest;
  const auto take = [&](dom::element record) {
    if (!dataset.explode) return TakeLargest(record, *column, largest);
    std::vector<PathStep> steps = dataset.explode->path.steps;
    steps.pop_back();  // [*]
    const auto elements = Find(record, steps);
    if (!elements || !elements->is_array()) return;
    const dom::array rows = elements->get_array().value_unsafe();
    for (const dom::element row : rows) TakeLargest(row, *column, largest);
  };
  if (!records) {
    const auto record = Find(root, dataset.records.steps);
    if (record) take(*record);
    return largest;
  }
  for (const dom::element record : *records) take(record);
  return largest;
}

}  // namespace

struct BodyReader::Impl {
  dom::parser parser;
};

BodyReader::BodyReader() : impl_(std::make_unique<Impl>()) {}
BodyReader::~BodyReader() = default;

Result<PageFacts> BodyReader::Read(std::string_view body,
                                   const model::Dataset& dataset,
                                   const model::Request& request) {
  const auto parsed = impl_->parser.parse(body.data(), body.size(), true);
  if (parsed.error() != simdjson::SUCCESS) {
    return Error(ErrorKind::kCorrupt,
                 fmt::format("the response is not JSON: {} ({} bytes)",
                             simdjson::error_message(parsed.error()),
                             body.size()));
  }
  const dom::element root = parsed.value_unsafe();
  PageFacts facts;
  if (request.graphql) {
    facts.points = PointsOf(root);
    SG_RETURN_IF_ERROR(CheckErrors(root));
  }
  for (const auto& [path, value] : request.retry_when) {
    const auto found = Find(root, path.steps);
    facts.retry = facts.retry || (found && TextOf(*found) == value);
  }
  SG_TRY(const std::optional<dom::array> records, Records(root, dataset.records));
  facts.records = records ? static_cast<int64_t>(records->size()) : 1;
  SG_TRY(facts.next, NextOf(root, request.paginate));
  if (request.cursor) facts.largest = LargestOf(records, root, dataset, request);
  if (!request.split) return facts;
  const auto total = Find(root, request.split->total.steps);
  if (!total || !total->is_int64()) {
    return Error(ErrorKind::kCorrupt,
                 "the response has no total at " + request.split->total.ToString());
  }
  facts.total = total->get_int64().value_unsafe();
  const model::Column* column = dataset.tables.front().FindColumn(request.split->by);
  SG_ASSERT(column != nullptr);
  if (records && records->size() > 0) {
    const auto value = Find(records->at(0).value_unsafe(), column->path.steps);
    if (value) facts.first_value = TextOf(*value);
  }
  return facts;
}

void CutEmailAddresses(std::string& text) {
  UnescapeAddressCharacters(text);
  NullEmailKeys(text);
  for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && IsAddressLocal(text[begin - 1])) --begin;
    // A backslash in front makes the first characters an escape's: "\nme@host.org", and five of
    // them in "\u003cme@host.org".
    if (begin < at && IsEscaped(text, begin))
      begin += std::min<std::size_t>(at - begin, text[begin] == 'u' ? 5 : 1);
    std::size_t end = at + 1;
    while (end < text.size() && IsAddressDomain(text[end])) ++end;
    while (end > at + 1 && !std::isalnum(static_cast<unsigned char>(text[end - 1]))) --end;
    const std::string_view local = std::string_view(text).substr(begin, at - begin);
    const bool is_clone_address = local == "git" && end < text.size() && text[end] == ':';
    if (local.empty() || is_clone_address ||
        !LooksLikeDomain(std::string_view(text).substr(at + 1, end - at - 1)))
      continue;
    constexpr std::string_view kCut = "[e-mail]";
    text.replace(begin, end - begin, kCut);
    at = begin + kCut.size() - 1;
  }
}

std::string Kept(std::string_view body, const model::Dataset& dataset) {
  std::string kept(body.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t size = 0;
  const auto error = simdjson::minify(body.data(), body.size(), kept.data(), size);
  SG_ASSERT(error == simdjson::SUCCESS);
  kept.resize(size);
  CutEmailAddresses(kept);
  if (dataset.drop.empty()) return kept;
  json::value value = json::parse(kept);
  for (const JsonPath& path : dataset.drop) Erase(value, path.steps, 0);
  return json::serialize(value);
}

}  // namespace stargaze::collect
