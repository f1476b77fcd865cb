#include "sandbox/graphql_syntax.h"

#include <fmt/core.h>

#include <charconv>

#include "sandbox/graphql_lexer.h"

namespace stargaze::sandbox::graphql {
namespace {

using Kind = Token::Kind;

// Recursive descent; each function consumes its part and gives false once `error` is set.
class Parser {
 public:
  Parser(std::string_view text, SyntaxError& error) : lexer_(text), error_(error) { Advance(); }

  bool Parse(Document& document) {
    while (token_.kind != Kind::kEnd) {
      if (token_.raw == "fragment" && token_.kind == Kind::kName) {
        if (!ParseFragment(document)) return false;
      } else {
        document.operations.emplace_back();
        if (!ParseOperation(document.operations.back())) return false;
      }
    }
    if (document.operations.empty()) return Fail("Unexpected end of document");
    return true;
  }

 private:
  void Advance() { token_ = lexer_.Next(); }

  bool Fail(std::string_view what) {
    error_ = {.message = std::string(what), .at = token_.at};
    return false;
  }

  bool Unexpected() {
    if (token_.kind == Kind::kEnd) return Fail("Unexpected end of document");
    constexpr std::size_t kShown = 40;
    return Fail(fmt::format("Parse error on \"{}\" at [{}, {}]",
                            token_.raw.substr(0, kShown),
                            token_.at.line,
                            token_.at.column));
  }

  bool Expect(std::string_view punctuator) {
    if (!token_.Is(punctuator)) return Unexpected();
    Advance();
    return true;
  }

  bool TakeName(std::string& name) {
    if (token_.kind != Kind::kName) return Unexpected();
    name = token_.raw;
    Advance();
    return true;
  }

  bool CountElement() {
    return ++elements_ <= kElementsMax || Fail("The document has too many elements");
  }

  bool ParseOperation(Operation& operation) {
    if (token_.Is("{")) return ParseSelections(operation.selections, 0);
    if (!TakeName(operation.type)) return false;
    const bool known = operation.type == "query" || operation.type == "mutation" ||
                       operation.type == "subscription";
    if (!known) return Fail(fmt::format("Parse error on \"{}\"", operation.type));
    if (token_.kind == Kind::kName && !TakeName(operation.name)) return false;
    if (token_.Is("(") && !ParseVariables(operation.variables)) return false;
    std::vector<Directive> ignored;
    return ParseDirectives(ignored, 0) && ParseSelections(operation.selections, 0);
  }

  bool ParseVariables(std::vector<VariableDefinition>& variables) {
    Advance();
    while (!token_.Is(")")) {
      VariableDefinition variable;
      if (!CountElement() || !Expect("$") || !TakeName(variable.name) || !Expect(":")) return false;
      if (!ParseType(variable.required, 0)) return false;
      if (token_.Is("=")) {
        Advance();
        variable.has_default = true;
        if (!ParseValue(variable.default_value, 0)) return false;
      }
      variables.push_back(std::move(variable));
    }
    Advance();
    return true;
  }

  bool ParseType(bool& required, int depth) {
    if (depth > kDepthMax) return Fail("The type is nested too deeply");
    std::string name;
    bool inner = false;
    if (token_.Is("[")) {
      Advance();
      if (!ParseType(inner, depth + 1) || !Expect("]")) return false;
    } else if (!TakeName(name)) {
      return false;
    }
    required = token_.Is("!");
    if (required) Advance();
    return true;
  }

  bool ParseFragment(Document& document) {
    Advance();
    std::string name;
    std::string on;
    Fragment fragment;
    if (token_.raw == "on") return Unexpected();
    if (!TakeName(name) || !TakeName(on)) return false;
    if (on != "on") return Fail("A fragment needs a type: \"on\"");
    std::vector<Directive> ignored;
    if (!TakeName(fragment.on) || !ParseDirectives(ignored, 0)) return false;
    if (!ParseSelections(fragment.selections, 0)) return false;
    if (!document.fragments.emplace(name, std::move(fragment)).second)
      return Fail(fmt::format("Fragment name \"{}\" must be unique", name));
    return true;
  }

  bool ParseSelections(std::vector<Selection>& selections, int depth) {
    if (depth > kDepthMax) return Fail("The selections are nested too deeply");
    if (!Expect("{")) return false;
    if (token_.Is("}")) return Unexpected();
    while (!token_.Is("}")) {
      if (!CountElement()) return false;
      Selection selection{.at = token_.at};
      const bool parsed =
          token_.Is("...") ? ParseSpread(selection, depth) : ParseField(selection, depth);
      if (!parsed) return false;
      selections.push_back(std::move(selection));
    }
    Advance();
    return true;
  }

  bool ParseSpread(Selection& selection, int depth) {
    Advance();
    selection.kind = Selection::Kind::kInlineFragment;
    if (token_.kind == Kind::kName) {
      if (!TakeName(selection.name)) return false;
      if (selection.name == "on") {
        if (!TakeName(selection.name)) return false;
      } else {
        selection.kind = Selection::Kind::kFragmentSpread;
      }
    }
    if (!ParseDirectives(selection.directives, depth)) return false;
    return selection.kind == Selection::Kind::kFragmentSpread ||
           ParseSelections(selection.selections, depth + 1);
  }

  bool ParseField(Selection& selection, int depth) {
    if (!TakeName(selection.name)) return false;
    if (token_.Is(":")) {
      Advance();
      selection.alias = std::move(selection.name);
      if (!TakeName(selection.name)) return false;
    }
    if (token_.Is("(") && !ParseArguments(selection.arguments, depth)) return false;
    if (!ParseDirectives(selection.directives, depth)) return false;
    return !token_.Is("{") || ParseSelections(selection.selections, depth + 1);
  }

  bool ParseArguments(std::vector<Argument>& arguments, int depth) {
    Advance();
    if (token_.Is(")")) return Unexpected();
    while (!token_.Is(")")) {
      Argument argument;
      if (!TakeName(argument.name) || !Expect(":")) return false;
      if (!ParseValue(argument.value, depth + 1)) return false;
      arguments.push_back(std::move(argument));
    }
    Advance();
    return true;
  }

  bool ParseDirectives(std::vector<Directive>& directives, int depth) {
    while (token_.Is("@")) {
      Advance();
      Directive directive;
      if (!CountElement() || !TakeName(directive.name)) return false;
      if (token_.Is("(") && !ParseArguments(directive.arguments, depth)) return false;
      directives.push_back(std::move(directive));
    }
    return true;
  }

  bool ParseValue(Value& value, int depth) {
    if (depth > 2 * kDepthMax) return Fail("The value is nested too deeply");
    if (!CountElement()) return false;
    if (token_.Is("[")) return ParseList(value, depth);
    if (token_.Is("{")) return ParseObject(value, depth);
    if (token_.Is("$")) {
      Advance();
      value.kind = Value::Kind::kVariable;
      return TakeName(value.text);
    }
    if (!ReadScalar(value)) return Unexpected();
    Advance();
    return true;
  }

  bool ReadScalar(Value& value) {
    const char* begin = token_.raw.data();
    const char* end = begin + token_.raw.size();
    switch (token_.kind) {
      case Kind::kString:
        value.kind = Value::Kind::kString;
        value.text = token_.text;
        return true;
      case Kind::kInt:
        value.kind = Value::Kind::kInt;
        return std::from_chars(begin, end, value.integer).ec == std::errc{};
      case Kind::kFloat:
        value.kind = Value::Kind::kFloat;
        return std::from_chars(begin, end, value.real).ec == std::errc{};
      case Kind::kName:
        value.boolean = token_.raw == "true";
        value.kind = value.boolean || token_.raw == "false" ? Value::Kind::kBool
                     : token_.raw == "null"                 ? Value::Kind::kNull
                                                            : Value::Kind::kEnum;
        value.text = token_.raw;
        return true;
      default:
        return false;
    }
  }

  bool ParseList(Value& value, int depth) {
    Advance();
    value.kind = Value::Kind::kList;
    while (!token_.Is("]")) {
      value.items.emplace_back();
      if (!ParseValue(value.items.back(), depth + 1)) return false;
    }
    Advance();
    return true;
  }

  bool ParseObject(Value& value, int depth) {
    Advance();
    value.kind = Value::Kind::kObject;
    while (!token_.Is("}")) {
      auto& [name, field] = value.fields.emplace_back(std::string(), Value());
      if (!TakeName(name) || !Expect(":") || !ParseValue(field, depth + 1)) return false;
    }
    Advance();
    return true;
  }

  Lexer lexer_;
  SyntaxError& error_;
  Token token_;
  int elements_ = 0;
};

}  // namespace

bool ParseDocument(std::string_view text, Document& document, SyntaxError& error) {
  return Parser(text, error).Parse(document);
}

}  // namespace stargaze::sandbox::graphql
