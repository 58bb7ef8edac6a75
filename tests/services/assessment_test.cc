#include "services/assessment.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventstore/memory_store.h"
#include "eventstore/sha256.h"
#include "gtest/gtest.h"
#include "projections/canonical_text.h"
#include "services/domain/refusal.h"
#include "tests/projections/random_log.h"
#include "tests/support/stored_log.h"
#include "tests/support/test_seed.h"

namespace services {
namespace {

using projections::Day;
using projections::DayOn;

constexpr char kPartnership[] = "x";

// A partnership's log, with what was reported of it.
class Journal {
 public:
  // Issues an assessment on the log as it stands and records it.
  void Issue(const std::string& assessment, Day as_of, const std::string& trustor = "", const std::string& trustee = "",
             const std::string& policy = "") {
    trust::v1::IssueAssessmentRequest request;
    request.set_partnership(kPartnership);
    request.set_recorder("a");
    request.set_assessment(assessment);
    request.set_trustor(trustor);
    request.set_trustee(trustee);
    request.set_policy(policy);
    *request.mutable_as_of_time() = projections::ToTimestamp(projections::StartOf(as_of));
    const absl::StatusOr<PinnedReading> made = MakeAssessment(request, store_, policies_, projections::StartOf(as_of));
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_EQ(absl::BytesToHexString(made->assessment.digest()), eventstore::Sha256Hex(made->text));
    trust::v1::Event event = support::StoredLog::On(as_of);
    *event.mutable_assessment_issued() = made->assessment;
    log_.Append(kPartnership, event);
  }

  trust::v1::VerifyAssessmentResponse Verify(const std::string& assessment) {
    trust::v1::VerifyAssessmentRequest request;
    request.set_partnership(kPartnership);
    request.set_assessment(assessment);
    trust::v1::VerifyAssessmentResponse response;
    const absl::Status status = VerifyAssessmentNow(store_, policies_, request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }

  std::vector<trust::v1::Restatement> Restatements(int page_size = 0, const RestatementBudget& budget = {},
                                                   int* pages = nullptr) {
    std::vector<trust::v1::Restatement> all;
    trust::v1::ListRestatementsRequest request;
    request.set_partnership(kPartnership);
    request.set_page_size(page_size);
    do {
      trust::v1::ListRestatementsResponse response;
      const absl::Status status = ListRestatementsNow(
          store_, policies_, request, [] { return false; }, &response, budget);
      EXPECT_TRUE(status.ok()) << status;
      if (pages != nullptr) ++*pages;
      for (const trust::v1::Restatement& restatement : response.restatements()) all.push_back(restatement);
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }

  void Write(const projections::Log& log, size_t from = 0) {
    for (size_t i = from; i < log.events().size(); ++i) log_.Append(kPartnership, log.events()[i]);
  }

  eventstore::MemoryStore store_;
  PolicyRegistry policies_;
  support::StoredLog log_{&store_, {&policies_}};
};

class AssessmentTest : public testing::Test, protected Journal {};

bool Revises(const trust::v1::Event& event) { return event.has_evidence_corrected() || event.has_evidence_retracted(); }

// Issues assessments while a random history comes in, and verifies each again and again. Returns how many events of the
// history correct or retract another.
int ExpectAllVerify(Journal& journal, projections::RandomLog& random) {
  trust::v1::PolicyDocument heavier = projections::DefaultPolicy()->document();
  heavier.set_version("heavier/1");
  heavier.set_loss_permille(2500);
  const std::string sha256 = journal.log_.Publish(projections::CanonicalText(heavier), DayOn("2019-01-01"));
  random.Fill(120);
  std::vector<std::string> issued;
  bool active = false;
  int verified_count = 0, revising = 0;
  for (const trust::v1::Event& event : random.log.events()) {
    revising += Revises(event);
    journal.log_.Append(kPartnership, event);
    if (random.Chance(5)) journal.log_.Append(absl::StrCat("y", random.Below(3)), event);
    if (random.Chance(3)) journal.log_.Pin(kPartnership, random.Chance(50) ? sha256 : "", random.first_contact());
    if (random.Chance(3) && !active) {
      journal.log_.Activate(sha256, random.first_contact());
      active = true;
    }
    if (event.revision() > 2 && random.Chance(10)) {
      issued.push_back(absl::StrCat("r", issued.size()));
      const bool whole = random.Chance(50);
      journal.Issue(issued.back(), random.first_contact() + random.Below(2000), whole ? "" : "a", whole ? "" : "b",
                    random.Chance(20) ? "heavier/1" : "");
    }
    if (!random.Chance(10)) continue;
    for (const std::string& assessment : issued) {
      EXPECT_TRUE(journal.Verify(assessment).verified()) << "revision " << event.revision();
      ++verified_count;
    }
  }
  EXPECT_FALSE(issued.empty());
  EXPECT_GT(verified_count, 0);
  for (const std::string& assessment : issued) {
    const trust::v1::VerifyAssessmentResponse verified = journal.Verify(assessment);
    EXPECT_TRUE(verified.verified());
    EXPECT_EQ(verified.digest(), eventstore::Sha256Hex(verified.canonical_text()));
    EXPECT_EQ(verified.event().assessment_issued().assessment(), assessment);
  }
  PolicyRegistry restarted;
  EXPECT_TRUE(restarted.CatchUp(journal.store_).ok());
  for (const std::string& assessment : issued) {
    const trust::v1::VerifyAssessmentResponse verified = journal.Verify(assessment);
    const absl::StatusOr<PinnedReading> again =
        RecomputeAssessment(kPartnership, verified.event().assessment_issued(), journal.store_, restarted);
    EXPECT_TRUE(again.ok()) << again.status();
    if (again.ok()) {
      EXPECT_EQ(again->text, verified.canonical_text());
    }
  }
  return revising;
}

// I26.
TEST_F(AssessmentTest, WhatWasIssuedVerifiesAfterAnyLaterAppend) {
  const uint32_t seed = support::AnySeed();
  for (const bool meta : {false, true}) {
    SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed, meta ? " with corrections" : ""));
    Journal journal;
    projections::RandomLog random(seed);
    if (meta) random.UseMeta();
    EXPECT_EQ(ExpectAllVerify(journal, random) > 0, meta);
  }
}

// Each restatement has a cause, each cause came after the pin, and what has no cause is not restated.
TEST_F(AssessmentTest, ARestatementNamesWhatChangedItAndNothingElseIsRestated) {
  projections::Log log;
  log.Partnership("a", "b", "2020-01-06");
  log.On("2020-01-20").CredibilitySupported();
  Write(log);
  Issue("first", DayOn("2020-06-30"));
  Issue("other-way", DayOn("2020-06-30"), "b", "a");
  EXPECT_TRUE(Restatements().empty());
  size_t from = log.events().size();
  log.On("2020-05-01").Fulfilled();  // Late: it changes what was reported of a towards b.
  log.On("2020-08-01").Fulfilled();  // Of a later day: it does not.
  Write(log, from);
  const std::vector<trust::v1::Restatement> restatements = Restatements();
  ASSERT_EQ(restatements.size(), 1u);
  EXPECT_EQ(restatements[0].event().assessment_issued().assessment(), "first");
  ASSERT_EQ(restatements[0].issued_size(), 1);
  EXPECT_EQ(restatements[0].issued(0).trustor(), "a");
  EXPECT_LT(restatements[0].issued(0).facets(2).score_bp(), restatements[0].restated(0).facets(2).score_bp());
  ASSERT_EQ(restatements[0].causes_size(), 1);
  EXPECT_EQ(restatements[0].causes(0), "partnerships/x/events/6");
  EXPECT_TRUE(Verify("first").verified()) << "restated is not refuted";

  Issue("second", DayOn("2020-07-31"));
  EXPECT_EQ(Restatements().size(), 1u) << "it knew";
  // Another policy in force restates nothing: an assessment stays under its own.
  trust::v1::PolicyDocument heavier = projections::DefaultPolicy()->document();
  heavier.set_version("heavier/1");
  heavier.set_prior_weight_milli(9000);
  log_.Activate(log_.Publish(projections::CanonicalText(heavier), DayOn("2021-01-01")), DayOn("2021-01-01"));
  EXPECT_EQ(Restatements().size(), 1u);
}

TEST_F(AssessmentTest, RestatementsAreTheSamePageByPage) {
  const uint32_t seed = support::AnySeed();
  for (const bool meta : {false, true}) {
    SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed, meta ? " with corrections" : ""));
    Journal journal;
    projections::RandomLog random(seed, 2);
    if (meta) random.UseMeta();
    random.Fill(60);
    int issued = 0, revising = 0;
    for (const trust::v1::Event& event : random.log.events()) {
      revising += Revises(event);
      journal.log_.Append(kPartnership, event);
      if (event.revision() > 2 && issued < 130) {
        for (int i = 0; i < 3; ++i) {
          journal.Issue(absl::StrCat("r", issued++), random.first_contact() + random.Below(1600));
        }
      }
    }
    EXPECT_EQ(revising > 0, meta);
    int pages = 0;
    const std::vector<trust::v1::Restatement> all = journal.Restatements(1000);
    const std::vector<trust::v1::Restatement> paged = journal.Restatements(7, {}, &pages);
    EXPECT_GE(pages, 2);
    EXPECT_GT(all.size(), 7u);
    ASSERT_EQ(all.size(), paged.size());
    // A page ends once it has cost enough, and another follows.
    pages = 0;
    const std::vector<trust::v1::Restatement> by_directions = journal.Restatements(1000, {100, 5, 100'000}, &pages);
    EXPECT_GT(pages, 20) << "three assessments of two directions each a page";
    pages = 0;
    const std::vector<trust::v1::Restatement> by_readings = journal.Restatements(1000, {100, 5'000, 1}, &pages);
    EXPECT_GE(pages, static_cast<int>(all.size())) << "one a page";
    ASSERT_EQ(all.size(), by_directions.size());
    ASSERT_EQ(all.size(), by_readings.size());
    for (size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(all[i].SerializeAsString(), paged[i].SerializeAsString());
      EXPECT_EQ(all[i].SerializeAsString(), by_directions[i].SerializeAsString());
      EXPECT_EQ(all[i].SerializeAsString(), by_readings[i].SerializeAsString());
      EXPECT_GT(all[i].causes_size(), 0) << all[i].ShortDebugString();
      EXPECT_EQ(all[i].issued_size(), all[i].restated_size());
    }
  }
}

TEST_F(AssessmentTest, ASearchForRestatementsEndsSoonAfterNobodyWaitsAnyMore) {
  projections::Log log;
  log.Partnership("a", "b", "2020-01-06");
  Write(log);
  for (int i = 0; i < 20; ++i) Issue(absl::StrCat("r", i), DayOn("2020-06-30"));
  const size_t from = log.events().size();
  log.On("2020-05-01").Fulfilled();
  Write(log, from);
  trust::v1::ListRestatementsRequest request;
  request.set_partnership(kPartnership);
  for (int looks_max : {1, 15, 30, 45}) {
    int looks = 0;
    trust::v1::ListRestatementsResponse response;
    const absl::Status status = ListRestatementsNow(
        store_, policies_, request, [&] { return ++looks >= looks_max; }, &response);
    EXPECT_TRUE(absl::IsCancelled(status)) << status;
    EXPECT_EQ(looks, looks_max);
  }
}

TEST_F(AssessmentTest, ADigestThatIsNotThatOfTheReadingIsFound) {
  projections::Log log;
  log.Partnership("a", "b", "2020-01-06");
  Write(log);
  Issue("real", DayOn("2020-06-30"));
  trust::v1::Event forged = support::StoredLog::On(DayOn("2020-06-30"));
  *forged.mutable_assessment_issued() = Verify("real").event().assessment_issued();
  forged.mutable_assessment_issued()->set_assessment("forged");
  forged.mutable_assessment_issued()->set_digest(std::string(32, 'x'));
  log_.Append(kPartnership, forged);
  EXPECT_TRUE(Verify("real").verified());
  EXPECT_FALSE(Verify("forged").verified());
}

TEST_F(AssessmentTest, WhatIsNotThereIsNotFound) {
  projections::Log log;
  log.Partnership("a", "b", "2020-01-06");
  Write(log);
  trust::v1::VerifyAssessmentRequest request;
  request.set_partnership(kPartnership);
  request.set_assessment("nothing");
  trust::v1::VerifyAssessmentResponse response;
  EXPECT_EQ(domain::ReasonOf(VerifyAssessmentNow(store_, policies_, request, &response)),
            trust::v1::ERROR_REASON_ASSESSMENT_NOT_FOUND);
  request.set_partnership("nobody");
  EXPECT_EQ(domain::ReasonOf(VerifyAssessmentNow(store_, policies_, request, &response)),
            trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND);
}

}  // namespace
}  // namespace services
