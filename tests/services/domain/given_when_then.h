// Given(what was said).When(a command is given).Then(these events) or .ThenRefused(for this reason): the words that
// decisions are tested in. Commands are built from a few words and answers compared as text; no server, no disk, no
// clock.

#ifndef TESTS_SERVICES_DOMAIN_GIVEN_WHEN_THEN_H_
#define TESTS_SERVICES_DOMAIN_GIVEN_WHEN_THEN_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "projections/day.h"
#include "projections/partnership.h"
#include "services/domain/decider.h"
#include "services/domain/refusal.h"

namespace domain {

inline constexpr char kPartnership[] = "moon";
inline constexpr char kRequestId[] = "123e4567-e89b-12d3-a456-426614174000";

inline absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, std::string(text), &time, &error)) << text << ": " << error;
  return time;
}

// The service's clock in every test: noon of 1 June 2026.
inline Context Now() { return {At("2026-06-01T12:00:00Z"), "user-1"}; }

// A time as people write it, with the precision that its form shows: 2024, 2024-03, 2024-03-05 or a full RFC 3339 text.
struct When {
  google::protobuf::Timestamp time;
  trust::v1::TimePrecision precision;
};
inline When On(absl::string_view text) {
  constexpr absl::string_view kRest = "0000-01-01T00:00:00Z";
  const std::string full = absl::StrCat(text, text.size() < kRest.size() ? kRest.substr(text.size()) : "");
  const trust::v1::TimePrecision precision = text.size() == 4    ? trust::v1::TIME_PRECISION_YEAR
                                             : text.size() == 7  ? trust::v1::TIME_PRECISION_MONTH
                                             : text.size() == 10 ? trust::v1::TIME_PRECISION_DAY
                                                                 : trust::v1::TIME_PRECISION_INSTANT;
  return {projections::ToTimestamp(At(full)), precision};
}

template <typename Dated>
void SetOccurTime(absl::string_view when, Dated& dated) {
  const When on = On(when);
  *dated.mutable_occur_time() = on.time;
  dated.set_occur_time_precision(on.precision);
}

// The text of a field that holds a time: due_time { seconds: ... }.
inline std::string Due(absl::string_view when) {
  return absl::StrCat("due_time { seconds: ", On(when).time.seconds(), " }");
}

// Evidence from its roles, "actor>affected,affected|witness", and its other fields as text.
inline trust::v1::Evidence Act(absl::string_view roles, const std::string& fields) {
  trust::v1::Evidence evidence;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(fields, &evidence)) << fields;
  const std::vector<std::string> ends = absl::StrSplit(roles, '>');
  evidence.set_actor(ends[0]);
  const std::vector<std::string> concerned = absl::StrSplit(ends.size() > 1 ? ends[1] : "", '|');
  for (absl::string_view one : absl::StrSplit(concerned[0], ',', absl::SkipEmpty()))
    evidence.add_affected(std::string(one));
  if (concerned.size() > 1) {
    for (absl::string_view one : absl::StrSplit(concerned[1], ',')) evidence.add_witnesses(std::string(one));
  }
  return evidence;
}

inline trust::v1::RecordEvidenceRequest Says(absl::string_view recorder, absl::string_view when,
                                             absl::string_view roles, const std::string& fields) {
  trust::v1::RecordEvidenceRequest request;
  request.set_partnership(kPartnership);
  request.set_recorder(std::string(recorder));
  SetOccurTime(when, request);
  *request.mutable_evidence() = Act(roles, fields);
  return request;
}

// A founding of these partners on 6 January 2020, recorded by the first.
inline trust::v1::CreatePartnershipRequest Founding(const std::vector<std::string>& partners = {"acme", "bolt",
                                                                                                "cora"}) {
  trust::v1::CreatePartnershipRequest request;
  request.set_partnership(kPartnership);
  for (const std::string& partner : partners) request.add_partners()->set_organization(partner);
  request.set_recorder(partners.empty() ? "acme" : partners.front());
  *request.mutable_initial_contact_time() = On("2020-01-06").time;
  return request;
}

// A command of the life cycle, such as Step<SuspendPartnershipRequest>("2024-01-01").
template <typename Request>
Request Step(absl::string_view when, absl::string_view recorder = "acme") {
  Request request;
  request.set_partnership(kPartnership);
  request.set_recorder(std::string(recorder));
  SetOccurTime(when, request);
  return request;
}
inline trust::v1::SuspendPartnershipRequest Suspend(absl::string_view when) {
  return Step<trust::v1::SuspendPartnershipRequest>(when);
}
inline trust::v1::ResumePartnershipRequest Resume(absl::string_view when) {
  return Step<trust::v1::ResumePartnershipRequest>(when);
}
inline trust::v1::TerminatePartnershipRequest Terminate(absl::string_view when) {
  auto request = Step<trust::v1::TerminatePartnershipRequest>(when);
  request.set_mode(trust::v1::TERMINATION_MODE_MUTUAL);
  return request;
}
inline trust::v1::RecordMilestoneRequest Reach(absl::string_view when, const std::string& milestone) {
  auto request = Step<trust::v1::RecordMilestoneRequest>(when);
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(milestone, request.mutable_milestone())) << milestone;
  return request;
}

// Words about an earlier event.
template <typename Request>
Request Word(absl::string_view recorder, absl::string_view event) {
  Request request;
  request.set_partnership(kPartnership);
  request.set_recorder(std::string(recorder));
  request.set_event(std::string(event));
  return request;
}
inline trust::v1::ConfirmEvidenceRequest Confirm(absl::string_view recorder, absl::string_view event) {
  return Word<trust::v1::ConfirmEvidenceRequest>(recorder, event);
}
inline trust::v1::ContestEvidenceRequest Contest(absl::string_view recorder, absl::string_view event) {
  return Word<trust::v1::ContestEvidenceRequest>(recorder, event);
}
inline trust::v1::RetractEvidenceRequest Retract(absl::string_view recorder, absl::string_view event) {
  return Word<trust::v1::RetractEvidenceRequest>(recorder, event);
}
inline trust::v1::CorrectEvidenceRequest Correct(absl::string_view recorder, absl::string_view event,
                                                 absl::string_view roles, const std::string& fields) {
  auto request = Word<trust::v1::CorrectEvidenceRequest>(recorder, event);
  *request.mutable_replacement() = Act(roles, fields);
  return request;
}

// Who takes part.
inline trust::v1::AddPartnerRequest Join(absl::string_view when, const std::string& organization,
                                         const std::vector<std::string>& met = {}) {
  auto request = Step<trust::v1::AddPartnerRequest>(when);
  request.mutable_partner()->set_organization(organization);
  for (const std::string& one : met) request.add_met(one);
  return request;
}
inline trust::v1::RemovePartnerRequest Leave(absl::string_view when, const std::string& organization) {
  auto request = Step<trust::v1::RemovePartnerRequest>(when);
  request.set_organization(organization);
  return request;
}
inline trust::v1::DeclareTieRequest Tie(absl::string_view when, const std::string& one, const std::string& other) {
  auto request = Step<trust::v1::DeclareTieRequest>(when);
  request.add_organizations(one);
  request.add_organizations(other);
  return request;
}
inline trust::v1::AssignContactRequest Assign(absl::string_view when, const std::string& contact,
                                              const std::string& organization) {
  auto request = Step<trust::v1::AssignContactRequest>(when);
  request.set_contact(contact);
  request.set_organization(organization);
  return request;
}
inline trust::v1::ReleaseContactRequest Release(absl::string_view when, const std::string& contact,
                                                const std::string& organization) {
  auto request = Step<trust::v1::ReleaseContactRequest>(when);
  request.set_contact(contact);
  request.set_organization(organization);
  return request;
}

// An item of an import with any body: "partner_left { organization: 'bolt' }".
inline trust::v1::ImportItem ImportedBody(absl::string_view external_id, absl::string_view when,
                                          const std::string& body, absl::string_view recorder = "") {
  trust::v1::ImportItem item;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(body, &item)) << body;
  item.set_partnership(kPartnership);
  item.set_external_id(std::string(external_id));
  item.set_recorder(std::string(recorder));
  SetOccurTime(when, item);
  return item;
}

// An item of an import whose body is evidence, without a recorder.
inline trust::v1::ImportItem Imported(absl::string_view external_id, absl::string_view when, absl::string_view roles,
                                      const std::string& fields) {
  trust::v1::ImportItem item;
  item.set_partnership(kPartnership);
  item.set_external_id(std::string(external_id));
  SetOccurTime(when, item);
  *item.mutable_evidence() = Act(roles, fields);
  return item;
}
inline trust::v1::ImportItem ImportedFounding(const std::vector<std::string>& partners = {"acme", "bolt", "cora"}) {
  trust::v1::ImportItem item;
  item.set_partnership(kPartnership);
  item.set_external_id("founding");
  SetOccurTime("2020-01-06", item);
  for (const std::string& partner : partners)
    item.mutable_partnership_proposed()->add_partners()->set_organization(partner);
  return item;
}

// The last word of an enum value's name: MATERIALITY_MEDIUM is MEDIUM.
inline std::string LastWord(absl::string_view type, absl::string_view name) {
  return std::string(absl::StripPrefix(name, type));
}

// An event in one line: when it happened, who did it to whom, on whose word, and what.
inline std::string Line(const trust::v1::Event& event) {
  std::string when = projections::FormatDay(projections::DayOf(projections::ToTime(event.occur_time())));
  switch (event.occur_time_precision()) {
    case trust::v1::TIME_PRECISION_YEAR:
      when.resize(4);
      break;
    case trust::v1::TIME_PRECISION_MONTH:
      when.resize(7);
      break;
    case trust::v1::TIME_PRECISION_INSTANT:
      when = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", projections::ToTime(event.occur_time()), absl::UTCTimeZone());
      break;
    default:
      break;
  }
  if (!event.has_evidence()) {
    trust::v1::Event body = event;
    for (const char* const field : {"recorder", "principal", "occur_time", "occur_time_precision", "observe_time",
                                    "request_id", "import_origin", "correlation_id", "causation_id"}) {
      body.GetReflection()->ClearField(&body, trust::v1::Event::descriptor()->FindFieldByName(field));
    }
    return std::string(absl::StripAsciiWhitespace(absl::StrCat(when, " ", body.ShortDebugString())));
  }
  trust::v1::Evidence evidence = event.evidence();
  std::string line = absl::StrCat(when, " ", evidence.actor(), ">", absl::StrJoin(evidence.affected(), ","));
  if (!evidence.witnesses().empty()) absl::StrAppend(&line, "|", absl::StrJoin(evidence.witnesses(), ","));
  absl::StrAppend(&line, " ", LastWord("SOURCE_", trust::v1::Source_Name(evidence.source())), " ",
                  LastWord("LEVEL_", trust::v1::Level_Name(evidence.level())), " ",
                  LastWord("MATERIALITY_", trust::v1::Materiality_Name(evidence.materiality())), " ");
  evidence.clear_actor();
  evidence.clear_affected();
  evidence.clear_witnesses();
  evidence.clear_source();
  evidence.clear_level();
  evidence.clear_materiality();
  return absl::StrCat(line, absl::StripAsciiWhitespace(evidence.ShortDebugString()));
}

inline std::string Lines(const std::vector<trust::v1::Event>& events) {
  std::vector<std::string> lines;
  for (const trust::v1::Event& event : events) lines.push_back(Line(event));
  return absl::StrJoin(lines, "\n");
}

// What a command led to.
class Outcome {
 public:
  explicit Outcome(absl::StatusOr<std::vector<trust::v1::Event>> result) : result_(std::move(result)) {}

  void Then(absl::string_view lines) const {
    ASSERT_TRUE(result_.ok()) << result_.status();
    EXPECT_EQ(Lines(*result_), lines);
  }
  void ThenAccepted() const { EXPECT_TRUE(result_.ok()) << result_.status(); }
  const Outcome& ThenRefused(trust::v1::ErrorReason reason) const {
    EXPECT_FALSE(result_.ok()) << Lines(result_.ok() ? *result_ : std::vector<trust::v1::Event>());
    EXPECT_EQ(trust::v1::ErrorReason_Name(ReasonOf(result_.status())), trust::v1::ErrorReason_Name(reason))
        << result_.status();
    return *this;
  }
  // Further words about a refusal.
  const Outcome& Saying(absl::string_view text) const {
    EXPECT_THAT(std::string(result_.status().message()), testing::HasSubstr(std::string(text)));
    return *this;
  }
  const Outcome& With(absl::string_view name, absl::string_view value) const {
    EXPECT_EQ(MetadataOf(result_.status(), name), value) << name;
    return *this;
  }
  const Outcome& Naming(const std::vector<std::string>& fields) const {
    std::vector<std::string> named;
    for (const FieldViolation& violation : FieldViolationsOf(result_.status())) named.push_back(violation.field);
    EXPECT_EQ(absl::StrJoin(named, " "), absl::StrJoin(fields, " ")) << result_.status();
    return *this;
  }

  const absl::StatusOr<std::vector<trust::v1::Event>>& result() const { return result_; }

 private:
  const absl::StatusOr<std::vector<trust::v1::Event>> result_;
};

// A partnership's past, and what its service would answer next.
class Past {
 public:
  template <typename... Said>
  explicit Past(const Said&... said) {
    state_.id = kPartnership;
    (Happen(said), ...);
  }

  template <typename Command>
  Outcome When(const Command& command) const {
    return Outcome(Judge(command));
  }
  const projections::Partnership& state() const { return state_; }
  const std::vector<trust::v1::Event>& events() const { return events_; }

  void Happen(trust::v1::Event event) {
    event.set_revision(state_.revision + 1);
    *event.mutable_record_time() = projections::ToTimestamp(Now().now);
    projections::Evolve(state_, event);
    events_.push_back(std::move(event));
  }
  template <typename Command>
  void Happen(const Command& command) {
    absl::StatusOr<std::vector<trust::v1::Event>> made = Judge(command);
    ASSERT_TRUE(made.ok()) << "given: " << made.status();
    for (trust::v1::Event& event : *made) Happen(std::move(event));
  }

 private:
  using Judgement = absl::StatusOr<std::vector<trust::v1::Event>>;

  template <typename Command>
  Judgement Judge(const Command& command) const {
    absl::Status shape = Validate(command, Now());
    if (!shape.ok()) return shape;
    if constexpr (std::is_same_v<Command, trust::v1::ImportItem>) {
      const auto external_ids = [this](absl::string_view external_id) -> std::optional<int64_t> {
        for (const trust::v1::Event& event : events_) {
          if (event.import_origin().external_id() == external_id) return event.revision();
        }
        return std::nullopt;
      };
      return DecideImport(state_, command, external_ids, Now());
    } else {
      return Decide(state_, command, Now());
    }
  }

  projections::Partnership state_;
  std::vector<trust::v1::Event> events_;
};

template <typename... Said>
Past Given(const Said&... said) {
  return Past(said...);
}

}  // namespace domain

#endif  // TESTS_SERVICES_DOMAIN_GIVEN_WHEN_THEN_H_
