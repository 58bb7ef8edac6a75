// One watch of stages and conditions: a place among the changes that the standing index tells, and the messages that
// follow. It holds no more than the piece being told, however slowly it is read, and while a snapshot is told a number
// for each partnership that changes meanwhile, no more than there are changes kept. Free of any transport. Blocks on
// the disk; one thread at a time.

#ifndef SERVICES_TRUST_WATCH_H_
#define SERVICES_TRUST_WATCH_H_

#include <cstdint>
#include <deque>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "eventstore/event_store.h"
#include "projections/day.h"
#include "services/standing_index.h"
#include "trust/v1/trust_service.pb.h"

namespace services {

inline constexpr int kWatchedPartnershipsMax = 1000;

class TrustWatch {
 public:
  // index and store outlive the watch.
  TrustWatch(const StandingIndex* index, const eventstore::EventStore* store, trust::v1::WatchTrustRequest request);

  // Adds the next messages, at most messages_max of the snapshot or of the changes looked at; none when nothing is new.
  // Once everything until now is told, and again on each new day and with heartbeat, a message says so.
  // Errors: INVALID_FIELD, PARTNERSHIP_NOT_FOUND, INVALID_RESUME_TOKEN (also when the watch has fallen behind what is
  // kept), INDEX_NOT_READY, LOG_DAMAGED, INTERNAL; nothing more comes after one.
  absl::Status Next(size_t messages_max, bool heartbeat, std::deque<trust::v1::WatchTrustResponse>* messages);

  // The number of the last change looked at.
  uint64_t sequence() const { return sequence_; }
  // The day of the last such message; 0 before the first.
  projections::Day live_day() const { return live_day_; }
  // True when there is more to tell at once.
  bool HasMore() const;

 private:
  absl::Status CheckShape() const;
  absl::Status Begin();
  absl::Status Resume(const StandingIndex::State& state);
  absl::Status TellSnapshot(size_t messages_max, std::deque<trust::v1::WatchTrustResponse>* messages);
  absl::Status TellChanges(size_t messages_max, std::deque<trust::v1::WatchTrustResponse>* messages);
  void TellRow(const std::string& partnership, const trust::v1::StandingRow& row,
               std::deque<trust::v1::WatchTrustResponse>* messages);
  bool Watches(const std::string& partnership) const;
  // Empty where another watch could not go on: it would not know what the snapshot held already.
  std::string Token() const;

  const StandingIndex* const index_;
  const eventstore::EventStore* const store_;
  const trust::v1::WatchTrustRequest request_;
  absl::btree_set<std::string> partnerships_;  // Empty: all.
  bool begun_ = false;
  bool snapshot_done_ = true;
  std::string snapshot_after_;  // The last partnership of the snapshot told.
  // Of partnerships that changed while the snapshot was told: the last change that their snapshot holds already.
  absl::flat_hash_map<std::string, uint64_t> held_by_snapshot_;
  uint64_t held_max_ = 0;  // The largest of them.
  uint64_t sequence_ = 0;
  projections::Day live_day_ = 0;
  std::string arguments_;
};

}  // namespace services

#endif  // SERVICES_TRUST_WATCH_H_
