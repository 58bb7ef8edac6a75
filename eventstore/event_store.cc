#include "eventstore/event_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace eventstore {
namespace {

constexpr char kStreamsAheadUrl[] = "eventstore/streams_ahead";

}  // namespace

// One after another; an engine that has its streams side by side does better.
absl::Status EventStore::ReadStreams(absl::string_view first, absl::string_view last, EventVisitor visit) const {
  absl::Status read;
  bool stopped = false;
  const auto read_one = [&](absl::string_view stream) {
    read = ReadStream(stream, 0, [&](const RecordedEvent& event) {
      stopped = !visit(event);
      return !stopped;
    });
    return read.ok() && !stopped;
  };
  if (first > last || !read_one(first)) return read;
  const absl::Status listed =
      ListStreams(first, [&](absl::string_view stream, uint64_t) { return stream <= last && read_one(stream); });
  return read.ok() ? listed : read;
}

absl::Status AbortedBy(const std::vector<StreamAhead>& streams) {
  // Stream names hold no newline and no tab: see the name grammar in README.md.
  std::string list;
  for (const StreamAhead& ahead : streams) absl::StrAppend(&list, ahead.stream, "\t", ahead.revision, "\n");
  absl::Status status = absl::AbortedError("a stream is not at its expected revision");
  status.SetPayload(kStreamsAheadUrl, absl::Cord(list));
  return status;
}

std::vector<StreamAhead> StreamsAhead(const absl::Status& status) {
  std::vector<StreamAhead> streams;
  const auto payload = status.GetPayload(kStreamsAheadUrl);
  if (!payload) return streams;
  const std::string list(*payload);
  for (absl::string_view line : absl::StrSplit(list, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> parts = absl::StrSplit(line, '\t');
    StreamAhead ahead;
    if (parts.size() == 2 && absl::SimpleAtoi(parts[1], &ahead.revision)) {
      ahead.stream = std::string(parts[0]);
      streams.push_back(std::move(ahead));
    }
  }
  return streams;
}

}  // namespace eventstore
