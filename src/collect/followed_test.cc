#include "collect/followed.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/virtual_clock.h"
#include "config/catalog.h"
#include "lake/manifest_codec.h"
#include "lake/memory/memory_store.h"

namespace stargaze::collect {
namespace {

using model::SubjectState;

constexpr const char* kBase = "https://api.github.com";

struct Answer {
  int status = 200;
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
};

// Answers each URL with what the test has put there, in order; the last one stays.
class ScriptedTransport final : public net::HttpTransport {
 public:
  Result<net::HttpResponse> Send(const net::HttpRequest& request,
                                 const std::stop_token& /*stop*/) override {
    const auto etag = request.headers.Find("if-none-match");
    log.push_back(request.url.substr(std::string(kBase).size()) +
                  (etag ? " " + std::string(*etag) : ""));
    bodies.push_back(request.body);
    std::deque<Answer>& script = answers[request.url.substr(std::string(kBase).size())];
    if (script.empty()) return Error(ErrorKind::kInternal, "nothing scripted for " + request.url);
    const Answer answer = script.front();
    if (script.size() > 1) script.pop_front();
    net::HttpResponse response{.status = answer.status, .body = answer.body};
    response.headers.Add("content-type", "application/json; charset=utf-8");
    for (const auto& [name, value] : answer.headers) response.headers.Add(name, value);
    return response;
  }

  std::map<std::string, std::deque<Answer>> answers;
  std::vector<std::string> log;
  std::vector<std::string> bodies;
};

std::vector<std::unique_ptr<TokenProvider>> Tokens(const std::vector<std::string>& texts) {
  std::vector<std::unique_ptr<TokenProvider>> tokens;
  for (const std::string& text : texts)
    tokens.push_back(std::make_unique<StaticToken>(secrets::Secret(text)));
  return tokens;
}

class FollowedTest : public ::testing::Test {
 protected:
  FollowedTest() : catalog_(config::LoadCatalog(EmbeddedFiles(), {}).value()) {}

  Result<CollectReport> Collect(const std::string& dataset, int try_number = 1, bool last = false) {
    return CollectWith(dataset, credentials_, try_number, last);
  }

  Result<CollectReport> CollectWith(const std::string& dataset,
                                    CredentialPool& credentials,
                                    int try_number = 1,
                                    bool last = false) {
    const CollectJob job{.dataset = *catalog_.FindDataset(dataset),
                         .source = catalog_.sources.at("github"),
                         .base_url = kBase,
                         .subjects = subjects_,
                         .watched = watched_,
                         .backfill = backfill_,
                         .attempt = {.instance = {.run = {.dag_id = "d",
                                                          .run_id = fmt::format("manual__{}", run_),
                                                          .logical_date = clock_.Now()},
                                                  .task_id = "t"},
                                     .try_number = try_number,
                                     .hex = "0000000a"},
                         .last_try = last,
                         .deadline = clock_.Now() + std::chrono::hours(2)};
    return collect::Collect(job, {transport_, lake_, clock_, governor_, credentials});
  }

  model::Manifest ManifestOf(const CollectReport& report) {
    return lake::ReadManifest(lake_, report.manifest_key).value();
  }

  void NextRun(std::chrono::hours later) {
    clock_.AdvanceTo(clock_.Now() + later);
    ++run_;
    transport_.log.clear();
  }

  std::string Names(const model::Manifest& manifest, SubjectState state) {
    std::string names;
    for (const model::SubjectOutcome& outcome : manifest.subjects) {
      if (outcome.state == state) names += outcome.subject + " " + outcome.kind + ";";
    }
    return names;
  }

  model::Catalog catalog_;
  VirtualClock clock_{*ParseInstant("2026-09-01T12:00:00Z")};
  Governor governor_{clock_};
  CredentialPool credentials_{kBase, Tokens({"first-secret-token-1234"}), {}};
  VirtualClock::Actor actor_{clock_};  // Or nobody would move the time while it sleeps.
  lake::MemoryStore lake_{clock_};
  ScriptedTransport transport_;
  std::vector<registry::RepositoryRef> subjects_{{1, "R_1", "a/a"}, {2, "R_2", "b/b"}};
  std::set<int64_t> watched_;
  bool backfill_ = false;
  int run_ = 0;
};

Answer Releases(const std::string& etag, const std::string& next = "") {
  Answer answer{.body = "[{\"id\":7,\"tag_name\":\"v1\"}]", .headers = {{"etag", etag}}};
  if (!next.empty())
    answer.headers.emplace_back("link", fmt::format("<{}{}>; rel=\"next\"", kBase, next));
  return answer;
}

const std::string kFirst = "/repositories/1/releases?per_page=100";
const std::string kFirst2 = "/repositories/1/releases?per_page=100&page=2";
const std::string kSecond = "/repositories/2/releases?per_page=100";

TEST_F(FollowedTest, AsksWithPublishedEtagsAlongTheStoredChain) {
  transport_.answers[kFirst] = {Releases("\"a1\"", kFirst2), {.status = 304}};
  transport_.answers[kFirst2] = {Releases("\"a2\""), {.status = 304}};
  transport_.answers[kSecond] = {Releases("\"b1\""), Releases("\"b2\"")};
  const auto first = Collect("github/release");
  ASSERT_TRUE(first.ok()) << first.error().message();
  EXPECT_EQ(first.value().records, 3);
  EXPECT_EQ(ManifestOf(first.value()).objects.size(), 1U);
  NextRun(std::chrono::hours(24));
  const auto second = Collect("github/release");
  ASSERT_TRUE(second.ok()) << second.error().message();
  EXPECT_EQ(
      transport_.log,
      (std::vector<std::string>{kFirst + " \"a1\"", kFirst2 + " \"a2\"", kSecond + " \"b1\""}));
  const model::Manifest manifest = ManifestOf(second.value());
  EXPECT_EQ(Names(manifest, SubjectState::kUnchanged), "repository_id=1 ;");
  EXPECT_EQ(Names(manifest, SubjectState::kChanged), "repository_id=2 ;");
  EXPECT_EQ(manifest.requests.charged, 1);
  EXPECT_EQ(second.value().unchanged, 1);
  NextRun(std::chrono::hours(24));
  ASSERT_TRUE(Collect("github/release").ok());
  EXPECT_EQ(transport_.log.back(), kSecond + " \"b2\"");
}

TEST_F(FollowedTest, PublishesWhoSucceededAndTakesTheOthersAgain) {
  transport_.answers[kFirst] = {Releases("\"a1\"")};
  transport_.answers[kSecond] = {{.status = 502, .body = "{}"}};
  const auto first = Collect("github/release");
  ASSERT_TRUE(first.ok()) << first.error().message();
  ASSERT_EQ(first.value().failed.size(), 1U);
  EXPECT_EQ(first.value().failed[0].status, 502);
  EXPECT_EQ(Names(ManifestOf(first.value()), SubjectState::kChanged), "repository_id=1 ;");
  transport_.log.clear();
  transport_.answers[kSecond] = {Releases("\"b1\"")};
  const auto second = Collect("github/release", 2, true);
  ASSERT_TRUE(second.ok()) << second.error().message();
  EXPECT_EQ(transport_.log, (std::vector<std::string>{kSecond}));
  EXPECT_EQ(second.value().done.size(), 2U);
}

TEST_F(FollowedTest, AsksWhoIsGoneAgainAfterAWeek) {
  transport_.answers[kFirst] = {{.status = 404, .body = "{}"}};
  transport_.answers[kSecond] = {{.status = 451, .body = "{}"}};
  const auto first = Collect("github/release");
  ASSERT_TRUE(first.ok()) << first.error().message();
  EXPECT_TRUE(first.value().failed.empty());
  EXPECT_EQ(Names(ManifestOf(first.value()), SubjectState::kGone),
            "repository_id=1 not_found;repository_id=2 legal;");
  NextRun(std::chrono::hours(24));
  const auto next_day = Collect("github/release");
  ASSERT_TRUE(next_day.ok());
  EXPECT_EQ(next_day.value().gone, 2);
  EXPECT_TRUE(transport_.log.empty());
  NextRun(std::chrono::hours(24 * 7));
  ASSERT_TRUE(Collect("github/release").ok());
  EXPECT_EQ(transport_.log.size(), 2U);
}

TEST_F(FollowedTest, TakesTheFirstPageOfAHistoryThatIsFilled) {
  const std::string one = "/repositories/1/stargazers/history";
  const std::string two = "/repositories/1/stargazers/history?page=2";
  const std::string week = R"([{"week":1756598400,"total":7,"days":[1,1,1,1,1,1,1]}])";
  const std::string link = fmt::format("<{}{}>; rel=\"next\"", kBase, two);
  subjects_.pop_back();
  transport_.answers[one] = {{.body = week, .headers = {{"etag", "\"a\""}, {"link", link}}}};
  transport_.answers[two] = {{.body = week, .headers = {{"etag", "\"b\""}}}};
  ASSERT_TRUE(Collect("github/star_history").ok());
  EXPECT_EQ(transport_.log, (std::vector<std::string>{one, two}));
  NextRun(std::chrono::hours(24));
  ASSERT_TRUE(Collect("github/star_history").ok());
  EXPECT_EQ(transport_.log, (std::vector<std::string>{one + " \"a\""}));
}

std::string Nodes(const std::string& nodes, const std::string& errors = "") {
  return "{\"data\":{\"rateLimit\":{\"cost\":3},\"nodes\":[" + nodes + "]}" +
         (errors.empty() ? "" : ",\"errors\":[" + errors + "]") + "}";
}

TEST_F(FollowedTest, MatchesNodesByIdAndCountsPoints) {
  transport_.answers["/graphql"] = {
      {.body = Nodes(R"(null,{"databaseId":2})", R"({"type":"NOT_FOUND","path":["nodes",0]})")}};
  const auto report = Collect("github/repository_snapshot");
  ASSERT_TRUE(report.ok()) << report.error().message();
  const model::Manifest manifest = ManifestOf(report.value());
  EXPECT_EQ(Names(manifest, SubjectState::kGone), "repository_id=1 not_found;");
  EXPECT_EQ(Names(manifest, SubjectState::kChanged), "repository_id=2 ;");
  EXPECT_EQ(manifest.requests.charged, 3);
}

TEST_F(FollowedTest, NoticesAnotherName) {
  struct Case {
    const char* name;
    const char* kind;
  };
  for (const Case& one : {Case{"a/a", ""},
                          Case{"a/z", "renamed"},
                          Case{"z/a", "transferred"},
                          Case{"z/z", "transferred"}}) {
    const std::string node =
        fmt::format(R"({{"databaseId":1,"nameWithOwner":"{}"}},null)", one.name);
    transport_.answers["/graphql"] = {{.body = Nodes(node)}};
    NextRun(std::chrono::hours(24 * 8));
    const auto report = Collect("github/repository_snapshot");
    ASSERT_TRUE(report.ok()) << report.error().message();
    const model::SubjectOutcome outcome = ManifestOf(report.value()).subjects.front();
    EXPECT_EQ(outcome.kind, one.kind) << one.name;
    EXPECT_EQ(outcome.full_name, one.name);
  }
}

// What is left of the window belongs to others, or not.
TEST_F(FollowedTest, AsksByPriority) {
  struct Case {
    const char* what;
    bool watched;
    bool backfill;
    int remaining;
    bool waits;
  };
  for (const Case& one :
       {Case{"the watchlist takes the last ones", true, false, 5, false},
        Case{"daily work leaves the watchlist its share", false, false, 5, true},
        Case{"daily work takes the rest", false, false, 50, false},
        Case{"a backfill leaves daily work its share", false, true, 50, true},
        Case{"who is watched goes first in a backfill too", true, true, 5, false}}) {
    NextRun(std::chrono::hours(24 * 8));
    watched_ = one.watched ? std::set<int64_t>{2} : std::set<int64_t>{};
    backfill_ = one.backfill;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
        clock_.Now().time_since_epoch() + std::chrono::minutes(59));
    Answer told = Releases("");
    told.headers = {{"x-ratelimit-limit", "100"},
                    {"x-ratelimit-remaining", std::to_string(one.remaining)},
                    {"x-ratelimit-reset", std::to_string(seconds.count())},
                    {"x-ratelimit-resource", "core"}};
    transport_.answers[kFirst] = {told};
    transport_.answers[kSecond] = {told};
    const Instant before = clock_.Now();
    ASSERT_TRUE(Collect("github/release").ok());
    EXPECT_EQ(clock_.Now() > before, one.waits) << one.what;
  }
}

TEST_F(FollowedTest, AsksInHalvesWhatTheSourceCannotBear) {
  for (const Answer& refusal :
       {Answer{.status = 502, .body = "{}"},
        Answer{.body =
                   Nodes("null,null", R"({"type":"RESOURCE_LIMITS_EXCEEDED","message":"m"})")}}) {
    transport_.answers["/graphql"] = {
        refusal, {.body = Nodes(R"({"databaseId":1})")}, {.body = Nodes(R"({"databaseId":2})")}};
    NextRun(std::chrono::hours(24));
    const auto report = Collect("github/repository_snapshot");
    ASSERT_TRUE(report.ok()) << report.error().message();
    EXPECT_EQ(report.value().done.size(), 2U);
    EXPECT_EQ(transport_.log.size(), 3U);
    EXPECT_NE(transport_.bodies.back().find(R"("ids":["R_2"])"), std::string::npos);
    EXPECT_EQ(ManifestOf(report.value()).objects[0].lines, 2);
  }
}

TEST_F(FollowedTest, RefusesARepositoryThatNobodyAskedFor) {
  transport_.answers["/graphql"] = {{.body = Nodes(R"({"databaseId":9})")}};
  const auto report = Collect("github/repository_snapshot", 1, true);
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(report.value().failed.size(), 2U);
  EXPECT_TRUE(ManifestOf(report.value()).objects.empty());
}

TEST_F(FollowedTest, FollowsARenamedRepositoryAndKeepsTheWay) {
  subjects_.resize(1);
  const std::string moved = "/repositories/1/releases?per_page=100&moved=1";
  transport_.answers[kFirst] = {{.status = 301, .headers = {{"location", kBase + moved}}}};
  transport_.answers[moved] = {Releases("\"a1\"")};
  const auto report = Collect("github/release");
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(Names(ManifestOf(report.value()), SubjectState::kChanged), "repository_id=1 ;");
  EXPECT_EQ(report.value().requests.sent, 2);
}

TEST_F(FollowedTest, GivesUpOnRedirectsInACircleOrElsewhere) {
  transport_.answers[kFirst] = {{.status = 302, .headers = {{"location", kFirst}}}};
  transport_.answers[kSecond] = {{.status = 302, .headers = {{"location", "https://evil.test/"}}}};
  const auto report = Collect("github/release");
  ASSERT_TRUE(report.ok()) << report.error().message();
  ASSERT_EQ(report.value().failed.size(), 2U);
  EXPECT_NE(report.value().failed[0].message.find("in a circle"), std::string::npos);
  EXPECT_NE(report.value().failed[1].message.find("another origin"), std::string::npos);
  EXPECT_EQ(transport_.log.size(), 7U) << "six in the circle, one that points away";
}

TEST_F(FollowedTest, SetsARefusedTokenAsideAndGoesOnWithAnother) {
  std::vector<std::string> alerts;
  const auto alert = [&](const TokenAlert& one) { alerts.push_back(one.message); };
  CredentialPool pool(
      kBase, Tokens({"first-secret-token-1111", "second-secret-token-2222"}), alert);
  transport_.answers[kFirst] = {{.status = 401, .body = "{\"message\":\"Bad credentials\"}"},
                                Releases("\"a1\"")};
  transport_.answers[kSecond] = {Releases("\"b1\"")};
  const auto report = CollectWith("github/release", pool);
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(report.value().done.size(), 2U);
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(alerts[0].find("secret-token"), std::string::npos);
  EXPECT_NE(alerts[0].find("expired or revoked"), std::string::npos);
}

TEST_F(FollowedTest, FailsWhenNoTokenIsLeft) {
  transport_.answers[kFirst] = {{.status = 401, .body = "{}"}};
  const auto report = Collect("github/release", 1, true);
  ASSERT_TRUE(report.ok()) << report.error().message();
  ASSERT_EQ(report.value().failed.size(), 2U);
  EXPECT_EQ(report.value().failed[0].kind, "unauthorized");
  EXPECT_EQ(transport_.log.size(), 1U) << "the second is not even asked for";
}

TEST_F(FollowedTest, TellsABlockedRepositoryFromATokenThatMayNotAsk) {
  transport_.answers[kFirst] = {
      {.status = 403,
       .body = R"({"message":"Repository access blocked","block":{"reason":"tos"}})"}};
  transport_.answers[kSecond] = {
      {.status = 403, .body = R"({"message":"Resource not accessible by personal access token"})"}};
  const auto report = Collect("github/release");
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(Names(ManifestOf(report.value()), SubjectState::kGone), "repository_id=1 forbidden;");
  ASSERT_EQ(report.value().failed.size(), 1U);
  EXPECT_EQ(report.value().failed[0].kind, "unauthorized");
}

// A dataset of which only what is new is asked for.
const char* const kIssues = R"yaml(dataset: github/issue
schema_version: 1
for_each: followed
requests:
  - name: issues
    path: /repositories/{repository_id}/issues
    query: {since: "{cursor}", per_page: 100}
    paginate: {kind: link}
    conditional: etag
    cursor: {by: updated_at, from: "2026-08-01T00:00:00Z", overlap: 60}
records: $[*]
key: [id]
tables:
  issue:
    columns:
      id: {path: $.id, type: integer, required: true}
      updated_at: {path: $.updated_at, type: timestamp}
)yaml";

class CursorTest : public FollowedTest {
 protected:
  CursorTest() {
    const std::string folder = testing::TempDir() + "/cursor_catalog";
    std::filesystem::create_directories(folder + "/github");
    std::ofstream(folder + "/github/issue.yaml") << kIssues;
    catalog_ = config::LoadCatalog(EmbeddedFiles(), {folder}).value();
    subjects_.pop_back();
  }

  static std::string Since(const std::string& instant, const std::string& more = "") {
    return "/repositories/1/issues?since=" + instant + "&per_page=100" + more;
  }
  static Answer Issues(const std::vector<std::string>& updated, const std::string& etag = "") {
    std::string body;
    for (const std::string& at : updated)
      body += fmt::format(R"({}{{"id":{},"updated_at":{}}})",
                          body.empty() ? "" : ",",
                          body.size(),
                          at == "null" ? at : "\"" + at + "\"");
    Answer answer{.body = "[" + body + "]"};
    if (!etag.empty()) answer.headers.emplace_back("etag", etag);
    return answer;
  }
};

TEST_F(CursorTest, BeginsWhereTheLastPublishedWalkEnded) {
  const std::string start = Since("2026-08-01T00%3A00%3A00Z");
  const std::string second = start + "&page=2";
  transport_.answers[start] = {Issues({"2026-08-30T10:00:00Z", "2026-08-09T10:00:00Z"})};
  transport_.answers[start].front().headers.emplace_back(
      "link", fmt::format("<{}{}>; rel=\"next\"", kBase, second));
  transport_.answers[second] = {{.status = 502, .body = "{}"}};
  ASSERT_TRUE(Collect("github/issue").ok());
  NextRun(std::chrono::hours(24));
  transport_.answers[second] = {Issues({"2026-08-31T09:30:00.25Z", "null", "soon"})};
  const auto whole = Collect("github/issue");
  ASSERT_TRUE(whole.ok()) << whole.error().message();
  EXPECT_EQ(transport_.log, (std::vector<std::string>{start, second}))
      << "a walk that did not reach its end has moved nothing";
  EXPECT_EQ(
      ManifestOf(whole.value()).cursors,
      (std::vector<model::CursorState>{{"repository_id=1", "issues", "2026-08-31T09:30:00Z"}}));
  NextRun(std::chrono::hours(24));
  const std::string newer = Since("2026-08-31T09%3A29%3A00Z");
  transport_.answers[newer] = {Issues({"2026-08-31T09:29:30Z"}, "\"e\""), {.status = 304}};
  const auto older = Collect("github/issue");
  ASSERT_TRUE(older.ok()) << older.error().message();
  EXPECT_TRUE(ManifestOf(older.value()).cursors.empty()) << "it never goes back";
  NextRun(std::chrono::hours(24));
  ASSERT_TRUE(Collect("github/issue").ok());
  EXPECT_EQ(transport_.log, (std::vector<std::string>{newer + " \"e\""}));
}

TEST_F(CursorTest, BeginsAnewWithAnotherDeclaration) {
  const std::string start = Since("2026-08-01T00%3A00%3A00Z");
  transport_.answers[start] = {Issues({"2026-08-30T10:00:00Z"})};
  ASSERT_TRUE(Collect("github/issue").ok());
  NextRun(std::chrono::hours(24));
  for (model::Dataset& dataset : catalog_.datasets) dataset.hash += "changed";
  ASSERT_TRUE(Collect("github/issue").ok());
  EXPECT_EQ(transport_.log, (std::vector<std::string>{start}));
}

}  // namespace
}  // namespace stargaze::collect
