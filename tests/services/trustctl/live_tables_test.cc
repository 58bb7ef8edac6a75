// The tables of replays, simulations and watches, to the letter.
#include <algorithm>
#include <sstream>
#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/trustctl/replay_table.h"
#include "services/trustctl/replayed_history.h"
#include "services/trustctl/simulation_table.h"
#include "services/trustctl/watch_table.h"

namespace trustctl {
namespace {

template <typename Message>
Message OfText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class LiveTablesTest : public ::testing::Test {
 protected:
  std::ostringstream out_, err_;
  Console console_{out_, err_};
};

TEST_F(LiveTablesTest, AReplayShowsWhichReadingsAnEventMovedAndByHowMuch) {
  ReplayTable table;
  table.Add(OfText<trust::v1::ReplayStep>(R"(
    event { revision: 1 occur_time { seconds: 725500800 } evidence { actor: "b" affected: "a" feedback_given {} } }
    directions { trustor: "a" trustee: "b" stage: STAGE_INITIAL_CONTACT condition: CONDITION_STEADY
                 facets { score_bp: 5000 } facets { score_bp: 5000 } facets { score_bp: 5000 } facets { score_bp: 5000 } })"));
  table.Add(OfText<trust::v1::ReplayStep>(R"(
    event { revision: 2 occur_time { seconds: 727660800 } evidence { actor: "b" affected: "a" commitment_fulfilled {} } }
    directions { trustor: "a" trustee: "b" stage: STAGE_BUILDING_RAPPORT condition: CONDITION_STEADY
                 facets { score_bp: 6550 } facets { score_bp: 4900 } facets { score_bp: 5000 } facets { score_bp: 5049 } }
    revised { trustor: "a" trustee: "b" first_date: "1993-01-02" last_date: "1993-01-09" stage_before: STAGE_INITIAL_CONTACT
              stage: STAGE_BUILDING_RAPPORT })"));
  table.Add(OfText<trust::v1::ReplayStep>(R"(
    event { revision: 3 occur_time { seconds: 727747200 } evidence { actor: "b" affected: "a" commitment_fulfilled {} } }
    directions { trustor: "a" trustee: "b" stage: STAGE_BUILDING_RAPPORT condition: CONDITION_STEADY
                 facets { score_bp: 6551 } facets { score_bp: 4900 } facets { score_bp: 5000 } facets { score_bp: 5049 } })"));
  table.Print(console_);
  EXPECT_EQ(
      out_.str(),
      R"(rev  date        what happened         actor -> affected  trustor -> trustee  stage                                condition     cred    rapp  reli  nurt
  1  1992-12-28  feedback given        b -> a
                                                          a -> b              before contact -> initial contact    steady         50%     50%   50%   50%
  2  1993-01-22  commitment fulfilled  b -> a
                                                          a -> b              initial contact -> building rapport  steady     66% +16  49% -1   50%   50%
      earlier days read otherwise now: a -> b from 1993-01-02 to 1993-01-09: initial contact -> building rapport
  3  1993-01-23  commitment fulfilled  b -> a
)");
  EXPECT_EQ(EndInWords(OfText<trust::v1::ReplayEnd>("revision: 3 event_count: 3 policy_version: 'p/1'")),
            "The replay is complete: 3 events up to revision 3, under policy p/1.");
}

TEST_F(LiveTablesTest, ASimulationShowsWhoseStageWouldBeAnother) {
  SimulationTable table;
  table.Add(OfText<trust::v1::SimulatedDifference>(R"(
    partnership: "x"
    directions { trustor: "a" trustee: "b" stage: STAGE_INITIAL_CONTACT stage_simulated: STAGE_BUILDING_RAPPORT
                 transitions { date: "1990-01-01" stage: STAGE_INITIAL_CONTACT }
                 transitions_simulated { date: "1990-01-01" stage: STAGE_INITIAL_CONTACT }
                 transitions_simulated { date: "1991-05-05" stage: STAGE_BUILDING_RAPPORT } }
    directions { trustor: "b" trustee: "a" stage: STAGE_INITIAL_CONTACT stage_simulated: STAGE_INITIAL_CONTACT
                 transitions { date: "1990-01-01" stage: STAGE_INITIAL_CONTACT }
                 transitions_simulated { date: "1989-12-31" stage: STAGE_INITIAL_CONTACT } })"));
  table.Print(console_);
  EXPECT_EQ(out_.str(),
            "partnership  trustor -> trustee  stage now        would be          differs since\n"
            "x            a -> b              initial contact  building rapport  1991-05-05\n"
            "             b -> a              initial contact  the same today    1989-12-31\n");
  EXPECT_EQ(
      SimulationInWords(OfText<trust::v1::SimulationEnd>(
          "partnership_count: 7 difference_count: 3 stage_difference_count: 1 event_count: 1234 "
          "policy_version: 'p/2' policy_sha256: '0123456789abcdef'")),
      "7 partnerships with 1,234 events read under policy p/2 (0123456789ab): the stage would be another today in "
      "1, and in 2 more only the way there.");
}

TEST_F(LiveTablesTest, AWatchShowsReadingsChangesAndWhatIsReadOtherwise) {
  TrustWatchTable table;
  table.Add(OfText<trust::v1::WatchTrustResponse>(R"(
    snapshot { partnership: "x" reading { trustor: "a" trustee: "b" stage: STAGE_INITIAL_CONTACT since_date: "1990-01-01"
                                          condition: CONDITION_STEADY } })"));
  table.Add(OfText<trust::v1::WatchTrustResponse>(R"(caught_up { date: "1991-01-01" })"));
  table.Add(OfText<trust::v1::WatchTrustResponse>(R"(
    change { partnership: "x" trustor: "a" trustee: "b" date: "1991-05-05" stage_before: STAGE_INITIAL_CONTACT
             stage: STAGE_BUILDING_RAPPORT condition_before: CONDITION_STEADY condition: CONDITION_STRAINED
             cause: TRANSITION_CAUSE_EVENT })"));
  table.Add(OfText<trust::v1::WatchTrustResponse>(R"(
    revised { partnership: "x" intervals { trustor: "a" trustee: "b" first_date: "1990-06-01" last_date: "1990-07-01"
                                           stage_before: STAGE_INITIAL_CONTACT stage: STAGE_BUILDING_RAPPORT } })"));
  table.Print(console_);
  EXPECT_EQ(
      out_.str(),
      "date        partnership  trustor -> trustee  stage                                condition           because "
      "of\n"
      "1990-01-01  x            a -> b              initial contact                      steady\n"
      "1991-05-05  x            a -> b              initial contact -> building rapport  steady -> strained  an event\n"
      "1990-06-01  x            a -> b              initial contact -> building rapport                      an event "
      "about "
      "the past up to 1990-07-01\n");
}

TEST_F(LiveTablesTest, AWatchShowsReadingsTogetherAndChangesAtOnce) {
  TrustWatchTable table;
  const auto snapshot = OfText<trust::v1::WatchTrustResponse>(R"(snapshot { partnership: "x" })");
  table.Show(snapshot, console_);
  table.Show(snapshot, console_);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(table.waiting(), 2U);
  table.Show(OfText<trust::v1::WatchTrustResponse>(R"(caught_up { date: "1991-01-01" })"), console_);
  EXPECT_EQ(table.waiting(), 0U);
  EXPECT_NE(out_.str(), "");
}

TEST_F(LiveTablesTest, AWatchCountsReadingsAndChangesAndNoSignsOfLife) {
  for (const char* text : {"snapshot {}", "change {}", "revised { intervals {} intervals {} }"}) {
    EXPECT_EQ(TrustWatchTable::CountOf(OfText<trust::v1::WatchTrustResponse>(text)), 1) << text;
  }
  EXPECT_EQ(TrustWatchTable::CountOf(OfText<trust::v1::WatchTrustResponse>("caught_up {}")), 0);
  EXPECT_EQ(TrustWatchTable::CountOf(trust::v1::WatchTrustResponse()), 0);
}

TEST_F(LiveTablesTest, AWatchForProgramsKeepsNothingHoweverLongItRuns) {
  console_.json = true;
  TrustWatchTable changes;
  EventWatchTable events;
  const auto change = OfText<trust::v1::WatchTrustResponse>(R"(change { partnership: "x" })");
  const auto two =
      OfText<trust::v1::WatchEventsResponse>(R"(events { events { revision: 1 } events { revision: 2 } })");
  for (int i = 0; i < 1000; ++i) {
    changes.Show(change, console_);
    EXPECT_EQ(events.Show(two, 1, console_), 2) << "what is printed as JSON is never cut";
  }
  EXPECT_EQ(changes.waiting(), 0U);
  EXPECT_EQ(events.waiting(), 0U);
  const std::string printed = out_.str();
  EXPECT_EQ(std::count(printed.begin(), printed.end(), '\n'), 2000);
}

TEST_F(LiveTablesTest, AWatchForPeopleShowsSoManyEventsAndNoMore) {
  EventWatchTable table;
  const auto three = OfText<trust::v1::WatchEventsResponse>(
      R"(events { events { revision: 71 } events { revision: 72 } events { revision: 73 } })");
  EXPECT_EQ(table.Show(three, 2, console_), 2);
  EXPECT_NE(out_.str().find("72"), std::string::npos);
  EXPECT_EQ(out_.str().find("73"), std::string::npos);
  EXPECT_EQ(table.Show(OfText<trust::v1::WatchEventsResponse>("checkpoint {}"), 2, console_), 0);
}

}  // namespace
}  // namespace trustctl
