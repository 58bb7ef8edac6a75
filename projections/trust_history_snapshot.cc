#include <string>
#include <utility>
#include <vector>

#include "projections/snapshot_bytes.h"
#include "projections/trust_history.h"

namespace projections {
namespace {

void WritePairDays(const absl::flat_hash_map<std::pair<int, int>, Day>& days, SnapshotWriter* writer) {
  writer->Number(days.size());
  for (const auto& pair : SortedKeys(days)) {
    writer->Number(static_cast<uint64_t>(pair.first));
    writer->Number(static_cast<uint64_t>(pair.second));
    writer->Signed(days.at(pair));
  }
}

void WritePartnerDays(const absl::flat_hash_map<int, Day>& days, SnapshotWriter* writer) {
  writer->Number(days.size());
  for (const int partner : SortedKeys(days)) {
    writer->Number(static_cast<uint64_t>(partner));
    writer->Signed(days.at(partner));
  }
}

int ReadPartner(const EvidenceLog& log, SnapshotReader* reader) {
  return static_cast<int>(reader->Below(log.organization_count()));
}

std::pair<int, int> ReadPair(const EvidenceLog& log, SnapshotReader* reader) {
  const int one = ReadPartner(log, reader);
  const int other = ReadPartner(log, reader);
  reader->Require(one != other);
  return {one, other};
}

void ReadPairDays(const EvidenceLog& log, SnapshotReader* reader, absl::flat_hash_map<std::pair<int, int>, Day>* days) {
  const size_t count = reader->Count();
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    const std::pair<int, int> pair = ReadPair(log, reader);
    (*days)[pair] = reader->DayFrom(0);
  }
}

void ReadPartnerDays(const EvidenceLog& log, SnapshotReader* reader, absl::flat_hash_map<int, Day>* days) {
  const size_t count = reader->Count();
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    const int partner = ReadPartner(log, reader);
    (*days)[partner] = reader->DayFrom(0);
  }
}

}  // namespace

std::string TrustHistory::Save(absl::string_view policy_name) const {
  SnapshotWriter writer;
  writer.Text(log_.partnership());
  writer.Number(view_ == trust::v1::VIEW_HINDSIGHT ? 1 : 0);
  writer.Number(takes_ == Takes::kAll ? 1 : 0);
  log_.Save(&writer);
  SaveStructure(&writer);
  if (takes_ == Takes::kAll) conduct_.Save(&writer);
  writer.Text(policy_name);
  writer.Number(directions_.size());
  for (const Pair& pair : SortedKeys(directions_)) {
    writer.Number(static_cast<uint64_t>(pair.first));
    writer.Number(static_cast<uint64_t>(pair.second));
    directions_.at(pair)->ledger.Save(&writer);
  }
  return writer.Take();
}

std::unique_ptr<TrustHistory> TrustHistory::Restore(absl::string_view bytes, const std::string& partnership,
                                                    std::shared_ptr<const Policy> policy, absl::string_view policy_name,
                                                    trust::v1::View view, Takes takes) {
  auto history = std::make_unique<TrustHistory>(partnership, std::move(policy), view, takes);
  SnapshotReader reader(bytes);
  if (reader.Text() != partnership || reader.Flag() != (view == trust::v1::VIEW_HINDSIGHT) ||
      reader.Flag() != (takes == Takes::kAll)) {
    return nullptr;
  }
  history->log_.Load(&reader);
  history->LoadStructure(&reader);
  if (takes == Takes::kAll && reader.ok()) history->conduct_.Load(&reader);
  // What was gathered under another policy is gathered anew when it is read.
  if (reader.ok() && reader.Text() == policy_name) {
    history->LoadDirections(&reader);
    if (!reader.done()) return nullptr;
  }
  return reader.ok() ? std::move(history) : nullptr;
}

void TrustHistory::SaveStructure(SnapshotWriter* writer) const {
  writer->Signed(revision_);
  for (const std::optional<Day>& day : {latest_record_day_, founding_day_}) {
    writer->Number(day.has_value() ? 1 : 0);
    writer->Signed(day.value_or(0));
  }
  writer->Number(partners_.size());
  for (const std::string& partner : partners_) writer->Text(partner);
  WritePairDays(first_contacts_, writer);
  WritePairDays(declared_, writer);
  writer->Number(founders_.size());
  for (const int founder : SortedKeys(founders_)) writer->Number(static_cast<uint64_t>(founder));
  WritePartnerDays(joined_, writer);
  WritePartnerDays(left_, writer);
  writer->Signed(terminated_);
  writer->Signed(unknown_.count);
  writer->Number(unknown_.revisions.size());
  for (const int64_t revision : unknown_.revisions) writer->Signed(revision);
}

void TrustHistory::LoadStructure(SnapshotReader* reader) {
  revision_ = reader->Signed();
  for (std::optional<Day>* const day : {&latest_record_day_, &founding_day_}) {
    const bool known = reader->Flag();
    const Day value = reader->DayFrom(0);
    if (known) *day = value;
  }
  const size_t partner_count = reader->Count();
  for (size_t i = 0; i < partner_count && reader->ok(); ++i) {
    partners_.emplace_back(reader->Text());
    reader->Require(log_.FindNumber(partners_.back()) >= 0 && (i == 0 || partners_[i - 1] < partners_[i]));
  }
  ReadPairDays(log_, reader, &first_contacts_);
  ReadPairDays(log_, reader, &declared_);
  const size_t founder_count = reader->Count();
  for (size_t i = 0; i < founder_count && reader->ok(); ++i) founders_.insert(ReadPartner(log_, reader));
  ReadPartnerDays(log_, reader, &joined_);
  ReadPartnerDays(log_, reader, &left_);
  terminated_ = reader->DayOrNeverFrom(0);
  unknown_.count = reader->Tally();
  const size_t unknown_count = reader->Below(UnknownEvents::kRevisionsMax + 1);
  for (size_t i = 0; i < unknown_count && reader->ok(); ++i) unknown_.revisions.push_back(reader->Signed());
}

void TrustHistory::LoadDirections(SnapshotReader* reader) {
  const size_t count = reader->Count();
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    const Pair pair = ReadPair(log_, reader);
    const std::optional<Day> first_contact = FirstContact(pair);
    if (!first_contact.has_value()) return reader->Fail();
    std::unique_ptr<Direction>& direction = directions_[pair];
    direction = std::make_unique<Direction>(policy_.get(), &log_, pair, *first_contact);
    direction->ledger.Load(reader);
  }
}

}  // namespace projections
