#include "services/event_codec.h"

#include "google/protobuf/arena.h"
#include "gtest/gtest.h"
#include "projections/day.h"
#include "tests/support/any_wire.h"
#include "tests/support/histories.h"
#include "tests/support/test_seed.h"

namespace services {
namespace {

using trust::v1::Event;

TEST(EventCodecTest, ATypeIsTheKindInOneWord) {
  Event event;
  EXPECT_EQ(EventType(event), "unknown");
  event.mutable_partnership_proposed();
  EXPECT_EQ(EventType(event), "partnership_proposed");
  event.mutable_evidence();
  EXPECT_EQ(EventType(event), "evidence.unknown");
  event.mutable_evidence()->mutable_commitment_fulfilled();
  EXPECT_EQ(EventType(event), "evidence.commitment_fulfilled");
  event.mutable_evidence()->mutable_violation_closed();
  EXPECT_EQ(EventType(event), "evidence.violation_closed");
  event.mutable_milestone();
  EXPECT_EQ(EventType(event), "milestone.unknown");
  event.mutable_milestone()->mutable_health_check_completed();
  EXPECT_EQ(EventType(event), "milestone.health_check_completed");
}

TEST(EventCodecTest, AnEventIsReadBackWithWhatTheRecordHolds) {
  Event event;
  event.set_recorder("acme");
  event.mutable_evidence()->mutable_feedback_given();
  const eventstore::EventData data = Encode(event);
  const eventstore::RecordedEvent record = {7, "alpha", 3, absl::FromUnixSeconds(1'700'000'000), data.type, data.data};
  Event read;
  ASSERT_TRUE(Decode(record, true, &read).ok());
  EXPECT_EQ(read.recorder(), "acme");
  EXPECT_TRUE(read.evidence().has_feedback_given());
  EXPECT_EQ(read.partnership(), "alpha");
  EXPECT_EQ(read.revision(), 3);
  EXPECT_EQ(read.record_time().seconds(), 1'700'000'000);
  EXPECT_FALSE(read.log_position().empty());
}

eventstore::RecordedEvent RecordWith(absl::string_view payload) {
  return {7, "alpha", 3, absl::FromUnixMicros(-1), "type", payload};
}

TEST(EventCodecTest, AnEventTakesOverTheMemoryOfTheOneBeforeAndNothingElse) {
  Event event, first, second, other;
  first.mutable_evidence()->set_label("delivery");
  first.mutable_import_origin()->set_citation("minutes");
  second.mutable_evidence()->set_actor("acme");
  second.mutable_import_origin()->set_external_id("17");
  ASSERT_TRUE(Decode(RecordWith(first.SerializeAsString()), false, &event).ok());
  const auto* const evidence = &event.evidence();
  const auto* const origin = &event.import_origin();
  const auto* const time = &event.record_time();
  ASSERT_TRUE(Decode(RecordWith(second.SerializeAsString()), false, &event).ok());
  EXPECT_EQ(&event.evidence(), evidence);
  EXPECT_EQ(&event.import_origin(), origin);
  EXPECT_EQ(&event.record_time(), time);
  EXPECT_EQ(event.evidence().SerializeAsString(), second.evidence().SerializeAsString());
  EXPECT_EQ(event.import_origin().SerializeAsString(), second.import_origin().SerializeAsString());
  other.mutable_milestone()->mutable_review_held();
  ASSERT_TRUE(Decode(RecordWith(other.SerializeAsString()), false, &event).ok());
  EXPECT_TRUE(event.has_milestone());
  EXPECT_FALSE(event.has_import_origin());
}

// A payload that holds what it never should, so that another than the parser might read it otherwise.
TEST(EventCodecTest, AnyPayloadIsReadOrRefusedAsTheParserDoesWhateverWasReadBefore) {
  support::Random random(support::AnySeed());
  const int rounds = support::Histories(20'000);
  Event reused;
  google::protobuf::Arena arena;
  Event* const on_arena = google::protobuf::Arena::CreateMessage<Event>(&arena);
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    std::string payload = support::AnyWire(random, *Event::descriptor(), 3);
    if (round % 3 == 0) payload += support::AnyWire(random, *Event::descriptor(), 3);
    if (round % 2 == 1) payload = support::AnyChange(random, std::move(payload));
    const eventstore::RecordedEvent record = RecordWith(payload);
    Event expected;
    const bool is_event = expected.ParseFromString(payload);
    const absl::Status read = Decode(record, false, &reused);
    ASSERT_EQ(read.ok(), is_event) << testing::PrintToString(payload);
    ASSERT_EQ(Decode(record, false, on_arena), read);
    if (!is_event) {
      EXPECT_EQ(read, absl::DataLossError("the payload at position 7 is not an event"));
      ++refused;
      continue;
    }
    expected.set_partnership("alpha");
    expected.set_revision(3);
    *expected.mutable_record_time() = projections::ToTimestamp(record.record_time);
    ASSERT_EQ(reused.SerializeAsString(), expected.SerializeAsString()) << testing::PrintToString(payload);
    ASSERT_EQ(on_arena->SerializeAsString(), expected.SerializeAsString()) << testing::PrintToString(payload);
  }
  EXPECT_GT(refused, rounds / 20);
  EXPECT_LT(refused, rounds / 2);
}

}  // namespace
}  // namespace services
