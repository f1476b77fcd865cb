#include "app/output.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include <boost/json.hpp>

namespace stargaze::app {
namespace {

namespace json = boost::json;
using storage::SqlValue;

bool IsNumber(const SqlValue& value) {
  return std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value);
}

// Columns of a terminal: code points, with the wide East Asian ones counted twice.
std::size_t Width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) == 0x80U) continue;
    width += byte >= 0xE1U && byte <= 0xEDU ? 2 : 1;
  }
  return width;
}

void PrintAligned(std::ostream& out, const TableOutput& table) {
  std::vector<std::size_t> widths;
  for (const std::string& column : table.columns) widths.push_back(Width(column));
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], Width(ToText(row[i])));
  }
  const auto cell = [&](const std::string& text, std::size_t column, bool right) {
    const std::string padding(widths[column] - Width(text), ' ');
    const bool last = column + 1 == widths.size();
    out << (right ? padding + text : last ? text : text + padding) << (last ? "\n" : "  ");
  };
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    cell(table.columns[i], i, !table.rows.empty() && IsNumber(table.rows[0][i]));
  }
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) cell(ToText(row[i]), i, IsNumber(row[i]));
  }
}

// Tabs and line breaks inside a value would make another column or row of it.
std::string TsvText(const SqlValue& value) {
  std::string text = ToText(value);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

json::value ToJson(const SqlValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return nullptr;
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return json::value_from(ToText(value));
}

}  // namespace

std::string ToText(const SqlValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return "";
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:.6g}", *number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* instant = std::get_if<Instant>(&value)) return FormatInstantSeconds(*instant);
  return FormatDay(std::get<Day>(value));
}

void PrintTable(std::ostream& out, const OutputOptions& options, const TableOutput& table) {
  if (options.json) {
    json::array list;
    for (const auto& row : table.rows) {
      json::object object;
      for (std::size_t i = 0; i < row.size(); ++i) object[table.columns[i]] = ToJson(row[i]);
      list.push_back(std::move(object));
    }
    out << json::serialize(list) << "\n";
    return;
  }
  if (options.out_is_terminal) {
    PrintAligned(out, table);
    return;
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    out << (i == 0 ? "" : "\t") << table.columns[i];
  out << "\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out << (i == 0 ? "" : "\t") << TsvText(row[i]);
    out << "\n";
  }
}

void PrintError(std::ostream& err, const Error& error) {
  std::string code(TraitsOf(error.kind()).name);
  for (char& c : code)
    c = c == '_' ? '-' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  err << "error[E-" << code << "]: " << error.message();
  if (const auto delay = error.retry_after())
    err << " · may work again in " << delay->count() << " s";
  if (!error.remedy().empty()) err << " · " << error.remedy();
  err << "\n";
}

std::string HumanBytes(int64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace stargaze::app
