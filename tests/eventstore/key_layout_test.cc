#include "eventstore/key_layout.h"

#include <random>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/test_seed.h"

namespace eventstore {
namespace {

std::string RandomName(std::mt19937_64& random, size_t bytes_max, char first, char last) {
  std::string name(1 + random() % bytes_max, first);
  // Few letters, so that names often start one another.
  for (char& c : name) c = random() % 2 == 0 ? first : random() % 2 == 0 ? last : static_cast<char>(first + 1);
  return name;
}

uint64_t RandomNumber(std::mt19937_64& random) { return random() >> random() % 64; }

int Sign(int comparison) { return (comparison > 0) - (comparison < 0); }

template <typename T>
int Compare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

class KeyLayoutTest : public testing::Test {
 protected:
  const uint32_t seed_ = support::AnySeed();
  std::mt19937_64 random_{seed_};
  const testing::ScopedTrace trace_{__FILE__, __LINE__, absl::StrCat("TRUSTD_TEST_SEED=", seed_)};
};

TEST_F(KeyLayoutTest, KeysAreOrderedAsWhatTheyName) {
  for (int i = 0; i < 20000; ++i) {
    const std::string a = RandomName(random_, 6, ' ', '~');
    const std::string b = random_() % 3 == 0 ? a : RandomName(random_, 6, ' ', '~');
    const uint64_t m = RandomNumber(random_);
    const uint64_t n = random_() % 3 == 0 ? m : RandomNumber(random_);
    ASSERT_EQ(Sign(LogKey(m).compare(LogKey(n))), Compare(m, n)) << m << " " << n;
    ASSERT_EQ(Sign(StreamKey(a, m).compare(StreamKey(b, n))), Compare(std::tie(a, m), std::tie(b, n)))
        << a << " " << m << " " << b << " " << n;
    const std::string table_a = RandomName(random_, 3, '_', 'z');
    const std::string table_b = random_() % 2 == 0 ? table_a : RandomName(random_, 3, '_', 'z');
    const std::string key_a = RandomName(random_, 4, '\0', '\xff');
    const std::string key_b = RandomName(random_, 4, '\0', '\xff');
    ASSERT_EQ(Sign(RowKey(table_a, key_a).compare(RowKey(table_b, key_b))),
              Compare(std::tie(table_a, key_a), std::tie(table_b, key_b)));
  }
}

TEST_F(KeyLayoutTest, AKeySaysWhatItNames) {
  for (int i = 0; i < 5000; ++i) {
    const std::string name = RandomName(random_, 6, ' ', '~');
    const uint64_t number = RandomNumber(random_);
    ASSERT_EQ(DecodeNumber(LogKey(number)), number);
    const std::string key = StreamKey(name, number);
    ASSERT_TRUE(IsStreamKey(key, name, number));
    ASSERT_FALSE(IsStreamKey(key, name, number + 1));
    const std::string other = RandomName(random_, 6, ' ', '~');
    ASSERT_EQ(IsStreamKey(key, other, number), other == name) << name << " " << other;
    ASSERT_EQ(StreamPrefix(name), key.substr(0, *StreamPrefixBytes(key)));
    ASSERT_EQ(RowKeyInTable("t_t", RowKey("t_t", key)), absl::string_view(key));
  }
}

TEST_F(KeyLayoutTest, TheKeysOfAStreamLieBetweenItsPrefixAndItsEndAndNoOthersDo) {
  for (int i = 0; i < 20000; ++i) {
    const std::string a = RandomName(random_, 6, ' ', '~');
    const std::string b = random_() % 2 == 0 ? a : RandomName(random_, 6, ' ', '~');
    const std::string key = StreamKey(b, RandomNumber(random_));
    ASSERT_EQ(StreamPrefix(a) <= key && key < StreamEnd(a), a == b) << a << " " << b;
    const std::string row = RowKey(b, key);
    ASSERT_EQ(RowKey(a, "") <= row && row < TableEnd(a), a == b) << a << " " << b;
  }
}

TEST_F(KeyLayoutTest, BytesThatAreNoKeySaySo) {
  EXPECT_EQ(DecodeNumber("1234567"), std::nullopt);
  EXPECT_EQ(DecodeNumber("123456789"), std::nullopt);
  EXPECT_FALSE(IsStreamKey("a", "a", 0));
  EXPECT_FALSE(IsStreamKey("", "a", 0));
  EXPECT_FALSE(IsStreamKey(StreamPrefix("a") + "short", "a", 0));
  EXPECT_EQ(StreamPrefixBytes(StreamEnd("a")), std::nullopt);
  EXPECT_FALSE(DecodeTileKey("").has_value());
  EXPECT_FALSE(DecodeTileKey("12345678").has_value());
  EXPECT_EQ(DecodeTileKey(TileKey(3, 77))->level, 3);
  EXPECT_EQ(DecodeTileKey(TileKey(3, 77))->index, 77);
}

// The examples of README.md.
TEST_F(KeyLayoutTest, KeysStandOnDiskAsDocumented) {
  EXPECT_EQ(LogKey(300), std::string("\0\0\0\0\0\0\x01\x2c", 8));
  EXPECT_EQ(StreamKey("orders/7", 2), std::string("orders/7\0\0\0\0\0\0\0\0\x02", 17));
  EXPECT_EQ(EncodeNumber(2), std::string("\0\0\0\0\0\0\0\x02", 8));
  EXPECT_EQ(TileKey(1, 2), std::string("\x01\0\0\0\0\0\0\0\x02", 9));
  EXPECT_EQ(RowKey("open_orders", "7"), std::string("open_orders\0007", 13));
}

}  // namespace
}  // namespace eventstore
