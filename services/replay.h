// The replay of a partnership's history: each event with the readings after it, a bounded piece at a time. Free of any
// transport. Not thread-safe; blocks on the disk.

#ifndef SERVICES_REPLAY_H_
#define SERVICES_REPLAY_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "eventstore/event_store.h"
#include "projections/trust_history.h"
#include "services/policy_registry.h"
#include "trust/v1/history_service.pb.h"

namespace services {

class PersonalData;

class Replay {
 public:
  // All outlive the replay; personal opens what is sealed, null leaves it out. All readings are under one policy: the
  // one that is named, or the one that applies when the replay begins.
  Replay(const eventstore::EventStore* store, PolicyRegistry* policies, trust::v1::ReplayHistoryRequest request,
         const PersonalData* personal = nullptr);

  // Adds the next messages, about bytes_max of them, or the End when there are no more.
  // Errors: INVALID_FIELD, PARTNERSHIP_NOT_FOUND, POLICY_NOT_FOUND, ALGORITHM_UNKNOWN, KEYS_UNAVAILABLE, LOG_DAMAGED,
  // INTERNAL; nothing
  // more comes after one.
  absl::Status Next(size_t bytes_max, std::deque<trust::v1::ReplayHistoryResponse>* messages);

  // True when End was handed out.
  bool ended() const { return ended_; }

 private:
  absl::Status Begin();
  absl::Status CheckShape() const;
  // The revisions between which is told.
  absl::Status ChooseRange();
  absl::Status ChoosePolicy();
  void Step(trust::v1::Event& event, std::deque<trust::v1::ReplayHistoryResponse>* messages);

  const eventstore::EventStore* const store_;
  const PersonalData* const personal_;
  PolicyRegistry* const policies_;
  const trust::v1::ReplayHistoryRequest request_;
  const trust::v1::View view_;
  PolicyRegistry::Registered policy_;
  projections::TrustHistory history_;
  std::map<std::pair<std::string, std::string>, trust::v1::DirectionReading> readings_;  // After the last event.
  bool begun_ = false;
  bool ended_ = false;
  int64_t after_revision_ = 0;
  int64_t until_revision_ = 0;
  int64_t event_count_ = 0;
};

}  // namespace services

#endif  // SERVICES_REPLAY_H_
