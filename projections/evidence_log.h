// The evidence of one partnership, boiled down to what its readings need: one small record an event, in the order of
// revisions, each in the version in force. Knows no policy and no direction. Not synchronised.

#ifndef PROJECTIONS_EVIDENCE_LOG_H_
#define PROJECTIONS_EVIDENCE_LOG_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "projections/day.h"
#include "projections/snapshot_bytes.h"
#include "projections/violation_standing.h"
#include "trust/v1/events.pb.h"
#include "trust/v1/reading.pb.h"

namespace projections {

// What a record does in a direction.
enum class RecordRole : uint8_t {
  kNothing,          // Retracted, or nothing that could ever count.
  kAct,              // Weighs what the policy's row for its kind says.
  kAttestation,      // A person's ratings of a person.
  kConflictAct,      // A negative that a resolution discharges.
  kResolution,       // Resolves a conflict.
  kViolation,        // A negative with standing and repair.
  kVerdict,          // Changes the standing of a violation.
  kRepair,           // Discharges a part of a violation.
  kAcknowledgement,  // Both of the last two.
  kConfirmation,     // Somebody else stands behind another record.
  kDeparture,        // A person is no longer there.
};

// One piece of evidence, or an event about evidence. Enum fields never hold UNSPECIFIED or unknown values: they hold
// the default that those mean.
struct Record {
  int64_t revision = 0;
  // The revision that names the violation or the conflict it belongs to: its own where it begins one; of a confirmation
  // what it confirms. 0: none that is known.
  int64_t matter = 0;
  Day day = 0;            // On which it takes effect in the log's view.
  uint32_t cast = 0;      // Whose act, who was affected, who learned of it.
  uint32_t contacts = 0;  // Between which two people; of a departure who left. Only where that matters, else 0.
  int16_t kind = 0;       // The number of the field in Evidence.
  RecordRole role = RecordRole::kAct;
  uint8_t variant = 0;  // The number of the kind's result, type or mode.
  Verdict verdict = Verdict::kDisputed;
  uint8_t repair = 0;  // A RepairKind.
  uint8_t source = 0, materiality = 0, severity = 0, standing = 0;
  uint8_t points = 0;              // Of an attestation: both ratings above the lowest, 0 to 8.
  bool interpersonal : 1 = false;  // Bits, so that a record takes 40 bytes.
  bool deception : 1 = false;
};
static_assert(sizeof(Record) == 40);

// Whose act, who was affected, who learned of it: organizations as the log numbers them.
struct Cast {
  static constexpr int kAll = -1;  // A joint act of the affected.
  int actor = kAll;
  std::vector<int> affected;
  std::vector<int> witnesses;
};

// The two people of interpersonal evidence, as the log numbers them, in ascending order; -1 where nobody is named.
struct ContactPair {
  int one = -1;
  int other = -1;
};

// From when on a record by the actor itself is confirmed, and by which records.
struct Confirmation {
  Day day = kNever;  // Never before the record's own day.
  std::vector<uint32_t> records;
};

class EvidenceLog {
 public:
  EvidenceLog(std::string partnership, trust::v1::View view)
      : partnership_(std::move(partnership)), hindsight_(view == trust::v1::VIEW_HINDSIGHT), contact_pairs_(1) {}

  // Takes in an event whose body is evidence, a confirmation or a departure.
  void Append(const trust::v1::Event& event);
  // Takes in a correction or a retraction. The one of the latest known time, then of the highest revision, decides
  // about the event it names, also when that is yet to come. A replacement lies over the event as it was recorded: what
  // it leaves out of the times is kept. Of a confirmation or a departure only the times can be corrected; naming any
  // other event does nothing. (Specification, C4.)
  void Revise(const trust::v1::Event& event);

  // The same partnership as if only these of its records counted. Records and organizations keep their numbers.
  EvidenceLog Only(absl::FunctionRef<bool(const Record&)> keep) const;

  const std::vector<Record>& records() const { return records_; }
  const std::vector<Cast>& casts() const { return casts_; }
  const std::string& partnership() const { return partnership_; }
  // Whether standings are those finally known. (Specification, C6.)
  bool hindsight() const { return hindsight_; }
  // Grows whenever a record is replaced that was there before.
  int64_t generation() const { return generation_; }

  // The index of the record of a revision.
  std::optional<uint32_t> Find(int64_t revision) const;
  const ContactPair& ContactsOf(const Record& record) const { return contact_pairs_[record.contacts]; }
  // The first confirmation of a record by another organization than its actor. (Specification, C5.)
  Confirmation ConfirmationOf(const Record& record) const;
  // The first day on which either person of a record had left; kNever while both are there. (Specification, C11.)
  Day DepartureOf(const Record& record) const;
  // The departures of either person of a record on a day.
  std::vector<uint32_t> DeparturesOn(const Record& record, Day day) const;
  // How many departures there ever were.
  size_t departure_count() const { return departure_count_; }

  // The number of an organization; given out at its first mention.
  int Number(absl::string_view organization);
  // The same, or -1 when it was never mentioned.
  int FindNumber(absl::string_view organization) const;
  // How many numbers were given out: 0 and on.
  size_t organization_count() const { return numbers_.size(); }

  // The days of evidence as it was recorded, whatever became of it; nothing for what is no evidence. Logarithmic.
  std::optional<EventDays> DaysAsRecorded(int64_t revision) const;

  // Writes all that is held, for Load in a log of the same partnership and view that has nothing yet; that fails the
  // reader over bytes that Save did not write, and leaves a log that holds whatever was read.
  void Save(SnapshotWriter* writer) const;
  void Load(SnapshotReader* reader);

  // An estimate.
  size_t memory_bytes() const;

 private:
  // What stands in the place of an event as it was recorded.
  struct Version {
    absl::Time known = absl::InfinitePast();
    int64_t revision = 0;
    std::shared_ptr<const trust::v1::EvidenceCorrected> correction;  // Null: retracted.
    bool has_root = false;
    Record root;
    EventDays root_days;
  };

  Record Compile(int64_t revision, const trust::v1::Evidence& evidence);
  Record Derive(const Version& version);
  Day EffectDay(const EventDays& days) const { return hindsight_ ? days.occur : days.held(); }
  void Index(uint32_t record);
  void Unindex(uint32_t record);
  uint32_t CastOf(const trust::v1::Evidence& evidence);
  uint32_t CastOfKey();
  uint32_t ContactsOf(absl::string_view one, absl::string_view other);
  int ContactNumber(absl::string_view contact);
  void LoadCasts(SnapshotReader* reader);
  void LoadContacts(SnapshotReader* reader);

  const std::string partnership_;
  const bool hindsight_;
  int64_t generation_ = 0;
  std::vector<Record> records_;
  std::vector<EventDays> days_;  // Of the records as they were recorded.
  std::vector<Cast> casts_;
  absl::flat_hash_map<std::vector<int>, uint32_t> cast_index_;
  absl::flat_hash_map<std::string, int> numbers_;
  std::vector<int> cast_key_;  // Kept between calls for its storage.

  absl::flat_hash_map<int64_t, Version> versions_;                     // By the revision they stand for.
  absl::flat_hash_map<int64_t, std::vector<uint32_t>> confirmations_;  // Records, by the revision confirmed.
  absl::flat_hash_map<std::string, int> contact_numbers_;
  std::vector<ContactPair> contact_pairs_;  // The first names nobody.
  absl::flat_hash_map<std::pair<int, int>, uint32_t> contact_pair_index_;
  std::vector<std::vector<uint32_t>> departures_;  // Records, by contact.
  size_t departure_count_ = 0;
  size_t correction_bytes_ = 0;
};

}  // namespace projections

#endif  // PROJECTIONS_EVIDENCE_LOG_H_
