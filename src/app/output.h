// What a command prints: tables for people, plain rows for pipes, JSON for programs; errors in
// four parts.

#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "orchestrate/zone.h"
#include "storage/duckdb.h"

namespace stargaze::app {

enum class OutputFormat { kTable, kTsv, kCsv, kJson, kNdjson, kMarkdown };

// "table", "tsv", "csv", "json", "ndjson", "md"; in this order.
const std::vector<std::string>& OutputFormatNames();

struct OutputOptions {
  std::optional<OutputFormat> format{};  // nullopt: a table at a terminal, plain rows for a pipe.
  std::vector<std::string> columns{};    // Asked for, in this order; empty: the command's choice.
  std::string sort{};                    // "stars", "stars:desc"; empty: the command's order.
  std::optional<orchestrate::Zone> zone{};  // In which instants are written; nullopt: UTC.
  bool list_columns = false;                // --json=?: what could be asked for.
  bool no_header = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool color = false;
  std::size_t width = 0;  // Of the terminal; 0: unknown, nothing is shortened.
};

// One result of a command. Data goes to `out`; everything else to the error stream.
struct TableOutput {
  std::vector<std::string> columns{};
  std::vector<std::vector<storage::SqlValue>> rows{};
  // Of the columns: those that only JSON and who asks for them get.
  std::vector<std::string> more{};
};

// The same columns at a terminal and in a pipe. kInvalidInput for a column that the table lacks.
Status PrintTable(std::ostream& out, const OutputOptions& options, const TableOutput& table);

// "error[E-CONFLICT]: what · why · what to do".
void PrintError(std::ostream& err, const Error& error, bool color = false);

// "E-CONFLICT"
std::string CodeOf(ErrorKind kind);

std::string ToText(const storage::SqlValue& value);

// "2026-01-31T11:00:00+09:00"
std::string FormatInZone(Instant instant, const orchestrate::Zone& zone);

// "12.3 MB": decimal units.
std::string HumanBytes(int64_t bytes);

// What another machine has written, without what would drive a terminal but colours: control
// characters other than line ends and tabs are left out.
std::string Printable(std::string_view text);

// Columns of a terminal that a text takes.
std::size_t TextWidth(std::string_view text);

}  // namespace stargaze::app
