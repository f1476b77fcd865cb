#include "registry/registry.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/virtual_clock.h"
#include "lake/manifest_codec.h"
#include "lake/memory/memory_store.h"
#include "registry/journal.h"

namespace stargaze::registry {
namespace {

const Instant kStart = ParseInstant("2026-09-01T00:00:00Z").value();

RepositoryRef Repo(int64_t id) {
  return {.repository_id = id,
          .node_id = "R_" + std::to_string(id),
          .full_name = "acme/r" + std::to_string(id)};
}

class RegistryTest : public testing::Test {
 protected:
  RegistryTest() { Reopen(true); }

  // A new process; with `delete_file`, one that has lost its SQLite file.
  void Reopen(bool delete_file) {
    registry_.reset();
    if (delete_file) {
      for (const char* ending : {"", "-wal", "-shm"})
        std::filesystem::remove(options_.path + ending);
    }
    auto opened = Registry::Open(options_, lake_, *engine_, clock_, random_);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    registry_ = std::move(opened).value();
  }

  void Advance(std::chrono::hours hours) { clock_.AdvanceTo(clock_.Now() + hours); }

  std::vector<int64_t> Followed(const ListQuery& query = {}) {
    const FollowedPage page = registry_->List(query).value();
    std::vector<int64_t> ids;
    for (const FollowedRepository& row : page.rows) ids.push_back(row.repository.repository_id);
    EXPECT_LE(static_cast<int64_t>(ids.size()), page.total);
    return ids;
  }

  RegistryOptions options_{.path = testing::TempDir() + "/registry_test.sqlite",
                           .scratch_directory = testing::TempDir() + "/registry_scratch",
                           .host = "sandbox",
                           .sandbox = true};
  VirtualClock clock_{kStart};
  Random random_{1};
  lake::MemoryStore lake_{clock_};
  std::unique_ptr<storage::DuckDb> engine_ = storage::DuckDb::Open({.threads = 1}).value();
  std::unique_ptr<Registry> registry_;
  int attempts_ = 0;
};

using Ids = std::vector<int64_t>;

TEST_F(RegistryTest, AnswersForThePast) {
  ASSERT_TRUE(registry_->Follow("manual", Repo(1)).ok());
  Advance(std::chrono::hours(24));
  ASSERT_TRUE(registry_->Follow("manual", Repo(2)).ok());
  ASSERT_TRUE(registry_->Unfollow("manual", 1).ok());
  EXPECT_EQ(Followed(), Ids{2});
  EXPECT_EQ(Followed({.at = kStart + std::chrono::hours(1)}), Ids{1});
  EXPECT_EQ(Followed({.at = kStart - std::chrono::hours(1)}), Ids{});
  const FollowedRepository first = registry_->Get(1).value();
  EXPECT_EQ(first.repository.full_name, "acme/r1");
  ASSERT_EQ(first.memberships.size(), 1U);
  EXPECT_TRUE(first.memberships[0].followed_to.has_value());
}

TEST_F(RegistryTest, FollowsAgainInANewInterval) {
  ASSERT_TRUE(registry_->Follow("manual", Repo(1)).ok());
  ASSERT_TRUE(registry_->Unfollow("manual", 1).ok());
  ASSERT_TRUE(registry_->Follow("manual", Repo(1)).ok());
  EXPECT_EQ(registry_->Get(1).value().memberships.size(), 2U);
  EXPECT_EQ(Followed(), Ids{1});
}

TEST_F(RegistryTest, DoesNothingTwice) {
  ASSERT_TRUE(registry_->Follow("manual", Repo(1)).ok());
  const std::size_t objects = lake_.List("").value().size();
  ASSERT_TRUE(registry_->Follow("manual", Repo(1)).ok());
  EXPECT_EQ(lake_.List("").value().size(), objects);
  EXPECT_EQ(registry_->Unfollow("manual", 7).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(registry_->Get(7).error().kind(), ErrorKind::kNotFound);
}

TEST_F(RegistryTest, ReplacesOneRulesListAndTouchesNoOther) {
  ASSERT_TRUE(registry_->Follow("manual", Repo(1)).ok());
  ASSERT_TRUE(registry_->ReplaceRule("search_stars", {Repo(1), Repo(2), Repo(3)}).ok());
  Advance(std::chrono::hours(1));
  const ReplaceCounts counts =
      registry_->ReplaceRule("search_stars", {Repo(3), Repo(4), Repo(4)}).value();
  EXPECT_EQ(counts.added, 1);
  EXPECT_EQ(counts.kept, 1);
  EXPECT_EQ(counts.removed, 2);
  EXPECT_EQ(Followed(), (Ids{1, 3, 4}));
  EXPECT_EQ(Followed({.rule = "search_stars"}), (Ids{3, 4}));
  EXPECT_EQ(Followed({.rule = "search_stars", .at = kStart}), (Ids{1, 2, 3}));
}

TEST_F(RegistryTest, IsRebuiltFromItsJournal) {
  ASSERT_TRUE(registry_->ReplaceRule("search_stars", {Repo(1), Repo(2)}).ok());
  Advance(std::chrono::hours(1));
  ASSERT_TRUE(registry_->ReplaceRule("search_stars", {Repo(2), Repo(3)}).ok());
  ASSERT_TRUE(registry_->Follow("manual", Repo(1)).ok());
  std::vector<std::string> before;
  const auto snapshot = [&] {
    std::vector<std::string> texts;
    for (int64_t id = 1; id <= 3; ++id) {
      const FollowedRepository found = registry_->Get(id).value();
      for (const Membership& m : found.memberships) {
        texts.push_back(found.repository.full_name + found.repository.node_id + m.rule +
                        FormatInstant(m.followed_from) +
                        (m.followed_to ? FormatInstant(*m.followed_to) : "open"));
      }
    }
    return texts;
  };
  before = snapshot();
  Reopen(true);
  EXPECT_EQ(snapshot(), before);
  EXPECT_EQ(before.size(), 4U);
}

TEST_F(RegistryTest, AppliesAJournalEntryThatACrashLeft) {
  Journal journal(options_, lake_, *engine_, clock_, random_);
  ASSERT_TRUE(
      journal.Write("manual", {{.repository = Repo(9), .rule = "manual", .followed_from = kStart}})
          .ok());
  EXPECT_EQ(Followed(), Ids{});
  Reopen(false);
  EXPECT_EQ(Followed(), Ids{9});
}

TEST_F(RegistryTest, RefusesBadRulesAndIds) {
  for (const char* rule : {"", "Has Upper", "a/b", "a.b", "ä"}) {
    EXPECT_EQ(registry_->Follow(rule, Repo(1)).error().kind(), ErrorKind::kInvalidInput) << rule;
  }
  EXPECT_TRUE(registry_->Follow("import:github", Repo(1)).ok());
  EXPECT_EQ(registry_->Follow("manual", Repo(0)).error().kind(), ErrorKind::kInvalidInput);
  EXPECT_EQ(registry_->ReplaceRule("manual", {Repo(1), Repo(-5)}).error().kind(),
            ErrorKind::kInvalidInput);
  EXPECT_EQ(Followed({.rule = "manual"}), Ids{});
}

TEST_F(RegistryTest, PagesThroughTenThousand) {
  std::vector<RepositoryRef> many;
  for (int64_t id = 1; id <= 10'000; ++id) many.push_back(Repo(id));
  ASSERT_TRUE(registry_->ReplaceRule("search_stars", many).ok());
  const FollowedPage page = registry_->List({.offset = 9'990, .limit = 100}).value();
  EXPECT_EQ(page.total, 10'000);
  EXPECT_EQ(page.rows.size(), 10U);
  EXPECT_EQ(page.rows.back().repository.repository_id, 10'000);
}

// A name that is given to somebody else: the old id stays gone, the new one is another repository.
TEST_F(RegistryTest, ANameThatIsMadeAgainIsAnotherRepository) {
  const auto observe = [&](int64_t id, model::SubjectState state, const std::string& kind) {
    model::Manifest manifest;
    manifest.dataset = "github/thing";
    manifest.logical_date = clock_.Now();
    manifest.started_at = clock_.Now();
    manifest.attempt = "d.manual__" + std::to_string(++attempts_) + ".t.0.1-0000000a";
    manifest.subjects = {{.subject = "repository_id=" + std::to_string(id),
                          .state = state,
                          .observed_at = clock_.Now(),
                          .kind = kind}};
    ASSERT_TRUE(lake::PublishManifest(lake_, manifest).ok());
    ASSERT_TRUE(registry_->Observe(manifest).ok());
  };
  const auto states = [&] {
    std::string text;
    const FollowedPage page = registry_->List({}).value();
    for (const FollowedRepository& row : page.rows) {
      text += row.repository.full_name + " " + std::to_string(row.repository.repository_id) + " " +
              (row.state ? row.state->name : "never asked for") + ";";
    }
    return text;
  };
  ASSERT_TRUE(registry_->Follow("manual", Repo(1)).ok());
  EXPECT_EQ(states(), "acme/r1 1 never asked for;");
  observe(1, model::SubjectState::kChanged, "");
  Advance(std::chrono::hours(24));
  observe(1, model::SubjectState::kGone, "not_found");
  ASSERT_TRUE(registry_->Follow("search_stars", {.repository_id = 2, .full_name = "acme/r1"}).ok());
  observe(2, model::SubjectState::kChanged, "");
  const std::string both = "acme/r1 1 not_found;acme/r1 2 present;";
  EXPECT_EQ(states(), both);
  EXPECT_EQ(registry_->Get(1).value().state->since, kStart + std::chrono::hours(24));
  Reopen(false);
  EXPECT_EQ(states(), both);
  Reopen(true);
  EXPECT_EQ(states(), both) << "from the raw manifests";
  EXPECT_EQ(registry_->Get(1).value().state->since, kStart + std::chrono::hours(24));
  Advance(std::chrono::hours(24));
  observe(1, model::SubjectState::kUnchanged, "");
  EXPECT_EQ(states(), "acme/r1 1 present;acme/r1 2 present;");
}

}  // namespace
}  // namespace stargaze::registry
