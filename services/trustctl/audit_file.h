// An audit bundle on its way into a file. Until it is complete it stands in FILE.part, so that an export that broke off
// goes on there, and FILE is there whole or not at all. Not thread-safe; blocks on the disk.

#ifndef SERVICES_TRUSTCTL_AUDIT_FILE_H_
#define SERVICES_TRUSTCTL_AUDIT_FILE_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/sha256_stream.h"
#include "trust/v1/audit_bundle.pb.h"

namespace trustctl {

class AuditFile {
 public:
  // Opens FILE.part, or makes it, and takes in what is there: all but the last record, of which nobody knows whether
  // what follows it was written. Errors: ALREADY_EXISTS when there is FILE itself; FAILED_PRECONDITION when FILE.part
  // is no beginning of a bundle; what the system says otherwise.
  static absl::StatusOr<std::unique_ptr<AuditFile>> Open(const std::string& path);

  // The header of what is there; null when nothing is.
  const trust::v1::AuditHeader* header() const { return has_header_ ? &header_ : nullptr; }
  // The log_index to go on from; 0 to begin.
  int64_t from_log_index() const { return from_log_index_; }
  int64_t record_count() const { return record_count_; }
  int64_t assessment_count() const { return assessment_count_; }

  // Adds a line; the end line is completed, and a header that is there already must be the same and is not written
  // again. Errors: FAILED_PRECONDITION when the header is another; what the system says otherwise.
  absl::Status Add(trust::v1::AuditLine line);

  // Removes FILE.part. REQUIRES: there is no header, hence nothing to go on with.
  void Discard();

  // Makes the file durable under its name. REQUIRES: the end was added.
  absl::Status Complete();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  explicit AuditFile(std::string path) : path_(std::move(path)), part_(path_ + ".part") {}

  absl::Status TakeIn();
  absl::Status SystemError(const char* what) const;

  const std::string path_;
  const std::string part_;
  std::unique_ptr<std::FILE, Closer> file_;
  eventstore::Sha256Stream digest_;
  trust::v1::AuditHeader header_;
  bool has_header_ = false;
  int64_t from_log_index_ = 0;
  int64_t record_count_ = 0;
  int64_t assessment_count_ = 0;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_AUDIT_FILE_H_
