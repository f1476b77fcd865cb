#include "app/output.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include "app/aligned_table.h"
#include "base/suggest.h"
#include "serve/row_text.h"

namespace stargaze::app {
namespace {

using storage::SqlRows;
using storage::SqlValue;

bool IsJson(OutputFormat format) {
  return format == OutputFormat::kJson || format == OutputFormat::kNdjson;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Result<std::size_t> PositionOf(const std::string& name, const std::vector<std::string>& columns) {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  return Error(ErrorKind::kInvalidInput,
               fmt::format("there is no column '{}'{}", name, DidYouMean(name, columns)))
      .Remedy("choose from: " + Joined(columns));
}

// Positions in the table, in the order in which they are printed.
Result<std::vector<std::size_t>> ChosenColumns(const OutputOptions& options,
                                               OutputFormat format,
                                               const TableOutput& table) {
  std::vector<std::size_t> chosen;
  for (const std::string& name : options.columns) {
    SG_TRY(const std::size_t position, PositionOf(name, table.columns));
    chosen.push_back(position);
  }
  if (!chosen.empty()) return chosen;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const bool more =
        std::find(table.more.begin(), table.more.end(), table.columns[i]) != table.more.end();
    if (!more || IsJson(format)) chosen.push_back(i);
  }
  return chosen;
}

// Numbers by value, whole or not; everything else within its own kind.
bool IsLess(const SqlValue& a, const SqlValue& b) {
  const auto number = [](const SqlValue& value) -> std::optional<double> {
    if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
    if (const auto* real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
  };
  if (a.index() == b.index()) return a < b;
  const auto left = number(a);
  const auto right = number(b);
  return left && right ? *left < *right : a.index() < b.index();
}

// "stars" or "stars:desc"; what has no value comes last either way.
Status Sort(SqlRows& rows, const std::string& wanted, const TableOutput& table) {
  const std::size_t colon = wanted.find(':');
  const std::string direction = colon == std::string::npos ? "asc" : wanted.substr(colon + 1);
  if (direction != "asc" && direction != "desc")
    return Error(ErrorKind::kInvalidInput, "not a direction: '" + direction + "'")
        .Remedy("write --sort COLUMN, or --sort COLUMN:desc");
  SG_TRY(const std::size_t by, PositionOf(wanted.substr(0, colon), table.columns));
  std::stable_sort(rows.rows.begin(), rows.rows.end(), [&](const auto& left, const auto& right) {
    const SqlValue& a = left[by];
    const SqlValue& b = right[by];
    if (std::holds_alternative<std::monostate>(a) || std::holds_alternative<std::monostate>(b))
      return !std::holds_alternative<std::monostate>(a);
    return direction == "desc" ? IsLess(b, a) : IsLess(a, b);
  });
  return Ok();
}

void WriteInZone(SqlRows& rows, const orchestrate::Zone& zone) {
  for (auto& row : rows.rows) {
    for (SqlValue& value : row) {
      if (const auto* instant = std::get_if<Instant>(&value)) value = FormatInZone(*instant, zone);
    }
  }
}

SqlRows Projected(const SqlRows& rows,
                  const TableOutput& table,
                  const std::vector<std::size_t>& chosen) {
  SqlRows projected;
  for (const std::size_t column : chosen)
    projected.columns.push_back({.name = table.columns[column]});
  for (const auto& row : rows.rows) {
    std::vector<SqlValue>& picked = projected.rows.emplace_back();
    for (const std::size_t column : chosen) picked.push_back(row.at(column));
  }
  return projected;
}

// Nothing is rounded for a program.
std::string ExactText(const SqlValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  return ToText(value);
}

// Tabs and line breaks inside a value would make another column or row of it.
std::string OneCell(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

void PrintTsv(std::ostream& out, const SqlRows& rows, bool header) {
  for (std::size_t i = 0; header && i < rows.columns.size(); ++i)
    out << rows.columns[i].name << (i + 1 == rows.columns.size() ? "\n" : "\t");
  for (const auto& row : rows.rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      out << (i == 0 ? "" : "\t") << OneCell(ExactText(row[i]));
    out << "\n";
  }
}

void PrintMarkdown(std::ostream& out, const SqlRows& rows) {
  const auto cell = [&](const std::string& text) {
    out << "| ";
    for (const char c : OneCell(text)) out << (c == '|' ? "\\|" : std::string(1, c));
    out << ' ';
  };
  for (const storage::SqlColumn& column : rows.columns) cell(column.name);
  out << "|\n";
  for (std::size_t i = 0; i < rows.columns.size(); ++i)
    out << (!rows.empty() && IsNumber(rows.rows[0][i]) ? "|---:" : "|---");
  out << "|\n";
  for (const auto& row : rows.rows) {
    for (const SqlValue& value : row) cell(ToText(value));
    out << "|\n";
  }
}

void PrintAs(std::ostream& out, serve::RowForm form, const SqlRows& rows, bool header) {
  serve::RowText text(form);
  std::string bytes;
  text.Append(rows, bytes);
  text.End(bytes);
  // A name is never broken over lines, so the header is the first one.
  if (!header && form == serve::RowForm::kCsv) bytes.erase(0, bytes.find('\n') + 1);
  out << bytes;
  if (form == serve::RowForm::kJson) out << "\n";
}

}  // namespace

const std::vector<std::string>& OutputFormatNames() {
  static const std::vector<std::string> kNames{"table", "tsv", "csv", "json", "ndjson", "md"};
  return kNames;
}

std::string ToText(const SqlValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return "";
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:.6g}", *number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* instant = std::get_if<Instant>(&value)) return FormatInstantSeconds(*instant);
  return FormatDay(std::get<Day>(value));
}

std::string FormatInZone(Instant instant, const orchestrate::Zone& zone) {
  const auto offset = zone.SpanAt(instant).offset;
  if (offset.count() == 0) return FormatInstantSeconds(instant);
  std::string text = FormatInstantSeconds(instant + offset);
  text.pop_back();  // The Z.
  const auto minutes = std::chrono::abs(std::chrono::duration_cast<std::chrono::minutes>(offset));
  return text + fmt::format("{}{:02}:{:02}",
                            offset.count() < 0 ? '-' : '+',
                            minutes.count() / 60,
                            minutes.count() % 60);
}

Status PrintTable(std::ostream& out, const OutputOptions& options, const TableOutput& table) {
  if (options.list_columns) {
    for (const std::string& column : table.columns) out << column << "\n";
    return Ok();
  }
  const OutputFormat format =
      options.format.value_or(options.out_is_terminal ? OutputFormat::kTable : OutputFormat::kTsv);
  SG_TRY(const std::vector<std::size_t> chosen, ChosenColumns(options, format, table));
  SqlRows all{.rows = table.rows};
  if (!options.sort.empty()) SG_RETURN_IF_ERROR(Sort(all, options.sort, table));
  if (options.zone) WriteInZone(all, *options.zone);
  const SqlRows rows = Projected(all, table, chosen);
  switch (format) {
    case OutputFormat::kTable:
      PrintAligned(out, options, rows);
      break;
    case OutputFormat::kTsv:  // Plain rows when it was not asked for: cut, sort and read want no
                              // header.
      PrintTsv(out, rows, options.format.has_value() && !options.no_header);
      break;
    case OutputFormat::kCsv:
      PrintAs(out, serve::RowForm::kCsv, rows, !options.no_header);
      break;
    case OutputFormat::kJson:
      PrintAs(out, serve::RowForm::kJson, rows, true);
      break;
    case OutputFormat::kNdjson:
      PrintAs(out, serve::RowForm::kNdjson, rows, true);
      break;
    case OutputFormat::kMarkdown:
      PrintMarkdown(out, rows);
      break;
  }
  return Ok();
}

std::string CodeOf(ErrorKind kind) {
  std::string code = "E-" + std::string(TraitsOf(kind).name);
  for (char& c : code)
    c = c == '_' ? '-' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return code;
}

void PrintError(std::ostream& err, const Error& error, bool color) {
  const std::string code = "error[" + CodeOf(error.kind()) + "]";
  err << (color ? "\x1b[1;31m" + code + "\x1b[0m" : code) << ": " << error.message();
  if (const auto delay = error.retry_after())
    err << " · may work again in " << delay->count() << " s";
  if (!error.remedy().empty()) err << " · " << error.remedy();
  err << "\n";
}

std::string Printable(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const std::size_t end = text.starts_with("\x1b[") ? text.find_first_not_of("0123456789;", 2)
                                                      : std::string_view::npos;
    const bool is_color = end != std::string_view::npos && text[end] == 'm';
    const auto c = static_cast<unsigned char>(text.front());
    // U+0080 to U+009F are control characters too; in UTF-8 they begin with C2.
    const bool is_high_control =
        c == 0xC2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xA0;
    const std::size_t bytes = is_color ? end + 1 : is_high_control ? 2 : 1;
    const bool is_control = (c < ' ' && c != '\n' && c != '\t') || c == 0x7F || is_high_control;
    if (is_color || !is_control) kept += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return kept;
}

std::string HumanBytes(int64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace stargaze::app
