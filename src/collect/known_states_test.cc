#include "collect/known_states.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/virtual_clock.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "lake/memory/memory_store.h"

namespace stargaze::collect {
namespace {

using model::SubjectState;

constexpr const char* kDataset = "github/release";
const Instant kStart = ParseInstant("2026-09-01T12:00:00Z").value();

// Counts the manifests that are read.
class CountingStore final : public lake::ObjectStore {
 public:
  explicit CountingStore(const Clock& clock) : store_(clock) {}
  Status Put(const std::string& key, std::string_view bytes, lake::PutMode mode) override {
    return store_.Put(key, bytes, mode);
  }
  Status PutFile(const std::string& key, const std::string& path, lake::PutMode mode) override {
    return store_.PutFile(key, path, mode);
  }
  Result<std::string> Get(const std::string& key) override {
    reads += lake::IsManifestKey(key) ? 1 : 0;
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

  std::atomic<int> reads = 0;

 private:
  lake::MemoryStore store_;
};

class KnownStatesTest : public testing::Test {
 protected:
  KnownStatesTest() {
    dataset_.name = kDataset;
    dataset_.hash = "first";
  }

  // One manifest with one repository, whose page has an ETag.
  void Publish(int64_t id, const std::string& etag) {
    clock_.AdvanceTo(clock_.Now() + std::chrono::hours(1));
    const std::string subject = fmt::format("repository_id={}", id);
    model::Manifest manifest;
    manifest.dataset = kDataset;
    manifest.declaration_hash = dataset_.hash;
    manifest.attempt = fmt::format("d.manual__{}.t.0.1-0000000a", ++attempts_);
    manifest.logical_date = kStart;
    manifest.started_at = manifest.ended_at = clock_.Now();
    manifest.complete = true;
    manifest.subjects = {{.subject = subject,
                          .state = SubjectState::kChanged,
                          .observed_at = clock_.Now(),
                          .status = 200,
                          .tries = 1}};
    manifest.pages = {Page(id)};
    manifest.pages.front().etag = etag;
    ASSERT_TRUE(lake::PublishManifest(lake_, manifest).ok());
  }

  static model::PageState Page(int64_t id) {
    return {.subject = fmt::format("repository_id={}", id),
            .identity = "me",
            .url = fmt::format("https://api.github.com/repositories/{}/releases", id),
            .accept = "json"};
  }

  std::string EtagOf(int64_t id, int run) {
    const auto known = Of(run);
    const auto found = known->FindPage(Page(id));
    return !found ? "none" : found->etag;
  }
  std::shared_ptr<const KnownState> Of(int run) {
    auto known = states_.Of(
        dataset_,
        {.dag_id = "d", .run_id = fmt::format("manual__{}", run), .logical_date = kStart},
        lake_);
    EXPECT_TRUE(known.ok());
    return known.value();
  }
  int Reads() { return lake_.reads.exchange(0); }

  VirtualClock clock_{kStart};
  CountingStore lake_{clock_};
  model::Dataset dataset_;
  KnownStates states_;
  int attempts_ = 0;
};

TEST_F(KnownStatesTest, AreReadOnceForAllInstancesOfARun) {
  for (int64_t id = 1; id <= 20; ++id) Publish(id, "a");
  {
    std::vector<std::jthread> instances;
    for (int i = 0; i < 16; ++i) instances.emplace_back([this] { EXPECT_EQ(EtagOf(7, 1), "a"); });
  }
  EXPECT_EQ(Reads(), 20);
  for (int i = 0; i < 100; ++i) (void)Of(1);
  EXPECT_EQ(Reads(), 0);
}

TEST_F(KnownStatesTest, OfALaterRunHaveWhatWasPublishedSince) {
  for (int64_t id = 1; id <= 20; ++id) Publish(id, "a");
  EXPECT_EQ(EtagOf(7, 1), "a");
  EXPECT_EQ(Reads(), 20);
  Publish(7, "b");
  EXPECT_EQ(EtagOf(7, 1), "a") << "the run's own instances need it no more";
  EXPECT_EQ(Reads(), 0);
  EXPECT_EQ(EtagOf(7, 2), "b");
  EXPECT_EQ(Reads(), 1) << "only what is new";
  EXPECT_EQ(EtagOf(7, 1), "b") << "two runs at once share what is known";
  EXPECT_EQ(EtagOf(8, 3), "a");
  EXPECT_EQ(Reads(), 0) << "nothing is new";
}

TEST_F(KnownStatesTest, StayAsTheyAreForWhoHoldsThem) {
  Publish(7, "a");
  const auto held = Of(1);
  Publish(7, "b");
  EXPECT_EQ(EtagOf(7, 2), "b");
  EXPECT_EQ(held->FindPage(Page(7))->etag, "a");
}

TEST_F(KnownStatesTest, OfAnotherDeclarationAreReadAnew) {
  Publish(7, "a");
  EXPECT_EQ(EtagOf(7, 1), "a");
  dataset_.hash = "second";
  EXPECT_EQ(EtagOf(7, 1), "none") << "an ETag rests on what was asked";
  Publish(7, "c");
  EXPECT_EQ(EtagOf(7, 2), "c");
}

TEST_F(KnownStatesTest, AreKeptOnlyWhileUsedWhenTheyAreLarge) {
  for (int64_t id = 1; id <= 20; ++id) Publish(id, "a");
  KnownStates small(10);
  const model::Run run{.dag_id = "d", .run_id = "manual__1", .logical_date = kStart};
  {
    const auto held = small.Of(dataset_, run, lake_).value();
    (void)small.Of(dataset_, run, lake_);
    EXPECT_EQ(Reads(), 20);
  }
  (void)small.Of(dataset_, run, lake_);
  EXPECT_EQ(Reads(), 20) << "nobody held it";
}

TEST_F(KnownStatesTest, SayWhichManifestCannotBeRead) {
  Publish(7, "a");
  const std::string key =
      lake::ManifestKey(model::Layer::kRaw, kDataset, kStart, "d.x.t.0.1-0000000b");
  ASSERT_TRUE(lake_.Put(key, "{", lake::PutMode::kIfAbsent).ok());
  const auto known = states_.Of(dataset_, {.dag_id = "d", .run_id = "r"}, lake_);
  ASSERT_FALSE(known.ok());
  ASSERT_TRUE(lake_.Delete(key).ok());
  EXPECT_EQ(EtagOf(7, 1), "a") << "an error is not kept";
}

}  // namespace
}  // namespace stargaze::collect
