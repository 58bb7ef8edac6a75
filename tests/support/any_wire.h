// Serialised messages drawn at random, right and wrong, to hold two ways of reading them against each other. The same
// seed draws the same everywhere.

#ifndef TESTS_SUPPORT_ANY_WIRE_H_
#define TESTS_SUPPORT_ANY_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "google/protobuf/descriptor.h"

namespace support {

using Random = std::mt19937_64;

// The library's own distributions differ between implementations.
inline uint64_t Below(Random& random, uint64_t limit) { return random() % limit; }

inline void AppendVarint(uint64_t number, std::string* bytes) {
  for (; number >= 0x80; number >>= 7) bytes->push_back(static_cast<char>(number | 0x80));
  bytes->push_back(static_cast<char>(number));
}

inline std::string AnyBytes(Random& random) {
  std::string bytes(Below(random, 40), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// UTF-8, mostly ASCII.
inline std::string AnyText(Random& random) {
  std::string text = AnyBytes(random);
  for (char& character : text) character = static_cast<char>(character & 0x7f);
  if (Below(random, 16) == 0) text.insert(Below(random, text.size() + 1), "\xc3\xa4\xe2\x82\xac");
  return text;
}

// A message with most of its fields, as it is serialised: in the order of their numbers, messages within at most depth
// deep. Of a oneof there may be several, of which a reader takes the last.
inline std::string AnyWire(Random& random, const google::protobuf::Descriptor& message, int depth) {
  using google::protobuf::FieldDescriptor;
  std::string bytes;
  const auto append = [&](const FieldDescriptor& field, const std::string& value) {
    AppendVarint(static_cast<uint64_t>(field.number()) << 3 | 2, &bytes);
    AppendVarint(value.size(), &bytes);
    bytes += value;
  };
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const auto* const oneof = field.containing_oneof();
    if (oneof != nullptr ? Below(random, static_cast<uint64_t>(oneof->field_count())) != 0 : Below(random, 4) == 0) {
      continue;
    }
    for (uint64_t count = field.is_repeated() ? Below(random, 4) : 1; count > 0; --count) {
      if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
        if (depth > 0) append(field, AnyWire(random, *field.message_type(), depth - 1));
      } else if (field.type() == FieldDescriptor::TYPE_STRING) {
        append(field, AnyText(random));
      } else if (field.type() == FieldDescriptor::TYPE_BYTES) {
        append(field, AnyBytes(random));
      } else {
        AppendVarint(static_cast<uint64_t>(field.number()) << 3, &bytes);
        AppendVarint(random() >> Below(random, 64), &bytes);
      }
    }
  }
  return bytes;
}

// The same with up to three changes: a byte is another, is gone or is new; a part stands twice, is gone or stands
// elsewhere; the end is cut off.
inline std::string AnyChange(Random& random, std::string bytes) {
  for (uint64_t changes = 1 + Below(random, 3); changes > 0; --changes) {
    const size_t at = Below(random, bytes.size() + 1);
    const size_t size = Below(random, bytes.size() - at + 1);
    const std::string part = bytes.substr(at, size);
    switch (Below(random, 7)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << Below(random, 8)));
        break;
      case 1:
        if (at < bytes.size()) bytes.erase(at, 1);
        break;
      case 2:
        bytes.insert(at, 1, static_cast<char>(random()));
        break;
      case 3:
        bytes.insert(at, part);
        break;
      case 4:
        bytes.erase(at, size);
        break;
      case 5:
        bytes.erase(at, size).insert(Below(random, bytes.size() + 1), part);
        break;
      default:
        bytes.resize(at);
    }
  }
  return bytes;
}

}  // namespace support

#endif  // TESTS_SUPPORT_ANY_WIRE_H_
