#include "projections/trust_history.h"

#include <algorithm>

namespace projections {
namespace {

using trust::v1::Event;

std::pair<int, int> Unordered(std::pair<int, int> pair) {
  return {std::min(pair.first, pair.second), std::max(pair.first, pair.second)};
}

// Below a thousandth of an ordinary act there is nothing to be one-sided about, and rounding would decide.
constexpr Mass kLeastMass = Mass{1} << 30;

// The last day before a fall, as text.
std::string LastDayBefore(const StageFall& fall) { return FormatDay(fall.day - 1); }

// Whether a replacement says something, but of no kind that this program knows.
bool IsOfUnknownKind(const trust::v1::Evidence& replacement) {
  return replacement.kind_case() == trust::v1::Evidence::KIND_NOT_SET && replacement.ByteSizeLong() > 0;
}

template <typename Key>
void KeepEarliest(const Key& key, Day day, absl::flat_hash_map<Key, Day>* days) {
  const auto [entry, is_new] = days->emplace(key, day);
  if (!is_new) entry->second = std::min(entry->second, day);
}

}  // namespace

TrustHistory::TrustHistory(std::string partnership, std::shared_ptr<const Policy> policy, trust::v1::View view,
                           Takes takes)
    : policy_(std::move(policy)),
      view_(view),
      log_(partnership, view),
      conduct_(std::move(partnership), &log_),
      takes_(takes) {}

// ---- Events

void TrustHistory::Apply(const Event& event) {
  revision_ = event.revision();
  if (takes_ == Takes::kAll) conduct_.Apply(event);
  const Day known = DayOf(KnownTime(event));
  latest_record_day_ = std::max(latest_record_day_.value_or(known), known);
  switch (event.body_case()) {
    case Event::kPartnershipProposed:
      for (const trust::v1::Partner& partner : event.partnership_proposed().partners()) {
        Join(partner);
        founders_.insert(log_.Number(partner.organization()));
      }
      return;
    case Event::kPartnerJoined: {
      Join(event.partner_joined().partner());
      const int partner = log_.Number(event.partner_joined().partner().organization());
      return KeepEarliest(partner, EffectDay(event, view_), &joined_);
    }
    case Event::kPartnerLeft:
      return KeepEarliest(log_.Number(event.partner_left().organization()), EffectDay(event, view_), &left_);
    case Event::kInitialContactMade:
      return Meet(event.initial_contact_made(), OccurDay(event));
    case Event::kTieDeclared:
      return Declare(event.tie_declared(), EffectDay(event, view_));
    case Event::kPartnershipTerminated:
      terminated_ = std::min(terminated_, EffectDay(event, view_));
      return;
    case Event::kEvidence:
      if (event.evidence().kind_case() == trust::v1::Evidence::KIND_NOT_SET) CountUnknown();
      return log_.Append(event);
    case Event::kEvidenceConfirmed:
    case Event::kContactDeparted:
      return log_.Append(event);
    case Event::kEvidenceCorrected:
      if (IsOfUnknownKind(event.evidence_corrected().replacement())) CountUnknown();
      return log_.Revise(event);
    case Event::kEvidenceRetracted:
      return log_.Revise(event);
    case Event::kMilestone:
      if (event.milestone().kind_case() == trust::v1::Milestone::KIND_NOT_SET) CountUnknown();
      return;
    // Without effect on any reading of trust.
    case Event::kContactAssigned:
    case Event::kPartnershipSuspended:
    case Event::kPartnershipResumed:
    case Event::kEvidenceContested:
    case Event::kAssessmentIssued:
    case Event::kPolicyPublished:
    case Event::kPolicyActivated:
    case Event::kPolicyPinned:
    case Event::kLegalHoldPlaced:
    case Event::kLegalHoldReleased:
    case Event::kPersonalDataErased:
    case Event::kLogOverrideRecorded:
    case Event::kHistoryAccessed:
    case Event::kAccessRecordSwitched:
      return;
    case Event::BODY_NOT_SET:
      return CountUnknown();
  }
}

void TrustHistory::CountUnknown() {
  ++unknown_.count;
  if (unknown_.revisions.size() < UnknownEvents::kRevisionsMax) unknown_.revisions.push_back(revision_);
}

void TrustHistory::Join(const trust::v1::Partner& partner) {
  log_.Number(partner.organization());
  const auto place = std::lower_bound(partners_.begin(), partners_.end(), partner.organization());
  if (place == partners_.end() || *place != partner.organization()) partners_.insert(place, partner.organization());
}

// The first day of a tie is the earliest on which its two partners are said to have met. Those of whom nothing is said
// met with the partnership's first contact.
void TrustHistory::Meet(const trust::v1::InitialContactMade& contact, Day day) {
  if (!founding_day_.has_value()) founding_day_ = day;
  for (const std::string& one : contact.organizations()) {
    for (const std::string& other : contact.organizations()) {
      const Pair pair = {log_.Number(one), log_.Number(other)};
      if (pair.first >= pair.second) continue;
      const auto [entry, is_new] = first_contacts_.emplace(pair, day);
      if (!is_new && day >= entry->second) continue;
      entry->second = day;
      // What counts as early is weighed from the first day on.
      directions_.erase(pair);
      directions_.erase({pair.second, pair.first});
    }
  }
}

void TrustHistory::Declare(const trust::v1::TieDeclared& tie, Day day) {
  for (const std::string& one : tie.organizations()) {
    for (const std::string& other : tie.organizations()) {
      const Pair pair = {log_.Number(one), log_.Number(other)};
      if (pair.first < pair.second) KeepEarliest(pair, day, &declared_);
    }
  }
}

void TrustHistory::JudgeBy(std::shared_ptr<const Policy> policy) {
  if (policy == policy_) return;
  directions_.clear();
  policy_ = std::move(policy);
}

bool TrustHistory::HasPartner(absl::string_view organization) const {
  return std::binary_search(partners_.begin(), partners_.end(), organization,
                            [](absl::string_view a, absl::string_view b) { return a < b; });
}

// ---- Readings

std::optional<Day> TrustHistory::FirstContact(Pair pair) const {
  const auto found = first_contacts_.find(Unordered(pair));
  return found == first_contacts_.end() ? founding_day_ : std::make_optional(found->second);
}

// The day from which on a direction stands still: the end of the partnership, or the first of the two partners' leaving
// it.
Day TrustHistory::EndOf(Pair pair) const {
  Day end = terminated_;
  for (const int partner : {pair.first, pair.second}) {
    const auto left = left_.find(partner);
    if (left != left_.end()) end = std::min(end, left->second);
  }
  return end;
}

// The direction with all that the log has gained. REQUIRES: first_contact is that of the pair.
TrustHistory::Direction& TrustHistory::Refresh(Pair pair, Day first_contact) {
  std::unique_ptr<Direction>& direction = directions_[pair];
  if (direction == nullptr) {
    direction = std::make_unique<Direction>(policy_.get(), &log_, pair, first_contact);
    ++times_grown_by_reading_;
  }
  direction->walk.Invalidate(direction->ledger.Update());
  return *direction;
}

TrustHistory::Sight TrustHistory::Look(absl::string_view trustor, absl::string_view trustee, Day as_of) {
  return Look(Pair(log_.FindNumber(trustor), log_.FindNumber(trustee)), as_of);
}

TrustHistory::Sight TrustHistory::Look(Pair pair, Day as_of) {
  Sight sight;
  const std::optional<Day> first_contact = FirstContact(pair);
  const Day end = EndOf(pair);
  const Day day = std::min(as_of, end);
  if (!first_contact.has_value() || day < *first_contact) return sight;
  if (end <= as_of) sight.ending = Ending::kEnded;

  Direction& direction = Refresh(pair, *first_contact);
  DirectionWalk& walk = direction.walk;
  if (walk.last_day().has_value() && *walk.last_day() > end) walk.Restart();
  sight.ledger = &direction.ledger;
  if (walk.last_day().has_value() && *walk.last_day() > day) {
    sight.past = std::make_unique<DirectionWalk>(policy_.get(), &direction.ledger);
    sight.past->Advance(day);
    sight.walk = sight.past.get();
  } else {
    walk.Advance(day);
    sight.walk = &walk;
  }
  sight.state = sight.walk->At(day);
  return sight;
}

// The reading without the names of the two.
trust::v1::DirectionReading TrustHistory::Render(const Sight& sight) const {
  return sight.walk == nullptr ? RenderNothing(*policy_)
                               : RenderReading(*policy_, *sight.ledger, *sight.walk, sight.state, sight.ending);
}

// What is asked again and again, with nothing new in between, is rendered once more and then copied: who asks once pays
// nothing for it.
trust::v1::DirectionReading TrustHistory::Read(absl::string_view trustor, absl::string_view trustee, Day as_of,
                                               bool with_holds_until) {
  const Pair pair(log_.FindNumber(trustor), log_.FindNumber(trustee));
  const Question question = {revision_, as_of, with_holds_until};
  const auto known = directions_.find(pair);
  const bool again = known != directions_.end() && known->second->asked == question;
  if (again && known->second->answer.has_value()) return *known->second->answer;
  trust::v1::DirectionReading reading = ReadAnew(pair, trustor, trustee, question);
  const auto read = directions_.find(pair);
  if (read == directions_.end()) return reading;
  read->second->asked = question;
  read->second->answer = again ? std::make_optional(reading) : std::nullopt;
  if (again) ++times_grown_by_reading_;
  return reading;
}

trust::v1::DirectionReading TrustHistory::ReadAnew(Pair pair, absl::string_view trustor, absl::string_view trustee,
                                                   const Question& question) {
  const Sight sight = Look(pair, question.as_of);
  trust::v1::DirectionReading reading = Render(sight);
  reading.set_trustor(trustor.data(), trustor.size());
  reading.set_trustee(trustee.data(), trustee.size());
  if (!question.with_holds_until || sight.walk == nullptr || sight.ending == Ending::kEnded) return reading;
  const std::optional<StageFall> fall = sight.walk->NextFall(sight.state, sight.state.flags.stage);
  if (fall.has_value()) {
    reading.set_holds_until_date(LastDayBefore(*fall));
    reading.set_stage_after(static_cast<trust::v1::Stage>(fall->after));
  }
  return reading;
}

std::vector<trust::v1::Transition> TrustHistory::Timeline(absl::string_view trustor, absl::string_view trustee,
                                                          Day as_of) {
  const Sight sight = Look(trustor, trustee, as_of);
  if (sight.walk == nullptr) return {};
  std::vector<trust::v1::Transition> timeline = RenderTimeline(log_.partnership(), *sight.walk, sight.state);
  for (trust::v1::Transition& transition : timeline) {
    transition.set_trustor(trustor.data(), trustor.size());
    transition.set_trustee(trustee.data(), trustee.size());
  }
  return timeline;
}

std::vector<StageStep> TrustHistory::StagePath(absl::string_view trustor, absl::string_view trustee, Day as_of) {
  const Sight sight = Look(trustor, trustee, as_of);
  if (sight.walk == nullptr) return {};
  std::vector<StageStep> path;
  path.reserve(sight.walk->changes().size() + sight.state.silent.size());
  for (const StageChange& change : sight.walk->changes()) path.push_back({change.day, change.after});
  for (const StageChange& change : sight.state.silent) path.push_back({change.day, change.after});
  return path;
}

std::optional<SilentChange> TrustHistory::NextChange(absl::string_view trustor, absl::string_view trustee, Day as_of) {
  const Sight sight = Look(trustor, trustee, as_of);
  if (sight.walk == nullptr || sight.ending == Ending::kEnded) return std::nullopt;
  return NextSilentChange(*policy_, *sight.walk, sight.state);
}

FacetMasses TrustHistory::ReadMasses(absl::string_view trustor, absl::string_view trustee, Day as_of) {
  return Look(trustor, trustee, as_of).state.masses;
}

std::array<bool, kFacetCount> TrustHistory::ReadOneSided(absl::string_view trustor, absl::string_view trustee,
                                                         Day as_of) {
  std::array<bool, kFacetCount> one_sided{};
  const Sight view = Look(trustor, trustee, as_of);
  if (view.walk == nullptr) return one_sided;
  for (size_t facet = 0; facet < kFacetCount; ++facet) {
    const Mass positive = view.state.masses[facet].positive;
    const Mass confirmed = view.walk->balance().ConfirmedAt(facet, view.state.day);
    one_sided[facet] = positive >= kLeastMass && positive - confirmed > confirmed;
  }
  return one_sided;
}

size_t TrustHistory::memory_bytes() const {
  size_t bytes = sizeof(*this) + conduct_.memory_bytes() + log_.memory_bytes() +
                 (first_contacts_.size() + declared_.size() + left_.size() + joined_.size() + founders_.size()) * 32 +
                 partners_.size() * 80 + unknown_.revisions.capacity() * sizeof(int64_t);
  for (const auto& [pair, direction] : directions_) {
    bytes += direction->ledger.memory_bytes() + direction->walk.memory_bytes() + sizeof(direction->asked) +
             sizeof(direction->answer) + 64;
    if (direction->answer.has_value()) bytes += direction->answer->SpaceUsedLong();
  }
  return bytes;
}

}  // namespace projections
