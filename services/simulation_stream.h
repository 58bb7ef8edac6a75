// One SimulatePolicy call: pieces are evaluated on the pool, by as many threads as it lends, and only while the caller
// takes what they find. Each piece is short, so that other calls get their turn.

#ifndef SERVICES_SIMULATION_STREAM_H_
#define SERVICES_SIMULATION_STREAM_H_

#include <atomic>
#include <mutex>

#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "services/access_gate.h"
#include "services/service_parts.h"
#include "services/simulation.h"
#include "trust/v1/trust_service.pb.h"

namespace services {

class SimulationStream final : public grpc::ServerWriteReactor<trust::v1::SimulatePolicyResponse> {
 public:
  // Lives until gRPC says that the call is done, and deletes itself then. parts outlives it.
  static SimulationStream* Begin(const ServiceParts& parts, const trust::v1::SimulatePolicyRequest& request,
                                 const AccessGate& gate);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  SimulationStream(const ServiceParts& parts, const trust::v1::SimulatePolicyRequest& request);

  void Start(const absl::Status& admitted);  // Begins the work, or ends the call with why there is none.
  void Prepare();                            // On the pool: finds out what there is to do.
  void Run();                                // On the pool: evaluates a piece.
  bool Tick();                               // Says how far it is, from time to time; false once nobody waits any more.
  bool MayWork();                            // REQUIRES: mutex_ held.
  // Does whatever can be done next, and unlocks. The last to call it may find the call finished and gone.
  void Advance(std::unique_lock<std::mutex> lock);

  const ServiceParts& parts_;
  Simulation simulation_;
  std::atomic<bool> cancelled_{false};
  std::atomic<int64_t> progress_due_us_{0};  // Since the epoch.

  std::mutex mutex_;
  Simulation::Messages messages_;  // Guarded by mutex_, as is all below; the first is being written when writing_.
  absl::Status status_;
  int workers_ = 0;
  bool begun_ = false;
  bool writing_ = false;
  bool ended_ = false;     // End stands in messages_ or was written.
  bool finished_ = false;  // Finish was called.
};

}  // namespace services

#endif  // SERVICES_SIMULATION_STREAM_H_
