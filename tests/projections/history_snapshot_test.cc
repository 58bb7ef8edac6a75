// A history that was saved and restored is the one that applied all events, byte for byte, whatever was read before and
// whatever comes behind; and bytes that were not saved by anyone do no harm.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "projections/assessed_reading.h"
#include "projections/effectiveness.h"
#include "projections/explanation.h"
#include "projections/open_matters.h"
#include "projections/standing.h"
#include "tests/projections/random_log.h"
#include "tests/projections/trust_log.h"
#include "tests/support/histories.h"
#include "tests/support/test_seed.h"

namespace projections::history_snapshot_test {
namespace {

using namespace trust::v1;  // NOLINT: enum values.

constexpr char kPolicyName[] = "default";

std::unique_ptr<TrustHistory> NewHistory(View view) {
  return std::make_unique<TrustHistory>("x", DefaultPolicy(), view);
}

std::unique_ptr<TrustHistory> RestoreFrom(absl::string_view bytes, View view) {
  return TrustHistory::Restore(bytes, "x", DefaultPolicy(), kPolicyName, view);
}

// Something of each sort that the random logs lack: what is counted and not weighed, what nobody knows, and a version
// of an event that is yet to come.
void SetOtherBody(RandomLog& random, Event* event) {
  const std::string earlier = absl::StrCat(1 + random.Below(static_cast<int>(event->revision())));
  switch (random.Below(9)) {
    case 0:
      event->mutable_milestone()->mutable_review_held();
      return;
    case 1: {
      StatedTrust* const stated = event->mutable_milestone()->mutable_health_check_completed()->add_stated_trust();
      stated->set_trustor("a");
      stated->set_trustee("b");
      stated->set_trust_basis_points(random.Below(10'001));
      return;
    }
    case 2: {
      EffectivenessFigure* const figure = event->mutable_milestone()->mutable_effectiveness_reviewed()->add_figures();
      figure->set_name("on-time-rate");
      figure->set_value_basis_points(random.Below(12'000));
      return;
    }
    case 3:
      event->mutable_milestone();
      return;
    case 4:
      event->mutable_evidence()->clear_kind();
      return;
    case 5:
      event->clear_body();
      return;
    case 6:
      *event->mutable_evidence() = random.RandomEvidence();
      *event->mutable_evidence()->mutable_commitment_made()->mutable_due_time() =
          ToTimestamp(StartOf(random.RandomDay()));
      return;
    case 7:
      *event->mutable_evidence() = random.RandomEvidence();
      event->mutable_evidence()->mutable_commitment_fulfilled()->set_commitment(earlier);
      return;
    default:
      random.SetCorrection(event->revision() + 1 + random.Below(4), true, event->mutable_evidence_corrected());
  }
}

std::vector<Event> RandomEvents(RandomLog& random, uint32_t seed, int events) {
  random.UseMeta();
  if (seed % 5 == 1) random.UseMatters();
  if (seed % 7 == 2) random.UseForwardDays();
  random.Fill(events);
  std::vector<Event> all = random.log.events();
  for (size_t i = 2; i < all.size(); ++i) {
    if (random.Chance(12)) SetOtherBody(random, &all[i]);
  }
  return all;
}

// All that anybody can read on a day.
std::string Everything(TrustHistory& history, Day day, View view) {
  const bool hindsight = view == VIEW_HINDSIGHT;
  AssessTrustResponse assessed;
  ReadAssessed(history, "", "", day, hindsight, &assessed);
  *assessed.mutable_effectiveness() = ReadEffectiveness(history.conduct(), day, 500, hindsight);
  std::string text = assessed.SerializeAsString();
  if (!hindsight) absl::StrAppend(&text, ReadStanding(history, day).SerializeAsString());
  for (const AttentionItem& item : ReadOpenMatters(history.conduct(), day).items) {
    absl::StrAppend(&text, item.SerializeAsString());
  }
  absl::StrAppend(&text, history.revision(), " ", history.latest_record_day(), " ", history.unknown_events().count);
  for (const int64_t revision : history.unknown_events().revisions) absl::StrAppend(&text, " ", revision);
  for (const std::string& trustor : history.partners()) {
    for (const std::string& trustee : history.partners()) {
      if (trustor == trustee) continue;
      for (const Transition& change : history.Timeline(trustor, trustee, day)) {
        absl::StrAppend(&text, change.SerializeAsString());
      }
      const auto change = history.NextChange(trustor, trustee, day);
      absl::StrAppend(&text, change.has_value() ? change->day : 0);
      for (const bool one_sided : history.ReadOneSided(trustor, trustee, day)) absl::StrAppend(&text, one_sided);
    }
  }
  return text;
}

std::string Explained(TrustHistory& history, Day day) {
  ExplainTrustResponse explained;
  Explain(history, "a", "b", day, 100, &explained);
  return explained.SerializeAsString();
}

void ForSeeds(uint32_t count, const std::function<void(uint32_t, View)>& property) {
  for (const uint32_t seed : support::Seeds(support::Histories(count))) {
    const View view = seed / 4 % 2 == 0 ? VIEW_HELD : VIEW_HINDSIGHT;
    SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed, " ", View_Name(view)));
    property(seed, view);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(HistorySnapshotTest, ASnapshotAndTheEventsBehindItAreTheWholeHistory) {
  ForSeeds(10'000, [](uint32_t seed, View view) {
    RandomLog random(seed, 2 + static_cast<int>(seed % 3));
    const std::vector<Event> events = RandomEvents(random, seed, random.Below(80));
    const auto any_day = [&random] { return random.first_contact() - 50 + random.Below(RandomLog::kSpanDays + 900); };
    const size_t place = static_cast<size_t>(random.Below(static_cast<int>(events.size()) + 1));

    const auto whole = NewHistory(view);
    for (const Event& event : events) whole->Apply(event);
    auto live = NewHistory(view);
    for (size_t i = 0; i < events.size(); ++i) {
      if (i == place) {
        const std::string bytes = live->Save(kPolicyName);
        live = RestoreFrom(bytes, view);
        ASSERT_NE(live, nullptr);
        ASSERT_EQ(live->Save(kPolicyName), bytes) << "what was restored is another";
      }
      live->Apply(events[i]);
      if (random.Chance(15)) Everything(*live, any_day(), view);
    }
    for (int i = 0; i < 3; ++i) {
      const Day day = any_day();
      ASSERT_EQ(Everything(*live, day, view), Everything(*whole, day, view)) << FormatDay(day);
    }
    if (seed % 8 == 0) {
      const Day day = any_day();
      ASSERT_EQ(Explained(*live, day), Explained(*whole, day));
    }
  });
}

TEST(HistorySnapshotTest, SnapshotsOfSnapshotsLoseNothing) {
  ForSeeds(200, [](uint32_t seed, View view) {
    RandomLog random(seed);
    const std::vector<Event> events = RandomEvents(random, seed, 60);
    const auto whole = NewHistory(view);
    auto live = NewHistory(view);
    for (const Event& event : events) {
      whole->Apply(event);
      live->Apply(event);
      if (random.Chance(30)) Everything(*live, whole->latest_record_day(), view);
      live = RestoreFrom(live->Save(kPolicyName), view);
      ASSERT_NE(live, nullptr);
    }
    const Day day = whole->latest_record_day();
    ASSERT_EQ(Everything(*live, day, view), Everything(*whole, day, view));
  });
}

TEST(HistorySnapshotTest, TheSameEventsAndReadingsGiveTheSameBytes) {
  ForSeeds(100, [](uint32_t seed, View view) {
    RandomLog random(seed);
    const std::vector<Event> events = RandomEvents(random, seed, 80);
    std::string saved[2];
    for (std::string& bytes : saved) {
      const auto history = NewHistory(view);
      for (const Event& event : events) history->Apply(event);
      Everything(*history, history->latest_record_day(), view);
      bytes = history->Save(kPolicyName);
    }
    ASSERT_EQ(saved[0], saved[1]);
  });
}

TEST(HistorySnapshotTest, UnderAnotherPolicyTheEvidenceIsKeptAndGatheredAnew) {
  const auto other = DefaultPolicy();
  PolicyDocument document = other->document();
  document.set_version("strict");
  document.set_loss_permille(document.loss_permille() + 250);
  const auto strict = std::make_shared<const Policy>(document);
  ForSeeds(100, [&](uint32_t seed, View view) {
    RandomLog random(seed);
    const std::vector<Event> events = RandomEvents(random, seed, 60);
    const auto history = NewHistory(view);
    TrustHistory whole("x", strict, view);
    for (const Event& event : events) {
      history->Apply(event);
      whole.Apply(event);
    }
    const Day day = whole.latest_record_day();
    Everything(*history, day, view);
    const auto restored = TrustHistory::Restore(history->Save(kPolicyName), "x", strict, "strict", view);
    ASSERT_NE(restored, nullptr);
    ASSERT_EQ(Everything(*restored, day, view), Everything(whole, day, view));
  });
}

TEST(HistorySnapshotTest, ASnapshotIsOfOnePartnershipOneViewAndWhatItTakesIn) {
  RandomLog random(1);
  const std::vector<Event> events = RandomEvents(random, 1, 40);
  const auto history = NewHistory(VIEW_HELD);
  for (const Event& event : events) history->Apply(event);
  const std::string bytes = history->Save(kPolicyName);
  EXPECT_NE(RestoreFrom(bytes, VIEW_HELD), nullptr);
  EXPECT_EQ(RestoreFrom(bytes, VIEW_HINDSIGHT), nullptr);
  EXPECT_EQ(TrustHistory::Restore(bytes, "y", DefaultPolicy(), kPolicyName), nullptr);
  EXPECT_EQ(
      TrustHistory::Restore(bytes, "x", DefaultPolicy(), kPolicyName, VIEW_HELD, TrustHistory::Takes::kTrustAlone),
      nullptr);
}

TEST(HistorySnapshotTest, BytesThatAreCutShortAreNoSnapshot) {
  RandomLog random(3);
  const std::vector<Event> events = RandomEvents(random, 3, 60);
  const auto history = NewHistory(VIEW_HELD);
  for (const Event& event : events) history->Apply(event);
  Everything(*history, history->latest_record_day(), VIEW_HELD);
  const std::string bytes = history->Save(kPolicyName);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_EQ(RestoreFrom(absl::string_view(bytes).substr(0, size), VIEW_HELD), nullptr) << size;
  }
  EXPECT_EQ(RestoreFrom(bytes + '\0', VIEW_HELD), nullptr);
}

// Whoever hands bytes to Restore has compared their checksum. Were one to be right by chance, an answer may be wrong,
// but nothing reads what is not there.
TEST(HistorySnapshotTest, ChangedBytesDoNoHarm) {
  ForSeeds(60, [](uint32_t seed, View view) {
    RandomLog random(seed);
    const std::vector<Event> events = RandomEvents(random, seed, 60);
    const auto history = NewHistory(view);
    for (const Event& event : events) history->Apply(event);
    const Day day = history->latest_record_day();
    Everything(*history, day, view);
    const std::string bytes = history->Save(kPolicyName);
    for (int i = 0; i < 200; ++i) {
      std::string changed = bytes;
      const size_t place = static_cast<size_t>(random.Below(static_cast<int>(bytes.size())));
      changed[place] =
          static_cast<char>(random.Chance(50) ? changed[place] ^ (1 << random.Below(8)) : random.Below(256));
      const auto restored = RestoreFrom(changed, view);
      if (restored == nullptr) continue;
      restored->Apply(events.back());
      for (const std::string& trustor : restored->partners()) {
        for (const std::string& trustee : restored->partners()) {
          if (trustor != trustee) restored->Timeline(trustor, trustee, day);
        }
      }
      ReadOpenMatters(restored->conduct(), day);
    }
  });
}

}  // namespace
}  // namespace projections::history_snapshot_test
