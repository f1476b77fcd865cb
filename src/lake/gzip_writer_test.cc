#include "lake/gzip_writer.h"

#include <gtest/gtest.h>

#include <random>

namespace stargaze::lake {
namespace {

constexpr int64_t kEnough = 100 << 20;

std::string Noise(std::size_t size, unsigned seed) {
  std::mt19937 engine(seed);
  std::string noise(size, '\0');
  for (char& c : noise) c = static_cast<char>(engine() % 7 == 0 ? engine() : 'a');
  return noise;
}

TEST(Gzip, RoundTripsTextsOfEverySize) {
  GzipWriter writer;
  for (const std::size_t size : {0UL, 1UL, 100UL, 262'144UL, 262'145UL, 5'000'000UL}) {
    const std::string text = Noise(size, static_cast<unsigned>(size));
    for (std::size_t at = 0; at < size; at += 70'000)
      writer.Append(std::string_view(text).substr(at, 70'000));
    const std::string gzip = writer.Finish();
    const auto back = Gunzip(gzip, kEnough);
    ASSERT_TRUE(back.ok()) << size << " " << back.error().message();
    EXPECT_EQ(back.value(), text) << size;
  }
}

TEST(Gzip, ReadsSeveralMembers) {
  GzipWriter writer;
  writer.Append("one ");
  std::string gzip = writer.Finish();
  writer.Append("two");
  gzip += writer.Finish();
  EXPECT_EQ(Gunzip(gzip, kEnough).value(), "one two");
}

TEST(Gzip, NoticesDamage) {
  GzipWriter writer;
  writer.Append(Noise(100'000, 1));
  const std::string gzip = writer.Finish();
  EXPECT_FALSE(Gunzip(std::string_view(gzip).substr(0, gzip.size() / 2), kEnough).ok());
  EXPECT_FALSE(Gunzip("no gzip at all", kEnough).ok());
  std::string flipped = gzip;
  flipped[gzip.size() / 2] = static_cast<char>(flipped[gzip.size() / 2] ^ 1);
  EXPECT_FALSE(Gunzip(flipped, kEnough).ok());
  EXPECT_EQ(Gunzip(gzip, 10).error().kind(), ErrorKind::kExhausted);
}

}  // namespace
}  // namespace stargaze::lake
