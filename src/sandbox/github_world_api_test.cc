// What the API serves of a repository is what the world's books say, by REST and by GraphQL, and
// its tags, limits and faults keep their laws.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <sstream>

#include <boost/json.hpp>

#include "base/test_data.h"
#include "base/virtual_clock.h"
#include "sandbox/direct_transport.h"
#include "sandbox/github_api.h"
#include "sandbox/mix.h"

namespace stargaze::sandbox {
namespace {

namespace json = boost::json;

constexpr Day kStart = Day(std::chrono::year(2026) / 1 / 1);

class WorldApi : public ::testing::Test {
 protected:
  void Make(const GeneratedWorldOptions& options, GitHubApiOptions api = WithoutLimits()) {
    world_ = GeneratedWorld::Create(options).value();
    books_ = std::make_unique<Books>(*world_);
    api.books = books_.get();
    api_ = std::make_unique<GitHubApi>(*world_, clock_, std::move(api));
  }

  net::HttpRequest Request(const std::string& target, const std::string& etag = "") const {
    net::HttpRequest request{.url = "http://sandbox" + target};
    request.headers.Add("authorization", "Bearer token-f00d");
    if (!etag.empty()) request.headers.Add("if-none-match", etag);
    return request;
  }

  Result<net::HttpResponse> Try(const net::HttpRequest& request) {
    return DirectTransport(*api_, clock_).Send(request, {});
  }
  net::HttpResponse Get(const std::string& target, const std::string& etag = "") {
    return Try(Request(target, etag)).value();
  }

  json::object Query(const std::string& query, const json::object& variables = {}) {
    net::HttpRequest request = Request("/graphql");
    request.method = "POST";
    request.body = json::serialize(json::object{{"query", query}, {"variables", variables}});
    last_ = Try(request).value();
    boost::system::error_code code;
    const json::value body = json::parse(last_.body, code);
    return body.is_object() ? body.as_object() : json::object{};
  }

  VirtualClock clock_{kStart + std::chrono::hours(12)};
  std::unique_ptr<GeneratedWorld> world_;
  std::unique_ptr<Books> books_;
  std::unique_ptr<GitHubApi> api_;
  net::HttpResponse last_;
};

std::string Header(const net::HttpResponse& response, std::string_view name) {
  return std::string(response.headers.Find(name).value_or(""));
}

constexpr const char* kSnapshotQuery =
    "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { ...counts } } "
    "rateLimit { cost limit remaining resetAt used } } "
    "fragment counts on Repository { databaseId fullDatabaseId id nameWithOwner stargazerCount "
    "forkCount watchers { totalCount } issues(states: OPEN) { totalCount } "
    "pullRequests(states: OPEN) { totalCount } releases { totalCount } diskUsage "
    "licenseInfo { key spdxId name } primaryLanguage { name } isArchived isPrivate createdAt "
    "pushedAt }";

int64_t CountIn(const json::object& node, std::string_view connection) {
  return node.at(connection).as_object().at("totalCount").as_int64();
}

TEST_F(WorldApi, HistoriesWalkedByTheirLinksAreTheBooks) {
  for (const DayBoundary days : {DayBoundary::kUtc, DayBoundary::kPacific}) {
    Make({.seed = 4, .repositories = 30, .steps_per_day = 24, .days = days});
    for (const int64_t id : books_->Ids()) {
      if (!books_->FactsOf(id, clock_.Now())) continue;
      std::vector<int64_t> gained;  // Newest first.
      std::string target = fmt::format("/repositories/{}/stargazers/history", id);
      int64_t last_week = INT64_MAX;
      while (true) {
        const net::HttpResponse page = Get(target);
        ASSERT_EQ(page.status, 200);
        const json::value weeks = json::parse(page.body);
        for (const json::value& value : weeks.as_array()) {
          const json::object& week = value.as_object();
          EXPECT_LT(week.at("week").as_int64(), last_week);
          last_week = week.at("week").as_int64();
          const json::array& in_days = week.at("days").as_array();
          ASSERT_EQ(in_days.size(), 7U);
          int64_t total = 0;
          for (std::size_t day = 7; day > 0; --day) {
            gained.push_back(in_days[day - 1].as_int64());
            total += gained.back();
          }
          EXPECT_EQ(week.at("total").as_int64(), total);
        }
        const auto next = net::NextLink(Header(page, "link"));
        if (!next) break;
        target = next->substr(std::string("http://sandbox").size());
      }
      const std::vector<StarDay> expected = books_->StarDaysOf(id, clock_.Now());
      ASSERT_EQ(gained.size(), expected.size());
      for (std::size_t i = 0; i < gained.size(); ++i)
        ASSERT_EQ(gained[gained.size() - 1 - i], expected[i].gained);
    }
  }
}

TEST_F(WorldApi, GraphqlRestAndTheBooksSayTheSame) {
  Make({.seed = 5, .repositories = 80, .shares = {.withheld = 0.3}});
  clock_.AdvanceTo(Instant(kStart + std::chrono::days(120)));
  std::vector<int64_t> ids = books_->Ids();
  ids.resize(80);
  json::array node_ids;
  for (const int64_t id : ids) {
    const auto facts = books_->FactsOf(id, clock_.Now());
    node_ids.emplace_back(facts ? facts->node_id : fmt::format("R_missing{}", id));
  }
  const json::object body = Query(kSnapshotQuery, {{"ids", node_ids}});
  const json::object& data = body.at("data").as_object();
  const json::array& nodes = data.at("nodes").as_array();
  ASSERT_EQ(nodes.size(), ids.size());
  EXPECT_EQ(data.at("rateLimit").as_object().at("cost").as_int64(), 3);  // 4 x 80 by the hundred.
  std::size_t missing = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto facts = books_->FactsOf(ids[i], clock_.Now());
    const net::HttpResponse rest = Get(fmt::format("/repositories/{}", ids[i]));
    EXPECT_EQ(nodes[i].is_null(), !facts.has_value());
    EXPECT_EQ(rest.status == 200, facts.has_value());
    if (!facts) {
      const json::object& error = body.at("errors").as_array()[missing++].as_object();
      EXPECT_EQ(error.at("type").as_string(), "NOT_FOUND");
      EXPECT_EQ(json::serialize(error.at("path")), fmt::format("[\"nodes\",{}]", i));
      continue;
    }
    const json::object& node = nodes[i].as_object();
    const json::object detail = json::parse(rest.body).as_object();
    EXPECT_EQ(node.at("databaseId").as_int64(), ids[i]);
    EXPECT_EQ(node.at("id").as_string(), detail.at("node_id").as_string());
    EXPECT_EQ(node.at("nameWithOwner").as_string(), facts->full_name);
    EXPECT_EQ(node.at("stargazerCount").as_int64(), facts->stars);
    EXPECT_EQ(detail.at("stargazers_count").as_int64(), facts->stars);
    EXPECT_EQ(node.at("forkCount").as_int64(), facts->forks);
    EXPECT_EQ(CountIn(node, "watchers"), detail.at("subscribers_count").as_int64());
    EXPECT_EQ(CountIn(node, "issues") + CountIn(node, "pullRequests"),
              detail.at("open_issues_count").as_int64());
    EXPECT_EQ(CountIn(node, "releases"), facts->releases);
    EXPECT_EQ(node.at("isArchived").as_bool(), facts->archived);
    EXPECT_EQ(node.at("licenseInfo").is_null(), !facts->license_spdx.has_value());
    EXPECT_EQ(node.at("createdAt").as_string(), detail.at("created_at").as_string());
  }
  EXPECT_GT(missing, 0U);
}

TEST_F(WorldApi, ATagChangesWhenAndOnlyWhenTheContentDoes) {
  Make({.seed = 6, .repositories = 12});
  const std::vector<int64_t> ids = books_->Ids();
  int unchanged = 0;
  int changed = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    for (const char* what : {"", "/stargazers/history", "/releases?per_page=20"}) {
      const std::string target = fmt::format("/repositories/{}{}", ids[i], what);
      clock_.AdvanceTo(clock_.Now() + std::chrono::hours(1));
      net::HttpResponse before = Get(target);
      ASSERT_EQ(before.status, 200) << target;
      for (int day = 0; day < 12; ++day) {
        clock_.AdvanceTo(clock_.Now() + std::chrono::hours(17));
        const net::HttpResponse now = Get(target);
        const net::HttpResponse asked = Get(target, Header(before, "etag"));
        const bool same = now.body == before.body;
        EXPECT_EQ(same, Header(now, "etag") == Header(before, "etag")) << target;
        EXPECT_EQ(asked.status, same ? 304 : 200);
        EXPECT_TRUE(!same || (Header(asked, "link") + asked.body).empty());
        ++(same ? unchanged : changed);
        before = now;
      }
    }
  }
  EXPECT_GT(unchanged, 50);
  EXPECT_GT(changed, 50);
  net::HttpRequest other = Request(fmt::format("/repositories/{}", ids[0]));
  other.headers = {};
  other.headers.Add("authorization", "Bearer another");
  EXPECT_NE(Header(Try(other).value(), "etag"), Header(Get(other.url.substr(14)), "etag"));
}

TEST_F(WorldApi, WhatIsNotPublicSaysHow) {
  Make({.seed = 3, .repositories = 300, .shares = {.withheld = 0.3}});
  clock_.AdvanceTo(Instant(kStart + std::chrono::days(200)));
  std::map<int, int> seen;
  for (const int64_t id : books_->Ids()) {
    const int status = Get(fmt::format("/repositories/{}/releases", id)).status;
    constexpr std::array kExpected = {404, 200, 403, 404, 451, 410};
    EXPECT_EQ(status, kExpected[static_cast<std::size_t>(books_->StateOf(id, clock_.Now()))]);
    ++seen[status];
  }
  EXPECT_EQ(seen.size(), 5U);
}

TEST_F(WorldApi, QueriesThatCannotBeAnsweredSayWhy) {
  Make({.repositories = 10});
  for (const auto& [query, message] :
       {std::pair{"{ nonsense }", "doesn't exist on type 'Query'"},
        std::pair{"{ rateLimit { cost ", "Unexpected end"},
        std::pair{"{ rateLimit }", "must have selections"},
        std::pair{"{ ...a } fragment a on Query { ...a }", "nested too deeply"},
        std::pair{"{ repository(owner: \"a\") { id } }", "missing required arguments: name"},
        std::pair{"query($x: ID!) { node(id: $x) { id } }", "$x was provided invalid value"},
        std::pair{"{ repository(owner:\"a\",name:\"b\") { releases { nodes { id } } } }",
                  "must provide a `first` or `last`"}}) {
    const json::object body = Query(query);
    EXPECT_EQ(last_.status, 200);
    ASSERT_TRUE(body.contains("errors")) << query;
    EXPECT_NE(json::serialize(body.at("errors")).find(message), std::string::npos)
        << json::serialize(body.at("errors"));
  }
  EXPECT_EQ(json::serialize(Query("{ a: __typename b: rateLimit { cost } }")),
            R"({"data":{"a":"Query","b":{"cost":1}}})");
}

TEST_F(WorldApi, QueriesBeyondTheLimitsAreCutOrTimeOut) {
  GitHubApiOptions options;
  options.graphql.resources_per_query_max = 50;
  Make({.repositories = 120}, options);
  json::array ids;
  for (const int64_t id : books_->Ids()) {
    if (ids.size() < 100 && books_->FactsOf(id, clock_.Now()))
      ids.emplace_back(books_->FactsOf(id, clock_.Now())->node_id);
  }
  const json::object cut = Query(kSnapshotQuery, {{"ids", ids}});
  EXPECT_EQ(cut.at("errors").as_array()[0].as_object().at("type").as_string(),
            "RESOURCE_LIMITS_EXCEEDED");
  const json::array& nodes = cut.at("data").as_object().at("nodes").as_array();
  EXPECT_TRUE(nodes.front().is_object());
  EXPECT_TRUE(nodes.back().is_null());
  EXPECT_EQ(Header(last_, "x-ratelimit-used"), "4");
  std::string many = "{";
  for (int i = 0; i < 201; ++i)
    many += fmt::format("r{}: repository(owner:\"a\",name:\"b\"){{id}} ", i);
  Query(many + "}");
  EXPECT_EQ(last_.status, 502);
  EXPECT_EQ(Header(last_, "x-ratelimit-used"), "6");
  // 5 s and 10.05 s of CPU are charged: 90 s a minute end with the 15th query more of 5 s.
  int more = 0;
  while (more < 40 && last_.status != 403) {
    Query(kSnapshotQuery, {{"ids", ids}});
    ++more;
  }
  EXPECT_EQ(more, 15);
  EXPECT_EQ(api_->counters().violations[static_cast<std::size_t>(ViolationKind::kCpu)], 1);
}

TEST_F(WorldApi, RestPointsOfAMinuteAreCounted) {
  Make({.repositories = 10}, {});
  const std::string target = fmt::format("/repositories/{}", books_->Ids()[0]);
  for (int i = 0; i < 900; ++i) ASSERT_EQ(Get(target).status, 200);
  EXPECT_EQ(Get(target).status, 403);
  EXPECT_EQ(Get(target).status, 403);
  const json::object counters = json::parse(Get("/_sandbox/counters").body).as_object();
  EXPECT_EQ(counters.at("violations").as_object().at("rest_points").as_int64(), 1);
  EXPECT_EQ(counters.at("violations").as_object().at("blocked").as_int64(), 1);
  EXPECT_EQ(counters.at("callers").as_object().size(), 1U);
  clock_.AdvanceTo(clock_.Now() + std::chrono::seconds(61));
  EXPECT_EQ(Get(target).status, 200);
}

TEST_F(WorldApi, FaultsComeWhenOrderedAndAreWhatAClientWouldSee) {
  GitHubApiOptions options = WithoutLimits();
  ASSERT_TRUE(SetFault(options.faults, "accepted=1").ok());
  Make({.repositories = 10}, options);
  const std::string target = fmt::format("/repositories/{}", books_->Ids()[0]);
  const auto fails_as = [&](FaultKind kind) {
    api_->Order({.kind = kind, .target = target});
    net::HttpRequest request = Request(target);
    request.body_bytes_max = 1 << 20;
    return Try(request).error().kind();
  };
  EXPECT_EQ(fails_as(FaultKind::kCut), ErrorKind::kUnavailable);
  EXPECT_EQ(fails_as(FaultKind::kNoBody), ErrorKind::kUnavailable);
  EXPECT_EQ(fails_as(FaultKind::kEndlessBody), ErrorKind::kExhausted);
  EXPECT_EQ(Get(target).status, 200);
  net::HttpRequest order = Request("/_sandbox/faults");
  order.method = "POST";
  order.body = fmt::format(R"({{"kind":"server_error","target":"{}","times":2}})", target);
  EXPECT_EQ(Try(order).value().status, 204);
  EXPECT_EQ(Get(target).status, 500);
  EXPECT_EQ(Get(target).status, 500);
  EXPECT_EQ(Get(target).status, 200);
  const std::string history = target + "/stargazers/history";
  EXPECT_EQ(Get(history).status, 202);
  EXPECT_EQ(Get(history).status, 202);
  EXPECT_EQ(Get(history).status, 200);
}

TEST_F(WorldApi, ATokenEndsAtItsInstant) {
  GitHubApiOptions options = WithoutLimits();
  ASSERT_TRUE(SetFault(options.faults, "expired_token=f00d@2026-01-02T00:00:00Z").ok());
  EXPECT_FALSE(SetFault(options.faults, "expired_token=f00d").ok());
  Make({.repositories = 10}, options);
  const std::string target = fmt::format("/repositories/{}", books_->Ids()[0]);
  EXPECT_EQ(Header(Get(target), "github-authentication-token-expiration"),
            "2026-01-02 00:00:00 UTC");
  clock_.AdvanceTo(Instant(kStart + std::chrono::days(1)));
  EXPECT_EQ(Get(target).status, 401);
}

TEST_F(WorldApi, AReleaseHasEveryFieldOfARecordedOneInItsType) {
  const std::string folder = TestDataFolder();
  if (folder.empty()) GTEST_SKIP() << "STARGAZE_TEST_DATA is not set";
  std::ifstream file(folder +
                     "/github_api/hub4j/LifecycleTest/wiremock/testCreateRepository/__files/"
                     "7-r_h_t_releases.json");
  std::stringstream text;
  text << file.rdbuf();
  const json::value recorded = json::parse(text.str());
  Make({.repositories = 40});
  for (const int64_t id : books_->Ids()) {
    const json::value ours = json::parse(Get(fmt::format("/repositories/{}/releases", id)).body);
    if (!ours.is_array() || ours.as_array().empty()) continue;
    for (const auto& field : recorded.as_array()[0].as_object()) {
      const json::value* mine = ours.as_array()[0].as_object().if_contains(field.key());
      ASSERT_NE(mine, nullptr) << field.key();
      EXPECT_EQ(mine->kind(), field.value().kind()) << field.key();
    }
    return;
  }
  FAIL() << "no repository has a release";
}

}  // namespace
}  // namespace stargaze::sandbox
