#include "services/audit_export.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/merkle_tree.h"
#include "projections/audit_line.h"
#include "projections/stored_event.h"
#include "services/query_checks.h"
#include "services/store_fault.h"
#include "services/system_stream.h"

namespace services {
namespace {

// Read ahead of each source.
constexpr size_t kAheadRecords = 256;
constexpr size_t kAheadBytes = 256 << 10;
constexpr absl::Duration kExportProgressInterval = absl::Seconds(1);

}  // namespace

AuditExport::AuditExport(const eventstore::EventStore* store, Checkpointer* checkpointer,
                         const PolicyRegistry* policies, const Clock* clock, trust::v1::ExportAuditRequest request)
    : store_(*store),
      checkpointer_(*checkpointer),
      policies_(*policies),
      clock_(*clock),
      request_(std::move(request)) {}

absl::Status AuditExport::Begin(Messages* messages) {
  QueryChecks checks;
  if (!request_.partnership().empty()) checks.Id("partnership", request_.partnership());
  if (request_.tree_size() < 0) checks.Wrong("tree_size", "is negative; use 0 for that of the newest checkpoint");
  if (request_.from_log_index() < 0) checks.Wrong("from_log_index", "is negative; use 0 for everything");
  if (request_.from_log_index() > 0 && request_.tree_size() == 0) {
    checks.Wrong("from_log_index", "goes on with a bundle; say by tree_size which");
  }
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return shape;
  const auto asked = static_cast<uint64_t>(request_.tree_size());
  // Without a size the newest checkpoint is brought up to what the log holds.
  const absl::StatusOr<Checkpointer::Made> made =
      asked == 0 ? checkpointer_.Covering(store_.LogSize()) : checkpointer_.At(asked);
  if (!made.ok()) return made.status();
  tree_size_ = (*made)->checkpoint.size;

  if (request_.partnership().empty()) {
    sources_.push_back({"", static_cast<uint64_t>(request_.from_log_index()), false, {}});
  } else {
    for (const std::string& stream : {request_.partnership(), kOverrideStream, kPolicyStream}) {
      sources_.push_back({stream, 0, false, {}});
    }
    const absl::Status filled = Fill(sources_.front());
    if (!filled.ok()) return filled;
    if (sources_.front().read == 0) return PartnershipNotFound(request_.partnership());
  }

  trust::v1::AuditHeader& header = *messages->emplace_back().mutable_line()->mutable_header();
  header.set_format(projections::kAuditFormat);
  header.set_partnership(request_.partnership());
  header.set_tree_size(static_cast<int64_t>(tree_size_));
  header.set_root(eventstore::BytesOf((*made)->checkpoint.root));
  header.set_checkpoint((*made)->note);
  header.set_verifier_key(checkpointer_.verifier_key());
  if (request_.from_log_index() == 0) {
    trust::v1::AuditPolicy& policy = *messages->emplace_back().mutable_line()->mutable_policy();
    policy.set_sha256(policies_.built_in()->sha256);
    policy.set_version(policies_.built_in()->version);
    policy.set_document(policies_.built_in()->canonical_text);
    policy.set_built_in(true);
  }
  progress_due_ = clock_.Now() + kExportProgressInterval;
  begun_ = true;
  return absl::OkStatus();
}

absl::Status AuditExport::Fill(Source& source) {
  size_t bytes = 0;
  absl::Status status;
  const auto visit = [&](const eventstore::RecordedEvent& record) {
    if (record.position > tree_size_) {
      source.exhausted = true;
      return false;
    }
    source.read = source.stream.empty() ? record.position : record.revision;
    if (record.position <= static_cast<uint64_t>(request_.from_log_index())) return true;
    Stored& stored = source.ahead.emplace_back();
    stored.position = record.position;
    stored.bytes.assign(record.stored.data(), record.stored.size());
    if (!projections::ReadStoredEvent(record.stream, record.revision, absl::ToUnixMicros(record.record_time),
                                      record.data, &stored.event)) {
      status = absl::DataLossError(absl::StrCat("the payload at position ", record.position, " is not an event"));
      return false;
    }
    bytes += stored.bytes.size();
    return source.ahead.size() < kAheadRecords && bytes < kAheadBytes;
  };
  const size_t before = source.ahead.size();
  const absl::Status read =
      source.stream.empty() ? store_.ReadLog(source.read, visit) : store_.ReadStream(source.stream, source.read, visit);
  if (!status.ok()) return ReadFault(status);
  if (!read.ok()) return ReadFault(read);
  if (source.ahead.size() == before) source.exhausted = true;
  if (source.stream.empty() && source.read == tree_size_) source.exhausted = true;
  return absl::OkStatus();
}

absl::Status AuditExport::Emit(Stored& stored, Messages* messages) {
  const auto log_index = static_cast<int64_t>(stored.position - 1);
  const std::optional<trust::v1::AuditLine> behind = projections::LineBehind(stored.event, log_index);
  trust::v1::AuditRecord& record = *messages->emplace_back().mutable_line()->mutable_record();
  record.set_log_index(log_index);
  record.set_stream(stored.event.partnership());
  record.set_revision(stored.event.revision());
  record.set_record(std::move(stored.bytes));
  *record.mutable_event() = std::move(stored.event);
  if (!request_.partnership().empty()) {
    const absl::StatusOr<std::vector<eventstore::Sha256Digest>> proof =
        eventstore::InclusionProof(stored.position - 1, tree_size_,
                                   [this](int level, uint64_t index) { return store_.ReadTreeNode(level, index); });
    if (!proof.ok()) return ReadFault(proof.status());
    for (const eventstore::Sha256Digest& hash : *proof) record.add_proof(eventstore::BytesOf(hash));
  }
  ++record_count_;
  position_ = stored.position;
  bytes_ += messages->back().ByteSizeLong();
  if (!behind.has_value()) return absl::OkStatus();
  if (behind->has_assessment()) ++assessment_count_;
  *messages->emplace_back().mutable_line() = *behind;
  bytes_ += messages->back().ByteSizeLong();
  return absl::OkStatus();
}

absl::Status AuditExport::Next(size_t bytes_max, Messages* messages) {
  if (!begun_) {
    const absl::Status begun = Begin(messages);
    if (!begun.ok()) return begun;
  }
  bytes_ = 0;
  while (bytes_ < bytes_max) {
    Source* next = nullptr;
    for (Source& source : sources_) {
      if (source.ahead.empty() && !source.exhausted) {
        const absl::Status filled = Fill(source);
        if (!filled.ok()) return filled;
      }
      if (source.ahead.empty()) continue;
      if (next == nullptr || source.ahead.front().position < next->ahead.front().position) next = &source;
    }
    if (next == nullptr) {
      trust::v1::AuditEnd& end = *messages->emplace_back().mutable_line()->mutable_end();
      end.set_record_count(record_count_);
      end.set_assessment_count(assessment_count_);
      ended_ = true;
      return absl::OkStatus();
    }
    const absl::Status emitted = Emit(next->ahead.front(), messages);
    if (!emitted.ok()) return emitted;
    next->ahead.pop_front();
  }
  const absl::Time now = clock_.Now();
  if (now < progress_due_) return absl::OkStatus();
  progress_due_ = now + kExportProgressInterval;
  trust::v1::ExportProgress& progress = *messages->emplace_back().mutable_progress();
  progress.set_record_count(record_count_);
  progress.set_position(static_cast<int64_t>(position_));
  progress.set_tree_size(static_cast<int64_t>(tree_size_));
  return absl::OkStatus();
}

}  // namespace services
