#include "net/url.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include <boost/url.hpp>

namespace stargaze::net {
namespace {

namespace urls = boost::urls;

bool IsUnreserved(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Cuts the text up to a separator off the front of `rest`.
std::string_view TakeUntil(std::string_view& rest, char separator) {
  const std::size_t at = std::min(rest.find(separator), rest.size());
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(std::min(rest.size(), at + 1));
  return taken;
}

// In a query '+' is a blank (HTML forms, and what GitHub's search accepts).
std::optional<std::string> DecodeQuery(std::string_view text) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '+', ' ');
  return PercentDecode(plain);
}

std::optional<QueryParameters> ParseQuery(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const std::string_view pair = TakeUntil(query, '&');
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const auto name = DecodeQuery(pair.substr(0, equals));
    const auto value = DecodeQuery(equals == std::string_view::npos ? std::string_view()
                                                                    : pair.substr(equals + 1));
    if (!name || !value) return std::nullopt;
    parameters.emplace_back(*name, *value);
  }
  return parameters;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// True when one of the parameters behind a link says rel="next".
bool IsNext(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view one = Trimmed(TakeUntil(parameters, ';'));
    if (one == "rel=\"next\"" || one == "rel=next") return true;
  }
  return false;
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const bool whole = text.size() - i > 2;
    const int high = whole ? HexDigit(text[i + 1]) : -1;
    const int low = whole ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::string BuildUrl(std::string_view base, std::string_view path, const QueryParameters& query) {
  std::string url(base);
  while (url.ends_with('/')) url.pop_back();
  url += path;
  char separator = '?';
  for (const auto& [name, value] : query) {
    url += separator + PercentEncode(name) + "=" + PercentEncode(value);
    separator = '&';
  }
  return url;
}

Result<UrlParts> ParseUrl(std::string_view url) {
  const Error malformed(ErrorKind::kInvalidInput,
                        fmt::format("not an absolute http or https URL: '{}'", url.substr(0, 200)));
  const auto parsed = urls::parse_uri(url);
  if (parsed.has_error()) return malformed;
  const urls::url_view view = parsed.value();
  std::string scheme = view.scheme();
  std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](unsigned char c) {
    return std::tolower(c);
  });
  if ((scheme != "http" && scheme != "https") || view.encoded_host().empty() || view.has_userinfo())
    return malformed;
  UrlParts parts;
  parts.origin = scheme + "://" + std::string(view.encoded_host());
  std::transform(
      parts.origin.begin(), parts.origin.end(), parts.origin.begin(), [](unsigned char c) {
        return std::tolower(c);
      });
  const std::string_view default_port = scheme == "http" ? "80" : "443";
  // The library lets a second colon through ("http://[::1]::80/").
  const std::string port(view.port());
  std::string_view authority = url.substr(scheme.size() + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::size_t host_end = authority.find(':', authority.rfind(']') + 1);
  const bool port_is_last = host_end == authority.npos || authority.substr(host_end + 1) == port;
  if (!port_is_last || port.size() > 5) return malformed;
  if (!port.empty() && port != default_port) parts.origin += ":" + port;
  parts.path = std::string(view.encoded_path());
  if (parts.path.empty()) parts.path = "/";
  const std::string encoded_query(view.encoded_query());
  auto query = ParseQuery(encoded_query);
  if (!query) return malformed;
  parts.query = std::move(*query);
  return parts;
}

Result<UrlParts> ParseTarget(std::string_view target) {
  const Error malformed(ErrorKind::kInvalidInput, "malformed request target");
  if (!target.starts_with('/')) return malformed;
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  UrlParts parts;
  parts.path = std::string(target.substr(0, mark));
  auto query =
      ParseQuery(mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1));
  if (!query) return malformed;
  parts.query = std::move(*query);
  return parts;
}

std::optional<std::string> NextLink(std::string_view header) {
  // A target stands in angle brackets, where commas and semicolons separate nothing.
  while (!header.empty()) {
    TakeUntil(header, '<');
    const std::string_view target = TakeUntil(header, '>');
    if (IsNext(TakeUntil(header, ','))) return std::string(target);
  }
  return std::nullopt;
}

}  // namespace stargaze::net
