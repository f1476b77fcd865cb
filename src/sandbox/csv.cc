#include "sandbox/csv.h"

namespace stargaze::sandbox {
namespace {

constexpr std::size_t kFieldsMax = 1'000;

}  // namespace

Result<bool> CsvReader::Next(std::vector<std::string>& fields) {
  std::size_t count = 0;
  if (rest_.empty()) {
    fields.clear();
    return false;
  }
  bool more = true;
  while (more) {
    if (count == kFieldsMax)
      return Error(ErrorKind::kCorrupt, "a CSV record has more than 1000 fields");
    if (count == fields.size()) fields.emplace_back();
    fields[count].clear();  // Strings are used again for the sake of their memory.
    SG_TRY(more, ReadField(fields[count]));
    ++count;
  }
  fields.resize(count);
  return true;
}

Result<bool> CsvReader::ReadField(std::string& field) {
  if (rest_.starts_with('"')) SG_RETURN_IF_ERROR(ReadQuoted(field));
  const std::size_t end = rest_.find_first_of(",\n");
  if (end == std::string_view::npos) {
    field += rest_;
    rest_ = {};
    return false;
  }
  const bool ends_record = rest_[end] == '\n';
  std::string_view plain = rest_.substr(0, end);
  if (ends_record && plain.ends_with('\r')) plain.remove_suffix(1);
  field += plain;
  rest_.remove_prefix(end + 1);
  return !ends_record;
}

Status CsvReader::ReadQuoted(std::string& field) {
  rest_.remove_prefix(1);
  while (true) {
    const std::size_t quote = rest_.find('"');
    if (quote == std::string_view::npos)
      return Error(ErrorKind::kCorrupt, "a quote in a CSV file never closes");
    field += rest_.substr(0, quote);
    rest_.remove_prefix(quote + 1);
    if (!rest_.starts_with('"')) return Ok();
    field += '"';
    rest_.remove_prefix(1);
  }
}

}  // namespace stargaze::sandbox
