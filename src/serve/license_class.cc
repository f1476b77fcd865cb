#include "serve/license_class.h"

#include "base/assert.h"
#include "base/embedded_files.h"

namespace stargaze::serve {
namespace {

std::string_view TableText() {
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (file.path == "marts/license_class.csv") return file.bytes;
  }
  SG_ASSERT(false && "marts/license_class.csv is missing from the binary");
  return {};
}

std::map<std::string, std::string, std::less<>> ReadTable(std::string_view text) {
  std::map<std::string, std::string, std::less<>> table;
  bool is_header = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t comma = line.find(',');
    if (!is_header && comma != std::string_view::npos)
      table.emplace(line.substr(0, comma), line.substr(comma + 1));
    is_header = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return table;
}

}  // namespace

const std::vector<std::string>& LicenseClasses() {
  static const std::vector<std::string> kClasses{
      "permissive", "weak", "strong", "source_available", "other", "none"};
  return kClasses;
}

const std::map<std::string, std::string, std::less<>>& LicenseClassTable() {
  static const auto kTable = ReadTable(TableText());
  return kTable;
}

std::string ClassOfLicense(std::string_view license_key) {
  const auto found = LicenseClassTable().find(license_key);
  return found == LicenseClassTable().end() ? "other" : found->second;
}

}  // namespace stargaze::serve
