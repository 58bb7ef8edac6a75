#include "services/trustctl/short_form.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/trustctl/command_line.h"
#include "services/trustctl/date.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;

// The fields of a message, as they are written.
std::vector<std::string> FieldNames(const Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) names.push_back(WithDashes(type.field(i)->name()));
  return names;
}

absl::Status SetEnum(const FieldDescriptor& field, absl::string_view value, Message* message) {
  const absl::StatusOr<int> number = ParseEnum(*field.enum_type(), WithDashes(field.name()), value);
  if (!number.ok()) return number.status();
  message->GetReflection()->SetEnumValue(message, &field, *number);
  return absl::OkStatus();
}

absl::Status SetTime(const FieldDescriptor& field, absl::string_view value, Message* message) {
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

// One that is not repeated.
absl::Status SetOne(const FieldDescriptor& field, absl::string_view value, Message* message) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(field, value, message);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type() != google::protobuf::Timestamp::descriptor()) break;
      return SetTime(field, value, message);
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
      message->GetReflection()->SetString(message, &field, std::string(value));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      break;
  }
  return UsageError(
      absl::StrCat(WithDashes(field.name()), " cannot be written in short; trustctl call takes the whole request"));
}

absl::Status AddMessage(const FieldDescriptor& field, absl::string_view value, Message* message) {
  const Descriptor& type = *field.message_type();
  const std::vector<absl::string_view> parts = absl::StrSplit(value, ':');
  if (parts.size() != static_cast<size_t>(type.field_count())) {
    return UsageError(absl::StrCat(WithDashes(field.name()), " wants ",
                                   absl::AsciiStrToUpper(absl::StrJoin(FieldNames(type), ":")), "[,...], not \"", value,
                                   "\""));
  }
  Message* const added = message->GetReflection()->AddMessage(message, &field);
  for (int i = 0; i < type.field_count(); ++i) {
    if (absl::Status set = SetOne(*type.field(i), parts[i], added); !set.ok()) return set;
  }
  return absl::OkStatus();
}

}  // namespace

std::string WithDashes(absl::string_view name) { return absl::StrReplaceAll(name, {{"_", "-"}}); }

std::vector<std::string> ValueNames(const EnumDescriptor& type) {
  const size_t begin = absl::StripSuffix(type.value(0)->name(), "UNSPECIFIED").size();
  std::vector<std::string> names;
  for (int i = 1; i < type.value_count(); ++i) {
    names.push_back(absl::AsciiStrToLower(WithDashes(type.value(i)->name().substr(begin))));
  }
  return names;
}

absl::StatusOr<int> ParseEnum(const EnumDescriptor& type, absl::string_view field, absl::string_view value) {
  const std::vector<std::string> names = ValueNames(type);
  const std::string wanted = absl::AsciiStrToLower(WithDashes(value));
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == wanted) return type.value(static_cast<int>(i) + 1)->number();
  }
  return UsageError(absl::StrCat(field, " wants one of ", absl::StrJoin(names, ", "), ", not \"", value, "\"",
                                 Suggestion(wanted, names)));
}

std::vector<std::string> KindNames(const OneofDescriptor& kinds) {
  std::vector<std::string> names;
  for (int i = 0; i < kinds.field_count(); ++i) names.push_back(WithDashes(kinds.field(i)->name()));
  return names;
}

absl::StatusOr<const FieldDescriptor*> FindKind(const OneofDescriptor& kinds, absl::string_view noun,
                                                absl::string_view written) {
  const std::vector<std::string> names = KindNames(kinds);
  const auto found = std::find(names.begin(), names.end(), WithDashes(written));
  if (found != names.end()) return kinds.field(static_cast<int>(found - names.begin()));
  const std::string suggestion = Suggestion(WithDashes(written), names);
  return UsageError(
      absl::StrCat("there is no ", noun, " \"", written, "\"",
                   suggestion.empty() ? absl::StrCat("; there are ", absl::StrJoin(names, ", ")) : suggestion));
}

std::vector<std::string> WrittenFields(const Descriptor& type) {
  std::vector<std::string> written;
  for (int i = 0; i < type.field_count(); ++i) {
    const std::string name = absl::StrCat(WithDashes(type.field(i)->name()), "=");
    if (type.field(i)->enum_type() == nullptr) {
      written.push_back(name);
    } else {
      for (const std::string& value : ValueNames(*type.field(i)->enum_type())) {
        written.push_back(absl::StrCat(name, value));
      }
    }
  }
  return written;
}

absl::Status SetField(const FieldDescriptor& field, absl::string_view value, Message* message) {
  if (!field.is_repeated()) return SetOne(field, value, message);
  message->GetReflection()->ClearField(message, &field);
  for (const absl::string_view piece : absl::StrSplit(value, ',', absl::SkipEmpty())) {
    const absl::string_view part = absl::StripAsciiWhitespace(piece);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (absl::Status added = AddMessage(field, part, message); !added.ok()) return added;
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      message->GetReflection()->AddString(message, &field, std::string(part));
    } else {
      return UsageError(
          absl::StrCat(WithDashes(field.name()), " cannot be written in short; trustctl call takes the whole request"));
    }
  }
  return absl::OkStatus();
}

absl::Status SetOwnFields(absl::string_view kind, const std::vector<std::string>& texts, Message* own) {
  const std::vector<std::string> names = FieldNames(*own->GetDescriptor());
  std::set<std::string> said;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const FieldDescriptor* const field = own->GetDescriptor()->FindFieldByName(absl::StrReplaceAll(name, {{"-", "_"}}));
    if (equals == std::string::npos || field == nullptr) {
      return UsageError(absl::StrCat(kind, " has no \"", name, "\"", Suggestion(name, names), "; ",
                                     names.empty()
                                         ? "it has no fields of its own"
                                         : absl::StrCat("it takes ", absl::StrJoin(names, "=..., "), "=...")));
    }
    if (!said.insert(field->name()).second) {
      return UsageError(absl::StrCat(WithDashes(field->name()), " is given twice; write it once"));
    }
    if (absl::Status set = SetField(*field, text.substr(equals + 1), own); !set.ok()) return set;
  }
  return absl::OkStatus();
}

}  // namespace trustctl
