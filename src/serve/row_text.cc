#include "serve/row_text.h"

#include <boost/json.hpp>

#include "serve/csv.h"
#include "serve/json_rows.h"

namespace stargaze::serve {

std::string_view RowText::media_type() const {
  switch (form_) {
    case RowForm::kCsv:
      return "text/csv; charset=utf-8; header=present";
    case RowForm::kNdjson:
      return "application/x-ndjson";
    case RowForm::kJson:
      return "application/json";
  }
  return "application/octet-stream";
}

void RowText::Append(const storage::SqlRows& rows, std::string& text) {
  if (form_ == RowForm::kCsv) {
    if (!begun_) text += CsvHeader(rows);
    text += CsvRows(rows);
  } else {
    if (!begun_ && form_ == RowForm::kJson) text += '[';
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (has_rows_ && form_ == RowForm::kJson) text += ',';
      text += boost::json::serialize(RowToJson(rows, row));
      if (form_ == RowForm::kNdjson) text += '\n';
      has_rows_ = true;
    }
  }
  begun_ = true;
}

void RowText::End(std::string& text) {
  if (form_ == RowForm::kJson) text += ']';
}

}  // namespace stargaze::serve
