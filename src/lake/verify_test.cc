#include "lake/verify.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/virtual_clock.h"
#include "lake/gzip_writer.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "lake/memory/memory_store.h"

namespace stargaze::lake {
namespace {

const Instant kDate = ParseInstant("2026-09-01T11:50:00Z").value();

class VerifyTest : public testing::Test {
 protected:
  // A manifest with one object of two responses.
  model::Manifest Publish(const std::string& attempt) {
    GzipWriter gzip;
    gzip.Append("{}\n{}\n");
    const std::string bytes = gzip.Finish();
    model::Manifest manifest;
    manifest.dataset = "github/repository";
    manifest.attempt = attempt;
    manifest.logical_date = kDate;
    manifest.objects = {{.key = RawObjectKey(manifest.dataset, kDate, attempt, 0),
                         .subject = "all",
                         .bytes = static_cast<int64_t>(bytes.size()),
                         .crc32c = Crc32c(bytes),
                         .lines = 2}};
    EXPECT_TRUE(store_.Put(manifest.objects[0].key, bytes, PutMode::kIfAbsent).ok());
    EXPECT_TRUE(PublishManifest(store_, manifest).ok());
    return manifest;
  }

  VerifyReport Verify() {
    return VerifyLake(store_, {.now = clock_.Now(), .catalog = catalog_}).value();
  }

  VirtualClock clock_{kDate};
  model::Catalog catalog_;
  MemoryStore store_{clock_};
};

TEST_F(VerifyTest, FindsNothingWrongWithAGoodLake) {
  Publish("a");
  Publish("b");
  const VerifyReport report = Verify();
  EXPECT_EQ(report.manifests, 2);
  EXPECT_EQ(report.objects, 2);
  EXPECT_TRUE(report.damages.empty());
  EXPECT_TRUE(report.young_orphans.empty() && report.old_orphans.empty());
}

TEST_F(VerifyTest, NamesEveryDamagedObject) {
  const std::string missing = Publish("a").objects[0].key;
  const std::string changed = Publish("b").objects[0].key;
  const std::string longer = Publish("c").objects[0].key;
  ASSERT_TRUE(store_.Delete(missing).ok());
  std::string bytes = store_.Get(changed).value();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  ASSERT_TRUE(store_.Put(changed, bytes, PutMode::kReplace).ok());
  ASSERT_TRUE(store_.Put(longer, store_.Get(longer).value() + "x", PutMode::kReplace).ok());
  const VerifyReport report = Verify();
  ASSERT_EQ(report.damages.size(), 3U);
  EXPECT_EQ(report.damages[0].key, missing);
  EXPECT_EQ(report.damages[1].key, changed);
  EXPECT_NE(report.damages[1].what.find("checksum"), std::string::npos);
  EXPECT_NE(report.damages[2].what.find("bytes"), std::string::npos);
}

TEST_F(VerifyTest, CountsResponses) {
  model::Manifest manifest = Publish("a");
  manifest.attempt = "b";
  manifest.objects[0].lines = 3;
  ASSERT_TRUE(PublishManifest(store_, manifest).ok());
  ASSERT_EQ(Verify().damages.size(), 1U);
  EXPECT_EQ(Verify().damages[0].what, "has 2 lines, its manifest says 3");
}

TEST_F(VerifyTest, TellsLeftoversFromRunningAttempts) {
  ASSERT_TRUE(
      store_.Put("raw/github/repository/2026/09/01/old-0000.ndjson.gz", "x", PutMode::kIfAbsent)
          .ok());
  clock_.AdvanceTo(kDate + std::chrono::hours(25));
  ASSERT_TRUE(
      store_.Put("analytics/repository/2026/09/02/new-repository.parquet", "x", PutMode::kIfAbsent)
          .ok());
  ASSERT_TRUE(
      store_.Put("raw/github/repository/2026/09/02/bad.manifest.json", "{}", PutMode::kIfAbsent)
          .ok());
  const VerifyReport report = Verify();
  EXPECT_EQ(report.old_orphans.size(), 1U);
  EXPECT_EQ(report.young_orphans.size(), 1U);
  ASSERT_EQ(report.damages.size(), 1U);
  EXPECT_NE(report.damages[0].what.find("lacks"), std::string::npos);
}

TEST_F(VerifyTest, SumsUpByDatasetAndTable) {
  Publish("a");
  Publish("b");
  ASSERT_TRUE(
      store_
          .Put("analytics/repository/2026/09/02/a-repository.parquet", "12345", PutMode::kIfAbsent)
          .ok());
  const std::vector<LakeUsage> usage = DiskUsage(store_).value();
  ASSERT_EQ(usage.size(), 2U);
  EXPECT_EQ(usage[0].prefix, "analytics/repository");
  EXPECT_EQ(usage[0].bytes, 5);
  EXPECT_EQ(usage[1].prefix, "raw/github/repository");
  EXPECT_EQ(usage[1].objects, 2);
  EXPECT_EQ(usage[1].manifests, 2);
  EXPECT_EQ(usage[1].smallest_bytes, usage[1].largest_bytes);
  EXPECT_EQ(usage[1].large_objects, 0);
}

}  // namespace
}  // namespace stargaze::lake
