#include "eventstore/signed_note.h"

#include <cstdint>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace eventstore {
namespace {

constexpr absl::string_view kSignaturePrefix = "\xe2\x80\x94 ";  // An em dash and a space.
constexpr int kSignaturesMax = 100;

// The length of the UTF-8 sequence at the beginning; 0 when there is none. Table 3-7 of the Unicode standard.
size_t SequenceLength(absl::string_view bytes) {
  const auto at = [bytes](size_t i) { return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0; };
  const auto follows = [&at](size_t i, int min, int max) { return at(i) >= min && at(i) <= max; };
  const int first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1, 0x80, 0xbf) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool second = follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
    return second && follows(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool second = follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
    return second && follows(2, 0x80, 0xbf) && follows(3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

// UTF-8 without control characters beside line feeds.
bool IsPlainText(absl::string_view text) {
  while (!text.empty()) {
    if (static_cast<uint8_t>(text[0]) < 0x20 && text[0] != '\n') return false;
    const size_t length = SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string IdBytes(uint32_t id) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(id >> shift & 0xff);
  return bytes;
}

absl::Status NoNote(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("this is no signed note: ", why));
}

}  // namespace

absl::StatusOr<std::string> SignNote(absl::string_view text, const SigningKey& key) {
  if (!absl::EndsWith(text, "\n") || !IsPlainText(text)) {
    return absl::InvalidArgumentError("a note's text is UTF-8, without control characters, and ends with a line feed");
  }
  return absl::StrCat(text, "\n", kSignaturePrefix, key.name(), " ",
                      absl::Base64Escape(absl::StrCat(IdBytes(key.verifier().id()), key.Sign(text))), "\n");
}

absl::StatusOr<std::string> OpenNote(absl::string_view note, const VerifierKey& key) {
  if (note.size() > kNoteBytesMax || !IsPlainText(note)) return NoNote("it is too long, or not plain text");
  const size_t split = note.rfind("\n\n");
  if (split == absl::string_view::npos) return NoNote("no empty line stands between text and signatures");
  const absl::string_view text = note.substr(0, split + 1);
  absl::string_view rest = note.substr(split + 2);
  if (!absl::ConsumeSuffix(&rest, "\n")) return NoNote("it does not end with a signature and a line feed");
  const std::vector<absl::string_view> lines = absl::StrSplit(rest, '\n');
  if (lines.size() > kSignaturesMax) return NoNote("it has too many signatures");
  bool verified = false;
  for (absl::string_view line : lines) {
    std::string bytes;
    if (!absl::ConsumePrefix(&line, kSignaturePrefix)) return NoNote("a signature does not begin with an em dash");
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (words.size() != 2 || !CheckKeyName(words[0]).ok() || !absl::Base64Unescape(words[1], &bytes) ||
        absl::Base64Escape(bytes) != words[1] || bytes.size() < 5) {
      return NoNote("a signature is not written NAME BASE64");
    }
    if (verified || words[0] != key.name() || bytes.substr(0, 4) != IdBytes(key.id())) continue;
    if (!key.Verifies(text, bytes.substr(4))) {
      return absl::UnauthenticatedError(absl::StrCat("the signature of ", key.name(), " is wrong"));
    }
    verified = true;
  }
  if (!verified) return absl::UnauthenticatedError(absl::StrCat(key.name(), " did not sign this with that key"));
  return std::string(text);
}

}  // namespace eventstore
