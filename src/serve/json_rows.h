// Query results as JSON.

#pragma once

#include <boost/json.hpp>

#include "storage/duckdb.h"

namespace stargaze::serve {

boost::json::value ToJson(const storage::SqlValue& value);
boost::json::object RowToJson(const storage::SqlRows& rows, std::size_t row);
boost::json::array RowsToJson(const storage::SqlRows& rows);

}  // namespace stargaze::serve
