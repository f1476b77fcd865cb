// Walks over pages, each way that a declaration can ask for them, against a source of numbered
// records.

#include "collect/pager.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include <boost/json.hpp>

#include "base/virtual_clock.h"
#include "config/catalog.h"
#include "config/declaration_files.h"
#include "lake/manifest_codec.h"
#include "lake/memory/memory_store.h"
#include "net/url.h"

namespace stargaze::collect {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

constexpr const char* kBase = "https://api.github.com";

// A source made of one function.
class Source final : public net::HttpTransport {
 public:
  using Answer = std::function<net::HttpResponse(const net::UrlParts&, const net::HttpRequest&)>;

  Result<net::HttpResponse> Send(const net::HttpRequest& request,
                                 const std::stop_token& /*stop*/) override {
    const auto etag = request.headers.Find("if-none-match");
    asked.push_back(request.url.substr(std::string(kBase).size()) +
                    (etag ? " " + std::string(*etag) : ""));
    bodies.push_back(request.body);
    SG_TRY(const net::UrlParts url, net::ParseUrl(request.url));
    net::HttpResponse response = answer(url, request);
    response.headers.Add("content-type", "application/json");
    return response;
  }

  Answer answer;
  std::vector<std::string> asked;
  std::vector<std::string> bodies;
};

std::string Parameter(const net::UrlParts& url, const std::string& name) {
  for (const auto& [key, value] : url.query) {
    if (key == name) return value;
  }
  return "";
}

// Records from..from+size-1, those below `count`.
std::string Records(int64_t from, int64_t size, int64_t count) {
  json::array list;
  for (int64_t id = from; id < std::min(from + size, count); ++id)
    list.push_back(json::object{{"id", id}});
  return json::serialize(list);
}

std::string Declaration(const std::string& request, const std::string& for_each = "followed") {
  return fmt::format(R"yaml(dataset: github/thing
schema_version: 1
source: github
{}
requests:
  - name: things
{}
records: $.items[*]
key: [id]
tables:
  thing:
    columns:
      id: {{path: $.id, type: integer, required: true}}
)yaml",
                     for_each.empty() ? "" : "for_each: " + for_each,
                     request);
}

const std::string kByNumber = R"(
    path: /things/{repository_id}
    query: {per_page: "3", page: "1"}
    conditional: etag
    paginate: {kind: page, parameter: page, page_size: 3, max_pages: 10})";
const std::string kByCursor = R"(
    path: /things/{repository_id}
    query: {first: "3"}
    conditional: etag
    paginate: {kind: cursor, parameter: after, next: $.meta.next, max_pages: 10})";
const std::string kByPageInfo = R"(
    kind: graphql
    query: "query($id: ID!, $after: String) { rateLimit { cost } node(id: $id) { things(after: $after) { pageInfo } } }"
    variables: {id: "{node_id}"}
    paginate: {kind: page_info, parameter: after, next: $.data.info, max_pages: 10})";

class PagerTest : public ::testing::Test {
 protected:
  void Declare(const std::string& text) {
    std::vector<config::DeclarationFile> files = config::BuiltInFiles(EmbeddedFiles(), "catalog");
    files.push_back({.path = "github/thing.yaml", .text = text});
    auto read = config::ReadCatalog(files);
    ASSERT_TRUE(read.ok()) << read.error().message();
    catalog_ = std::move(read).value();
  }

  Result<CollectReport> Collect() {
    source_.asked.clear();
    source_.bodies.clear();
    clock_.AdvanceTo(clock_.Now() + std::chrono::hours(24));
    const CollectJob job{
        .dataset = *catalog_.FindDataset("github/thing"),
        .source = catalog_.sources.at("github"),
        .base_url = kBase,
        .subjects = {{1, "R_1", "a/a"}},
        .attempt = {.instance = {.run = {.dag_id = "d",
                                         .run_id = fmt::format("manual__{}", ++run_),
                                         .logical_date = clock_.Now()},
                                 .task_id = "t"},
                    .try_number = 1,
                    .hex = "0000000a"},
        .last_try = true,
        .deadline = clock_.Now() + std::chrono::hours(2)};
    return collect::Collect(job, {source_, *lake_, clock_, governor_, credentials_});
  }

  // The message of the one subject that failed, or "".
  std::string FailureOf(const Result<CollectReport>& report) {
    if (!report.ok()) return report.error().message();
    return report.value().failed.empty() ? "" : report.value().failed[0].message;
  }

  VirtualClock clock_{*ParseInstant("2026-09-01T12:00:00Z")};
  VirtualClock::Actor actor_{clock_};
  Governor governor_{clock_};
  CredentialPool credentials_{kBase, {}, {}};
  std::optional<lake::MemoryStore> lake_{std::in_place, clock_};
  model::Catalog catalog_;
  Source source_;
  int run_ = 0;
};

// Answers of `count` records, three a page, the way the table says; 304 to an ETag.
net::HttpResponse Things(int64_t count, const net::UrlParts& url, const net::HttpRequest& request) {
  const bool by_cursor = Parameter(url, "first") == "3";
  const std::string at = Parameter(url, by_cursor ? "after" : "page");
  const int64_t from = at.empty() ? 0 : by_cursor ? std::stoll(at) : (std::stoll(at) - 1) * 3;
  net::HttpResponse response{.status = 200};
  if (request.headers.Find("if-none-match")) {
    response.status = 304;
    return response;
  }
  const std::string next = from + 3 < count ? std::to_string(from + 3) : "null";
  response.headers.Add("etag", fmt::format("\"{}\"", from));
  response.body =
      fmt::format(R"({{"items":{},"meta":{{"next":{}}}}})", Records(from, 3, count), next);
  return response;
}

TEST_F(PagerTest, ReadsEveryRecordOnceWhateverTheirNumber) {
  // Records; pages asked for by number (a full last page needs one more) and by cursor.
  struct Case {
    int64_t count;
    int64_t by_number;
    int64_t by_cursor;
  };
  for (const Case& one : {Case{0, 1, 1}, {1, 1, 1}, {3, 2, 1}, {4, 2, 2}, {6, 3, 2}, {20, 7, 7}}) {
    for (const bool numbers : {true, false}) {
      SCOPED_TRACE(fmt::format("{} records by {}", one.count, numbers ? "number" : "cursor"));
      lake_.emplace(clock_);
      Declare(Declaration(numbers ? kByNumber : kByCursor));
      source_.answer = [&](const auto& url, const auto& request) {
        return Things(one.count, url, request);
      };
      const auto report = Collect();
      ASSERT_TRUE(report.ok()) << report.error().message();
      EXPECT_EQ(FailureOf(report), "");
      EXPECT_EQ(report.value().records, one.count);
      EXPECT_EQ(source_.asked.size(),
                static_cast<std::size_t>(numbers ? one.by_number : one.by_cursor));
    }
  }
}

TEST_F(PagerTest, GoesTheStoredWayWhileNothingChanges) {
  for (const std::string& way : {kByNumber, kByCursor}) {
    lake_.emplace(clock_);
    Declare(Declaration(way));
    source_.answer = [](const auto& url, const auto& request) { return Things(7, url, request); };
    ASSERT_TRUE(Collect().ok());
    const std::vector<std::string> first = source_.asked;
    ASSERT_EQ(first.size(), 3U);
    const auto second = Collect();
    ASSERT_TRUE(second.ok()) << second.error().message();
    EXPECT_EQ(second.value().unchanged, 1);
    EXPECT_EQ(
        source_.asked,
        (std::vector<std::string>{first[0] + " \"0\"", first[1] + " \"3\"", first[2] + " \"6\""}));
  }
}

TEST_F(PagerTest, KeepsNoChainOfAWalkThatDidNotReachItsEnd) {
  Declare(Declaration(kByCursor));
  bool broken = true;
  source_.answer = [&](const auto& url, const auto& request) {
    if (broken && Parameter(url, "after") == "6") return net::HttpResponse{.status = 400};
    return Things(7, url, request);
  };
  EXPECT_THAT(FailureOf(Collect()), HasSubstr("HTTP 400"));
  broken = false;
  const auto report = Collect();
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(report.value().records, 7);
  for (const std::string& asked : source_.asked) EXPECT_EQ(asked.find('"'), std::string::npos);
}

TEST_F(PagerTest, EndsEveryWalkThatHasNoEnd) {
  struct Case {
    std::string way;
    std::string next;  // At $.meta.next, always.
    std::string message;
    std::size_t asked;
  };
  const std::string full = Records(0, 3, 3);
  for (const Case& one : {Case{kByNumber, "null", "more than 10 pages", 10},
                          Case{kByCursor, "\"same\"", "leads back to one before it", 2},
                          Case{kByCursor, "[1]", "neither text nor a number", 1}}) {
    SCOPED_TRACE(one.way + " " + one.next);
    lake_.emplace(clock_);
    Declare(Declaration(one.way));
    source_.answer = [&](const auto&, const auto&) {
      return net::HttpResponse{
          .status = 200,
          .body = fmt::format(R"({{"items":{},"meta":{{"next":{}}}}})", full, one.next)};
    };
    EXPECT_THAT(FailureOf(Collect()), HasSubstr(one.message));
    EXPECT_GE(source_.asked.size(), one.asked);
    EXPECT_LE(source_.asked.size(), one.asked + 5) << "no more than the retries";
  }
}

TEST_F(PagerTest, TakesACursorForAValueWhateverItLooksLike) {
  Declare(Declaration(kByCursor));
  source_.answer = [&](const auto& url, const auto&) {
    const bool first = Parameter(url, "after").empty();
    return net::HttpResponse{
        .status = 200,
        .body = fmt::format(R"({{"items":[],"meta":{{"next":{}}}}})",
                            first ? R"("https://evil.test/?a=b&first=9#x")" : "null")};
  };
  EXPECT_EQ(FailureOf(Collect()), "");
  EXPECT_EQ(source_.asked.at(1),
            "/things/1?first=3&after=" + net::PercentEncode("https://evil.test/?a=b&first=9#x"));
}

TEST_F(PagerTest, WalksAConnectionOfGraphql) {
  std::string text = Declaration(kByPageInfo);
  Declare(text.replace(text.find("$.items[*]"), 10, "$.data.items[*]"));
  source_.answer = [](const auto&, const net::HttpRequest& request) {
    const json::value asked = json::parse(request.body);
    const json::value& after = asked.at("variables").at("after");
    EXPECT_EQ(asked.at("variables").at("id").as_string(), "R_1");
    const int64_t from = after.is_null() ? 0 : std::stoll(std::string(after.as_string()));
    return net::HttpResponse{
        .status = 200,
        .body = fmt::format(R"({{"data":{{"rateLimit":{{"cost":2}},"items":{},)"
                            R"("info":{{"hasNextPage":{},"endCursor":"{}"}}}}}})",
                            Records(from, 3, 8),
                            from + 3 < 8,
                            from + 3)};
  };
  const auto report = Collect();
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(FailureOf(report), "");
  EXPECT_EQ(report.value().records, 8);
  EXPECT_EQ(report.value().requests.sent, 3);
  EXPECT_EQ(report.value().requests.charged, 6) << "points, as the answers say";
}

TEST_F(PagerTest, TellsWhatGraphqlSaysWithStatus200) {
  struct Case {
    std::string body;
    std::string failure;  // "": gone.
  };
  std::string text = Declaration(kByPageInfo);
  Declare(text.replace(text.find("$.items[*]"), 10, "$.data.items[*]"));
  for (const Case& one :
       {Case{R"({"data":{"node":null},"errors":[{"type":"NOT_FOUND","message":"m"}]})", ""},
        Case{R"({"errors":[{"type":"FORBIDDEN","message":"not you"}]})", "FORBIDDEN: not you"},
        Case{R"({"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"m"}]})",
             "RESOURCE_LIMITS_EXCEEDED: m"},
        Case{R"({"data":{"items":[],"info":null}})", "no pageInfo at $.data.info"},
        Case{R"({"data":{"items":[],"info":{"hasNextPage":true,"endCursor":null}}})",
             "no pageInfo at $.data.info"}}) {
    SCOPED_TRACE(one.body);
    lake_.emplace(clock_);
    source_.answer = [&](const auto&, const auto&) {
      return net::HttpResponse{.status = 200, .body = one.body};
    };
    const auto report = Collect();
    EXPECT_THAT(FailureOf(report), HasSubstr(one.failure));
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report.value().gone, one.failure.empty() ? 1 : 0);
  }
}

}  // namespace
}  // namespace stargaze::collect
