#include "services/simulation.h"

#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/memory_store.h"
#include "eventstore/sha256.h"
#include "gtest/gtest.h"
#include "projections/canonical_text.h"
#include "services/domain/refusal.h"
#include "tests/projections/random_log.h"
#include "tests/support/faulty_store.h"
#include "tests/support/stored_log.h"
#include "tests/support/test_seed.h"

namespace services {
namespace {

using projections::DayOn;
using trust::v1::SimulatePolicyRequest;
using trust::v1::SimulatePolicyResponse;

trust::v1::PolicyDocument Changed() {
  trust::v1::PolicyDocument document = projections::DefaultPolicy()->document();
  document.set_version("heavier/1");
  document.set_loss_permille(2500);
  return document;
}

SimulatePolicyRequest With(const trust::v1::PolicyDocument& document) {
  SimulatePolicyRequest request;
  *request.mutable_document() = document;
  *request.mutable_as_of_time() = projections::ToTimestamp(projections::StartOf(DayOn("2026-01-01")));
  return request;
}

class SimulationTest : public testing::Test {
 protected:
  void Fill(int partnerships, unsigned seed) {
    for (int i = 0; i < partnerships; ++i) {
      projections::RandomLog random(seed + static_cast<unsigned>(i), 2 + i % 3);
      if (i % 2 == 1) random.UseMeta();
      random.Fill(30);
      for (const trust::v1::Event& event : random.log.events()) {
        revising_ += event.has_evidence_corrected() || event.has_evidence_retracted();
        log_.Append(absl::StrCat("p", i), event);
      }
    }
  }

  // A history that Changed() judges otherwise, a's trust in b alone: a missed promise that weighs more keeps a from the
  // second stage, where it stays until 2026.
  void AddJudgedOtherwise(const std::string& partnership) {
    projections::Log log;
    log.Partnership("a", "b", "2025-01-06");
    log.On("2025-01-13").CredibilitySupported();
    log.On("2025-01-14").IntentionsAligned();
    log.On("2025-01-15").Missed();
    log.On("2025-01-20").CredentialsVerified();
    log.On("2025-01-27").Joint().SharedExperience();
    for (const trust::v1::Event& event : log.events()) log_.Append(partnership, event);
  }

  // All that a simulation says, its end last.
  std::vector<SimulatePolicyResponse> Run(const SimulatePolicyRequest& request, int threads = 1) {
    EXPECT_TRUE(Simulation::Check(request).ok()) << Simulation::Check(request);
    Simulation simulation(&store_, &policies_, request, projections::StartOf(DayOn("2026-01-01")));
    EXPECT_TRUE(simulation.Begin().ok());
    std::vector<std::thread> workers;
    Simulation::Messages messages;
    for (int i = 0; i < threads; ++i) {
      workers.emplace_back([&] {
        while (simulation.HasMore()) EXPECT_TRUE(simulation.Work([] { return true; }).ok());
      });
    }
    for (std::thread& worker : workers) worker.join();
    simulation.Take(&messages);
    messages.push_back(simulation.End());
    return {messages.begin(), messages.end()};
  }

  static std::string Bytes(const std::vector<SimulatePolicyResponse>& messages) {
    std::string bytes;
    for (const SimulatePolicyResponse& message : messages) bytes += message.SerializeAsString();
    return bytes;
  }

  eventstore::MemoryStore store_;
  PolicyRegistry policies_;
  support::StoredLog log_{&store_, {&policies_}};
  int revising_ = 0;  // Events of the random histories that correct or retract another.
};

// I17.
TEST_F(SimulationTest, TheActivePolicySimulatedGivesNoDifferenceAndNothingIsWritten) {
  const uint32_t seed = support::AnySeed();
  Fill(150, seed);
  const uint64_t size = store_.LogSize();
  for (const trust::v1::View view : {trust::v1::VIEW_HELD, trust::v1::VIEW_HINDSIGHT}) {
    SimulatePolicyRequest request = With(projections::DefaultPolicy()->document());
    request.set_view(view);
    const std::vector<SimulatePolicyResponse> messages = Run(request);
    ASSERT_EQ(messages.size(), 1u) << "TRUSTD_TEST_SEED=" << seed << ": " << messages.front().ShortDebugString();
    EXPECT_EQ(messages.back().end().partnership_count(), 150);
    EXPECT_EQ(messages.back().end().event_count(), static_cast<int64_t>(size));
    EXPECT_EQ(messages.back().end().difference_count(), 0);
  }
  EXPECT_GT(revising_, 0);
  // The same when another is in force; a partnership that is tied to the first is the only one that would differ.
  AddJudgedOtherwise("tied");
  const std::string heavier = log_.Publish(projections::CanonicalText(Changed()), DayOn("2026-01-01"));
  log_.Pin("tied", eventstore::BytesOfHex(policies_.built_in()->sha256), DayOn("2026-01-01"));
  log_.Activate(heavier, DayOn("2026-01-01"));
  const uint64_t after = store_.LogSize();
  SimulatePolicyRequest request = With(Changed());
  const std::vector<SimulatePolicyResponse> messages = Run(request);
  ASSERT_EQ(messages.size(), 2u) << "TRUSTD_TEST_SEED=" << seed << ": " << messages.front().ShortDebugString();
  EXPECT_EQ(messages.front().difference().partnership(), "tied");
  EXPECT_EQ(messages.front().difference().directions_size(), 1);
  EXPECT_EQ(messages.back().end().partnership_count(), 151);
  EXPECT_EQ(messages.back().end().difference_count(), 1);
  EXPECT_EQ(messages.back().end().stage_difference_count(), 1);
  EXPECT_EQ(store_.LogSize(), after);
}

TEST_F(SimulationTest, EachDifferenceIsThatOfTwoFoldsAndComesInTheOrderOfTheIds) {
  const uint32_t seed = support::AnySeed();
  Fill(300, seed);
  const std::vector<SimulatePolicyResponse> messages = Run(With(Changed()));
  const auto other = std::make_shared<const projections::Policy>(Changed());
  std::vector<std::string> expected;
  int64_t stage_differences = 0;
  const absl::Status listed = store_.ListStreams("", [&](absl::string_view stream, uint64_t) {
    TrustQuestion question;
    question.partnership = std::string(stream);
    question.as_of = DayOn("2026-01-01");
    absl::StatusOr<TrustFold> real = Fold(question, store_, policies_);
    absl::StatusOr<TrustFold> simulated = Fold(question, store_, policies_);
    EXPECT_TRUE(real.ok() && simulated.ok());
    simulated->history->JudgeBy(other);
    bool stage_differs = false, differs = false;
    for (const std::string& trustor : real->history->partners()) {
      for (const std::string& trustee : real->history->partners()) {
        if (trustor == trustee) continue;
        const projections::Day as_of = *question.as_of;
        const std::string one = projections::PathOf(real->history.get(), trustor, trustee, as_of);
        const std::string two = projections::PathOf(simulated->history.get(), trustor, trustee, as_of);
        if (one == two) continue;
        differs = true;
        expected.push_back(absl::StrCat(stream, " ", trustor, " ", trustee, ": ", one, " | ", two));
        stage_differs = stage_differs || real->history->Read(trustor, trustee, as_of).stage() !=
                                             simulated->history->Read(trustor, trustee, as_of).stage();
      }
    }
    stage_differences += stage_differs ? 1 : 0;
    EXPECT_TRUE(differs || !stage_differs);
    return true;
  });
  ASSERT_TRUE(listed.ok());
  const auto path = [](const auto& transitions) {
    std::string text;
    for (const trust::v1::Transition& change : transitions) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", static_cast<int>(change.stage()), " @", change.date(),
                      change.cause() == trust::v1::TRANSITION_CAUSE_SILENCE ? "*" : "");
    }
    return text;
  };
  std::vector<std::string> told;
  for (const SimulatePolicyResponse& message : messages) {
    for (const trust::v1::SimulatedDirection& direction : message.difference().directions()) {
      told.push_back(absl::StrCat(message.difference().partnership(), " ", direction.trustor(), " ",
                                  direction.trustee(), ": ", path(direction.transitions()), " | ",
                                  path(direction.transitions_simulated())));
    }
  }
  EXPECT_EQ(told, expected) << "TRUSTD_TEST_SEED=" << seed;
  EXPECT_FALSE(told.empty());
  EXPECT_GT(revising_, 0);
  EXPECT_EQ(messages.back().end().stage_difference_count(), stage_differences);
  EXPECT_EQ(messages.back().end().policy_version(), "heavier/1");
  EXPECT_EQ(Bytes(messages), Bytes(Run(With(Changed()), 4))) << "threads must not show";
}

TEST_F(SimulationTest, OnePartnershipAloneIsSimulatedAndOneThatIsNotThereIsNotFound) {
  Fill(3, 7);
  SimulatePolicyRequest request = With(Changed());
  request.set_partnership("p1");
  EXPECT_EQ(Run(request).back().end().partnership_count(), 1);
  for (const char* id : {"q0", "q1"}) AddJudgedOtherwise(id);
  request.set_partnership("q1");
  EXPECT_EQ(Run(request).back().end().partnership_count(), 1);
  EXPECT_EQ(Run(request).back().end().difference_count(), 1);
  EXPECT_EQ(Run(request).back().end().stage_difference_count(), 1);
  request.set_partnership("nobody");
  Simulation simulation(&store_, &policies_, request, absl::UnixEpoch());
  EXPECT_EQ(domain::ReasonOf(simulation.Begin()), trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND);
}

TEST_F(SimulationTest, WhatIsRecordedAfterItBeganIsNoPartOfIt) {
  Fill(2, 9);
  AddJudgedOtherwise("q");
  const SimulatePolicyRequest request = With(Changed());
  const std::string before = Bytes(Run(request));
  // What is compared differs as long as the candidate is not in force.
  SimulatePolicyRequest alone = request;
  alone.set_partnership("q");
  ASSERT_EQ(Run(alone).back().end().difference_count(), 1);
  ASSERT_EQ(Run(alone).back().end().stage_difference_count(), 1);
  Simulation simulation(&store_, &policies_, request, absl::UnixEpoch());
  ASSERT_TRUE(simulation.Begin().ok());
  log_.Activate(log_.Publish(projections::CanonicalText(Changed()), DayOn("2026-01-01")), DayOn("2026-01-01"));
  // Of "p05", which stands between two of them, nothing was there.
  for (const char* id : {"p0", "p05", "q"}) log_.Append(id, projections::RandomLog(1).log.New(DayOn("2026-01-01")));
  while (simulation.HasMore()) ASSERT_TRUE(simulation.Work([] { return true; }).ok());
  Simulation::Messages messages;
  simulation.Take(&messages);
  messages.push_back(simulation.End());
  EXPECT_EQ(Bytes({messages.begin(), messages.end()}), before);
  EXPECT_EQ(Run(alone).back().end().difference_count(), 0) << "what was recorded is part of the next";
}

TEST_F(SimulationTest, ARequestIsCheckedWithEveryBrokenRule) {
  EXPECT_EQ(domain::ReasonOf(Simulation::Check(SimulatePolicyRequest())), trust::v1::ERROR_REASON_INVALID_FIELD);
  trust::v1::PolicyDocument document = Changed();
  document.set_prior_weight_milli(0);
  document.mutable_recidivism()->set_cap_permille(500);
  const absl::Status status = Simulation::Check(With(document));
  EXPECT_EQ(domain::ReasonOf(status), trust::v1::ERROR_REASON_INVALID_POLICY);
  EXPECT_EQ(domain::FieldViolationsOf(status).size(), 2u);
}

// A store that has something done while streams are listed.
class ListingStore : public support::FaultyStore {
 public:
  using FaultyStore::FaultyStore;

  absl::Status ListStreams(absl::string_view after, eventstore::StreamVisitor visit) const override {
    if (meanwhile) meanwhile();
    return FaultyStore::ListStreams(after, visit);
  }

  std::function<void()> meanwhile;
};

TEST_F(SimulationTest, AHistoryThatCannotBeReadEndsItWithAnError) {
  Fill(3, 1);
  support::FaultyStore store(&store_);
  Simulation simulation(&store, &policies_, With(Changed()), projections::StartOf(DayOn("2026-01-01")));
  ASSERT_TRUE(simulation.Begin().ok());
  store.reads_of["p1"] = absl::DataLossError("the record of stream p1 at revision 2 is missing");
  EXPECT_EQ(domain::ReasonOf(simulation.Work([] { return true; })), trust::v1::ERROR_REASON_LOG_DAMAGED);
}

TEST_F(SimulationTest, WhoeverLooksDoesNotWaitForTheDisk) {
  Fill(3, 1);
  ListingStore store(&store_);
  Simulation simulation(&store, &policies_, With(Changed()), projections::StartOf(DayOn("2026-01-01")));
  ASSERT_TRUE(simulation.Begin().ok());
  int looked = 0;
  store.meanwhile = [&] {
    const auto look = std::async(std::launch::async, [&] { return simulation.HasMore() && simulation.HasRoom(); });
    EXPECT_EQ(look.wait_for(std::chrono::seconds(5)), std::future_status::ready);
    ++looked;
  };
  ASSERT_TRUE(simulation.Work([] { return true; }).ok());
  EXPECT_EQ(looked, 2) << "when partnerships are claimed, and when this store reads them";
}

}  // namespace
}  // namespace services
