#include "services/trust_question.h"

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "eventstore/memory_store.h"
#include "eventstore/sha256.h"
#include "gtest/gtest.h"
#include "projections/canonical_text.h"
#include "services/domain/refusal.h"
#include "services/reading_cache.h"
#include "tests/projections/trust_log.h"
#include "tests/support/stored_log.h"

namespace services {
namespace {

using projections::DayOn;

constexpr char kThePartnership[] = "x";

// The default document under a label of its own, with a change.
std::string DocumentOf(const std::string& version, const std::function<void(trust::v1::PolicyDocument*)>& change) {
  trust::v1::PolicyDocument document = projections::DefaultPolicy()->document();
  document.set_version(version);
  change(&document);
  return projections::CanonicalText(document);
}

std::string Strict() {
  return DocumentOf("strict/1.0.0",
                    [](trust::v1::PolicyDocument* document) { document->set_prior_weight_milli(900'000); });
}

class TrustQuestionTest : public testing::Test {
 protected:
  // A partnership that reaches the second stage on 2020-02-10, recorded day by day.
  void Grow() {
    projections::Log log;
    log.Partnership("a", "b", "2020-01-06");
    log.On("2020-01-06").Joint().ConfidentialityAgreement();
    log.On("2020-01-20").CredibilitySupported();
    log.On("2020-01-27").IntentionsAligned();
    log.On("2020-02-03").CredentialsVerified();
    log.On("2020-02-10").Joint().SharedExperience();
    for (const trust::v1::Event& event : log.events()) last_ = log_.Append(kThePartnership, event);
  }

  TrustQuestion Ask() {
    TrustQuestion question;
    question.partnership = kThePartnership;
    question.as_of = DayOn("2021-01-01");
    return question;
  }

  // The policy that answers, and the stage of a towards b.
  std::string Answer(const TrustQuestion& question) {
    const absl::StatusOr<TrustFold> fold = Fold(question, store_, policies_);
    if (!fold.ok()) return trust::v1::ErrorReason_Name(domain::ReasonOf(fold.status()));
    EXPECT_EQ(fold->history->policy()->version(), fold->policy->version);
    return fold->policy->version + " " + std::to_string(fold->history->Read("a", "b", fold->as_of).stage());
  }

  eventstore::MemoryStore store_;
  PolicyRegistry policies_;
  ReadingCache readings_{&store_, &policies_, 1 << 20};
  support::StoredLog log_{&store_, {&policies_, &readings_}};
  uint64_t last_ = 0;
};

TEST_F(TrustQuestionTest, ThePinAppliesElseTheLastActivationElseWhatTheProgramComesWithEachAsKnown) {
  Grow();
  const std::string strict = log_.Publish(Strict(), DayOn("2020-03-01"));
  const std::string lax = log_.Publish(DocumentOf("lax/1", [](auto*) {}), DayOn("2020-03-02"));
  EXPECT_EQ(Answer(Ask()), "trust-stages/1.0.0 2") << "published is not in force";
  const uint64_t activated = log_.Activate(strict, DayOn("2020-04-01"));
  EXPECT_EQ(Answer(Ask()), "strict/1.0.0 1");
  const uint64_t pinned = log_.Pin(kThePartnership, lax, DayOn("2020-05-01"));
  EXPECT_EQ(Answer(Ask()), "lax/1 2");
  log_.Pin(kThePartnership, "", DayOn("2020-06-01"));
  EXPECT_EQ(Answer(Ask()), "strict/1.0.0 1") << "untied";
  log_.Activate(eventstore::BytesOfHex(policies_.built_in()->sha256), DayOn("2020-07-01"));
  EXPECT_EQ(Answer(Ask()), "trust-stages/1.0.0 2");

  TrustQuestion question = Ask();
  const auto at = [&](const char* day) {
    question.known_time = projections::StartOf(DayOn(day));
    return Answer(question);
  };
  EXPECT_EQ(at("2020-03-31"), "trust-stages/1.0.0 2");
  EXPECT_EQ(at("2020-04-01"), "strict/1.0.0 1");
  EXPECT_EQ(at("2020-05-01"), "lax/1 2");
  EXPECT_EQ(at("2020-06-01"), "strict/1.0.0 1");
  EXPECT_EQ(at("2020-07-01"), "trust-stages/1.0.0 2");

  question = Ask();
  const auto up_to = [&](uint64_t position) {
    question.known_position = position;
    return Answer(question);
  };
  EXPECT_EQ(up_to(activated - 1), "trust-stages/1.0.0 2");
  EXPECT_EQ(up_to(activated), "strict/1.0.0 1");
  EXPECT_EQ(up_to(pinned), "lax/1 2");

  question = Ask();
  question.known_revision = 7;
  EXPECT_EQ(Answer(question), "trust-stages/1.0.0 2") << "nothing was in force when revision 7 was recorded";
  question.known_revision = 8;
  EXPECT_EQ(Answer(question), "lax/1 2");
  question.known_revision = 9;
  EXPECT_EQ(Answer(question), "strict/1.0.0 1");
  question.policy = "lax/1";
  EXPECT_EQ(Answer(question), "lax/1 2") << "a policy that is named goes before all";
  question.policy = absl::BytesToHexString(strict);
  EXPECT_EQ(Answer(question), "strict/1.0.0 1");
  question.policy = "nobody/1";
  EXPECT_EQ(Answer(question), "ERROR_REASON_POLICY_NOT_FOUND");

  PolicyRegistry restarted;
  ASSERT_TRUE(restarted.CatchUp(store_).ok());
  EXPECT_EQ(restarted.InForce()->sha256, policies_.InForce()->sha256);
  EXPECT_EQ(restarted.List(0, 10).size(), 3u);
  for (const PolicyRegistry::Registered& policy : policies_.List(0, 10)) {
    EXPECT_EQ(restarted.Describe(*policy).SerializeAsString(), policies_.Describe(*policy).SerializeAsString());
  }
}

TEST_F(TrustQuestionTest, ARevisionIsReadAsOfTheDayItWasRecorded) {
  Grow();
  TrustQuestion question = Ask();
  question.as_of.reset();
  question.known_revision = 4;
  const absl::StatusOr<TrustFold> fold = Fold(question, store_, policies_);
  ASSERT_TRUE(fold.ok()) << fold.status();
  EXPECT_EQ(fold->as_of, DayOn("2020-01-20"));
  EXPECT_EQ(fold->history->revision(), 4);
}

TEST_F(TrustQuestionTest, WhatThePositionCutsOffIsNotThere) {
  Grow();
  TrustQuestion question = Ask();
  question.known_position = last_ - 1;
  EXPECT_EQ(Answer(question), "trust-stages/1.0.0 1") << "the shared experience was not recorded yet";
  question.partnership = "y";
  EXPECT_EQ(Answer(question), "ERROR_REASON_PARTNERSHIP_NOT_FOUND");
}

TEST_F(TrustQuestionTest, AHistoryInTheCacheIsJudgedAnewAtOnceWhenAnotherPolicyApplies) {
  Grow();
  const auto stage = [&](bool at_once) {
    int read = 0;
    std::string version;
    const auto reader = [&](projections::TrustHistory& history) {
      read = history.Read("a", "b", DayOn("2021-01-01")).stage();
      version = history.policy()->version();
    };
    if (at_once) {
      EXPECT_TRUE(readings_.TryRead(kThePartnership, reader));
    } else {
      EXPECT_FALSE(readings_.TryRead(kThePartnership, reader))
          << "a network thread would have judged it by " << version;
      EXPECT_TRUE(readings_.Read(kThePartnership, reader).ok());
    }
    return version + " " + std::to_string(read);
  };
  EXPECT_EQ(stage(false), "trust-stages/1.0.0 2");
  EXPECT_EQ(stage(true), "trust-stages/1.0.0 2");
  const std::string strict = log_.Publish(Strict(), DayOn("2020-03-01"));
  EXPECT_EQ(stage(true), "trust-stages/1.0.0 2");
  log_.Activate(strict, DayOn("2020-04-01"));
  EXPECT_EQ(stage(false), "strict/1.0.0 1");
  EXPECT_EQ(stage(true), "strict/1.0.0 1");
  log_.Pin(kThePartnership, eventstore::BytesOfHex(policies_.built_in()->sha256), DayOn("2020-04-02"));
  EXPECT_EQ(stage(false), "trust-stages/1.0.0 2");
  EXPECT_EQ(stage(true), "trust-stages/1.0.0 2");
}

TEST_F(TrustQuestionTest, APolicyForAnotherAlgorithmIsNamedAndNotUsed) {
  Grow();
  log_.Activate(log_.Publish(DocumentOf("next/1", [](auto* document) { document->set_algorithm(2); }), 18'500), 18'501);
  EXPECT_EQ(Answer(Ask()), "ERROR_REASON_ALGORITHM_UNKNOWN");
  TrustQuestion question = Ask();
  question.policy = "trust-stages/1.0.0";
  EXPECT_EQ(Answer(question), "trust-stages/1.0.0 2");
}

}  // namespace
}  // namespace services
