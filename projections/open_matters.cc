#include "projections/open_matters.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/strings/str_cat.h"
#include "projections/event_name.h"

namespace projections {
namespace {

using trust::v1::AttentionItem;
using trust::v1::AttentionKind;

struct Promise {
  const Conduct* made = nullptr;
  Day due_day = Conduct::kNoDay;
  bool settled = false;
};

struct OpenConflict {
  const Conduct* first = nullptr;  // Its earliest act.
  Day last_day = 0;
  std::vector<const Conduct*> disputes;
  std::optional<Day> resolved_day;  // Of its latest resolution.
};

struct OpenViolation {
  const Conduct* first = nullptr;  // The report that came first.
  std::vector<const Conduct*> verdicts;
  bool verified = false;
};

struct Matters {
  absl::btree_map<int64_t, Promise> promises;
  absl::btree_map<int64_t, OpenConflict> conflicts;
  absl::btree_map<int64_t, OpenViolation> violations;
};

void TakeConflictAct(const Conduct& act, OpenConflict* conflict) {
  const bool is_first = conflict->first == nullptr || act.held_day < conflict->first->held_day;
  conflict->last_day = conflict->first == nullptr ? act.held_day : std::max(conflict->last_day, act.held_day);
  if (is_first) conflict->first = &act;
  if (act.kind == ConductKind::kDispute) conflict->disputes.push_back(&act);
}

// Sorts what counts by the day into the matters that it belongs to; those settled for good are left out.
Matters Gather(const ConductLog& log, Day today) {
  Matters matters;
  for (const Conduct* const entry : log.ActsOfOpenMatters(today)) {
    const Conduct& act = *entry;
    if (act.held_day > today) continue;
    switch (act.kind) {
      case ConductKind::kPromise:
        matters.promises[act.matter].made = &act;
        matters.promises[act.matter].due_day = act.due_day;
        break;
      case ConductKind::kRenegotiation: {
        // In the order of their recording, as a promise can only be changed after it was made.
        const auto promise = matters.promises.find(act.matter);
        if (promise != matters.promises.end()) promise->second.due_day = act.due_day;
        break;
      }
      case ConductKind::kKeptOnTime:
      case ConductKind::kKeptLate:
      case ConductKind::kMissed:
      case ConductKind::kWaiver:
        if (act.matter != 0) matters.promises[act.matter].settled = true;
        break;
      case ConductKind::kConflict:
      case ConductKind::kDispute:
        if (act.matter != 0) TakeConflictAct(act, &matters.conflicts[act.matter]);
        break;
      case ConductKind::kResolution:
        if (act.matter != 0) {
          std::optional<Day>& day = matters.conflicts[act.matter].resolved_day;
          day = std::max(day.value_or(act.held_day), act.held_day);
        }
        break;
      case ConductKind::kViolation:
        if (act.matter != 0 && matters.violations[act.matter].first == nullptr)
          matters.violations[act.matter].first = &act;
        break;
      case ConductKind::kVerdict:
        if (act.matter != 0) matters.violations[act.matter].verdicts.push_back(&act);
        break;
      case ConductKind::kVerification:
        if (act.matter != 0) matters.violations[act.matter].verified = true;
        break;
      case ConductKind::kReview:
      case ConductKind::kNone:
      case ConductKind::kObjectiveAchieved:
      case ConductKind::kObjectiveMissed:
      case ConductKind::kRenewal:
      case ConductKind::kHealthCheck:
      case ConductKind::kFiguresReview:
        break;
    }
  }
  return matters;
}

// Whether a violation still counts after all that was said of it. (Specification, C6.)
bool Counts(const OpenViolation& violation) {
  std::vector<const Conduct*> verdicts = violation.verdicts;
  const Day reported = violation.first->held_day;
  std::sort(verdicts.begin(), verdicts.end(), [reported](const Conduct* a, const Conduct* b) {
    return std::make_tuple(std::max(a->held_day, reported), a->held_day, a->verdict) <
           std::make_tuple(std::max(b->held_day, reported), b->held_day, b->verdict);
  });
  auto standing = static_cast<trust::v1::Standing>(violation.first->standing);
  for (const Conduct* verdict : verdicts) standing = StandingAfter(standing, verdict->verdict);
  return standing != trust::v1::STANDING_UNFOUNDED && standing != trust::v1::STANDING_WITHDRAWN;
}

// Collects the items, in the order of their days.
class Collector {
 public:
  explicit Collector(const ConductLog& log) : log_(log) {}

  // An item about an act; about its direction too, where it is one direction's.
  void Add(AttentionKind kind, Day day, const Conduct& act, std::string text) {
    AttentionItem item;
    item.set_kind(kind);
    item.set_date(FormatDay(day));
    if (act.actor >= 0 && act.affected >= 0) {
      item.set_trustor(log_.Organization(act.affected));
      item.set_trustee(log_.Organization(act.actor));
    }
    item.set_event(EventName(log_.partnership(), act.revision));
    item.set_text(std::move(text));
    found_.push_back({kind, day, act.revision, std::move(item)});
  }

  void AddUndirected(AttentionKind kind, Day day, std::string text) {
    AttentionItem item;
    item.set_kind(kind);
    item.set_date(FormatDay(day));
    item.set_text(std::move(text));
    found_.push_back({kind, day, 0, std::move(item)});
  }

  std::vector<AttentionItem> Take() {
    std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
      return std::tie(a.kind, a.day, a.revision) < std::tie(b.kind, b.day, b.revision);
    });
    std::vector<AttentionItem> items;
    size_t of_kind = 0;
    for (size_t i = 0; i < found_.size(); ++i) {
      of_kind = i > 0 && found_[i].kind == found_[i - 1].kind ? of_kind + 1 : 1;
      if (of_kind <= kOpenMattersMax) items.push_back(std::move(found_[i].item));
    }
    return items;
  }

 private:
  struct Found {
    AttentionKind kind;
    Day day;
    int64_t revision;
    AttentionItem item;
  };

  const ConductLog& log_;
  std::vector<Found> found_;
};

// "acme", or what stands for several.
std::string Name(const ConductLog& log, int number) {
  return number < 0 ? "several partners" : log.Organization(number);
}

void AddConflicts(const ConductLog& log, const Matters& matters, Collector* collector) {
  for (const auto& entry : matters.conflicts) {
    const OpenConflict& conflict = entry.second;
    if (conflict.first == nullptr) continue;  // A resolution of nothing.
    const auto open_on = [&](Day day) { return !conflict.resolved_day || day > *conflict.resolved_day; };
    if (open_on(conflict.last_day)) {
      collector->Add(trust::v1::ATTENTION_KIND_OPEN_CONFLICT, conflict.first->held_day, *conflict.first,
                     absl::StrCat("a conflict over the conduct of ", Name(log, conflict.first->actor), " is open"));
    }
    const Conduct* first_open = nullptr;
    for (const Conduct* dispute : conflict.disputes) {
      const bool earlier = first_open == nullptr || dispute->held_day < first_open->held_day;
      if (open_on(dispute->held_day) && earlier) first_open = dispute;
    }
    if (first_open != nullptr) {
      collector->Add(trust::v1::ATTENTION_KIND_OPEN_DISPUTE, first_open->held_day, *first_open,
                     absl::StrCat("a formal dispute over the conduct of ", Name(log, first_open->actor), " is open"));
    }
  }
}

}  // namespace

OpenMatters ReadOpenMatters(const ConductLog& log, Day today) {
  const Matters matters = Gather(log, today);
  Collector collector(log);
  OpenMatters open;
  const auto comes = [&](Day day) { open.next_day = std::min(open.next_day.value_or(day), day); };
  const std::optional<Day> met = log.first_contact();
  const bool ended = log.end(false).has_value() && *log.end(false) <= today;
  if (!ended) {
    for (const auto& [matter, promise] : matters.promises) {
      if (promise.made == nullptr || promise.settled || promise.due_day == Conduct::kNoDay) continue;
      if (promise.due_day >= today) {
        comes(promise.due_day + 1);
        continue;
      }
      collector.Add(trust::v1::ATTENTION_KIND_OVERDUE_COMMITMENT, promise.due_day, *promise.made,
                    absl::StrCat("what ", Name(log, promise.made->actor), " promised was due on ",
                                 FormatDay(promise.due_day), " and has no outcome"));
    }
    if (met.has_value() && *met <= today) {
      const Day due = std::max(log.LastReview(today).value_or(*met), *met) + kReviewIntervalDays;
      if (due > today) {
        comes(due);
      } else {
        collector.AddUndirected(trust::v1::ATTENTION_KIND_REVIEW_OVERDUE, due,
                                absl::StrCat("no review was held for ", kReviewIntervalDays, " days"));
      }
    }
  }
  AddConflicts(log, matters, &collector);
  for (const auto& [matter, violation] : matters.violations) {
    if (violation.first == nullptr || violation.verified || !Counts(violation)) continue;
    collector.Add(trust::v1::ATTENTION_KIND_OPEN_VIOLATION, violation.first->held_day, *violation.first,
                  absl::StrCat("a violation by ", Name(log, violation.first->actor), " has no verified remedy"));
  }
  open.items = collector.Take();
  return open;
}

}  // namespace projections
