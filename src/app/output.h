// What a command prints: tables for people, TSV for pipes, JSON for programs; errors in four parts.

#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "storage/duckdb.h"

namespace stargaze::app {

struct OutputOptions {
  bool json = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

// One result of a command. Data goes to `out`; everything else to the error stream.
struct TableOutput {
  std::vector<std::string> columns{};
  std::vector<std::vector<storage::SqlValue>> rows{};
};

// A terminal gets aligned columns (numbers to the right), a pipe gets TSV with a header, --json an
// array of objects.
void PrintTable(std::ostream& out, const OutputOptions& options, const TableOutput& table);

// "error[E-CONFLICT]: what · why · what to do".
void PrintError(std::ostream& err, const Error& error);

std::string ToText(const storage::SqlValue& value);

// "12.3 MB": decimal units.
std::string HumanBytes(int64_t bytes);

}  // namespace stargaze::app
