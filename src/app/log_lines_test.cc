#include "app/log_lines.h"

#include <gtest/gtest.h>

#include <sstream>

#include <boost/json.hpp>

namespace stargaze::app {
namespace {

namespace json = boost::json;

std::vector<json::object> Objects(const std::string& text) {
  std::vector<json::object> objects;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) objects.push_back(json::parse(line).as_object());
  return objects;
}

TEST(LogFormatOf, ReadsTheFlagInBothFormsAndOnlyIt) {
  EXPECT_EQ(LogFormatOf({"trends"}), LogFormat::kText);
  EXPECT_EQ(LogFormatOf({"--log-format", "json", "trends"}), LogFormat::kJson);
  EXPECT_EQ(LogFormatOf({"trends", "--log-format=json"}), LogFormat::kJson);
  EXPECT_EQ(LogFormatOf({"trends", "--log-format"}), LogFormat::kText);
  EXPECT_EQ(LogFormatOf({"--log-formatter=json"}), LogFormat::kText);
}

TEST(JsonLines, EveryLineIsAnObject) {
  std::ostringstream out;
  {
    JsonLines lines(out);
    lines << "read " << 3 << " files\nwarning: a \"quoted\" one\n\n";
    EXPECT_EQ(Objects(out.str()).size(), 2U);
    lines << "without an end";
  }
  const std::vector<json::object> objects = Objects(out.str());
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[0].at("message").as_string(), "read 3 files");
  EXPECT_EQ(objects[0].at("level").as_string(), "info");
  EXPECT_EQ(objects[1].at("message").as_string(), "a \"quoted\" one");
  EXPECT_EQ(objects[1].at("level").as_string(), "warning");
  EXPECT_EQ(objects[2].at("message").as_string(), "without an end");
}

TEST(ErrorJson, HasTheFourParts) {
  const Error error =
      Error(ErrorKind::kRateLimited, "too much").Remedy("wait").After(std::chrono::seconds(7));
  const json::object object = Objects(ErrorJson(error, Instant())).at(0);
  EXPECT_EQ(json::serialize(object),
            R"({"v":1,"t":"error","at":"1970-01-01T00:00:00Z","code":"E-RATE-LIMITED",)"
            R"("message":"too much","remedy":"wait","retry_after_s":7})");
}

}  // namespace
}  // namespace stargaze::app
