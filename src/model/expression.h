// What a column computes from its record where a path alone is not enough:
// "date_add(epoch_day($.week), weekday)". A closed set of functions, typed when it is read.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/json_path.h"
#include "model/table.h"

namespace stargaze::model {

struct ExpressionFunction {
  std::string_view name{};  // "date_add"
  std::vector<ColumnType> parameters{};
  ColumnType result = ColumnType::kString;
  std::string_view meaning{};  // For the reference: "the day that many days later"
};

std::span<const ExpressionFunction> ExpressionFunctions();

// `index` is the name of the exploded element's index, empty where nothing is exploded. Every value
// may be absent, and what is computed from an absent value is absent. kInvalidInput with the place
// for anything outside of the functions above, whole numbers, paths and the index, and for values
// of a wrong type.
Result<Expression> ParseExpression(std::string_view text, std::string_view index = {});

}  // namespace stargaze::model
