// The policies that were ever published, and which of them applies: a standing reading of the policies' stream.
//
// A partnership is judged by the policy it is tied to, else by the one activated last, else by the one the program
// comes with; each as of what is asked to be known. Policies never go away and never change; what is handed out stays
// good. Compiled policies are kept in a small number, the least recently used is dropped first. Thread-safe.

#ifndef SERVICES_POLICY_REGISTRY_H_
#define SERVICES_POLICY_REGISTRY_H_

#include <cstdint>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventstore/event_store.h"
#include "projections/policy.h"
#include "services/command_lane.h"
#include "trust/v1/policy_service.pb.h"

namespace services {

// A policy as it was published. Never changes.
struct RegisteredPolicy {
  std::string version;         // Its label; empty for one that the log names and this program does not have.
  std::string sha256;          // Of the canonical text, in lower-case hexadecimal.
  std::string canonical_text;  // Empty when the label is.
  bool built_in = false;
  absl::Time publish_time = absl::InfinitePast();
};

class PolicyRegistry : public Publisher {
 public:
  using Registered = std::shared_ptr<const RegisteredPolicy>;

  // Knows the policy that the program comes with.
  PolicyRegistry();

  // Takes in what of the policies' stream is not known yet. Blocks on the disk. Errors: LOG_DAMAGED, INTERNAL.
  [[nodiscard]] absl::Status CatchUp(const eventstore::EventStore& store);

  // Takes in what became durable; passes over other streams.
  void Publish(const std::string& stream, absl::Span<const trust::v1::Event> events) override;

  // The policy of a version label or a SHA-256. Errors: POLICY_NOT_FOUND.
  [[nodiscard]] absl::StatusOr<Registered> Find(absl::string_view name) const;

  // The policy in force by what was recorded until a time and up to a position of the log.
  Registered InForce(absl::Time time = absl::InfiniteFuture(),
                     uint64_t position = std::numeric_limits<uint64_t>::max()) const;

  // The policy that applies to a partnership tied to a policy, by its SHA-256; empty when it is tied to none.
  Registered Applies(absl::string_view pinned_sha256, absl::Time time = absl::InfiniteFuture(),
                     uint64_t position = std::numeric_limits<uint64_t>::max()) const;

  // The policy ready for readings. Takes milliseconds the first time: not for network threads.
  // Errors: POLICY_NOT_FOUND, ALGORITHM_UNKNOWN; INTERNAL when the document is none.
  [[nodiscard]] absl::StatusOr<std::shared_ptr<const projections::Policy>> Compile(const RegisteredPolicy& policy);

  // The SHA-256 of a published policy's content, in hexadecimal; empty for another.
  std::string Sha256Of(const projections::Policy& policy) const;

  const Registered& built_in() const { return built_in_; }

  // The policy as callers see it.
  trust::v1::Policy Describe(const RegisteredPolicy& policy) const;

  // In the order of their publication, the one that the program comes with first; up to `count` of them behind the
  // first `after`.
  std::vector<Registered> List(size_t after, size_t count) const;

 private:
  struct Activation {
    uint64_t position = 0;
    absl::Time record_time;
    std::string approver;
    Registered policy;
  };

  void Take(const trust::v1::Event& event, uint64_t position);  // REQUIRES: mutex_ held.
  Registered FindSha256(absl::string_view sha256) const;        // REQUIRES: mutex_ held.

  Registered built_in_;
  std::shared_ptr<const projections::Policy> built_in_compiled_;

  mutable std::mutex mutex_;
  std::vector<Registered> policies_;                           // Guarded by mutex_, as is all below.
  absl::flat_hash_map<std::string, Registered> by_name_;       // By version label and by SHA-256.
  std::vector<Activation> activations_;                        // In the order of the log.
  absl::flat_hash_map<std::string, size_t> last_activations_;  // By SHA-256: an index into activations_.
  int64_t revision_ = 0;                                       // Of the stream, as far as it was taken in.
  std::list<std::pair<std::string, std::shared_ptr<const projections::Policy>>> compiled_;  // Most recent first.
};

}  // namespace services

#endif  // SERVICES_POLICY_REGISTRY_H_
