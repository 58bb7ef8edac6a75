#include "eventstore/append_plan.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "eventstore/merkle_tree.h"
#include "eventstore/record_codec.h"

namespace eventstore {

AppendPlan::AppendPlan(uint64_t log_size, absl::Time latest_record_time)
    : log_size_(log_size), latest_record_time_(latest_record_time) {}

absl::StatusOr<Appended> AppendPlan::Add(const Append& append, HeadReader read_head, RecordSink sink) {
  std::vector<StreamAhead> ahead;
  std::vector<StreamHead> heads;
  size_t events = 0;
  for (const StreamAppend& stream : append.streams) {
    StreamHead head;
    if (const auto planned = heads_.find(stream.stream); planned != heads_.end()) {
      head = planned->second;
    } else {
      const absl::StatusOr<StreamHead> stored = read_head(stream.stream);
      if (!stored.ok()) return stored.status();
      head = *stored;
    }
    if (head.revision != stream.expected_revision) ahead.push_back({stream.stream, head.revision});
    heads.push_back(head);
    events += stream.events.size();
  }
  if (!ahead.empty()) return AbortedBy(ahead);

  Appended appended;
  appended.first_position = log_size_ + 1;
  // Microseconds are what a record holds: the answer is the time that a reader will see.
  appended.record_time = std::max(absl::FromUnixMicros(absl::ToUnixMicros(append.record_time)), latest_record_time_);
  appended.leaf_hashes.reserve(events);
  latest_record_time_ = appended.record_time;
  record_.set_record_time_us(absl::ToUnixMicros(appended.record_time));
  for (size_t i = 0; i < append.streams.size(); ++i) MakeRecords(append.streams[i], heads[i], &appended, sink);
  return appended;
}

void AppendPlan::MakeRecords(const StreamAppend& stream, const StreamHead& before, Appended* appended,
                             RecordSink sink) {
  StreamHead& head = heads_[stream.stream];
  head = before;
  record_.set_stream(stream.stream);
  for (const EventData& event : stream.events) {
    record_.set_position(++log_size_);
    if (head.revision == 0) {
      record_.clear_previous_sha256();
    } else {
      record_.set_previous_sha256(head.leaf_hash.data(), head.leaf_hash.size());
    }
    record_.set_revision(++head.revision);
    record_.set_type(event.type);
    record_.set_data(event.data);
    record_.clear_sealed();
    for (const SealedPart& part : event.sealed) {
      v1::Sealed* const sealed = record_.add_sealed();
      sealed->set_key_id(part.key_id);
      sealed->set_nonce(part.nonce);
      sealed->set_ciphertext(part.ciphertext);
    }
    EncodeFrame(record_, &frame_);
    head.leaf_hash = LeafHash(absl::string_view(frame_).substr(kFrameHeaderBytes));
    appended->leaf_hashes.push_back(head.leaf_hash);
    sink(record_, frame_, head.leaf_hash);
  }
}

}  // namespace eventstore
