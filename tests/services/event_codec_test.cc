#include "services/event_codec.h"

#include "gtest/gtest.h"

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

}  // namespace
}  // namespace services
