#include "services/event_codec.h"

#include "google/protobuf/arena.h"
#include "gtest/gtest.h"
#include "projections/day.h"
#include "projections/partnership.h"
#include "projections/policy.h"
#include "projections/trust_history.h"
#include "tests/projections/random_log.h"
#include "tests/support/any_wire.h"
#include "tests/support/fold_event.h"
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
  second.set_occur_time_precision(trust::v1::TIME_PRECISION_MONTH);
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
  const support::QuietParser quiet;
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

// All that a call says of itself, and an origin.
void AddWhatNoFoldDependsOn(bool timed, Event* event) {
  event->set_principal("jane@acme.example");
  event->set_request_id("5f0c6f4e-8a55-4b8e-9f43-9d1c1b1f0a11");
  event->set_request_fingerprint("fingerprint");
  event->set_correlation_id("goods-receipt-17");
  event->set_causation_id("goods-receipt-16");
  event->mutable_trace()->set_trace_id("trace");
  if (event->has_evidence()) event->mutable_evidence()->set_label("steering-committee-17");
  event->mutable_import_origin()->set_external_id("17");
  event->mutable_import_origin()->set_citation(std::string(200, 'c'));
  event->mutable_import_origin()->add_warnings("late");
  if (timed) *event->mutable_import_origin()->mutable_original_record_time() = event->occur_time();
}

TEST(EventCodecTest, ForAFoldAnEventIsReadWithoutWhatItDoesNotDependOn) {
  Event event;
  event.set_recorder("acme");
  event.mutable_occur_time()->set_seconds(1'600'000'000);
  event.mutable_evidence()->mutable_feedback_given();
  AddWhatNoFoldDependsOn(true, &event);
  Event read;
  ASSERT_TRUE(DecodeForFold(RecordWith(event.SerializeAsString()), &read).ok());
  EXPECT_EQ(read.SerializeAsString(), support::ForFolds(read).SerializeAsString());
  EXPECT_EQ(read.import_origin().original_record_time().seconds(), 1'600'000'000);
  EXPECT_EQ(read.recorder(), "acme");
  EXPECT_EQ(read.partnership(), "alpha");
  EXPECT_EQ(read.revision(), 3);
  EXPECT_TRUE(read.evidence().has_feedback_given());
  EXPECT_EQ(DecodeForFold(RecordWith("\x0a\x05no"), &read),
            absl::DataLossError("the payload at position 7 is not an event"));
}

TEST(EventCodecTest, WhateverIsAnEventIsReadForAFoldAsTheRestOfIt) {
  const support::QuietParser quiet;
  support::Random random(support::AnySeed());
  const int rounds = support::Histories(20'000);
  Event whole, reused;
  int events = 0;
  for (int round = 0; round < rounds; ++round) {
    std::string payload = support::AnyWire(random, *Event::descriptor(), 3);
    if (round % 3 == 0) payload += support::AnyWire(random, *Event::descriptor(), 3);
    if (round % 2 == 1) payload = support::AnyChange(random, std::move(payload));
    if (!Decode(RecordWith(payload), false, &whole).ok()) continue;
    ++events;
    ASSERT_TRUE(DecodeForFold(RecordWith(payload), &reused).ok()) << testing::PrintToString(payload);
    ASSERT_EQ(support::ForFolds(reused).SerializeAsString(), support::ForFolds(whole).SerializeAsString())
        << testing::PrintToString(payload);
  }
  EXPECT_GT(events, rounds / 3);
}

// Found by the fuzzer: behind fields of a fixed size, which this program has none of, the time was not found.
TEST(EventCodecTest, AnOriginThatANewerProgramWroteKeepsItsTimeForAFold) {
  Event event;
  event.mutable_evidence()->mutable_feedback_given();
  std::string payload = event.SerializeAsString();
  payload += std::string("\x72\x0d\x6dnewr\x12\x06\x08\x80\x82\xbb\xe8\x05", 15);
  Event whole, read;
  ASSERT_TRUE(Decode(RecordWith(payload), false, &whole).ok());
  ASSERT_EQ(whole.import_origin().original_record_time().seconds(), 1561248000);
  ASSERT_TRUE(DecodeForFold(RecordWith(payload), &read).ok());
  EXPECT_EQ(read.import_origin().original_record_time().seconds(), 1561248000);
}

// Evidence with any times and fields, in ASCII but for every eighth.
Event AnyEvidence(support::Random& random) {
  Event event;
  std::string evidence = support::AnyWire(random, *trust::v1::Evidence::descriptor(), 2);
  if (support::Below(random, 8) != 0) {
    trust::v1::Evidence ascii;
    ascii.ParseFromString(evidence);
    for (std::string* const text : {ascii.mutable_actor(), ascii.mutable_label(), ascii.mutable_actor_contact(),
                                    ascii.mutable_affected_contact()}) {
      *text = text->empty() ? "" : std::to_string(text->size());
    }
    for (auto* const list : {ascii.mutable_affected(), ascii.mutable_witnesses()}) {
      for (std::string& text : *list) text = std::to_string(text.size());
    }
    evidence = ascii.SerializeAsString();
  }
  event.mutable_evidence()->ParseFromString(evidence);
  AddWhatNoFoldDependsOn(support::Below(random, 2) == 0, &event);
  event.set_recorder("acme");
  event.set_occur_time_precision(static_cast<trust::v1::TimePrecision>(support::Below(random, 6)));
  const auto any_time = [&](google::protobuf::Timestamp* time) {
    time->set_seconds(static_cast<int64_t>(random() >> support::Below(random, 64)) * (random() % 2 == 0 ? 1 : -1));
    time->set_nanos(static_cast<int32_t>(random()));
  };
  any_time(event.mutable_occur_time());
  if (random() % 2 == 0) any_time(event.mutable_observe_time());
  if (random() % 2 == 0) event.clear_import_origin();
  return event;
}

TEST(EventCodecTest, EvidenceIsReadForAFoldAsTheParserReadsIt) {
  const support::QuietParser quiet;
  support::Random random(support::AnySeed());
  const int rounds = support::Histories(20'000);
  Event whole, reused;
  int events = 0, labelled = 0, without_parser = 0;
  for (int round = 0; round < rounds; ++round) {
    std::string payload = AnyEvidence(random).SerializeAsString();
    if (round % 5 == 0) payload += AnyEvidence(random).SerializeAsString();
    if (round % 3 == 0) payload = support::AnyChange(random, std::move(payload));
    if (!Decode(RecordWith(payload), false, &whole).ok()) continue;
    ++events;
    ASSERT_TRUE(DecodeForFold(RecordWith(payload), &reused).ok()) << testing::PrintToString(payload);
    labelled += whole.evidence().label().empty() ? 0 : 1;
    without_parser += reused.evidence().label().empty() && !whole.evidence().label().empty() ? 1 : 0;
    ASSERT_EQ(support::ForFolds(reused).SerializeAsString(), support::ForFolds(whole).SerializeAsString())
        << testing::PrintToString(payload);
  }
  EXPECT_GT(events, rounds / 2);
  EXPECT_GT(without_parser, labelled / 2);
}

TEST(EventCodecTest, AFoldOfEventsReadForItIsTheFoldOfWholeEvents) {
  const uint32_t seed = support::AnySeed();
  for (int i = 0; i < support::Histories(200); ++i) {
    projections::RandomLog random(seed + static_cast<uint32_t>(i), 2 + i % 3);
    if (i % 2 == 1) random.UseMeta();
    random.Fill(60);
    projections::TrustHistory by_whole("alpha", projections::Policy::Default()),
        by_rest("alpha", projections::Policy::Default());
    projections::Partnership state_by_whole, state_by_rest;
    for (Event event : random.log.events()) {
      eventstore::RecordedEvent record = {};
      record.position = record.revision = static_cast<uint64_t>(event.revision());
      record.stream = "alpha";
      record.record_time = projections::ToTime(event.record_time());
      const bool imported = event.has_import_origin() || random.log.events().size() % 2 == 0;
      const bool timed = event.import_origin().has_original_record_time() || event.revision() % 2 == 0;
      AddWhatNoFoldDependsOn(timed, &event);
      if (!imported) event.clear_import_origin();
      const std::string payload = event.SerializeAsString();
      record.data = payload;
      Event whole, rest;
      ASSERT_TRUE(Decode(record, false, &whole).ok());
      ASSERT_TRUE(DecodeForFold(record, &rest).ok());
      ASSERT_LT(rest.ByteSizeLong() + (imported ? 300 : 100), whole.ByteSizeLong());
      by_whole.Apply(whole);
      by_rest.Apply(rest);
      projections::Evolve(state_by_whole, whole);
      projections::Evolve(state_by_rest, rest);
      ASSERT_EQ(state_by_rest.imported_only, state_by_whole.imported_only);
      ASSERT_EQ(state_by_rest.latest_original_record_time, state_by_whole.latest_original_record_time);
      ASSERT_EQ(projections::Render(state_by_rest).SerializeAsString(),
                projections::Render(state_by_whole).SerializeAsString());
    }
    ASSERT_EQ(by_rest.Save("default"), by_whole.Save("default")) << "TRUSTD_TEST_SEED=" << seed;
  }
}

}  // namespace
}  // namespace services
