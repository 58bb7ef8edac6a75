#include <array>
#include <string>
#include <utility>
#include <vector>

#include "projections/evidence_log.h"
#include "projections/policy.h"
#include "projections/snapshot_bytes.h"

namespace projections {
namespace {

// Most of what a record says is said by many. Records of one shape differ in what is written of each: revision, days
// and, where the shape says so, the two people and the matter.
using RecordShape = std::pair<uint64_t, uint64_t>;

enum RecordShapeFlag : uint8_t {
  kInterpersonal = 1,
  kDeception = 2,
  kNamesContacts = 4,
  kOwnMatter = 8,
  kOtherMatter = 16,
  kTookEffectAtOnce = 32,  // On the day it happened, and nothing else was said of when it was learned of.
};

constexpr size_t kRecordBytesMin = 4;

uint64_t Packed(std::array<uint8_t, 8> bytes) {
  uint64_t packed = 0;
  for (size_t i = 0; i < bytes.size(); ++i) packed |= uint64_t{bytes[i]} << (8 * i);
  return packed;
}

uint8_t Unpacked(uint64_t packed, int place) { return static_cast<uint8_t>(packed >> (8 * place)); }

RecordShape ShapeOf(const Record& record, const EventDays& days) {
  uint8_t flags = 0;
  if (record.interpersonal) flags |= kInterpersonal;
  if (record.deception) flags |= kDeception;
  if (record.contacts != 0) flags |= kNamesContacts;
  if (record.matter != 0) flags |= record.matter == record.revision ? kOwnMatter : kOtherMatter;
  if (days.occur == record.day && days.observe == kNever) flags |= kTookEffectAtOnce;
  const uint64_t kind = static_cast<uint16_t>(record.kind);
  return {uint64_t{record.cast} | kind << 32 | uint64_t{static_cast<uint8_t>(record.role)} << 48 |
              uint64_t{record.variant} << 56,
          Packed({static_cast<uint8_t>(record.verdict), record.repair, record.source, record.materiality,
                  record.severity, record.standing, record.points, flags})};
}

class RecordWriter {
 public:
  explicit RecordWriter(SnapshotWriter* writer) : writer_(*writer) {}

  void Write(const Record& record, const EventDays& days) {
    writer_.Distance(revision_, record.revision);
    const RecordShape shape = ShapeOf(record, days);
    const auto [known, is_new] = shapes_.emplace(shape, shapes_.size() + 1);
    writer_.Number(is_new ? 0 : known->second);
    if (is_new) {
      writer_.Number(shape.first);
      writer_.Number(shape.second);
    }
    const uint8_t flags = Unpacked(shape.second, 7);
    writer_.Distance(day_, record.day);
    writer_.Distance(known_, days.known);
    if ((flags & kTookEffectAtOnce) == 0) {
      writer_.Distance(record.day, days.occur);
      writer_.Distance(record.day, days.observe);
    }
    if ((flags & kNamesContacts) != 0) writer_.Number(record.contacts);
    if ((flags & kOtherMatter) != 0) writer_.Distance(record.revision, record.matter);
    revision_ = record.revision;
    day_ = record.day;
    known_ = days.known;
  }

 private:
  SnapshotWriter& writer_;
  absl::flat_hash_map<RecordShape, uint64_t> shapes_;  // The number by which each is named.
  int64_t revision_ = 0;
  Day day_ = 0, known_ = 0;
};

class RecordReader {
 public:
  RecordReader(size_t casts, size_t contact_pairs, SnapshotReader* reader)
      : casts_(casts), contact_pairs_(contact_pairs), reader_(*reader) {}

  void Read(Record* record, EventDays* days) {
    const int64_t revision = reader_.Distance(revision_);
    const uint64_t number = reader_.Below(shapes_.size() + 1);
    const Shape& shape = number == 0 ? ReadShape() : shapes_[number - 1];
    *record = shape.record;
    record->revision = revision;
    record->day = reader_.DayFrom(day_);
    days->known = reader_.DayFrom(known_);
    if ((shape.flags & kTookEffectAtOnce) == 0) {
      days->occur = reader_.DayFrom(record->day);
      days->observe = reader_.DayOrNeverFrom(record->day);
    } else {
      days->occur = record->day;
      days->observe = kNever;
    }
    if ((shape.flags & kNamesContacts) != 0) record->contacts = static_cast<uint32_t>(reader_.Below(contact_pairs_));
    if ((shape.flags & kOwnMatter) != 0) record->matter = revision;
    if ((shape.flags & kOtherMatter) != 0) record->matter = reader_.Distance(revision);
    revision_ = revision;
    day_ = record->day;
    known_ = days->known;
  }

 private:
  struct Shape {
    Record record;
    uint8_t flags = 0;
  };

  // What indexes something is checked here, once for all records of the shape.
  const Shape& ReadShape() {
    const uint64_t first = reader_.Number(), second = reader_.Number();
    Shape shape;
    Record& record = shape.record;
    record.cast = static_cast<uint32_t>(first);
    record.kind = static_cast<int16_t>(static_cast<uint16_t>(first >> 32));
    record.role = static_cast<RecordRole>(Unpacked(first, 6));
    record.variant = Unpacked(first, 7);
    record.verdict = static_cast<Verdict>(Unpacked(second, 0));
    record.repair = Unpacked(second, 1);
    record.source = Unpacked(second, 2);
    record.materiality = Unpacked(second, 3);
    record.severity = Unpacked(second, 4);
    record.standing = Unpacked(second, 5);
    record.points = Unpacked(second, 6);
    shape.flags = Unpacked(second, 7);
    record.interpersonal = (shape.flags & kInterpersonal) != 0;
    record.deception = (shape.flags & kDeception) != 0;
    reader_.Require(record.cast < casts_ && record.kind >= 0 && record.role <= RecordRole::kDeparture &&
                    record.verdict <= Verdict::kSubstantiated && record.repair < kRepairKindCount &&
                    record.source <= trust::v1::SOURCE_SYSTEM &&
                    record.materiality <= trust::v1::MATERIALITY_CRITICAL &&
                    record.severity <= trust::v1::SEVERITY_CRITICAL && trust::v1::Standing_IsValid(record.standing) &&
                    (record.role != RecordRole::kResolution || record.variant <= trust::v1::ResolutionMode_MAX));
    shapes_.push_back(shape);
    return shapes_.back();
  }

  const size_t casts_, contact_pairs_;
  SnapshotReader& reader_;
  std::vector<Shape> shapes_;
  int64_t revision_ = 0;
  Day day_ = 0, known_ = 0;
};

void WriteOrganizations(const std::vector<int>& organizations, SnapshotWriter* writer) {
  writer->Number(organizations.size());
  for (const int organization : organizations) writer->Number(static_cast<uint64_t>(organization));
}

std::vector<int> ReadOrganizations(size_t bound, SnapshotReader* reader) {
  std::vector<int> organizations(reader->Count());
  for (int& organization : organizations) organization = static_cast<int>(reader->Below(bound));
  return organizations;
}

}  // namespace

void EvidenceLog::Save(SnapshotWriter* writer) const {
  writer->Signed(generation_);
  WriteNames(numbers_, writer);
  writer->Number(casts_.size());
  for (const Cast& cast : casts_) {
    writer->Signed(cast.actor);
    WriteOrganizations(cast.affected, writer);
    WriteOrganizations(cast.witnesses, writer);
  }
  WriteNames(contact_numbers_, writer);
  writer->Number(contact_pairs_.size() - 1);
  for (size_t i = 1; i < contact_pairs_.size(); ++i) {
    writer->Signed(contact_pairs_[i].one);
    writer->Signed(contact_pairs_[i].other);
  }

  RecordWriter records(writer);
  writer->Number(records_.size());
  for (size_t i = 0; i < records_.size(); ++i) records.Write(records_[i], days_[i]);

  writer->Number(confirmations_.size());
  int64_t before = 0;
  for (const int64_t confirmed : SortedKeys(confirmations_)) {
    writer->Distance(before, confirmed);
    WriteIndexes(confirmations_.at(confirmed), writer);
    before = confirmed;
  }
  writer->Number(departure_count_);
  for (size_t i = 0; i < contact_numbers_.size(); ++i) {
    WriteIndexes(i < departures_.size() ? departures_[i] : std::vector<uint32_t>(), writer);
  }

  writer->Number(versions_.size());
  before = 0;
  for (const int64_t root : SortedKeys(versions_)) {
    const Version& version = versions_.at(root);
    writer->Distance(before, root);
    before = root;
    const int64_t seconds = absl::ToUnixSeconds(version.known);
    writer->Signed(seconds);
    writer->Signed(absl::ToInt64Nanoseconds(version.known - absl::FromUnixSeconds(seconds)));
    writer->Signed(version.revision);
    writer->Number(version.has_root ? 1 : 0);
    if (version.has_root) {
      // Nothing more is derived from this version: the record stands as it is until a later one takes its place.
      records.Write(version.root, version.root_days);
      continue;
    }
    writer->Number(version.correction != nullptr ? 1 : 0);
    if (version.correction != nullptr) writer->Text(version.correction->SerializeAsString());
  }
}

void EvidenceLog::Load(SnapshotReader* reader) {
  generation_ = reader->Tally();
  ReadNames(reader, &numbers_);
  LoadCasts(reader);
  LoadContacts(reader);

  RecordReader records(casts_.size(), contact_pairs_.size(), reader);
  const size_t count = reader->Count(kRecordBytesMin);
  // With room for what comes: growing moves all of it.
  records_.reserve(count + count / 8);
  days_.reserve(count + count / 8);
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    records.Read(&records_.emplace_back(), &days_.emplace_back());
  }

  const size_t confirmed_count = reader->Count();
  confirmations_.reserve(confirmed_count);
  int64_t before = 0;
  for (size_t i = 0; i < confirmed_count && reader->ok(); ++i) {
    before = reader->Distance(before);
    confirmations_[before] = ReadIndexes(records_.size(), reader);
  }
  departure_count_ = reader->Number();
  departures_.resize(contact_numbers_.size());
  for (std::vector<uint32_t>& departures : departures_) departures = ReadIndexes(records_.size(), reader);

  const size_t version_count = reader->Count();
  versions_.reserve(version_count);
  before = 0;
  for (size_t i = 0; i < version_count && reader->ok(); ++i) {
    before = reader->Distance(before);
    Version& version = versions_[before];
    const int64_t seconds = reader->Signed(), nanoseconds = reader->Signed();
    version.known = absl::FromUnixSeconds(seconds) + absl::Nanoseconds(nanoseconds);
    version.revision = reader->Signed();
    version.has_root = reader->Flag();
    if (version.has_root) {
      records.Read(&version.root, &version.root_days);
    } else if (reader->Flag()) {
      const absl::string_view text = reader->Text();
      auto correction = std::make_shared<trust::v1::EvidenceCorrected>();
      reader->Require(correction->ParseFromArray(text.data(), static_cast<int>(text.size())));
      correction_bytes_ += correction->SpaceUsedLong();
      version.correction = std::move(correction);
    }
  }
}

void EvidenceLog::LoadCasts(SnapshotReader* reader) {
  const size_t count = reader->Count();
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    Cast cast;
    const int64_t actor = reader->Signed();
    reader->Require(actor >= Cast::kAll && actor < static_cast<int64_t>(numbers_.size()));
    cast.actor = static_cast<int>(actor);
    cast.affected = ReadOrganizations(numbers_.size(), reader);
    cast.witnesses = ReadOrganizations(numbers_.size(), reader);
    cast_key_ = {cast.actor, static_cast<int>(cast.affected.size())};
    cast_key_.insert(cast_key_.end(), cast.affected.begin(), cast.affected.end());
    cast_key_.insert(cast_key_.end(), cast.witnesses.begin(), cast.witnesses.end());
    reader->Require(cast_index_.emplace(cast_key_, static_cast<uint32_t>(i)).second);
    casts_.push_back(std::move(cast));
  }
}

void EvidenceLog::LoadContacts(SnapshotReader* reader) {
  ReadNames(reader, &contact_numbers_);
  const size_t count = reader->Count();
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    const int64_t one = reader->Signed(), other = reader->Signed();
    reader->Require(-1 <= one && one <= other && 0 <= other && other < static_cast<int64_t>(contact_numbers_.size()));
    const ContactPair pair = {static_cast<int>(one), static_cast<int>(other)};
    reader->Require(
        contact_pair_index_.emplace(std::make_pair(pair.one, pair.other), static_cast<uint32_t>(i + 1)).second);
    contact_pairs_.push_back(pair);
  }
}

}  // namespace projections
