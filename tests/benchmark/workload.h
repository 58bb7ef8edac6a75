// What is sent: evidence of about 200 bytes over many partnerships, and histories to import. Messages are built
// beforehand and only the bytes that must differ are written before each is sent, so that the load generator takes
// little of the machine. Deterministic: the same arguments make the same messages.

#ifndef TESTS_BENCHMARK_WORKLOAD_H_
#define TESTS_BENCHMARK_WORKLOAD_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/benchmark/empty.pb.h"
#include "trust/v1/evidence_service.pb.h"
#include "trust/v1/partnership_service.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace benchmark {

// The id of the nth partnership of a kind: neighbours in number are no neighbours in the store.
std::string PartnershipId(char kind, uint64_t number);

// A part of the partnerships, for one of several senders: first, first + step, and so on below count.
struct Share {
  uint64_t first;
  uint64_t step;
  uint64_t count;
};

// Creates the partnerships of a share, each once.
class CreationSource {
 public:
  using Request = trust::v1::CreatePartnershipRequest;

  explicit CreationSource(const Share& share);
  const Request* Next();  // Null when all are created. Valid until the next call.

 private:
  const Share share_;
  uint64_t number_;
  Request request_;
};

// Records evidence in the partnerships of a share, in an order without pattern, without end: routine acts of seven
// kinds that refer to nothing, each with a correlation_id of its own and, when asked for, a request_id of its own.
class EvidenceSource {
 public:
  using Request = trust::v1::RecordEvidenceRequest;

  // No two sources of a store have the same salt.
  EvidenceSource(const Share& share, bool with_request_id, uint64_t salt);
  const Request* Next();

 private:
  std::vector<Request> requests_;  // One a partnership.
  uint64_t random_;
};

// Reads one direction of each partnership of a share as it is now, in the order of their numbers: each once, or without
// end.
class AssessmentSource {
 public:
  using Request = trust::v1::AssessTrustRequest;

  AssessmentSource(const Share& share, bool once);
  const Request* Next();  // Null when each was read once. Valid until the next call.

 private:
  const Share share_;
  const bool once_;
  uint64_t number_;
  Request request_;
};

// Records evidence as EvidenceSource does, in all the partnerships that were imported as the numbers 1 to count, in an
// order without pattern. However many there are, it takes no memory for them.
class SpreadEvidenceSource {
 public:
  using Request = trust::v1::RecordEvidenceRequest;

  SpreadEvidenceSource(uint64_t count, uint64_t salt);
  const Request* Next();

 private:
  const uint64_t count_;
  EvidenceSource templates_;
  uint64_t random_;
  Request request_;
};

// Reads one direction of partnerships that were imported as the numbers 1 to count, as it is now: so many different
// ones without pattern, beginning at the nth, each once, or without end.
class SpreadAssessmentSource {
 public:
  using Request = trust::v1::AssessTrustRequest;

  // different: at most count.
  SpreadAssessmentSource(uint64_t count, uint64_t begin, uint64_t different, bool once);
  const Request* Next();  // Null when each was read once. Valid until the next call.

 private:
  const uint64_t count_;
  const uint64_t begin_;
  const uint64_t different_;
  const bool once_;
  uint64_t step_;
  uint64_t done_ = 0;
  Request request_;
};

// Calls the empty service with one request, without end.
class EmptySource {
 public:
  using Request = v1::EmptyRequest;

  explicit EmptySource(Request request) : request_(std::move(request)) {}
  const Request* Next() { return &request_; }

 private:
  Request request_;
};

// How many items histories have.
struct HistoryLength {
  int items_min = 50;
  int items_max = 100;
};

// Messages of whole histories, each of a partnership of its own: a founding, an agreement, promises made and kept,
// routine acts, without end. Every item is new to the store and breaks no rule.
class ImportSource {
 public:
  // first_number: of the first partnership; no two sources of a store overlap. items_max: of a message, at least as
  // many as of a history.
  ImportSource(int items_max, uint64_t first_number, const HistoryLength& length = {});
  const trust::v1::ImportHistoryRequest* Next();

  // Of the partnership that comes next.
  uint64_t next_number() const { return number_; }

  // Of all messages, on average.
  double item_bytes() const { return item_bytes_; }

 private:
  struct Message {
    trust::v1::ImportHistoryRequest request;
    std::vector<int> ends;  // Of each history: the index behind its last item.
  };

  std::vector<Message> messages_;
  size_t next_ = 0;
  uint64_t number_;
  double item_bytes_ = 0;
};

}  // namespace benchmark

#endif  // TESTS_BENCHMARK_WORKLOAD_H_
