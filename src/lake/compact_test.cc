#include "lake/compact.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/crc32c.h"
#include "base/virtual_clock.h"
#include "lake/gzip_writer.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "lake/memory/memory_store.h"
#include "lake/object_bytes.h"
#include "lake/sweep.h"
#include "lake/testing/stopping_store.h"
#include "lake/verify.h"

namespace stargaze::lake {
namespace {

using std::chrono::days;

const std::string kDataset = "github/repository";
const Instant kStart = ParseInstant("2026-09-01T11:50:00Z").value();

// Every response of a day as (former object, line of it, text): what provenance and quarantine
// name.
using Responses = std::vector<std::string>;

class CompactTest : public testing::Test {
 protected:
  CompactTest() {
    std::filesystem::create_directories(scratch_);
    model::Dataset dataset{.name = kDataset, .source = "github"};
    dataset.retention.raw = days(400);
    dataset.tables = {{.name = "repository", .key = {"repository_id"}}};
    catalog_.datasets = {dataset};
  }
  void TearDown() override { std::filesystem::remove_all(scratch_); }

  // An attempt of `day` with an object of `lines` responses for each of two subjects.
  std::string Publish(ObjectStore& store, Instant day, const std::string& attempt, int lines) {
    model::Manifest manifest;
    manifest.dataset = kDataset;
    manifest.attempt = attempt;
    manifest.dag_id = "github_repo";
    manifest.run_id = "run-of-" + attempt;
    manifest.logical_date = day;
    manifest.requests.sent = lines;
    int64_t ordinal = 0;
    for (int subject = 0; subject < 2; ++subject) {
      GzipWriter gzip;
      for (int line = 0; line < lines; ++line)
        gzip.Append(fmt::format("{{\"of\":\"{}\",\"ordinal\":{}}}\n", attempt, ordinal + line));
      const std::string bytes = gzip.Finish();
      const std::string key = RawObjectKey(kDataset, day, attempt, subject);
      manifest.objects.push_back({.key = key,
                                  .subject = fmt::format("s{}", subject),
                                  .bytes = static_cast<int64_t>(bytes.size()),
                                  .crc32c = Crc32c(bytes),
                                  .lines = lines,
                                  .first_ordinal = ordinal});
      manifest.subjects.push_back({.subject = fmt::format("s{}", subject)});
      ordinal += lines;
      EXPECT_TRUE(store.Put(key, bytes, PutMode::kIfAbsent).ok());
    }
    return PublishManifest(store, manifest).value();
  }

  Result<CompactReport> Compact(ObjectStore& store, int64_t target = kCompactedBytes) {
    return CompactRaw(store,
                      kDataset,
                      clock_,
                      {.attempt = fmt::format("lake.manual.compact.0.1-{:08}", ++attempts_),
                       .scratch_directory = scratch_,
                       .before = DayOf(clock_.Now()),
                       .target_bytes = target});
  }

  Result<std::vector<SweptObject>> Sweep(ObjectStore& store) {
    return SweepLake(store, catalog_, {.now = clock_.Now()});
  }

  Responses ReadDay(ObjectStore& store, Instant day) {
    Responses responses;
    const std::vector<PublishedManifest> attempts =
        ReadAttempts(store, model::Layer::kRaw, kDataset, day).value();
    for (const auto& [key, manifest] : attempts) {
      for (const model::ManifestObject& object : manifest.objects) {
        const auto bytes = ReadObject(store, object);
        EXPECT_TRUE(bytes.ok()) << bytes.error().message();
        if (!bytes.ok()) continue;
        const std::string text = Gunzip(bytes.value(), 1 << 20).value();
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), object.lines);
        responses.push_back(fmt::format("{} {} {} {} {}",
                                        key,
                                        object.origin.empty() ? object.key : object.origin,
                                        object.subject,
                                        object.first_ordinal,
                                        text));
      }
    }
    return responses;
  }

  int64_t DataObjects(ObjectStore& store) {
    const auto objects = store.List("raw/").value();
    return std::count_if(objects.begin(), objects.end(), [](const ObjectInfo& object) {
      return !IsManifestKey(object.key);
    });
  }

  void ExpectSound(ObjectStore& store) {
    const VerifyReport report =
        VerifyLake(store, {.now = clock_.Now(), .catalog = catalog_}).value();
    for (const Damage& damage : report.damages) ADD_FAILURE() << damage.key << " " << damage.what;
  }

  VirtualClock clock_{kStart};
  MemoryStore store_{clock_};
  model::Catalog catalog_;
  std::string scratch_ = testing::TempDir() + "compact_test";
  int attempts_ = 0;
};

TEST_F(CompactTest, MakesOneObjectOfADay) {
  for (const char* attempt : {"a", "b", "c"}) Publish(store_, kStart, attempt, 3);
  const Responses before = ReadDay(store_, kStart);
  ASSERT_EQ(before.size(), 6U);
  EXPECT_EQ(Compact(store_).value().days, 0) << "the day still runs";
  clock_.AdvanceTo(kStart + days(1));
  const CompactReport report = Compact(store_).value();
  EXPECT_EQ(report.days, 1);
  EXPECT_EQ(report.manifests, 3);
  EXPECT_EQ(report.objects_before, 6);
  EXPECT_EQ(report.objects_after, 1);
  EXPECT_EQ(ReadDay(store_, kStart), before);
  EXPECT_EQ(Compact(store_).value().days, 0) << "nothing new";
  ExpectSound(store_);
  const Cover cover = ListCover(store_, model::Layer::kRaw).value();
  ASSERT_EQ(cover.keys.size(), 1U);
  EXPECT_EQ(cover.superseded.size(), 3U);
  const model::Manifest manifest = ReadManifest(store_, cover.keys[0]).value();
  EXPECT_EQ(manifest.requests.sent, 9);
  ASSERT_EQ(manifest.parts.size(), 3U);
  EXPECT_EQ(manifest.parts[1].run_id, "run-of-b");
  EXPECT_EQ(manifest.parts[1].subjects.size(), 2U);
}

TEST_F(CompactTest, TakesUpWhatComesLater) {
  for (const char* attempt : {"a", "c"}) Publish(store_, kStart, attempt, 3);
  clock_.AdvanceTo(kStart + days(1));
  ASSERT_TRUE(Compact(store_).ok());
  clock_.AdvanceTo(kStart + days(2));
  Publish(store_, kStart, "b", 2);
  const Responses before = ReadDay(store_, kStart);
  ASSERT_EQ(before.size(), 6U);
  clock_.AdvanceTo(kStart + days(3));
  EXPECT_EQ(Compact(store_).value().days, 1);
  EXPECT_EQ(ReadDay(store_, kStart), before);
  clock_.AdvanceTo(kStart + days(11));
  EXPECT_EQ(Sweep(store_).value().size(), 7U) << "six of attempts, one of the first compaction";
  EXPECT_EQ(DataObjects(store_), 1);
  EXPECT_EQ(ReadDay(store_, kStart), before);
  ExpectSound(store_);
}

TEST_F(CompactTest, LeavesLargeObjectsWhereTheyAre) {
  Publish(store_, kStart, "a", 3000);
  for (const char* attempt : {"b", "c", "d"}) Publish(store_, kStart, attempt, 3);
  const Responses before = ReadDay(store_, kStart);
  clock_.AdvanceTo(kStart + days(1));
  EXPECT_EQ(Compact(store_, 1000).value().objects_after, 3);
  clock_.AdvanceTo(kStart + days(9));
  EXPECT_EQ(Sweep(store_).value().size(), 6U);
  EXPECT_EQ(ReadDay(store_, kStart), before);
  ExpectSound(store_);
}

TEST_F(CompactTest, DoesNotMoveDamage) {
  Publish(store_, kStart, "a", 3);
  Publish(store_, kStart, "b", 3);
  const std::string key = RawObjectKey(kDataset, kStart, "b", 1);
  std::string bytes = store_.Get(key).value();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  ASSERT_TRUE(store_.Put(key, bytes, PutMode::kReplace).ok());
  clock_.AdvanceTo(kStart + days(1));
  const auto compacted = Compact(store_);
  ASSERT_FALSE(compacted.ok());
  EXPECT_EQ(compacted.error().kind(), ErrorKind::kCorrupt);
  EXPECT_NE(compacted.error().message().find(key), std::string::npos);
  EXPECT_EQ(ListManifests(store_, model::Layer::kRaw).value().size(), 2U);
}

TEST_F(CompactTest, SweepsLeftoversAndWhatHasExpired) {
  Publish(store_, kStart, "a", 3);
  const std::string leftover = RawObjectKey(kDataset, kStart, "killed", 0);
  ASSERT_TRUE(store_.Put(leftover, "x", PutMode::kIfAbsent).ok());
  const std::string quarantine = QuarantineKey(kDataset, kStart, "killed");
  ASSERT_TRUE(store_.Put(quarantine, "x", PutMode::kIfAbsent).ok());
  clock_.AdvanceTo(kStart + std::chrono::hours(30));
  EXPECT_TRUE(Sweep(store_).value().empty()) << "its day may still have attempts";
  clock_.AdvanceTo(kStart + days(2));
  auto swept = Sweep(store_).value();
  ASSERT_EQ(swept.size(), 2U);
  EXPECT_EQ(swept[0].key, leftover);
  EXPECT_EQ(NameOf(swept[0].reason), "leftover");
  EXPECT_EQ(swept[1].key, quarantine);
  clock_.AdvanceTo(kStart + days(400));
  EXPECT_TRUE(Sweep(store_).value().empty());
  clock_.AdvanceTo(kStart + days(401));
  swept = Sweep(store_).value();
  ASSERT_EQ(swept.size(), 2U);
  EXPECT_EQ(NameOf(swept[0].reason), "expired");
  EXPECT_EQ(ListManifests(store_, model::Layer::kRaw).value().size(), 1U);
  ExpectSound(store_);
}

// A process is killed after each of its durable steps in turn; the next one starts over.
TEST_F(CompactTest, IsSoundWhereverItStops) {
  bool finished = false;
  for (int changes = 0; !finished; ++changes) {
    ASSERT_LT(changes, 60);
    VirtualClock clock(kStart);
    MemoryStore store(clock);
    for (int day = 0; day < 2; ++day) {
      for (const char* attempt : {"a", "b", "c"}) Publish(store, kStart + days(day), attempt, 3);
    }
    const Responses before[] = {ReadDay(store, kStart), ReadDay(store, kStart + days(1))};
    clock.AdvanceTo(kStart + days(3));
    clock_.AdvanceTo(kStart + days(20));
    StoppingStore stopping(store, changes);
    const int64_t small = 150;  // So that a day gives more than one object.
    (void)Compact(stopping, small);
    clock.AdvanceTo(kStart + days(20));
    const auto later = SweepOptions{.now = clock_.Now() + days(8)};
    (void)SweepLake(stopping, catalog_, later);
    finished = !stopping.stopped();

    for (int day = 0; day < 2; ++day) EXPECT_EQ(ReadDay(store, kStart + days(day)), before[day]);
    ExpectSound(store);
    ASSERT_TRUE(Compact(store, small).ok());
    ASSERT_TRUE(SweepLake(store, catalog_, later).ok());
    for (int day = 0; day < 2; ++day) EXPECT_EQ(ReadDay(store, kStart + days(day)), before[day]);
    ExpectSound(store);
    const VerifyReport report =
        VerifyLake(store, {.now = clock.Now(), .catalog = catalog_}).value();
    EXPECT_TRUE(report.old_orphans.empty() && report.young_orphans.empty()) << changes;
  }
}

}  // namespace
}  // namespace stargaze::lake
