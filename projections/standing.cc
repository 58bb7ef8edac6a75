#include "projections/standing.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "projections/open_matters.h"
#include "projections/timeline_revision.h"

namespace projections {
namespace {

using trust::v1::AttentionItem;
using trust::v1::DirectionReading;
using trust::v1::StandingDirection;
using trust::v1::StandingRow;
using trust::v1::WatchTrustResponse;

// A row is looked at again after so many days at the latest.
constexpr Day kSearchDays = 1 << 14;

using FacetSet = std::array<bool, kFacetCount>;

// The next day on which the stage, the condition or what is one-sided reads differently in silence; perhaps only a day
// to look again. What is one-sided fades evenly, so that rounding alone can turn it, once.
Day NextLook(TrustHistory& history, const DirectionReading& reading, const FacetSet& one_sided, Day today) {
  const std::optional<SilentChange> change = history.NextChange(reading.trustor(), reading.trustee(), today);
  const Day next = std::min(change.has_value() ? change->day : today + kSearchDays, today + kSearchDays);
  const auto differs = [&](Day day) {
    return history.ReadOneSided(reading.trustor(), reading.trustee(), day) != one_sided;
  };
  Day same = today, different = next - 1;
  if (different <= same || !differs(different)) return next;
  while (different - same > 1) {
    const Day middle = same + (different - same) / 2;
    (differs(middle) ? different : same) = middle;
  }
  return different;
}

std::string StageWord(trust::v1::Stage stage) {
  constexpr absl::string_view kPrefix = "STAGE_";
  return trust::v1::Stage_Name(stage).substr(kPrefix.size());
}

std::string FacetWords(const FacetSet& facets) {
  constexpr std::array<absl::string_view, kFacetCount> kWords = {"credibility", "rapport", "reliability", "nurture"};
  std::string words;
  for (size_t facet = 0; facet < kFacetCount; ++facet) {
    if (facets[facet]) absl::StrAppend(&words, words.empty() ? "" : ", ", kWords[facet]);
  }
  return words;
}

AttentionItem OfDirection(trust::v1::AttentionKind kind, const DirectionReading& reading, std::string text) {
  AttentionItem item;
  item.set_kind(kind);
  item.set_trustor(reading.trustor());
  item.set_trustee(reading.trustee());
  item.set_text(std::move(text));
  return item;
}

void AddSpans(const std::vector<trust::v1::Transition>& timeline, StandingDirection* direction) {
  for (const trust::v1::Transition& transition : timeline) {
    absl::CivilDay date;
    absl::ParseCivilTime(transition.date(), &date);
    trust::v1::StageSpan& span = *direction->add_timeline();
    span.set_day(static_cast<Day>(date - absl::CivilDay(1970, 1, 1)));
    span.set_stage(transition.stage());
    span.set_cause(transition.cause());
  }
}

// Reads one direction into the row; the day to look at it again, if any.
std::optional<Day> AddDirection(TrustHistory& history, const std::string& trustor, const std::string& trustee,
                                Day today, StandingRow* row) {
  const DirectionReading reading = history.Read(trustor, trustee, today);
  if (reading.stage() == trust::v1::STAGE_UNSPECIFIED) return std::nullopt;
  StandingDirection& direction = *row->add_directions();
  direction.set_trustor(trustor);
  direction.set_trustee(trustee);
  direction.set_stage(reading.stage());
  direction.set_condition(reading.condition());
  direction.set_holds_until_date(reading.holds_until_date());
  direction.set_stage_after(reading.stage_after());
  AddSpans(history.Timeline(trustor, trustee, today), &direction);
  if (reading.condition() == trust::v1::CONDITION_ENDED) return std::nullopt;

  const FacetSet one_sided = history.ReadOneSided(trustor, trustee, today);
  if (!reading.holds_until_date().empty()) {
    AttentionItem item = OfDirection(trust::v1::ATTENTION_KIND_LAPSE, reading,
                                     absl::StrCat("the trust of ", trustor, " in ", trustee, " falls from ",
                                                  StageWord(reading.stage()), " to ", StageWord(reading.stage_after()),
                                                  " after ", reading.holds_until_date(), " if nothing more happens"));
    item.set_date(reading.holds_until_date());
    *row->add_attention() = std::move(item);
  }
  if (one_sided != FacetSet{}) {
    *row->add_attention() = OfDirection(
        trust::v1::ATTENTION_KIND_ONE_SIDED_EVIDENCE, reading,
        absl::StrCat("more than half of what speaks for ", trustee, " is its own word: ", FacetWords(one_sided)));
  }
  // What takes effect later is looked at day by day, and walking ahead of it would only have to be undone.
  if (history.conduct().latest_day() > today) return today + 1;
  return NextLook(history, reading, one_sided, today);
}

// The same direction in another row; null when it is not there.
const StandingDirection* Find(const StandingRow& row, const StandingDirection& wanted) {
  const auto place = std::lower_bound(row.directions().begin(), row.directions().end(), wanted,
                                      [](const StandingDirection& a, const StandingDirection& b) {
                                        return std::tie(a.trustor(), a.trustee()) < std::tie(b.trustor(), b.trustee());
                                      });
  const bool found =
      place != row.directions().end() && place->trustor() == wanted.trustor() && place->trustee() == wanted.trustee();
  return found ? &*place : nullptr;
}

trust::v1::TrustChange ChangeOf(const StandingDirection* before, const StandingDirection& after, Day today,
                                StandingCause cause) {
  trust::v1::TrustChange change;
  change.set_trustor(after.trustor());
  change.set_trustee(after.trustee());
  change.set_stage(after.stage());
  change.set_condition(after.condition());
  const trust::v1::StageSpan& last = *after.timeline().rbegin();
  if (before == nullptr) {
    change.set_date(FormatDay(last.day()));
    change.set_cause(trust::v1::TRANSITION_CAUSE_START);
    return change;
  }
  change.set_stage_before(before->stage());
  change.set_condition_before(before->condition());
  const bool stage_changed = before->stage() != after.stage();
  change.set_date(FormatDay(stage_changed ? last.day() : today));
  if (cause == StandingCause::kEvents) {
    change.set_cause(trust::v1::TRANSITION_CAUSE_EVENT);
  } else if (cause == StandingCause::kPolicy) {
    change.set_cause(trust::v1::TRANSITION_CAUSE_POLICY);
  } else {
    change.set_cause(stage_changed ? last.cause() : trust::v1::TRANSITION_CAUSE_SILENCE);
  }
  return change;
}

std::vector<StageStep> StepsOf(const StandingDirection& direction) {
  std::vector<StageStep> steps;
  for (const trust::v1::StageSpan& span : direction.timeline()) steps.push_back({span.day(), int{span.stage()}});
  return steps;
}

}  // namespace

StandingRow ReadStanding(TrustHistory& history, Day today) {
  StandingRow row;
  row.set_revision(history.revision());
  row.set_day(today);
  for (const std::string& organization : history.conduct().present_partners()) row.add_organizations(organization);
  std::optional<Day> next;
  const auto comes = [&next](std::optional<Day> day) {
    if (day.has_value()) next = std::min(next.value_or(*day), *day);
  };
  if (history.conduct().latest_day() > today) comes(today + 1);
  for (const std::string& trustor : history.partners()) {
    for (const std::string& trustee : history.partners()) {
      if (trustor != trustee) comes(AddDirection(history, trustor, trustee, today, &row));
    }
  }
  OpenMatters open = ReadOpenMatters(history.conduct(), today);
  for (AttentionItem& item : open.items) *row.add_attention() = std::move(item);
  comes(open.next_day);
  row.set_next_day(next.value_or(0));
  return row;
}

std::vector<WatchTrustResponse> DiffStanding(absl::string_view partnership, const StandingRow& before,
                                             const StandingRow& after, StandingCause cause) {
  std::vector<WatchTrustResponse> told;
  trust::v1::TimelineRevised revised;
  for (const StandingDirection& direction : after.directions()) {
    const StandingDirection* const earlier = Find(before, direction);
    const bool changed =
        earlier == nullptr || earlier->stage() != direction.stage() || earlier->condition() != direction.condition();
    if (changed) {
      trust::v1::TrustChange& change = *told.emplace_back().mutable_change();
      change = ChangeOf(earlier, direction, after.day(), cause);
      change.set_partnership(partnership.data(), partnership.size());
      change.set_revision(after.revision());
    }
    if (earlier == nullptr) continue;
    for (trust::v1::RevisedInterval& interval : RevisedIntervals(direction.trustor(), direction.trustee(),
                                                                 StepsOf(*earlier), StepsOf(direction), after.day())) {
      *revised.add_intervals() = std::move(interval);
    }
  }
  if (revised.intervals_size() > 0) {
    revised.set_partnership(partnership.data(), partnership.size());
    revised.set_revision(after.revision());
    *told.emplace_back().mutable_revised() = std::move(revised);
  }
  return told;
}

}  // namespace projections
