// The evidence of one partnership, boiled down to what its readings need: one small record an event, in the order of
// revisions, in the held view. Knows no policy and no direction. Only grows. Not synchronised.

#ifndef PROJECTIONS_EVIDENCE_LOG_H_
#define PROJECTIONS_EVIDENCE_LOG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "projections/day.h"
#include "trust/v1/events.pb.h"

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
};

// What changes a standing, in the order in which those of one day are folded.
enum class Verdict : uint8_t { kDisputed, kAcknowledged, kWithdrawn, kUnfounded, kPartly, kSubstantiated };

// One piece of evidence. Enum fields never hold UNSPECIFIED or unknown values: they hold the default that those mean.
struct Record {
  int64_t revision = 0;
  // The revision that names the violation or the conflict it belongs to: its own where it begins one. 0: none that is
  // known.
  int64_t matter = 0;
  Day day = 0;
  uint32_t cast = 0;  // Whose act, who was affected, who learned of it.
  int16_t kind = 0;   // The number of the field in Evidence.
  RecordRole role = RecordRole::kAct;
  uint8_t variant = 0;  // The number of the kind's result, type or mode.
  Verdict verdict = Verdict::kDisputed;
  uint8_t repair = 0;  // A RepairKind.
  uint8_t source = 0, materiality = 0, severity = 0, standing = 0;
  uint8_t points = 0;  // Of an attestation: both ratings above the lowest, 0 to 8.
  bool interpersonal = false;
  bool deception = false;
};

// Whose act, who was affected, who learned of it: organizations as the log numbers them.
struct Cast {
  static constexpr int kAll = -1;  // A joint act of the affected.
  int actor = kAll;
  std::vector<int> affected;
  std::vector<int> witnesses;
};

class EvidenceLog {
 public:
  explicit EvidenceLog(std::string partnership) : partnership_(std::move(partnership)) {}

  // Takes in an event whose body is evidence. Kinds that can never weigh anything leave no record.
  void Append(const trust::v1::Event& event);

  // The same partnership as if only these of its records counted. Records and organizations keep their numbers.
  EvidenceLog Only(absl::FunctionRef<bool(const Record&)> keep) const;

  const std::vector<Record>& records() const { return records_; }
  const std::vector<Cast>& casts() const { return casts_; }
  const std::string& partnership() const { return partnership_; }

  // The number of an organization; given out at its first mention.
  int Number(absl::string_view organization);
  // The same, or -1 when it was never mentioned.
  int FindNumber(absl::string_view organization) const;

  // An estimate.
  size_t memory_bytes() const;

 private:
  uint32_t CastOf(const trust::v1::Evidence& evidence);

  const std::string partnership_;
  std::vector<Record> records_;
  std::vector<Cast> casts_;
  absl::flat_hash_map<std::vector<int>, uint32_t> cast_index_;
  absl::flat_hash_map<std::string, int> numbers_;
  std::vector<int> cast_key_;  // Kept between calls for its storage.
};

}  // namespace projections

#endif  // PROJECTIONS_EVIDENCE_LOG_H_
