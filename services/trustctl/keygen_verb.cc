#include "services/trustctl/keygen_verb.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "eventstore/signing_key.h"
#include "eventstore/signing_key_file.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

absl::Status RunKeygen(const Invocation& invocation, Session& session) {
  const std::string name = invocation.Get("name");
  const std::string path = invocation.Get("out");
  const absl::StatusOr<eventstore::SigningKey> key = eventstore::SigningKey::Generate(name);
  if (absl::IsInvalidArgument(key.status())) return UsageError(absl::StrCat("--name: ", key.status().message()));
  if (!key.ok()) return key.status();
  const absl::Status written = eventstore::WriteSigningKeyFile(*key, path);
  if (absl::IsAlreadyExists(written)) {
    return absl::Status(written.code(),
                        absl::StrCat(written.message(), "; a key is never overwritten: take another --out"));
  }
  if (!written.ok()) return written;
  session.console.out << key->verifier().Text() << "\n";
  return absl::OkStatus();
}

}  // namespace

Verb KeygenVerb() {
  Verb verb;
  verb.syntax.name = "keygen";
  verb.syntax.summary = "make the key that checkpoints are signed with";
  verb.syntax.description =
      "Makes a new Ed25519 key, writes it to FILE for its owner alone, and the verifier key, which is public, to "
      "FILE.pub and to the "
      "standard output. Nothing is ever overwritten. Give FILE to trustd --signing_key_file and the verifier key to "
      "those who check. "
      "Needs no server.";
  verb.syntax.flags = {
      Required({"name", "NAME", "the log's name in its checkpoints, such as alliances.example.com/log"}),
      Required({"out", "FILE", "where the key goes", 'o'})};
  verb.syntax.examples = {"trustctl keygen --name alliances.example.com/log --out signing.key"};
  verb.asks_server = AsksNobody;
  verb.run = RunKeygen;
  return verb;
}

}  // namespace trustctl
