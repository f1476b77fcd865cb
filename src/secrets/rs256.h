// RS256 signatures (RFC 7518 section 3.3), from OpenSSL.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "secrets/secret.h"

namespace stargaze::secrets {

// The three parts of a JSON web token with these claims (JSON), signed. kInvalidInput when the key
// is no RSA private key in PEM.
Result<Secret> SignedToken(std::string_view claims, const Secret& private_key_pem);

// Base64 for URLs without padding (RFC 4648 section 5).
std::string Base64Url(std::string_view bytes);

}  // namespace stargaze::secrets
