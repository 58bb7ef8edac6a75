#include "services/trustctl/life_cycle_request.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/trustctl/failure.h"

namespace trustctl::life_cycle_request_test {
namespace {

using ::testing::ElementsAre;

Invocation Asked(std::vector<std::string> arguments, std::map<std::string, std::string> flags) {
  Invocation invocation;
  invocation.arguments = std::move(arguments);
  invocation.arguments.insert(invocation.arguments.begin(), "klm-northwest");
  invocation.flags = std::move(flags);
  invocation.flags.insert({{"on", "1993-01"}, {"recorder", "klm"}});
  return invocation;
}

template <typename Request>
Request Expected(const std::string& text) {
  Request request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return request;
}

template <typename Request>
std::string Refusal(const absl::StatusOr<Request>& request) {
  if (request.ok()) return "taken";
  EXPECT_EQ(ExitCodeOf(request.status()), ExitCode::kUsage);
  return std::string(request.status().message());
}

constexpr char kNoDate[] = "\"soon\" is no date; write 1993, 1993-01, 1993-01-20 or 1993-01-20T14:05:00Z (UTC)";

TEST(LifeCycleRequestTest, APartnershipIsCreatedOfItsPartners) {
  Invocation invocation = Asked({"klm=KLM", "northwest"}, {{"name", "KLM and Northwest"}, {"request-id", "u"}});
  invocation.flags.erase("recorder");
  const auto request = CreateRequestOf(invocation);
  ASSERT_TRUE(request.ok()) << request.status();
  const auto expected = Expected<trust::v1::CreatePartnershipRequest>(R"pb(
    partnership: "klm-northwest"
    display_name: "KLM and Northwest"
    partners { organization: "klm" display_name: "KLM" }
    partners { organization: "northwest" }
    initial_contact_time { seconds: 725846400 }
    initial_contact_time_precision: TIME_PRECISION_MONTH
    recorder: "klm"
    request_id: "u")pb");
  EXPECT_EQ(request->DebugString(), expected.DebugString());
  EXPECT_EQ(CreateRequestOf(Asked({"klm", "northwest"}, {{"recorder", "northwest"}}))->recorder(), "northwest");
}

TEST(LifeCycleRequestTest, AMistakeInACreationIsExplained) {
  EXPECT_EQ(Refusal(CreateRequestOf(Asked({"klm", "=Northwest"}, {}))),
            "a partner is written ID or ID=NAME, such as acme or acme=\"Acme Corp.\", not \"=Northwest\"");
  EXPECT_EQ(Refusal(CreateRequestOf(Asked({"klm", "northwest"}, {{"on", "soon"}}))), kNoDate);
}

TEST(LifeCycleRequestTest, AStepSaysWhatItsKindHas) {
  const auto request =
      MilestoneRequestOf(Asked({"health-check-completed", "stated-trust=klm:northwest:7200, northwest:klm:6500"},
                               {{"expected-revision", "7"}, {"dry-run", ""}, {"note", "person-9=they said so"}}));
  ASSERT_TRUE(request.ok()) << request.status();
  const auto expected = Expected<trust::v1::RecordMilestoneRequest>(R"pb(
    partnership: "klm-northwest"
    recorder: "klm"
    occur_time { seconds: 725846400 }
    occur_time_precision: TIME_PRECISION_MONTH
    milestone {
      health_check_completed {
        stated_trust { trustor: "klm" trustee: "northwest" trust_basis_points: 7200 }
        stated_trust { trustor: "northwest" trustee: "klm" trust_basis_points: 6500 }
      }
    }
    expected_revision: 7
    validate_only: true
    note { contact: "person-9" text: "they said so" })pb");
  EXPECT_EQ(request->DebugString(), expected.DebugString());
  const auto figures = MilestoneRequestOf(Asked({"effectiveness-reviewed", "figures=on-time-rate:9500"}, {}));
  ASSERT_TRUE(figures.ok()) << figures.status();
  EXPECT_EQ(figures->milestone().effectiveness_reviewed().figures(0).value_basis_points(), 9500);
}

TEST(LifeCycleRequestTest, EveryStepCanBeWritten) {
  EXPECT_THAT(MilestoneSteps(), ElementsAre("agreement-signed", "governance-body-established", "review-held",
                                            "health-check-completed", "effectiveness-reviewed", "partnership-renewed"));
  for (const std::string& step : MilestoneSteps()) EXPECT_EQ(Refusal(MilestoneRequestOf(Asked({step}, {}))), "taken");
  EXPECT_THAT(MilestoneFields("effectiveness-reviewed"), ElementsAre("figures="));
  EXPECT_THAT(MilestoneFields("frobnicate"), ElementsAre());
}

TEST(LifeCycleRequestTest, AMistakeInAStepIsExplained) {
  EXPECT_EQ(Refusal(MilestoneRequestOf(Asked({"agreement-singed"}, {}))),
            "there is no step \"agreement-singed\"; did you mean agreement-signed?");
  EXPECT_EQ(Refusal(MilestoneRequestOf(Asked({"frobnicate"}, {}))),
            "there is no step \"frobnicate\"; there are agreement-signed, governance-body-established, review-held, "
            "health-check-completed, effectiveness-reviewed, partnership-renewed");
  EXPECT_EQ(Refusal(MilestoneRequestOf(Asked({"agreement-signed", "with=klm"}, {}))),
            "agreement-signed has no \"with\"; it has no fields of its own");
  for (const std::string value : {"klm:7200", "klm:northwest:7200:1", "7200"}) {
    EXPECT_EQ(Refusal(MilestoneRequestOf(Asked({"health-check-completed", "stated-trust=" + value}, {}))),
              "stated-trust wants TRUSTOR:TRUSTEE:TRUST-BASIS-POINTS[,...], not \"" + value + "\"");
  }
  EXPECT_EQ(Refusal(MilestoneRequestOf(Asked({"health-check-completed", "stated-trust=klm:northwest:much"}, {}))),
            "trust-basis-points wants a whole number, not \"much\"");
  EXPECT_EQ(Refusal(MilestoneRequestOf(Asked({"review-held"}, {{"expected-revision", "soon"}}))),
            "--expected-revision wants a number of events, 0 and on");
  EXPECT_EQ(Refusal(MilestoneRequestOf(Asked({"review-held"}, {{"on", "soon"}}))), kNoDate);
}

TEST(LifeCycleRequestTest, AnEndSaysHow) {
  EXPECT_THAT(TerminationModes(), ElementsAre("expired", "mutual", "convenience", "for-cause", "insolvency"));
  const auto request = TerminateRequestOf(Asked({}, {{"mode", "for-cause"}}));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->mode(), trust::v1::TERMINATION_MODE_FOR_CAUSE);
  EXPECT_EQ(request->occur_time_precision(), trust::v1::TIME_PRECISION_MONTH);
  EXPECT_EQ(Refusal(TerminateRequestOf(Asked({}, {{"mode", "mutul"}}))),
            "--mode wants one of expired, mutual, convenience, for-cause, insolvency, not \"mutul\"; did you mean "
            "mutual?");
}

TEST(LifeCycleRequestTest, WhoJoinsMetSomeOrAll) {
  const auto some = AddPartnerRequestOf(Asked({"alitalia=Alitalia"}, {{"met", "klm, northwest"}}));
  ASSERT_TRUE(some.ok()) << some.status();
  EXPECT_EQ(some->partner().organization() + "/" + some->partner().display_name(), "alitalia/Alitalia");
  EXPECT_THAT(some->met(), ElementsAre("klm", "northwest"));
  EXPECT_THAT(AddPartnerRequestOf(Asked({"alitalia"}, {}))->met(), ElementsAre());
  EXPECT_EQ(Refusal(AddPartnerRequestOf(Asked({""}, {}))),
            "a partner is written ID or ID=NAME, such as acme or acme=\"Acme Corp.\", not \"\"");
}

}  // namespace
}  // namespace trustctl::life_cycle_request_test
