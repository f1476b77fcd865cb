// What GitHub has really answered, sent through the HTTP client, the governor and the raw lake.

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include <boost/json.hpp>

#include "base/test_data.h"
#include "base/virtual_clock.h"
#include "collect/collect.h"
#include "collect/testing/recording.h"
#include "collect/testing/replay_server.h"
#include "config/catalog.h"
#include "config/declaration_files.h"
#include "lake/gzip_writer.h"
#include "lake/manifest_codec.h"
#include "lake/memory/memory_store.h"

namespace stargaze::collect {
namespace {

namespace json = boost::json;

using model::SubjectState;
using ::testing::HasSubstr;
using testing::ReadRecording;
using testing::RecordedExchange;
using testing::ReplayServer;

constexpr const char* kToken = "a-token-of-the-test-1234";

// The recorded requests are none of the catalog's, so each has a declaration here.
constexpr const char* kArtifacts = R"yaml(dataset: github/artifact
schema_version: 1
source: github
for_each: followed
requests:
  - name: artifacts
    path: /repos/{full_name}/actions/artifacts
    query: {name: build-tar}
    paginate: {kind: link}
    conditional: etag
records: $.artifacts[*]
key: [id]
tables:
  artifact:
    columns:
      id: {path: $.id, type: integer, required: true}
)yaml";

constexpr const char* kDetails = R"yaml(dataset: github/details
schema_version: 1
source: github
for_each: followed
requests:
  - name: details
    path: /repos/{full_name}
    conditional: etag
records: $
key: [id]
tables:
  details:
    columns:
      id: {path: $.id, type: integer, required: true}
)yaml";

constexpr const char* kActivity = R"yaml(dataset: github/activity
schema_version: 1
source: github
for_each: followed
requests:
  - name: activity
    path: /repos/{full_name}/stats/commit_activity
    conditional: etag
    reschedule_when: [202]
    reschedule_after_s: 90
records: $[*]
key: [week]
tables:
  activity:
    columns:
      week: {path: $.week, type: integer, required: true}
)yaml";

constexpr const char* kCode = R"yaml(dataset: github/code
schema_version: 1
source: github
requests:
  - name: code
    path: /search/code
    query: {q: jacquev6}
    resource: search
records: $.items[*]
key: [sha]
tables:
  code:
    columns:
      sha: {path: $.sha, type: string, required: true}
)yaml";

std::string RecordingsFolder() {
  const std::string folder = TestDataFolder();
  return folder.empty() ? "" : folder + "/github_api/pygithub";
}

Result<model::Catalog> CatalogWithTheTests() {
  std::vector<config::DeclarationFile> files = config::BuiltInFiles(EmbeddedFiles(), "catalog");
  files.push_back({.path = "github/artifact.yaml", .text = kArtifacts});
  files.push_back({.path = "github/details.yaml", .text = kDetails});
  files.push_back({.path = "github/activity.yaml", .text = kActivity});
  files.push_back({.path = "github/code.yaml", .text = kCode});
  return config::ReadCatalog(files);
}

std::vector<std::unique_ptr<TokenProvider>> OneToken() {
  std::vector<std::unique_ptr<TokenProvider>> tokens;
  tokens.push_back(std::make_unique<StaticToken>(secrets::Secret(kToken)));
  return tokens;
}

class RecordedExchangesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (TestDataFolder().empty()) GTEST_SKIP() << "STARGAZE_TEST_DATA is not set";
    if (!std::filesystem::is_directory(RecordingsFolder()))
      GTEST_SKIP() << "no recorded exchanges: " << RecordingsFolder() << " is not there";
    auto catalog = CatalogWithTheTests();
    ASSERT_TRUE(catalog.ok()) << catalog.error().message();
    catalog_ = std::move(catalog).value();
  }

  // Plays those exchanges of a recording from the time at which the first was answered.
  void Play(const std::string& recording, const std::vector<std::size_t>& which) {
    const auto all = ReadRecording(fmt::format("{}/{}.txt", RecordingsFolder(), recording));
    ASSERT_TRUE(all.ok()) << all.error().message();
    played_.clear();
    for (const std::size_t at : which) {
      ASSERT_LT(at, all.value().size()) << recording;
      played_.push_back(all.value()[at]);
    }
    server_.Play(played_);
    clock_.AdvanceTo(DateOf(played_.front()));
  }

  static Instant DateOf(const RecordedExchange& exchange) {
    return ParseHttpDate(exchange.Answered("date")).value_or(Instant());
  }

  // One attempt of a run of its own.
  Result<CollectReport> Collect(const std::string& dataset,
                                std::vector<registry::RepositoryRef> subjects) {
    const CollectJob job{
        .dataset = *catalog_.FindDataset(dataset),
        .source = catalog_.sources.at("github"),
        .base_url = server_.origin(),
        .subjects = std::move(subjects),
        .attempt = {.instance = {.run = {.dag_id = "d",
                                         .run_id = fmt::format("manual__{}", ++runs_),
                                         .logical_date = clock_.Now()},
                                 .task_id = "t"},
                    .try_number = 1,
                    .hex = "0000000a"},
        .deadline = clock_.Now() + std::chrono::hours(2)};
    return collect::Collect(job, {*client_, lake_, clock_, governor_, credentials_});
  }

  model::Manifest ManifestOf(const CollectReport& report) {
    return lake::ReadManifest(lake_, report.manifest_key).value();
  }

  // What an attempt has put into the raw lake.
  std::vector<json::object> KeptBy(const CollectReport& report) {
    std::vector<json::object> lines;
    for (const model::ManifestObject& object : ManifestOf(report).objects) {
      std::istringstream text(
          lake::Gunzip(lake_.Get(object.key).value(), int64_t{64} << 20).value());
      for (std::string line; std::getline(text, line);)
        lines.push_back(json::parse(line).as_object());
    }
    return lines;
  }

  // Every recorded request was made, in order and no other, each as GitHub wants it.
  void ExpectAllAsked() {
    const std::vector<net::ServerRequest> received = server_.received();
    ASSERT_EQ(received.size(), played_.size());
    for (std::size_t at = 0; at < received.size(); ++at) {
      const net::Headers& headers = received[at].headers;
      EXPECT_EQ(received[at].target, played_[at].target);
      EXPECT_EQ(headers.Find("authorization"), std::string("Bearer ") + kToken);
      EXPECT_EQ(headers.Find("accept"), "application/vnd.github+json");
      EXPECT_EQ(headers.Find("x-github-api-version"), "2022-11-28");
      EXPECT_EQ(headers.Find("user-agent"), "recorded-exchanges");
      EXPECT_EQ(headers.Find("if-none-match"), played_[at].asked.Find("if-none-match"));
    }
  }

  // The line holds the whole recorded answer.
  void ExpectKept(const json::object& line, const RecordedExchange& exchange) {
    EXPECT_EQ(line.at("body"), json::parse(exchange.body));
    EXPECT_EQ(line.at("status").to_number<int>(), exchange.status);
    EXPECT_EQ(line.at("request").at("url").as_string(), server_.origin() + exchange.target);
    const json::object& headers = line.at("headers").as_object();
    for (const char* name : {"date", "etag", "x-ratelimit-remaining", "x-github-request-id"}) {
      const json::value* kept = headers.if_contains(name);
      EXPECT_EQ(kept == nullptr ? "" : kept->as_string(), exchange.Answered(name)) << name;
    }
  }

  // Of a resource, as the answer says it, and `remaining` if another one counts.
  void ExpectLearnt(const std::string& resource,
                    const RecordedExchange& from,
                    const std::string& remaining = "") {
    const std::string limits =
        fmt::format("window {} {} {} {} {} ",
                    StaticToken(secrets::Secret(kToken)).identity(),
                    resource,
                    from.Answered("x-ratelimit-limit"),
                    remaining.empty() ? from.Answered("x-ratelimit-remaining") : remaining,
                    from.Answered("x-ratelimit-reset"));
    EXPECT_THAT(governor_.Snapshot(), HasSubstr(limits));
  }

  static std::string Counts(const model::RequestCounts& counts) {
    return fmt::format(
        "{} sent, {} charged, {} retried", counts.sent, counts.charged, counts.retried);
  }

  model::Catalog catalog_;
  VirtualClock clock_{Instant()};
  VirtualClock::Actor actor_{clock_};  // Or nobody would move the time while it sleeps.
  lake::MemoryStore lake_{clock_};
  Governor governor_{clock_};
  ReplayServer server_;
  CredentialPool credentials_{server_.origin(), OneToken(), {}};
  std::unique_ptr<net::CurlTransport> client_ =
      net::CurlTransport::Create("recorded-exchanges").value();
  std::vector<RecordedExchange> played_;
  int runs_ = 0;
};

TEST_F(RecordedExchangesTest, FollowsLinksToTheLastPage) {
  ASSERT_NO_FATAL_FAILURE(
      Play("Artifact.testGetArtifactsFromRepoWithName", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  const auto report =
      Collect("github/artifact",
              {{631628708, "R_kgDOJaXMJA", "transmission-web-control/transmission-web-control"}});
  ASSERT_TRUE(report.ok()) << report.error().message();
  ExpectAllAsked();
  const std::vector<json::object> lines = KeptBy(report.value());
  ASSERT_EQ(lines.size(), 10U);
  for (std::size_t at = 0; at < lines.size(); ++at) {
    ExpectKept(lines[at], played_[at]);
    EXPECT_EQ(lines[at].at("page").to_number<std::size_t>(), at + 1);
    EXPECT_FALSE(lines[at].at("request").as_object().contains("redirects"));
  }
  EXPECT_EQ(report.value().records, lines[0].at("body").at("total_count").to_number<int64_t>())
      << "as many as the source says there are";
  const model::Manifest manifest = ManifestOf(report.value());
  ASSERT_EQ(manifest.subjects.size(), 1U);
  EXPECT_EQ(manifest.subjects[0].subject, "repository_id=631628708");
  EXPECT_EQ(manifest.subjects[0].state, SubjectState::kChanged);
  EXPECT_EQ(manifest.subjects[0].observed_at, DateOf(played_.back()));
  ASSERT_EQ(manifest.pages.size(), 10U);
  for (std::size_t at = 0; at < manifest.pages.size(); ++at) {
    const bool is_last = at + 1 == manifest.pages.size();
    EXPECT_EQ(manifest.pages[at].etag, played_[at].Answered("etag"));
    EXPECT_EQ(manifest.pages[at].next, is_last ? "" : server_.origin() + played_[at + 1].target);
  }
  EXPECT_EQ(Counts(manifest.requests), "10 sent, 10 charged, 0 retried");
  ExpectLearnt("core", played_.back());
  EXPECT_EQ(governor_.waited(), std::chrono::seconds(0));
}

TEST_F(RecordedExchangesTest, FollowsARenamedRepositoryAndKeepsTheWay) {
  ASSERT_NO_FATAL_FAILURE(Play("Requester.testLoggingRedirection", {0, 1}));
  const auto report = Collect("github/details", {{638123443, "R_kgDOJgj9sw", "EnricoMi/test"}});
  ASSERT_TRUE(report.ok()) << report.error().message();
  ExpectAllAsked();
  const std::vector<json::object> lines = KeptBy(report.value());
  ASSERT_EQ(lines.size(), 1U) << "the redirect itself is no answer";
  ExpectKept(lines[0], played_[1]);
  EXPECT_EQ(lines[0].at("body").at("full_name").as_string(), "EnricoMi/test-renamed");
  const json::value way{{{"status", 301}, {"url", server_.origin() + "/repos/EnricoMi/test"}}};
  EXPECT_EQ(lines[0].at("request").at("redirects"), way);
  const model::Manifest manifest = ManifestOf(report.value());
  EXPECT_EQ(manifest.subjects.at(0).state, SubjectState::kChanged);
  ASSERT_EQ(manifest.pages.size(), 1U);
  EXPECT_EQ(manifest.pages[0].url, server_.origin() + "/repos/EnricoMi/test")
      << "under the address that is asked the next time";
  EXPECT_EQ(Counts(manifest.requests), "2 sent, 2 charged, 0 retried");
  ExpectLearnt("core", played_[1]);
}

TEST_F(RecordedExchangesTest, TakesA304ForAnObservationThatCostsNothing) {
  const std::string recording = "ExposeAllAttributes.testAllClasses";
  const registry::RepositoryRef repository{3544490, "R_1", "jacquev6/PyGithub"};
  ASSERT_NO_FATAL_FAILURE(Play(recording, {2}));
  const auto first = Collect("github/details", {repository});
  ASSERT_TRUE(first.ok()) << first.error().message();
  ExpectAllAsked();
  const std::vector<json::object> lines = KeptBy(first.value());
  ASSERT_EQ(lines.size(), 1U);
  ExpectKept(lines[0], played_[0]);
  ExpectLearnt("core", played_[0]);
  const auto pages = ManifestOf(first.value()).pages;

  ASSERT_NO_FATAL_FAILURE(Play(recording, {56}));
  ASSERT_EQ(played_[0].status, 304);
  const auto second = Collect("github/details", {repository});
  ASSERT_TRUE(second.ok()) << second.error().message();
  ExpectAllAsked();  // With the ETag that the recorder sent.
  const model::Manifest manifest = ManifestOf(second.value());
  EXPECT_TRUE(manifest.objects.empty());
  ASSERT_EQ(manifest.subjects.size(), 1U);
  EXPECT_EQ(manifest.subjects[0].state, SubjectState::kUnchanged);
  EXPECT_EQ(manifest.subjects[0].observed_at, DateOf(played_[0]));
  EXPECT_EQ(manifest.subjects[0].status, 304);
  EXPECT_EQ(manifest.pages, pages) << "still the page's state";
  EXPECT_EQ(Counts(manifest.requests), "1 sent, 0 charged, 0 retried");
  EXPECT_EQ(second.value().unchanged, 1);
  ExpectLearnt("core", played_[0]);
}

TEST_F(RecordedExchangesTest, WaitsOutA403AboutALimit) {
  const std::string recording = "SpecificExceptions.testAuthenticatedRateLimitExceeded";
  ASSERT_NO_FATAL_FAILURE(Play(recording, {0}));
  const auto first = Collect("github/code", {});
  ASSERT_TRUE(first.ok()) << first.error().message();
  ExpectLearnt("search", played_[0]);

  ASSERT_NO_FATAL_FAILURE(Play(recording, {1, 0}));
  const Instant refused_at = clock_.Now();
  const auto second = Collect("github/code", {});
  ASSERT_TRUE(second.ok()) << second.error().message();
  ExpectAllAsked();
  EXPECT_EQ(played_[0].Answered("retry-after"), "60");
  EXPECT_EQ(clock_.Now() - refused_at, std::chrono::seconds(60));
  EXPECT_EQ(governor_.waited(), std::chrono::seconds(60));
  EXPECT_TRUE(second.value().failed.empty());
  const std::vector<json::object> lines = KeptBy(second.value());
  ASSERT_EQ(lines.size(), 1U) << "the refusal is not kept";
  ExpectKept(lines[0], played_[1]);
  const model::Manifest manifest = ManifestOf(second.value());
  EXPECT_EQ(manifest.subjects.at(0).state, SubjectState::kChanged);
  EXPECT_EQ(Counts(manifest.requests), "2 sent, 2 charged, 0 retried")
      << "the source does not say that a refusal is free; a wait is no retry";
  ExpectLearnt("search", played_[1]);
}

TEST_F(RecordedExchangesTest, HoldsEverythingOfTheTokenBackAfterARefusal) {
  ASSERT_NO_FATAL_FAILURE(Play("SpecificExceptions.testAuthenticatedRateLimitExceeded", {1, 0}));
  ASSERT_TRUE(Collect("github/code", {}).ok());
  // The same refusal for every answer: the budget of waits ends it, and says why.
  ASSERT_NO_FATAL_FAILURE(Play("SpecificExceptions.testAuthenticatedRateLimitExceeded",
                               std::vector<std::size_t>(21, 1)));
  const Instant begin = clock_.Now();
  const auto report = Collect("github/code", {});
  ASSERT_TRUE(report.ok()) << report.error().message();
  ASSERT_EQ(report.value().failed.size(), 1U);
  EXPECT_EQ(report.value().failed[0].kind, "rate_limited");
  EXPECT_EQ(report.value().failed[0].status, 403);
  EXPECT_THAT(report.value().failed[0].message, HasSubstr("abuse detection mechanism"));
  EXPECT_EQ(server_.received().size(), 21U);
  EXPECT_EQ(clock_.Now() - begin, std::chrono::seconds(20 * 60))
      << "as long as each refusal says; only those that do not say make the waits grow";
  const auto other = governor_.Acquire(
      {.key = {.identity = StaticToken(secrets::Secret(kToken)).identity(), .resource = "core"},
       .deadline = clock_.Now() + std::chrono::seconds(30)},
      {});
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().kind(), ErrorKind::kRateLimited);
}

TEST_F(RecordedExchangesTest, AsksAgainAfterThreeTimes502) {
  ASSERT_NO_FATAL_FAILURE(Play("Retry.testReturnsRepoAfter3Retries", {0, 1, 2, 3}));
  const Instant begin = clock_.Now();
  const auto report = Collect("github/details", {{3544490, "R_1", "PyGithub/PyGithub"}});
  ASSERT_TRUE(report.ok()) << report.error().message();
  ExpectAllAsked();  // Without the ETag that the 502s came with.
  EXPECT_EQ(clock_.Now() - begin, std::chrono::seconds(1 + 2 + 4));
  const std::vector<json::object> lines = KeptBy(report.value());
  ASSERT_EQ(lines.size(), 1U);
  ExpectKept(lines[0], played_[3]);
  const model::Manifest manifest = ManifestOf(report.value());
  ASSERT_EQ(manifest.subjects.size(), 1U);
  EXPECT_EQ(manifest.subjects[0].state, SubjectState::kChanged);
  EXPECT_EQ(manifest.subjects[0].status, 200);
  EXPECT_EQ(manifest.subjects[0].observed_at, clock_.Now())
      << "the last answer was recorded weeks later: such a date is not believed";
  EXPECT_EQ(manifest.pages.at(0).etag, played_[3].Answered("etag"));
  EXPECT_EQ(Counts(manifest.requests), "4 sent, 4 charged, 3 retried");
  ExpectLearnt("core", played_[3]);
}

TEST_F(RecordedExchangesTest, ComesBackAfterA202) {
  const std::string recording = "Repository.testStatisticsCommitActivity";
  const registry::RepositoryRef repository{3544490, "R_1", "PyGithub/PyGithub"};
  ASSERT_NO_FATAL_FAILURE(Play(recording, {0}));
  const RecordedExchange later = played_[0];
  const auto first = Collect("github/activity", {repository});
  ASSERT_TRUE(first.ok()) << first.error().message();
  ExpectAllAsked();
  EXPECT_EQ(first.value().come_back_at, DateOf(later) + std::chrono::seconds(90));
  EXPECT_TRUE(first.value().done.empty());
  EXPECT_TRUE(first.value().failed.empty());
  EXPECT_TRUE(first.value().manifest_key.empty()) << "there was nothing to publish";
  EXPECT_EQ(Counts(first.value().requests), "1 sent, 1 charged, 0 retried");
  ExpectLearnt("core", later);

  clock_.AdvanceTo(*first.value().come_back_at);
  ASSERT_NO_FATAL_FAILURE(Play(recording, {1}));
  const auto second = Collect("github/activity", {repository});
  ASSERT_TRUE(second.ok()) << second.error().message();
  ExpectAllAsked();
  const std::vector<json::object> lines = KeptBy(second.value());
  ASSERT_EQ(lines.size(), 1U);
  ExpectKept(lines[0], played_[0]);
  EXPECT_EQ(second.value().records, 52) << "a year of weeks";
  EXPECT_EQ(ManifestOf(second.value()).subjects.at(0).state, SubjectState::kChanged);
  EXPECT_FALSE(second.value().come_back_at);
  // Recorded before the 202, in the same window: more was left then, but less is true by now.
  ExpectLearnt("core", played_[0], later.Answered("x-ratelimit-remaining"));
}

}  // namespace
}  // namespace stargaze::collect
