#include "services/trustctl/report_evidence.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/message.h"
#include "services/trustctl/date.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

using google::protobuf::FieldDescriptor;
using trust::v1::Evidence;

const FieldDescriptor* KindFieldOf(const Evidence& evidence) {
  const google::protobuf::OneofDescriptor* const kinds = Evidence::descriptor()->FindOneofByName("kind");
  return evidence.GetReflection()->GetOneofFieldDescriptor(evidence, kinds);
}

// Whether the kind's message has the value of that name in one of its fields; a value that was not said is the first.
bool HasVariant(const google::protobuf::Message& kind, const std::string& variant) {
  if (variant.empty()) return true;
  const google::protobuf::Descriptor* const type = kind.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* const field = type->field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM || field->is_repeated()) continue;
    const google::protobuf::EnumValueDescriptor* const value = field->enum_type()->FindValueByName(variant);
    if (value == nullptr) continue;
    const int said = kind.GetReflection()->GetEnumValue(kind, field);
    if (value->number() == (said == 0 ? 1 : said)) return true;
  }
  return false;
}

template <typename Rows>
bool HasRow(const Rows& rows, const std::string& kind_name, const google::protobuf::Message& kind) {
  return std::any_of(rows.begin(), rows.end(),
                     [&](const auto& row) { return row.kind() == kind_name && HasVariant(kind, row.variant()); });
}

Bearing BearingOf(const trust::v1::Event& event, const trust::v1::PolicyDocument& policy) {
  if (!event.has_evidence()) return Bearing::kNone;
  const FieldDescriptor* const field = KindFieldOf(event.evidence());
  if (field == nullptr) return Bearing::kNone;
  if (event.evidence().has_interpersonal_trust_attested()) return Bearing::kBoth;
  const google::protobuf::Message& kind = event.evidence().GetReflection()->GetMessage(event.evidence(), field);
  const std::string name(field->name());
  const bool speaks_for = HasRow(policy.positive_rows(), name, kind);
  const bool speaks_against = HasRow(policy.negative_rows(), name, kind);
  if (speaks_for) return speaks_against ? Bearing::kBoth : Bearing::kFor;
  return speaks_against ? Bearing::kAgainst : Bearing::kNone;
}

Provenance ProvenanceOf(const trust::v1::Event& event) {
  if (!event.has_import_origin()) return Provenance::kRecorded;
  return event.import_origin().synthetic() ? Provenance::kSynthetic : Provenance::kImported;
}

void Remark(ReportedEvent* reported, absl::string_view what, int64_t revision) {
  absl::StrAppend(&reported->remark, reported->remark.empty() ? "" : ", ", what, " by ", revision);
}

void Correct(const trust::v1::EvidenceCorrected& correction, trust::v1::Event* event) {
  *event->mutable_evidence() = correction.replacement();
  if (correction.has_occur_time()) {
    *event->mutable_occur_time() = correction.occur_time();
    event->set_occur_time_precision(correction.occur_time_precision());
  }
  if (correction.has_observe_time()) *event->mutable_observe_time() = correction.observe_time();
}

Promise PromiseOf(const trust::v1::Event& event) {
  Promise promise;
  promise.promisor = event.evidence().actor();
  promise.promisee = absl::StrJoin(event.evidence().affected(), ", ");
  promise.label = event.evidence().label();
  promise.synthetic = event.import_origin().synthetic();
  return promise;
}

Outcome OutcomeOf(const trust::v1::CommitmentFulfilled& fulfilled) {
  switch (fulfilled.result()) {
    case trust::v1::FULFILMENT_RESULT_EXCEEDED:
      return Outcome::kExceeded;
    case trust::v1::FULFILMENT_RESULT_LATE:
      return Outcome::kLate;
    case trust::v1::FULFILMENT_RESULT_UNSPECIFIED:
    case trust::v1::FULFILMENT_RESULT_ON_TIME:
    case trust::v1::FulfilmentResult_INT_MIN_SENTINEL_DO_NOT_USE_:
    case trust::v1::FulfilmentResult_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return Outcome::kOnTime;
}

// The promises on their way through the events.
class PromiseBook {
 public:
  void Take(const trust::v1::Event& event) {
    const Evidence& evidence = event.evidence();
    if (evidence.has_commitment_made()) {
      Promise promise = PromiseOf(event);
      promise.made = event.revision();
      promise.made_date = DayOfEvent(event);
      if (evidence.commitment_made().has_due_time())
        promise.due_date = FormatDay(evidence.commitment_made().due_time());
      by_revision_[event.revision()] = promises_.size();
      promises_.push_back(std::move(promise));
    } else if (evidence.has_commitment_fulfilled()) {
      Settle(evidence.commitment_fulfilled().commitment(), OutcomeOf(evidence.commitment_fulfilled()), event);
    } else if (evidence.has_commitment_missed()) {
      Settle(evidence.commitment_missed().commitment(), Outcome::kMissed, event);
    } else if (evidence.has_commitment_waived()) {
      Settle(evidence.commitment_waived().commitment(), Outcome::kWaived, event);
    } else if (evidence.has_commitment_renegotiated()) {
      const trust::v1::CommitmentRenegotiated& change = evidence.commitment_renegotiated();
      Promise* const promise = Find(change.commitment());
      if (promise == nullptr) return;
      ++promise->renegotiations;
      promise->due_date = change.has_due_time() ? FormatDay(change.due_time()) : "";
    }
  }

  std::vector<Promise> Finish(const std::string& as_of) {
    for (Promise& promise : promises_) {
      if (promise.outcome == Outcome::kOpen && !promise.due_date.empty() && promise.due_date < as_of)
        promise.outcome = Outcome::kOverdue;
    }
    const auto day = [](const Promise& promise) {
      return promise.made_date.empty() ? promise.settled_date : promise.made_date;
    };
    std::stable_sort(promises_.begin(), promises_.end(),
                     [&](const Promise& a, const Promise& b) { return day(a) < day(b); });
    return std::move(promises_);
  }

 private:
  Promise* Find(const std::string& reference) {
    const auto found = by_revision_.find(RevisionOf(reference));
    return found == by_revision_.end() ? nullptr : &promises_[found->second];
  }

  // An outcome without a promise stands for one that was never registered, or that is not among the events.
  void Settle(const std::string& reference, Outcome outcome, const trust::v1::Event& event) {
    Promise* promise = Find(reference);
    if (promise == nullptr) {
      promises_.push_back(PromiseOf(event));
      promise = &promises_.back();
      promise->made = RevisionOf(reference);
    }
    promise->outcome = outcome;
    promise->settled = event.revision();
    promise->settled_date = DayOfEvent(event);
    promise->synthetic = event.import_origin().synthetic();
    if (promise->label.empty()) promise->label = event.evidence().label();
  }

  std::vector<Promise> promises_;
  std::map<int64_t, size_t> by_revision_;
};

}  // namespace

std::vector<ReportedEvent> ReportedEvents(const std::vector<trust::v1::Event>& events,
                                          const trust::v1::PolicyDocument& policy) {
  std::vector<ReportedEvent> result;
  std::map<int64_t, size_t> place;
  for (const trust::v1::Event& event : events) {
    place[event.revision()] = result.size();
    result.push_back(ReportedEvent{.event = event, .remark = "", .provenance = ProvenanceOf(event)});
  }
  const auto find = [&](const std::string& reference) -> ReportedEvent* {
    const auto found = place.find(RevisionOf(reference));
    return found == place.end() ? nullptr : &result[found->second];
  };
  for (const trust::v1::Event& event : events) {
    if (event.has_evidence_corrected()) {
      if (ReportedEvent* const about = find(event.evidence_corrected().event())) {
        Correct(event.evidence_corrected(), &about->event);
        Remark(about, "corrected", event.revision());
      }
    } else if (event.has_evidence_retracted()) {
      if (ReportedEvent* const about = find(event.evidence_retracted().event())) {
        about->retracted = true;
        Remark(about, "retracted", event.revision());
      }
    } else if (event.has_evidence_confirmed()) {
      if (ReportedEvent* const about = find(event.evidence_confirmed().event()))
        Remark(about, "confirmed", event.revision());
    } else if (event.has_evidence_contested()) {
      if (ReportedEvent* const about = find(event.evidence_contested().event()))
        Remark(about, "contested", event.revision());
    }
  }
  for (ReportedEvent& reported : result) {
    if (!reported.retracted) reported.bearing = BearingOf(reported.event, policy);
  }
  return result;
}

std::vector<Promise> PromisesOf(const std::vector<ReportedEvent>& events, const std::string& as_of) {
  PromiseBook book;
  for (const ReportedEvent& reported : events) {
    if (reported.event.has_evidence() && !reported.retracted) book.Take(reported.event);
  }
  return book.Finish(as_of);
}

std::string OutcomeInWords(Outcome outcome) {
  switch (outcome) {
    case Outcome::kExceeded:
      return "exceeded";
    case Outcome::kOnTime:
      return "on time";
    case Outcome::kLate:
      return "late";
    case Outcome::kMissed:
      return "missed";
    case Outcome::kWaived:
      return "waived";
    case Outcome::kOverdue:
      return "overdue";
    case Outcome::kOpen:
      break;
  }
  return "open";
}

std::string BearingInWords(Bearing bearing) {
  switch (bearing) {
    case Bearing::kFor:
      return "for";
    case Bearing::kAgainst:
      return "against";
    case Bearing::kBoth:
      return "both ways";
    case Bearing::kNone:
      break;
  }
  return "no weight";
}

std::string ProvenanceInWords(Provenance provenance) {
  switch (provenance) {
    case Provenance::kImported:
      return "imported";
    case Provenance::kSynthetic:
      return "synthetic";
    case Provenance::kRecorded:
      break;
  }
  return "recorded";
}

std::string DayOfEvent(const trust::v1::Event& event) { return FormatDay(event.occur_time()); }

}  // namespace trustctl
