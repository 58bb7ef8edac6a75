#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "projections/direction_ledger.h"
#include "projections/snapshot_bytes.h"

namespace projections {
namespace {

void WriteWeights(const Weights& weights, SnapshotWriter* writer) {
  for (const uint64_t weight : weights) writer->Number(weight);
}

Weights ReadWeights(SnapshotReader* reader) {
  Weights weights{};
  for (uint64_t& weight : weights) weight = reader->Number();
  return weights;
}

void WriteCoverages(const Coverages& coverages, SnapshotWriter* writer) {
  for (const Coverage& coverage : coverages) {
    writer->Number(coverage.notions);
    writer->Number(coverage.count);
  }
}

Coverages ReadCoverages(SnapshotReader* reader) {
  Coverages coverages{};
  for (Coverage& coverage : coverages) {
    coverage.notions = static_cast<uint32_t>(reader->Number());
    coverage.count = static_cast<uint32_t>(reader->Number());
  }
  return coverages;
}

void WriteDays(const std::set<Day>& days, SnapshotWriter* writer) {
  writer->Number(days.size());
  for (const Day day : days) writer->Signed(day);
}

std::set<Day> ReadDays(SnapshotReader* reader) {
  std::set<Day> days;
  const size_t count = reader->Count();
  for (size_t i = 0; i < count && reader->ok(); ++i) days.insert(days.end(), reader->DayFrom(0));
  return days;
}

void WriteMatterIndex(const absl::flat_hash_map<int64_t, uint32_t>& index, SnapshotWriter* writer) {
  writer->Number(index.size());
  int64_t before = 0;
  for (const int64_t key : SortedKeys(index)) {
    writer->Distance(before, key);
    writer->Number(index.at(key));
    before = key;
  }
}

void ReadMatterIndex(size_t bound, SnapshotReader* reader, absl::flat_hash_map<int64_t, uint32_t>* index) {
  const size_t count = reader->Count();
  index->reserve(count);
  int64_t before = 0;
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    before = reader->Distance(before);
    (*index)[before] = static_cast<uint32_t>(reader->Below(bound));
  }
}

}  // namespace

void DirectionLedger::Save(SnapshotWriter* writer) const {
  writer->Number(taken_);
  writer->Signed(generation_);
  writer->Number(departures_taken_);
  for (const size_t estimate : {touches_, revaluation_count_, matter_bytes_}) writer->Number(estimate);
  SaveViolations(writer);
  SaveConflicts(writer);

  writer->Number(days_.size());
  Day before = 0;
  for (const auto& [day, inputs] : days_) {
    writer->Distance(before, day);
    SaveDay(inputs, writer);
    before = day;
  }

  writer->Number(confirmations_.size());
  for (const uint32_t record : SortedKeys(confirmations_)) {
    const auto& [day, count] = confirmations_.at(record);
    writer->Number(record);
    writer->Signed(day);
    writer->Number(count);
  }
  writer->Number(contacts_.size());
  for (const int contact : SortedKeys(contacts_)) writer->Signed(contact);
  writer->Number(late_coverage_.size());
  for (const LateCoverage& late : late_coverage_) {
    writer->Signed(late.day);
    writer->Distance(late.day, late.since);
    writer->Distance(late.day, late.until);
    WriteCoverages(late.coverage, writer);
  }
  std::vector<const PersonalRapports::value_type*> rapports;
  for (const auto& entry : personal_rapports_) rapports.push_back(&entry);
  std::sort(rapports.begin(), rapports.end(), [](const auto* a, const auto* b) {
    const auto order = [](const PersonalRapport& key) {
      return std::tie(key.contacts, key.day, key.confirmed, key.departed);
    };
    return order(a->first) < order(b->first);
  });
  writer->Number(rapports.size());
  for (const auto* entry : rapports) {
    writer->Number(entry->first.contacts);
    for (const Day day : {entry->first.day, entry->first.confirmed, entry->first.departed}) writer->Signed(day);
    for (const uint64_t weight : entry->second) writer->Number(weight);
  }
}

void DirectionLedger::SaveDay(const DayInputs& inputs, SnapshotWriter* writer) const {
  WriteWeights(inputs.positive, writer);
  WriteWeights(inputs.confirmed, writer);
  WriteCoverages(inputs.coverage, writer);
  writer->Number(inputs.eligible ? 1 : 0);
  writer->Number(inputs.negatives.size());
  for (const PlainNegative& negative : inputs.negatives) {
    writer->Number(static_cast<uint64_t>(negative.half_life));
    WriteWeights(negative.weights, writer);
  }
  writer->Number(inputs.revaluations.size());
  for (const Revaluation& revaluation : inputs.revaluations) {
    writer->Number(static_cast<uint64_t>(revaluation.sum));
    writer->Number(static_cast<uint64_t>(revaluation.half_life));
    writer->Signed(revaluation.day);
    WriteWeights(revaluation.from, writer);
    WriteWeights(revaluation.to, writer);
  }
  WriteIndexes(inputs.violations, writer);
  WriteIndexes(inputs.conflicts, writer);
  WriteIndexes(inputs.records, writer);
}

void DirectionLedger::SaveViolations(SnapshotWriter* writer) const {
  writer->Number(violations_.size());
  writer->Number(reports_.size());
  for (const ViolationReport& report : reports_) {
    writer->Signed(report.day);
    writer->Number(report.record);
    writer->Number(report.matter);
    WriteWeights(report.weights, writer);
    writer->Number(static_cast<uint64_t>(report.half_life));
    for (const uint8_t number : {report.basis, report.severity, report.standing}) writer->Number(number);
    writer->Number(report.deception ? 1 : 0);
    writer->Number(report.witnessed ? 1 : 0);
    writer->Signed(report.departed);
  }
  for (const ViolationMatter& matter : violations_) {
    WriteIndexes(matter.reports, writer);
    writer->Number(matter.verdicts.size());
    for (const VerdictEntry& entry : matter.verdicts) {
      writer->Signed(entry.day);
      writer->Number(static_cast<uint64_t>(entry.verdict));
      writer->Number(entry.record);
    }
    for (const auto& repairs : {matter.counted_repairs, matter.repairs}) {
      for (const Day day : repairs) writer->Signed(day);
    }
    WriteIndexes(matter.counted_repair_records, writer);
    WriteIndexes(matter.other_repair_records, writer);
    WriteDays(matter.affected_days, writer);
    WriteDays(matter.witnessed_days, writer);
  }
  WriteMatterIndex(violation_index_, writer);
}

void DirectionLedger::SaveConflicts(SnapshotWriter* writer) const {
  writer->Number(conflicts_.size());
  for (const ConflictMatter& matter : conflicts_) {
    writer->Number(matter.acts.size());
    for (const ConflictAct& act : matter.acts) {
      writer->Signed(act.day);
      writer->Number(act.record);
      WriteWeights(act.weights, writer);
      writer->Number(static_cast<uint64_t>(act.half_life));
      writer->Number(act.materiality);
      writer->Number(act.dispute ? 1 : 0);
      writer->Signed(act.departed);
    }
    writer->Number(matter.resolutions.size());
    for (const Resolution& resolution : matter.resolutions) {
      writer->Signed(resolution.day);
      writer->Number(resolution.record);
      writer->Signed(resolution.discharge);
      writer->Number(resolution.applied ? 1 : 0);
      writer->Number(resolution.credit ? 1 : 0);
      writer->Signed(resolution.credit_day);
      writer->Signed(resolution.departed);
    }
  }
  WriteMatterIndex(conflict_index_, writer);
}

void DirectionLedger::Load(SnapshotReader* reader) {
  const size_t records = log_->records().size();
  taken_ = reader->Below(records + 1);
  generation_ = reader->Tally();
  departures_taken_ = reader->Number();
  for (size_t* const estimate : {&touches_, &revaluation_count_, &matter_bytes_}) *estimate = reader->Number();
  // What is known of who takes part is asked of the casts of records, without looking whether it was made.
  for (uint32_t cast = 0; cast < log_->casts().size(); ++cast) PartIn(cast);
  LoadViolations(reader);
  LoadConflicts(reader);
  LoadDays(reader);

  const size_t confirmation_count = reader->Count();
  confirmations_.reserve(confirmation_count);
  for (size_t i = 0; i < confirmation_count && reader->ok(); ++i) {
    std::pair<Day, size_t>& confirmed = confirmations_[static_cast<uint32_t>(reader->Below(records))];
    confirmed.first = reader->DayFrom(0);
    confirmed.second = reader->Number();
  }
  const size_t contact_count = reader->Count();
  for (size_t i = 0; i < contact_count; ++i) contacts_.insert(static_cast<int>(reader->Signed()));
  late_coverage_.resize(reader->Count());
  for (LateCoverage& late : late_coverage_) {
    late.day = reader->DayFrom(0);
    late.since = reader->DayFrom(late.day);
    late.until = reader->DayOrNeverFrom(late.day);
    late.coverage = ReadCoverages(reader);
  }
  const size_t rapport_count = reader->Count();
  personal_rapports_.reserve(rapport_count);
  for (size_t i = 0; i < rapport_count && reader->ok(); ++i) {
    PersonalRapport key;
    key.contacts = static_cast<uint32_t>(reader->Number());
    key.day = reader->DayFrom(0);
    key.confirmed = reader->DayOrNeverFrom(0);
    key.departed = reader->DayOrNeverFrom(0);
    for (uint64_t& weight : personal_rapports_[key]) weight = reader->Number();
  }
}

void DirectionLedger::LoadDays(SnapshotReader* reader) {
  const size_t count = reader->Count();
  Day day = 0;
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    const Day before = day;
    day = reader->DayFrom(day);
    reader->Require(i == 0 || before < day);
    const auto place = days_.emplace_hint(days_.end(), day, DayInputs());
    LoadDay(reader, &place->second);
    for (const Revaluation& revaluation : place->second.revaluations) reader->Require(Revalues(day, revaluation));
  }
}

// Whether what is revalued on a day was there before.
bool DirectionLedger::Revalues(Day day, const Revaluation& revaluation) const {
  const auto found = days_.find(revaluation.day);
  if (revaluation.day >= day) return false;
  if (revaluation.sum != Revaluation::Sum::kNegative) return true;
  return found != days_.end() &&
         std::any_of(found->second.negatives.begin(), found->second.negatives.end(),
                     [&](const PlainNegative& negative) { return negative.half_life == revaluation.half_life; });
}

void DirectionLedger::LoadDay(SnapshotReader* reader, DayInputs* inputs) {
  const size_t half_lives = policy_->rules().decays.size();
  const auto read_indexes = [reader](size_t bound, DayInputs::Indexes* to) {
    const std::vector<uint32_t> indexes = ReadIndexes(bound, reader);
    to->assign(indexes.begin(), indexes.end());
  };
  inputs->positive = ReadWeights(reader);
  inputs->confirmed = ReadWeights(reader);
  inputs->coverage = ReadCoverages(reader);
  inputs->eligible = reader->Flag();
  inputs->negatives.resize(reader->Count());
  for (PlainNegative& negative : inputs->negatives) {
    negative.half_life = static_cast<int>(reader->Below(half_lives));
    negative.weights = ReadWeights(reader);
  }
  inputs->revaluations.resize(reader->Count());
  for (Revaluation& revaluation : inputs->revaluations) {
    revaluation.sum = static_cast<Revaluation::Sum>(reader->Below(3));
    revaluation.half_life = static_cast<int>(reader->Below(half_lives));
    revaluation.day = reader->DayFrom(0);
    revaluation.from = ReadWeights(reader);
    revaluation.to = ReadWeights(reader);
  }
  read_indexes(violations_.size(), &inputs->violations);
  read_indexes(conflicts_.size(), &inputs->conflicts);
  read_indexes(log_->records().size(), &inputs->records);
}

void DirectionLedger::LoadViolations(SnapshotReader* reader) {
  const size_t records = log_->records().size();
  violations_.resize(reader->Count());
  reports_.resize(reader->Count());
  for (ViolationReport& report : reports_) {
    report.day = reader->DayFrom(0);
    report.record = static_cast<uint32_t>(reader->Below(records));
    report.matter = static_cast<uint32_t>(reader->Below(violations_.size()));
    report.weights = ReadWeights(reader);
    report.half_life = static_cast<int>(reader->Below(policy_->rules().decays.size()));
    report.basis = static_cast<uint8_t>(reader->Below(trust::v1::Basis_MAX + 1));
    report.severity = static_cast<uint8_t>(reader->Below(trust::v1::Severity_MAX + 1));
    report.standing = static_cast<uint8_t>(reader->Below(trust::v1::Standing_MAX + 1));
    report.deception = reader->Flag();
    report.witnessed = reader->Flag();
    report.departed = reader->DayOrNeverFrom(0);
    if (!reader->ok()) return;
  }
  for (ViolationMatter& matter : violations_) {
    matter.reports = ReadIndexes(reports_.size(), reader);
    matter.verdicts.resize(reader->Count());
    for (VerdictEntry& entry : matter.verdicts) {
      entry.day = reader->DayFrom(0);
      entry.verdict = static_cast<Verdict>(reader->Below(static_cast<uint64_t>(Verdict::kSubstantiated) + 1));
      entry.record = static_cast<uint32_t>(reader->Below(records));
    }
    for (auto* const repairs : {&matter.counted_repairs, &matter.repairs}) {
      for (Day& day : *repairs) day = reader->DayOrNeverFrom(0);
    }
    matter.counted_repair_records = ReadIndexes(records, reader);
    matter.other_repair_records = ReadIndexes(records, reader);
    matter.affected_days = ReadDays(reader);
    matter.witnessed_days = ReadDays(reader);
    if (!reader->ok()) return;
  }
  ReadMatterIndex(violations_.size(), reader, &violation_index_);
}

void DirectionLedger::LoadConflicts(SnapshotReader* reader) {
  const size_t records = log_->records().size(), half_lives = policy_->rules().decays.size();
  conflicts_.resize(reader->Count());
  for (ConflictMatter& matter : conflicts_) {
    matter.acts.resize(reader->Count());
    for (ConflictAct& act : matter.acts) {
      act.day = reader->DayFrom(0);
      act.record = static_cast<uint32_t>(reader->Below(records));
      act.weights = ReadWeights(reader);
      act.half_life = static_cast<int>(reader->Below(half_lives));
      act.materiality = reader->Number();
      act.dispute = reader->Flag();
      act.departed = reader->DayOrNeverFrom(0);
    }
    matter.resolutions.resize(reader->Count());
    for (Resolution& resolution : matter.resolutions) {
      resolution.day = reader->DayFrom(0);
      resolution.record = static_cast<uint32_t>(reader->Below(records));
      resolution.discharge = reader->Between(-1'000'000, 1'000'000);
      resolution.applied = reader->Flag();
      resolution.credit = reader->Flag();
      resolution.credit_day = reader->DayOrNeverFrom(0);
      resolution.departed = reader->DayOrNeverFrom(0);
      reader->Require(!resolution.credit || credit_rule() != nullptr);
    }
    if (!reader->ok()) return;
  }
  ReadMatterIndex(conflicts_.size(), reader, &conflict_index_);
}

}  // namespace projections
