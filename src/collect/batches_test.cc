#include "collect/batches.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>
#include <thread>

#include "base/virtual_clock.h"
#include "lake/layout.h"
#include "lake/memory/memory_store.h"

namespace stargaze::collect {
namespace {

const Instant kStart = ParseInstant("2026-09-01T12:00:00Z").value();
const model::Run kRun{.dag_id = "d", .run_id = "manual__20260901T120000Z", .logical_date = kStart};

// A lake whose disk may be full.
class FullStore final : public lake::ObjectStore {
 public:
  explicit FullStore(lake::ObjectStore& store) : store_(store) {}
  Status Put(const std::string& key, std::string_view bytes, lake::PutMode mode) override {
    if (is_full) return Error(ErrorKind::kExhausted, "no room");
    return store_.Put(key, bytes, mode);
  }
  Status PutFile(const std::string& key, const std::string& path, lake::PutMode mode) override {
    return store_.PutFile(key, path, mode);
  }
  Result<std::string> Get(const std::string& key) override {
    ++gets;
    return store_.Get(key);
  }
  Result<std::string> GetRange(const std::string& key, int64_t offset, int64_t length) override {
    return store_.GetRange(key, offset, length);
  }
  Result<lake::ObjectInfo> Head(const std::string& key) override { return store_.Head(key); }
  Result<std::vector<lake::ObjectInfo>> List(const std::string& prefix,
                                             const std::string& start_after) override {
    return store_.List(prefix, start_after);
  }
  Status Delete(const std::string& key) override { return store_.Delete(key); }
  Result<std::string> LocalPath(const std::string& key) override { return store_.LocalPath(key); }

  bool is_full = false;
  int gets = 0;

 private:
  lake::ObjectStore& store_;
};

class BatchesTest : public testing::Test {
 protected:
  BatchesTest() {
    for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(options_.path + ending);
    registry_ = registry::Registry::Open(options_, memory_, *engine_, clock_, random_).value();
    dataset_.name = "github/release";
    dataset_.batch_size = 100;
  }

  void FollowUpTo(int64_t last) {
    std::vector<registry::RepositoryRef> list;
    for (int64_t id = 1; id <= last; ++id) list.push_back(Repository(id * 10));
    ASSERT_TRUE(registry_->ReplaceRule("search_stars", list).ok());
  }

  static registry::RepositoryRef Repository(int64_t id) {
    return {.repository_id = id, .full_name = "a/r" + std::to_string(id)};
  }

  // "10..1000" of a batch, or the error.
  static std::string Shown(const Result<std::vector<registry::FollowedRepository>>& subjects) {
    if (!subjects.ok()) return subjects.error().message();
    if (subjects.value().empty()) return "";
    return std::to_string(subjects.value().front().repository.repository_id) + ".." +
           std::to_string(subjects.value().back().repository.repository_id) + " of " +
           std::to_string(subjects.value().size());
  }
  std::string Batch(BatchPlans& plans, int map_index, const std::string& task = "collect") {
    return Shown(plans.Subjects(dataset_, {.run = kRun, .task_id = task, .map_index = map_index}));
  }

  registry::RegistryOptions options_{.path = testing::TempDir() + "/batches_test.sqlite",
                                     .scratch_directory = testing::TempDir() + "/batches_scratch",
                                     .host = "sandbox",
                                     .sandbox = true};
  VirtualClock clock_{kStart};
  Random random_{1};
  lake::MemoryStore memory_{clock_};
  FullStore lake_{memory_};
  std::unique_ptr<storage::DuckDb> engine_ = storage::DuckDb::Open({.threads = 1}).value();
  std::unique_ptr<registry::Registry> registry_;
  model::Dataset dataset_;
};

TEST_F(BatchesTest, AreFixedOnceTheRunHasThem) {
  FollowUpTo(250);
  {
    BatchPlans plans(*registry_, lake_, clock_);
    EXPECT_EQ(plans.Count(dataset_, kRun, "collect").value(), 3);
  }
  // Whatever comes, goes or is declared since, also for another process.
  ASSERT_TRUE(registry_->Follow("manual", Repository(5)).ok());
  ASSERT_TRUE(registry_->Follow("manual", Repository(9'999)).ok());
  dataset_.batch_size = 7;
  BatchPlans plans(*registry_, lake_, clock_);
  EXPECT_EQ(plans.Count(dataset_, kRun, "collect").value(), 3);
  EXPECT_EQ(Batch(plans, 0), "10..1000 of 100");
  EXPECT_EQ(Batch(plans, 1), "1010..2000 of 100");
  EXPECT_EQ(Batch(plans, 2), "2010..2500 of 50");
  FollowUpTo(1);
  EXPECT_EQ(Batch(plans, 2), "2010..2500 of 50") << "who is not followed any more belongs to it";
  EXPECT_EQ(Batch(plans, 3),
            "collect of manual__20260901T120000Z has 3 batches, 0 to 2: there is no batch 3");
  // Another task, like another run, sees what is followed by now: 5, 10 and 9999.
  EXPECT_EQ(Batch(plans, 0, "again"), "5..9999 of 3");
}

TEST_F(BatchesTest, OfNobodyAreNoneAndAreAskedForAnew) {
  BatchPlans plans(*registry_, lake_, clock_);
  EXPECT_EQ(plans.Count(dataset_, kRun, "collect").value(), 0);
  EXPECT_EQ(Batch(plans, 0), "");
  FollowUpTo(1);
  EXPECT_EQ(plans.Count(dataset_, kRun, "collect").value(), 1);
}

TEST_F(BatchesTest, AreReadOnceAProcess) {
  FollowUpTo(250);
  BatchPlans plans(*registry_, lake_, clock_);
  ASSERT_TRUE(plans.Count(dataset_, kRun, "collect").ok());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i] { EXPECT_NE(Batch(plans, i % 3), ""); });
  }
  EXPECT_EQ(lake_.gets, 1) << "the look whether there are any";
}

TEST_F(BatchesTest, SurviveAFullDisk) {
  FollowUpTo(250);
  lake_.is_full = true;
  BatchPlans plans(*registry_, lake_, clock_);
  EXPECT_EQ(plans.Count(dataset_, kRun, "collect").value(), 3) << "the instances wait for room";
  EXPECT_EQ(Batch(plans, 0), "no room");
  ASSERT_TRUE(registry_->Follow("manual", Repository(5)).ok());
  lake_.is_full = false;
  EXPECT_EQ(Batch(plans, 0), "10..1000 of 100");
  BatchPlans other(*registry_, lake_, clock_);
  EXPECT_EQ(Batch(other, 0), "10..1000 of 100");
}

TEST_F(BatchesTest, GoByWhoWasFirstInTheLake) {
  FollowUpTo(250);
  BatchPlans late(*registry_, lake_, clock_);
  lake_.is_full = true;
  ASSERT_TRUE(late.Count(dataset_, kRun, "collect").ok());
  lake_.is_full = false;
  ASSERT_TRUE(registry_->Follow("manual", Repository(5)).ok());
  BatchPlans first(*registry_, lake_, clock_);
  EXPECT_EQ(Batch(first, 0), "5..990 of 100");
  EXPECT_EQ(Batch(late, 0), "5..990 of 100");
}

TEST_F(BatchesTest, NameADamagedObject) {
  const std::string key = lake::BatchesKey(dataset_.name, kRun, "collect");
  for (const char* damaged : {"", "nothing", "{}"}) {
    ASSERT_TRUE(memory_.Put(key, damaged, lake::PutMode::kReplace).ok());
    BatchPlans plans(*registry_, lake_, clock_);
    const auto count = plans.Count(dataset_, kRun, "collect");
    ASSERT_FALSE(count.ok());
    EXPECT_EQ(count.error().kind(), ErrorKind::kCorrupt);
    EXPECT_NE(count.error().message().find(key), std::string::npos);
  }
}

// Every list is cut into batches that are full but for the last, without a gap.
TEST(Batches, CutsWithoutGaps) {
  for (const std::size_t size : {0U, 1U, 2U, 99U, 100U, 101U, 200U, 1234U}) {
    for (const int batch : {1, 7, 100, 5000}) {
      Batches batches{.batch_size = batch, .repository_ids = std::vector<int64_t>(size)};
      std::iota(batches.repository_ids.begin(), batches.repository_ids.end(), 1);
      std::vector<int64_t> together;
      for (int i = 0; i < batches.count(); ++i) {
        const auto part = batches.Of(i);
        EXPECT_TRUE(static_cast<int>(part.size()) == batch || i + 1 == batches.count());
        EXPECT_FALSE(part.empty());
        together.insert(together.end(), part.begin(), part.end());
      }
      EXPECT_EQ(together, batches.repository_ids);
      EXPECT_TRUE(batches.Of(batches.count()).empty());
      EXPECT_TRUE(batches.Of(-1).empty());
    }
  }
}

}  // namespace
}  // namespace stargaze::collect
