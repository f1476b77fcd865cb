// Texts with variables in braces: "stars:{band.from}..{band.to}".

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stargaze::collect {

using Variables = std::map<std::string, std::string>;

// Every {name} replaced by its value. kInvalidInput for a name that is not in `variables` or an
// unclosed brace.
Result<std::string> Expand(std::string_view text, const Variables& variables);

}  // namespace stargaze::collect
