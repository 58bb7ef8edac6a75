// Signed notes (c2sp.org/signed-note): a text, an empty line, and a line a signature. Pure; thread-safe.

#ifndef EVENTSTORE_SIGNED_NOTE_H_
#define EVENTSTORE_SIGNED_NOTE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventstore/signing_key.h"

namespace eventstore {

inline constexpr size_t kNoteBytesMax = 1 << 20;

// The note of a text with one signature. Errors: INVALID_ARGUMENT when the text does not end with a line feed, is no
// UTF-8, or has control characters beside line feeds.
absl::StatusOr<std::string> SignNote(absl::string_view text, const SigningKey& key);

// The text of a note that the key signed; signatures of other keys are passed over. Errors: INVALID_ARGUMENT when it is
// no note; UNAUTHENTICATED when the key did not sign it, or its signature is wrong.
absl::StatusOr<std::string> OpenNote(absl::string_view note, const VerifierKey& key);

}  // namespace eventstore

#endif  // EVENTSTORE_SIGNED_NOTE_H_
