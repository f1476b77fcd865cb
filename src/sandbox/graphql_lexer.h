// The words of a GraphQL document. Private to graphql_syntax.cc and its tests.

#pragma once

#include <string>
#include <string_view>

#include "sandbox/graphql_syntax.h"

namespace stargaze::sandbox::graphql {

struct Token {
  enum class Kind : unsigned char { kEnd, kPunctuator, kName, kInt, kFloat, kString, kWrong };
  Kind kind = Kind::kEnd;
  std::string_view raw{};  // As written; a punctuator is one character, or "...".
  std::string text{};      // Of a string, its escapes resolved.
  Position at{};

  bool Is(std::string_view punctuator) const {
    return kind == Kind::kPunctuator && raw == punctuator;
  }
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  // kWrong for what is no word; kEnd for ever at the end.
  Token Next();

 private:
  void SkipIgnored();
  void Skip(std::size_t bytes);
  Token Number();
  Token String();
  Token BlockString();
  Token Take(Token::Kind kind, std::size_t bytes);

  std::string_view text_;
  Position at_;
};

}  // namespace stargaze::sandbox::graphql
