#include "sandbox/graphql_lexer.h"

#include <algorithm>

namespace stargaze::sandbox::graphql {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kNameStart = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kNameRest =
    "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

std::size_t Run(std::string_view text, std::string_view of, std::size_t from = 0) {
  return std::min(text.find_first_not_of(of, from), text.size());
}

void AppendUtf8(std::string& out, uint32_t code) {
  const auto byte = [&](uint32_t bits) { out += static_cast<char>(bits); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xc0 | code >> 6U);
  } else {
    byte(0xe0 | code >> 12U);
    byte(0x80 | (code >> 6U & 0x3fU));
  }
  byte(0x80 | (code & 0x3fU));
}

// Four hexadecimal digits; false for anything else. Halves of surrogate pairs are refused.
bool ReadCode(std::string_view digits, uint32_t& code) {
  if (digits.size() < 4) return false;
  code = 0;
  for (const char c : digits.substr(0, 4)) {
    const std::size_t value =
        std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
    const bool is_digit = value != std::string_view::npos && (value < 10 ? c <= '9' : c > '9');
    if (!is_digit) return false;
    code = code << 4U | static_cast<uint32_t>(value);
  }
  return code < 0xd800 || code > 0xdfff;
}

}  // namespace

void Lexer::Skip(std::size_t bytes) {
  for (const char c : text_.substr(0, bytes)) {
    at_.column = c == '\n' ? 1 : at_.column + 1;
    at_.line += c == '\n' ? 1 : 0;
  }
  text_.remove_prefix(std::min(bytes, text_.size()));
}

void Lexer::SkipIgnored() {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  while (!text_.empty()) {
    if (text_.starts_with(kByteOrderMark)) {
      Skip(kByteOrderMark.size());
    } else if (text_.front() == '#') {
      Skip(std::min(text_.find('\n'), text_.size()));
    } else {
      const std::size_t blank = Run(text_, " \t\r\n,");
      if (blank == 0) return;
      Skip(blank);
    }
  }
}

Token Lexer::Take(Token::Kind kind, std::size_t bytes) {
  Token token{.kind = kind, .raw = text_.substr(0, bytes), .at = at_};
  Skip(bytes);
  return token;
}

Token Lexer::Next() {
  SkipIgnored();
  if (text_.empty()) return {.at = at_};
  const char first = text_.front();
  if (text_.starts_with("...")) return Take(Token::Kind::kPunctuator, 3);
  if (std::string_view("!$&():=@[]{|}").find(first) != std::string_view::npos)
    return Take(Token::Kind::kPunctuator, 1);
  if (kNameStart.find(first) != std::string_view::npos)
    return Take(Token::Kind::kName, Run(text_, kNameRest));
  if (first == '-' || kDigits.find(first) != std::string_view::npos) return Number();
  if (text_.starts_with(R"(""")")) return BlockString();
  if (first == '"') return String();
  return Take(Token::Kind::kWrong, 1);
}

Token Lexer::Number() {
  const std::size_t sign = text_.front() == '-' ? 1 : 0;
  std::size_t end = Run(text_, kDigits, sign);
  if (end == sign) return Take(Token::Kind::kWrong, std::max<std::size_t>(1, sign));
  const bool zero_first = text_[sign] == '0' && end > sign + 1;
  bool is_float = false;
  if (end < text_.size() && text_[end] == '.') {
    const std::size_t fraction = Run(text_, kDigits, end + 1);
    if (fraction == end + 1) return Take(Token::Kind::kWrong, fraction);
    is_float = true;
    end = fraction;
  }
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    std::size_t digits = end + 1;
    if (digits < text_.size() && (text_[digits] == '+' || text_[digits] == '-')) ++digits;
    const std::size_t exponent = Run(text_, kDigits, digits);
    if (exponent == digits) return Take(Token::Kind::kWrong, exponent);
    is_float = true;
    end = exponent;
  }
  const bool runs_on = end < text_.size() &&
                       (kNameStart.find(text_[end]) != std::string_view::npos || text_[end] == '.');
  if (zero_first || runs_on) return Take(Token::Kind::kWrong, end);
  return Take(is_float ? Token::Kind::kFloat : Token::Kind::kInt, end);
}

Token Lexer::String() {
  constexpr std::string_view kEscapes = R"("\/bfnrt)";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  std::string value;
  std::size_t i = 1;
  while (i < text_.size() && text_[i] != '"' && text_[i] != '\n' && text_[i] != '\r') {
    if (text_[i] != '\\') {
      value += text_[i++];
      continue;
    }
    const char escape = i + 1 < text_.size() ? text_[i + 1] : '\0';
    uint32_t code = 0;
    if (escape == 'u' && ReadCode(text_.substr(i + 2), code)) {
      AppendUtf8(value, code);
      i += 6;
    } else {
      const std::size_t which = kEscapes.find(escape);
      if (escape == '\0' || which == std::string_view::npos) return Take(Token::Kind::kWrong, i);
      value += kMeant[which];
      i += 2;
    }
  }
  if (i >= text_.size() || text_[i] != '"') return Take(Token::Kind::kWrong, i);
  Token token = Take(Token::Kind::kString, i + 1);
  token.text = std::move(value);
  return token;
}

// Its common indentation stays: nothing here depends on it.
Token Lexer::BlockString() {
  constexpr std::string_view kQuotes = R"(""")";
  std::size_t end = text_.find(kQuotes, kQuotes.size());
  while (end != std::string_view::npos && text_[end - 1] == '\\')
    end = text_.find(kQuotes, end + 1);
  if (end == std::string_view::npos) return Take(Token::Kind::kWrong, text_.size());
  Token token = Take(Token::Kind::kString, end + kQuotes.size());
  token.text = token.raw.substr(kQuotes.size(), token.raw.size() - 2 * kQuotes.size());
  return token;
}

}  // namespace stargaze::sandbox::graphql
