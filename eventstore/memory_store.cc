#include "eventstore/memory_store.h"

#include <utility>

#include "eventstore/append_plan.h"
#include "eventstore/limits.h"
#include "eventstore/record_codec.h"

namespace eventstore {
namespace {

absl::Time TimeOf(const v1::Record& record) { return absl::FromUnixMicros(record.record_time_us()); }

absl::Status VisitAll(const std::vector<const v1::Record*>& records, EventVisitor visit) {
  for (const v1::Record* record : records) {
    if (!visit(EventOf(*record))) break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Appended> MemoryStore::Write(const Append& append) {
  if (const absl::StatusOr<size_t> bytes = CheckAppend(append); !bytes.ok()) return bytes.status();
  const std::lock_guard<std::mutex> lock(mutex_);
  AppendPlan plan(log_.size(), log_.empty() ? absl::InfinitePast() : TimeOf(log_.back()));
  const absl::StatusOr<Appended> appended =
      plan.Add(append, [this](absl::string_view stream) { return RevisionLocked(stream); });
  if (!appended.ok()) return appended;
  AppendPlan::MakeRecords(append, *appended, [this](const v1::Record& record) {
    log_.push_back(record);
    streams_[record.stream()].push_back(&log_.back());
  });
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
  return log_.empty() ? absl::InfinitePast() : TimeOf(log_.back());
}

absl::StatusOr<uint64_t> MemoryStore::StreamRevision(absl::string_view stream) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return RevisionLocked(stream);
}

absl::Status MemoryStore::ReadStream(absl::string_view stream, uint64_t after_revision, EventVisitor visit) const {
  std::vector<const v1::Record*> records;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = streams_.find(stream);
    if (found == streams_.end() || after_revision >= found->second.size()) return absl::OkStatus();
    records.assign(found->second.begin() + after_revision, found->second.end());
  }
  return VisitAll(records, visit);
}

absl::Status MemoryStore::ReadLog(uint64_t after_position, EventVisitor visit) const {
  std::vector<const v1::Record*> records;
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

uint64_t MemoryStore::RevisionLocked(absl::string_view stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? 0 : found->second.size();
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
