#include "eventstore/crc32c.h"

#include <random>
#include <set>
#include <string>

#include "gtest/gtest.h"

namespace eventstore {
namespace {

// The examples of RFC 3720, appendix B.4, and the usual check value.
TEST(Crc32cTest, GivesThePublishedValues) {
  std::string up(32, '\0'), down(32, '\0');
  for (int i = 0; i < 32; ++i) up[i] = static_cast<char>(i), down[i] = static_cast<char>(31 - i);
  for (const auto crc : {&Crc32c, &PortableCrc32c}) {
    EXPECT_EQ(crc(std::string(32, '\0'), ""), 0x8a9136aau);
    EXPECT_EQ(crc(std::string(32, '\xff'), ""), 0x62a8ab43u);
    EXPECT_EQ(crc(up, ""), 0x46dd794eu);
    EXPECT_EQ(crc(down, ""), 0x113fdb5cu);
    EXPECT_EQ(crc("123456789", ""), 0xe3069283u);
    EXPECT_EQ(crc("", ""), 0u);
  }
}

TEST(Crc32cTest, TheInstructionAndTheTableAgreeOnBytesOfEveryLengthHoweverTheyAreSplit) {
  std::mt19937_64 random(1);
  std::string bytes(300, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  for (size_t size = 0; size <= bytes.size(); ++size) {
    const absl::string_view all = absl::string_view(bytes).substr(0, size);
    const size_t split = random() % (size + 1);
    ASSERT_EQ(Crc32c(all), PortableCrc32c(all)) << size;
    ASSERT_EQ(Crc32c(all.substr(0, split), all.substr(split)), Crc32c(all)) << size << " at " << split;
    ASSERT_EQ(PortableCrc32c(all.substr(0, split), all.substr(split)), Crc32c(all)) << size << " at " << split;
  }
}

TEST(Crc32cTest, AMaskedChecksumIsAnotherForEachChecksum) {
  std::set<uint32_t> masked;
  for (uint32_t crc = 0; crc < 10000; ++crc) {
    EXPECT_NE(MaskCrc32c(crc * 429497), crc * 429497);
    masked.insert(MaskCrc32c(crc * 429497));
  }
  EXPECT_EQ(masked.size(), 10000);
}

}  // namespace
}  // namespace eventstore
