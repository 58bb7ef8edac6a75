// Events written as text, and the partnership that they make.

#ifndef TESTS_PROJECTIONS_PARTNERSHIP_EVENTS_H_
#define TESTS_PROJECTIONS_PARTNERSHIP_EVENTS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "projections/partnership.h"
#include "trust/v1/events.pb.h"
namespace projections {

inline absl::Time TimeOf(absl::string_view day) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d", std::string(day), &time, &error)) << day << ": " << error;
  return time;
}

// An event of that day from its other fields as text, recorded on the first day of 2025.
inline trust::v1::Event EventOn(absl::string_view day, const std::string& fields) {
  trust::v1::Event event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(fields, &event)) << fields;
  *event.mutable_occur_time() = ToTimestamp(TimeOf(day));
  event.set_occur_time_precision(trust::v1::TIME_PRECISION_DAY);
  *event.mutable_record_time() = ToTimestamp(TimeOf("2025-01-01"));
  event.set_recorder("acme");
  return event;
}

inline trust::v1::Event ActOn(absl::string_view day, const std::string& kind) {
  return EventOn(day,
                 absl::StrCat("evidence { actor: 'bolt' affected: 'acme' source: SOURCE_COUNTERPART ", kind, " }"));
}

// The first event has revision 1.
inline Partnership FoldEvents(std::vector<trust::v1::Event> events) {
  Partnership partnership;
  partnership.id = "moon";
  for (trust::v1::Event& event : events) {
    event.set_revision(partnership.revision + 1);
    Evolve(partnership, event);
  }
  return partnership;
}

}  // namespace projections

#endif  // TESTS_PROJECTIONS_PARTNERSHIP_EVENTS_H_
