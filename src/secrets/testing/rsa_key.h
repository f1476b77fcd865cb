// Keys for tests, and the check of what was signed with them.

#pragma once

#include <string>
#include <string_view>

namespace stargaze::secrets {

// A new RSA private key in PEM.
std::string NewKey();

std::string FromBase64Url(std::string_view text);

// Whether a JSON web token carries a signature of the key.
bool SignedBy(const std::string& token, const std::string& pem);

}  // namespace stargaze::secrets
