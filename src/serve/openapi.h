// The OpenAPI 3.1 document, made of the same table that routes.

#pragma once

#include <string>

#include "base/result.h"
#include "serve/router.h"

namespace stargaze::serve {

// kInternal with the route when its facts do not fit together: a test asks for it, and so does
// every start.
Result<std::string> OpenApiDocument(const Router& router);

}  // namespace stargaze::serve
