#include "lake/testing/object_store_suite.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/clock.h"
#include "lake/local/local_store.h"
#include "lake/memory/memory_store.h"

namespace stargaze::lake {
namespace {

std::vector<std::string> KeysOf(const Result<std::vector<ObjectInfo>>& listed) {
  EXPECT_TRUE(listed.ok());
  std::vector<std::string> keys;
  if (listed.ok()) {
    for (const ObjectInfo& info : listed.value()) keys.push_back(info.key);
  }
  return keys;
}

using Keys = std::vector<std::string>;

TEST_P(ObjectStoreSuite, GivesBackWhatWasPut) {
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(store_->Put("raw/a/1", bytes, PutMode::kIfAbsent).ok());
  EXPECT_EQ(store_->Get("raw/a/1").value(), bytes);
  EXPECT_EQ(store_->Head("raw/a/1").value().bytes, 4);
}

TEST_P(ObjectStoreSuite, RefusesToReplaceUnlessAsked) {
  ASSERT_TRUE(store_->Put("k", "one", PutMode::kIfAbsent).ok());
  EXPECT_EQ(store_->Put("k", "two", PutMode::kIfAbsent).error().kind(), ErrorKind::kConflict);
  EXPECT_EQ(store_->Get("k").value(), "one");
  ASSERT_TRUE(store_->Put("k", "three", PutMode::kReplace).ok());
  EXPECT_EQ(store_->Get("k").value(), "three");
}

TEST_P(ObjectStoreSuite, ReadsRangesUpToTheEnd) {
  ASSERT_TRUE(store_->Put("k", "0123456789", PutMode::kIfAbsent).ok());
  EXPECT_EQ(store_->GetRange("k", 2, 3).value(), "234");
  EXPECT_EQ(store_->GetRange("k", 8, 10).value(), "89");
  EXPECT_EQ(store_->GetRange("k", 10, 1).value(), "");
  EXPECT_EQ(store_->GetRange("k", 99, 1).value(), "");
  EXPECT_EQ(store_->GetRange("k", 0, 0).value(), "");
  EXPECT_EQ(store_->GetRange("k", -1, 1).error().kind(), ErrorKind::kInvalidInput);
}

TEST_P(ObjectStoreSuite, ListsByPrefixInByteOrder) {
  for (const char* key : {"b/2", "a/1", "b/10", "b/1", "ba/1", "b-1"}) {
    ASSERT_TRUE(store_->Put(key, "x", PutMode::kIfAbsent).ok()) << key;
  }
  EXPECT_EQ(KeysOf(store_->List("")), (Keys{"a/1", "b-1", "b/1", "b/10", "b/2", "ba/1"}));
  EXPECT_EQ(KeysOf(store_->List("b/")), (Keys{"b/1", "b/10", "b/2"}));
  EXPECT_EQ(KeysOf(store_->List("b")), (Keys{"b-1", "b/1", "b/10", "b/2", "ba/1"}));
  EXPECT_EQ(KeysOf(store_->List("b/", "b/1")), (Keys{"b/10", "b/2"}));
  EXPECT_EQ(KeysOf(store_->List("nothing/")), Keys{});
}

TEST_P(ObjectStoreSuite, RefusesKeysThatAreNoRelativePaths) {
  for (const char* key : {"", "/a", "a/", "a//b", "..", "a/../b", "a b", "a\\b", "a/.", "ä"}) {
    EXPECT_EQ(store_->Put(key, "x", PutMode::kReplace).error().kind(), ErrorKind::kInvalidInput)
        << key;
    EXPECT_FALSE(store_->Get(key).ok()) << key;
  }
  EXPECT_FALSE(store_->Put(std::string(1001, 'a'), "x", PutMode::kReplace).ok());
}

TEST_P(ObjectStoreSuite, KeepsEmptyAndLargeObjects) {
  std::string large(5'000'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 % 251);
  ASSERT_TRUE(store_->Put("empty", "", PutMode::kIfAbsent).ok());
  ASSERT_TRUE(store_->Put("large", large, PutMode::kIfAbsent).ok());
  EXPECT_EQ(store_->Get("empty").value(), "");
  EXPECT_EQ(store_->Get("large").value(), large);
}

TEST_P(ObjectStoreSuite, LetsExactlyOneOfManyWritersWin) {
  std::atomic<int> won = 0;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 8; ++i) {
      writers.emplace_back(
          [&, i] { won += store_->Put("k", std::to_string(i), PutMode::kIfAbsent).ok() ? 1 : 0; });
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(store_->Get("k").value().size(), 1U);
}

TEST_P(ObjectStoreSuite, DeletesTwiceWithoutComplaint) {
  ASSERT_TRUE(store_->Put("k", "x", PutMode::kIfAbsent).ok());
  EXPECT_TRUE(store_->Delete("k").ok());
  EXPECT_TRUE(store_->Delete("k").ok());
  EXPECT_EQ(store_->Get("k").error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(store_->Head("k").error().kind(), ErrorKind::kNotFound);
}

TEST_P(ObjectStoreSuite, ConsumesAFileThatIsPut) {
  const std::string path = testing::TempDir() + "/object_store_suite.file";
  std::ofstream(path) << "content";
  ASSERT_TRUE(store_->PutFile("k", path, PutMode::kIfAbsent).ok());
  EXPECT_EQ(store_->Get("k").value(), "content");
  EXPECT_FALSE(std::filesystem::exists(path));
  std::ofstream(path) << "other";
  EXPECT_EQ(store_->PutFile("k", path, PutMode::kIfAbsent).error().kind(), ErrorKind::kConflict);
  EXPECT_EQ(store_->Get("k").value(), "content");
}

std::unique_ptr<ObjectStore> EmptyLocalStore() {
  const std::string root = testing::TempDir() + "/local_store_suite";
  std::filesystem::remove_all(root);
  return LocalStore::Open(root, true).value();
}

std::unique_ptr<ObjectStore> EmptyMemoryStore() {
  static const SystemClock kClock;
  return std::make_unique<MemoryStore>(kClock);
}

INSTANTIATE_TEST_SUITE_P(Local, ObjectStoreSuite, testing::Values(MakeStore(&EmptyLocalStore)));
INSTANTIATE_TEST_SUITE_P(Memory, ObjectStoreSuite, testing::Values(MakeStore(&EmptyMemoryStore)));

}  // namespace
}  // namespace stargaze::lake
