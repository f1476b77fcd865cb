#include "serve/statement.h"

#include <fmt/core.h>

#include <cctype>

namespace stargaze::serve {
namespace {

std::string Literal(const storage::SqlValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  if (const auto* text = std::get_if<std::string>(&value)) return storage::QuoteLiteral(*text);
  if (const auto* day = std::get_if<Day>(&value)) return "DATE '" + FormatDay(*day) + "'";
  if (const auto* instant = std::get_if<Instant>(&value))
    return "TIMESTAMP '" + FormatInstant(*instant) + "'";
  return "NULL";
}

}  // namespace

std::string Statement::Bind(storage::SqlValue value) {
  parameters_.push_back(std::move(value));
  return "$" + std::to_string(parameters_.size());
}

std::string Statement::Shown() const {
  std::string shown;
  for (std::size_t at = 0; at < sql.size();) {
    std::size_t end = at + 1;
    while (end < sql.size() && std::isdigit(static_cast<unsigned char>(sql[end])) != 0) ++end;
    if (sql[at] != '$' || end == at + 1) {
      shown += sql[at++];
      continue;
    }
    const auto number = static_cast<std::size_t>(std::stoul(sql.substr(at + 1, end - at - 1)));
    shown += Literal(parameters_.at(number - 1));
    at = end;
  }
  return shown;
}

}  // namespace stargaze::serve
