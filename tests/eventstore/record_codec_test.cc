#include "eventstore/record_codec.h"

#include "absl/strings/escaping.h"
#include "eventstore/crc32c.h"
#include "eventstore/merkle_tree.h"
#include "gtest/gtest.h"

namespace eventstore {
namespace {

v1::Record SomeRecord() {
  v1::Record record;
  record.set_position(300);
  record.set_stream("orders/7");
  record.set_revision(2);
  record.set_record_time_us(1700000000000000);
  record.set_type("v1.Placed");
  record.set_data(std::string("\x00\xff payload", 10));
  return record;
}

std::string FrameOf(const v1::Record& record) {
  std::string frame;
  EncodeFrame(record, &frame);
  return frame;
}

// The same frame with another version, and a checksum that fits.
std::string WithVersion(std::string frame, uint8_t version) {
  frame[0] = static_cast<char>(version);
  const uint32_t checksum =
      MaskCrc32c(Crc32c(absl::string_view(frame).substr(0, 1), absl::string_view(frame).substr(kFrameHeaderBytes)));
  for (int i = 0; i < 4; ++i) frame[1 + i] = static_cast<char>(checksum >> (8 * i));
  return frame;
}

TEST(RecordCodecTest, ARecordComesBackAsItWas) {
  v1::Record decoded;
  decoded.set_previous_sha256("left over from another");
  ASSERT_TRUE(DecodeFrame(FrameOf(SomeRecord()), &decoded).ok());
  EXPECT_EQ(decoded.SerializeAsString(), SomeRecord().SerializeAsString());
  const RecordedEvent event = EventOf(decoded, "stored");
  EXPECT_EQ(event.record, &decoded);
  EXPECT_EQ(event.stored, "stored");
  EXPECT_EQ(event.position, 300);
  EXPECT_EQ(event.stream, "orders/7");
  EXPECT_EQ(event.revision, 2);
  EXPECT_EQ(event.record_time, absl::FromUnixSeconds(1700000000));
  EXPECT_EQ(event.type, "v1.Placed");
  EXPECT_EQ(event.data, absl::string_view("\x00\xff payload", 10));
}

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
  v1::Record record;
  for (size_t byte = 0; byte < frame.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = frame;
      damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
      EXPECT_TRUE(absl::IsDataLoss(DecodeFrame(damaged, &record))) << "byte " << byte << " bit " << bit;
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
  const std::string frame = FrameOf(SomeRecord());
  v1::Record record;
  for (const int version : {2, 3, 128, 255}) {
    const absl::Status status = DecodeFrame(WithVersion(frame, static_cast<uint8_t>(version)), &record);
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  }
  EXPECT_TRUE(absl::IsDataLoss(DecodeFrame(WithVersion(frame, 0), &record)));
}

TEST(RecordCodecTest, BytesThatAreNoRecordAreDamageDespiteTheirChecksum) {
  std::string frame = FrameOf(SomeRecord());
  frame.resize(kFrameHeaderBytes);
  frame += "\xff\xff\xff";
  v1::Record record;
  EXPECT_TRUE(absl::IsDataLoss(DecodeFrame(WithVersion(frame, 1), &record)));
}

}  // namespace
}  // namespace eventstore
