#include "net/url.h"

#include <gtest/gtest.h>

namespace stargaze::net {
namespace {

TEST(Url, BuildsWithEncodedQuery) {
  EXPECT_EQ(BuildUrl("https://api.example/", "/search", {{"q", "stars:1..2 a&b"}, {"p", "1"}}),
            "https://api.example/search?q=stars%3A1..2%20a%26b&p=1");
  EXPECT_EQ(BuildUrl("http://h", "/a", {}), "http://h/a");
}

TEST(Url, ParsesOriginPathAndQuery) {
  const UrlParts parts = ParseUrl("HTTPS://API.Example:443/a/b%20c?q=x+y%2Bz&empty=&flag").value();
  EXPECT_EQ(parts.origin, "https://api.example");
  EXPECT_EQ(parts.path, "/a/b%20c");
  EXPECT_EQ(parts.query, (QueryParameters{{"q", "x y+z"}, {"empty", ""}, {"flag", ""}}));
  EXPECT_EQ(ParseUrl("http://127.0.0.1:8080").value().origin, "http://127.0.0.1:8080");
  EXPECT_EQ(ParseUrl("http://127.0.0.1:8080").value().path, "/");
}

TEST(Url, RefusesWhatIsNoHttpUrl) {
  for (const char* url : {"",
                          "/a",
                          "ftp://h/",
                          "http://",
                          "file:///etc/passwd",
                          "http://user:pass@h/",
                          "http://h/?a=%zz",
                          "http://h/?a=%4"}) {
    EXPECT_FALSE(ParseUrl(url).ok()) << url;
  }
}

TEST(Url, ParsesRequestTargets) {
  EXPECT_EQ(ParseTarget("/a?b=c#d").value().query, (QueryParameters{{"b", "c"}}));
  EXPECT_FALSE(ParseTarget("a").ok());
  EXPECT_FALSE(ParseTarget("/?x=%").ok());
}

TEST(Url, RoundTripsPercentEncoding) {
  std::string every;
  for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
  EXPECT_EQ(PercentDecode(PercentEncode(every)), every);
  EXPECT_EQ(PercentDecode("%"), std::nullopt);
  EXPECT_EQ(PercentDecode("%1"), std::nullopt);
  EXPECT_EQ(PercentDecode("%g0"), std::nullopt);
  EXPECT_EQ(PercentDecode("%2e%2E"), "..");
}

struct LinkCase {
  const char* header;
  std::optional<std::string> next;
};

TEST(Url, FindsTheNextLink) {
  const LinkCase cases[] = {
      {"<http://h/?page=2>; rel=\"next\", <http://h/?page=9>; rel=\"last\"", "http://h/?page=2"},
      {"<http://h/?page=1>; rel=\"prev\", <http://h/?page=3>; rel=\"next\"", "http://h/?page=3"},
      {"<http://h/?q=a,b;c>; rel=\"next\"", "http://h/?q=a,b;c"},
      {"<http://h/2>; title=\"x\"; rel=next", "http://h/2"},
      {"<http://h/1>; rel=\"last\"", std::nullopt},
      {"", std::nullopt},
      {"<", std::nullopt},
      {"<<<>>>;;;,,,", std::nullopt},
      {"http://h/2; rel=\"next\"", std::nullopt},
  };
  for (const LinkCase& c : cases) EXPECT_EQ(NextLink(c.header), c.next) << c.header;
}

}  // namespace
}  // namespace stargaze::net
