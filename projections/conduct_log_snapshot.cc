#include <string>
#include <utility>
#include <vector>

#include "projections/conduct_log.h"
#include "projections/snapshot_bytes.h"

namespace projections {
namespace {

// What is written of an act beside what many acts share.
enum ActFlag : uint8_t {
  kBeginsMatter = 1,
  kContinuesMatter = 2,
  kLearnedOfAtOnce = 4,
  kHasDueDay = 8,
  kHasNoDueDay = 16,  // Of a promise without a date; 0 in acts that are due on no day.
};

constexpr size_t kActBytesMin = 3;
constexpr int64_t kTallyMax = 1 << 30;

uint8_t FlagsOf(const Conduct& act) {
  uint8_t flags = 0;
  if (act.matter != 0) flags |= act.matter == act.revision ? kBeginsMatter : kContinuesMatter;
  if (act.held_day == act.occur_day) flags |= kLearnedOfAtOnce;
  if (act.due_day == Conduct::kNoDay) {
    flags |= kHasNoDueDay;
  } else if (act.due_day != 0) {
    flags |= kHasDueDay;
  }
  return flags;
}

class ActWriter {
 public:
  explicit ActWriter(SnapshotWriter* writer) : writer_(*writer) {}

  void Write(const Conduct& act) {
    writer_.Distance(revision_, act.revision);
    const uint64_t shape = uint64_t{static_cast<uint8_t>(act.kind)} | uint64_t{static_cast<uint8_t>(act.verdict)} << 8 |
                           uint64_t{act.standing} << 16 | uint64_t{FlagsOf(act)} << 24 |
                           uint64_t{static_cast<uint16_t>(act.actor)} << 32 |
                           uint64_t{static_cast<uint16_t>(act.affected)} << 48;
    const auto [known, is_new] = shapes_.emplace(shape, shapes_.size() + 1);
    writer_.Number(is_new ? 0 : known->second);
    if (is_new) writer_.Number(shape);
    const uint8_t flags = FlagsOf(act);
    writer_.Distance(day_, act.held_day);
    if ((flags & kLearnedOfAtOnce) == 0) writer_.Distance(act.held_day, act.occur_day);
    if ((flags & kHasDueDay) != 0) writer_.Distance(act.held_day, act.due_day);
    if ((flags & kContinuesMatter) != 0) writer_.Distance(act.revision, act.matter);
    revision_ = act.revision;
    day_ = act.held_day;
  }

 private:
  SnapshotWriter& writer_;
  absl::flat_hash_map<uint64_t, uint64_t> shapes_;  // The number by which each is named.
  int64_t revision_ = 0;
  Day day_ = 0;
};

class ActReader {
 public:
  ActReader(size_t organizations, SnapshotReader* reader)
      : organizations_(static_cast<int>(organizations)), reader_(*reader) {}

  Conduct Read() {
    const int64_t revision = reader_.Distance(revision_);
    const uint64_t number = reader_.Below(shapes_.size() + 1);
    const Shape& shape = number == 0 ? ReadShape() : shapes_[number - 1];
    Conduct act = shape.act;
    act.revision = revision;
    act.held_day = reader_.DayFrom(day_);
    act.occur_day = (shape.flags & kLearnedOfAtOnce) != 0 ? act.held_day : reader_.DayFrom(act.held_day);
    if ((shape.flags & kHasDueDay) != 0) act.due_day = reader_.DayFrom(act.held_day);
    if ((shape.flags & kHasNoDueDay) != 0) act.due_day = Conduct::kNoDay;
    if ((shape.flags & kBeginsMatter) != 0) act.matter = revision;
    if ((shape.flags & kContinuesMatter) != 0) act.matter = reader_.Distance(revision);
    revision_ = revision;
    day_ = act.held_day;
    return act;
  }

 private:
  struct Shape {
    Conduct act;
    uint8_t flags = 0;
  };

  const Shape& ReadShape() {
    const uint64_t packed = reader_.Number();
    Shape shape;
    Conduct& act = shape.act;
    act.kind = static_cast<ConductKind>(static_cast<uint8_t>(packed));
    act.verdict = static_cast<Verdict>(static_cast<uint8_t>(packed >> 8));
    act.standing = static_cast<uint8_t>(packed >> 16);
    shape.flags = static_cast<uint8_t>(packed >> 24);
    act.actor = static_cast<int16_t>(static_cast<uint16_t>(packed >> 32));
    act.affected = static_cast<int16_t>(static_cast<uint16_t>(packed >> 48));
    reader_.Require(act.kind <= ConductKind::kFiguresReview && act.verdict <= Verdict::kSubstantiated &&
                    trust::v1::Standing_IsValid(act.standing));
    for (const int organization : {act.actor, act.affected}) {
      reader_.Require(organization >= -1 && organization < organizations_);
    }
    shapes_.push_back(shape);
    return shapes_.back();
  }

  const int organizations_;
  SnapshotReader& reader_;
  std::vector<Shape> shapes_;
  int64_t revision_ = 0;
  Day day_ = 0;
};

constexpr int32_t ConductTally::*kTallied[] = {&ConductTally::kept_on_time,
                                               &ConductTally::kept_late,
                                               &ConductTally::missed,
                                               &ConductTally::objectives_achieved,
                                               &ConductTally::objectives_missed,
                                               &ConductTally::reviews,
                                               &ConductTally::renewals};

void WriteDayIfAny(const std::optional<Day>& day, SnapshotWriter* writer) {
  writer->Number(day.has_value() ? 1 : 0);
  if (day.has_value()) writer->Signed(*day);
}

std::optional<Day> ReadDayIfAny(SnapshotReader* reader) {
  if (!reader->Flag()) return std::nullopt;
  return reader->DayFrom(0);
}

}  // namespace

void ConductLog::Save(SnapshotWriter* writer) const {
  writer->Number(organizations_.size());
  for (const std::string& organization : organizations_) writer->Text(organization);
  writer->Number(present_.size());
  for (const std::string& organization : present_) writer->Text(organization);
  WriteDayIfAny(first_contact_, writer);
  for (const std::optional<Day>& end : end_) WriteDayIfAny(end, writer);
  writer->Signed(latest_day_);

  ActWriter acts(writer);
  writer->Number(acts_.size());
  for (const Conduct& act : acts_) acts.Write(act);
  writer->Number(roots_.size());
  int64_t before = 0;
  for (const int64_t revision : SortedKeys(roots_)) {
    writer->Distance(before, revision);
    acts.Write(roots_.at(revision));
    before = revision;
  }

  for (const auto& tallies : tallies_) {
    writer->Number(tallies.size());
    Day day_before = 0;
    for (const auto& [day, tally] : tallies) {
      writer->Distance(day_before, day);
      for (const auto field : kTallied) writer->Signed(tally.*field);
      day_before = day;
    }
  }
  writer->Number(review_days_.size());
  for (const Day day : review_days_) writer->Signed(day);
  writer->Number(figures_reviews_.size());
  for (const auto& [revision, review] : figures_reviews_) {
    writer->Signed(revision);
    writer->Text(review.SerializeAsString());
  }
  for (const auto& stated : stated_) {
    writer->Number(stated.size());
    for (const auto& [key, basis_points] : stated) {
      writer->Number(static_cast<uint64_t>(std::get<0>(key)));
      writer->Number(static_cast<uint64_t>(std::get<1>(key)));
      writer->Signed(std::get<2>(key));
      writer->Signed(std::get<3>(key));
      writer->Signed(basis_points);
    }
  }
}

void ConductLog::Load(SnapshotReader* reader) {
  ReadNames(reader, &numbers_);
  organizations_.resize(numbers_.size());
  for (const auto& [name, number] : numbers_) organizations_[static_cast<size_t>(number)] = name;
  const size_t present_count = reader->Count();
  for (size_t i = 0; i < present_count; ++i) present_.emplace(reader->Text());
  first_contact_ = ReadDayIfAny(reader);
  for (std::optional<Day>& end : end_) end = ReadDayIfAny(reader);
  latest_day_ = reader->DayFrom(0);
  LoadActs(reader);

  for (auto& tallies : tallies_) {
    const size_t count = reader->Count();
    Day day = 0;
    for (size_t i = 0; i < count && reader->ok(); ++i) {
      day = reader->DayFrom(day);
      ConductTally& tally = tallies.emplace_hint(tallies.end(), day, ConductTally())->second;
      for (const auto field : kTallied) tally.*field = static_cast<int32_t>(reader->Between(-kTallyMax, kTallyMax));
    }
  }
  const size_t review_count = reader->Count();
  for (size_t i = 0; i < review_count; ++i) review_days_.insert(reader->DayFrom(0));
  const size_t figures_count = reader->Count();
  for (size_t i = 0; i < figures_count && reader->ok(); ++i) {
    const int64_t revision = reader->Signed();
    const absl::string_view text = reader->Text();
    trust::v1::EffectivenessReviewed& review = figures_reviews_[revision];
    reader->Require(review.ParseFromArray(text.data(), static_cast<int>(text.size())));
    figures_bytes_ += review.SpaceUsedLong();
    const Conduct* const act = Find(revision);
    reader->Require(act != nullptr);
    for (const bool hindsight : {false, true}) {
      if (act != nullptr) figures_days_[hindsight ? 1 : 0].emplace(act->day(hindsight), revision);
    }
  }
  for (auto& stated : stated_) {
    const size_t count = reader->Count();
    for (size_t i = 0; i < count && reader->ok(); ++i) {
      const auto trustor = static_cast<int16_t>(reader->Below(organizations_.size()));
      const auto trustee = static_cast<int16_t>(reader->Below(organizations_.size()));
      const Day day = reader->DayFrom(0);
      const int64_t revision = reader->Signed();
      stated[{trustor, trustee, day, revision}] = static_cast<int32_t>(reader->Signed());
    }
  }
  filed_ = false;
}

void ConductLog::LoadActs(SnapshotReader* reader) {
  ActReader acts(organizations_.size(), reader);
  const size_t count = reader->Count(kActBytesMin);
  acts_.reserve(count + count / 8);
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    const Conduct act = acts.Read();
    reader->Require(acts_.empty() || acts_.back().revision < act.revision);
    acts_.push_back(act);
    if (act.kind == ConductKind::kConflict || act.kind == ConductKind::kDispute ||
        act.kind == ConductKind::kResolution) {
      conflict_acts_.insert(conflict_acts_.end(), act.revision);
    }
  }
  const size_t root_count = reader->Count();
  roots_.reserve(root_count);
  int64_t before = 0;
  for (size_t i = 0; i < root_count && reader->ok(); ++i) {
    before = reader->Distance(before);
    roots_[before] = acts.Read();
  }
}

}  // namespace projections
