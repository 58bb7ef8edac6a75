#include "eventstore/record_reader.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/eventstore/frames.h"
#include "tests/support/any_wire.h"
#include "tests/support/histories.h"
#include "tests/support/test_seed.h"

namespace eventstore {
namespace {

// With all that a record can have.
v1::Record FullRecord() {
  v1::Record record = SomeRecord();
  v1::Sealed& sealed = *record.add_sealed();
  sealed.set_key_id("key 1");
  sealed.set_nonce("nonce");
  sealed.set_ciphertext(std::string("\xff\x00", 2));
  record.set_previous_sha256(std::string(32, '\xee'));
  return record;
}

bool LiesIn(absl::string_view part, absl::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

// Everything that an event shows, in the form that a record has.
v1::Record RecordOf(const RecordedEvent& event) {
  v1::Record record;
  record.set_position(event.position);
  record.set_stream(std::string(event.stream));
  record.set_revision(event.revision);
  record.set_record_time_us(absl::ToUnixMicros(event.record_time));
  record.set_type(std::string(event.type));
  record.set_data(std::string(event.data));
  for (const SealedView& part : event.sealed) {
    v1::Sealed& sealed = *record.add_sealed();
    sealed.set_key_id(std::string(part.key_id));
    sealed.set_nonce(std::string(part.nonce));
    sealed.set_ciphertext(std::string(part.ciphertext));
  }
  record.set_previous_sha256(std::string(event.previous_sha256));
  return record;
}

TEST(RecordReaderTest, ARecordIsReadWhereItStands) {
  const std::string frame = FrameOf(FullRecord());
  RecordReader reader;
  RecordedEvent event;
  ASSERT_TRUE(reader.Read(frame, &event).ok());
  EXPECT_EQ(RecordOf(event).SerializeAsString(), FullRecord().SerializeAsString());
  EXPECT_EQ(event.record_time, absl::FromUnixSeconds(1700000000));
  EXPECT_EQ(event.stored, absl::string_view(frame).substr(kFrameHeaderBytes));
  for (const absl::string_view view : {event.stream, event.type, event.data, event.previous_sha256, event.stored,
                                       event.sealed[0].key_id, event.sealed[0].nonce, event.sealed[0].ciphertext}) {
    EXPECT_TRUE(LiesIn(view, frame)) << view;
  }
}

TEST(RecordReaderTest, NothingIsLeftOfTheRecordReadBefore) {
  RecordReader reader;
  RecordedEvent event;
  const std::string whole = FrameOf(FullRecord()), empty = FrameOf(v1::Record());
  // As it is read by hand, and by the parser: the field 100 is of a newer program.
  const std::string newer = FrameAround("\xa0\x06\x01");
  for (const std::string& frame : {empty, newer}) {
    ASSERT_TRUE(reader.Read(whole, &event).ok());
    ASSERT_TRUE(reader.Read(frame, &event).ok());
    EXPECT_EQ(RecordOf(event).SerializeAsString(), "");
    EXPECT_NE(event.stream.data(), nullptr);
  }
}

TEST(RecordReaderTest, BytesThatAreNoRecordAreDamageDespiteTheirChecksum) {
  RecordReader reader;
  RecordedEvent event;
  EXPECT_EQ(reader.Read(FrameAround("\xff\xff\xff"), &event),
            absl::DataLossError("its checksum matches, but it is not a record"));
  EXPECT_EQ(reader.Read(FrameAround("", 2), &event).code(), absl::StatusCode::kFailedPrecondition);
  std::string damaged = FrameOf(FullRecord());
  damaged.back() ^= 1;
  EXPECT_EQ(reader.Read(damaged, &event), absl::DataLossError("its checksum does not match its bytes"));
}

// What stands otherwise than it is written here, and is a record all the same or is none.
TEST(RecordReaderTest, WhatIsUnusualIsReadAsTheParserReadsIt) {
  const support::QuietParser quiet;
  const std::string ten_bytes = std::string(9, '\x80') + '\x01';
  RecordReader reader;
  RecordedEvent event;
  for (const std::string& bytes : {std::string("\x08\x80\x00", 3),               // A number longer than it need be.
                                   "\x08" + ten_bytes,                           // The longest number.
                                   "\x20" + std::string(9, '\xff') + "\x01",     // A time before 1970.
                                   "\x08" + std::string(10, '\xff') + "\x01",    // A number that is too long.
                                   std::string("\x12\x81\x80\x80\x80\x00x", 7),  // A length longer than it need be,
                                   "\x12\x81\x80\x80\x80\x80\x01x" + ten_bytes,  // and one that is too long.
                                   std::string("\x12\x02\xc3\xa4", 4),           // A name in UTF-8,
                                   std::string("\x12\x02\xc3\x28", 4),           // and one that is none.
                                   std::string("\x2a\x01\xff", 3),
                                   std::string("\x3a\x03\x0a\x01\xff", 5),
                                   std::string("\x18\x01\x08\x02", 4),  // In another order.
                                   std::string("\x08\x01\x08\x02", 4),  // Twice.
                                   std::string("\x0a\x01x", 3),         // Of another kind.
                                   std::string("\x3a\x02\x0a\x05", 4),  // Cut off within.
                                   std::string("\x12\x7fx", 3),         // Cut off.
                                   std::string("\x88\x80\x00\x01", 4),  // A tag longer than it need be.
                                   std::string("\x4b\x0b\x0c\x4c", 4),  // A group.
                                   std::string("\x4b\x0b\x0c", 3),      // A group without its end.
                                   std::string("\x00\x01", 2),
                                   std::string("\x08", 1)}) {
    v1::Record record;
    const bool is_record = record.ParseFromString(bytes);
    const absl::Status read = reader.Read(FrameAround(bytes), &event);
    SCOPED_TRACE(testing::PrintToString(bytes));
    ASSERT_EQ(read.ok(), is_record) << read;
    if (!is_record) continue;
    record.DiscardUnknownFields();
    EXPECT_EQ(RecordOf(event).SerializeAsString(), record.SerializeAsString());
  }
}

TEST(RecordReaderTest, AnyBytesAreReadOrRefusedAsTheParserDoes) {
  const support::QuietParser quiet;
  support::Random random(support::AnySeed());
  RecordReader reader;
  RecordedEvent event;
  const int rounds = support::Histories(200'000);
  int in_place = 0, by_the_parser = 0, refused = 0;
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = support::AnyWire(random, *v1::Record::descriptor(), 1);
    if (round % 2 == 1) bytes = support::AnyChange(random, std::move(bytes));
    if (round % 16 == 0) bytes += support::AnyWire(random, *v1::Record::descriptor(), 1);
    const std::string frame = FrameAround(bytes);
    v1::Record record;
    const bool is_record = record.ParseFromString(bytes);
    const absl::Status read = reader.Read(frame, &event);
    ASSERT_EQ(read.ok(), is_record) << read << " " << testing::PrintToString(bytes);
    if (!is_record) {
      EXPECT_EQ(read, absl::DataLossError("its checksum matches, but it is not a record"));
      ++refused;
      continue;
    }
    // Of what a newer program wrote, an event shows what this one knows.
    record.DiscardUnknownFields();
    ASSERT_EQ(RecordOf(event).SerializeAsString(), record.SerializeAsString()) << testing::PrintToString(bytes);
    ASSERT_EQ(event.stored, bytes);
    ++(LiesIn(event.stream, frame) ? in_place : by_the_parser);
  }
  EXPECT_GT(in_place, rounds / 4);
  EXPECT_GT(by_the_parser, rounds / 20);
  EXPECT_GT(refused, rounds / 20);
}

}  // namespace
}  // namespace eventstore
