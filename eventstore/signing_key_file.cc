#include "eventstore/signing_key_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "eventstore/durable_file.h"

namespace eventstore {

absl::StatusOr<SigningKey> ReadSigningKeyFile(const std::string& path) {
  struct stat attributes;
  if (stat(path.c_str(), &attributes) != 0) {
    if (errno == ENOENT) return absl::NotFoundError(absl::StrCat("there is no signing key file ", path));
    return absl::PermissionDeniedError(absl::StrCat("cannot read the signing key file ", path, ": ", strerror(errno)));
  }
  if ((attributes.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("the signing key file ", path,
                     " is open to others than its owner; chmod 600 it, and take a new key "
                     "when somebody may have read it"));
  }
  absl::StatusOr<std::string> content = ReadWholeFile(path);
  if (!content.ok()) return absl::PermissionDeniedError(content.status().message());
  absl::StatusOr<SigningKey> key = SigningKey::Parse(absl::StripAsciiWhitespace(*content));
  if (!key.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the signing key file ", path, " holds no key: ", key.status().message()));
  }
  return key;
}

absl::Status WriteSigningKeyFile(const SigningKey& key, const std::string& path) {
  const std::string verifier_path = absl::StrCat(path, ".pub");
  if (absl::Status status = CreateDurableFile(path, absl::StrCat(key.Text(), "\n"), 0600); !status.ok()) return status;
  const absl::Status status = CreateDurableFile(verifier_path, absl::StrCat(key.verifier().Text(), "\n"), 0644);
  if (!status.ok()) unlink(path.c_str());
  return status;
}

}  // namespace eventstore
