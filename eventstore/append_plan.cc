#include "eventstore/append_plan.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace eventstore {

AppendPlan::AppendPlan(uint64_t log_size, absl::Time latest_record_time)
    : log_size_(log_size), latest_record_time_(latest_record_time) {}

absl::StatusOr<Appended> AppendPlan::Add(const Append& append, HeadReader read_head) {
  std::vector<StreamAhead> ahead;
  for (const StreamAppend& stream : append.streams) {
    uint64_t revision;
    if (const auto planned = heads_.find(stream.stream); planned != heads_.end()) {
      revision = planned->second;
    } else {
      const absl::StatusOr<uint64_t> stored = read_head(stream.stream);
      if (!stored.ok()) return stored.status();
      revision = *stored;
    }
    if (revision != stream.expected_revision) ahead.push_back({stream.stream, revision});
  }
  if (!ahead.empty()) return AbortedBy(ahead);

  Appended appended;
  appended.first_position = log_size_ + 1;
  // Microseconds are what a record holds: the answer is the time that a reader will see.
  appended.record_time = std::max(absl::FromUnixMicros(absl::ToUnixMicros(append.record_time)), latest_record_time_);
  latest_record_time_ = appended.record_time;
  for (const StreamAppend& stream : append.streams) {
    log_size_ += stream.events.size();
    heads_[stream.stream] = stream.expected_revision + stream.events.size();
  }
  return appended;
}

void AppendPlan::MakeRecords(const Append& append, const Appended& appended, RecordSink sink) {
  v1::Record record;
  record.set_record_time_us(absl::ToUnixMicros(appended.record_time));
  uint64_t position = appended.first_position;
  for (const StreamAppend& stream : append.streams) {
    record.set_stream(stream.stream);
    uint64_t revision = stream.expected_revision;
    for (const EventData& event : stream.events) {
      record.set_position(position++);
      record.set_revision(++revision);
      record.set_type(event.type);
      record.set_data(event.data);
      sink(record);
    }
  }
}

}  // namespace eventstore
