// What another policy would say: each partnership's history is folded once and judged twice, by the policy that applies
// and by the candidate, and their stage paths are compared. Reads the log as it stood when the simulation began; writes
// nothing. Free of any transport.
//
// Several threads may work at the same time, each on a small piece of the partnerships; what they find comes out in the
// order of the ids. Memory: the histories under work, and the messages that wait to be taken, which HasRoom bounds.

#ifndef SERVICES_SIMULATION_H_
#define SERVICES_SIMULATION_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "projections/trust_history.h"
#include "services/policy_registry.h"
#include "services/trust_question.h"
#include "trust/v1/trust_service.pb.h"

namespace services {

class Simulation {
 public:
  using Messages = std::deque<trust::v1::SimulatePolicyResponse>;

  // The shape of a request. Errors: INVALID_FIELD, INVALID_POLICY, ALGORITHM_UNKNOWN.
  static absl::Status Check(const trust::v1::SimulatePolicyRequest& request);

  // store and policies outlive the simulation. now is the day that it is about when the request names none.
  // REQUIRES: Check accepted the request.
  Simulation(const eventstore::EventStore* store, PolicyRegistry* policies, trust::v1::SimulatePolicyRequest request,
             absl::Time now);

  // Finds out what there is to do. Before all else, once. Blocks on the disk.
  // Errors: POLICY_NOT_FOUND, PARTNERSHIP_NOT_FOUND, ALGORITHM_UNKNOWN, LOG_DAMAGED, INTERNAL.
  [[nodiscard]] absl::Status Begin();

  // Evaluates the next piece; nothing when there is none, or when it was cancelled. tick is called every few thousand
  // events and returns false to cancel. Blocks on the disk. Thread-safe. Errors: LOG_DAMAGED, INTERNAL.
  [[nodiscard]] absl::Status Work(absl::FunctionRef<bool()> tick);

  // Whether there are pieces that nobody has begun. Thread-safe; as the three below it never waits for the disk.
  bool HasMore() const;
  // Whether what waits to be taken leaves room for another piece. Thread-safe.
  bool HasRoom() const;
  // Moves the differences that are ready to the end of messages. Thread-safe.
  void Take(Messages* messages);

  // How far it is. Thread-safe.
  trust::v1::SimulatePolicyResponse Progress() const;
  // The end. REQUIRES: HasMore() is false and no Work is under way.
  trust::v1::SimulatePolicyResponse End() const;

 private:
  struct Piece {
    uint64_t number = 0;
    std::vector<std::string> partnerships;
    Messages differences;
    int64_t difference_count = 0, stage_difference_count = 0;
  };

  // Takes the next partnerships into the piece; false when there are none.
  absl::StatusOr<bool> Claim(Piece* piece);
  absl::Status Evaluate(absl::FunctionRef<bool()> tick, Piece* piece);
  absl::Status Compare(const std::string& pinned, projections::TrustHistory& history, Piece* piece) const;

  const eventstore::EventStore* const store_;
  PolicyRegistry* const policies_;
  const trust::v1::SimulatePolicyRequest request_;
  TrustQuestion question_;
  projections::Day as_of_ = 0;

  // Set by Begin.
  std::shared_ptr<const projections::Policy> candidate_;
  std::string candidate_sha256_;
  std::string in_force_sha256_;
  std::shared_ptr<const projections::Policy> in_force_;
  uint64_t log_size_ = 0;
  int64_t partnership_total_ = 0;

  std::atomic<int64_t> partnership_count_{0}, event_count_{0};

  // Held by whoever claims, also while it reads the disk: taken before mutex_, and never by those who only look.
  std::mutex claim_mutex_;
  std::string listed_until_;  // Guarded by claim_mutex_: the last name that was listed.

  mutable std::mutex mutex_;
  std::deque<std::string> listed_;  // Guarded by mutex_, as is all below: partnerships that nobody has begun.
  bool all_listed_ = false;
  uint64_t next_piece_ = 0, next_out_ = 0;
  std::map<uint64_t, Piece> finished_;  // That wait for a piece before them.
  Messages ready_;
  size_t waiting_ = 0;  // Messages in finished_ and ready_.
  int64_t difference_count_ = 0, stage_difference_count_ = 0;
};

}  // namespace services

#endif  // SERVICES_SIMULATION_H_
