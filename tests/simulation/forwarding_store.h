// A store that hands every call on to another: what a seam of the simulation overrides stands out.

#ifndef TESTS_SIMULATION_FORWARDING_STORE_H_
#define TESTS_SIMULATION_FORWARDING_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/event_store.h"

namespace simulation {

class ForwardingStore : public eventstore::EventStore {
 public:
  // under outlives this.
  explicit ForwardingStore(eventstore::EventStore* under) : under_(under) {}

  absl::StatusOr<eventstore::Appended> Write(const eventstore::Append& append) override {
    return under_->Write(append);
  }
  absl::Status WriteRows(const std::vector<eventstore::RowWrite>& rows) override { return under_->WriteRows(rows); }
  uint64_t LogSize() const override { return under_->LogSize(); }
  absl::Time LatestRecordTime() const override { return under_->LatestRecordTime(); }
  absl::StatusOr<eventstore::Sha256Digest> ReadTreeNode(int level, uint64_t index) const override {
    return under_->ReadTreeNode(level, index);
  }
  absl::StatusOr<uint64_t> StreamRevision(absl::string_view stream) const override {
    return under_->StreamRevision(stream);
  }
  absl::Status ReadStream(absl::string_view stream, uint64_t after, eventstore::EventVisitor visit) const override {
    return under_->ReadStream(stream, after, visit);
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

 protected:
  eventstore::EventStore& under() const { return *under_; }

 private:
  eventstore::EventStore* const under_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_FORWARDING_STORE_H_
