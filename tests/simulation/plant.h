// Mistakes that a server could make, planted at its seams so that the simulation can show that it finds them. No code
// of the product knows of them.

#ifndef TESTS_SIMULATION_PLANT_H_
#define TESTS_SIMULATION_PLANT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/decided_command.h"
#include "tests/simulation/forwarding_store.h"

namespace simulation {

enum class Plant {
  kNone,
  kAckBeforeWrite,         // An append returns while its bytes are still to be written.
  kNoFlush,                // A flush says that it was done.
  kRequestRowApart,        // Request ids are written in a batch after their events.
  kRequestRowsForgotten,   // Request ids are remembered by the process alone.
  kPublishBeforeWrite,     // Readers are told before the append.
  kRevisionOffByOne,       // An expected revision that is one behind passes.
  kRowsApart,              // Derived rows are written in a batch after their events.
  kProgressApart,          // The index writes its progress in a batch before its rows.
  kSubscriberSkipsOne,     // The first event after catching up is passed over.
  kSnapshotAppliesTwice,   // A history that is read on takes its last event in again.
  kUnknownIsFailure,       // A write of unknown outcome is reported as one that stored nothing.
  kCheckpointBeforeWrite,  // A checkpoint counts what is being written.
  kDamageCutOff,           // A damaged log is read up to the damage, without a word.
  kChanceFromElsewhere,    // A decision of the simulation itself comes from the lives before.
};

struct PlantInfo {
  Plant plant;
  const char* name;  // For --plant.
  int seeds_max;     // Found within so many seeds, counted from 1, under either engine.
  // Not what is planted in the small engine itself, nor what is planted in the simulation.
  bool under_rocksdb = true;
};

// All but kNone. The last one is found by comparing traces, not by a check within one.
const std::vector<PlantInfo>& Plants();
std::optional<Plant> PlantOfName(absl::string_view name);

// A store between the lane and the engine, with those of the mistakes that belong there.
class PlantedStore : public ForwardingStore {
 public:
  // publish tells the readers of an append as if it were durable: for kPublishBeforeWrite.
  PlantedStore(Plant plant, eventstore::EventStore* under, std::function<void(const eventstore::Append&)> publish)
      : ForwardingStore(under), plant_(plant), publish_(std::move(publish)) {}

  absl::StatusOr<eventstore::Appended> Write(const eventstore::Append& append) override;
  absl::Status WriteRows(const std::vector<eventstore::RowWrite>& rows) override;
  absl::StatusOr<std::optional<std::string>> GetRow(absl::string_view table, absl::string_view key) const override;

 private:
  const Plant plant_;
  const std::function<void(const eventstore::Append&)> publish_;
  std::set<std::string> requests_;  // Written by this process.
};

// What the readings see, with kSnapshotAppliesTwice.
class PlantedReadings : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  absl::Status ReadStream(absl::string_view stream, uint64_t after, eventstore::EventVisitor visit) const override {
    return ForwardingStore::ReadStream(stream, after > 0 ? after - 1 : 0, visit);
  }
};

// What one subscriber sees, with kSubscriberSkipsOne.
class PlantedFollower : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  absl::Status ReadLog(uint64_t after, eventstore::EventVisitor visit) const override;

 private:
  mutable bool caught_up_ = false, skipped_ = false;
};

// A command that takes an expected revision that is one behind for right: kRevisionOffByOne.
template <class Request>
class OffByOneCommand : public services::DecidedCommand<Request> {
 public:
  OffByOneCommand(Request* request, absl::string_view method, services::Recall recall, services::Caller caller,
                  services::CommandDone done)
      : services::DecidedCommand<Request>(request, method, recall, std::move(caller), std::move(done)),
        request_(request) {}

  void Judge(services::Draft& draft, const domain::Context& context) override {
    if constexpr (requires { request_->has_expected_revision(); }) {
      if (request_->has_expected_revision() && request_->expected_revision() + 1 == draft.state().revision) {
        request_->set_expected_revision(draft.state().revision);
      }
    }
    services::DecidedCommand<Request>::Judge(draft, context);
  }

 private:
  Request* const request_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_PLANT_H_
