#include "serve/csv.h"

#include <fmt/core.h>

#include "serve/problem.h"

namespace stargaze::serve {
namespace {

using storage::SqlValue;

std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string Field(const SqlValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return "";
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  // An export loses nothing: what is computed from it again must come out the same.
  if (const auto* instant = std::get_if<Instant>(&value)) return FormatInstant(*instant);
  if (const auto* day = std::get_if<Day>(&value)) return FormatDay(*day);
  const std::string& text = std::get<std::string>(value);
  const bool looks_like_formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  return Quoted(looks_like_formula ? "'" + text : text);
}

}  // namespace

std::string CsvHeader(const storage::SqlRows& rows) {
  std::string csv;
  for (std::size_t i = 0; i < rows.columns.size(); ++i)
    csv += (i == 0 ? "" : ",") + Quoted(rows.columns[i].name);
  return csv + "\r\n";
}

std::string CsvRows(const storage::SqlRows& rows) {
  std::string csv;
  for (const auto& row : rows.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) csv += (i == 0 ? "" : ",") + Field(row[i]);
    csv += "\r\n";
  }
  return csv;
}

std::string ToCsv(const storage::SqlRows& rows) {
  return CsvHeader(rows) + CsvRows(rows);
}

net::HttpResponse CsvResponse(const storage::SqlRows& rows, const std::string& file_name) {
  net::HttpResponse response = TextResponse(ToCsv(rows), "text/csv; charset=utf-8; header=present");
  response.headers.Add("content-disposition",
                       fmt::format("attachment; filename=\"{}\"", file_name));
  return response;
}

}  // namespace stargaze::serve
