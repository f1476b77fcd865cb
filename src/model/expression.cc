#include "model/expression.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/suggest.h"

namespace stargaze::model {
namespace {

constexpr int kDepthMax = 8;

class Parser {
 public:
  Parser(std::string_view text, std::string_view index) : text_(text), index_(index) {}

  Result<Expression> Parse() {
    SG_TRY(Expression expression, ParseValue(0));
    SkipSpaces();
    if (at_ != text_.size()) return Malformed("expected the end");
    if (expression.kind != Expression::Kind::kCall)
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("an expression must call a function: {}", FunctionNames()));
    return expression;
  }

 private:
  Error Malformed(std::string_view why) const {
    return {ErrorKind::kInvalidInput,
            fmt::format("malformed expression: {} at character {} of '{}'", why, at_ + 1, text_)};
  }

  static std::string FunctionNames() {
    std::string names;
    for (const ExpressionFunction& function : ExpressionFunctions()) {
      names += (names.empty() ? "" : ", ");
      names += function.name;
    }
    return names;
  }

  void SkipSpaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  bool Skip(char c) {
    SkipSpaces();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view Until(std::string_view stops) {
    const std::size_t end = std::min(text_.find_first_of(stops, at_), text_.size());
    const std::string_view token = text_.substr(at_, end - at_);
    at_ = end;
    return token;
  }

  Result<Expression> ParseValue(int depth) {
    SkipSpaces();
    if (depth > kDepthMax) return Malformed("nested too deeply");
    if (at_ == text_.size()) return Malformed("expected a value");
    if (text_[at_] == '$') {
      SG_TRY(JsonPath path, ParseJsonPath(Until(" ,)")));
      return Expression{.kind = Expression::Kind::kPath, .path = std::move(path)};
    }
    if (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '-')
      return ParseInteger();
    const std::size_t begin = at_;
    const std::string_view name = Until(" ,()");
    if (Skip('(')) return ParseCall(name, begin, depth);
    if (!index_.empty() && name == index_) return Expression{.kind = Expression::Kind::kIndex};
    at_ = begin;
    return Malformed(fmt::format("unknown name '{}'", name));
  }

  Result<Expression> ParseInteger() {
    Expression integer{.kind = Expression::Kind::kInteger};
    const std::string_view digits = Until(" ,)");
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), integer.number);
    if (error != std::errc() || end != digits.data() + digits.size())
      return Malformed("expected a whole number");
    return integer;
  }

  Result<Expression> ParseCall(std::string_view name, std::size_t begin, int depth) {
    const auto functions = ExpressionFunctions();
    const auto function = std::ranges::find(functions, name, &ExpressionFunction::name);
    if (function == functions.end()) {
      at_ = begin;
      std::vector<std::string> names;
      for (const ExpressionFunction& known : functions) names.emplace_back(known.name);
      return Malformed(
          fmt::format("unknown function '{}'{}", name, DidYouMean(std::string(name), names)));
    }
    Expression call{
        .kind = Expression::Kind::kCall, .type = function->result, .function = std::string(name)};
    for (const ColumnType expected : function->parameters) {
      if (!call.arguments.empty() && !Skip(',')) return Malformed("expected ','");
      SkipSpaces();
      const std::size_t argument_begin = at_;
      SG_TRY(Expression argument, ParseValue(depth + 1));
      // What stands at a path is known only in the record: it is checked there.
      if (argument.kind == Expression::Kind::kPath) argument.type = expected;
      if (argument.type != expected) {
        at_ = argument_begin;
        return Malformed(fmt::format("{} needs a value of type '{}', found '{}'",
                                     name,
                                     NameOf(expected),
                                     NameOf(argument.type)));
      }
      call.arguments.push_back(std::move(argument));
    }
    if (!Skip(')')) return Malformed("expected ')'");
    return call;
  }

  std::string_view text_;
  std::string_view index_;
  std::size_t at_ = 0;
};

}  // namespace

std::span<const ExpressionFunction> ExpressionFunctions() {
  using enum ColumnType;
  static const std::array<ExpressionFunction, 10> kFunctions{{
      {.name = "epoch_day",
       .parameters = {kInteger},
       .result = kDate,
       .meaning = "the UTC day of seconds since 1970"},
      {.name = "epoch_time",
       .parameters = {kInteger},
       .result = kTimestamp,
       .meaning = "the instant of seconds since 1970"},
      {.name = "date_add",
       .parameters = {kDate, kInteger},
       .result = kDate,
       .meaning = "the day that many days later"},
      {.name = "left",
       .parameters = {kString, kInteger},
       .result = kString,
       .meaning = "the first characters"},
      {.name = "first_line",
       .parameters = {kString},
       .result = kString,
       .meaning = "the text up to its first line break"},
      {.name = "lower", .parameters = {kString}, .result = kString, .meaning = "in lower case"},
      {.name = "semver_major",
       .parameters = {kString},
       .result = kInteger,
       .meaning = "2 of v2.13.1-rc.1, also with a name in front of the v; absent where the text "
                  "ends in no version"},
      {.name = "semver_minor", .parameters = {kString}, .result = kInteger, .meaning = "13 of it"},
      {.name = "semver_patch",
       .parameters = {kString},
       .result = kInteger,
       .meaning = "1 of it; absent in v2.13"},
      {.name = "semver_prerelease",
       .parameters = {kString},
       .result = kString,
       .meaning = "rc.1 of it; absent in v2.13.1"},
  }};
  return kFunctions;
}

Result<Expression> ParseExpression(std::string_view text, std::string_view index) {
  return Parser(text, index).Parse();
}

std::string Expression::ToString() const {
  switch (kind) {
    case Kind::kPath:
      return path.ToString();
    case Kind::kIndex:
      return "index";
    case Kind::kInteger:
      return std::to_string(number);
    case Kind::kCall:
      break;
  }
  std::string list;
  for (const Expression& argument : arguments)
    list += (list.empty() ? "" : ", ") + argument.ToString();
  return function + "(" + list + ")";
}

}  // namespace stargaze::model
