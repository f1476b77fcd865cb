#include "warehouse/published_pointer.h"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "base/replace_file.h"

namespace stargaze::warehouse {
namespace {

namespace json = boost::json;

std::string Relative(const std::string& directory, const std::string& path) {
  return path.starts_with(directory + "/") ? path.substr(directory.size() + 1) : path;
}

Error Corrupt(const std::string& directory, std::string_view why) {
  return Error(ErrorKind::kCorrupt,
               fmt::format(
                   "the published pointer cannot be read: {}: {}", PointerPath(directory), why))
      .Remedy("stargaze warehouse rebuild");
}

// The members' types are checked by boost::json, whose exceptions end in ReadPointer.
Publication FromJson(const std::string& directory, const json::object& object) {
  Publication publication;
  publication.version = object.at("version").as_string();
  publication.published_at = ParseInstant(object.at("published_at").as_string()).value();
  publication.sandbox = object.at("sandbox").as_bool();
  if (const json::value& day = object.at("day"); day.is_string())
    publication.day = ParseDay(day.as_string()).value();
  for (const auto& [table, files] : object.at("tables").as_object()) {
    for (const json::value& file : files.as_array()) {
      publication.tables[table].push_back(directory + "/" + std::string(file.as_string()));
    }
  }
  return publication;
}

}  // namespace

std::string PointerPath(const std::string& directory) {
  return directory + "/current.json";
}

Result<std::optional<Publication>> ReadPointer(const std::string& directory) {
  const Result<std::string> text = ReadWholeFile(PointerPath(directory));
  if (!text.ok() && text.error().kind() == ErrorKind::kNotFound)
    return std::optional<Publication>();
  SG_RETURN_IF_ERROR(text);
  try {
    return std::optional<Publication>(FromJson(directory, json::parse(text.value()).as_object()));
  } catch (const std::exception& error) {
    return Corrupt(directory, error.what());
  }
}

Status WritePointer(const std::string& directory, const Publication& publication) {
  json::object tables;
  for (const auto& [table, files] : publication.tables) {
    json::array& list = tables[table].emplace_array();
    for (const std::string& file : files) list.emplace_back(Relative(directory, file));
  }
  const json::object pointer{
      {"version", publication.version},
      {"published_at", FormatInstant(publication.published_at)},
      {"sandbox", publication.sandbox},
      {"day", publication.day ? json::value(FormatDay(*publication.day)) : json::value(nullptr)},
      {"tables", tables}};
  return ReplaceFile(PointerPath(directory), json::serialize(pointer) + "\n");
}

}  // namespace stargaze::warehouse
