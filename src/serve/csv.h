// Rows as CSV (RFC 4180), safe to open in a spreadsheet.

#pragma once

#include <string>

#include "net/http_client.h"
#include "storage/duckdb.h"

namespace stargaze::serve {

// With a header line. A text that a spreadsheet would take for a formula gets a ' in front.
std::string ToCsv(const storage::SqlRows& rows);
// The two parts of that.
std::string CsvHeader(const storage::SqlRows& rows);
std::string CsvRows(const storage::SqlRows& rows);

net::HttpResponse CsvResponse(const storage::SqlRows& rows, const std::string& file_name);

}  // namespace stargaze::serve
