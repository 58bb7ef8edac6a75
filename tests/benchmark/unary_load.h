// A closed loop of unary calls: a fixed number is in flight, and whenever one ends the next is sent. Two kinds of
// client: UnaryLoad, whose senders are each a thread with a connection and a completion queue of its own, and
// BlockingLoad, in which each call in flight is a thread that waits for its answer.

#ifndef TESTS_BENCHMARK_UNARY_LOAD_H_
#define TESTS_BENCHMARK_UNARY_LOAD_H_

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "grpc/support/time.h"
#include "grpcpp/grpcpp.h"
#include "services/trustctl/stopwatch.h"
#include "tests/benchmark/latencies.h"

namespace benchmark {

// What one round saw. Calls that ended after its time count in answered alone.
struct Round {
  int64_t calls = 0;
  int64_t answered = 0;
  absl::Duration time;  // That calls were counted for.
  Latencies latencies;
  int64_t request_bytes = 0;  // Of one call, as protobuf; without what gRPC adds.
  int64_t response_bytes = 0;
  absl::Status failure;  // Of the first call that was refused or answered wrongly; OK when none was.
};

class Load {
 public:
  virtual ~Load() = default;

  // Keeps in_flight calls under way for a time or until there are no more requests, waits for the last, and returns
  // what it saw. Blocks.
  virtual Round Run(int in_flight, absl::Duration time) = 0;
};

// As callers should have one.
inline void SetDeadline(grpc::ClientContext& context) {
  constexpr int kDeadlineSeconds = 60;
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(kDeadlineSeconds, GPR_TIMESPAN)));
}

// Counts a call that began and ended at these times of a round.
template <class Response>
void Count(const grpc::Status& status, bool right, const Response& response, absl::Duration begin, absl::Duration end,
           absl::Duration time, Round& round) {
  if (!status.ok()) {
    round.failure.Update(absl::UnknownError(
        absl::StrCat("a call failed with status ", status.error_code(), ": ", status.error_message())));
    return;
  }
  if (!right) round.failure.Update(absl::InternalError("a call was answered wrongly"));
  ++round.answered;
  if (end >= time) return;
  ++round.calls;
  round.latencies.Add(end - begin);
  if (round.response_bytes == 0) round.response_bytes = static_cast<int64_t>(response.ByteSizeLong());
}

// Adds what one thread saw to what all saw.
inline void Add(const Round& round, Round& sum) {
  sum.calls += round.calls;
  sum.answered += round.answered;
  sum.latencies.Add(round.latencies);
  sum.request_bytes = std::max(sum.request_bytes, round.request_bytes);
  sum.response_bytes = std::max(sum.response_bytes, round.response_bytes);
  sum.failure.Update(round.failure);
}

// Source: has a type Request and a Next() that returns the next request, null when there are no more.
template <class Source, class Response>
class UnaryLoad final : public Load {
 public:
  using Request = typename Source::Request;
  using Reader = std::unique_ptr<grpc::ClientAsyncResponseReader<Response>>;
  // Starts a call; the request is not needed any more when it returns.
  using Start = std::function<Reader(grpc::ClientContext*, const Request&, grpc::CompletionQueue*)>;
  // Says whether a response is right.
  using Check = std::function<bool(const Response&)>;

  explicit UnaryLoad(Check check) : check_(std::move(check)) {}

  void AddSender(Start start, Source source) { senders_.push_back({std::move(start), std::move(source)}); }

  Round Run(int in_flight, absl::Duration time) override {
    // No sender stands idle for want of a call.
    const int count = std::min(in_flight, static_cast<int>(senders_.size()));
    std::vector<Round> rounds(static_cast<size_t>(count));
    std::vector<std::thread> threads;
    const trustctl::Stopwatch watch;
    for (int i = 0; i < count; ++i) {
      const int share = in_flight / count + (i < in_flight % count ? 1 : 0);
      threads.emplace_back([this, i, share, time, &watch, &rounds] {
        rounds[static_cast<size_t>(i)] = Send(senders_[static_cast<size_t>(i)], share, time, watch);
      });
    }
    for (std::thread& thread : threads) thread.join();
    Round sum;
    sum.time = std::min(time, watch.Elapsed());
    for (const Round& round : rounds) Add(round, sum);
    return sum;
  }

 private:
  struct Sender {
    Start start;
    Source source;
  };
  struct Call {
    std::optional<grpc::ClientContext> context;
    Reader reader;
    Response response;
    grpc::Status status;
    absl::Duration begin;
  };

  Round Send(Sender& sender, int in_flight, absl::Duration time, const trustctl::Stopwatch& watch) {
    Round round;
    round.latencies.Reserve(1 << 16);
    grpc::CompletionQueue queue;
    std::vector<Call> calls(static_cast<size_t>(in_flight));
    int open = 0;
    const auto begin = [&](Call& call) {
      const Request* const request = sender.source.Next();
      if (request == nullptr) return;
      if (round.request_bytes == 0) round.request_bytes = static_cast<int64_t>(request->ByteSizeLong());
      call.context.emplace();
      SetDeadline(*call.context);
      call.begin = watch.Elapsed();
      call.reader = sender.start(&*call.context, *request, &queue);
      call.reader->Finish(&call.response, &call.status, &call);
      ++open;
    };
    for (Call& call : calls) begin(call);
    void* tag;
    bool ok;
    while (open > 0 && queue.Next(&tag, &ok)) {
      Call& call = *static_cast<Call*>(tag);
      --open;
      const absl::Duration now = watch.Elapsed();
      Count(call.status, call.status.ok() && check_(call.response), call.response, call.begin, now, time, round);
      if (now < time && round.failure.ok()) begin(call);
    }
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
    return round;
  }

  const Check check_;
  std::vector<Sender> senders_;
};

// Source and Response as in UnaryLoad.
template <class Source, class Response>
class BlockingLoad final : public Load {
 public:
  using Request = typename Source::Request;
  // Makes a call and waits for its answer.
  using Call = std::function<grpc::Status(grpc::ClientContext*, const Request&, Response*)>;
  using Check = std::function<bool(const Response&)>;

  // make: the source of one of threads_max threads. More calls in flight than these are refused: no two threads share a
  // source.
  BlockingLoad(std::vector<Call> connections, int threads_max, const std::function<Source(int thread)>& make,
               Check check)
      : connections_(std::move(connections)), check_(std::move(check)) {
    for (int i = 0; i < threads_max; ++i) sources_.push_back(make(i));
  }

  Round Run(int in_flight, absl::Duration time) override {
    if (in_flight > static_cast<int>(sources_.size())) {
      Round refused;
      refused.failure = absl::InvalidArgumentError(
          absl::StrCat("a thread for each call in flight: at most ", sources_.size(), ", not ", in_flight));
      return refused;
    }
    std::vector<Round> rounds(static_cast<size_t>(in_flight));
    std::vector<std::thread> threads;
    const trustctl::Stopwatch watch;
    for (size_t i = 0; i < rounds.size(); ++i) {
      threads.emplace_back([this, i, time, &watch, &rounds] {
        rounds[i] = CallUntil(connections_[i % connections_.size()], sources_[i], time, watch);
      });
    }
    for (std::thread& thread : threads) thread.join();
    Round sum;
    sum.time = std::min(time, watch.Elapsed());
    for (const Round& round : rounds) Add(round, sum);
    return sum;
  }

 private:
  Round CallUntil(const Call& call, Source& source, absl::Duration time, const trustctl::Stopwatch& watch) const {
    Round round;
    while (watch.Elapsed() < time && round.failure.ok()) {
      const Request* const request = source.Next();
      if (request == nullptr) break;
      if (round.request_bytes == 0) round.request_bytes = static_cast<int64_t>(request->ByteSizeLong());
      grpc::ClientContext context;
      SetDeadline(context);
      Response response;
      const absl::Duration begin = watch.Elapsed();
      const grpc::Status status = call(&context, *request, &response);
      Count(status, status.ok() && check_(response), response, begin, watch.Elapsed(), time, round);
    }
    return round;
  }

  const std::vector<Call> connections_;
  const Check check_;
  std::vector<Source> sources_;
};

}  // namespace benchmark

#endif  // TESTS_BENCHMARK_UNARY_LOAD_H_
