#include "services/command.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "projections/day.h"
#include "projections/event_name.h"
#include "services/event_codec.h"
#include "services/log_position.h"
#include "services/personal_data.h"

namespace services {

std::string ContactKey(absl::string_view partnership, absl::string_view contact) {
  return absl::StrCat(partnership, absl::string_view("\0", 1), contact);
}

trust::v1::Receipt MakeReceipt(uint64_t position, const eventstore::Sha256Digest& leaf_hash) {
  trust::v1::Receipt receipt;
  receipt.set_log_index(static_cast<int64_t>(position - 1));
  receipt.set_leaf_hash(std::string(leaf_hash.begin(), leaf_hash.end()));
  return receipt;
}

absl::StatusOr<std::optional<std::string>> PendingRows::Get(absl::string_view table, absl::string_view key) const {
  std::optional<std::string> pending = GetPending(table, key);
  if (pending.has_value()) return pending;
  return store_->GetRow(table, key);
}

std::optional<std::string> PendingRows::GetPending(absl::string_view table, absl::string_view key) const {
  const auto row = rows_.find(std::pair<std::string, std::string>(table, key));
  return row == rows_.end() ? std::nullopt : std::make_optional(row->second);
}

void PendingRows::Put(absl::string_view table, std::string key, std::string value) {
  rows_[std::pair<std::string, std::string>(table, std::move(key))] = std::move(value);
}

std::vector<eventstore::RowWrite> PendingRows::Take() {
  std::vector<eventstore::RowWrite> writes;
  writes.reserve(rows_.size());
  for (auto& [place, value] : rows_) writes.push_back({place.first, place.second, std::move(value)});
  rows_.clear();
  std::sort(writes.begin(), writes.end(), [](const eventstore::RowWrite& a, const eventstore::RowWrite& b) {
    return std::tie(a.table, a.key) < std::tie(b.table, b.key);
  });
  return writes;
}

Draft::Draft(projections::Partnership* state, PendingRows* rows, absl::Time record_time)
    : state_(state), rows_(rows), record_time_(record_time), base_revision_(static_cast<uint64_t>(state->revision)) {}

void Draft::Complete(std::vector<trust::v1::Event>& events) const {
  int64_t revision = state_->revision;
  for (trust::v1::Event& event : events) {
    event.set_revision(++revision);
    *event.mutable_record_time() = projections::ToTimestamp(record_time_);
  }
}

size_t Draft::Accept(std::vector<trust::v1::Event> events, std::vector<std::vector<eventstore::SealedPart>> sealed) {
  const size_t first = events_.size();
  const bool was_imported_only = state_->imported_only;
  for (trust::v1::Event& event : events) {
    // The payload leaves out what the record holds.
    trust::v1::Event& kept = events_.emplace_back(std::move(event));
    const int64_t revision = kept.revision();
    std::unique_ptr<google::protobuf::Timestamp> record_time(kept.release_record_time());
    kept.clear_revision();
    kept.clear_partnership();
    encoded_.push_back(Encode(kept));
    bytes_ += encoded_.back().data.size();
    const size_t index = encoded_.size() - 1 - first;
    if (index < sealed.size() && !sealed[index].empty()) {
      encoded_.back().sealed = std::move(sealed[index]);
      for (const eventstore::SealedPart& part : encoded_.back().sealed) bytes_ += part.ciphertext.size();
      if (kept.has_contact_assigned()) {
        rows_->Put(kProfileTable, ContactKey(state_->id, kept.contact_assigned().contact()), absl::StrCat(revision));
      }
    }
    kept.set_revision(revision);
    kept.set_allocated_record_time(record_time.release());
    Fold(kept);
    structure_changed_ = structure_changed_ || !kept.has_evidence();
  }
  structure_changed_ = structure_changed_ || state_->imported_only != was_imported_only;
  return first;
}

// Evolves the state, and writes anew the row of a contact that the event touches.
void Draft::Fold(const trust::v1::Event& event) {
  if (event.has_personal_data_erased()) {
    trust::v1::Erasure erasure;
    erasure.set_contact(event.personal_data_erased().contact());
    erasure.set_request(event.personal_data_erased().request());
    *erasure.mutable_erase_time() = event.record_time();
    rows_->Put(kErasureTable, erasure.contact(), erasure.SerializeAsString());
  }
  std::string contact =
      event.has_contact_assigned() ? event.contact_assigned().contact() : event.contact_departed().contact();
  if (event.has_evidence_retracted()) {
    const auto root = projections::ParseEventName(state_->id, event.evidence_retracted().event());
    if (root) contact = projections::ContactOf(*state_, *root);
  }
  projections::Evolve(*state_, event);
  if (contact.empty()) return;
  trust::v1::GetContactResponse row;
  row.set_contact(contact);
  for (const projections::ContactAssignment& assignment : projections::AssignmentsOf(*state_, contact)) {
    trust::v1::ContactAssignment& shown = *row.add_assignments();
    shown.set_organization(assignment.organization);
    if (assignment.since_day) shown.set_since_date(projections::FormatDay(*assignment.since_day));
    if (assignment.until_day) shown.set_until_date(projections::FormatDay(*assignment.until_day));
  }
  rows_->Put(kContactTable, ContactKey(state_->id, contact), row.SerializeAsString());
}

eventstore::StreamAppend Draft::TakeAppend() { return {state_->id, base_revision_, std::move(encoded_)}; }

void Draft::SetPlaces(uint64_t first_position, absl::Span<const eventstore::Sha256Digest> leaf_hashes) {
  first_position_ = first_position;
  leaf_hashes_.assign(leaf_hashes.begin(), leaf_hashes.end());
  uint64_t position = first_position;
  for (trust::v1::Event& event : events_) {
    event.set_partnership(state_->id);
    event.set_log_position(LogPositionToken(position++));
  }
}

trust::v1::Receipt Draft::ReceiptOf(size_t index) const {
  return MakeReceipt(first_position_ + index, leaf_hashes_[index]);
}

}  // namespace services
