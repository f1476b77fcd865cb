#include "serve/json_rows.h"

#include <cmath>

namespace stargaze::serve {

namespace json = boost::json;
using storage::SqlRows;
using storage::SqlValue;

json::value ToJson(const SqlValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value))
    return std::isfinite(*number) ? json::value(*number) : json::value(nullptr);
  if (const auto* text = std::get_if<std::string>(&value)) return json::value_from(*text);
  if (const auto* instant = std::get_if<Instant>(&value))
    return json::value_from(FormatInstantSeconds(*instant));
  if (const auto* day = std::get_if<Day>(&value)) return json::value_from(FormatDay(*day));
  return nullptr;
}

json::object RowToJson(const SqlRows& rows, std::size_t row) {
  json::object object;
  object.reserve(rows.columns.size());
  for (std::size_t i = 0; i < rows.columns.size(); ++i)
    object.emplace(rows.columns[i].name, ToJson(rows.rows[row][i]));
  return object;
}

json::array RowsToJson(const SqlRows& rows) {
  json::array list;
  list.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) list.push_back(RowToJson(rows, row));
  return list;
}

}  // namespace stargaze::serve
