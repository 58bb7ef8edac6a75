#include "services/import_stream.h"

#include <utility>
#include <vector>

#include "services/domain/decider.h"
#include "services/domain/refusal.h"
#include "services/request_ledger.h"
#include "services/rpc/status.h"
#include "services/unary_call.h"

namespace services {
namespace {

constexpr size_t kMessagesUnderWayMax = 4;
constexpr int kItemsMax = 1000;

void Render(const trust::v1::ImportItem& item, ItemOutcome& outcome, trust::v1::ImportResult& result) {
  result.set_partnership(item.partnership());
  result.set_external_id(item.external_id());
  if (!outcome.rejection.ok()) {
    result.set_outcome(trust::v1::IMPORT_OUTCOME_REJECTED);
    *result.mutable_error() = rpc::ToRpcStatus(outcome.rejection);
    return;
  }
  result.set_outcome(outcome.unchanged ? trust::v1::IMPORT_OUTCOME_UNCHANGED : trust::v1::IMPORT_OUTCOME_CREATED);
  result.set_revision(outcome.revision);
  result.set_log_position(std::move(outcome.log_position));
  for (std::string& warning : outcome.warnings) result.add_warnings(std::move(warning));
}

}  // namespace

ImportStream::ImportStream(const ServiceParts& parts, grpc::CallbackServerContext* context)
    : parts_(parts), context_(context), reading_(std::make_shared<Message>()) {
  StartRead(&reading_->request);
}

void ImportStream::OnDone() { delete this; }

void ImportStream::OnReadDone(bool ok) {
  std::shared_ptr<Message> message;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    message = std::move(reading_);
    reading_ = nullptr;
    if (!ok) read_all_ = true;
    if (!ok || !failure_.ok()) return Advance();
    const int count = message->request.items_size();
    if (count == 0 || count > kItemsMax) {
      failure_ =
          domain::InvalidArgument(trust::v1::ERROR_REASON_BATCH_TOO_LARGE,
                                  absl::StrCat("a message holds 1 to ", kItemsMax, " items, not ", count, "; split it"),
                                  {{"size", absl::StrCat(count)}, {"limit", absl::StrCat(kItemsMax)}});
      return Advance();
    }
    for (int i = 0; i < count; ++i) message->response.add_results();
    under_way_.push_back(message);
    taking_ = true;
  }
  Take(message);
  const std::lock_guard<std::mutex> lock(mutex_);
  taking_ = false;
  --message->runs_open;
  Advance();
}

// Checks the items and hands each run of one partnership to the lane. Not under the lock: the lane may refuse at once.
void ImportStream::Take(const std::shared_ptr<Message>& message) {
  // Each message by itself: a grant may end while a long import is under way.
  const absl::StatusOr<Caller> caller = Admit(parts_, context_, message->request);
  if (!caller.ok()) {
    const std::lock_guard<std::mutex> lock(mutex_);
    message->failed = true;
    if (failure_.ok()) failure_ = caller.status();
    return;
  }
  domain::Context surroundings;
  surroundings.now = parts_.clock->Now();
  std::vector<std::vector<PreparedItem>> runs;
  for (const trust::v1::ImportItem& item : message->request.items()) {
    PreparedItem prepared{&item, domain::Validate(item, surroundings), ""};
    if (prepared.shape.ok()) prepared.fingerprint = Fingerprint("ImportItem", item);
    if (runs.empty() || runs.back().front().item->partnership() != item.partnership()) runs.emplace_back();
    runs.back().push_back(std::move(prepared));
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    message->runs_open += runs.size();
  }
  size_t first = 0;
  for (std::vector<PreparedItem>& run : runs) {
    const size_t count = run.size();
    parts_.lane->Submit(std::make_unique<ImportCommand>(std::move(run), *caller,
                                                        [this, message, first](absl::StatusOr<ImportOutcome> outcome) {
                                                          Settle(*message, first, std::move(outcome));
                                                        }));
    first += count;
  }
}

void ImportStream::Settle(Message& message, size_t first, absl::StatusOr<ImportOutcome> outcome) {
  if (outcome.ok()) {
    int index = static_cast<int>(first);
    for (ItemOutcome& item : outcome->items) {
      Render(message.request.items(index), item, *message.response.mutable_results(index));
      ++index;
    }
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  // Runs of a message may be stored in another order than they were sent in.
  if (outcome.ok() && outcome->receipt.has_value() &&
      (!message.response.has_receipt() || outcome->receipt->log_index() > message.response.receipt().log_index())) {
    *message.response.mutable_receipt() = *std::move(outcome->receipt);
    message.response.mutable_receipt()->set_checkpoint_size(static_cast<int64_t>(parts_.checkpointer->NewestSize()));
  }
  if (!outcome.ok()) {
    message.failed = true;
    if (failure_.ok()) failure_ = outcome.status();
  }
  --message.runs_open;
  Advance();
}

// Does what can be done next: write the oldest message's results, read another message, or end the call.
void ImportStream::Advance() {
  if (finished_) return;
  const bool front_done = !under_way_.empty() && under_way_.front()->runs_open == 0 && !under_way_.front()->failed;
  if (front_done && !writing_) {
    writing_ = true;
    StartWrite(&under_way_.front()->response);
  }
  if (!failure_.ok()) {
    // Results up to the failure are written; what became of later items the caller learns by repeating.
    bool open = writing_;
    for (const std::shared_ptr<Message>& message : under_way_) open = open || message->runs_open > 0;
    if (!open) End(rpc::ToGrpcStatus(failure_));
    return;
  }
  if (!read_all_ && !taking_ && reading_ == nullptr && under_way_.size() < kMessagesUnderWayMax) {
    reading_ = std::make_shared<Message>();
    StartRead(&reading_->request);
  }
  if (read_all_ && under_way_.empty()) End(grpc::Status::OK);
}

void ImportStream::End(const grpc::Status& status) {
  finished_ = true;
  Finish(status);
}

void ImportStream::OnWriteDone(bool ok) {
  const std::lock_guard<std::mutex> lock(mutex_);
  writing_ = false;
  under_way_.pop_front();
  if (!ok && failure_.ok()) {
    failure_ = domain::Fault(absl::StatusCode::kCancelled, trust::v1::ERROR_REASON_INTERNAL, "nobody waits any more");
  }
  Advance();
}

}  // namespace services
