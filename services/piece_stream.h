// A call that streams messages made in pieces: each piece on the pool, and only when the caller has taken the one
// before, so that a slow caller holds no thread and no more than one piece. Of each kind no more calls run at once than
// its slots allow.

#ifndef SERVICES_PIECE_STREAM_H_
#define SERVICES_PIECE_STREAM_H_

#include <atomic>
#include <deque>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "services/access_gate.h"
#include "services/rpc/status.h"
#include "services/service_parts.h"

namespace services {

// How many calls of a kind may run at once. Thread-safe.
class CallSlots {
 public:
  explicit CallSlots(int count) : free_(count) {}

  // Whether there was a free one, which is then to be given back.
  [[nodiscard]] bool Take() {
    if (free_.fetch_sub(1) > 0) return true;
    free_.fetch_add(1);
    return false;
  }
  void GiveBack() { free_.fetch_add(1); }

 private:
  std::atomic<int> free_;
};

// Pieces has Next(size_t bytes_max, std::deque<Response>*), which adds the next messages or fails, and ended(), true
// when the last was added. A piece may be without messages.
template <class Pieces, class Response>
class PieceStream final : public grpc::ServerWriteReactor<Response> {
 public:
  // Lives until gRPC says that the call is done, and deletes itself then. pool and slots outlive it.
  PieceStream(Executor* pool, CallSlots* slots, grpc::CallbackServerContext* context, std::unique_ptr<Pieces> pieces,
              const AccessGate& gate)
      : pool_(*pool), slots_(*slots), context_(*context), pieces_(std::move(pieces)) {
    if (!slots_.Take()) {
      this->Finish(rpc::ToGrpcStatus(ReadsOverloaded()));
      return;
    }
    Pass(gate, [this](const absl::Status& recorded) {
      if (!recorded.ok()) return End(rpc::ToGrpcStatus(recorded));
      Post();
    });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return NobodyWaits();
    piece_.pop_front();
    Advance();
  }

  void OnDone() override { delete this; }

 private:
  static constexpr size_t kPieceBytes = 256 << 10;

  // Gives the slot back first: whoever has seen the end may begin the next.
  void End(const grpc::Status& status) {
    pieces_ = nullptr;
    slots_.GiveBack();
    this->Finish(status);
  }

  void NobodyWaits() { End(rpc::NobodyWaits()); }

  void Post() {
    if (!pool_.Post([this] { Make(); })) End(rpc::ToGrpcStatus(ReadsOverloaded()));
  }

  void Make() {
    if (context_.IsCancelled()) return NobodyWaits();
    const absl::Status made = pieces_->Next(kPieceBytes, &piece_);
    if (!made.ok()) return End(rpc::ToGrpcStatus(made));
    Advance();
  }

  void Advance() {
    if (!piece_.empty()) return this->StartWrite(&piece_.front());
    if (pieces_->ended()) return End(grpc::Status::OK);
    Post();
  }

  Executor& pool_;
  CallSlots& slots_;
  grpc::CallbackServerContext& context_;
  // One thread at a time: the pool makes a piece only while no write is under way.
  std::unique_ptr<Pieces> pieces_;
  std::deque<Response> piece_;
};

}  // namespace services

#endif  // SERVICES_PIECE_STREAM_H_
