#include "services/trustctl/record_request.h"

#include <cstdint>
#include <limits>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "services/trustctl/date.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const google::protobuf::OneofDescriptor& Kinds() { return *trust::v1::Evidence::descriptor()->FindOneofByName("kind"); }

std::string WithDashes(absl::string_view name) { return absl::StrReplaceAll(name, {{"_", "-"}}); }

// The fields of a kind, as they are written.
std::vector<std::string> FieldNames(const google::protobuf::Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) names.push_back(WithDashes(type.field(i)->name()));
  return names;
}

// The values of an enum without what all of them begin with, as they are written: grave for SEVERITY_GRAVE.
std::vector<std::string> ValueNames(const google::protobuf::EnumDescriptor& type) {
  const size_t begin = absl::StripSuffix(type.value(0)->name(), "UNSPECIFIED").size();
  std::vector<std::string> names;
  for (int i = 1; i < type.value_count(); ++i) {
    names.push_back(absl::AsciiStrToLower(WithDashes(type.value(i)->name().substr(begin))));
  }
  return names;
}

absl::Status SetEnum(const FieldDescriptor& field, absl::string_view value, Message* message) {
  const std::vector<std::string> names = ValueNames(*field.enum_type());
  const std::string wanted = absl::AsciiStrToLower(WithDashes(value));
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] != wanted) continue;
    message->GetReflection()->SetEnum(message, &field, field.enum_type()->value(static_cast<int>(i) + 1));
    return absl::OkStatus();
  }
  return UsageError(absl::StrCat(WithDashes(field.name()), " wants one of ", absl::StrJoin(names, ", "), ", not \"",
                                 value, "\"", Suggestion(wanted, names)));
}

absl::Status SetMessage(const FieldDescriptor& field, absl::string_view value, Message* message) {
  if (field.message_type() != google::protobuf::Timestamp::descriptor()) {
    return UsageError(absl::StrCat(WithDashes(field.name()),
                                   " cannot be written in short; trustctl call RecordEvidence "
                                   "takes the whole request"));
  }
  // All such times are when something is due.
  const absl::StatusOr<google::protobuf::Timestamp> time = ParseLastDay(value);
  if (!time.ok()) return time.status();
  message->GetReflection()->MutableMessage(message, &field)->CopyFrom(*time);
  return absl::OkStatus();
}

absl::Status SetNumber(const FieldDescriptor& field, absl::string_view value, Message* message) {
  int64_t number = 0;
  const bool fits = absl::SimpleAtoi(value, &number) &&
                    (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
                     (std::numeric_limits<int32_t>::min() <= number && number <= std::numeric_limits<int32_t>::max()));
  if (!fits) {
    return UsageError(absl::StrCat(WithDashes(field.name()), " wants a whole number, not \"", value, "\""));
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    message->GetReflection()->SetInt64(message, &field, number);
  } else {
    message->GetReflection()->SetInt32(message, &field, static_cast<int32_t>(number));
  }
  return absl::OkStatus();
}

absl::Status SetField(const FieldDescriptor& field, absl::string_view value, Message* message) {
  if (field.is_repeated() && field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return UsageError(absl::StrCat(WithDashes(field.name()),
                                   " cannot be written in short; trustctl call RecordEvidence "
                                   "takes the whole request"));
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(field, value, message);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetMessage(field, value, message);
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return SetNumber(field, value, message);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (value != "true" && value != "false") {
        return UsageError(absl::StrCat(WithDashes(field.name()), " wants true or false, not \"", value, "\""));
      }
      message->GetReflection()->SetBool(message, &field, value == "true");
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_STRING:
      if (!field.is_repeated()) {
        message->GetReflection()->SetString(message, &field, std::string(value));
        return absl::OkStatus();
      }
      for (const absl::string_view part : absl::StrSplit(value, ',', absl::SkipEmpty())) {
        message->GetReflection()->AddString(message, &field, std::string(absl::StripAsciiWhitespace(part)));
      }
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      break;
  }
  return UsageError(absl::StrCat(WithDashes(field.name()), " cannot be written in short"));
}

// FIELD=VALUE of the kind's own message.
absl::Status SetOwnField(absl::string_view kind, absl::string_view text, std::set<std::string>* said,
                         Message* message) {
  const std::vector<std::string> names = FieldNames(*message->GetDescriptor());
  const size_t equals = text.find('=');
  const absl::string_view name = text.substr(0, equals);
  const FieldDescriptor* const field =
      message->GetDescriptor()->FindFieldByName(absl::StrReplaceAll(name, {{"-", "_"}}));
  if (equals == absl::string_view::npos || field == nullptr) {
    return UsageError(absl::StrCat(kind, " has no \"", text, "\"", Suggestion(name, names), "; ",
                                   names.empty() ? "it has no fields of its own"
                                                 : absl::StrCat("it takes ", absl::StrJoin(names, "=..., "), "=...")));
  }
  if (!said->insert(field->name()).second) {
    return UsageError(absl::StrCat(WithDashes(field->name()), " is given twice; write it once"));
  }
  return SetField(*field, text.substr(equals + 1), message);
}

absl::StatusOr<const FieldDescriptor*> FindKind(absl::string_view written) {
  const std::string wanted = absl::StrReplaceAll(written, {{"-", "_"}});
  for (int i = 0; i < Kinds().field_count(); ++i) {
    if (Kinds().field(i)->name() == wanted) return Kinds().field(i);
  }
  const std::vector<std::string> kinds = EvidenceKinds();
  const std::string suggestion = Suggestion(WithDashes(written), kinds);
  return UsageError(
      absl::StrCat("there is no kind of evidence \"", written, "\"",
                   suggestion.empty() ? absl::StrCat("; there are ", absl::StrJoin(kinds, ", ")) : suggestion));
}

absl::Status SetTimes(const Invocation& invocation, trust::v1::RecordEvidenceRequest* request) {
  if (!invocation.Has("on")) return UsageError("record wants --on DATE, when it happened");
  const absl::StatusOr<DatedTime> date = ParseDate(invocation.Get("on"));
  if (!date.ok()) return date.status();
  *request->mutable_occur_time() = date->time;
  request->set_occur_time_precision(date->precision);
  if (!invocation.Has("learned")) return absl::OkStatus();
  const absl::StatusOr<DatedTime> learned = ParseDate(invocation.Get("learned"));
  if (!learned.ok()) return learned.status();
  if (learned->precision == trust::v1::TIME_PRECISION_YEAR || learned->precision == trust::v1::TIME_PRECISION_MONTH) {
    return UsageError(absl::StrCat("--learned wants a day or an instant, not \"", invocation.Get("learned"), "\""));
  }
  *request->mutable_observe_time() = learned->time;
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> EvidenceKinds() {
  std::vector<std::string> kinds;
  for (int i = 0; i < Kinds().field_count(); ++i) kinds.push_back(WithDashes(Kinds().field(i)->name()));
  return kinds;
}

std::vector<std::string> EvidenceFields(absl::string_view kind) {
  std::vector<std::string> written;
  const FieldDescriptor* const found =
      Kinds().containing_type()->FindFieldByName(absl::StrReplaceAll(kind, {{"-", "_"}}));
  if (found == nullptr || found->containing_oneof() != &Kinds()) return written;
  for (int i = 0; i < found->message_type()->field_count(); ++i) {
    const FieldDescriptor* const field = found->message_type()->field(i);
    const std::string name = absl::StrCat(WithDashes(field->name()), "=");
    if (field->enum_type() == nullptr) {
      written.push_back(name);
    } else {
      for (const std::string& value : ValueNames(*field->enum_type())) written.push_back(absl::StrCat(name, value));
    }
  }
  return written;
}

std::vector<std::string> EvidenceValues(absl::string_view field) {
  const FieldDescriptor* const found = trust::v1::Evidence::descriptor()->FindFieldByName(std::string(field));
  if (found == nullptr || found->enum_type() == nullptr) return {};
  return ValueNames(*found->enum_type());
}

absl::StatusOr<trust::v1::RecordEvidenceRequest> RecordRequestOf(const Invocation& invocation) {
  trust::v1::RecordEvidenceRequest request;
  request.set_partnership(invocation.arguments[0]);
  trust::v1::Evidence* const evidence = request.mutable_evidence();
  const absl::StatusOr<const FieldDescriptor*> kind = FindKind(invocation.arguments[1]);
  if (!kind.ok()) return kind.status();
  Message* const own = evidence->GetReflection()->MutableMessage(evidence, *kind);
  std::set<std::string> said;
  for (size_t i = 2; i < invocation.arguments.size(); ++i) {
    absl::Status set = SetOwnField(invocation.arguments[1], invocation.arguments[i], &said, own);
    if (!set.ok()) return set;
  }
  if (absl::Status times = SetTimes(invocation, &request); !times.ok()) return times;
  for (const char* const flag :
       {"actor", "affected", "witnesses", "level", "materiality", "label", "actor-contact", "affected-contact"}) {
    if (!invocation.Has(flag)) continue;
    const FieldDescriptor* const field =
        trust::v1::Evidence::descriptor()->FindFieldByName(absl::StrReplaceAll(flag, {{"-", "_"}}));
    absl::Status set =
        field->cpp_type() == FieldDescriptor::CPPTYPE_STRING && !field->is_repeated()
            ? (evidence->GetReflection()->SetString(evidence, field, invocation.Get(flag)), absl::OkStatus())
            : SetField(*field, invocation.Get(flag), evidence);
    if (!set.ok()) return set;
  }
  if (evidence->actor().empty()) return UsageError("record wants --actor ID, whose act it was; '*' for a joint one");
  if (evidence->affected().empty()) return UsageError("record wants --affected ID[,ID...], who experienced it");
  // Who experienced it usually tells of it.
  request.set_recorder(invocation.Get("recorder", evidence->affected(0)));
  request.set_request_id(invocation.Get("request-id"));
  request.set_validate_only(invocation.Has("dry-run"));
  if (invocation.Has("expected-revision")) {
    int64_t revision = 0;
    if (!absl::SimpleAtoi(invocation.Get("expected-revision"), &revision) || revision < 0) {
      return UsageError("--expected-revision wants a number of events, 0 and on");
    }
    request.set_expected_revision(revision);
  }
  return request;
}

}  // namespace trustctl
