// Folds histories given as ImportItems in JSON and answers questions about them, without a server: the readings alone,
// for compare_fold.py to hold against the oracle. Reads lines from standard input: "I " and an ImportItem adds to a
// partnership; "A " and an AssessTrustRequest, "T " and a GetTrustTimelineRequest are answered by a line of JSON each.
// Items become events as the import makes them, without its checks.

#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "projections/day.h"
#include "projections/event_name.h"
#include "projections/trust_history.h"
#include "trust/v1/evidence_service.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace {

using projections::TrustHistory;
using trust::v1::Event;
using trust::v1::Evidence;
using trust::v1::ImportItem;

template <typename Message>
Message Parse(const std::string& json) {
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  if (!status.ok()) {
    std::cerr << status.ToString() << ": " << json << "\n";
    std::exit(2);
  }
  return message;
}

void Answer(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  std::cout << json << std::endl;
}

// A partnership's events in the making.
class Import {
 public:
  void Add(const ImportItem& item) {
    if (revisions_.count(item.external_id()) > 0) return;
    partnership_ = item.partnership();
    Event event = Envelope(item);
    if (item.has_partnership_proposed()) {
      *event.mutable_partnership_proposed() = item.partnership_proposed();
      Append(event);
      for (const auto& partner : item.partnership_proposed().partners()) {
        partners_.insert(partner.organization());
        event.mutable_initial_contact_made()->add_organizations(partner.organization());
      }
    } else {
      SetBody(item, &event);
    }
    Append(event);
    revisions_[item.external_id()] = static_cast<int64_t>(events.size());
  }

  std::vector<Event> events;

 private:
  Event Envelope(const ImportItem& item) {
    Event event;
    event.set_recorder(!item.recorder().empty()              ? item.recorder()
                       : !item.evidence().affected().empty() ? item.evidence().affected(0)
                                                             : "");
    const absl::Time time = projections::ToTime(item.occur_time());
    const auto precision = projections::EffectivePrecision(time, item.occur_time_precision());
    const absl::Time begin = projections::StartOfPeriod(time, precision);
    *event.mutable_occur_time() = projections::ToTimestamp(begin);
    event.set_occur_time_precision(precision);
    if (item.has_observe_time()) *event.mutable_observe_time() = item.observe_time();
    absl::Time known = projections::ToTime(item.observe_time());
    if (!item.has_observe_time()) {
      const projections::Day day = projections::RepresentativeDay(begin, precision, projections::kNever - 1);
      known = std::max(begin, projections::StartOf(day));
    }
    known = std::max(known, known_.value_or(known));
    if (item.has_original_record_time()) known = projections::ToTime(item.original_record_time());
    known_ = known;
    *event.mutable_import_origin()->mutable_original_record_time() = projections::ToTimestamp(known);
    return event;
  }

  void Append(const Event& event) {
    events.push_back(event);
    events.back().set_revision(static_cast<int64_t>(events.size()));
  }

  // The text names an item, or an event; in its place comes the event that began what that belongs to.
  void Resolve(std::string* text) {
    if (text->empty()) return;
    const auto named = revisions_.find(*text);
    int64_t revision =
        named != revisions_.end() ? named->second : projections::ParseEventName(partnership_, *text).value_or(0);
    const auto began = began_.find(revision);
    if (began != began_.end()) revision = began->second;
    *text = projections::EventName(partnership_, revision);
  }

  // Every kind has one reference at most, the only text field of that name.
  void ResolveReferences(Evidence* evidence) {
    const auto* const kind = Evidence::descriptor()->FindFieldByNumber(evidence->kind_case());
    if (kind == nullptr) return;
    google::protobuf::Message* const message = evidence->GetReflection()->MutableMessage(evidence, kind);
    for (const char* name : {"violation", "conflict", "commitment", "objective", "misunderstanding"}) {
      const auto* const field = message->GetDescriptor()->FindFieldByName(name);
      if (field == nullptr) continue;
      std::string text = message->GetReflection()->GetString(*message, field);
      Resolve(&text);
      message->GetReflection()->SetString(message, field, text);
    }
  }

  void SetEvidence(const Evidence& from, Event* event) {
    Evidence& evidence = *event->mutable_evidence();
    evidence = from;
    ResolveReferences(&evidence);
    const std::string* began = nullptr;
    if (evidence.has_violation_reported()) began = &evidence.violation_reported().violation();
    if (evidence.has_conflict_escalated()) began = &evidence.conflict_escalated().conflict();
    if (evidence.has_formal_dispute_opened()) began = &evidence.formal_dispute_opened().conflict();
    if (began == nullptr || began->empty()) return;
    began_[static_cast<int64_t>(events.size()) + 1] = *projections::ParseEventName(partnership_, *began);
  }

  void Name(std::string* event) {
    const auto named = revisions_.find(*event);
    if (named != revisions_.end()) *event = projections::EventName(partnership_, named->second);
  }

  void SetBody(const ImportItem& item, Event* event) {
    switch (item.body_case()) {
      case ImportItem::kPartnershipProposed:
      case ImportItem::BODY_NOT_SET:
        return;
      case ImportItem::kMilestone:
        if (!item.milestone().has_partnership_renewed()) {
          *event->mutable_milestone() = item.milestone();
          return;
        }
        event->mutable_evidence()->set_actor(std::string("*"));
        for (const std::string& partner : partners_) event->mutable_evidence()->add_affected(partner);
        event->mutable_evidence()->mutable_partnership_renewed();
        return;
      case ImportItem::kEvidence:
        return SetEvidence(item.evidence(), event);
      case ImportItem::kPartnershipSuspended:
        event->mutable_partnership_suspended();
        return;
      case ImportItem::kPartnershipResumed:
        event->mutable_partnership_resumed();
        return;
      case ImportItem::kPartnershipTerminated:
        event->mutable_partnership_terminated();
        return;
      case ImportItem::kEvidenceConfirmed:
        *event->mutable_evidence_confirmed() = item.evidence_confirmed();
        return Name(event->mutable_evidence_confirmed()->mutable_event());
      case ImportItem::kEvidenceContested:
        *event->mutable_evidence_contested() = item.evidence_contested();
        return Name(event->mutable_evidence_contested()->mutable_event());
      case ImportItem::kEvidenceCorrected:
        *event->mutable_evidence_corrected() = item.evidence_corrected();
        ResolveReferences(event->mutable_evidence_corrected()->mutable_replacement());
        return Name(event->mutable_evidence_corrected()->mutable_event());
      case ImportItem::kEvidenceRetracted:
        *event->mutable_evidence_retracted() = item.evidence_retracted();
        return Name(event->mutable_evidence_retracted()->mutable_event());
      case ImportItem::kPartnerJoined:
        partners_.insert(item.partner_joined().partner().organization());
        *event->mutable_partner_joined() = item.partner_joined();
        return;
      case ImportItem::kPartnerLeft:
        partners_.erase(item.partner_left().organization());
        *event->mutable_partner_left() = item.partner_left();
        return;
      case ImportItem::kTieDeclared:
        *event->mutable_tie_declared() = item.tie_declared();
        return;
      case ImportItem::kInitialContactMade:
        *event->mutable_initial_contact_made() = item.initial_contact_made();
        return;
      case ImportItem::kContactAssigned:
        *event->mutable_contact_assigned() = item.contact_assigned();
        return;
      case ImportItem::kContactDeparted:
        *event->mutable_contact_departed() = item.contact_departed();
        return;
    }
  }

  std::string partnership_;
  std::set<std::string> partners_;
  std::map<std::string, int64_t> revisions_;  // By external id.
  std::map<int64_t, int64_t> began_;          // A later event of a matter, to that which began it.
  std::optional<absl::Time> known_;
};

std::map<std::string, Import> imports;
// The history read last. Keeping it lets reads of several days meet what earlier ones left.
std::tuple<std::string, std::string, int> read_last;
std::unique_ptr<TrustHistory> history;

template <typename Request>
TrustHistory& HistoryFor(const Request& request) {
  const auto asked =
      std::make_tuple(request.partnership(), request.known_time().SerializeAsString(), int{request.view()});
  if (history != nullptr && asked == read_last) return *history;
  read_last = asked;
  history = std::make_unique<TrustHistory>(request.partnership(), projections::Policy::Default(), request.view());
  for (const Event& event : imports[request.partnership()].events) {
    const bool structure = event.has_partnership_proposed() || event.has_initial_contact_made();
    const bool known =
        !request.has_known_time() || projections::KnownTime(event) <= projections::ToTime(request.known_time());
    if (structure || known) history->Apply(event);
  }
  return *history;
}

template <typename Request, typename Response>
projections::Day Begin(const Request& request, TrustHistory& read, Response* response) {
  const projections::Day as_of = projections::DayOf(projections::ToTime(request.as_of_time()));
  response->set_partnership(request.partnership());
  response->set_revision(read.revision());
  response->set_as_of_date(projections::FormatDay(as_of));
  return as_of;
}

void Assess(const trust::v1::AssessTrustRequest& request) {
  TrustHistory& read = HistoryFor(request);
  trust::v1::AssessTrustResponse response;
  const projections::Day as_of = Begin(request, read, &response);
  for (const std::string& trustor : read.partners()) {
    for (const std::string& trustee : read.partners()) {
      if (trustor != trustee) *response.add_directions() = read.Read(trustor, trustee, as_of);
    }
  }
  *response.mutable_whole() = read.ReadWhole(as_of);
  Answer(response);
}

void ReadTimeline(const trust::v1::GetTrustTimelineRequest& request) {
  TrustHistory& read = HistoryFor(request);
  trust::v1::GetTrustTimelineResponse response;
  const projections::Day as_of = Begin(request, read, &response);
  std::vector<trust::v1::Transition> transitions;
  for (const std::string& trustor : read.partners()) {
    for (const std::string& trustee : read.partners()) {
      if (trustor == trustee) continue;
      for (auto& transition : read.Timeline(trustor, trustee, as_of)) transitions.push_back(transition);
    }
  }
  std::stable_sort(transitions.begin(), transitions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.date(), a.trustor(), a.trustee()) < std::tie(b.date(), b.trustor(), b.trustee());
  });
  for (const auto& transition : transitions) *response.add_transitions() = transition;
  Answer(response);
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    if (line.size() < 2) continue;
    const std::string json = line.substr(2);
    if (line[0] == 'I') {
      const ImportItem item = Parse<ImportItem>(json);
      imports[item.partnership()].Add(item);
    } else if (line[0] == 'A') {
      Assess(Parse<trust::v1::AssessTrustRequest>(json));
    } else if (line[0] == 'T') {
      ReadTimeline(Parse<trust::v1::GetTrustTimelineRequest>(json));
    }
  }
}
