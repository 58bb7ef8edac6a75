#include "services/trustctl/evidence_kinds.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/domain/decider.h"
#include "services/domain/event_draft.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/record_request.h"
#include "services/trustctl/short_form.h"
#include "trust/v1/evidence_service.pb.h"

namespace trustctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::HasSubstr;

// A request with evidence of the kind that says nothing of its own.
trust::v1::RecordEvidenceRequest Bare(const FieldDescriptor& kind) {
  trust::v1::RecordEvidenceRequest request;
  request.set_partnership("acme-globex");
  request.set_recorder("acme");
  request.mutable_occur_time()->set_seconds(727488000);
  request.mutable_evidence()->set_actor("globex");
  request.mutable_evidence()->add_affected("acme");
  request.mutable_evidence()->GetReflection()->MutableMessage(request.mutable_evidence(), &kind);
  return request;
}

Message& OwnPart(trust::v1::RecordEvidenceRequest* request, const FieldDescriptor& kind) {
  return *request->evidence().GetReflection()->MutableMessage(request->mutable_evidence(), &kind);
}

void FillRequired(const FieldDescriptor& kind, const FieldDescriptor* except,
                  trust::v1::RecordEvidenceRequest* request) {
  for (int i = 0; i < kind.message_type()->field_count(); ++i) {
    const FieldDescriptor& field = *kind.message_type()->field(i);
    if (!IsRequired(field) || &field == except) continue;
    const std::string value = field.enum_type() == nullptr ? "3" : ValueNames(*field.enum_type()).front();
    EXPECT_TRUE(SetField(field, value, &OwnPart(request, kind)).ok()) << field.full_name();
  }
}

absl::Status JudgedByTheServer(const trust::v1::RecordEvidenceRequest& request) {
  return domain::Validate(request, domain::Context{.now = absl::FromUnixSeconds(1700000000), .principal = ""});
}

TEST(EvidenceKindsTest, WhatTheHelpCallsRequiredTheServerRequires) {
  const auto& kinds = *trust::v1::Evidence::descriptor()->FindOneofByName("kind");
  int required = 0;
  for (int k = 0; k < kinds.field_count(); ++k) {
    const FieldDescriptor& kind = *kinds.field(k);
    trust::v1::RecordEvidenceRequest request = Bare(kind);
    FillRequired(kind, nullptr, &request);
    EXPECT_TRUE(JudgedByTheServer(request).ok()) << kind.name() << JudgedByTheServer(request);
    EXPECT_TRUE(CheckRequiredFields(request.evidence()).ok()) << kind.name();
    for (int i = 0; i < kind.message_type()->field_count(); ++i) {
      const FieldDescriptor& field = *kind.message_type()->field(i);
      if (!IsRequired(field)) continue;
      ++required;
      request = Bare(kind);
      FillRequired(kind, &field, &request);
      EXPECT_FALSE(JudgedByTheServer(request).ok()) << field.full_name();
      EXPECT_THAT(CheckRequiredFields(request.evidence()).message(),
                  HasSubstr(WithDashes(kind.name()) + " wants " + WithDashes(field.name()) + "=...: "));
    }
  }
  EXPECT_EQ(required, 19);
}

TEST(EvidenceKindsTest, WhatTheHelpCallsTheDefaultIsWhatTheServerTakes) {
  const auto& kinds = *trust::v1::Evidence::descriptor()->FindOneofByName("kind");
  int defaults = 0;
  for (int k = 0; k < kinds.field_count(); ++k) {
    trust::v1::RecordEvidenceRequest request = Bare(*kinds.field(k));
    domain::MakeDefaultsExplicit(*request.mutable_evidence());
    const Message& own = OwnPart(&request, *kinds.field(k));
    for (int i = 0; i < own.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *own.GetDescriptor()->field(i);
      if (field.enum_type() == nullptr) continue;
      const int taken = own.GetReflection()->GetEnumValue(own, &field);
      const int told =
          DefaultValue(field).empty() ? 0 : *ParseEnum(*field.enum_type(), field.name(), DefaultValue(field));
      EXPECT_EQ(told, taken) << field.full_name();
      defaults += taken != 0 ? 1 : 0;
    }
  }
  EXPECT_EQ(defaults, 6);
}

TEST(EvidenceKindsTest, TheHelpOfAKindTellsItsFieldsAndTheirValues) {
  EXPECT_EQ(*KindHelp("violation-reported"),
            R"(Usage: trustctl record PARTNERSHIP violation-reported type=... [severity=...] [standing=...]
         [deception=...] [violation=...] --actor ID --affected ID[,ID...] --on DATE

Fields:
  type=       required; one of quality-failure, opportunism, confidentiality-breach, contract-breach, deception
  severity=   one of minor, moderate, major, critical; default moderate
  standing=   one of alleged, disputed, acknowledged, substantiated, partly, unfounded, withdrawn; default alleged
  deception=  true or false; default false
  violation=  the number of the event that began the violation

More: trustctl help record
)");
  EXPECT_THAT(*KindHelp("commitment_made"), HasSubstr("  due-time=  a date\n"));
  EXPECT_THAT(*KindHelp("interpersonal-trust-attested"), HasSubstr("  integrity=    required; 1 to 5\n"));
  EXPECT_THAT(*KindHelp("finding-issued"), HasSubstr("  document-sha256=  64 lower-case hexadecimal digits\n"));
  EXPECT_THAT(*KindHelp("feedback-given"), HasSubstr("\nIt has no fields of its own.\n"));
  const absl::Status none = KindHelp("comitment-made").status();
  EXPECT_EQ(ExitCodeOf(none), ExitCode::kUsage);
  EXPECT_EQ(none.message(), "there is no kind of evidence \"comitment-made\"; did you mean commitment-made?");
}

TEST(EvidenceKindsTest, EveryKindStandsInOneGroup) {
  const std::string groups = GroupedKinds();
  EXPECT_THAT(groups, HasSubstr("Rapport: shared-experience-held, "));
  EXPECT_THAT(groups, HasSubstr(".\n\nPersons: interpersonal-trust-attested."));
  std::multiset<std::string> told;
  for (const absl::string_view word : absl::StrSplit(groups, absl::ByAnyChar(" ,.\n"), absl::SkipEmpty())) {
    if (!absl::EndsWith(word, ":")) told.insert(std::string(word));
  }
  const std::vector<std::string> kinds = EvidenceKinds();
  EXPECT_EQ(told, std::multiset<std::string>(kinds.begin(), kinds.end()));
}

}  // namespace
}  // namespace trustctl
