#include "services/trustctl/record_marks.h"

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace trustctl {
namespace {

// Learns "evidence_corrected" of record 4 as event 10, and the like.
void LearnThat(RecordMarks* marks, int64_t revision, const std::string& kind, int64_t root) {
  trust::v1::Event event;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      kind + " { event: 'partnerships/x/events/" + std::to_string(root) + "' }", &event));
  event.set_revision(revision);
  marks->Learn(event);
}

TEST(RecordMarksTest, ARecordIsMarkedWithWhatWasSaidOfIt) {
  RecordMarks marks;
  LearnThat(&marks, 9, "evidence_confirmed", 4);
  LearnThat(&marks, 10, "evidence_corrected", 4);
  LearnThat(&marks, 12, "evidence_contested", 4);
  LearnThat(&marks, 13, "evidence_retracted", 5);
  EXPECT_EQ(marks.Of(4), "corrected by 10, confirmed by 9, contested by 12");
  EXPECT_EQ(marks.Of(5), "retracted by 13");
  EXPECT_EQ(marks.Of(6), "");
}

TEST(RecordMarksTest, TheLastCorrectionOrRetractionIsInForce) {
  RecordMarks marks;
  LearnThat(&marks, 10, "evidence_corrected", 4);
  LearnThat(&marks, 11, "evidence_corrected", 4);
  EXPECT_EQ(marks.Of(4), "corrected by 11");
  LearnThat(&marks, 12, "evidence_retracted", 4);
  EXPECT_EQ(marks.Of(4), "retracted by 12");
  LearnThat(&marks, 13, "evidence_corrected", 4);
  EXPECT_EQ(marks.Of(4), "corrected by 13");
}

TEST(RecordMarksTest, AContestThatWasTakenBackIsNoneAnyMore) {
  RecordMarks marks;
  LearnThat(&marks, 10, "evidence_contested", 4);
  LearnThat(&marks, 11, "evidence_retracted", 10);
  EXPECT_EQ(marks.Of(4), "");
  EXPECT_EQ(marks.Of(10), "retracted by 11");
}

TEST(RecordMarksTest, WhatWasLearnedBeforeIsNotLearnedAgain) {
  RecordMarks marks;
  for (int i = 0; i < 2; ++i) {
    LearnThat(&marks, 10, "evidence_contested", 4);
    LearnThat(&marks, 12, "evidence_contested", 5);
  }
  EXPECT_EQ(marks.Of(4), "contested by 10");
}

}  // namespace
}  // namespace trustctl
