// One call of any shape of method by its path: requests in the wire's form go out one after another while responses are
// taken. For the thread that made it.

#ifndef SERVICES_TRUSTCTL_ANY_CALL_H_
#define SERVICES_TRUSTCTL_ANY_CALL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"

namespace trustctl {

class AnyCall {
 public:
  // All must outlive the call.
  AnyCall(grpc::GenericStub* stub, grpc::ClientContext* context, const std::string& path,
          const std::vector<std::string>& requests);

  // Calls receive with each response until it returns false, which ends the call with OK; calls heard whenever
  // something came. Once.
  grpc::Status Run(absl::FunctionRef<bool(absl::string_view)> receive, absl::FunctionRef<void()> heard);

 private:
  void Read();
  void Write();

  grpc::ClientContext& context_;
  const std::vector<std::string>& requests_;
  grpc::CompletionQueue queue_;
  const std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  grpc::ByteBuffer response_;
  grpc::Status status_;
  size_t next_ = 0;
  bool writing_ = false, write_pending_ = false, done_writing_ = false;
  bool reading_ = false, enough_ = false;
  char start_ = 0, write_ = 0, read_ = 0, finish_ = 0;  // Their addresses are the tags.
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_ANY_CALL_H_
