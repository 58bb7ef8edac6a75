// Words to tell a test of a store in: what is appended, and what a reader sees, as one line of text. Thread-safe.

#ifndef TESTS_EVENTSTORE_STORY_H_
#define TESTS_EVENTSTORE_STORY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "eventstore/event_store.h"

namespace eventstore {

inline absl::Time AtSecond(int64_t second) { return absl::FromUnixSeconds(second); }

// Events for a stream: each of type "t", with the data given.
inline StreamAppend To(std::string stream, uint64_t expected_revision, const std::vector<std::string>& data) {
  StreamAppend append{std::move(stream), expected_revision, {}};
  for (const std::string& item : data) append.events.push_back({"t", item});
  return append;
}

inline Append AppendOf(std::vector<StreamAppend> streams, std::vector<RowWrite> rows = {}, int64_t second = 1) {
  return Append{AtSecond(second), std::move(streams), std::move(rows)};
}

// "1:a 2:b" of a stream: revisions and data; the error's text after what was read.
inline std::string StreamText(const EventStore& store, absl::string_view stream, uint64_t after = 0) {
  std::vector<std::string> parts;
  const absl::Status status = store.ReadStream(stream, after, [&](const RecordedEvent& event) {
    parts.push_back(absl::StrCat(event.revision, ":", event.data));
    return true;
  });
  if (!status.ok()) parts.push_back(status.ToString());
  return absl::StrJoin(parts, " ");
}

// "1=a/1:x 2=b/1:y" of the log: positions, streams, revisions and data.
inline std::string LogText(const EventStore& store, uint64_t after = 0) {
  std::vector<std::string> parts;
  const absl::Status status = store.ReadLog(after, [&](const RecordedEvent& event) {
    parts.push_back(absl::StrCat(event.position, "=", event.stream, "/", event.revision, ":", event.data));
    return true;
  });
  if (!status.ok()) parts.push_back(status.ToString());
  return absl::StrJoin(parts, " ");
}

// "a/1:x a/2:y b/1:z" of all streams from one name to another.
inline std::string StreamsBetweenText(const EventStore& store, absl::string_view first, absl::string_view last) {
  std::vector<std::string> parts;
  const absl::Status status = store.ReadStreams(first, last, [&](const RecordedEvent& event) {
    parts.push_back(absl::StrCat(event.stream, "/", event.revision, ":", event.data));
    return true;
  });
  if (!status.ok()) parts.push_back(status.ToString());
  return absl::StrJoin(parts, " ");
}

// "a:1 b:2": streams and revisions.
inline std::string StreamsText(const EventStore& store, absl::string_view after = "") {
  std::vector<std::string> parts;
  const absl::Status status = store.ListStreams(after, [&](absl::string_view stream, uint64_t revision) {
    parts.push_back(absl::StrCat(stream, ":", revision));
    return true;
  });
  if (!status.ok()) parts.push_back(status.ToString());
  return absl::StrJoin(parts, " ");
}

// "k=v l=w": the rows of a table.
inline std::string RowsText(const EventStore& store, absl::string_view table, absl::string_view after = "") {
  std::vector<std::string> parts;
  const absl::Status status = store.ScanRows(table, after, [&](absl::string_view key, absl::string_view value) {
    parts.push_back(absl::StrCat(key, "=", value));
    return true;
  });
  if (!status.ok()) parts.push_back(status.ToString());
  return absl::StrJoin(parts, " ");
}

// "a:1 b:2" of the streams that made an append fail; the status itself when it is another one.
inline std::string AheadText(const absl::Status& status) {
  if (!absl::IsAborted(status)) return status.ToString();
  std::vector<std::string> parts;
  for (const StreamAhead& ahead : StreamsAhead(status))
    parts.push_back(absl::StrCat(ahead.stream, ":", ahead.revision));
  return absl::StrJoin(parts, " ");
}

}  // namespace eventstore

#endif  // TESTS_EVENTSTORE_STORY_H_
