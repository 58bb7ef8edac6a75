// Checkpoints, the notes that they are signed as, and the texts of keys. Promised: each has one text, so that what is
// read is written to the same bytes; a note opens only with what its key signed.

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "eventstore/checkpoint.h"
#include "eventstore/signed_note.h"
#include "eventstore/signing_key.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using fuzz::Require;

constexpr char kKeyText[] = "PRIVATE+KEY+fuzz.example.com/log+c206ace5+AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";

// The text of a key as it is made of a name and 32 bytes.
std::string KeyText(absl::string_view name, const std::string& of_key, const std::string& hashed) {
  const std::string one(1, '\x01');
  const eventstore::Sha256Digest hash = eventstore::Sha256(absl::StrCat(name, "\n", one, hashed));
  return absl::StrCat(name, "+", absl::StrFormat("%02x%02x%02x%02x", hash[0], hash[1], hash[2], hash[3]), "+",
                      absl::Base64Escape(absl::StrCat(one, of_key)));
}

// A fixed key, so that a note that was found once opens again.
const eventstore::SigningKey& Key() {
  static const auto* const key = new eventstore::SigningKey(*eventstore::SigningKey::Parse(kKeyText));
  return *key;
}

void ReadCheckpoint(absl::string_view bytes) {
  const fuzz::ExactCopy text(bytes);
  const auto checkpoint = eventstore::ParseCheckpoint(text.view());
  if (checkpoint.ok()) Require(eventstore::CheckpointText(*checkpoint) == bytes, "a checkpoint has one text");
  fuzz::RequireModest(checkpoint.status());
  if (const auto digest = eventstore::ParseDigest(text.view()); digest.ok()) {
    Require(eventstore::Base64Of(*digest) == bytes, "a hash has one text");
  }
}

void WriteCheckpoint(fuzz::Input& input) {
  eventstore::Checkpoint checkpoint;
  checkpoint.size = input.Number() >> 1;
  for (uint8_t& byte : checkpoint.root) byte = input.Byte();
  checkpoint.origin = std::string(input.Rest());
  const auto returned = eventstore::ParseCheckpoint(eventstore::CheckpointText(checkpoint));
  const bool can_be_named = !checkpoint.origin.empty() && !absl::StrContains(checkpoint.origin, '\n');
  Require(returned.ok() == can_be_named, "an origin is one line");
  if (returned.ok()) Require(*returned == checkpoint, "a checkpoint is read as it was written");
}

void ReadKeys(absl::string_view bytes) {
  const fuzz::ExactCopy text(bytes);
  const auto verifier = eventstore::VerifierKey::Parse(text.view());
  if (verifier.ok()) Require(verifier->Text() == bytes, "a verifier key has one text");
  fuzz::RequireModest(verifier.status());
  const auto key = eventstore::SigningKey::Parse(text.view());
  if (key.ok()) Require(key->Text() == bytes, "a private key has one text");
  fuzz::RequireModest(key.status());
}

void ReadMadeKeys(fuzz::Input& input) {
  std::string secret(input.Text());
  secret.resize(32);
  const absl::string_view name = input.Rest();
  const std::string text = KeyText(name, secret, secret);
  ReadKeys(text);
  Require(eventstore::VerifierKey::Parse(text).ok() == eventstore::CheckKeyName(name).ok(), "any 32 bytes are a key");
  ReadKeys(absl::StrCat("PRIVATE+KEY+", text));
}

void ReadNote(absl::string_view bytes) {
  const fuzz::ExactCopy note(bytes);
  const auto text = eventstore::OpenNote(note.view(), Key().verifier());
  fuzz::RequireModest(text.status());
  if (text.ok()) Require(absl::StartsWith(bytes, *text), "what is opened stands in the note");
}

void WriteNote(fuzz::Input& input) {
  const uint64_t place = input.Number(4);
  const uint8_t flipped = static_cast<uint8_t>(1u << (input.Byte() % 8));
  const std::string text(input.Rest());
  absl::StatusOr<std::string> note = eventstore::SignNote(text, Key());
  fuzz::RequireModest(note.status());
  if (!note.ok()) return;
  if (note->size() > eventstore::kNoteBytesMax) return;
  const auto opened = eventstore::OpenNote(*note, Key().verifier());
  Require(opened.ok() && *opened == text, "a note opens with what was signed");
  // With the signature of another before it, as a witness adds one.
  const std::string other = absl::StrCat("\xe2\x80\x94 other ", absl::Base64Escape(std::string(68, 'x')), "\n");
  const auto witnessed = eventstore::OpenNote(absl::StrCat(*note, other), Key().verifier());
  Require(witnessed.ok() && *witnessed == text, "signatures of others are passed over");
  (*note)[place % note->size()] = static_cast<char>((*note)[place % note->size()] ^ flipped);
  const auto forged = eventstore::OpenNote(*note, Key().verifier());
  Require(!forged.ok(), "a changed note does not open");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  switch (input.Pick(6)) {
    case 0:
      ReadCheckpoint(input.Rest());
      break;
    case 1:
      WriteCheckpoint(input);
      break;
    case 2:
      ReadKeys(input.Rest());
      break;
    case 3:
      ReadMadeKeys(input);
      break;
    case 4:
      ReadNote(input.Rest());
      break;
    case 5:
      WriteNote(input);
      break;
  }
  return 0;
}
