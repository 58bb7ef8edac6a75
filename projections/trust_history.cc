#include "projections/trust_history.h"

#include <algorithm>
#include <cstdlib>

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

}  // namespace

TrustHistory::TrustHistory(std::string partnership, std::shared_ptr<const Policy> policy, trust::v1::View)
    : policy_(std::move(policy)), log_(partnership), conduct_(std::move(partnership)) {}

// ---- Events

void TrustHistory::Apply(const Event& event) {
  revision_ = event.revision();
  conduct_.Apply(event);
  const Day known = DayOf(KnownTime(event));
  latest_record_day_ = std::max(latest_record_day_.value_or(known), known);
  switch (event.body_case()) {
    case Event::kPartnershipProposed:
      for (const trust::v1::Partner& partner : event.partnership_proposed().partners()) Join(partner);
      return;
    case Event::kPartnerJoined:
      return Join(event.partner_joined().partner());
    case Event::kPartnerLeft:
      return Leave(event.partner_left().organization(), HeldDay(event));
    case Event::kInitialContactMade:
      return Meet(event.initial_contact_made(), HeldDay(event));
    case Event::kPartnershipTerminated:
      terminated_ = std::min(terminated_, HeldDay(event));
      return;
    case Event::kEvidence:
      return log_.Append(event);
    // Not read yet: what changes records already taken in, and what changes the weight of interpersonal ones.
    case Event::kEvidenceConfirmed:
    case Event::kEvidenceCorrected:
    case Event::kEvidenceRetracted:
    case Event::kContactDeparted:
      return;
    // Without effect on any reading of trust.
    case Event::kTieDeclared:
    case Event::kContactAssigned:
    case Event::kPartnershipSuspended:
    case Event::kPartnershipResumed:
    case Event::kMilestone:
    case Event::kEvidenceContested:
    case Event::kAssessmentIssued:
    case Event::kPolicyPublished:
    case Event::kPolicyActivated:
    case Event::kPolicyPinned:
    case Event::kLegalHoldPlaced:
    case Event::kLegalHoldReleased:
    case Event::kPersonalDataErased:
    case Event::BODY_NOT_SET:
      return;
  }
}

void TrustHistory::Join(const trust::v1::Partner& partner) {
  log_.Number(partner.organization());
  const auto place = std::lower_bound(partners_.begin(), partners_.end(), partner.organization());
  if (place == partners_.end() || *place != partner.organization()) partners_.insert(place, partner.organization());
}

void TrustHistory::Leave(const std::string& organization, Day day) {
  const auto [entry, is_new] = left_.emplace(log_.Number(organization), day);
  if (!is_new) entry->second = std::min(entry->second, day);
}

// The first day of a tie is the earliest on which its two partners are said to have met.
void TrustHistory::Meet(const trust::v1::InitialContactMade& contact, Day day) {
  for (const std::string& one : contact.organizations()) {
    for (const std::string& other : contact.organizations()) {
      const Pair pair = {log_.Number(one), log_.Number(other)};
      if (pair.first >= pair.second) continue;
      const auto [entry, is_new] = first_contacts_.emplace(pair, day);
      if (is_new || day >= entry->second) continue;
      entry->second = day;
      // What counts as early is weighed from the first day on.
      directions_.erase(pair);
      directions_.erase({pair.second, pair.first});
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
  return found == first_contacts_.end() ? std::nullopt : std::make_optional(found->second);
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

TrustHistory::View TrustHistory::Look(absl::string_view trustor, absl::string_view trustee, Day as_of) {
  View view;
  const Pair pair = {log_.FindNumber(trustor), log_.FindNumber(trustee)};
  const std::optional<Day> first_contact = FirstContact(pair);
  const Day end = EndOf(pair);
  const Day day = std::min(as_of, end);
  if (!first_contact.has_value() || day < *first_contact) return view;
  if (end <= as_of) view.ending = Ending::kEnded;

  std::unique_ptr<Direction>& direction = directions_[pair];
  if (direction == nullptr) direction = std::make_unique<Direction>(policy_.get(), &log_, pair, *first_contact);
  DirectionWalk& walk = direction->walk;
  walk.Invalidate(direction->ledger.Update());
  if (walk.last_day().has_value() && *walk.last_day() > end) walk.Restart();
  view.ledger = &direction->ledger;
  if (walk.last_day().has_value() && *walk.last_day() > day) {
    view.past = std::make_unique<DirectionWalk>(policy_.get(), &direction->ledger);
    view.past->Advance(day);
    view.walk = view.past.get();
  } else {
    walk.Advance(day);
    view.walk = &walk;
  }
  view.state = view.walk->At(day);
  return view;
}

trust::v1::DirectionReading TrustHistory::Read(absl::string_view trustor, absl::string_view trustee, Day as_of,
                                               bool with_holds_until) {
  const View view = Look(trustor, trustee, as_of);
  trust::v1::DirectionReading reading =
      view.walk == nullptr ? RenderNothing(*policy_)
                           : RenderReading(*policy_, *view.ledger, *view.walk, view.state, view.ending);
  reading.set_trustor(trustor.data(), trustor.size());
  reading.set_trustee(trustee.data(), trustee.size());
  if (!with_holds_until || view.walk == nullptr || view.ending == Ending::kEnded) return reading;
  const std::optional<StageFall> fall = view.walk->NextFall(view.state, view.state.flags.stage);
  if (fall.has_value()) {
    reading.set_holds_until_date(LastDayBefore(*fall));
    reading.set_stage_after(static_cast<trust::v1::Stage>(fall->after));
  }
  return reading;
}

std::vector<trust::v1::Transition> TrustHistory::Timeline(absl::string_view trustor, absl::string_view trustee,
                                                          Day as_of) {
  const View view = Look(trustor, trustee, as_of);
  if (view.walk == nullptr) return {};
  std::vector<trust::v1::Transition> timeline = RenderTimeline(log_.partnership(), *view.walk, view.state);
  for (trust::v1::Transition& transition : timeline) {
    transition.set_trustor(trustor.data(), trustor.size());
    transition.set_trustee(trustee.data(), trustee.size());
  }
  return timeline;
}

std::vector<StageStep> TrustHistory::StagePath(absl::string_view trustor, absl::string_view trustee, Day as_of) {
  const View view = Look(trustor, trustee, as_of);
  if (view.walk == nullptr) return {};
  std::vector<StageStep> path;
  path.reserve(view.walk->changes().size() + view.state.silent.size());
  for (const StageChange& change : view.walk->changes()) path.push_back({change.day, change.after});
  for (const StageChange& change : view.state.silent) path.push_back({change.day, change.after});
  return path;
}

trust::v1::PartnershipReading TrustHistory::ReadWhole(Day as_of) {
  const View views[] = {Look(partners_[0], partners_[1], as_of), Look(partners_[1], partners_[0], as_of)};
  const int one = views[0].state.flags.stage, other = views[1].state.flags.stage;
  const int stage = std::min(one, other);
  trust::v1::PartnershipReading reading;
  reading.set_stage(static_cast<trust::v1::Stage>(stage));
  reading.set_asymmetry(std::abs(one - other));
  std::optional<StageFall> first;
  for (const View& view : views) {
    if (view.walk == nullptr || view.ending == Ending::kEnded) continue;
    const std::optional<StageFall> fall = view.walk->NextFall(view.state, stage);
    if (fall.has_value() && (!first.has_value() || fall->day < first->day)) first = fall;
  }
  if (first.has_value()) reading.set_holds_until_date(LastDayBefore(*first));
  return reading;
}

FacetMasses TrustHistory::ReadMasses(absl::string_view trustor, absl::string_view trustee, Day as_of) {
  return Look(trustor, trustee, as_of).state.masses;
}

std::array<bool, kFacetCount> TrustHistory::ReadOneSided(absl::string_view trustor, absl::string_view trustee,
                                                         Day as_of) {
  std::array<bool, kFacetCount> one_sided{};
  const View view = Look(trustor, trustee, as_of);
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
                 (first_contacts_.size() + left_.size()) * 32 + partners_.size() * 80;
  for (const auto& [pair, direction] : directions_) {
    bytes += direction->ledger.memory_bytes() + direction->walk.memory_bytes() + 64;
  }
  return bytes;
}

}  // namespace projections
