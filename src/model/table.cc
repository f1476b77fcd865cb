#include "model/table.h"

#include <array>
#include <cstddef>

namespace stargaze::model {
namespace {

struct TypeNames {
  std::string_view ours{};
  std::string_view duckdb{};
};

constexpr std::array<TypeNames, 7> kTypes{{
    {.ours = "string", .duckdb = "VARCHAR"},
    {.ours = "integer", .duckdb = "BIGINT"},
    {.ours = "number", .duckdb = "DOUBLE"},
    {.ours = "boolean", .duckdb = "BOOLEAN"},
    {.ours = "timestamp", .duckdb = "TIMESTAMP"},
    {.ours = "date", .duckdb = "DATE"},
    {.ours = "json",
     .duckdb = "VARCHAR"},  // Lists are kept as JSON text: MERGE is slow on list columns.
}};
constexpr std::array<std::string_view, 3> kProvenances{"imported", "source_reported", "measured"};
constexpr std::array<std::string_view, 4> kKinds{"entity", "snapshot", "history", "reading"};

}  // namespace

std::string_view NameOf(ColumnType type) {
  return kTypes.at(static_cast<std::size_t>(type)).ours;
}
std::string_view DuckDbTypeOf(ColumnType type) {
  return kTypes.at(static_cast<std::size_t>(type)).duckdb;
}
std::string_view NameOf(Provenance provenance) {
  return kProvenances.at(static_cast<std::size_t>(provenance));
}
std::string_view NameOf(TableKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind));
}

const Column* Table::FindColumn(std::string_view column_name) const {
  for (const Column& column : columns) {
    if (column.name == column_name) return &column;
  }
  return nullptr;
}

}  // namespace stargaze::model
