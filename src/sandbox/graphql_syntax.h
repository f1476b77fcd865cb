// GraphQL documents (the October 2021 specification, executable part) as values.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stargaze::sandbox::graphql {

struct Position {
  int line = 1;
  int column = 1;
};

struct Value {
  enum class Kind : unsigned char {
    kNull,
    kBool,
    kInt,
    kFloat,
    kString,
    kEnum,
    kVariable,
    kList,
    kObject
  };
  Kind kind = Kind::kNull;
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;
  std::string text{};  // Of a string; the name of an enumerator or a variable.
  std::vector<Value> items{};
  std::vector<std::pair<std::string, Value>> fields{};
};

struct Argument {
  std::string name{};
  Value value{};
};

struct Directive {
  std::string name{};
  std::vector<Argument> arguments{};
};

struct Selection {
  enum class Kind : unsigned char { kField, kFragmentSpread, kInlineFragment };
  Kind kind = Kind::kField;
  std::string name{};   // Of the field or the fragment; an inline fragment's type, may be empty.
  std::string alias{};  // Empty: none.
  std::vector<Argument> arguments{};
  std::vector<Directive> directives{};
  std::vector<Selection> selections{};
  Position at{};

  const std::string& key() const { return alias.empty() ? name : alias; }
};

struct VariableDefinition {
  std::string name{};
  bool required = false;  // Its type ends with '!'.
  bool has_default = false;
  Value default_value{};
};

struct Operation {
  std::string type = "query";
  std::string name{};  // Empty: anonymous.
  std::vector<VariableDefinition> variables{};
  std::vector<Selection> selections{};
};

struct Fragment {
  std::string on{};
  std::vector<Selection> selections{};
};

struct Document {
  std::vector<Operation> operations{};
  std::map<std::string, Fragment> fragments{};
};

struct SyntaxError {
  std::string message{};
  Position at{};
};

// Fills `document`, or says why not. Hostile text is safe: nesting ends at kDepthMax, the number of
// selections and values at kElementsMax.
inline constexpr int kDepthMax = 40;
inline constexpr int kElementsMax = 10'000;
bool ParseDocument(std::string_view text, Document& document, SyntaxError& error);

}  // namespace stargaze::sandbox::graphql
