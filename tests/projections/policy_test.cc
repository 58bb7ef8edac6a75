#include "projections/policy.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "projections/canonical_text.h"

namespace projections {
namespace {

using namespace trust::v1;  // NOLINT: enum values.
using ::testing::HasSubstr;
using ::testing::Not;

std::string Json(const PolicyDocument& document) {
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(document, &json);
  return json;
}

// What Parse says of the default document with a change; empty when it accepts it.
std::string Refusal(const std::function<void(PolicyDocument*)>& change) {
  PolicyDocument document = Policy::Default()->document();
  change(&document);
  const auto policy = Policy::Parse(Json(document));
  return policy.ok() ? "" : std::string(policy.status().message());
}

TEST(PolicyTest, TheDefaultIsTheFirstVersion) {
  const auto policy = Policy::Default();
  EXPECT_EQ(policy->version(), "trust-stages/1.0.0");
  EXPECT_EQ(policy->document().positive_rows_size(), 23);
  EXPECT_EQ(policy->document().negative_rows_size(), 17);
}

TEST(PolicyTest, AnUnchangedDocumentIsAccepted) {
  EXPECT_EQ(Refusal([](PolicyDocument*) {}), "");
}

TEST(PolicyTest, WhatIsNoDocumentIsRefused) {
  EXPECT_THAT(std::string(Policy::Parse("{").status().message()), HasSubstr("not a policy document"));
  EXPECT_THAT(std::string(Policy::Parse(R"({"unknown": 1})").status().message()), HasSubstr("not a policy document"));
  EXPECT_THAT(std::string(Policy::Parse("{}").status().message()), HasSubstr("document: version is missing"));
}

// ---- The canonical text

// A fingerprint of a text: FNV-1a.
uint64_t Fingerprint(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

TEST(PolicyTest, TheCanonicalTextIsPinned) {
  const std::string text = Policy::Default()->canonical_text();
  EXPECT_EQ(Fingerprint(text), 4484228849163273086u)
      << "published policies never change: another policy is another document";
  EXPECT_EQ(text.substr(0, 129), R"({"algorithm":1,"anchor_severity_min":"SEVERITY_MAJOR",)"
                                 R"("attestation":{"full_milli":1000,"negative_half_life_days":540,"point_milli)");
  EXPECT_EQ(text.size(), 11408u);
  EXPECT_THAT(text,
              HasSubstr(R"({"basis":"BASIS_INTEGRITY","half_life_days":1460,"kind":"violation_reported",)"
                        R"("variant":"VIOLATION_TYPE_DECEPTION","violation":true,"weights":{"credibility_milli":5000,)"
                        R"("nurture_milli":3000,"rapport_milli":3000,"reliability_milli":2000}})"));
  EXPECT_THAT(text, Not(HasSubstr(" ")));
  EXPECT_THAT(text, Not(HasSubstr(".5")));
}

TEST(PolicyTest, TheCanonicalTextIsADocumentOfTheSamePolicy) {
  const auto policy = Policy::Default();
  const auto again = Policy::Parse(policy->canonical_text());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->canonical_text(), policy->canonical_text());
}

TEST(PolicyTest, HowADocumentIsWrittenDoesNotChangeItsCanonicalText) {
  // Other names of fields, numbers as strings and spelt-out defaults, as protobuf writes them.
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.add_whitespace = true;
  std::string json;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(Policy::Default()->document(), &json, options).ok());
  const auto policy = Policy::Parse(json);
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ((*policy)->canonical_text(), Policy::Default()->canonical_text());
}

TEST(PolicyTest, TheCanonicalTextEscapesOnlyWhatItMust) {
  PolicyDocument document;
  document.set_version("a\"b\\c\n\x01\xC3\xA9/<");
  EXPECT_EQ(CanonicalText(document), "{\"version\":\"a\\\"b\\\\c\\u000a\\u0001\xC3\xA9/<\"}");
}

TEST(PolicyTest, AnotherNumberIsAnotherText) {
  PolicyDocument document = Policy::Default()->document();
  document.set_loss_permille(1001);
  const auto policy = Policy::Parse(Json(document));
  ASSERT_TRUE(policy.ok());
  EXPECT_NE((*policy)->canonical_text(), Policy::Default()->canonical_text());
}

// ---- Lookups

TEST(PolicyTest, AKindIsFoundByItsFieldAndResult) {
  const auto policy = Policy::Default();
  const PositiveRule* const kept = policy->FindPositive(Evidence::kCommitmentFulfilled, FULFILMENT_RESULT_EXCEEDED);
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->weights, (Weights{500, 250, 1250, 0}));
  const NegativeRule* const deceived = policy->FindNegative(Evidence::kViolationReported, VIOLATION_TYPE_DECEPTION);
  ASSERT_NE(deceived, nullptr);
  EXPECT_EQ(deceived->weights, (Weights{5000, 3000, 2000, 3000}));
  EXPECT_EQ(policy->FindPositive(Evidence::kCommitmentMissed, 0), nullptr);
  EXPECT_EQ(policy->FindPositive(Evidence::kCommitmentMade, 0), nullptr);
  EXPECT_EQ(policy->FindNegative(Evidence::kViolationReported, VIOLATION_TYPE_UNSPECIFIED), nullptr);
  EXPECT_EQ(policy->FindNegative(1000, 0), nullptr);
  EXPECT_EQ(policy->FindNegative(-1, 0), nullptr);
}

// ---- The rules

TEST(PolicyTest, V1GoodActsMustNotFadeMoreSlowlyThanBadOnes) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->set_positive_half_life_days(366); }), HasSubstr("V1:"));
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_negative_rows(0)->set_half_life_days(364); }),
              HasSubstr("V1:"));
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_attestation()->set_negative_half_life_days(300); }),
              HasSubstr("V1:"));
}

TEST(PolicyTest, V2NoFacetIsHeldBelowTheBaseRate) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_facets(3)->set_hold_score_bp(4999); }), HasSubstr("V2:"));
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->set_base_rate_permille(501); }), HasSubstr("V2:"));
  // Ten times this is beyond 32 bits, where it would be negative.
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->set_base_rate_permille(429'496'729); }), HasSubstr("V2:"));
}

TEST(PolicyTest, V3HoldingIsNotHarderThanEntering) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_facets(1)->set_hold_score_bp(6501); }), HasSubstr("V3:"));
}

TEST(PolicyTest, V4NoWeightIsNegative) {
  const std::string refusal =
      Refusal([](PolicyDocument* d) { d->mutable_positive_rows(2)->mutable_weights()->set_credibility_milli(-1); });
  EXPECT_THAT(refusal, HasSubstr("V4: intentions_assessed"));
  EXPECT_THAT(refusal, HasSubstr("V13:"));
}

TEST(PolicyTest, V5NothingSpillsUpwards) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_positive_rows(0)->mutable_weights()->set_rapport_milli(1); }),
              HasSubstr("V5:"));
}

TEST(PolicyTest, V6RepairNeverUndoes) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_repairs(0)->set_cap_permille(1000); }), HasSubstr("V6:"));
}

TEST(PolicyTest, V7RepetitionNeverExcuses) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_recidivism()->set_cap_permille(999); }), HasSubstr("V7:"));
}

TEST(PolicyTest, V8WitnessesAndOneselfNeverCountMoreThanTheAffected) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_role()->set_witness_permille(1001); }), HasSubstr("V8:"));
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_source()->set_self_permille(1001); }), HasSubstr("V8:"));
}

TEST(PolicyTest, V9BeginningsNeverExcuse) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_early_violation()->set_multiplier_permille(999); }),
              HasSubstr("V9:"));
}

TEST(PolicyTest, V10AGraverViolationNeverPermitsMore) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_ceilings(1)->set_ceiling(STAGE_MAINTAINING_COMMITMENT); }),
              HasSubstr("V10:"));
}

TEST(PolicyTest, V11ThereIsAPriorAndPracticesStopBelowWhereTheyBegin) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->set_prior_weight_milli(0); }), HasSubstr("V11:"));
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_facets(2)->set_stop_positive_milli(751); }),
              HasSubstr("V11:"));
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_facets(2)->set_stop_positive_milli(-1); }), HasSubstr("V11:"));
}

TEST(PolicyTest, V12HalfLivesLieBetweenADayAndACentury) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->set_positive_half_life_days(0); }), HasSubstr("V12:"));
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_negative_rows(3)->set_half_life_days(36501); }),
              HasSubstr("V12:"));
}

TEST(PolicyTest, V13EveryFactorIsBounded) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_materiality()->set_high_permille(1'000'001); }),
              HasSubstr("V13:"));
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_standing()->set_alleged_permille(-1); }), HasSubstr("V13:"));
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->set_loss_permille(-1); }), HasSubstr("V13:"));
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_attestation()->set_full_milli(1'000'001); }),
              HasSubstr("V13:"));
  EXPECT_THAT(
      Refusal([](PolicyDocument* d) { d->mutable_negative_rows(0)->mutable_weights()->set_nurture_milli(1'000'001); }),
      HasSubstr("V13:"));
}

TEST(PolicyTest, V14HoldingTakesNoMoreThanEntering) {
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_facets(0)->set_hold_positive_milli(2001); }),
              HasSubstr("V14:"));
  EXPECT_THAT(Refusal([](PolicyDocument* d) { d->mutable_facets(0)->set_hold_positive_milli(-1); }), HasSubstr("V14:"));
}

TEST(PolicyTest, EveryBrokenRuleIsNamedAtOnce) {
  const std::string refusal = Refusal([](PolicyDocument* d) {
    d->set_positive_half_life_days(400);
    d->mutable_recidivism()->set_cap_permille(1);
    d->mutable_repairs(2)->set_cap_permille(2000);
  });
  for (const char* rule : {"V1:", "V6:", "V7:"}) EXPECT_THAT(refusal, HasSubstr(rule));
}

TEST(PolicyTest, AnIncompleteOrContradictoryDocumentIsRefused) {
  const std::vector<std::function<void(PolicyDocument*)>> changes = {
      [](PolicyDocument* d) { d->clear_version(); },
      [](PolicyDocument* d) { d->set_algorithm(2); },
      [](PolicyDocument* d) { d->mutable_facets()->RemoveLast(); },
      [](PolicyDocument* d) { *d->add_positive_rows() = d->positive_rows(0); },
      [](PolicyDocument* d) { d->mutable_positive_rows(0)->set_kind("no_such_kind"); },
      [](PolicyDocument* d) { d->mutable_positive_rows(0)->set_kind("actor"); },
      [](PolicyDocument* d) { d->mutable_positive_rows(0)->clear_variant(); },
      [](PolicyDocument* d) { d->mutable_positive_rows(1)->set_variant("CREDIBILITY_RESULT_SUPPORTED"); },
      [](PolicyDocument* d) { d->mutable_positive_rows(1)->set_kind("apology_issued"); },
      [](PolicyDocument* d) { d->mutable_positive_rows(1)->set_kind("conflict_raised"); },
      [](PolicyDocument* d) { d->mutable_negative_rows(0)->clear_basis(); },
      [](PolicyDocument* d) { d->mutable_negative_rows(0)->set_violation(true); },
      [](PolicyDocument* d) { d->mutable_negative_rows(16)->set_violation(false); },
      [](PolicyDocument* d) { d->clear_repairs(); },
      [](PolicyDocument* d) { d->clear_coverage(); },
      [](PolicyDocument* d) { d->set_deception_discharge_divisor(0); },
      [](PolicyDocument* d) { d->clear_dispute_ceiling(); },
      [](PolicyDocument* d) { d->clear_anchor_severity_min(); },
      [](PolicyDocument* d) { d->set_dormant_uncertainty_bp(10001); },
      [](PolicyDocument* d) { d->mutable_recidivism()->set_window_days(-1); },
      [](PolicyDocument* d) { d->mutable_resolutions()->set_joint_permille(1001); },
      [](PolicyDocument* d) { *d->add_ceilings() = d->ceilings(0); },
  };
  for (size_t i = 0; i < changes.size(); ++i)
    EXPECT_THAT(Refusal(changes[i]), HasSubstr("document:")) << "change " << i;
}

TEST(PolicyTest, NoWeightOverflowsUnderTheLargestFactors) {
  uint64_t weight = 1'000'000;
  for (int i = 0; i < 10; ++i) weight = Scale(weight, 1'000'000);
  EXPECT_EQ(weight, kWeightMax);
  EXPECT_EQ(Scale(1'000'000, 1'000'000'000), kWeightMax);
  EXPECT_EQ(Scale(1001, 500), 500u);
}

}  // namespace
}  // namespace projections
