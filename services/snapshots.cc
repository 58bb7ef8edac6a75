#include "services/snapshots.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "eventstore/crc32c.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/sha256.h"
#include "services/fold_fingerprint.h"
#include "services/log.h"

namespace services {
namespace {

constexpr absl::string_view kSnapshotTitle = "trustd snapshot";
// Title, fingerprint, partnership, revision, leaf hash, pinned: a line each.
constexpr size_t kHeaderLines = 6;
constexpr size_t kHeaderBytesMax = 2048;  // A name of 255 bytes, escaped, is the longest part.
constexpr size_t kChecksumBytes = 8;

struct Header {
  std::string partnership;
  int64_t revision = 0;
  std::string leaf_sha256, pinned;  // In hexadecimal.
  size_t bytes = 0;                 // That it takes.
};

std::string FileOf(absl::string_view partnership) { return eventstore::Sha256Hex(partnership); }

// Nothing else in the directory is ours to delete.
bool IsSnapshotName(absl::string_view name) {
  absl::ConsumeSuffix(&name, kUnfinishedSuffix);
  return name.size() == 2 * sizeof(eventstore::Sha256Digest) &&
         std::all_of(name.begin(), name.end(), absl::ascii_isxdigit);
}

std::string ChecksumOf(absl::string_view bytes) {
  return absl::StrCat(absl::Hex(eventstore::MaskCrc32c(eventstore::Crc32c(bytes)), absl::kZeroPad8));
}

// Nothing for another title or another fold.
std::optional<Header> ParseHeader(absl::string_view bytes) {
  const std::vector<absl::string_view> lines =
      absl::StrSplit(bytes.substr(0, kHeaderBytesMax), absl::MaxSplits('\n', kHeaderLines));
  Header header;
  if (lines.size() != kHeaderLines + 1 || lines[0] != kSnapshotTitle || lines[1] != kFoldFingerprint ||
      !absl::CUnescape(lines[2], &header.partnership) || !absl::SimpleAtoi(lines[3], &header.revision) ||
      header.revision <= 0) {
    return std::nullopt;
  }
  header.leaf_sha256 = std::string(lines[4]);
  header.pinned = std::string(lines[5]);
  header.bytes = static_cast<size_t>(lines[kHeaderLines].data() - bytes.data());
  return header;
}

}  // namespace

Snapshots::Snapshots(const Config& config, SnapshotFiles* files, const eventstore::EventStore* store,
                     PolicyRegistry* policies, const Clock* clock)
    : config_(config), files_(*files), store_(*store), policies_(*policies), clock_(*clock) {}

std::optional<Snapshots::Restored> Snapshots::Restore(const std::string& partnership) {
  const absl::StatusOr<std::string> bytes = files_.Read(FileOf(partnership));
  if (absl::IsNotFound(bytes.status())) return std::nullopt;
  absl::StatusOr<Restored> restored = bytes.ok() ? Open(partnership, *bytes) : bytes.status();
  if (restored.ok()) {
    // The first alone: there may be thousands.
    if (restored_++ == 0) {
      Log(LogLevel::kInfo, "a history is taken up from its snapshot",
          {{"partnership", partnership}, {"revision", absl::StrCat(restored->history->revision())}});
    }
    return *std::move(restored);
  }
  ++refused_;
  Log(LogLevel::kWarning, "a snapshot is not used",
      {{"partnership", partnership}, {"reason", std::string(restored.status().message())}});
  return std::nullopt;
}

absl::StatusOr<Snapshots::Restored> Snapshots::Open(const std::string& partnership, const std::string& bytes) {
  if (bytes.size() < kChecksumBytes) return absl::DataLossError("it is cut short");
  absl::string_view content = bytes;
  const absl::string_view checksum = content.substr(content.size() - kChecksumBytes);
  content.remove_suffix(kChecksumBytes);
  if (ChecksumOf(content) != checksum) return absl::DataLossError("its bytes are damaged");
  const std::optional<Header> header = ParseHeader(content);
  if (!header.has_value()) return absl::FailedPreconditionError("another program made it");
  if (header->partnership != partnership) return absl::FailedPreconditionError("it is of another partnership");
  const absl::StatusOr<std::string> leaf_sha256 = LeafHashAt(partnership, header->revision);
  if (!leaf_sha256.ok()) return leaf_sha256.status();
  if (*leaf_sha256 != header->leaf_sha256) return absl::FailedPreconditionError("it is of another log");

  const PolicyRegistry::Registered applies = policies_.Applies(header->pinned);
  absl::StatusOr<std::shared_ptr<const projections::Policy>> policy = policies_.Compile(*applies);
  if (!policy.ok()) return policy.status();
  std::unique_ptr<projections::TrustHistory> history = projections::TrustHistory::Restore(
      content.substr(header->bytes), partnership, *std::move(policy), applies->sha256);
  if (history == nullptr || history->revision() != header->revision) {
    return absl::DataLossError("what it holds does not fit together");
  }
  return Restored{std::move(history), header->pinned, applies->sha256};
}

absl::StatusOr<std::string> Snapshots::LeafHashAt(const std::string& partnership, int64_t revision) const {
  std::string leaf_sha256;
  const absl::Status read =
      store_.ReadStream(partnership, static_cast<uint64_t>(revision - 1), [&](const eventstore::RecordedEvent& record) {
        leaf_sha256 = absl::BytesToHexString(eventstore::AsBytes(eventstore::LeafHash(record.stored)));
        return false;
      });
  if (!read.ok()) return read;
  if (leaf_sha256.empty()) return absl::FailedPreconditionError("it is newer than the log");
  return leaf_sha256;
}

bool Snapshots::IsDue(int64_t revision, int64_t last_revision, std::optional<absl::Duration> last_attempt) const {
  if (revision - last_revision < config_.events_min) return false;
  return !last_attempt.has_value() || Now() - *last_attempt >= config_.interval;
}

Snapshots::Taken Snapshots::Take(const projections::TrustHistory& history, const std::string& pinned,
                                 const std::string& judged_by) {
  return {history.partnership(), history.revision(), pinned, history.Save(judged_by)};
}

bool Snapshots::Keep(const Taken& taken) {
  const absl::StatusOr<std::string> leaf_sha256 = LeafHashAt(taken.partnership, taken.revision);
  absl::Status kept = leaf_sha256.status();
  if (kept.ok()) {
    std::string bytes = absl::StrCat(kSnapshotTitle, "\n", kFoldFingerprint, "\n", absl::CHexEscape(taken.partnership),
                                     "\n", taken.revision, "\n", *leaf_sha256, "\n", taken.pinned, "\n", taken.history);
    absl::StrAppend(&bytes, ChecksumOf(bytes));
    kept = files_.Write(FileOf(taken.partnership), bytes);
  }
  if (kept.ok()) {
    ++kept_;
  } else {
    Log(LogLevel::kWarning, "a snapshot is not kept",
        {{"partnership", taken.partnership}, {"reason", std::string(kept.message())}});
  }
  return kept.ok();
}

void Snapshots::Sweep() {
  for (const std::string& name : files_.List()) {
    if (!IsSnapshotName(name)) continue;
    const absl::StatusOr<std::string> begin = files_.Read(name, kHeaderBytesMax);
    if (!begin.ok()) continue;
    const std::optional<Header> header = ParseHeader(*begin);
    if (header.has_value() && FileOf(header->partnership) == name) {
      const absl::StatusOr<uint64_t> revision = store_.StreamRevision(header->partnership);
      if (!revision.ok() || *revision >= static_cast<uint64_t>(header->revision)) continue;
    }
    files_.Delete(name);
  }
}

}  // namespace services
