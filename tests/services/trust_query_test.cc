// What answers hold beside the readings.

#include "services/trust_query.h"

#include "gtest/gtest.h"
#include "tests/projections/trust_log.h"

namespace services {
namespace {

TEST(TrustQueryTest, EventsOfANewerProgramAreReportedAndHaveNoEffect) {
  projections::Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-01-20").CredibilitySupported();
  const auto history = log.Fold();
  trust::v1::AssessTrustRequest request;
  request.set_partnership("x");
  const projections::Day day = projections::DayOn("2020-06-01");
  trust::v1::AssessTrustResponse before, after;
  ASSERT_TRUE(Assess(*history, request, day, &before).ok());
  EXPECT_EQ(before.unknown_event_count(), 0);

  trust::v1::Event unknown = log.events().back();
  unknown.clear_body();
  unknown.set_revision(history->revision() + 1);
  history->Apply(unknown);
  ASSERT_TRUE(Assess(*history, request, day, &after).ok());
  EXPECT_EQ(after.unknown_event_count(), 1);
  ASSERT_EQ(after.unknown_events_size(), 1);
  EXPECT_EQ(after.unknown_events(0),
            "partnerships/" + history->partnership() + "/events/" + std::to_string(unknown.revision()));
  after.clear_unknown_event_count();
  after.clear_unknown_events();
  after.set_revision(before.revision());
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
}

}  // namespace
}  // namespace services
