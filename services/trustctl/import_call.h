// One ImportHistory call as the delivery of an import sees it, so that the delivery knows no gRPC and is tested without
// a server.

#ifndef SERVICES_TRUSTCTL_IMPORT_CALL_H_
#define SERVICES_TRUSTCTL_IMPORT_CALL_H_

#include "absl/status/status.h"
#include "trust/v1/evidence_service.pb.h"

namespace trustctl {

// Write and WritesDone belong to one thread, Read to one other; Finish comes after both; Cancel is for any thread.
class ImportCall {
 public:
  virtual ~ImportCall() = default;
  // Blocks while the server does not read. False when the call is over.
  virtual bool Write(const trust::v1::ImportHistoryRequest& request) = 0;
  virtual void WritesDone() = 0;
  // Blocks until there is a response. False when there will be none.
  virtual bool Read(trust::v1::ImportHistoryResponse* response) = 0;
  virtual void Cancel() = 0;
  // How the call ended.
  virtual absl::Status Finish() = 0;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_IMPORT_CALL_H_
