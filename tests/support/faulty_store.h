// A store whose next writes, and whose reads of a stream, fail as the test says.

#ifndef TESTS_SUPPORT_FAULTY_STORE_H_
#define TESTS_SUPPORT_FAULTY_STORE_H_

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/event_store.h"

namespace support {

class FaultyStore : public eventstore::EventStore {
 public:
  explicit FaultyStore(eventstore::EventStore* under) : under_(under) {}

  // The statuses of the next writes, OK for one that goes through.
  std::deque<absl::Status> next_writes;
  // The same of writes of rows alone.
  std::deque<absl::Status> next_row_writes;
  // What reads of a stream answer; OK reads.
  absl::Status reads;
  // The same of one stream's reads alone.
  std::map<std::string, absl::Status, std::less<>> reads_of;
  int writes = 0;

  // How often a stream was read.
  int TimesRead(absl::string_view stream) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto read = times_read_.find(stream);
    return read == times_read_.end() ? 0 : read->second;
  }

  absl::StatusOr<eventstore::Appended> Write(const eventstore::Append& append) override {
    ++writes;
    if (!next_writes.empty()) {
      const absl::Status status = std::move(next_writes.front());
      next_writes.pop_front();
      if (!status.ok()) return status;
    }
    return under_->Write(append);
  }
  absl::Status WriteRows(const std::vector<eventstore::RowWrite>& rows) override {
    if (!next_row_writes.empty()) {
      const absl::Status status = std::move(next_row_writes.front());
      next_row_writes.pop_front();
      if (!status.ok()) return status;
    }
    return under_->WriteRows(rows);
  }
  uint64_t LogSize() const override { return under_->LogSize(); }
  absl::Time LatestRecordTime() const override { return under_->LatestRecordTime(); }
  absl::StatusOr<eventstore::Sha256Digest> ReadTreeNode(int level, uint64_t index) const override {
    return under_->ReadTreeNode(level, index);
  }
  absl::StatusOr<uint64_t> StreamRevision(absl::string_view stream) const override {
    return under_->StreamRevision(stream);
  }
  absl::Status ReadStream(absl::string_view stream, uint64_t after, eventstore::EventVisitor visit) const override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++times_read_[std::string(stream)];
    }
    if (!reads.ok()) return reads;
    const auto one = reads_of.find(stream);
    return one == reads_of.end() || one->second.ok() ? under_->ReadStream(stream, after, visit) : one->second;
  }
  absl::Status ReadLog(uint64_t after, eventstore::EventVisitor visit) const override {
    return under_->ReadLog(after, visit);
  }
  absl::Status ListStreams(absl::string_view after, eventstore::StreamVisitor visit) const override {
    return under_->ListStreams(after, visit);
  }
  absl::StatusOr<std::optional<std::string>> GetRow(absl::string_view table, absl::string_view key) const override {
    return under_->GetRow(table, key);
  }
  absl::Status ScanRows(absl::string_view table, absl::string_view after, eventstore::RowVisitor visit) const override {
    return under_->ScanRows(table, after, visit);
  }
  std::vector<std::string> ListFiles() const override { return under_->ListFiles(); }
  absl::Status VerifyFile(const std::string& name) const override { return under_->VerifyFile(name); }

 private:
  eventstore::EventStore* const under_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, int, std::less<>> times_read_;  // Guarded by mutex_.
};

}  // namespace support

#endif  // TESTS_SUPPORT_FAULTY_STORE_H_
