#include "eventstore/limits.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/eventstore/story.h"

namespace eventstore {
namespace {

TEST(LimitsTest, AStreamNameIsPrintable) {
  EXPECT_TRUE(IsStreamName("orders/7"));
  EXPECT_TRUE(IsStreamName(" ~"));
  EXPECT_FALSE(IsStreamName(""));
  EXPECT_FALSE(IsStreamName("\x1f"));
  EXPECT_FALSE(IsStreamName("\x7f"));
  EXPECT_FALSE(IsStreamName("\x80"));
  EXPECT_TRUE(IsStreamName(std::string(kStreamNameBytesMax, 'a')));
  EXPECT_FALSE(IsStreamName(std::string(kStreamNameBytesMax + 1, 'a')));
}

TEST(LimitsTest, AStreamOfTheSystemStartsWithADollar) {
  EXPECT_TRUE(IsSystemStream("$all"));
  EXPECT_FALSE(IsSystemStream("a$"));
  EXPECT_FALSE(IsSystemStream(""));
}

TEST(LimitsTest, ATableNameHasLowerCaseLettersAndUnderscores) {
  EXPECT_TRUE(IsTableName("open_orders"));
  EXPECT_FALSE(IsTableName(""));
  EXPECT_FALSE(IsTableName("Open"));
  EXPECT_FALSE(IsTableName("t1"));
}

TEST(LimitsTest, TheBytesOfAnAppendAreCounted) {
  EXPECT_EQ(*CheckAppend(AppendOf({To("ab", 0, {"123"})}, {{"t", "k", "vw"}, {"t", "k", std::nullopt}})), 12);
  EXPECT_EQ(*CheckRows({}), 0);
}

TEST(LimitsTest, SealedPartsAreCounted) {
  Append append = AppendOf({To("ab", 0, {"123"})});
  append.streams[0].events[0].sealed = {{"key", "nonce", "text"}};
  EXPECT_EQ(*CheckAppend(append), 2 + 1 + 3 + 3 + 5 + 4);
  append.streams[0].events[0].sealed[0].ciphertext = std::string(kEventBytesMax - 11, 'c');
  EXPECT_TRUE(CheckAppend(append).ok());
  append.streams[0].events[0].sealed[0].ciphertext += 'c';
  EXPECT_TRUE(absl::IsInvalidArgument(CheckAppend(append).status()));
}

TEST(LimitsTest, ARefusalSaysWhatIsWrong) {
  const absl::Status status = CheckAppend(AppendOf({To("a", 0, {"1"}), To("a", 0, {"1"})})).status();
  EXPECT_EQ(status.message(), "an append must name each stream once; it names a twice");
}

}  // namespace
}  // namespace eventstore
