// Properties of Decide and Evolve over random commands. A failure prints its seed; TRUSTD_TEST_SEED=n repeats it.

#include <map>
#include <random>
#include <set>

#include "services/domain/evidence_reference.h"
#include "services/domain/field_checks.h"
#include "tests/services/domain/given_when_then.h"
#include "tests/support/test_seed.h"

namespace domain {
namespace {

using trust::v1::CorrectEvidenceRequest;
using trust::v1::Event;
using trust::v1::Evidence;
using trust::v1::RecordEvidenceRequest;

using Random = std::mt19937_64;

// The library's own distributions differ between implementations; a seed must mean the same everywhere.
int Below(Random& random, int limit) { return static_cast<int>(random() % static_cast<uint64_t>(limit)); }

std::vector<uint32_t> Seeds() { return support::Seeds(60); }

// The floors are of all seeds together: one that is repeated alone need not reach them.
bool HasFloors() { return !support::AskedSeed().has_value(); }

std::string AnyOrganization(Random& random) {
  static const char* const kOrganizations[] = {"acme", "bolt", "cora", "dora", "notary"};
  return kOrganizations[Below(random, 20) < 18 ? Below(random, 3) : Below(random, 5)];
}

std::string AnyDay(Random& random) { return projections::FormatDay(18000 + Below(random, 2300)); }

// Fills what a kind of evidence requires, mostly rightly.
void FillKind(Random& random, int64_t revision, google::protobuf::Message& kind) {
  const auto& fields = *kind.GetDescriptor();
  const auto& reflection = *kind.GetReflection();
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto* const field = fields.field(i);
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_ENUM) {
      reflection.SetEnumValue(&kind, field, 1 + Below(random, field->enum_type()->value_count() - 1));
    } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT32) {
      reflection.SetInt32(&kind, field, 1 + Below(random, 5));
    } else if (field->name() == "due_time" && Below(random, 2) == 0) {
      *static_cast<google::protobuf::Timestamp*>(reflection.MutableMessage(&kind, field)) = On(AnyDay(random)).time;
    } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING &&
               field->name() != "document_sha256") {
      if (Below(random, 4) > 0) reflection.SetString(&kind, field, absl::StrCat(1 + Below(random, revision + 2)));
    }
  }
}

Evidence AnyEvidence(Random& random, int64_t revision) {
  Evidence evidence;
  evidence.set_actor(Below(random, 5) == 0 ? "*" : AnyOrganization(random));
  for (int i = Below(random, 3); i >= 0; --i) evidence.add_affected(AnyOrganization(random));
  if (Below(random, 4) == 0) evidence.add_witnesses(AnyOrganization(random));
  const auto& kinds = *Evidence::descriptor()->FindOneofByName("kind");
  const int half = kinds.field_count() / 2;
  const int index = Below(random, 2) == 0 ? Below(random, half) : half + Below(random, kinds.field_count() - half);
  FillKind(random, revision, *evidence.GetReflection()->MutableMessage(&evidence, kinds.field(index)));
  return evidence;
}

RecordEvidenceRequest AnyRequest(Random& random, int64_t revision) {
  RecordEvidenceRequest request;
  request.set_partnership(kPartnership);
  request.set_recorder(AnyOrganization(random));
  SetOccurTime(AnyDay(random), request);
  if (Below(random, 5) == 0) request.set_occur_time_precision(trust::v1::TIME_PRECISION_MONTH);
  *request.mutable_evidence() = AnyEvidence(random, revision);
  return request;
}

// What must be true of every state that events can leave.
void ExpectSound(const projections::Partnership& state) {
  for (const auto& [key, commitment] : state.commitments) {
    EXPECT_GE(key, 1);
    EXPECT_LE(key, state.revision);
    EXPECT_LE(commitment.outcome, state.revision);
  }
  for (const auto& [key, conflict] : state.conflicts) {
    EXPECT_LE(key, state.revision);
    EXPECT_LE(conflict.first_day, conflict.last_day);
  }
  for (const auto& [key, violation] : state.violations) {
    EXPECT_LE(key, state.revision);
    EXPECT_FALSE(violation.accused.empty());
    for (const projections::StandingChange& change : violation.changes) EXPECT_GE(change.day, violation.day);
  }
  EXPECT_GE(projections::MemoryBytes(state), sizeof(state));
}

TEST(DeciderPropertyTest, WhatIsAcceptedFoldsAndWhatIsAnsweredIsDeterministic) {
  int accepted = 0;
  for (const uint32_t seed : Seeds()) {
    SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed));
    Random random(seed);
    Past past = Given(Founding());
    for (int i = 0; i < 200; ++i) {
      const RecordEvidenceRequest request = AnyRequest(random, past.state().revision);
      const Outcome outcome = past.When(request);
      const Outcome again = past.When(request);
      ASSERT_EQ(outcome.result().status(), again.result().status());
      if (!outcome.result().ok()) {
        ASSERT_NE(ReasonOf(outcome.result().status()), trust::v1::ERROR_REASON_UNSPECIFIED)
            << outcome.result().status();
        continue;
      }
      ASSERT_EQ(Lines(*outcome.result()), Lines(*again.result()));
      const int64_t before = past.state().revision;
      for (const Event& event : *outcome.result()) {
        const Reference reference = ReferenceOf(event.evidence());
        ASSERT_TRUE(reference.text.empty() || absl::StartsWith(reference.text, "partnerships/moon/events/"));
        ASSERT_NE(event.evidence().source(), trust::v1::SOURCE_UNSPECIFIED);
        past.Happen(event);
      }
      ASSERT_EQ(past.state().revision, before + 1);
      ++accepted;
    }
    ExpectSound(past.state());
  }
  if (!HasFloors()) return;
  EXPECT_GT(accepted, 500) << "the commands are too wild to say anything";
}

// Commands of every kind, given to act: AnyCommand(random, revision, act) calls act(command).
template <typename Act>
void AnyCommand(Random& random, int64_t revision, const Act& act) {
  static const char* const kContacts[] = {"p-1", "p-2", "p-3"};
  const std::string organization = AnyOrganization(random);
  const std::string contact = kContacts[Below(random, 3)];
  const std::string event = absl::StrCat(1 + Below(random, static_cast<int>(revision) + 1));
  const std::string day = AnyDay(random);
  switch (Below(random, 14)) {
    case 0:
      return act(Confirm(organization, event));
    case 1:
      return act(Contest(organization, event));
    case 2:
      return act(Retract(organization, event));
    case 3:
    case 4: {
      CorrectEvidenceRequest request = Word<CorrectEvidenceRequest>(organization, event);
      *request.mutable_replacement() = AnyEvidence(random, revision);
      if (Below(random, 2) == 0) SetOccurTime(day, request);
      return act(request);
    }
    case 5:
      return act(Join(day, organization));
    case 6:
      return act(Leave(day, organization));
    case 7:
      return act(Tie(day, organization, AnyOrganization(random)));
    case 8:
      return act(Assign(day, contact, organization));
    case 9:
      return act(Release(day, contact, organization));
    default: {
      RecordEvidenceRequest request = AnyRequest(random, revision);
      if (Below(random, 3) == 0) {
        request.mutable_evidence()->set_level(trust::v1::LEVEL_INTERPERSONAL);
        request.mutable_evidence()->set_actor_contact(contact);
      }
      return act(request);
    }
  }
}

TEST(DeciderPropertyTest, CommandsOfEveryKindAreJudgedAlikeAndLeaveASoundState) {
  std::map<std::string, int> accepted;
  std::set<std::string> reasons;
  for (const uint32_t seed : Seeds()) {
    SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed));
    Random random(seed);
    Past past = Given(Founding());
    for (int i = 0; i < 150; ++i) {
      AnyCommand(random, past.state().revision, [&](const auto& command) {
        const Outcome outcome = past.When(command);
        ASSERT_EQ(outcome.result().status(), past.When(command).result().status());
        if (!outcome.result().ok()) {
          const trust::v1::ErrorReason reason = ReasonOf(outcome.result().status());
          ASSERT_NE(reason, trust::v1::ERROR_REASON_UNSPECIFIED) << outcome.result().status();
          reasons.insert(trust::v1::ErrorReason_Name(reason));
          return;
        }
        ASSERT_EQ(Lines(*outcome.result()), Lines(*past.When(command).result()));
        ++accepted[command.GetDescriptor()->name()];
        for (const Event& event : *outcome.result()) past.Happen(event);
        ASSERT_GE(projections::PresentPartners(past.state()), 2);
      });
    }
    ExpectSound(past.state());
    for (const auto& [place, statement] : past.state().statements) {
      const projections::EvidenceRecord* const record = projections::FindEvidence(past.state(), place.second);
      ASSERT_NE(record, nullptr);
      EXPECT_EQ(record->matter, place.first);
      EXPECT_NE(record->kind_in_force, 0);
    }
  }
  if (!HasFloors()) return;
  EXPECT_EQ(accepted.size(), 10u) << "some command was never accepted";
  EXPECT_GE(reasons.size(), 10u) << absl::StrJoin(reasons, " ");
}

TEST(DeciderPropertyTest, ABatchDecidesWhatItsItemsWouldOneByOne) {
  int compared = 0;
  for (const uint32_t seed : Seeds()) {
    SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed));
    Random random(seed);
    Past past = Given(Founding());
    const Past before = past;
    trust::v1::BatchRecordEvidenceRequest batch;
    batch.set_partnership(kPartnership);
    batch.set_recorder("acme");
    std::vector<Event> one_by_one;
    for (int i = 0; i < 200; ++i) {
      RecordEvidenceRequest request = AnyRequest(random, past.state().revision);
      request.set_recorder("acme");
      const Outcome outcome = past.When(request);
      if (!outcome.result().ok()) continue;
      one_by_one.push_back(outcome.result()->front());
      past.Happen(outcome.result()->front());
      trust::v1::EvidenceItem& item = *batch.add_items();
      *item.mutable_occur_time() = request.occur_time();
      item.set_occur_time_precision(request.occur_time_precision());
      *item.mutable_evidence() = request.evidence();
    }
    if (batch.items().empty()) continue;
    before.When(batch).Then(Lines(one_by_one));
    compared += batch.items_size();
  }
  if (HasFloors()) {
    EXPECT_GT(compared, 500) << "items of batches";
  }
}

TEST(DeciderPropertyTest, AnImportOfGoodShapeFailsForItsReferencesAndPartnersOnly) {
  int accepted = 0, rejected = 0;
  for (const uint32_t seed : Seeds()) {
    SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed));
    Random random(seed);
    Past past = Given(ImportedFounding());
    for (int i = 0; i < 100; ++i) {
      const RecordEvidenceRequest request = AnyRequest(random, past.state().revision);
      trust::v1::ImportItem item;
      item.set_partnership(kPartnership);
      item.set_external_id(absl::StrCat("i", i));
      *item.mutable_occur_time() = request.occur_time();
      item.set_occur_time_precision(request.occur_time_precision());
      *item.mutable_evidence() = request.evidence();
      if (!Validate(item, Now()).ok()) continue;
      const Outcome outcome = past.When(item);
      if (!outcome.result().ok()) {
        const trust::v1::ErrorReason reason = ReasonOf(outcome.result().status());
        ASSERT_THAT(reason,
                    testing::AnyOf(trust::v1::ERROR_REASON_EVENT_NOT_FOUND, trust::v1::ERROR_REASON_WRONG_EVENT_KIND,
                                   trust::v1::ERROR_REASON_PARTNER_NOT_FOUND))
            << outcome.result().status();
        ++rejected;
        continue;
      }
      ++accepted;
      const absl::Time known = projections::KnownTime(outcome.result()->front());
      ASSERT_GE(known, *past.state().latest_original_record_time);
      ASSERT_LE(known, Now().now);
      past.Happen(outcome.result()->front());
    }
    EXPECT_TRUE(past.state().imported_only);
    ExpectSound(past.state());
  }
  if (!HasFloors()) return;
  EXPECT_GT(accepted, 500);
  EXPECT_GT(rejected, 100);
}

}  // namespace
}  // namespace domain
