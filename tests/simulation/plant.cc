#include "tests/simulation/plant.h"

#include <algorithm>
#include <utility>

#include "services/request_ledger.h"
#include "services/standing_rows.h"

namespace simulation {
namespace {

// The rows that are to be written apart, taken out of the others.
template <class Belongs>
std::vector<eventstore::RowWrite> TakeRows(std::vector<eventstore::RowWrite>& rows, Belongs belongs) {
  std::vector<eventstore::RowWrite> taken, kept;
  for (eventstore::RowWrite& row : rows) (belongs(row) ? taken : kept).push_back(std::move(row));
  rows.swap(kept);
  return taken;
}

}  // namespace

const std::vector<PlantInfo>& Plants() {
  static const auto* const plants = new std::vector<PlantInfo>{
      {Plant::kAckBeforeWrite, "ack_before_write", 40, false},
      {Plant::kNoFlush, "no_flush", 40},
      {Plant::kRequestRowApart, "request_row_apart", 40},
      {Plant::kRequestRowsForgotten, "request_rows_forgotten", 40},
      {Plant::kPublishBeforeWrite, "publish_before_write", 40},
      {Plant::kRevisionOffByOne, "revision_off_by_one", 40},
      {Plant::kRowsApart, "rows_apart", 60},
      {Plant::kProgressApart, "progress_apart", 400},
      {Plant::kSubscriberSkipsOne, "subscriber_skips_one", 40},
      {Plant::kSnapshotAppliesTwice, "snapshot_applies_twice", 40},
      {Plant::kUnknownIsFailure, "unknown_is_failure", 40},
      {Plant::kCheckpointBeforeWrite, "checkpoint_before_write", 40},
      {Plant::kDamageCutOff, "damage_cut_off", 40},
      {Plant::kChanceFromElsewhere, "chance_from_elsewhere", 40, false},
  };
  return *plants;
}

std::optional<Plant> PlantOfName(absl::string_view name) {
  for (const PlantInfo& info : Plants()) {
    if (info.name == name) return info.plant;
  }
  return std::nullopt;
}

absl::StatusOr<eventstore::Appended> PlantedStore::Write(const eventstore::Append& append) {
  for (const eventstore::RowWrite& row : append.rows) {
    if (row.table == services::kRequestTable) requests_.insert(row.key);
  }
  if (plant_ == Plant::kPublishBeforeWrite) publish_(append);
  if (plant_ == Plant::kRequestRowApart || plant_ == Plant::kRowsApart) {
    eventstore::Append first = append;
    const std::vector<eventstore::RowWrite> later = TakeRows(first.rows, [this](const eventstore::RowWrite& row) {
      return (row.table == services::kRequestTable) == (plant_ == Plant::kRequestRowApart);
    });
    absl::StatusOr<eventstore::Appended> appended = under().Write(first);
    if (!appended.ok()) return appended;
    const absl::Status written = under().WriteRows(later);
    if (!written.ok()) return written;
    return appended;
  }
  absl::StatusOr<eventstore::Appended> appended = under().Write(append);
  if (plant_ == Plant::kUnknownIsFailure && absl::IsUnknown(appended.status())) {
    return absl::ResourceExhaustedError("the write failed");
  }
  return appended;
}

absl::Status PlantedStore::WriteRows(const std::vector<eventstore::RowWrite>& rows) {
  if (plant_ != Plant::kProgressApart) return under().WriteRows(rows);
  std::vector<eventstore::RowWrite> later = rows;
  const std::vector<eventstore::RowWrite> first =
      TakeRows(later, [](const eventstore::RowWrite& row) { return row.table == services::kStandingProgressTable; });
  const absl::Status written = under().WriteRows(first);
  return written.ok() ? under().WriteRows(later) : written;
}

absl::StatusOr<std::optional<std::string>> PlantedStore::GetRow(absl::string_view table, absl::string_view key) const {
  if (plant_ == Plant::kRequestRowsForgotten && table == services::kRequestTable &&
      requests_.count(std::string(key)) == 0) {
    return std::nullopt;
  }
  return under().GetRow(table, key);
}

absl::Status PlantedFollower::ReadLog(uint64_t after, eventstore::EventVisitor visit) const {
  if (caught_up_ && !skipped_ && under().LogSize() > after) {
    skipped_ = true;
    ++after;
  }
  uint64_t last = after;
  const absl::Status read = ForwardingStore::ReadLog(after, [&](const eventstore::RecordedEvent& record) {
    last = record.position;
    return visit(record);
  });
  caught_up_ = caught_up_ || last >= under().LogSize();
  return read;
}

}  // namespace simulation
