#include "sandbox/github_api.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include <boost/json.hpp>

#include "base/virtual_clock.h"
#include "sandbox/generated_world.h"
#include "sandbox/recorded_world.h"
#include "sandbox/testing/ranking_files.h"

namespace stargaze::sandbox {
namespace {

namespace json = boost::json;

constexpr Day kStart = Day(std::chrono::year(2026) / 1 / 1);

net::ServerRequest Get(const std::string& path,
                       net::QueryParameters query = {},
                       const std::string& token = "t") {
  net::ServerRequest request{.method = "GET", .path = path, .query = std::move(query)};
  request.target = net::BuildUrl("", path, request.query);
  request.headers.Add("host", "127.0.0.1:8080");
  request.headers.Add("user-agent", "test");
  if (!token.empty()) request.headers.Add("authorization", "Bearer " + token);
  return request;
}

net::ServerRequest SearchFor(const std::string& q,
                             int page = 1,
                             int per_page = 100,
                             const std::string& sort = "stars") {
  return Get("/search/repositories",
             {{"q", q},
              {"sort", sort},
              {"order", "desc"},
              {"per_page", std::to_string(per_page)},
              {"page", std::to_string(page)}});
}

json::object Parsed(const net::HttpResponse& response) {
  boost::system::error_code code;
  json::value value = json::parse(response.body, code);
  EXPECT_FALSE(code) << code.message() << ": " << response.body.substr(0, 300);
  return value.is_object() ? value.as_object() : json::object{};
}

std::string Header(const net::HttpResponse& response, std::string_view name) {
  return std::string(response.headers.Find(name).value_or("(none)"));
}

class GitHubApiTest : public ::testing::Test {
 protected:
  void Make(const GeneratedWorldOptions& options,
            const GitHubApiOptions& api_options = WithoutLimits()) {
    world_ = std::move(GeneratedWorld::Create(options)).value();
    api_ = std::make_unique<GitHubApi>(*world_, clock_, api_options);
  }

  VirtualClock clock_{kStart + std::chrono::hours(12)};
  std::unique_ptr<GeneratedWorld> world_;
  std::unique_ptr<GitHubApi> api_;
};

TEST_F(GitHubApiTest, EveryValueServedIsInTheWorldsBooks) {
  Make({.repositories = 500});
  clock_.AdvanceTo(kStart + std::chrono::days(33));
  const auto books = world_->At(clock_.Now()).value();
  std::set<int64_t> seen;
  for (int page = 1; page <= 6; ++page) {
    const net::HttpResponse response = api_->Handle(SearchFor("stars:>=0", page));
    ASSERT_EQ(response.status, 200);
    const json::object body = Parsed(response);
    EXPECT_EQ(body.at("total_count").as_int64(), static_cast<int64_t>(books->repositories.size()));
    EXPECT_FALSE(body.at("incomplete_results").as_bool());
    for (const json::value& value : body.at("items").as_array()) {
      const json::object& item = value.as_object();
      const Repository* one = books->Find(item.at("id").as_int64());
      ASSERT_NE(one, nullptr);
      EXPECT_TRUE(seen.insert(one->profile->id).second);
      EXPECT_EQ(item.at("stargazers_count").as_int64(), one->stars);
      EXPECT_EQ(item.at("forks_count").as_int64(), one->forks);
      EXPECT_EQ(item.at("open_issues_count").as_int64(), one->open_issues);
      EXPECT_EQ(item.at("full_name").as_string(), one->name->full_name);
      EXPECT_EQ(item.at("owner").as_object().at("login").as_string(), one->name->owner);
      EXPECT_EQ(item.at("archived").as_bool(), one->archived);
      EXPECT_EQ(item.at("created_at").as_string(), FormatInstantSeconds(one->profile->created_at));
      EXPECT_EQ(item.at("description").is_null(), !one->profile->description.has_value());
      if (one->profile->description) {
        EXPECT_EQ(item.at("description").as_string(), *one->profile->description);
      }
      EXPECT_EQ(item.at("license").is_null(), one->profile->license == nullptr);
      if (one->profile->license != nullptr) {
        EXPECT_EQ(item.at("license").as_object().at("spdx_id").as_string(),
                  one->profile->license->spdx_id);
        EXPECT_EQ(item.at("license").as_object().at("url").is_null(),
                  !one->profile->license->has_page);
      }
      EXPECT_EQ(item.at("topics").as_array().size(), one->profile->topics.size());
    }
  }
  EXPECT_EQ(seen.size(), books->repositories.size());
}

TEST_F(GitHubApiTest, AnItemHasTheShapeAndSizeOfARealOne) {
  Make({.repositories = 200});
  const net::HttpResponse response = api_->Handle(SearchFor("stars:>=0"));
  const json::object body = Parsed(response);
  const json::object& item = body.at("items").as_array()[0].as_object();
  EXPECT_EQ(item.size(), 81U);
  EXPECT_EQ(item.at("owner").as_object().size(), 19U);
  EXPECT_EQ(item.at("url").as_string(),
            "http://127.0.0.1:8080/repos/" + std::string(item.at("full_name").as_string()));
  EXPECT_EQ(item.at("releases_url").as_string(),
            std::string(item.at("url").as_string()) + "/releases{/id}");
  EXPECT_EQ(item.at("score").as_double(), 1.0);
  EXPECT_GT(response.body.size(), 450'000U);
  EXPECT_LT(response.body.size(), 650'000U);
}

TEST_F(GitHubApiTest, SortsByWhatWasAskedAndBreaksTiesById) {
  Make({.repositories = 300});
  for (const std::string sort : {"stars", "forks"}) {
    const json::object body = Parsed(api_->Handle(SearchFor("stars:>=0", 1, 100, sort)));
    std::pair<int64_t, int64_t> last{INT64_MIN, 0};
    for (const json::value& item : body.at("items").as_array()) {
      const std::pair now{-item.at(sort == "stars" ? "stargazers_count" : "forks_count").as_int64(),
                          item.at("id").as_int64()};
      EXPECT_LT(last, now);
      last = now;
    }
  }
  net::ServerRequest ascending = SearchFor("stars:>=0");
  ascending.query[2].second = "asc";
  const json::object body = Parsed(api_->Handle(ascending));
  EXPECT_LT(body.at("items").as_array()[0].at("stargazers_count").as_int64(),
            body.at("items").as_array()[99].at("stargazers_count").as_int64());
}

TEST_F(GitHubApiTest, PagesEndAtAThousandResults) {
  Make({.repositories = 2'000});
  const net::HttpResponse first = api_->Handle(SearchFor("stars:0..*", 1));
  EXPECT_EQ(Parsed(first).at("total_count").as_int64(), 2'000);
  EXPECT_EQ(Header(first, "link"),
            "<http://127.0.0.1:8080/search/"
            "repositories?q=stars%3A0..%2A&sort=stars&order=desc&per_page=100&page=2>; "
            "rel=\"next\", "
            "<http://127.0.0.1:8080/search/"
            "repositories?q=stars%3A0..%2A&sort=stars&order=desc&per_page=100&page=10>; "
            "rel=\"last\"");
  const net::HttpResponse middle = api_->Handle(SearchFor("stars:0..*", 5));
  EXPECT_NE(Header(middle, "link").find("page=4>; rel=\"prev\""), std::string::npos);
  EXPECT_NE(Header(middle, "link").find("page=1>; rel=\"first\""), std::string::npos);
  const net::HttpResponse last = api_->Handle(SearchFor("stars:0..*", 10));
  EXPECT_EQ(Parsed(last).at("items").as_array().size(), 100U);
  EXPECT_EQ(net::NextLink(Header(last, "link")), std::nullopt);
  const net::HttpResponse beyond = api_->Handle(SearchFor("stars:0..*", 11));
  EXPECT_EQ(beyond.status, 422);
  EXPECT_EQ(Parsed(beyond).at("message").as_string(),
            "Only the first 1000 search results are available");
  EXPECT_TRUE(Parsed(beyond).contains("documentation_url"));
  const net::HttpResponse uneven = api_->Handle(SearchFor("stars:0..*", 15, 70));
  EXPECT_EQ(Parsed(uneven).at("items").as_array().size(),
            20U);  // Of its 70 only 20 are among the first thousand.
}

TEST_F(GitHubApiTest, OnePageNeedsNoLinkAndAnEmptyOneIsNoError) {
  Make({.repositories = 50});
  const net::HttpResponse all = api_->Handle(SearchFor("stars:>=0"));
  EXPECT_EQ(Header(all, "link"), "(none)");
  const json::object none = Parsed(api_->Handle(SearchFor("stars:>999999999")));
  EXPECT_EQ(none.at("total_count").as_int64(), 0);
  EXPECT_TRUE(none.at("items").as_array().empty());
}

TEST_F(GitHubApiTest, RefusesAQueryThatIsMissingOrWrong) {
  Make({.repositories = 10});
  for (const net::ServerRequest& request :
       {Get("/search/repositories"), SearchFor(""), SearchFor("stars:abc")}) {
    const net::HttpResponse response = api_->Handle(request);
    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(Parsed(response).at("message").as_string(), "Validation Failed");
    EXPECT_EQ(Parsed(response).at("errors").as_array().size(), 1U);
  }
}

TEST_F(GitHubApiTest, EveryResponseSaysWhenWhatIsLeftAndThatItIsSimulated) {
  Make({.repositories = 10}, {});
  const net::HttpResponse response = api_->Handle(SearchFor("stars:>=0"));
  EXPECT_EQ(Header(response, "date"), "Thu, 01 Jan 2026 12:00:00 GMT");
  EXPECT_EQ(Header(response, "content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(Header(response, "x-ratelimit-limit"), "30");
  EXPECT_EQ(Header(response, "x-ratelimit-remaining"), "29");
  EXPECT_EQ(Header(response, "x-ratelimit-used"), "1");
  EXPECT_EQ(Header(response, "x-ratelimit-reset"), "1767268860");
  EXPECT_EQ(Header(response, "x-ratelimit-resource"), "search");
  EXPECT_NE(Header(response, "etag"), "(none)");
  EXPECT_NE(Header(response, "x-github-request-id"),
            Header(api_->Handle(SearchFor("a")), "x-github-request-id"));
  for (const net::ServerRequest& request :
       {Get("/nothing"), Get("/rate_limit"), SearchFor("stars:x"), net::ServerRequest{}}) {
    EXPECT_EQ(Header(api_->Handle(request), "x-stargaze-sandbox"),
              "generated:seed=1,repositories=10,start=2026-01-01");
  }
}

TEST_F(GitHubApiTest, RequestsBeyondTheLimitAreRefusedAndCounted) {
  Make({.repositories = 10}, {});
  for (int i = 0; i < 30; ++i) EXPECT_EQ(api_->Handle(SearchFor("a")).status, 200);
  std::multiset<int> refusals;
  for (int i = 0; i < 4; ++i) {
    const net::HttpResponse response = api_->Handle(SearchFor("a"));
    refusals.insert(response.status);
    EXPECT_EQ(Header(response, "x-ratelimit-remaining"), "0");
    EXPECT_NE(std::string(Parsed(response).at("message").as_string()).find("rate limit exceeded"),
              std::string::npos);
  }
  EXPECT_EQ(refusals, (std::multiset<int>{403, 403, 403, 429}));
  EXPECT_EQ(api_->Handle(Get("/rate_limit")).status, 200);  // Free.
  EXPECT_EQ(api_->counters().limit_violations, 4);
  EXPECT_EQ(api_->counters().charged, 30);
  EXPECT_EQ(api_->counters().search_requests, 34);
  EXPECT_EQ(api_->counters().other_requests, 1);
  clock_.AdvanceTo(clock_.Now() + std::chrono::seconds(60));
  EXPECT_EQ(api_->Handle(SearchFor("a")).status, 200);
}

TEST_F(GitHubApiTest, TheLimitsCanBeAskedFor) {
  Make({.repositories = 10}, {});
  api_->Handle(SearchFor("a"));
  const json::object resources =
      Parsed(api_->Handle(Get("/rate_limit"))).at("resources").as_object();
  EXPECT_EQ(resources.at("search").at("remaining").as_int64(), 29);
  EXPECT_EQ(resources.at("core").at("limit").as_int64(), 5'000);
  const json::object anonymous =
      Parsed(api_->Handle(Get("/rate_limit", {}, ""))).at("resources").as_object();
  EXPECT_EQ(anonymous.at("core").at("limit").as_int64(), 60);
  EXPECT_EQ(anonymous.at("search").at("remaining").as_int64(), 10);
}

TEST_F(GitHubApiTest, RefusesWhoDoesNotSayWhoTheyAre) {
  Make({.repositories = 10});
  net::ServerRequest nameless{.method = "GET", .target = "/rate_limit", .path = "/rate_limit"};
  EXPECT_EQ(api_->Handle(nameless).status, 403);
  net::ServerRequest strange = Get("/rate_limit", {}, "");
  strange.headers.Add("authorization", "something else");
  EXPECT_EQ(api_->Handle(strange).status, 401);
  net::ServerRequest post = SearchFor("a");
  post.method = "POST";
  EXPECT_EQ(api_->Handle(post).status, 404);
}

TEST_F(GitHubApiTest, AHostileHostHeaderIsNotEchoed) {
  Make({.repositories = 200});
  net::ServerRequest request{
      .method = "GET", .path = "/search/repositories", .query = {{"q", "stars:>=0"}}};
  request.headers.Add("user-agent", "test");
  request.headers.Add("host", "evil\",\"x\":\"");
  const net::HttpResponse response = api_->Handle(request);
  EXPECT_TRUE(Header(response, "link").starts_with("<http://localhost/search/repositories?q="));
  EXPECT_EQ(response.body.find("evil"), std::string::npos);
}

TEST_F(GitHubApiTest, ARenamedRepositoryKeepsItsIdAndItsOldNameLeadsToIt) {
  Make({.repositories = 1'000});
  const auto before = world_->At(clock_.Now()).value();
  clock_.AdvanceTo(kStart + std::chrono::days(400));
  const auto after = world_->At(clock_.Now()).value();
  int moved = 0;
  int gone = 0;
  for (const Repository& one : before->repositories) {
    const Repository* now = after->Find(one.profile->id);
    const net::HttpResponse by_name = api_->Handle(Get("/repos/" + one.name->full_name));
    const net::HttpResponse by_id =
        api_->Handle(Get(fmt::format("/repositories/{}", one.profile->id)));
    if (now == nullptr) {
      ++gone;
      EXPECT_EQ(by_id.status, 404);
      const bool is_other =
          by_name.status == 200 && Parsed(by_name).at("id").as_int64() != one.profile->id;
      EXPECT_TRUE(by_name.status == 404 || is_other);
      continue;
    }
    EXPECT_EQ(Parsed(by_id).at("full_name").as_string(), now->name->full_name);
    if (now->name->full_name == one.name->full_name) {
      EXPECT_EQ(by_name.status, 200);
      continue;
    }
    ++moved;
    EXPECT_EQ(by_name.status, 301);
    EXPECT_EQ(Header(by_name, "location"),
              fmt::format("http://127.0.0.1:8080/repositories/{}", one.profile->id));
    EXPECT_EQ(Parsed(by_name).at("message").as_string(), "Moved Permanently");
  }
  EXPECT_GT(moved, 40);
  EXPECT_GE(gone, 3);
  EXPECT_EQ(api_->Handle(Get("/repos/nobody/nothing")).status, 404);
  EXPECT_EQ(api_->Handle(Get("/repos/nobody")).status, 404);
  EXPECT_EQ(api_->Handle(Get("/repos/a/b/issues")).status, 404);
  EXPECT_EQ(api_->Handle(Get("/repositories/x")).status, 404);
}

TEST_F(GitHubApiTest, AnUnchangedRepositoryIsA304ThatCostsNothingWithAToken) {
  Make({.repositories = 10}, {});
  const std::string name = world_->At(clock_.Now()).value()->repositories[0].name->full_name;
  net::ServerRequest request = Get("/repos/" + name);
  const net::HttpResponse first = api_->Handle(request);
  EXPECT_EQ(Parsed(first).at("network_count").as_int64(),
            Parsed(first).at("forks_count").as_int64());
  EXPECT_TRUE(Parsed(first).contains("subscribers_count"));
  request.headers.Add("if-none-match", Header(first, "etag"));
  const net::HttpResponse second = api_->Handle(request);
  EXPECT_EQ(second.status, 304);
  EXPECT_TRUE(second.body.empty());
  EXPECT_EQ(Header(second, "x-ratelimit-used"), "1");
  EXPECT_EQ(api_->counters().charged, 1);
  clock_.AdvanceTo(clock_.Now() + std::chrono::days(3));
  EXPECT_EQ(api_->Handle(request).status, 200);

  net::ServerRequest anonymous = Get("/repos/" + name, {}, "");
  anonymous.headers.Add("if-none-match", Header(api_->Handle(anonymous), "etag"));
  const net::HttpResponse unchanged = api_->Handle(anonymous);
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_EQ(Header(unchanged, "x-ratelimit-used"), "2");
}

TEST_F(GitHubApiTest, ADayWithoutARecordingIsASourceThatIsDown) {
  const testing::TemporaryFolder folder;
  testing::WriteFile(
      folder.path() / "github-ranking-2026-01-01.csv",
      testing::RankingCsv({{.owner = "a", .name = "b", .stars = 5, .description = "\"q \xff\""}}));
  const auto recorded = std::move(RecordedWorld::Open(folder.path().string())).value();
  GitHubApi api(*recorded, clock_, {});
  const json::object body = Parsed(api.Handle(SearchFor("stars:>=5")));
  ASSERT_EQ(body.at("total_count").as_int64(), 1);
  EXPECT_EQ(body.at("items").as_array()[0].at("id").as_int64(), InventedId("a/b"));
  EXPECT_EQ(api.Handle(Get("/repos/A/b")).status, 200);
  clock_.AdvanceTo(kStart + std::chrono::days(1));
  for (const net::ServerRequest& request :
       {SearchFor("stars:>=5"), Get("/repos/a/b"), Get("/repositories/1")}) {
    const net::HttpResponse response = api.Handle(request);
    EXPECT_EQ(response.status, 503);
    EXPECT_TRUE(Parsed(response).contains("message"));
  }
}

TEST_F(GitHubApiTest, ManyThreadsMaySendAtOnce) {
  Make({.repositories = 100}, {.limits = {.search_per_minute = 150}});
  std::atomic<int> served = 0;
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < 4; ++i) {
      senders.emplace_back([&] {
        for (int n = 0; n < 50; ++n) served += api_->Handle(SearchFor("stars:>=0")).status == 200;
      });
    }
  }
  EXPECT_EQ(served, 150);
  EXPECT_EQ(api_->counters().charged, 150);
  EXPECT_EQ(api_->counters().limit_violations, 50);
}

class Faulty : public GitHubApiTest {
 protected:
  net::HttpResponse One(FaultKind kind,
                        const net::ServerRequest& request = SearchFor("stars:>=0")) {
    GitHubApiOptions options = WithoutLimits();
    options.faults.rates[static_cast<std::size_t>(kind)] = 1;
    Make({.repositories = 200}, options);
    net::HttpResponse response = api_->Handle(request);
    EXPECT_EQ(api_->counters().faults[static_cast<std::size_t>(kind)], 1);
    return response;
  }

  static bool IsJson(const net::HttpResponse& response) {
    boost::system::error_code code;
    json::parse(response.body, code);
    return !code;
  }
};

TEST_F(Faulty, AnswersThatAreNoJson) {
  EXPECT_EQ(One(FaultKind::kBadGateway).status, 502);
  const net::HttpResponse html = One(FaultKind::kHtml);
  EXPECT_EQ(html.status, 200);
  EXPECT_FALSE(IsJson(html));
  EXPECT_TRUE(Header(html, "content-type").starts_with("text/html"));
  EXPECT_FALSE(IsJson(One(FaultKind::kTruncated)));
  EXPECT_FALSE(IsJson(One(FaultKind::kTruncated, Get("/repositories/100000000"))));
  EXPECT_FALSE(IsJson(One(FaultKind::kInvalidUtf8)));
}

TEST_F(Faulty, NothingToSpoilIsNoFault) {
  GitHubApiOptions options = WithoutLimits();
  options.faults.rates[static_cast<std::size_t>(FaultKind::kWrongType)] = 1;
  Make({.repositories = 10}, options);
  EXPECT_TRUE(IsJson(api_->Handle(SearchFor("stars:>999999999"))));
  EXPECT_EQ(api_->counters().faults, (std::array<int64_t, kFaultKinds>{}));
}

TEST_F(Faulty, IncompleteResultsMissHalfOfThePage) {
  const json::object body = Parsed(One(FaultKind::kIncomplete));
  EXPECT_TRUE(body.at("incomplete_results").as_bool());
  EXPECT_EQ(body.at("items").as_array().size(), 50U);
}

TEST_F(Faulty, RecordsThatAreSpoiledAreListed) {
  const json::object wrong = Parsed(One(FaultKind::kWrongType));
  ASSERT_EQ(api_->counters().spoiled.size(), 1U);
  int64_t spoiled_id = api_->counters().spoiled[0].repository_id;
  for (const json::value& item : wrong.at("items").as_array()) {
    EXPECT_EQ(item.at("stargazers_count").is_string(), item.at("id").as_int64() == spoiled_id);
  }
  const json::object missing = Parsed(One(FaultKind::kMissingField));
  spoiled_id = api_->counters().spoiled[0].repository_id;
  for (const json::value& item : missing.at("items").as_array()) {
    EXPECT_EQ(!item.as_object().contains("full_name"), item.at("id").as_int64() == spoiled_id);
  }
  const json::object twice = Parsed(One(FaultKind::kDuplicateItems));
  std::multiset<int64_t> ids;
  for (const json::value& item : twice.at("items").as_array()) ids.insert(item.at("id").as_int64());
  EXPECT_EQ(ids.size(), 101U);
  EXPECT_EQ(ids.count(api_->counters().spoiled[0].repository_id), 2U);
  const net::HttpResponse huge = One(FaultKind::kHugeText);
  EXPECT_GT(huge.body.size(), 10'000'000U);
  EXPECT_TRUE(IsJson(huge));
}

TEST_F(Faulty, ASecondaryLimitRefusesEverythingForAMinute) {
  for (const FaultKind kind : {FaultKind::kSecondaryLimit, FaultKind::kSecondaryRetryAfter}) {
    const net::HttpResponse response = One(kind);
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(Header(response, "retry-after"),
              kind == FaultKind::kSecondaryLimit ? "(none)" : "60");
    EXPECT_NE(Header(response, "x-ratelimit-remaining"), "0");
    clock_.AdvanceTo(clock_.Now() + std::chrono::seconds(59));
    EXPECT_EQ(api_->Handle(SearchFor("a")).status, 403);
    EXPECT_EQ(api_->counters().limit_violations, 1);
    clock_.AdvanceTo(clock_.Now() + std::chrono::seconds(1));
    api_->Handle(SearchFor("a"));
    EXPECT_EQ(api_->counters().limit_violations, 1);
  }
}

}  // namespace
}  // namespace stargaze::sandbox
