#include "services/trustctl/import_delivery.h"

#include <algorithm>
#include <deque>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "services/trustctl/failure.h"

namespace trustctl {
namespace {

constexpr absl::Duration kPauseMin = absl::Milliseconds(100);
constexpr absl::Duration kPauseMax = absl::Seconds(5);

class Delivery {
 public:
  Delivery(ImportSpool* spool, const DeliveryLimits& limits, const DeliveryPorts& ports)
      : spool_(spool), limits_(limits), ports_(ports) {}

  absl::Status Run() {
    bool ever_answered = false;
    absl::Duration pause = kPauseMin;
    for (int attempts = 1;; ++attempts) {
      const int64_t before = answered();
      const absl::Status status = Attempt();
      if (status.ok()) return status;
      if (answered() > before) {
        ever_answered = true;
        attempts = 1;
        pause = kPauseMin;
      }
      // A server that was never there is more likely a wrong address than one that is just away.
      const bool never_there = !ever_answered && ExitCodeOf(status) == ExitCode::kUnreachable;
      if (never_there || !IsWorthRepeating(status) || attempts >= limits_.attempts_max) return status;
      const absl::Duration wait = std::max(pause, RetryDelayOf(status).value_or(absl::ZeroDuration()));
      ports_.retry(status, wait);
      ports_.sleep(wait);
      pause = std::min(pause * 2, kPauseMax);
    }
  }

 private:
  // One call, from the first item without a result.
  absl::Status Attempt() {
    {
      absl::MutexLock lock(&mutex_);
      next_ = 0;
      sent_bytes_ = 0;
      call_over_ = false;
      mismatch_ = absl::OkStatus();
    }
    const std::unique_ptr<ImportCall> call = ports_.open();
    std::thread reader([&] { ReadResults(call.get()); });
    const absl::Status source = WriteItems(call.get());
    if (!source.ok()) call->Cancel();
    reader.join();
    const absl::Status end = call->Finish();
    if (!source.ok()) return source;
    absl::MutexLock lock(&mutex_);
    if (!mismatch_.ok()) return mismatch_;
    if (!end.ok()) return end;
    if (!waiting_.empty()) {
      return absl::InternalError(
          absl::StrCat("the server ended the import with ", waiting_.size(), " items without a result"));
    }
    return absl::OkStatus();
  }

  // Runs until everything is written or the call is over. Errors: of the spool alone.
  absl::Status WriteItems(ImportCall* call) {
    trust::v1::ImportHistoryRequest batch;
    while (true) {
      batch.Clear();
      const absl::Status status = FillBatch(&batch);
      if (!status.ok()) return status;
      if (batch.items().empty()) {
        call->WritesDone();
        return absl::OkStatus();
      }
      if (!WaitForRoom() || !call->Write(batch)) return absl::OkStatus();
    }
  }

  // Takes the next items: first those that wait from an earlier call, then from the spool. They count as sent from here
  // on.
  absl::Status FillBatch(trust::v1::ImportHistoryRequest* batch) {
    size_t bytes = 0;
    while (batch->items_size() < static_cast<int>(limits_.batch_items_max)) {
      absl::MutexLock lock(&mutex_);
      if (next_ == waiting_.size()) {
        SpooledItem item;
        const absl::StatusOr<bool> taken = spool_->Next(&item);
        if (!taken.ok()) return taken.status();
        if (!*taken) break;
        waiting_.push_back(std::move(item));
      }
      const trust::v1::ImportItem& item = waiting_[next_].item;
      const size_t item_bytes = item.ByteSizeLong() + 8;  // With its tag and length.
      if (batch->items_size() > 0 && bytes + item_bytes > limits_.batch_bytes_max) break;
      bytes += item_bytes;
      sent_bytes_ += item_bytes;
      *batch->add_items() = item;
      ++next_;
    }
    return absl::OkStatus();
  }

  // Blocks while too much waits for results. False when the call is over.
  bool WaitForRoom() {
    absl::MutexLock lock(&mutex_);
    const auto has_room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return call_over_ || (next_ <= limits_.waiting_items_max && sent_bytes_ <= limits_.waiting_bytes_max);
    };
    mutex_.Await(absl::Condition(&has_room));
    return !call_over_;
  }

  void ReadResults(ImportCall* call) {
    trust::v1::ImportHistoryResponse response;
    while (call->Read(&response)) {
      for (const trust::v1::ImportResult& result : response.results()) {
        SpooledItem item;
        if (!TakeItemOf(result, &item)) {
          call->Cancel();
          break;
        }
        ports_.receive(item, result);
      }
    }
    absl::MutexLock lock(&mutex_);
    call_over_ = true;
  }

  // Moves the first item that waits to *item; false when the result is not its.
  bool TakeItemOf(const trust::v1::ImportResult& result, SpooledItem* item) {
    absl::MutexLock lock(&mutex_);
    if (!mismatch_.ok()) return false;
    if (next_ == 0 || waiting_.front().item.external_id() != result.external_id() ||
        waiting_.front().item.partnership() != result.partnership()) {
      mismatch_ = absl::InternalError(absl::StrCat("the server sent a result for ", result.partnership(), "/",
                                                   result.external_id(), ", which is not the next item"));
      return false;
    }
    *item = std::move(waiting_.front());
    waiting_.pop_front();
    sent_bytes_ -= item->item.ByteSizeLong() + 8;
    --next_;
    ++answered_;
    return true;
  }

  int64_t answered() {
    absl::MutexLock lock(&mutex_);
    return answered_;
  }

  ImportSpool* const spool_;  // Used by the writing thread alone.
  const DeliveryLimits& limits_;
  const DeliveryPorts& ports_;

  absl::Mutex mutex_;
  std::deque<SpooledItem> waiting_ ABSL_GUARDED_BY(mutex_);  // Taken from the spool and without a result.
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;                  // The first of waiting_ that this call has not sent.
  size_t sent_bytes_ ABSL_GUARDED_BY(mutex_) = 0;            // Of waiting_ before next_.
  int64_t answered_ ABSL_GUARDED_BY(mutex_) = 0;
  bool call_over_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status mismatch_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

bool IsWorthRepeating(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || RetryDelayOf(status).has_value();
}

absl::Status DeliverImport(ImportSpool* spool, const DeliveryLimits& limits, const DeliveryPorts& ports) {
  return Delivery(spool, limits, ports).Run();
}

}  // namespace trustctl
