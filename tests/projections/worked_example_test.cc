// The worked example of projections/README.md, to the number: what is computed there by hand is what the program says,
// and what the page says.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "projections/explanation.h"
#include "projections/plain_words.h"
#include "tests/projections/trust_log.h"

namespace projections {
namespace {

using namespace trust::v1;  // NOLINT: enum values.

constexpr Mass kUnit = ToMass(1000);

// Globex is b, Acme a.
Log Example() {
  Log log;
  log.Partnership("a", "b", "2023-01-01");
  log.On("2023-01-01").CredibilitySupported();
  log.On("2023-01-01").IntentionsAligned();
  log.On("2024-01-01").Joint().SharedExperience();
  log.On("2024-12-31").Missed();
  return log;
}

ExplainTrustResponse ExplainedOn(const char* date) {
  ExplainTrustResponse response;
  Explain(*Example().Fold(), "a", "b", DayOn(date), 10, &response);
  return response;
}

std::vector<int32_t> ScoresOf(const ExplainTrustResponse& response) {
  std::vector<int32_t> scores;
  for (const FacetReading& facet : response.reading().facets()) scores.push_back(facet.score_bp());
  return scores;
}

TEST(WorkedExampleTest, OnTheFirstDayCredibilityIsEstablished) {
  const ExplainTrustResponse response = ExplainedOn("2023-01-01");
  EXPECT_EQ(response.facets(kCredibility).positive_mass(), DecimalOf(2 * kUnit));
  EXPECT_EQ(ScoresOf(response), (std::vector<int32_t>{7500, 5000, 5000, 5000}));
  EXPECT_EQ(response.facets(kCredibility).established_since_date(), "2023-01-01");
  EXPECT_EQ(response.reading().stage(), STAGE_INITIAL_CONTACT);
}

TEST(WorkedExampleTest, AYearLaterTheWorkshopBringsRapport) {
  const ExplainTrustResponse response = ExplainedOn("2024-01-01");
  EXPECT_EQ(response.facets(kCredibility).positive_mass(), DecimalOf(kUnit * 5 / 4));
  EXPECT_EQ(ScoresOf(response)[kCredibility], 6923);
  EXPECT_EQ(response.facets(kRapport).begun_since_date(), "2024-01-01");
  EXPECT_EQ(response.reading().stage(), STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(response.reading().since_date(), "2024-01-01");
}

TEST(WorkedExampleTest, AnotherYearLaterAMissedCommitmentStrainsIt) {
  const ExplainTrustResponse response = ExplainedOn("2024-12-31");
  const struct {
    Mass positive, negative;
  } masses[] = {{kUnit * 5 / 8, kUnit / 2}, {kUnit / 2, kUnit / 4}, {0, kUnit * 2}, {0, 0}};
  for (int facet = 0; facet < kFacetCount; ++facet) {
    EXPECT_EQ(response.facets(facet).positive_mass(), DecimalOf(masses[facet].positive)) << facet;
    EXPECT_EQ(response.facets(facet).negative_mass(), DecimalOf(masses[facet].negative)) << facet;
  }
  EXPECT_EQ(ScoresOf(response), (std::vector<int32_t>{5200, 5454, 2500, 5000}));
  EXPECT_EQ(response.reading().stage(), STAGE_BUILDING_RAPPORT);
  EXPECT_EQ(response.reading().condition(), CONDITION_STRAINED);
  EXPECT_EQ(response.reading().facets(kReliability).disbelief_bp(), 5000);
}

TEST(WorkedExampleTest, SharesAndEffectsAreThoseComputedByHand) {
  const FacetExplanation credibility = ExplainedOn("2024-12-31").facets(kCredibility);
  ASSERT_EQ(credibility.positive_size(), 3);
  EXPECT_EQ(credibility.positive(0).share_bp(), 4000);
  EXPECT_EQ(credibility.positive(1).share_bp(), 4000);
  EXPECT_EQ(credibility.positive(2).share_bp(), 2000);
  EXPECT_EQ(credibility.positive(2).kind(), "shared_experience_held");
  EXPECT_EQ(credibility.positive(2).effect_bp(), 200);
  ASSERT_EQ(credibility.negative_size(), 1);
  EXPECT_EQ(credibility.negative(0).effect_bp(), -990);
}

TEST(WorkedExampleTest, ItHoldsAsLongAsComputedByHandAndAWayUpIsFound) {
  const ExplainTrustResponse response = ExplainedOn("2024-12-31");
  EXPECT_EQ(DayOn("2025-04-27") - DayOn("2024-12-31"), 117);
  EXPECT_EQ(response.reading().holds_until_date(), "2025-04-27");
  EXPECT_EQ(response.reading().stage_after(), STAGE_INITIAL_CONTACT);
  EXPECT_EQ(response.at_risk(0).facet(), FACET_CREDIBILITY);
  EXPECT_EQ(response.at_risk(0).condition(), STAGE_CONDITION_MASS);
  EXPECT_GT(response.suggestions_size(), 1);
}

TEST(WorkedExampleTest, ThePageSaysTheseNumbers) {
  std::ifstream file(TRUSTD_GOLDEN_DIR "/../../projections/README.md");
  std::stringstream text;
  text << file.rdbuf();
  std::string page = text.str();
  for (char& c : page) c = c == '\n' ? ' ' : c;
  ASSERT_NE(page.find("### A worked example"), std::string::npos);
  for (const char* said :
       {"policy, not measurement", "(2 + 1) / (2 + 2) = 75.00 %", "2.25 / 3.25 = 69.23 %",
        "| credibility | 0.25 + 0.25 + 0.125 = 0.625 | 0.5 | 1.625 / 3.125 = 52.00 % |",
        "| rapport | 0.5 | 0.25 | 1.5 / 2.75 = 54.54 % |", "| reliability | 0 | 2 | 1 / 4 = 25.00 % |",
        "| nurture | 0 | 0 | 1 / 2 = 50.00 % |", "carry 40 % of R each, the workshop 20 %",
        "its effect is + 2.00 points", "- 9.90 points", "after 118 days", "is 2025-04-27"}) {
    EXPECT_NE(page.find(said), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace projections
