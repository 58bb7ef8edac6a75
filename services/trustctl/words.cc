#include "services/trustctl/words.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/message.h"
#include "services/trustctl/date.h"
#include "services/trustctl/display_text.h"

namespace trustctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using trust::v1::Event;

std::string Spaced(absl::string_view name) { return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", " "}}); }

// TimePrecision as TIME_PRECISION_.
std::string ValuePrefix(absl::string_view type_name) {
  std::string prefix;
  for (char c : type_name) {
    if (absl::ascii_isupper(c) && !prefix.empty()) prefix.push_back('_');
    prefix.push_back(absl::ascii_toupper(c));
  }
  return prefix + "_";
}

// The field that is set of the message's first oneof, or null.
const FieldDescriptor* SetField(const Message& message) {
  const google::protobuf::Descriptor* const type = message.GetDescriptor();
  if (type->real_oneof_decl_count() == 0) return nullptr;
  return message.GetReflection()->GetOneofFieldDescriptor(message, type->oneof_decl(0));
}

// What happened: the event's body, or the kind within evidence or a milestone. Null when it is not known to this
// program.
struct Kind {
  const FieldDescriptor* field = nullptr;
  const Message* message = nullptr;
};

Kind KindOf(const Event& event) {
  Kind kind;
  const Message* message = &event;
  while (const FieldDescriptor* const field = SetField(*message)) {
    message = &message->GetReflection()->GetMessage(*message, field);
    kind = Kind{field, message};
  }
  // An evidence or a milestone whose kind is newer than this program says nothing of what happened.
  const bool open = message->GetDescriptor()->real_oneof_decl_count() > 0;
  return open ? Kind{} : kind;
}

// 17 for partnerships/x/events/17, the text itself for any other.
std::string ShortReference(const std::string& text) {
  const int64_t revision = RevisionOf(text);
  return revision > 0 ? absl::StrCat(revision) : text;
}

// One value of a kind's message, or nothing when it is better left out.
std::string FieldInWords(const Message& message, const FieldDescriptor* field) {
  const google::protobuf::Reflection* const reflection = message.GetReflection();
  const std::string name = Spaced(field->name());
  if (field->is_repeated()) return "";
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      if (field->enum_type() == google::protobuf::GetEnumDescriptor<trust::v1::Severity>()) return "";
      return EnumInWords(field->enum_type(), reflection->GetEnumValue(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return name;
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() == FieldDescriptor::TYPE_BYTES || absl::StrContains(name, "sha256")) return "";
      return absl::StrCat(name == "display name" ? "" : name + " ",
                          ShortReference(reflection->GetString(message, field)).substr(0, 200));
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(name, " ", reflection->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(name, " ", reflection->GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field->message_type() == google::protobuf::Timestamp::descriptor()) {
        const auto& time = static_cast<const google::protobuf::Timestamp&>(reflection->GetMessage(message, field));
        return absl::StrCat(absl::StripSuffix(name, " time"), " ", FormatDay(time));
      }
      if (field->message_type() == trust::v1::Evidence::descriptor()) {
        Event corrected;
        *corrected.mutable_evidence() = static_cast<const trust::v1::Evidence&>(reflection->GetMessage(message, field));
        const std::string detail = DetailInWords(corrected);
        return absl::StrCat("now ", KindInWords(corrected), detail.empty() ? "" : ": ", detail);
      }
      return "";
    default:
      return "";
  }
}

// "klm92 (as KLM tells it)" for "klm92: https://... (as KLM tells it)"; any other text as it is.
std::string WithoutAddress(absl::string_view citation) {
  const size_t colon = citation.find(": http");
  if (colon == absl::string_view::npos) return std::string(citation);
  const size_t end = citation.find(' ', colon + 2);
  return absl::StrCat(citation.substr(0, colon), end == absl::string_view::npos ? "" : citation.substr(end));
}

// The organizations that a structural event names.
std::string OrganizationsOf(const Event& event) {
  std::vector<std::string> names;
  if (event.has_partnership_proposed()) {
    for (const auto& partner : event.partnership_proposed().partners()) names.push_back(partner.organization());
  } else if (event.has_initial_contact_made()) {
    names.assign(event.initial_contact_made().organizations().begin(),
                 event.initial_contact_made().organizations().end());
  } else if (event.has_tie_declared()) {
    names.assign(event.tie_declared().organizations().begin(), event.tie_declared().organizations().end());
  } else if (event.has_partner_joined()) {
    names.push_back(event.partner_joined().partner().organization());
  }
  return absl::StrJoin(names, ", ");
}

// The evidence that the event is, or puts in the place of another; or null.
const trust::v1::Evidence* EvidenceOf(const Event& event) {
  if (event.has_evidence()) return &event.evidence();
  return event.has_evidence_corrected() ? &event.evidence_corrected().replacement() : nullptr;
}

}  // namespace

std::string EnumInWords(const google::protobuf::EnumDescriptor* type, int number) {
  if (number == 0) return "";
  const google::protobuf::EnumValueDescriptor* const value = type->FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat(Spaced(type->name()), " ", number);
  return Spaced(absl::StripPrefix(value->name(), ValuePrefix(type->name())));
}

std::string KindInWords(const Event& event) {
  const Kind kind = KindOf(event);
  return kind.field == nullptr ? "unknown to this trustctl" : Spaced(kind.field->name());
}

std::string DetailInWords(const Event& event) {
  const Kind kind = KindOf(event);
  if (kind.field == nullptr) return "";
  std::vector<const FieldDescriptor*> fields;
  kind.message->GetReflection()->ListFields(*kind.message, &fields);
  std::vector<std::string> details;
  for (const FieldDescriptor* field : fields) {
    std::string detail = FieldInWords(*kind.message, field);
    if (!detail.empty()) details.push_back(std::move(detail));
  }
  return absl::StrJoin(details, ", ");
}

std::string WhatHappened(const Event& event) {
  const std::string detail = DetailInWords(event);
  return detail.empty() ? KindInWords(event) : absl::StrCat(KindInWords(event), " (", detail, ")");
}

std::string WhoWasInvolved(const Event& event) {
  if (EvidenceOf(event) == nullptr) return OrganizationsOf(event);
  const trust::v1::Evidence& evidence = *EvidenceOf(event);
  std::string text = evidence.actor();
  if (evidence.actor() == "*") {
    text = "jointly";
    if (evidence.affected_size() > 0) absl::StrAppend(&text, ": ", absl::StrJoin(evidence.affected(), ", "));
  } else if (evidence.affected_size() > 0) {
    absl::StrAppend(&text, " -> ", absl::StrJoin(evidence.affected(), ", "));
  }
  if (evidence.witnesses_size() > 0) {
    absl::StrAppend(&text, " (learned by ", absl::StrJoin(evidence.witnesses(), ", "), ")");
  }
  return text;
}

std::string WeightInWords(const Event& event) {
  const trust::v1::Evidence* const evidence = EvidenceOf(event);
  if (evidence == nullptr) return "";
  if (evidence->has_violation_reported()) {
    const trust::v1::Severity severity = evidence->violation_reported().severity();
    return InWords(severity == trust::v1::SEVERITY_UNSPECIFIED ? trust::v1::SEVERITY_MODERATE : severity);
  }
  const trust::v1::Materiality materiality = evidence->materiality();
  return InWords(materiality == trust::v1::MATERIALITY_UNSPECIFIED ? trust::v1::MATERIALITY_MEDIUM : materiality);
}

std::string SourceInWords(const Event& event) {
  return EvidenceOf(event) == nullptr ? "" : InWords(EvidenceOf(event)->source());
}

std::string LabelOf(const Event& event) { return EvidenceOf(event) == nullptr ? "" : EvidenceOf(event)->label(); }

std::string CitationInWords(const Event& event) {
  absl::string_view citation = event.import_origin().citation();
  // The mark says it already.
  if (event.import_origin().synthetic()) absl::ConsumePrefix(&citation, "synthetic: ");
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(citation, "; ")) parts.push_back(WithoutAddress(part));
  return absl::StrJoin(parts, "; ");
}

std::string InOneLine(const Event& event) {
  std::string text = absl::StrCat(event.revision(), " ", WhatHappened(event));
  const std::string who = WhoWasInvolved(event);
  if (!LabelOf(event).empty()) absl::StrAppend(&text, ", ", LabelOf(event));
  if (!who.empty()) absl::StrAppend(&text, "; ", who);
  if (event.import_origin().synthetic()) absl::StrAppend(&text, "; synthetic");
  if (const std::string citation = CitationInWords(event); !citation.empty())
    absl::StrAppend(&text, " [", citation, "]");
  return text;
}

int64_t RevisionOf(absl::string_view event_name) {
  const size_t slash = event_name.rfind('/');
  int64_t revision = 0;
  if (!absl::StartsWith(event_name, "partnerships/") || !absl::SimpleAtoi(event_name.substr(slash + 1), &revision))
    return 0;
  return revision;
}

std::string Count(int64_t number, absl::string_view noun) {
  return absl::StrCat(WithSeparators(number), " ", noun, number == 1 ? "" : "s");
}

std::string PolicyInWords(absl::string_view version, absl::string_view sha256) {
  std::string text = absl::StrCat("policy ", version);
  if (!sha256.empty()) absl::StrAppend(&text, " (", sha256.substr(0, 12), ")");
  return text;
}

}  // namespace trustctl
