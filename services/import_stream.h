// One ImportHistory call: reads messages of items, hands runs of one partnership to the lane, writes the results in
// order. A bounded number of messages is under way at once; the rest waits in the caller, held back by flow control.

#ifndef SERVICES_IMPORT_STREAM_H_
#define SERVICES_IMPORT_STREAM_H_

#include <deque>
#include <memory>
#include <mutex>

#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "services/import_command.h"
#include "services/service_parts.h"
#include "trust/v1/evidence_service.pb.h"

namespace services {

class ImportStream final
    : public grpc::ServerBidiReactor<trust::v1::ImportHistoryRequest, trust::v1::ImportHistoryResponse> {
 public:
  // Lives until gRPC says that the call is done, and deletes itself then.
  ImportStream(const ServiceParts& parts, grpc::CallbackServerContext* context);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;
  void OnCancel() override {}

 private:
  // One message on its way.
  struct Message {
    trust::v1::ImportHistoryRequest request;
    trust::v1::ImportHistoryResponse response;  // A result an item, filled as the runs come back.
    size_t runs_open = 1;                       // Runs that are not settled; one more while runs are handed over.
    bool failed = false;                        // Some run was not decided: the results are not complete.
  };

  void Take(const std::shared_ptr<Message>& message);
  void Settle(Message& message, size_t first, absl::StatusOr<ImportOutcome> outcome);
  void Advance();                        // REQUIRES: mutex_ held.
  void End(const grpc::Status& status);  // REQUIRES: mutex_ held.

  const ServiceParts& parts_;
  grpc::CallbackServerContext* const context_;

  std::mutex mutex_;
  std::shared_ptr<Message> reading_;                // The message being read into; null when none is.
  std::deque<std::shared_ptr<Message>> under_way_;  // In the order they came; shared with their commands.
  bool taking_ = false;  // A message is being handed over: the next is read after it, so that the order holds.
  bool writing_ = false;
  bool read_all_ = false;
  bool finished_ = false;
  absl::Status failure_;
};

}  // namespace services

#endif  // SERVICES_IMPORT_STREAM_H_
