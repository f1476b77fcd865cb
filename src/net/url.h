// Building and taking apart URLs (RFC 3986).

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace stargaze::net {

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// base "https://api.github.com" + path + percent-encoded query.
std::string BuildUrl(std::string_view base, std::string_view path, const QueryParameters& query);

struct UrlParts {
  std::string origin{};     // "https://api.github.com", with the port if one is given; lower case.
  std::string path{};       // As sent, still encoded; "/" when empty.
  QueryParameters query{};  // Decoded.
};

// kInvalidInput for what is no absolute http or https URL.
Result<UrlParts> ParseUrl(std::string_view url);
// Path and query of a request line ("/a?b=c").
Result<UrlParts> ParseTarget(std::string_view target);

std::string PercentEncode(std::string_view text);
// nullopt for a broken escape.
std::optional<std::string> PercentDecode(std::string_view text);

// The target of rel="next" in a Link header (RFC 8288), nullopt without one.
std::optional<std::string> NextLink(std::string_view link_header);

}  // namespace stargaze::net
