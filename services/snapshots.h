// Snapshots of folded histories: what the events of a large partnership came to, kept so that a restart need not fold
// them again. Derived data. A snapshot is taken up only when it is whole, was made by the same fold, and is of the
// very history that the store holds: it names the leaf hash of the last record that it was made of, and that record
// names the one before. Everything else is as if there were none. Thread-safe; one partnership at a time.

#ifndef SERVICES_SNAPSHOTS_H_
#define SERVICES_SNAPSHOTS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "projections/trust_history.h"
#include "services/clock.h"
#include "services/policy_registry.h"
#include "services/snapshot_files.h"

namespace services {

class Snapshots {
 public:
  struct Config {
    int64_t events_min = 512;  // That a history has beyond its last snapshot, at least, for the next one. Above 0.
    absl::Duration interval = absl::Minutes(1);  // Between two snapshots of one partnership, at least.
  };

  // A history as a snapshot held it, ready for the events behind its revision.
  struct Restored {
    std::unique_ptr<projections::TrustHistory> history;  // Never null.
    std::string pinned;                                  // The SHA-256 of the policy it is tied to, or empty.
    std::string judged_by;                               // The SHA-256 of the history's policy.
  };

  // A snapshot that is still to be kept.
  struct Taken {
    std::string partnership;
    int64_t revision = 0;
    std::string pinned;
    std::string history;
  };

  // How many snapshots there were of each kind since the start.
  struct Counts {
    int64_t restored = 0, refused = 0, kept = 0;
  };

  // All outlive the snapshots.
  Snapshots(const Config& config, SnapshotFiles* files, const eventstore::EventStore* store, PolicyRegistry* policies,
            const Clock* clock);

  // The history of a partnership; nothing when there is no snapshot that may be taken up. One that may not is logged
  // and counted; the next one takes its place. Blocks on the disk.
  std::optional<Restored> Restore(const std::string& partnership);

  // Whether it is time for a snapshot of a history at a revision, when the last one was of another (0 for none) and the
  // last attempt was made then (nothing for none).
  bool IsDue(int64_t revision, int64_t last_revision, std::optional<absl::Duration> last_attempt) const;
  absl::Duration Now() const { return clock_.Monotonic(); }

  // Costs time that grows with the events; does not block. REQUIRES: history has taken in the first events of its
  // stream, and is judged by the policy of that SHA-256.
  static Taken Take(const projections::TrustHistory& history, const std::string& pinned, const std::string& judged_by);

  // Keeps it in the place of the last one. False, and logged, when that failed. Blocks on the disk.
  bool Keep(const Taken& taken);

  // Deletes what no history will be restored from: snapshots of other folds, of partnerships that are not in the store
  // or have fewer events there, and what has such a name and is none. While none is kept. Blocks on the disk.
  void Sweep();

  Counts counts() const { return {restored_, refused_, kept_}; }

 private:
  absl::StatusOr<Restored> Open(const std::string& partnership, const std::string& bytes);
  absl::StatusOr<std::string> LeafHashAt(const std::string& partnership, int64_t revision) const;

  const Config config_;
  SnapshotFiles& files_;
  const eventstore::EventStore& store_;
  PolicyRegistry& policies_;
  const Clock& clock_;
  std::atomic<int64_t> restored_{0}, refused_{0}, kept_{0};
};

}  // namespace services

#endif  // SERVICES_SNAPSHOTS_H_
