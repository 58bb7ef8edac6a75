#include "eventstore/memory_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/append_plan.h"
#include "eventstore/limits.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/record_reader.h"

namespace eventstore {

absl::Status MemoryStore::VisitAll(const std::vector<const Stored*>& records, EventVisitor visit) {
  RecordReader reader;
  RecordedEvent event;
  for (const Stored* stored : records) {
    if (absl::Status status = reader.Read(stored->frame, &event); !status.ok()) return status;
    if (!visit(event)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<Appended> MemoryStore::Write(const Append& append) {
  if (const absl::StatusOr<size_t> bytes = CheckAppend(append); !bytes.ok()) return bytes.status();
  const std::lock_guard<std::mutex> lock(mutex_);
  AppendPlan plan(log_.size(), LatestRecordTimeLocked());
  absl::StatusOr<Appended> appended = plan.Add(
      append, [this](absl::string_view stream) { return HeadLocked(stream); },
      [this](const v1::Record& record, absl::string_view frame, const Sha256Digest& leaf_hash) {
        log_.push_back({record, std::string(frame)});
        streams_[record.stream()].push_back(&log_.back());
        AddLeafLocked(leaf_hash);
      });
  if (!appended.ok()) return appended;
  ApplyRowsLocked(append.rows);
  return appended;
}

absl::Status MemoryStore::WriteRows(const std::vector<RowWrite>& rows) {
  if (const absl::StatusOr<size_t> bytes = CheckRows(rows); !bytes.ok()) return bytes.status();
  const std::lock_guard<std::mutex> lock(mutex_);
  ApplyRowsLocked(rows);
  return absl::OkStatus();
}

uint64_t MemoryStore::LogSize() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return log_.size();
}

absl::Time MemoryStore::LatestRecordTime() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return LatestRecordTimeLocked();
}

absl::StatusOr<Sha256Digest> MemoryStore::ReadTreeNode(int level, uint64_t index) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (level < 0 || static_cast<size_t>(level) >= tree_.size() || index >= tree_[level].size()) {
    return absl::OutOfRangeError(
        absl::StrCat("the tree of ", log_.size(), " records has no node ", index, " of level ", level));
  }
  return tree_[level][index];
}

absl::StatusOr<uint64_t> MemoryStore::StreamRevision(absl::string_view stream) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return HeadLocked(stream).revision;
}

absl::Status MemoryStore::ReadStream(absl::string_view stream, uint64_t after_revision, EventVisitor visit) const {
  std::vector<const Stored*> records;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = streams_.find(stream);
    if (found == streams_.end() || after_revision >= found->second.size()) return absl::OkStatus();
    records.assign(found->second.begin() + after_revision, found->second.end());
  }
  return VisitAll(records, visit);
}

absl::Status MemoryStore::ReadLog(uint64_t after_position, EventVisitor visit) const {
  std::vector<const Stored*> records;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (uint64_t index = after_position; index < log_.size(); ++index) records.push_back(&log_[index]);
  }
  return VisitAll(records, visit);
}

absl::Status MemoryStore::ListStreams(absl::string_view after, StreamVisitor visit) const {
  std::vector<std::pair<std::string, uint64_t>> heads;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto it = streams_.upper_bound(after); it != streams_.end(); ++it) {
      heads.emplace_back(it->first, it->second.size());
    }
  }
  for (const auto& [stream, revision] : heads) {
    if (!visit(stream, revision)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> MemoryStore::GetRow(absl::string_view table, absl::string_view key) const {
  if (absl::Status status = CheckTable(table); !status.ok()) return status;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto rows = tables_.find(table);
  if (rows == tables_.end()) return std::nullopt;
  const auto row = rows->second.find(key);
  if (row == rows->second.end()) return std::nullopt;
  return row->second;
}

absl::Status MemoryStore::ScanRows(absl::string_view table, absl::string_view after, RowVisitor visit) const {
  if (absl::Status status = CheckTable(table); !status.ok()) return status;
  std::vector<std::pair<std::string, std::string>> rows;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = tables_.find(table);
    if (found != tables_.end()) rows.assign(found->second.upper_bound(after), found->second.end());
  }
  for (const auto& [key, value] : rows) {
    if (!visit(key, value)) break;
  }
  return absl::OkStatus();
}

StreamHead MemoryStore::HeadLocked(absl::string_view stream) const {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return {};
  return {found->second.size(), tree_[0][found->second.back()->record.position() - 1]};
}

absl::Time MemoryStore::LatestRecordTimeLocked() const {
  if (log_.empty()) return absl::InfinitePast();
  return absl::FromUnixMicros(log_.back().record.record_time_us());
}

void MemoryStore::AddLeafLocked(const Sha256Digest& leaf) {
  Sha256Digest node = leaf;
  for (size_t level = 0;; ++level) {
    if (level == tree_.size()) tree_.emplace_back();
    std::vector<Sha256Digest>& nodes = tree_[level];
    nodes.push_back(node);
    if (nodes.size() % 2 == 1) break;
    node = NodeHash(nodes[nodes.size() - 2], nodes.back());
  }
}

void MemoryStore::ApplyRowsLocked(const std::vector<RowWrite>& rows) {
  for (const RowWrite& row : rows) {
    if (row.value) {
      tables_[row.table][row.key] = *row.value;
    } else {
      tables_[row.table].erase(row.key);
    }
  }
}

}  // namespace eventstore
