#include "eventstore/record_codec.h"

#include "absl/strings/escaping.h"
#include "eventstore/merkle_tree.h"
#include "gtest/gtest.h"
#include "tests/eventstore/frames.h"

namespace eventstore {
namespace {

TEST(RecordCodecTest, TheBytesOfARecordAreThoseThatWereSerialisedOnce) {
  const std::string frame = FrameOf(SomeRecord());
  const auto bytes = RecordBytes(frame);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, absl::string_view(SomeRecord().SerializeAsString()));
  EXPECT_EQ(bytes->data(), frame.data() + kFrameHeaderBytes);
}

// The example of README.md: a change would make every store unreadable.
TEST(RecordCodecTest, AFrameStandsOnDiskAsDocumented) {
  v1::Record first = SomeRecord();
  first.set_position(299);
  first.set_revision(1);
  first.set_data("hi");
  EXPECT_EQ(absl::BytesToHexString(AsBytes(LeafHash(first.SerializeAsString()))),
            "819cae27e3b3b9ad03b3edc95790dcfec2d1b55fc837092a6548cc0b53da3888");
  v1::Record record = SomeRecord();
  record.set_data("hello");
  record.set_previous_sha256(std::string(AsBytes(LeafHash(first.SerializeAsString()))));
  EXPECT_EQ(absl::BytesToHexString(AsBytes(LeafHash(record.SerializeAsString()))),
            "141f9666c21fa4aed0636acf981fba3f4195bc49005a15110ba65d4a74ba840d");
  EXPECT_EQ(absl::BytesToHexString(FrameOf(record)),
            "01"
            "e21c0abe"
            "08ac02"
            "12086f72646572732f37"
            "1802"
            "208080f9c0c1c48203"
            "2a0976312e506c61636564"
            "320568656c6c6f"
            "4220819cae27e3b3b9ad03b3edc95790dcfec2d1b55fc837092a6548cc0b53da3888");
}

TEST(RecordCodecTest, EveryFlippedBitIsDamage) {
  const std::string frame = FrameOf(SomeRecord());
  for (size_t byte = 0; byte < frame.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = frame;
      damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
      EXPECT_TRUE(absl::IsDataLoss(RecordBytes(damaged).status())) << "byte " << byte << " bit " << bit;
    }
  }
}

TEST(RecordCodecTest, EveryShorterOrLongerFrameIsDamage) {
  const std::string frame = FrameOf(SomeRecord());
  for (size_t size = 0; size < frame.size(); ++size) {
    EXPECT_TRUE(absl::IsDataLoss(RecordBytes(absl::string_view(frame).substr(0, size)).status())) << size;
  }
  EXPECT_TRUE(absl::IsDataLoss(RecordBytes(frame + '\0').status()));
}

TEST(RecordCodecTest, ASoundFrameOfANewerFormatIsNotDamage) {
  const std::string bytes = SomeRecord().SerializeAsString();
  EXPECT_EQ(FrameAround(bytes), FrameOf(SomeRecord()));
  for (const int version : {2, 3, 128, 255}) {
    const absl::Status status = RecordBytes(FrameAround(bytes, static_cast<uint8_t>(version))).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  }
  EXPECT_TRUE(absl::IsDataLoss(RecordBytes(FrameAround(bytes, 0)).status()));
}

}  // namespace
}  // namespace eventstore
