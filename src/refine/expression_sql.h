// A declared expression as SQL.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "model/table.h"

namespace stargaze::refine {

// A path that an expression reads, and what must stand there.
struct Leaf {
  model::JsonPath path{};
  model::ColumnType type = model::ColumnType::kInteger;
};

// In the order of the text.
std::vector<Leaf> LeavesOf(const model::Expression& expression);

// `value_of` gives the typed SQL of a leaf, by its number. The index is the column `place`. NULL
// for whatever cannot be computed; nothing in it fails.
std::string ExpressionSql(
    const model::Expression& expression,
    const std::function<std::string(std::size_t leaf, model::ColumnType type)>& value_of);

}  // namespace stargaze::refine
