#include "services/log_verification.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "eventstore/merkle_tree.h"
#include "services/store_fault.h"

namespace services {
namespace {

using eventstore::LogFinding;
using eventstore::LogVerifier;

constexpr uint64_t kRecordsAPiece = 2'000;
constexpr size_t kFindingsTold = 1'000;
constexpr absl::Duration kVerificationProgressInterval = absl::Seconds(1);

trust::v1::VerifyPhase PhaseOf(LogVerifier::Phase phase) {
  switch (phase) {
    case LogVerifier::Phase::kFiles:
      return trust::v1::VERIFY_PHASE_FILES;
    case LogVerifier::Phase::kLog:
      return trust::v1::VERIFY_PHASE_LOG;
    case LogVerifier::Phase::kStreams:
      return trust::v1::VERIFY_PHASE_STREAMS;
    case LogVerifier::Phase::kMissing:
    case LogVerifier::Phase::kDone:
      break;
  }
  return trust::v1::VERIFY_PHASE_MISSING;
}

trust::v1::VerifyFindingKind KindOf(LogFinding::Kind kind) {
  switch (kind) {
    case LogFinding::Kind::kFile:
      return trust::v1::VERIFY_FINDING_KIND_FILE;
    case LogFinding::Kind::kUnreadable:
      return trust::v1::VERIFY_FINDING_KIND_UNREADABLE;
    case LogFinding::Kind::kOrder:
      return trust::v1::VERIFY_FINDING_KIND_ORDER;
    case LogFinding::Kind::kTree:
      return trust::v1::VERIFY_FINDING_KIND_TREE;
    case LogFinding::Kind::kLink:
      return trust::v1::VERIFY_FINDING_KIND_LINK;
    case LogFinding::Kind::kCopy:
      return trust::v1::VERIFY_FINDING_KIND_COPY;
    case LogFinding::Kind::kHead:
      break;
  }
  return trust::v1::VERIFY_FINDING_KIND_HEAD;
}

}  // namespace

LogVerification::LogVerification(const eventstore::EventStore* store, const Checkpointer* checkpointer,
                                 const Clock* clock)
    : store_(*store), clock_(*clock), checkpoint_(checkpointer->Newest()), verifier_(store, kFindingsTold) {}

absl::Status LogVerification::Next(size_t, Messages* messages) {
  const absl::Status stepped = verifier_.Step(kRecordsAPiece);
  if (!stepped.ok()) return ReadFault(stepped);
  for (; told_ < verifier_.report().findings.size(); ++told_) {
    const LogFinding& found = verifier_.report().findings[told_];
    trust::v1::VerifyFinding& finding = *messages->emplace_back().mutable_finding();
    finding.set_kind(KindOf(found.kind));
    if (found.position > 0) finding.set_log_index(static_cast<int64_t>(found.position - 1));
    finding.set_stream(found.stream);
    finding.set_revision(static_cast<int64_t>(found.revision));
    finding.set_problem(found.problem);
  }
  if (verifier_.done()) return End(messages);
  if (clock_.Now() >= progress_due_) TellProgress(messages);
  return absl::OkStatus();
}

void LogVerification::TellProgress(Messages* messages) {
  progress_due_ = clock_.Now() + kVerificationProgressInterval;
  const LogVerifier::Progress& reached = verifier_.progress();
  trust::v1::VerifyProgress& progress = *messages->emplace_back().mutable_progress();
  progress.set_phase(PhaseOf(reached.phase));
  progress.set_record_count(static_cast<int64_t>(reached.records + reached.stream_records));
  progress.set_record_total(static_cast<int64_t>(2 * reached.log_size));
  progress.set_stream_count(static_cast<int64_t>(reached.streams));
  progress.set_file_count(static_cast<int64_t>(reached.files));
  progress.set_finding_count(static_cast<int64_t>(verifier_.report().findings_count));
}

absl::Status LogVerification::End(Messages* messages) {
  auto finding_count = static_cast<int64_t>(verifier_.report().findings_count);
  trust::v1::VerifyEnd end;
  if (checkpoint_ != nullptr) {
    // That the hashes of the tree are those of the records was just seen.
    const auto root = eventstore::RootAt(
        checkpoint_->checkpoint.size, [this](int level, uint64_t index) { return store_.ReadTreeNode(level, index); });
    end.set_checkpoint_size(static_cast<int64_t>(checkpoint_->checkpoint.size));
    end.set_matches_checkpoint(root.ok() && *root == checkpoint_->checkpoint.root);
    if (!end.matches_checkpoint()) {
      trust::v1::VerifyFinding& finding = *messages->emplace_back().mutable_finding();
      finding.set_kind(trust::v1::VERIFY_FINDING_KIND_CHECKPOINT);
      finding.set_problem(absl::StrCat("the log has ",
                                       root.ok() ? eventstore::Base64Of(*root) : "no root that can be read", " over ",
                                       checkpoint_->checkpoint.size, " records, and the checkpoint made of them has ",
                                       eventstore::Base64Of(checkpoint_->checkpoint.root)));
      ++finding_count;
    }
  }
  end.set_tree_size(static_cast<int64_t>(verifier_.progress().log_size));
  if (verifier_.report().root.has_value()) end.set_root(eventstore::BytesOf(*verifier_.report().root));
  end.set_stream_count(static_cast<int64_t>(verifier_.progress().streams));
  end.set_finding_count(finding_count);
  *messages->emplace_back().mutable_end() = end;
  ended_ = true;
  return absl::OkStatus();
}

}  // namespace services
