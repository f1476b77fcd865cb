#include "app/aligned_table.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace stargaze::app {
namespace {

using storage::SqlRows;
using storage::SqlValue;

constexpr std::size_t kGap = 2;
constexpr std::size_t kShortest = 8;  // No column is made narrower.

// A terminal's columns: code points, the wide East Asian ones counted twice.
std::size_t WidthOf(unsigned char first_byte) {
  if ((first_byte & 0xC0U) == 0x80U) return 0;
  return first_byte >= 0xE1U && first_byte <= 0xEDU && first_byte != 0xE2U ? 2 : 1;
}

std::string Harmless(std::string text) {
  std::replace_if(
      text.begin(),
      text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
      '?');
  return text;
}

std::string Shortened(const std::string& text, std::size_t width) {
  if (TextWidth(text) <= width) return text;
  std::size_t used = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    const std::size_t next = WidthOf(static_cast<unsigned char>(text[end]));
    if (used + next > width - 1) break;
    used += next;
    ++end;
  }
  return text.substr(0, end) + "…";
}

// The widest texts give way first.
void Fit(std::vector<std::size_t>& widths, const std::vector<bool>& right, std::size_t terminal) {
  if (terminal == 0) return;
  const auto total = [&] {
    return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) +
           kGap * (widths.size() - 1);
  };
  while (!widths.empty() && total() > terminal) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool may = !right[i] && widths[i] > kShortest;
      if (may && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
    }
    if (widest == widths.size()) return;
    --widths[widest];
  }
}

}  // namespace

bool IsNumber(const SqlValue& value) {
  return std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value);
}

std::size_t TextWidth(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) width += WidthOf(static_cast<unsigned char>(c));
  return width;
}

void PrintAligned(std::ostream& out, const OutputOptions& options, const SqlRows& rows) {
  std::vector<std::vector<std::string>> texts;
  std::vector<std::size_t> widths;
  std::vector<bool> right(rows.columns.size(), false);
  for (const storage::SqlColumn& column : rows.columns) widths.push_back(TextWidth(column.name));
  for (const auto& row : rows.rows) {
    std::vector<std::string>& line = texts.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      line.push_back(Harmless(ToText(row[i])));
      widths[i] = std::max(widths[i], TextWidth(line.back()));
      right[i] = right[i] || IsNumber(row[i]);
    }
  }
  Fit(widths, right, options.width);
  const auto print = [&](const std::vector<std::string>& line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string text = Shortened(line[i], widths[i]);
      const std::string padding(widths[i] - TextWidth(text), ' ');
      const bool last = i + 1 == line.size();
      out << (right[i] ? padding + text : last ? text : text + padding) << (last ? "" : "  ");
    }
  };
  if (!options.no_header && !rows.columns.empty()) {
    std::vector<std::string> names;
    for (const storage::SqlColumn& column : rows.columns) names.push_back(column.name);
    out << (options.color ? "\x1b[1m" : "");
    print(names);
    out << (options.color ? "\x1b[0m\n" : "\n");
  }
  for (const std::vector<std::string>& line : texts) {
    print(line);
    out << "\n";
  }
}

}  // namespace stargaze::app
