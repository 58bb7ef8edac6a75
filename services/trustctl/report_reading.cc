#include "services/trustctl/report_reading.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "services/trustctl/date.h"
#include "services/trustctl/event_window.h"
#include "services/trustctl/failure.h"
#include "services/trustctl/words.h"

namespace trustctl {
namespace {

constexpr int kSamplesMax = 160;
constexpr int kEvenSamples = 24;
constexpr int kTries = 5;
constexpr int kAnswerPageSize = 1000;
// The place of a day that has not come is the end of the log.
constexpr char kDayToCome[] = "9999-12-31";

// The day from which those affected knew of it.
std::string DayLearned(const trust::v1::Event& event) {
  return FormatDay(event.has_observe_time() ? event.observe_time() : event.occur_time());
}

template <typename Request>
Request Asked(const ReportQuestion& question) {
  Request request;
  request.set_partnership(question.partnership);
  request.set_trustor(question.trustor);
  request.set_trustee(question.trustee);
  request.set_policy(question.policy);
  if (question.as_of) *request.mutable_as_of_time() = *question.as_of;
  if (question.known) *request.mutable_known_time() = *question.known;
  return request;
}

absl::StatusOr<std::vector<trust::v1::Transition>> ReadPath(Connection& connection, const ReportQuestion& question,
                                                            trust::v1::View view) {
  auto request = Asked<trust::v1::GetTrustTimelineRequest>(question);
  request.set_view(view);
  request.set_page_size(kAnswerPageSize);
  std::vector<trust::v1::Transition> path;
  do {
    const auto page = connection.GetTrustTimeline(request);
    if (!page.ok()) return page.status();
    path.insert(path.end(), page->transitions().begin(), page->transitions().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return path;
}

// Calls visit with each event up to the revision that the report is read from.
absl::Status VisitEvents(Connection& connection, trust::v1::ListEventsRequest request, int64_t revision,
                         absl::FunctionRef<void(const trust::v1::Event&)> visit) {
  request.set_page_size(kAnswerPageSize);
  do {
    const auto page = connection.ListEvents(request);
    if (!page.ok()) return page.status();
    for (const trust::v1::Event& event : page->events()) {
      if (event.revision() > revision) return absl::OkStatus();
      visit(event);
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// Sets of a history what had happened by the day and was known. *position: the place in the log of the last event that
// was read, whether it is shown or not.
absl::Status ReadEvents(Connection& connection, const ReportQuestion& question, PartnershipReport* report,
                        std::string* position) {
  trust::v1::ListEventsRequest request;
  request.set_partnership(question.partnership);
  const int64_t revision = report->held.revision();
  CorrectedTimes corrected;
  if (question.as_of) {
    trust::v1::ListEventsRequest corrections = request;
    corrections.add_kinds("evidence_corrected");
    const absl::Status status = VisitEvents(connection, corrections, revision, [&](const trust::v1::Event& event) {
      const trust::v1::EvidenceCorrected& correction = event.evidence_corrected();
      if (!correction.has_occur_time() || (question.known && !WasKnown(event, *question.known))) return;
      corrected[RevisionOf(correction.event())] = correction.occur_time();
    });
    if (!status.ok()) return status;
  }
  EventWindow window({question.as_of, question.known, static_cast<size_t>(PartnershipReport::kEventsMax)},
                     std::move(corrected));
  const absl::Status status = VisitEvents(connection, request, revision, [&](const trust::v1::Event& event) {
    window.Take(event);
    *position = event.log_position();
  });
  report->events_left_out = window.left_out();
  report->events = window.Finish();
  return status;
}

absl::Status ReadExplanations(Connection& connection, const ReportQuestion& question, PartnershipReport* report) {
  for (const trust::v1::DirectionReading& direction : report->held.directions()) {
    if (static_cast<int>(report->explanations.size()) == PartnershipReport::kDirectionsMax) break;
    auto request = Asked<trust::v1::ExplainTrustRequest>(question);
    request.set_trustor(direction.trustor());
    request.set_trustee(direction.trustee());
    auto explanation = connection.ExplainTrust(request);
    if (!explanation.ok()) return explanation.status();
    report->explanations.push_back(*std::move(explanation));
  }
  return absl::OkStatus();
}

absl::Status ReadSamples(Connection& connection, const ReportQuestion& question, PartnershipReport* report) {
  std::vector<std::string> happened;
  for (const trust::v1::Event& event : report->events) {
    // A retraction, say, may have come later than the day that the report is of.
    if (std::string day = DayLearned(event); day <= report->held.as_of_date()) happened.push_back(std::move(day));
  }
  for (const trust::v1::Transition& transition : report->held_path) happened.push_back(transition.date());
  if (report->held_path.empty()) return absl::OkStatus();
  const std::string first = report->held_path.front().date();
  report->last_date =
      LastDayDrawn(first, *std::max_element(happened.begin(), happened.end()), report->held.as_of_date());
  auto request = Asked<trust::v1::AssessTrustRequest>(question);
  for (const std::string& day : SampleDays(first, report->last_date, happened)) {
    const auto time = ParseLastInstant(day);
    if (!time.ok()) return time.status();
    *request.mutable_as_of_time() = *time;
    const auto reading = connection.AssessTrust(request);
    if (!reading.ok()) return reading.status();
    report->samples.push_back(ReportSample{day, {reading->directions().begin(), reading->directions().end()}});
  }
  return absl::OkStatus();
}

// A checkpoint that covers what stands at the position, when the server signs any.
absl::StatusOr<std::optional<trust::v1::GetCheckpointResponse>> ReadCheckpoint(Connection& connection,
                                                                               const std::string& position) {
  trust::v1::GetCheckpointRequest request;
  request.set_min_position(position);
  auto checkpoint = connection.GetCheckpoint(request);
  if (checkpoint.ok()) return *std::move(checkpoint);
  if (ReasonOf(WireStatusOf(checkpoint.status())) == "SIGNING_KEY_MISSING") return std::nullopt;
  return checkpoint.status();
}

// What needs care, which is told of now alone, under the policy that applies.
absl::Status ReadAttention(Connection& connection, const ReportQuestion& question,
                           std::optional<trust::v1::ListAttentionResponse>* all) {
  if (question.as_of || question.known || !question.policy.empty()) return absl::OkStatus();
  all->emplace();
  trust::v1::ListAttentionRequest request;
  request.set_partnership(question.partnership);
  request.set_page_size(kAnswerPageSize);
  do {
    const auto page = connection.ListAttention(request);
    if (!page.ok()) return page.status();
    (*all)->MergeFrom(*page);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// One reading of everything. *moved: the history grew meanwhile.
absl::Status ReadOnce(Connection& connection, const ReportQuestion& question, PartnershipReport* report, bool* moved) {
  trust::v1::GetPartnershipRequest get;
  get.set_partnership(question.partnership);
  auto partnership = connection.GetPartnership(get);
  if (!partnership.ok()) return partnership.status();
  report->partnership = partnership->partnership();
  auto assess = Asked<trust::v1::AssessTrustRequest>(question);
  auto held = connection.AssessTrust(assess);
  if (!held.ok()) return held.status();
  assess.set_view(trust::v1::VIEW_HINDSIGHT);
  auto hindsight = connection.AssessTrust(assess);
  if (!hindsight.ok()) return hindsight.status();
  report->held = *std::move(held);
  report->hindsight = *std::move(hindsight);
  auto held_path = ReadPath(connection, question, trust::v1::VIEW_HELD);
  if (!held_path.ok()) return held_path.status();
  auto hindsight_path = ReadPath(connection, question, trust::v1::VIEW_HINDSIGHT);
  if (!hindsight_path.ok()) return hindsight_path.status();
  report->held_path = *std::move(held_path);
  report->hindsight_path = *std::move(hindsight_path);
  std::string position;
  if (absl::Status status = ReadEvents(connection, question, report, &position); !status.ok()) return status;
  if (absl::Status status = ReadExplanations(connection, question, report); !status.ok()) return status;
  if (absl::Status status = ReadSamples(connection, question, report); !status.ok()) return status;
  trust::v1::GetPolicyRequest get_policy;
  get_policy.set_policy(report->held.policy_sha256());
  auto policy = connection.GetPolicy(get_policy);
  if (!policy.ok()) return policy.status();
  report->policy = policy->document();
  if (absl::Status status = ReadAttention(connection, question, &report->attention); !status.ok()) return status;
  auto checkpoint = ReadCheckpoint(connection, position);
  if (!checkpoint.ok()) return checkpoint.status();
  report->checkpoint = *std::move(checkpoint);
  partnership = connection.GetPartnership(get);
  if (!partnership.ok()) return partnership.status();
  *moved = partnership->partnership().revision() != report->partnership.revision();
  return absl::OkStatus();
}

absl::CivilDay DayOf(const std::string& date) {
  absl::CivilDay day;
  return absl::ParseCivilTime(date, &day) ? day : absl::CivilDay(1970, 1, 1);
}

}  // namespace

absl::StatusOr<PartnershipReport> ReadPartnership(Connection& connection, const ReportQuestion& question) {
  for (int i = 0; i < kTries; ++i) {
    PartnershipReport report;
    if (question.known) report.known = FormatDay(*question.known);
    report.policy_chosen = !question.policy.empty();
    bool moved = false;
    if (absl::Status status = ReadOnce(connection, question, &report, &moved); !status.ok()) return status;
    if (!moved) return report;
  }
  return absl::AbortedError(absl::StrCat("the history of ", question.partnership,
                                         " was written to each time that it was read; --known with a time that has "
                                         "passed keeps out what is new, but not the wait: try again"));
}

absl::StatusOr<PortfolioReport> ReadPortfolio(Connection& connection, const ReportQuestion& question) {
  PortfolioReport report;
  if (question.known) report.known = FormatDay(*question.known);
  report.policy_chosen = !question.policy.empty();
  trust::v1::ListPartnershipsRequest list;
  list.set_page_size(kAnswerPageSize);
  do {
    const auto page = connection.ListPartnerships(list);
    if (!page.ok()) return page.status();
    for (const trust::v1::Partnership& partnership : page->partnerships()) {
      PortfolioReport::Member member;
      member.partnership = partnership;
      ReportQuestion one = question;
      one.partnership = partnership.partnership();
      auto held = connection.AssessTrust(Asked<trust::v1::AssessTrustRequest>(one));
      if (!held.ok()) return held.status();
      member.held = *std::move(held);
      report.as_of = member.held.as_of_date();
      if (report.directions_drawn + member.held.directions_size() <= PortfolioReport::kPathsMax) {
        report.directions_drawn += member.held.directions_size();
        auto path = ReadPath(connection, one, trust::v1::VIEW_HELD);
        if (!path.ok()) return path.status();
        member.path = *std::move(path);
      }
      report.members.push_back(std::move(member));
    }
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  if (absl::Status status = ReadAttention(connection, question, &report.attention); !status.ok()) return status;
  // All that was read stands before the place to which the log has come by now.
  trust::v1::ResolveTimeRequest now;
  now.set_date(kDayToCome);
  const auto place = connection.ResolveTime(now);
  if (!place.ok()) return place.status();
  auto checkpoint = ReadCheckpoint(connection, place->has_record_time() ? place->log_position() : "");
  if (!checkpoint.ok()) return checkpoint.status();
  report.checkpoint = *std::move(checkpoint);
  return report;
}

std::vector<std::string> SampleDays(const std::string& first, const std::string& last,
                                    const std::vector<std::string>& happened) {
  const absl::CivilDay begin = DayOf(first);
  const absl::CivilDay end = DayOf(last);
  const auto add_evenly = [&](int count, std::set<absl::CivilDay>* days) {
    for (int i = 0; i <= count; ++i) days->insert(begin + (end - begin) * i / count);
  };
  std::set<absl::CivilDay> days = {begin, end};
  for (const std::string& date : happened) {
    const absl::CivilDay day = DayOf(date);
    if (day < begin || day > end) continue;
    days.insert(day);
    if (day > begin) days.insert(day - 1);
  }
  add_evenly(kEvenSamples, &days);
  if (days.size() > kSamplesMax) {
    days.clear();
    add_evenly(kSamplesMax - 1, &days);
  }
  std::vector<std::string> dates;
  for (const absl::CivilDay day : days) dates.push_back(absl::FormatCivilTime(day));
  return dates;
}

std::string LastDayDrawn(const std::string& first, const std::string& last_happened, const std::string& as_of) {
  const absl::CivilDay begin = DayOf(first);
  const absl::CivilDay last = std::max(begin, DayOf(last_happened));
  const absl::CivilDay end = last + std::max<int64_t>(30, (last - begin) / 12);
  return absl::FormatCivilTime(std::max(begin, std::min(end, DayOf(as_of))));
}

}  // namespace trustctl
