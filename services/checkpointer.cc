#include "services/checkpointer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/signed_note.h"
#include "services/domain/refusal.h"
#include "services/log.h"
#include "services/store_fault.h"

namespace services {
namespace {

constexpr int kNotMadeRetryMs = 1'000;

absl::StatusOr<eventstore::Sha256Digest> ReadRoot(const eventstore::EventStore& store, uint64_t size) {
  absl::StatusOr<eventstore::Sha256Digest> root =
      eventstore::RootAt(size, [&store](int level, uint64_t index) { return store.ReadTreeNode(level, index); });
  if (!root.ok()) return ReadFault(root.status());
  return root;
}

}  // namespace

absl::Status CheckWithinLog(const eventstore::EventStore& store, uint64_t size) {
  const uint64_t log_size = store.LogSize();
  if (size <= log_size) return absl::OkStatus();
  return domain::Fault(absl::StatusCode::kOutOfRange, trust::v1::ERROR_REASON_SIZE_BEYOND_LOG,
                       absl::StrCat("the log holds ", log_size, " records, not ", size),
                       {{"log_size", absl::StrCat(log_size)}, {"size", absl::StrCat(size)}});
}

Checkpointer::Checkpointer(const Config& config, const eventstore::EventStore* store, const Clock* clock,
                           std::optional<eventstore::SigningKey> key,
                           std::optional<eventstore::WatermarkFile> watermark)
    : config_(config),
      store_(store),
      clock_(clock),
      key_(std::move(key)),
      verifier_key_(key_.has_value() ? key_->verifier().Text() : ""),
      log_limit_({}, clock),
      watermark_(std::move(watermark)) {}

Checkpointer::~Checkpointer() { Stop(); }

Checkpointer::Made Checkpointer::Newest() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return newest_;
}

uint64_t Checkpointer::NewestSize() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return newest_ == nullptr ? 0 : newest_->checkpoint.size;
}

absl::StatusOr<Checkpointer::Made> Checkpointer::Covering(uint64_t size) {
  Made newest = Newest();
  if (newest != nullptr && newest->checkpoint.size >= size) return newest;
  if (absl::Status within = CheckWithinLog(*store_, size); !within.ok()) return within;
  const std::lock_guard<std::mutex> making(making_);
  newest = Newest();
  if (newest != nullptr && newest->checkpoint.size >= size) return newest;
  return Make(store_->LogSize());
}

// A smaller size needs no mark of its own: the root of a larger one, which is marked, leaves it one root alone.
absl::StatusOr<Checkpointer::Made> Checkpointer::At(uint64_t size) {
  const absl::StatusOr<Made> covering = Covering(size);
  if (!covering.ok() || (*covering)->checkpoint.size == size) return covering;
  const absl::StatusOr<eventstore::Sha256Digest> root = ReadRoot(*store_, size);
  if (!root.ok()) return root.status();
  absl::StatusOr<MadeCheckpoint> made = Sign(size, *root);
  if (!made.ok()) return made.status();
  return std::make_shared<const MadeCheckpoint>(*std::move(made));
}

absl::StatusOr<eventstore::Sha256Digest> Checkpointer::RootOf(uint64_t size) {
  const absl::StatusOr<Made> covering = Covering(size);
  if (!covering.ok()) return covering.status();
  if ((*covering)->checkpoint.size == size) return (*covering)->checkpoint.root;
  return ReadRoot(*store_, size);
}

absl::StatusOr<Checkpointer::Made> Checkpointer::Make(uint64_t size) {
  const absl::StatusOr<eventstore::Sha256Digest> root = ReadRoot(*store_, size);
  if (!root.ok()) return root.status();
  if (watermark_.has_value()) {
    const std::string origin = key_.has_value() ? key_->name() : "";
    const absl::Status marked = watermark_->Add({{origin, size, *root}, clock_->Now()});
    if (!marked.ok()) return NotMade(marked);
  }
  absl::StatusOr<MadeCheckpoint> made = Sign(size, *root);
  if (!made.ok()) return made.status();
  Made newest = std::make_shared<const MadeCheckpoint>(*std::move(made));
  const std::lock_guard<std::mutex> lock(mutex_);
  newest_ = newest;
  return newest;
}

absl::Status Checkpointer::NotMade(const absl::Status& status) {
  const std::string code = absl::StatusCodeToString(status.code());
  if (const std::optional<uint64_t> left_out = log_limit_.Admit(code); left_out.has_value()) {
    LogFields fields = {{"code", code}, {"detail", std::string(status.message())}};
    if (*left_out > 0) fields.emplace_back("left_out", absl::StrCat(*left_out));
    Log(LogLevel::kError, "no checkpoint could be made", fields);
  }
  return domain::Fault(absl::StatusCode::kUnavailable, trust::v1::ERROR_REASON_CHECKPOINT_NOT_MADE,
                       "the watermark could not be written, so nothing may be signed or proved; tell the operator", {},
                       kNotMadeRetryMs);
}

absl::StatusOr<MadeCheckpoint> Checkpointer::Sign(uint64_t size, const eventstore::Sha256Digest& root) {
  MadeCheckpoint made;
  made.checkpoint.size = size;
  made.checkpoint.root = root;
  made.made = clock_->Now();
  if (!key_.has_value()) return made;
  made.checkpoint.origin = key_->name();
  absl::StatusOr<std::string> note = eventstore::SignNote(eventstore::CheckpointText(made.checkpoint), *key_);
  if (!note.ok()) return NotMade(note.status());
  made.note = *std::move(note);
  return made;
}

bool Checkpointer::RunOnce() {
  const Made newest = Newest();
  const uint64_t size = store_->LogSize();
  if (newest != nullptr && newest->checkpoint.size >= size) return false;
  return Covering(size).ok();
}

void Checkpointer::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Checkpointer::Run() {
  const auto interval = absl::ToChronoMilliseconds(config_.interval);
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      if (wake_.wait_for(lock, interval, [this] { return stopping_; })) return;
    }
    RunOnce();
  }
}

void Checkpointer::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  RunOnce();
}

}  // namespace services
