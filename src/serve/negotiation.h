// What a request's header says about the form it takes and what it has already (RFC 9110).

#pragma once

#include <string_view>

namespace stargaze::serve {

// Whether Accept-Encoding names the coding, or *, with a weight above 0.
bool AcceptsCoding(std::string_view accept_encoding, std::string_view coding);

// Whether If-None-Match has the tag, compared weakly, or *.
bool MatchesTag(std::string_view if_none_match, std::string_view etag);

}  // namespace stargaze::serve
