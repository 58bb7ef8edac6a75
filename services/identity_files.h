// The files that say who is who: read once at the start, where any fault refuses it, and looked at again and again
// after it. A change takes effect as a whole when all of it is right; otherwise the last good state stays, and the log
// says what is wrong. The certificate and the key that the server shows pass through a private directory, in one file
// that is only ever replaced as a whole: what reads them there would drop the good ones for a half-written pair.

#ifndef SERVICES_IDENTITY_FILES_H_
#define SERVICES_IDENTITY_FILES_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/clock.h"
#include "services/identity/guard.h"
#include "services/identity_standing.h"

namespace services {

struct IdentityFilePaths {
  std::string tls_certificate;  // With the certificates up to the authority behind it. Empty: no TLS.
  std::string tls_key;
  std::string client_authorities;  // Whose certificates clients may show. Empty: clients show none.
  std::string revocations;         // Of the authorities. Empty: nothing is revoked.
  std::string permissions;
  std::string token_keys;  // Empty: no tokens are taken.
};

class IdentityFiles {
 public:
  // Reads the files into the guard, and tells the standing. clock, guard and standing outlive it. Blocks on the disk.
  // Errors: INVALID_ARGUMENT, naming the flag and the file, and what would be right; UNAVAILABLE when the private
  // directory cannot be made.
  static absl::StatusOr<std::unique_ptr<IdentityFiles>> Open(const IdentityFilePaths& paths, const Clock* clock,
                                                             identity::Guard* guard, IdentityStanding* standing);
  ~IdentityFiles();  // As Stop. Removes the private directory.
  IdentityFiles(const IdentityFiles&) = delete;
  IdentityFiles& operator=(const IdentityFiles&) = delete;

  // The staged certificates and key in one file, and the authorities in another; empty without TLS, or without
  // authorities.
  const std::string& staged_identity() const { return staged_identity_; }
  const std::string& staged_authorities() const { return staged_authorities_; }

  // Looks at the files once. Blocks on the disk. Not while Start's thread runs.
  void RunOnce();

  // Looks at them at an interval, on a thread of its own.
  void Start(absl::Duration interval);
  // Ends the thread. Blocks. Idempotent.
  void Stop();

 private:
  // Some files that take effect together: the SHA-256 of what they held when they were judged last, and when that was.
  struct Group {
    std::string seen;
    bool good = false;
  };

  IdentityFiles(IdentityFilePaths paths, const Clock* clock, identity::Guard* guard, IdentityStanding* standing);

  absl::Status Stage();
  absl::Status TakeIdentity();
  absl::Status TakeAuthorities();
  absl::Status TakePermissions();
  absl::Status TakeTokenKeys();
  void Report(const char* what, const absl::Status& status, bool changed);
  void WarnOfTimes();

  const IdentityFilePaths paths_;
  const Clock& clock_;
  identity::Guard& guard_;
  IdentityStanding& standing_;
  std::string directory_, staged_identity_, staged_authorities_;

  Group identity_, authorities_, permissions_, token_keys_;
  bool changed_ = false;                                      // By the last Take.
  absl::flat_hash_map<std::string, std::string> complaints_;  // What was said last, by group; nothing once it is right.
  absl::Time list_due_ = absl::InfiniteFuture();
  bool list_late_ = false;  // And it was said.

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace services

#endif  // SERVICES_IDENTITY_FILES_H_
