// The check of an audit bundle, with nothing but the file, and the key and the checkpoint that the auditor brings
// along: every record hashes into the root that the checkpoint signs, every stream is without a gap and linked, what is
// readable says what the bytes say, and every issued assessment is recomputed from the events that were known to it.
// Not thread-safe; blocks on the disk.

#ifndef SERVICES_TRUSTCTL_AUDIT_CHECK_H_
#define SERVICES_TRUSTCTL_AUDIT_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trust/v1/audit_bundle.pb.h"

namespace trustctl {

// Something that is wrong.
struct AuditFinding {
  int64_t line = 0;   // Of the bundle, from 1.
  std::string words;  // Cut where they are long.
};

// What the auditor brings along; each may be empty.
struct AuditTrust {
  std::string verifier_key;  // That of the notes; without it the bundle's own is taken.
  std::string checkpoint;    // A signed note that must agree with the bundle's size and root.
};

struct AuditReport {
  static constexpr size_t kFindingsKept = 100;

  trust::v1::AuditHeader header;
  int64_t line_count = 0;
  int64_t record_count = 0;
  int64_t stream_count = 0;
  int64_t policy_count = 0;
  int64_t assessment_count = 0;
  int64_t recomputed_count = 0;        // Assessments that gave their digest again.
  int64_t unknown_count = 0;           // Events of kinds that this program does not know.
  std::string signed_by;               // The name of the key that signed the checkpoint; empty when it was not signed.
  std::vector<AuditFinding> findings;  // The first ones.
  int64_t finding_count = 0;
  std::vector<std::string> remarks;  // What is not wrong, and limits what the check shows.

  void Add(int64_t line, std::string words);
};

// Called now and then with how many bytes of the work are done, of how many.
using AuditProgress = absl::FunctionRef<void(int64_t done, int64_t total)>;

// Checks a bundle. Memory grows with a few dozen bytes a record and with one partnership's history. Errors: NOT_FOUND
// when the file cannot be read; INVALID_ARGUMENT when key or checkpoint are not what they should be. What is wrong with
// the bundle is in the report.
absl::StatusOr<AuditReport> CheckBundle(const std::string& path, const AuditTrust& trust, AuditProgress progress);

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_AUDIT_CHECK_H_
