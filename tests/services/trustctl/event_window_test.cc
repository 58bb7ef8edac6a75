#include "services/trustctl/event_window.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/trustctl/date.h"

namespace trustctl::event_window_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using trust::v1::Event;

google::protobuf::Timestamp On(const std::string& day) { return ParseDate(day)->time; }

// An event that happened on the day, and was recorded on the last of the year.
Event Happened(int64_t revision, const std::string& day, const std::string& body = "evidence { feedback_given {} }") {
  Event event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(body, &event)) << body;
  event.set_revision(revision);
  *event.mutable_occur_time() = On(day);
  *event.mutable_record_time() = On("2024-12-31");
  return event;
}

std::vector<int64_t> Revisions(const std::vector<Event>& events) {
  std::vector<int64_t> revisions;
  for (const Event& event : events) revisions.push_back(event.revision());
  return revisions;
}

std::vector<int64_t> Kept(const std::vector<Event>& events, EventWindow::Bounds bounds,
                          const CorrectedTimes& corrected = {}) {
  if (bounds.events_max == 0) bounds.events_max = 100;
  EventWindow window(bounds, corrected);
  for (const Event& event : events) window.Take(event);
  return Revisions(window.Finish());
}

EventWindow::Bounds AsOf(const std::string& day) { return {.as_of = *ParseLastInstant(day)}; }

TEST(EventWindowTest, WhatHappenedLaterIsNotKept) {
  const std::vector<Event> events = {Happened(1, "2024-01-01"), Happened(2, "2024-03-01"), Happened(3, "2024-02-01"),
                                     Happened(4, "2024-03-01", "milestone { review_held {} }")};
  EXPECT_THAT(Kept(events, {}), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(Kept(events, AsOf("2024-02-01")), ElementsAre(1, 3));
  EXPECT_THAT(Kept(events, AsOf("2023")), IsEmpty());
}

TEST(EventWindowTest, WhatWasSaidLaterOfAnEventIsKeptWithIt) {
  std::vector<Event> events = {Happened(1, "2024-01-01"), Happened(2, "2024-06-01")};
  for (const char* said : {"evidence_retracted", "evidence_corrected", "evidence_confirmed", "evidence_contested"}) {
    for (const char* about : {"1", "2"}) {
      const std::string body = std::string(said) + " { event: 'partnerships/x/events/" + about + "' }";
      events.push_back(Happened(static_cast<int64_t>(events.size()) + 1, "2024-12-31", body));
    }
  }
  EXPECT_THAT(Kept(events, AsOf("2024-01-31")), ElementsAre(1, 3, 5, 7, 9));
}

TEST(EventWindowTest, ACorrectedDayCounts) {
  const std::vector<Event> events = {Happened(1, "2024-01-01"), Happened(2, "2024-06-01")};
  EXPECT_THAT(Kept(events, AsOf("2024-03-01"), {{1, On("2024-07-01")}, {2, On("2024-02-01")}}), ElementsAre(2));
}

TEST(EventWindowTest, WhatWasNotOnRecordIsNotKept) {
  std::vector<Event> events = {Happened(1, "2024-01-01"), Happened(2, "2024-01-02")};
  *events[1].mutable_import_origin()->mutable_original_record_time() = On("2024-01-03");
  EXPECT_THAT(Kept(events, {.known = *ParseLastInstant("2024-01-03")}), ElementsAre(2));
  EXPECT_THAT(Kept(events, {.known = *ParseLastInstant("2024-12-31")}), ElementsAre(1, 2));
}

TEST(EventWindowTest, OfThoseThatPassTheLastAreKept) {
  // Early days first, and then many more that are later than the day that is asked about.
  EventWindow window({.as_of = *ParseLastInstant("2024-01-31"), .events_max = 3}, {});
  for (int64_t revision = 1; revision <= 5; ++revision) window.Take(Happened(revision, "2024-01-05"));
  for (int64_t revision = 6; revision <= 6000; ++revision) window.Take(Happened(revision, "2024-05-05"));
  EXPECT_EQ(window.left_out(), 2);
  EXPECT_THAT(Revisions(window.Finish()), ElementsAre(3, 4, 5));
}

}  // namespace
}  // namespace trustctl::event_window_test
