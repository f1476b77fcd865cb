#include "sandbox/archive.h"

#include <gtest/gtest.h>

#include "sandbox/testing/ranking_files.h"

namespace stargaze::sandbox {
namespace {

using testing::Tar;
using testing::TemporaryFolder;
using testing::WriteFile;
using testing::Zstd;

TEST(ListTar, GivesFilesInOrderWithTheirContents) {
  const std::string tar =
      Tar({{"a/one.csv", "1"}, {"empty", ""}, {"two", std::string(1'300, 'x')}});
  const auto members = ListTar(tar);
  ASSERT_TRUE(members.ok()) << members.error().message();
  ASSERT_EQ(members.value().size(), 3U);
  EXPECT_EQ(members.value()[0].path, "a/one.csv");
  EXPECT_EQ(members.value()[0].content, "1");
  EXPECT_EQ(members.value()[1].content, "");
  EXPECT_EQ(members.value()[2].content, std::string(1'300, 'x'));
}

TEST(ListTar, PassesOverFoldersAndLinks) {
  std::string tar = Tar({{"folder/", ""}, {"file", "f"}});
  tar[156] = '5';                                      // The type of the first member.
  tar[148 + 5] = static_cast<char>(tar[148 + 5] + 5);  // Its checksum grows by as much.
  const auto members = ListTar(tar);
  ASSERT_TRUE(members.ok()) << members.error().message();
  ASSERT_EQ(members.value().size(), 1U);
  EXPECT_EQ(members.value()[0].path, "file");
}

TEST(ListTar, RefusesDamage) {
  const std::string good = Tar({{"file", std::string(600, 'x')}});
  std::string wrong_name = good;
  wrong_name[0] = 'F';
  EXPECT_EQ(ListTar(wrong_name).error().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(ListTar(good.substr(0, 700)).error().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(ListTar(good.substr(0, 1'536)).error().kind(), ErrorKind::kCorrupt);  // No end mark.
  EXPECT_EQ(ListTar(std::string(2'000, 'x')).error().kind(), ErrorKind::kCorrupt);
}

TEST(ReadZstdFile, GivesWhatWasCompressed) {
  const TemporaryFolder folder;
  for (const std::size_t bytes : {0U, 131'072U, 131'073U, 262'144U}) {  // Around zstd's block size.
    WriteFile(folder.path() / "x.zst", Zstd(std::string(bytes, 'b')));
    const auto read = ReadZstdFile((folder.path() / "x.zst").string(), 6'000'000);
    ASSERT_TRUE(read.ok()) << bytes;
    EXPECT_EQ(read.value(), std::string(bytes, 'b'));
  }
  std::string text(5'000'000, 'a');
  for (std::size_t i = 0; i < text.size(); i += 7) text[i] = static_cast<char>('a' + i % 23);
  WriteFile(folder.path() / "x.zst", Zstd(text));
  const auto read = ReadZstdFile((folder.path() / "x.zst").string(), 6'000'000);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value(), text);
}

TEST(ReadZstdFile, RefusesWhatIsTooLargeCutShortOrNoZstd) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "x.zst").string();
  EXPECT_EQ(ReadZstdFile(path, 100).error().kind(), ErrorKind::kNotFound);
  const std::string packed = Zstd(std::string(1'000'000, 'a') + "end");
  WriteFile(path, packed);
  EXPECT_EQ(ReadZstdFile(path, 500'000).error().kind(), ErrorKind::kExhausted);
  WriteFile(path, std::string_view(packed).substr(0, packed.size() - 5));
  EXPECT_EQ(ReadZstdFile(path, 2'000'000).error().kind(), ErrorKind::kCorrupt);
  WriteFile(path, "no zstd at all");
  EXPECT_EQ(ReadZstdFile(path, 2'000'000).error().kind(), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace stargaze::sandbox
