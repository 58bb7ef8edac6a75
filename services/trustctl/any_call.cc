#include "services/trustctl/any_call.h"

namespace trustctl {
namespace {

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return "\xff";  // No message.
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace

AnyCall::AnyCall(grpc::GenericStub* stub, grpc::ClientContext* context, const std::string& path,
                 const std::vector<std::string>& requests)
    : context_(*context), requests_(requests), call_(stub->PrepareCall(context, path, &queue_)) {}

grpc::Status AnyCall::Run(absl::FunctionRef<bool(absl::string_view)> receive, absl::FunctionRef<void()> heard) {
  call_->StartCall(&start_);
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
    if (tag == &finish_) break;
    if (tag == &start_) {
      writing_ = ok;
      if (ok) Read();
    } else if (tag == &write_) {
      writing_ = ok && !done_writing_;
      write_pending_ = false;
    } else {
      reading_ = ok;
      if (ok) heard();
      if (ok && !enough_) enough_ = !receive(BytesOf(response_));
      if (enough_) context_.TryCancel();
      if (ok) Read();
    }
    if (writing_ && !write_pending_) Write();
    // Only a call that has nothing under way may be finished.
    if (!reading_ && !write_pending_) call_->Finish(&status_, &finish_);
  }
  queue_.Shutdown();
  while (queue_.Next(&tag, &ok)) {
  }
  return enough_ ? grpc::Status::OK : status_;
}

void AnyCall::Read() {
  reading_ = true;
  call_->Read(&response_, &read_);
}

void AnyCall::Write() {
  write_pending_ = true;
  if (next_ < requests_.size()) return call_->Write(BufferOf(requests_[next_++]), &write_);
  done_writing_ = true;
  call_->WritesDone(&write_);
}

}  // namespace trustctl
