#include "services/trustctl/evidence_kinds.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/trustctl/display_text.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/short_form.h"

namespace trustctl {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::GetEnumDescriptor;
using google::protobuf::OneofDescriptor;

constexpr int kUsageWidth = 91;

// A group is the kinds from its first number in the protos up to that of the next.
struct KindGroup {
  int first;
  const char* heading;
};
constexpr KindGroup kKindGroups[] = {{0, "Credibility"}, {30, "Rapport"},    {40, "Reliability"}, {60, "Nurture"},
                                     {80, "Conflicts"},  {90, "Violations"}, {110, "Persons"}};

const OneofDescriptor& EvidenceKind() { return *trust::v1::Evidence::descriptor()->FindOneofByName("kind"); }

bool IsTime(const FieldDescriptor& field) { return field.message_type() == google::protobuf::Timestamp::descriptor(); }

// What may stand behind the equals sign.
std::string Values(const FieldDescriptor& field) {
  if (field.enum_type() != nullptr) return absl::StrCat("one of ", absl::StrJoin(ValueNames(*field.enum_type()), ", "));
  if (IsTime(field)) return "a date";
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return "true or false";
  // The attestations are the only numbers.
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) return "1 to 5";
  if (absl::StrContains(field.name(), "sha256")) return "64 lower-case hexadecimal digits";
  return absl::StrCat("the number of the event that began the ", field.name());
}

// What a field wants, as a phrase.
std::string Meaning(const FieldDescriptor& field) {
  const std::string otherwise = DefaultValue(field);
  return absl::StrCat(IsRequired(field) ? "required; " : "", Values(field),
                      otherwise.empty() ? "" : absl::StrCat("; default ", otherwise));
}

}  // namespace

std::string GroupedKinds() {
  std::string text;
  for (size_t i = 0; i < std::size(kKindGroups); ++i) {
    std::vector<std::string> names;
    for (int k = 0; k < EvidenceKind().field_count(); ++k) {
      const FieldDescriptor& kind = *EvidenceKind().field(k);
      const bool below = i + 1 == std::size(kKindGroups) || kind.number() < kKindGroups[i + 1].first;
      if (kind.number() >= kKindGroups[i].first && below) names.push_back(WithDashes(kind.name()));
    }
    absl::StrAppend(&text, i == 0 ? "" : "\n\n", kKindGroups[i].heading, ": ", absl::StrJoin(names, ", "), ".");
  }
  return text;
}

bool IsRequired(const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) return true;
  if (const EnumDescriptor* const type = field.enum_type(); type != nullptr) return DefaultValue(field).empty();
  const std::string& kind = field.containing_type()->name();
  if (field.name() == "violation") return kind != "ViolationReported";
  if (field.name() == "commitment") return kind == "CommitmentRenegotiated" || kind == "CommitmentWaived";
  return field.name() == "conflict" && kind == "ConflictResolved";
}

std::string DefaultValue(const FieldDescriptor& field) {
  const EnumDescriptor* const type = field.enum_type();
  if (type == GetEnumDescriptor<trust::v1::CredibilityResult>()) return "supported";
  if (type == GetEnumDescriptor<trust::v1::IntentionsResult>()) return "aligned";
  if (type == GetEnumDescriptor<trust::v1::FulfilmentResult>()) return "on-time";
  if (type == GetEnumDescriptor<trust::v1::Severity>()) return "moderate";
  if (type == GetEnumDescriptor<trust::v1::Standing>()) return "alleged";
  return field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL ? "false" : "";
}

absl::StatusOr<std::string> KindHelp(absl::string_view kind) {
  const absl::StatusOr<const FieldDescriptor*> found = FindKind(EvidenceKind(), "kind of evidence", kind);
  if (!found.ok()) return found.status();
  const google::protobuf::Descriptor& type = *(*found)->message_type();
  std::string usage = absl::StrCat("trustctl record PARTNERSHIP ", WithDashes((*found)->name()));
  size_t width = 0;
  for (int i = 0; i < type.field_count(); ++i) {
    const std::string written = absl::StrCat(WithDashes(type.field(i)->name()), "=");
    absl::StrAppend(
        &usage, IsRequired(*type.field(i)) ? absl::StrCat(" ", written, "...") : absl::StrCat(" [", written, "...]"));
    width = std::max(width, written.size());
  }
  absl::StrAppend(&usage, " --actor ID --affected ID[,ID...] --on DATE");
  std::string fields = type.field_count() == 0 ? "It has no fields of its own.\n" : "Fields:\n";
  for (int i = 0; i < type.field_count(); ++i) {
    const std::string written = absl::StrCat(WithDashes(type.field(i)->name()), "=");
    absl::StrAppend(&fields, "  ", written, std::string(width - written.size() + 2, ' '), Meaning(*type.field(i)),
                    "\n");
  }
  return absl::StrCat("Usage: ", absl::StrJoin(Wrap(usage, kUsageWidth), "\n         "), "\n\n", fields,
                      "\nMore: trustctl help record\n");
}

absl::Status CheckRequiredFields(const trust::v1::Evidence& evidence) {
  const google::protobuf::Reflection& reflection = *evidence.GetReflection();
  const FieldDescriptor* const kind = reflection.GetOneofFieldDescriptor(evidence, &EvidenceKind());
  if (kind == nullptr) return absl::OkStatus();
  const google::protobuf::Message& own = reflection.GetMessage(evidence, kind);
  for (int i = 0; i < kind->message_type()->field_count(); ++i) {
    const FieldDescriptor& field = *kind->message_type()->field(i);
    if (!IsRequired(field) || own.GetReflection()->HasField(own, &field)) continue;
    const std::string name = WithDashes(kind->name());
    return UsageError(absl::StrCat(name, " wants ", WithDashes(field.name()), "=...: ", Values(field),
                                   "\nMore: trustctl help record ", name));
  }
  return absl::OkStatus();
}

}  // namespace trustctl
