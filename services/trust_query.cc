#include "services/trust_query.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "projections/assessed_reading.h"
#include "projections/effectiveness.h"
#include "projections/event_name.h"
#include "services/log_position.h"
#include "services/query_checks.h"
#include "services/trust_question.h"

namespace services {
namespace {

using Direction = std::pair<std::string, std::string>;

constexpr int kEffectivenessWindowDaysMax = 3650;

template <class Request>
absl::Status CheckReading(const Request& request, QueryChecks checks) {
  CheckQuestion(request, checks);
  checks.Direction(request.trustor(), request.trustee());
  return checks.Verdict();
}

// Whether the organizations of the direction asked for are partners. Errors: PARTNER_NOT_FOUND.
template <class Request>
absl::Status CheckPartners(const projections::TrustHistory& history, const Request& request) {
  if (request.trustor().empty()) return absl::OkStatus();
  for (const std::string& organization : {request.trustor(), request.trustee()}) {
    if (!history.HasPartner(organization)) return PartnerNotFound(request.partnership(), organization);
  }
  return absl::OkStatus();
}

// The directions asked for, ordered by trustor, then trustee. Errors: PARTNER_NOT_FOUND.
template <class Request>
absl::StatusOr<std::vector<Direction>> DirectionsOf(const projections::TrustHistory& history, const Request& request) {
  const absl::Status partners = CheckPartners(history, request);
  if (!partners.ok()) return partners;
  if (!request.trustor().empty()) return std::vector<Direction>{{request.trustor(), request.trustee()}};
  std::vector<Direction> directions;
  for (const std::string& trustor : history.partners()) {
    for (const std::string& trustee : history.partners()) {
      if (trustor != trustee) directions.emplace_back(trustor, trustee);
    }
  }
  return directions;
}

// What a page token is bound to: the question, and the history and the policy that answer it.
template <class Request>
std::string ArgumentsOf(const Request& request, projections::Day as_of, const projections::TrustHistory& history) {
  return absl::StrCat(
      "GetTrustTimeline\n", request.partnership(), "\n", request.trustor(), "\n", request.trustee(), "\n",
      request.has_known_time() ? absl::FormatTime(projections::ToTime(request.known_time())) : "everything", "\n",
      request.known_revision(), "\n", request.known_position(), "\n",
      request.has_as_of_time() ? projections::FormatDay(as_of) : "now", "\n",
      request.view() == trust::v1::VIEW_HINDSIGHT ? "hindsight" : "held", "\n", history.policy()->version(), "\n",
      history.revision());
}

}  // namespace

absl::Status Check(const trust::v1::AssessTrustRequest& request) {
  QueryChecks checks;
  if (request.effectiveness_window_days() != 0) {
    checks.Range("effectiveness_window_days", request.effectiveness_window_days(), 1, kEffectivenessWindowDaysMax);
  }
  return CheckReading(request, std::move(checks));
}

absl::Status Check(const trust::v1::GetTrustTimelineRequest& request) {
  QueryChecks checks;
  checks.PageSize(request.page_size());
  return CheckReading(request, std::move(checks));
}

absl::Status Assess(projections::TrustHistory& history, const trust::v1::AssessTrustRequest& request,
                    projections::Day as_of, trust::v1::AssessTrustResponse* response) {
  const absl::Status partners = CheckPartners(history, request);
  if (!partners.ok()) return partners;
  const bool hindsight = request.view() == trust::v1::VIEW_HINDSIGHT;
  projections::ReadAssessed(history, request.trustor(), request.trustee(), as_of, hindsight, response);
  response->set_partnership(request.partnership());
  if (request.trustor().empty()) {
    const int window_days = request.effectiveness_window_days();
    *response->mutable_effectiveness() = projections::ReadEffectiveness(
        history.conduct(), as_of, window_days == 0 ? projections::kEffectivenessWindowDays : window_days, hindsight);
  }
  response->set_unknown_event_count(history.unknown_events().count);
  for (const int64_t revision : history.unknown_events().revisions) {
    response->add_unknown_events(projections::EventName(history.partnership(), revision));
  }
  return absl::OkStatus();
}

absl::Status ReadTimeline(projections::TrustHistory& history, const trust::v1::GetTrustTimelineRequest& request,
                          projections::Day as_of, trust::v1::GetTrustTimelineResponse* response) {
  const absl::StatusOr<std::vector<Direction>> directions = DirectionsOf(history, request);
  if (!directions.ok()) return directions.status();
  // Pages are cut from one state of the history: a token is good until the history grows.
  const std::string arguments = ArgumentsOf(request, as_of, history);
  const absl::StatusOr<std::string> place = ParsePageToken(request.page_token(), arguments);
  if (!place.ok()) return place.status();
  size_t begin = 0;
  if (!place->empty() && !absl::SimpleAtoi(*place, &begin)) return InvalidPageToken();

  std::vector<trust::v1::Transition> transitions;
  for (const auto& [trustor, trustee] : *directions) {
    for (trust::v1::Transition& transition : history.Timeline(trustor, trustee, as_of)) {
      transitions.push_back(std::move(transition));
    }
  }
  std::stable_sort(transitions.begin(), transitions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.date(), a.trustor(), a.trustee()) < std::tie(b.date(), b.trustor(), b.trustee());
  });
  response->set_partnership(request.partnership());
  response->set_revision(history.revision());
  response->set_as_of_date(projections::FormatDay(as_of));
  const size_t page_size = static_cast<size_t>(QueryChecks().PageSize(request.page_size()));
  const size_t end = std::min(transitions.size(), begin + page_size);
  for (size_t i = begin; i < end; ++i) *response->add_transitions() = std::move(transitions[i]);
  if (end < transitions.size()) response->set_next_page_token(PageToken(absl::StrCat(end), arguments));
  return absl::OkStatus();
}

}  // namespace services
