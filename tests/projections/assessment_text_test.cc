#include "projections/assessment_text.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

namespace projections {
namespace {

trust::v1::AssessTrustResponse Reading() {
  trust::v1::AssessTrustResponse reading;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
    partnership: "x" revision: 17 as_of_date: "2024-01-31" policy_version: "p/1" policy_sha256: "ab"
    directions {
      trustor: "a" trustee: "b" stage: STAGE_BUILDING_RAPPORT since_date: "2020-02-10" condition: CONDITION_BREACHED
      ceiling: STAGE_BUILDING_RAPPORT ceiling_events: "partnerships/x/events/5" ceiling_events: "partnerships/x/events/9"
      facets { facet: FACET_CREDIBILITY score_bp: 6000 belief_bp: 3000 disbelief_bp: 1000 uncertainty_bp: 6000
               deviation_bp: 1200 positive_milli: 1500 negative_milli: 500 established: true }
      holds_until_date: "2025-03-01" stage_after: STAGE_INITIAL_CONTACT
      stated { event: "partnerships/x/events/7" date: "2023-05-01" stated_bp: 8000 evidenced_bp: 6000 gap_bp: 2000 }
    }
    whole {
      stage: STAGE_BUILDING_RAPPORT asymmetry: 1 connected: STAGE_BUILDING_RAPPORT median: STAGE_BUILDING_RAPPORT
      coverage_bp: 10000 faultlines { organizations: "a" organizations: "b" }
      ties { organizations: "a" organizations: "b" mutual: STAGE_BUILDING_RAPPORT asymmetry: 1 score_gaps_bp: -30
             score_gaps_bp: 4 }
    }
    effectiveness { window_days: 365 })",
                                                            &reading));
  return reading;
}

// A digest that was issued must be found again in every later version of the program.
TEST(AssessmentTextTest, TheFormOfVersion1IsPinned) {
  EXPECT_EQ(AssessmentText(Reading()),
            "trust-assessment 1\n"
            "partnership x\n"
            "revision 17\n"
            "day 20240131\n"
            "policy ab\n"
            "direction a b\n"
            "stage 2 20200210 4 20250301 1 0\n"
            "ceiling 2\n"
            "ceiling-event 5\n"
            "ceiling-event 9\n"
            "facet 1 6000 3000 1000 6000 1200 1500 500 1 0\n"
            "stated 7 20230501 8000 6000 2000\n"
            "whole 2 1 0 2 2 10000\n"
            "group a b\n"
            "tie a b 2 1 -30 4 0\n");
}

TEST(AssessmentTextTest, EveryFigureOfTheReadingShows) {
  const std::string text = AssessmentText(Reading());
  const auto differs = [&](auto change) {
    trust::v1::AssessTrustResponse reading = Reading();
    change(&reading);
    return AssessmentText(reading) != text;
  };
  EXPECT_TRUE(differs([](auto* reading) { reading->set_partnership("y"); }));
  EXPECT_TRUE(differs([](auto* reading) { reading->set_policy_sha256("ac"); }));
  EXPECT_TRUE(differs([](auto* reading) { reading->mutable_directions(0)->mutable_facets(0)->set_begun(true); }));
  EXPECT_TRUE(differs([](auto* reading) { reading->mutable_directions(0)->set_key_person_dependent(true); }));
  EXPECT_TRUE(differs([](auto* reading) { reading->mutable_directions(0)->clear_stated(); }));
  EXPECT_TRUE(differs([](auto* reading) { reading->mutable_whole()->mutable_ties(0)->set_forming(true); }));
  EXPECT_FALSE(differs([](auto* reading) { reading->clear_effectiveness(); }))
      << "it is no part of the reading of trust";
}

}  // namespace
}  // namespace projections
