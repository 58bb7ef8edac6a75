#include "tests/benchmark/import_load.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"
#include "services/trustctl/stopwatch.h"

namespace benchmark {
namespace {

constexpr int64_t kFoundingEvents = 2;  // Also the revision that a history's first item has as its result.

struct Sent {
  int items;
  absl::Duration time;
};

// The messages that are sent and not answered. Thread-safe.
class Window {
 public:
  explicit Window(int messages_max) : messages_max_(static_cast<size_t>(messages_max)) {}

  // Waits for room. Returns false when the call has ended.
  bool Push(const Sent& sent) {
    std::unique_lock<std::mutex> lock(mutex_);
    room_.wait(lock, [this] { return closed_ || sent_.size() < messages_max_; });
    if (!closed_) sent_.push_back(sent);
    return !closed_;
  }

  // The oldest.
  Sent Front() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return sent_.empty() ? Sent{0, absl::ZeroDuration()} : sent_.front();
  }

  void Pop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!sent_.empty()) sent_.pop_front();
    room_.notify_one();
  }

  void Close() {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    room_.notify_one();
  }

 private:
  const size_t messages_max_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::deque<Sent> sent_;  // Guarded by mutex_.
  bool closed_ = false;    // Guarded by mutex_.
};

absl::Status Check(const trust::v1::ImportResult& result) {
  if (result.outcome() == trust::v1::IMPORT_OUTCOME_CREATED && result.warnings().empty()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      "item ", result.external_id(), " of ", result.partnership(),
      " was not stored as it should: ", result.warnings().empty() ? result.error().message() : result.warnings(0)));
}

}  // namespace

ImportRound Import(trust::v1::EvidenceService::StubInterface& stub, ImportSource& source, int messages_in_flight,
                   int64_t items) {
  ImportRound round;
  grpc::ClientContext context;
  Window window(messages_in_flight);
  const trustctl::Stopwatch watch;
  const auto stream = stub.ImportHistory(&context);
  std::thread writer([&] {
    for (int64_t sent = 0; sent < items;) {
      const trust::v1::ImportHistoryRequest* const message = source.Next();
      if (!window.Push({message->items_size(), watch.Elapsed()}) || !stream->Write(*message)) break;
      sent += message->items_size();
    }
    stream->WritesDone();
  });
  int answered = 0;  // Of the oldest message.
  for (trust::v1::ImportHistoryResponse response; stream->Read(&response);) {
    for (const trust::v1::ImportResult& result : response.results()) {
      round.failure.Update(Check(result));
      round.events += result.revision() == kFoundingEvents ? kFoundingEvents : 1;
    }
    answered += response.results_size();
    for (Sent oldest = window.Front(); oldest.items > 0 && answered >= oldest.items; oldest = window.Front()) {
      round.messages.Add(watch.Elapsed() - oldest.time);
      answered -= oldest.items;
      window.Pop();
    }
  }
  window.Close();
  writer.join();
  const grpc::Status status = stream->Finish();
  round.time = watch.Elapsed();
  if (!status.ok()) {
    round.failure.Update(absl::UnknownError(
        absl::StrCat("the import failed with status ", status.error_code(), ": ", status.error_message())));
  } else if (window.Front().items > 0) {
    round.failure.Update(absl::InternalError("the import ended before every item had its result"));
  }
  return round;
}

}  // namespace benchmark
