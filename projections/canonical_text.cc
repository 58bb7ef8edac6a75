#include "projections/canonical_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace projections {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void AppendMessage(const Message& message, std::string* text);

// A JSON string: only what must be escaped is.
void AppendString(absl::string_view value, std::string* text) {
  constexpr absl::string_view kDigits = "0123456789abcdef";
  text->push_back('"');
  for (const char c : value) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text->push_back('\\');
      text->push_back(c);
    } else if (byte < 0x20) {
      absl::StrAppend(text, "\\u00", kDigits.substr(byte >> 4, 1), kDigits.substr(byte & 15, 1));
    } else {
      text->push_back(c);
    }
  }
  text->push_back('"');
}

void AppendEnum(const FieldDescriptor& field, int number, std::string* text) {
  const auto* const value = field.enum_type()->FindValueByNumber(number);
  if (value == nullptr) {
    absl::StrAppend(text, number);
  } else {
    AppendString(value->name(), text);
  }
}

// The field's value; of a repeated field, the one at index.
void AppendValue(const Message& message, const FieldDescriptor& field, int index, std::string* text) {
  const auto& in = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return AppendMessage(many ? in.GetRepeatedMessage(message, &field, index) : in.GetMessage(message, &field), text);
    case FieldDescriptor::CPPTYPE_STRING:
      return AppendString(many ? in.GetRepeatedString(message, &field, index) : in.GetString(message, &field), text);
    case FieldDescriptor::CPPTYPE_ENUM:
      return AppendEnum(
          field, many ? in.GetRepeatedEnumValue(message, &field, index) : in.GetEnumValue(message, &field), text);
    case FieldDescriptor::CPPTYPE_BOOL:
      text->append((many ? in.GetRepeatedBool(message, &field, index) : in.GetBool(message, &field)) ? "true"
                                                                                                     : "false");
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      absl::StrAppend(text, many ? in.GetRepeatedInt32(message, &field, index) : in.GetInt32(message, &field));
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      absl::StrAppend(text, many ? in.GetRepeatedInt64(message, &field, index) : in.GetInt64(message, &field));
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      absl::StrAppend(text, many ? in.GetRepeatedUInt32(message, &field, index) : in.GetUInt32(message, &field));
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      absl::StrAppend(text, many ? in.GetRepeatedUInt64(message, &field, index) : in.GetUInt64(message, &field));
      return;
    default:  // Required not to occur: policies and readings hold whole numbers only.
      return;
  }
}

void AppendField(const Message& message, const FieldDescriptor& field, std::string* text) {
  AppendString(field.name(), text);
  text->push_back(':');
  if (!field.is_repeated()) return AppendValue(message, field, 0, text);
  text->push_back('[');
  const int size = message.GetReflection()->FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    if (i > 0) text->push_back(',');
    AppendValue(message, field, i, text);
  }
  text->push_back(']');
}

void AppendMessage(const Message& message, std::string* text) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);  // Those that are set.
  std::sort(fields.begin(), fields.end(),
            [](const FieldDescriptor* a, const FieldDescriptor* b) { return a->name() < b->name(); });
  text->push_back('{');
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) text->push_back(',');
    AppendField(message, *fields[i], text);
  }
  text->push_back('}');
}

}  // namespace

std::string CanonicalText(const Message& message) {
  std::string text;
  AppendMessage(message, &text);
  return text;
}

}  // namespace projections
