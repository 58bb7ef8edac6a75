#include "services/domain/policy_decider.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "projections/policy.h"
#include "services/domain/limits.h"
#include "services/domain/refusal.h"

namespace domain {
namespace {

using projections::Partnership;

const PolicyText kBuiltIn = {"trust-stages/1.0.0", "{}", std::string(32, 'b')};
const PolicyText kStrict = {"strict/1.0.0", "{\"version\":\"strict/1.0.0\"}", std::string(32, 's')};

Context PublishedAt() {
  Context context;
  context.now = absl::UnixEpoch();
  return context;
}

// Every rule is named, however many sentences one of them takes.
TEST(PolicyDeciderTest, EveryBrokenRuleIsNamedThoughThereIsNoRoomForEverySentence) {
  trust::v1::PolicyDocument document = projections::Policy::Default()->document();
  document.set_version("NO LABEL");
  document.set_positive_half_life_days(50'000);                               // V1, V12
  document.set_prior_weight_milli(0);                                         // V11
  for (auto& facet : *document.mutable_facets()) facet.set_hold_score_bp(0);  // V2
  document.mutable_facets(0)->set_enter_score_bp(-1);                         // V3
  document.mutable_facets(1)->set_hold_positive_milli(-1);                    // V14
  for (auto& row : *document.mutable_positive_rows()) {                       // V4, V5, V13
    row.mutable_weights()->set_nurture_milli(2'000'000);
    row.mutable_weights()->set_rapport_milli(-1);
  }
  document.mutable_repairs(0)->set_cap_permille(1000);             // V6
  document.mutable_recidivism()->set_cap_permille(0);              // V7
  document.mutable_role()->set_witness_permille(1001);             // V8
  document.mutable_early_violation()->set_multiplier_permille(0);  // V9
  for (auto& row : *document.mutable_ceilings()) {                 // V10
    if (row.severity() == trust::v1::SEVERITY_CRITICAL) row.set_ceiling(trust::v1::STAGE_MAINTAINING_COMMITMENT);
  }
  const absl::Status status = CheckDocument(document);
  EXPECT_EQ(ReasonOf(status), trust::v1::ERROR_REASON_INVALID_POLICY);
  std::set<std::string> rules;
  for (const FieldViolation& violation : FieldViolationsOf(status)) {
    EXPECT_EQ(violation.field, "document");
    rules.insert(violation.description.substr(0, violation.description.find(':')));
  }
  EXPECT_EQ(std::string(status.message()).find("document: document"), std::string::npos);
  // What breaks none of the numbered rules is said without another word before it.
  std::set<std::string> expected = {"FACET_CREDIBILITY has a score outside 0 to 10000"};
  for (int rule = 1; rule <= 14; ++rule) expected.insert(absl::StrCat("V", rule));
  EXPECT_EQ(rules, expected);
  EXPECT_NE(MetadataOf(status, "fields_left_out"), "");
}

TEST(PolicyDeciderTest, ADocumentOfAnotherAlgorithmIsNotJudgedByTheRulesOfThisOne) {
  trust::v1::PolicyDocument document;
  document.set_algorithm(2);
  EXPECT_EQ(ReasonOf(CheckDocument(document)), trust::v1::ERROR_REASON_ALGORITHM_UNKNOWN);
  document.set_algorithm(0);
  EXPECT_EQ(ReasonOf(CheckDocument(document)), trust::v1::ERROR_REASON_INVALID_POLICY);
}

TEST(PolicyDeciderTest, ALogHoldsOnlySoManyPolicies) {
  Partnership state;
  for (size_t i = 0; i + 1 < kPoliciesMax; ++i) state.policies.published[absl::StrCat("p/", i)] = std::string(32, 'x');
  const trust::v1::PublishPolicyRequest request;
  const auto last = DecidePublication(state, request, kStrict, kBuiltIn, PublishedAt());
  ASSERT_TRUE(last.ok());
  ASSERT_EQ(last->size(), 1u);
  projections::Evolve(state, last->front());
  EXPECT_EQ(state.policies.published.size(), kPoliciesMax);
  EXPECT_EQ(ReasonOf(DecidePublication(state, request, {"one/more", "{}", "y"}, kBuiltIn, PublishedAt()).status()),
            trust::v1::ERROR_REASON_TOO_MANY_POLICIES);
  const auto again = DecidePublication(state, request, kStrict, kBuiltIn, PublishedAt());
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->empty());
}

TEST(PolicyDeciderTest, WhatIsInForceIsNotActivatedAgainNorWhatIsTiedTied) {
  Partnership state;
  trust::v1::ActivatePolicyRequest activate;
  activate.set_approver("the board");
  EXPECT_EQ(ReasonOf(DecideActivation(state, activate, kBuiltIn.sha256, kBuiltIn.sha256, PublishedAt()).status()),
            trust::v1::ERROR_REASON_POLICY_IN_FORCE);
  const auto activated = DecideActivation(state, activate, kStrict.sha256, kBuiltIn.sha256, PublishedAt());
  ASSERT_TRUE(activated.ok());
  EXPECT_EQ(activated->front().policy_activated().approver(), "the board");
  projections::Evolve(state, activated->front());
  EXPECT_EQ(ReasonOf(DecideActivation(state, activate, kStrict.sha256, kBuiltIn.sha256, PublishedAt()).status()),
            trust::v1::ERROR_REASON_POLICY_IN_FORCE);
  EXPECT_TRUE(DecideActivation(state, activate, kBuiltIn.sha256, kBuiltIn.sha256, PublishedAt()).ok());

  Partnership partnership;
  trust::v1::PinPolicyRequest pin;
  pin.set_partnership("alpha");
  EXPECT_EQ(ReasonOf(DecidePin(partnership, pin, kStrict.sha256, PublishedAt()).status()),
            trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  partnership.revision = 2;
  const auto pinned = DecidePin(partnership, pin, kStrict.sha256, PublishedAt());
  ASSERT_TRUE(pinned.ok());
  projections::Evolve(partnership, pinned->front());
  EXPECT_EQ(ReasonOf(DecidePin(partnership, pin, kStrict.sha256, PublishedAt()).status()),
            trust::v1::ERROR_REASON_POLICY_IN_FORCE);
  EXPECT_EQ(projections::Render(partnership).policy_sha256().size(), 64u);
}

}  // namespace
}  // namespace domain
