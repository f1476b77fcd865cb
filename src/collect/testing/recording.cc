#include "collect/testing/recording.h"

#include <fmt/core.h>

#include <charconv>
#include <cstddef>
#include <fstream>

namespace stargaze::collect::testing {
namespace {

// A line for each: scheme, method, host, port, target, request headers, request body, status,
// response headers, response body; then an empty one.
constexpr std::size_t kMethod = 1;
constexpr std::size_t kTarget = 4;
constexpr std::size_t kAsked = 5;
constexpr std::size_t kStatus = 7;
constexpr std::size_t kHeaders = 8;
constexpr std::size_t kBody = 9;

// The quoted texts of a list of pairs or of a dictionary, as Python prints them.
Result<std::vector<std::string>> QuotedTexts(std::string_view line) {
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char quote = line[at];
    if (quote != '\'' && quote != '"') continue;
    std::string text;
    for (++at; at < line.size() && line[at] != quote; ++at) {
      const bool escaped = line[at] == '\\';
      if (escaped && ++at < line.size() &&
          std::string_view("'\"\\").find(line[at]) == std::string_view::npos)
        return Error(ErrorKind::kCorrupt, fmt::format("an unknown escape: \\{}", line[at]));
      if (at < line.size()) text += line[at];
    }
    if (at >= line.size()) return Error(ErrorKind::kCorrupt, "a text without its closing quote");
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<net::Headers> HeadersOf(std::string_view line) {
  SG_TRY(const std::vector<std::string> texts, QuotedTexts(line));
  if (texts.size() % 2 != 0) return Error(ErrorKind::kCorrupt, "a header without a value");
  net::Headers headers;
  for (std::size_t at = 0; at < texts.size(); at += 2) headers.Add(texts[at], texts[at + 1]);
  return headers;
}

Result<RecordedExchange> ExchangeOf(const std::vector<std::string>& lines) {
  RecordedExchange exchange{
      .method = lines[kMethod], .target = lines[kTarget], .body = lines[kBody]};
  const std::string& status = lines[kStatus];
  std::from_chars(status.data(), status.data() + status.size(), exchange.status);
  if (exchange.status < 100 || !exchange.target.starts_with('/'))
    return Error(ErrorKind::kCorrupt, "no status or no target where they belong");
  SG_TRY(exchange.asked, HeadersOf(lines[kAsked]));
  SG_TRY(exchange.headers, HeadersOf(lines[kHeaders]));
  return exchange;
}

}  // namespace

std::string RecordedExchange::Answered(std::string_view header) const {
  return std::string(headers.Find(header).value_or(""));
}

Result<std::vector<RecordedExchange>> ReadRecording(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error(ErrorKind::kNotFound, "cannot read " + path);
  std::vector<RecordedExchange> exchanges;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(std::move(line));
    if (lines.size() <= kBody) continue;
    SG_TRY(RecordedExchange exchange, ExchangeOf(lines));
    exchanges.push_back(std::move(exchange));
    lines.clear();
    if (std::getline(file, line) && !line.empty())
      return Error(ErrorKind::kCorrupt, "an exchange of too many lines in " + path);
  }
  if (lines.empty()) return exchanges;
  lines.resize(kBody + 1);  // The last body may be empty, and then its line is missing.
  SG_TRY(RecordedExchange last, ExchangeOf(lines));
  exchanges.push_back(std::move(last));
  return exchanges;
}

}  // namespace stargaze::collect::testing
