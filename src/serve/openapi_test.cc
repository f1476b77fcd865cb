#include "serve/openapi.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "serve/cursor.h"
#include "serve/negotiation.h"
#include "serve/row_text.h"
#include "serve/schema_text.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;

RouteHandler Nothing() {
  return [](const net::ServerRequest&, const PathParameters&) -> Result<net::ServerResponse> {
    return net::ServerResponse();
  };
}

std::string ErrorFor(const Route& route) {
  Router router;
  router.Add(Route(route), Nothing());
  const auto document = OpenApiDocument(router);
  return document.ok() ? "" : document.error().message();
}

TEST(OpenApiTest, RefusesFactsThatDoNotFit) {
  const Route good{.method = "GET",
                   .pattern = "/a/{id}",
                   .tag = "A",
                   .summary = "S.",
                   .path = {{"id", "integer", ""}}};
  EXPECT_EQ(ErrorFor(good), "");
  Route wrong = good;
  wrong.path = {};
  EXPECT_EQ(ErrorFor(wrong), "GET /a/{id}: a part of the path is not described");
  wrong = good;
  wrong.summary = "";
  EXPECT_NE(ErrorFor(wrong), "");
  wrong = good;
  wrong.answer = "Missing";
  EXPECT_EQ(ErrorFor(wrong), "no schema is called Missing");
  wrong.answer = "integr";
  EXPECT_EQ(ErrorFor(wrong), "GET /a/{id}: unknown type 'integr'");
}

TEST(OpenApiTest, HasEveryRouteAndRoutesEveryPath) {
  Router router;
  router.Add(
      {.method = "GET", .pattern = "/a", .tag = "A", .summary = "S.", .answer = "[integer?]"},
      Nothing());
  router.Add({.method = "PUT", .pattern = "/a", .tag = "A", .summary = "S."}, Nothing());
  const json::value document = json::parse(OpenApiDocument(router).value());
  for (const auto& [pattern, methods] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : methods.as_object()) {
      const std::string name = method == "get" ? "GET" : "PUT";
      EXPECT_NE(router.Find(name, std::string(pattern)).entry, nullptr) << pattern << " " << method;
    }
  }
  EXPECT_EQ(document.at("paths").at("/a").as_object().size(), 2U);
  EXPECT_EQ(router.Find("POST", "/a").allowed, (std::vector<std::string>{"GET", "HEAD", "PUT"}));
}

TEST(SchemaTextTest, NamesTheLineThatIsWrong) {
  json::object schemas;
  ASSERT_TRUE(AddSchemas("Thing: one\n  id integer  The id.\n  note* a|b?\n", schemas).ok());
  const json::object& thing = schemas.at("Thing").as_object();
  EXPECT_EQ(json::serialize(thing.at("required")), R"(["id"])");
  EXPECT_EQ(json::serialize(thing.at("properties").at("note")),
            R"({"type":["string","null"],"enum":["a","b",null]})");
  EXPECT_EQ(AddSchemas("Other\n  x strin\n", schemas).error().message(),
            "schema line 2: unknown type 'strin': 'x strin'");
  EXPECT_FALSE(AddSchemas("Thing\n", schemas).ok()) << "declared twice";
}

TEST(NegotiationTest, ReadsWeightsAndTags) {
  EXPECT_TRUE(AcceptsCoding("gzip, br;q=0.5", "br"));
  EXPECT_FALSE(AcceptsCoding("gzip, br;q=0", "br"));
  EXPECT_FALSE(AcceptsCoding("brotli", "br"));
  EXPECT_TRUE(AcceptsCoding("*", "br"));
  EXPECT_FALSE(AcceptsCoding("br;q=0.000, *", "br"));
  EXPECT_FALSE(AcceptsCoding("", "br"));
  EXPECT_TRUE(MatchesTag(R"("x", W/"y")", R"("y")"));
  EXPECT_TRUE(MatchesTag("*", R"("y")"));
  EXPECT_FALSE(MatchesTag(R"("x")", R"("y")"));
  EXPECT_FALSE(MatchesTag("", R"("y")"));
}

TEST(CursorTest, BelongsToOneList) {
  const std::string cursor(NextCursor("a", 50, 100).as_string());
  EXPECT_EQ(ReadCursor(cursor, "a").value(), 50);
  EXPECT_FALSE(ReadCursor(cursor, "b").ok());
  EXPECT_FALSE(ReadCursor(cursor + "z", "a").ok());
  EXPECT_FALSE(ReadCursor("", "a").ok());
  EXPECT_TRUE(NextCursor("a", 100, 100).is_null());
}

TEST(RowTextTest, WritesEachForm) {
  storage::SqlRows rows;
  rows.columns = {{.name = "id"}, {.name = "text"}};
  rows.rows = {{int64_t{1}, std::string("=1+1")}, {int64_t{2}, std::monostate()}};
  const auto whole = [&](RowForm form) {
    RowText text(form);
    std::string all;
    text.Append(rows, all);
    text.Append(storage::SqlRows{.columns = rows.columns}, all);
    text.End(all);
    return all;
  };
  EXPECT_EQ(whole(RowForm::kCsv), "id,text\r\n1,'=1+1\r\n2,\r\n");
  EXPECT_EQ(whole(RowForm::kNdjson), "{\"id\":1,\"text\":\"=1+1\"}\n{\"id\":2,\"text\":null}\n");
  EXPECT_EQ(whole(RowForm::kJson), R"([{"id":1,"text":"=1+1"},{"id":2,"text":null}])");
}

}  // namespace
}  // namespace stargaze::serve
