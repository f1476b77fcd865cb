// Opaque cursors of lists: where the next page begins, and what list they belong to.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"

namespace stargaze::serve {

// `scope` says all that the list depends on; a cursor of another one is refused. Null when nothing
// follows.
boost::json::value NextCursor(std::string_view scope, int64_t offset, int64_t total);
// kInvalidInput for what is no cursor of this list.
Result<int64_t> ReadCursor(const std::string& cursor, std::string_view scope);

}  // namespace stargaze::serve
