// The checked items of an import on their way to the server, in a temporary file without a name: what was checked is
// what is sent, whatever becomes of the import files meanwhile, and memory holds one item at a time. Not thread-safe.

#ifndef SERVICES_TRUSTCTL_IMPORT_SPOOL_H_
#define SERVICES_TRUSTCTL_IMPORT_SPOOL_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trust/v1/evidence_service.pb.h"

namespace trustctl {

// An item and the place it came from.
struct SpooledItem {
  int file = 0;  // The index of the file on the command line.
  int64_t line = 0;
  trust::v1::ImportItem item;
};

class ImportSpool {
 public:
  // Errors: what the system says of the directory for temporary files.
  static absl::StatusOr<ImportSpool> Create();

  // Adds an item at the end. Errors: what the system says, for one that the disk is full.
  absl::Status Add(const SpooledItem& item);

  // To be called once, after the last Add and before the first Next.
  absl::Status Rewind();

  // Takes the next item; false after the last.
  absl::StatusOr<bool> Next(SpooledItem* item);

  // The number of items that were added.
  int64_t size() const { return size_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  explicit ImportSpool(std::FILE* file) : file_(file) {}

  std::unique_ptr<std::FILE, Closer> file_;
  int64_t size_ = 0;
  int64_t taken_ = 0;
  std::string buffer_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_IMPORT_SPOOL_H_
