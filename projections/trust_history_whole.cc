// TrustHistory::ReadWhole: who is a partner on a day, which ties matter, and when the weakest of them will fall.

#include <algorithm>
#include <set>

#include "projections/tie_aggregate.h"
#include "projections/trust_history.h"

namespace projections {
namespace {

// Partnerships of up to so many partners need all their ties; of more, those between which something happened.
constexpr size_t kAllPairsMax = 4;
// A tie with a later partner is assessed from so many days after its joining.
constexpr int64_t kFormingDays = 180;

}  // namespace

trust::v1::PartnershipReading TrustHistory::ReadWhole(Day as_of) {
  const Day day = std::min(as_of, terminated_);
  const std::vector<std::string> members = MembersOn(day);
  std::vector<trust::v1::TieReading> ties;
  std::vector<TieSight> sights;
  for (const Pair& places : RequiredTies(members, day)) {
    const std::string& one = members[static_cast<size_t>(places.first)];
    const std::string& other = members[static_cast<size_t>(places.second)];
    const Pair pair = {log_.FindNumber(one), log_.FindNumber(other)};
    TieSight sight = {AssessedFrom(pair), Look(pair, as_of), Look(Pair(pair.second, pair.first), as_of)};
    trust::v1::TieReading tie = RenderTie(Render(sight.there), Render(sight.back));
    tie.add_organizations(one);
    tie.add_organizations(other);
    tie.set_forming(sight.assessed_from > day);
    ties.push_back(std::move(tie));
    sights.push_back(std::move(sight));
  }
  trust::v1::PartnershipReading whole = Aggregate(std::move(ties));
  const int stage = whole.stage();
  if (members.size() == 2 && stage > 0) whole.set_asymmetry(whole.ties(0).asymmetry());
  if (stage <= trust::v1::STAGE_INITIAL_CONTACT || terminated_ <= as_of) return whole;
  // The first day on which some tie is assessed and lower.
  Day fall = kNever;
  for (const TieSight& tie : sights) {
    for (const Sight* const sight : {&tie.there, &tie.back}) {
      Day lower = as_of;
      if (sight->walk != nullptr && sight->state.flags.stage >= stage) {
        const std::optional<StageFall> next = sight->walk->NextFall(sight->state, stage);
        lower = next.has_value() ? next->day : kNever;
      }
      fall = std::min(fall, std::max(tie.assessed_from, lower));
    }
  }
  if (fall != kNever) whole.set_holds_until_date(FormatDay(fall - 1));
  return whole;
}

// The partners on a day, ascending. Who left once is none any more.
std::vector<std::string> TrustHistory::MembersOn(Day day) const {
  std::vector<std::string> members;
  for (const std::string& partner : partners_) {
    const int number = log_.FindNumber(partner);
    const auto left = left_.find(number);
    if (left != left_.end() && left->second <= day) continue;
    const auto joined = joined_.find(number);
    const bool has_joined = founders_.contains(number) || (joined != joined_.end() && joined->second <= day);
    if (has_joined) members.push_back(partner);
  }
  return members;
}

// Pairs of places among the members, in their order.
std::vector<TrustHistory::Pair> TrustHistory::RequiredTies(const std::vector<std::string>& members, Day day) {
  std::vector<int> numbers;
  for (const std::string& member : members) numbers.push_back(log_.FindNumber(member));
  const bool all_pairs = members.size() <= kAllPairsMax;
  const std::set<Pair> possible = all_pairs ? std::set<Pair>() : PossibleTies();
  std::vector<Pair> all, declared, observed;
  for (size_t i = 0; i < members.size(); ++i) {
    for (size_t k = i + 1; k < members.size(); ++k) {
      const Pair pair = {numbers[i], numbers[k]};
      const Pair unordered = std::minmax(pair.first, pair.second);
      all.emplace_back(static_cast<int>(i), static_cast<int>(k));
      const auto found = declared_.find(unordered);
      if (found != declared_.end() && found->second <= day) declared.push_back(all.back());
      if (all_pairs || !declared.empty() || possible.count(unordered) == 0) continue;
      if (IsObserved(pair, day) || IsObserved({pair.second, pair.first}, day)) observed.push_back(all.back());
    }
  }
  return !declared.empty() ? declared : all_pairs ? all : observed;
}

// The pairs between which evidence could count, by the lower number, then the higher: spares making the directions of
// all others.
std::set<TrustHistory::Pair> TrustHistory::PossibleTies() const {
  std::set<Pair> ties;
  for (const Cast& cast : log_.casts()) {
    const std::vector<int> actors = cast.actor == Cast::kAll ? cast.affected : std::vector<int>{cast.actor};
    for (const int actor : actors) {
      for (const std::vector<int>* const trustors : {&cast.affected, &cast.witnesses}) {
        for (const int trustor : *trustors) {
          if (trustor != actor) ties.insert(std::minmax(actor, trustor));
        }
      }
    }
  }
  return ties;
}

// Whether something counts in a direction by a day. What is applied first is always something that weighs.
bool TrustHistory::IsObserved(Pair pair, Day day) {
  const std::optional<Day> first_contact = FirstContact(pair);
  const Day until = std::min(day, EndOf(pair));
  if (!first_contact.has_value() || until < *first_contact) return false;
  const auto& days = Refresh(pair, *first_contact).ledger.days();
  return !days.empty() && days.begin()->first <= until;
}

// The first day on which a tie is no longer forming.
Day TrustHistory::AssessedFrom(Pair pair) const {
  const std::optional<Day> first_contact = FirstContact(pair);
  if (!first_contact.has_value()) return kNever;
  int64_t from = *first_contact;
  for (const int partner : {pair.first, pair.second}) {
    const auto joined = joined_.find(partner);
    if (founders_.contains(partner) || joined == joined_.end() || joined->second <= *founding_day_) continue;
    from = std::max(from, joined->second + kFormingDays);
  }
  return static_cast<Day>(std::min<int64_t>(from, kNever));
}

}  // namespace projections
