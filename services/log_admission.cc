#include "services/log_admission.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/merkle_tree.h"
#include "services/event_codec.h"
#include "services/log.h"
#include "services/system_stream.h"
#include "trust/v1/events.pb.h"

namespace services {
namespace {

using eventstore::Watermark;
using eventstore::WatermarkFile;

constexpr char kKnownKey[] = "kept";
constexpr char kSignerKey[] = "signer";  // Holds the verifier key of the newest signed checkpoint.

absl::StatusOr<eventstore::Sha256Digest> RootOf(const eventstore::EventStore& store, uint64_t size) {
  return eventstore::RootAt(size, [&store](int level, uint64_t index) { return store.ReadTreeNode(level, index); });
}

// How a log belies its marks.
struct Contradiction {
  std::string what;               // In words.
  std::optional<Watermark> mark;  // The one that is belied; absent when the marks are gone.
};

absl::StatusOr<std::optional<Contradiction>> Compare(const WatermarkFile& watermark,
                                                     const eventstore::EventStore& store) {
  const uint64_t log_size = store.LogSize();
  if (!watermark.exists()) {
    const absl::StatusOr<std::optional<std::string>> known = store.GetRow(kWatermarkTable, kKnownKey);
    if (!known.ok()) return known.status();
    if (!known->has_value()) return std::optional<Contradiction>();
    return std::make_optional<Contradiction>(
        {absl::StrCat("the log has ", log_size, " records and was marked before, but its watermark ", watermark.path(),
                      " is gone"),
         std::nullopt});
  }
  // The newest first: it is what an operator looks for.
  for (auto mark = watermark.marks().rbegin(); mark != watermark.marks().rend(); ++mark) {
    const eventstore::Checkpoint& marked = mark->checkpoint;
    if (marked.size > log_size) {
      return std::make_optional<Contradiction>(
          {absl::StrCat("the log has ", log_size, " records, but ", marked.size, " at ",
                        absl::FormatTime(mark->time, absl::UTCTimeZone()), " by its watermark ", watermark.path(), ": ",
                        marked.size - log_size, " are missing"),
           *mark});
    }
    const absl::StatusOr<eventstore::Sha256Digest> root = RootOf(store, marked.size);
    if (!root.ok()) return root.status();
    if (*root != marked.root) {
      return std::make_optional<Contradiction>(
          {absl::StrCat("the first ", marked.size, " of the log's ", log_size, " records are not those of ",
                        absl::FormatTime(mark->time, absl::UTCTimeZone()), ": their root is ",
                        eventstore::Base64Of(*root), ", not ", eventstore::Base64Of(marked.root),
                        " as in its watermark ", watermark.path()),
           *mark});
    }
  }
  return std::optional<Contradiction>();
}

absl::Status Refusal(const Contradiction& contradiction) {
  return absl::FailedPreconditionError(absl::StrCat(
      contradiction.what,
      ". The log was cut, restored from an older copy, or changed. Put back the newest copy of the data directory, or "
      "the watermark that belongs to it; to serve the log as it is, and have that recorded in it, start once with "
      "--accept_log_rollback=\"the reason\""));
}

absl::Status RecordOverride(const std::string& reason, const Contradiction& contradiction, const Clock& clock,
                            eventstore::EventStore* store) {
  const uint64_t log_size = store->LogSize();
  const absl::StatusOr<eventstore::Sha256Digest> root = RootOf(*store, log_size);
  if (!root.ok()) return root.status();
  const absl::StatusOr<uint64_t> revision = store->StreamRevision(kOverrideStream);
  if (!revision.ok()) return revision.status();
  trust::v1::Event event;
  trust::v1::LogOverrideRecorded& override = *event.mutable_log_override_recorded();
  override.set_reason(reason);
  if (contradiction.mark.has_value()) {
    override.set_watermark_size(static_cast<int64_t>(contradiction.mark->checkpoint.size));
    override.set_watermark_root(eventstore::BytesOf(contradiction.mark->checkpoint.root));
  }
  override.set_log_size(static_cast<int64_t>(log_size));
  override.set_log_root(eventstore::BytesOf(*root));
  return store
      ->Write({std::max(clock.Now(), store->LatestRecordTime()), {{kOverrideStream, *revision, {Encode(event)}}}, {}})
      .status();
}

absl::Status MarkAsItIs(const std::string& origin, const Clock& clock, eventstore::EventStore* store,
                        WatermarkFile& watermark) {
  const uint64_t log_size = store->LogSize();
  const std::optional<Watermark> newest = watermark.Newest();
  if (!newest.has_value() || newest->checkpoint.size < log_size) {
    const absl::StatusOr<eventstore::Sha256Digest> root = RootOf(*store, log_size);
    if (!root.ok()) return root.status();
    const absl::Status marked = watermark.Add({{origin, log_size, *root}, clock.Now()});
    if (!marked.ok()) return marked;
  }
  // Only now: a log that knows of a mark which was never written would be refused.
  const absl::StatusOr<std::optional<std::string>> known = store->GetRow(kWatermarkTable, kKnownKey);
  if (!known.ok()) return known.status();
  if (known->has_value()) return absl::OkStatus();
  return store->WriteRows({{kWatermarkTable, kKnownKey, "1"}});
}

// Tells when checkpoints are signed by another key than before, or no longer, and keeps by which from now on. For
// auditors a key that changed in silence looks like an operator who hides something.
absl::Status CheckSigner(const LogAdmission& admission, const WatermarkFile& watermark, eventstore::EventStore* store) {
  const absl::StatusOr<std::optional<std::string>> kept = store->GetRow(kWatermarkTable, kSignerKey);
  if (!kept.ok()) return kept.status();
  std::string before = kept->value_or("");
  bool same = before == admission.verifier_key;
  if (before.empty() && watermark.Newest().has_value()) {
    // Marked before keys were kept: the name is known, and two keys may share it.
    before = watermark.Newest()->checkpoint.origin;
    same = before.empty() || before == admission.origin;
  }
  if (!before.empty() && !same) {
    const bool signs = !admission.verifier_key.empty();
    Log(LogLevel::kWarning,
        signs
            ? "checkpoints are signed by another key than before; give auditors the new verifier key, or take the old "
              "--signing_key_file again"
            : "checkpoints were signed before and are not any more; set --signing_key_file again",
        {{"before", before}, {"now", signs ? admission.verifier_key : "no key"}});
  }
  if (admission.verifier_key.empty() || *kept == admission.verifier_key) return absl::OkStatus();
  const absl::Status written = store->WriteRows({{kWatermarkTable, kSignerKey, admission.verifier_key}});
  // A full disk keeps nobody from reading: the next start tells it again.
  return absl::IsResourceExhausted(written) ? absl::OkStatus() : written;
}

}  // namespace

absl::StatusOr<WatermarkFile> AdmitLog(const LogAdmission& admission, eventstore::EventStore* store,
                                       const Clock& clock) {
  absl::StatusOr<WatermarkFile> watermark = WatermarkFile::Open(admission.watermark_directory);
  if (absl::IsDataLoss(watermark.status())) {
    return absl::DataLossError(absl::StrCat(watermark.status().message(),
                                            ". Put back a copy of it, or remove it and start once with "
                                            "--accept_log_rollback=\"the reason\""));
  }
  if (!watermark.ok()) return watermark.status();
  const absl::StatusOr<std::optional<Contradiction>> contradiction = Compare(*watermark, *store);
  if (!contradiction.ok()) return contradiction.status();
  if (contradiction->has_value()) {
    if (admission.accept_rollback.empty()) return Refusal(**contradiction);
    const absl::Status recorded = RecordOverride(admission.accept_rollback, **contradiction, clock, store);
    if (!recorded.ok()) return recorded;
    const absl::StatusOr<std::string> aside = watermark->SetAside();
    if (!aside.ok()) return aside.status();
    Log(LogLevel::kWarning, "a log that contradicts its watermark is served by order",
        {{"what", (*contradiction)->what}, {"reason", admission.accept_rollback}, {"old_watermark", *aside}});
  } else if (!admission.accept_rollback.empty()) {
    Log(LogLevel::kWarning, "the log agrees with its watermark, so there is no rollback to accept; take the flag away");
  } else if (!watermark->exists() && store->LogSize() > 0) {
    Log(LogLevel::kWarning,
        "the log has no watermark yet, so that nothing shows whether it is whole; it is marked from now on",
        {{"watermark", watermark->path()}, {"log_size", absl::StrCat(store->LogSize())}});
  }
  if (const absl::Status signer = CheckSigner(admission, *watermark, store); !signer.ok()) return signer;
  const absl::Status marked = MarkAsItIs(admission.origin, clock, store, *watermark);
  if (!marked.ok()) return marked;
  return watermark;
}

}  // namespace services
