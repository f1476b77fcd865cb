#include "storage/duckdb_cells.h"

#include <cstddef>
#include <type_traits>

#include "storage/duckdb_library.h"

namespace stargaze::storage {
namespace {

template <typename T>
T At(void* data, idx_t row) {
  return static_cast<const T*>(data)[row];
}

std::string TextAt(void* data, idx_t row) {
  auto text = At<duckdb_string_t>(data, row);
  return {duck.string_t_data(&text), duck.string_t_length(text)};
}

double HugeToDouble(const duckdb_hugeint& huge) {
  return static_cast<double>(huge.upper) * 18446744073709551616.0 + static_cast<double>(huge.lower);
}

// A sum of BIGINT is a HUGEINT; in practice it fits, and a cell that does not becomes a double.
SqlValue FromHuge(const duckdb_hugeint& huge) {
  const bool fits = (huge.upper == 0 && huge.lower <= static_cast<uint64_t>(INT64_MAX)) ||
                    (huge.upper == -1 && huge.lower > static_cast<uint64_t>(INT64_MAX));
  if (fits) return static_cast<int64_t>(huge.lower);
  return HugeToDouble(huge);
}

SqlValue CellAt(duckdb_type type, void* data, idx_t row) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return At<bool>(data, row);
    case DUCKDB_TYPE_TINYINT:
      return int64_t{At<int8_t>(data, row)};
    case DUCKDB_TYPE_SMALLINT:
      return int64_t{At<int16_t>(data, row)};
    case DUCKDB_TYPE_INTEGER:
      return int64_t{At<int32_t>(data, row)};
    case DUCKDB_TYPE_BIGINT:
      return At<int64_t>(data, row);
    case DUCKDB_TYPE_UTINYINT:
      return int64_t{At<uint8_t>(data, row)};
    case DUCKDB_TYPE_USMALLINT:
      return int64_t{At<uint16_t>(data, row)};
    case DUCKDB_TYPE_UINTEGER:
      return int64_t{At<uint32_t>(data, row)};
    case DUCKDB_TYPE_UBIGINT:
      return static_cast<int64_t>(At<uint64_t>(data, row));
    case DUCKDB_TYPE_HUGEINT:
      return FromHuge(At<duckdb_hugeint>(data, row));
    case DUCKDB_TYPE_FLOAT:
      return double{At<float>(data, row)};
    case DUCKDB_TYPE_DOUBLE:
      return At<double>(data, row);
    case DUCKDB_TYPE_VARCHAR:
      return TextAt(data, row);
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return Instant(std::chrono::microseconds(At<duckdb_timestamp>(data, row).micros));
    case DUCKDB_TYPE_DATE:
      return Day(std::chrono::days(At<duckdb_date>(data, row).days));
    default:
      return std::monostate{};
  }
}

}  // namespace

bool IsNativeType(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_SQLNULL:
      return true;
    default:
      return false;
  }
}

void AppendChunk(duckdb_data_chunk chunk, const std::vector<duckdb_type>& types, SqlRows& rows) {
  const idx_t count = duck.data_chunk_get_size(chunk);
  const std::size_t first = rows.rows.size();
  rows.rows.resize(first + count, std::vector<SqlValue>(types.size()));
  for (std::size_t column = 0; column < types.size(); ++column) {
    duckdb_vector vector = duck.data_chunk_get_vector(chunk, column);
    void* data = duck.vector_get_data(vector);
    uint64_t* validity = duck.vector_get_validity(vector);
    for (idx_t row = 0; row < count; ++row) {
      if (validity != nullptr && !duck.validity_row_is_valid(validity, row)) continue;
      rows.rows[first + row][column] = CellAt(types[column], data, row);
    }
  }
}

}  // namespace stargaze::storage
