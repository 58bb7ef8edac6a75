// The lines of an audit bundle, a bounded piece at a time: of the whole log or of one partnership, up to a size of the
// log that is fixed when it begins. The same scope and size give the same lines, whenever they are asked for and
// wherever one goes on. Free of any transport. Not thread-safe; blocks on the disk.

#ifndef SERVICES_AUDIT_EXPORT_H_
#define SERVICES_AUDIT_EXPORT_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "services/checkpointer.h"
#include "services/clock.h"
#include "services/policy_registry.h"
#include "trust/v1/audit_bundle.pb.h"

namespace services {

class AuditExport {
 public:
  using Messages = std::deque<trust::v1::ExportAuditResponse>;

  // All outlive the export.
  AuditExport(const eventstore::EventStore* store, Checkpointer* checkpointer, const PolicyRegistry* policies,
              const Clock* clock, trust::v1::ExportAuditRequest request);

  // Adds the next messages, about bytes_max of them and one record more at most, or the end when there are no more.
  // Errors: INVALID_FIELD, PARTNERSHIP_NOT_FOUND, SIZE_BEYOND_LOG, CHECKPOINT_NOT_MADE, LOG_DAMAGED, INTERNAL; nothing
  // more comes after one.
  absl::Status Next(size_t bytes_max, Messages* messages);

  // True when the end was handed out.
  bool ended() const { return ended_; }

 private:
  struct Stored {
    uint64_t position = 0;
    std::string bytes;
    trust::v1::Event event;
  };
  // A stream of which records are taken, or the whole log, with those that were read ahead.
  struct Source {
    std::string stream;  // Empty: the whole log.
    uint64_t read = 0;   // The revision, or the position, that was read last.
    bool exhausted = false;
    std::deque<Stored> ahead;
  };

  absl::Status Begin(Messages* messages);
  absl::Status Fill(Source& source);
  absl::Status Emit(Stored& stored, Messages* messages);

  const eventstore::EventStore& store_;
  Checkpointer& checkpointer_;
  const PolicyRegistry& policies_;
  const Clock& clock_;
  const trust::v1::ExportAuditRequest request_;
  uint64_t tree_size_ = 0;
  std::vector<Source> sources_;
  bool begun_ = false;
  bool ended_ = false;
  int64_t record_count_ = 0;
  int64_t assessment_count_ = 0;
  uint64_t position_ = 0;
  absl::Time progress_due_;
  size_t bytes_ = 0;  // Of the messages of this piece.
};

}  // namespace services

#endif  // SERVICES_AUDIT_EXPORT_H_
