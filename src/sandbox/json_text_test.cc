#include "sandbox/json_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace stargaze::sandbox {
namespace {

std::string Written(std::string_view text) {
  std::string out;
  AppendJsonText(out, text);
  return out;
}

TEST(AppendJsonText, GivesBackTheSameTextWhenParsed) {
  std::string controls;
  for (char c = 0; c < 0x20; ++c) controls += c;
  for (const std::string& text : {std::string(),
                                  std::string("plain"),
                                  std::string("\"\\/<b>\x7f"),
                                  controls,
                                  std::string("한국어 🚀 é \xEF\xBF\xBF"),
                                  std::string("a\0b", 3)}) {
    boost::system::error_code code;
    const boost::json::value parsed = boost::json::parse(Written(text), code);
    ASSERT_FALSE(code) << Written(text);
    EXPECT_EQ(parsed.as_string(), text);
  }
}

TEST(AppendJsonText, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(Written("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(Written("\xC3"), "\"\xEF\xBF\xBD\"");
  for (const std::string_view bad : {"\xC0\x80",
                                     "\xE0\x80\x80",
                                     "\xED\xA0\x80",
                                     "\xF0\x80\x80\x80",
                                     "\xF4\x90\x80\x80",
                                     "\x80"}) {
    boost::system::error_code code;
    boost::json::parse(Written(bad), code);
    EXPECT_FALSE(code);
    EXPECT_EQ(Written(bad).find(bad), std::string::npos);
  }
}

TEST(AppendNumber, WritesTheWholeRange) {
  std::string out;
  AppendNumber(out, INT64_MIN);
  AppendNumber(out, 0);
  EXPECT_EQ(out, "-92233720368547758080");
}

}  // namespace
}  // namespace stargaze::sandbox
