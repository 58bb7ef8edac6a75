#include "services/audit_query.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/merkle_tree.h"
#include "projections/event_name.h"
#include "services/domain/refusal.h"
#include "services/log_position.h"
#include "services/query_checks.h"
#include "services/service_parts.h"
#include "services/store_fault.h"

namespace services {
namespace {

absl::Status SigningKeyMissing() {
  return domain::FailedPrecondition(
      trust::v1::ERROR_REASON_SIGNING_KEY_MISSING, "signing key",
      "this server signs nothing; make a key with trustctl keygen and start trustd with --signing_key_file=FILE");
}

// A record and its place.
struct FoundRecord {
  uint64_t position = 0;
  std::string record;
};

absl::StatusOr<FoundRecord> FindRecord(const eventstore::EventStore& store,
                                       const trust::v1::GetInclusionProofRequest& request) {
  FoundRecord found;
  const auto visit = [&found](const eventstore::RecordedEvent& event) {
    found.position = event.position;
    found.record = std::string(event.stored);
    return false;
  };
  if (request.partnership().empty()) {
    const auto index = static_cast<uint64_t>(request.log_index());
    if (absl::Status within = CheckWithinLog(store, index + 1); !within.ok()) return within;
    const absl::Status read = store.ReadLog(index, visit);
    if (!read.ok()) return ReadFault(read);
  } else {
    const absl::Status read =
        store.ReadStream(request.partnership(), static_cast<uint64_t>(request.revision() - 1), visit);
    if (!read.ok()) return ReadFault(read);
  }
  if (found.position > 0) return found;
  const absl::StatusOr<uint64_t> revision = store.StreamRevision(request.partnership());
  if (!revision.ok()) return ReadFault(revision.status());
  if (*revision == 0) return PartnershipNotFound(request.partnership());
  const std::string event = projections::EventName(request.partnership(), request.revision());
  return domain::NotFound(trust::v1::ERROR_REASON_EVENT_NOT_FOUND, "event", event,
                          absl::StrCat("there is no ", event, "; the history holds ", *revision, " events"));
}

}  // namespace

absl::Status GetCheckpointNow(const eventstore::EventStore& store, Checkpointer& checkpointer,
                              const trust::v1::GetCheckpointRequest& request,
                              trust::v1::GetCheckpointResponse* response) {
  QueryChecks checks;
  if (request.size() < 0) checks.Wrong("size", "is negative; use 0 for the newest");
  if (request.size() != 0 && !request.min_position().empty()) {
    checks.Wrong("min_position", "is for the newest checkpoint; leave it or size out");
  }
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return shape;
  if (const absl::Status position = CheckMinPosition(store, request.min_position()); !position.ok()) return position;
  if (checkpointer.verifier_key().empty()) return SigningKeyMissing();
  uint64_t covered = 0;
  if (!request.min_position().empty()) covered = *ParseLogPosition(request.min_position());
  const absl::StatusOr<Checkpointer::Made> made =
      request.size() == 0 ? checkpointer.Covering(covered) : checkpointer.At(static_cast<uint64_t>(request.size()));
  if (!made.ok()) return made.status();
  response->set_checkpoint((*made)->note);
  response->set_size(static_cast<int64_t>((*made)->checkpoint.size));
  response->set_root(eventstore::BytesOf((*made)->checkpoint.root));
  response->set_verifier_key(checkpointer.verifier_key());
  return absl::OkStatus();
}

absl::Status GetInclusionProofNow(const eventstore::EventStore& store, Checkpointer& checkpointer,
                                  const trust::v1::GetInclusionProofRequest& request,
                                  trust::v1::GetInclusionProofResponse* response) {
  QueryChecks checks;
  if (request.partnership().empty()) {
    if (request.revision() != 0) checks.Wrong("revision", "needs a partnership");
    if (request.log_index() < 0) checks.Wrong("log_index", "is negative; the first record has 0");
  } else {
    checks.Id("partnership", request.partnership());
    if (request.revision() < 1) checks.Wrong("revision", "is required with a partnership; the first event has 1");
    if (request.log_index() != 0)
      checks.Wrong("log_index", "is for a record of the whole log; leave it or partnership out");
  }
  if (request.tree_size() < 0) checks.Wrong("tree_size", "is negative; use 0 for that of the newest checkpoint");
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return shape;
  absl::StatusOr<FoundRecord> found = FindRecord(store, request);
  if (!found.ok()) return found.status();
  auto tree_size = static_cast<uint64_t>(request.tree_size());
  if (tree_size == 0) {
    const absl::StatusOr<Checkpointer::Made> made = checkpointer.Covering(found->position);
    if (!made.ok()) return made.status();
    tree_size = (*made)->checkpoint.size;
  }
  const absl::StatusOr<eventstore::Sha256Digest> root = checkpointer.RootOf(tree_size);
  if (!root.ok()) return root.status();
  if (tree_size < found->position) {
    return domain::Fault(
        absl::StatusCode::kOutOfRange, trust::v1::ERROR_REASON_RECORD_NOT_COVERED,
        absl::StrCat("the tree of ", tree_size, " records ends before the one of log_index ", found->position - 1),
        {{"log_index", absl::StrCat(found->position - 1)}, {"tree_size", absl::StrCat(tree_size)}});
  }
  const absl::StatusOr<std::vector<eventstore::Sha256Digest>> proof = eventstore::InclusionProof(
      found->position - 1, tree_size, [&store](int level, uint64_t index) { return store.ReadTreeNode(level, index); });
  if (!proof.ok()) return ReadFault(proof.status());
  response->set_log_index(static_cast<int64_t>(found->position - 1));
  response->set_leaf_hash(eventstore::BytesOf(eventstore::LeafHash(found->record)));
  response->set_record(std::move(found->record));
  response->set_tree_size(static_cast<int64_t>(tree_size));
  response->set_root(eventstore::BytesOf(*root));
  for (const eventstore::Sha256Digest& hash : *proof) response->add_hashes(eventstore::BytesOf(hash));
  return absl::OkStatus();
}

absl::Status GetConsistencyProofNow(const eventstore::EventStore& store, Checkpointer& checkpointer,
                                    const trust::v1::GetConsistencyProofRequest& request,
                                    trust::v1::GetConsistencyProofResponse* response) {
  QueryChecks checks;
  if (request.old_size() < 1) checks.Wrong("old_size", "is required and at least 1");
  if (request.new_size() < 0 || (request.new_size() > 0 && request.new_size() < request.old_size())) {
    checks.Wrong("new_size", "is at least old_size, or 0 for that of the newest checkpoint");
  }
  if (const absl::Status shape = checks.Verdict(); !shape.ok()) return shape;
  const auto old_size = static_cast<uint64_t>(request.old_size());
  auto new_size = static_cast<uint64_t>(request.new_size());
  if (new_size == 0) new_size = std::max(old_size, checkpointer.NewestSize());
  const absl::StatusOr<eventstore::Sha256Digest> new_root = checkpointer.RootOf(new_size);
  if (!new_root.ok()) return new_root.status();
  const absl::StatusOr<eventstore::Sha256Digest> old_root = checkpointer.RootOf(old_size);
  if (!old_root.ok()) return old_root.status();
  const absl::StatusOr<std::vector<eventstore::Sha256Digest>> proof = eventstore::ConsistencyProof(
      old_size, new_size, [&store](int level, uint64_t index) { return store.ReadTreeNode(level, index); });
  if (!proof.ok()) return ReadFault(proof.status());
  response->set_old_size(request.old_size());
  response->set_old_root(eventstore::BytesOf(*old_root));
  response->set_new_size(static_cast<int64_t>(new_size));
  response->set_new_root(eventstore::BytesOf(*new_root));
  for (const eventstore::Sha256Digest& hash : *proof) response->add_hashes(eventstore::BytesOf(hash));
  return absl::OkStatus();
}

}  // namespace services
