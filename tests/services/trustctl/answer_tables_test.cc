// The tables that people read, to the letter.
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/trustctl/event_shelf.h"
#include "services/trustctl/explain_table.h"
#include "services/trustctl/history_table.h"
#include "services/trustctl/import_summary.h"
#include "services/trustctl/partnership_table.h"
#include "services/trustctl/progress_bar.h"
#include "services/trustctl/stage_table.h"
#include "services/trustctl/timeline_table.h"

namespace trustctl {
namespace {

template <typename Message>
Message Proto(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class AnswerTablesTest : public ::testing::Test {
 protected:
  std::ostringstream out_, err_;
  Console console_{out_, err_};
};

TEST_F(AnswerTablesTest, AStageTableHasARowADirectionAndOneForTheWhole) {
  StageTable table;
  table.Add(Proto<trust::v1::AssessTrustResponse>(R"(
    partnership: "klm-northwest" as_of_date: "1996-06-30" policy_version: "trust-stages/1.0.0" policy_sha256: "0123456789abcdef"
    directions {
      trustor: "klm" trustee: "northwest" stage: STAGE_INITIAL_CONTACT since_date: "1995-11-16" condition: CONDITION_BREACHED
      ceiling: STAGE_BUILDING_RAPPORT ceiling_events: ["partnerships/klm-northwest/events/31", "partnerships/klm-northwest/events/33"]
      facets { facet: FACET_CREDIBILITY score_bp: 2000 } facets { facet: FACET_RAPPORT score_bp: 2150 }
      facets { facet: FACET_RELIABILITY score_bp: 5600 } facets { facet: FACET_NURTURE score_bp: 5000 }
    }
    directions {
      trustor: "northwest" trustee: "klm" stage: STAGE_BUILDING_RAPPORT since_date: "1993-01-20" condition: CONDITION_STEADY
      ceiling: STAGE_MAINTAINING_COMMITMENT holds_until_date: "1996-12-01" stage_after: STAGE_INITIAL_CONTACT
      facets { facet: FACET_CREDIBILITY score_bp: 7000 } facets { facet: FACET_RAPPORT score_bp: 6550 }
      facets { facet: FACET_RELIABILITY score_bp: 5600 } facets { facet: FACET_NURTURE score_bp: 5000 }
    }
    whole { stage: STAGE_INITIAL_CONTACT asymmetry: 1 })"));
  table.Print(console_);
  table.PrintFootnote(console_, "1996-06");
  EXPECT_EQ(
      out_.str(),
      R"(partnership    trustor -> trustee  stage             since       condition      ceiling                           holds until                       cred  rapp  reli  nurt
klm-northwest  klm -> northwest    initial contact   1995-11-16  breached       building rapport (events 31, 33)                                     20%   22%   56%   50%
               northwest -> klm    building rapport  1993-01-20  steady                                           1996-12-01, then initial contact   70%   66%   56%   50%
               whole               initial contact               1 stage apart

As of 1996-06-30, from what was known by 1996-06, policy trust-stages/1.0.0 (0123456789ab).
)");
}

TEST_F(AnswerTablesTest, AReadingInHindsightSaysSo) {
  StageTable table;
  table.Add(Proto<trust::v1::AssessTrustResponse>(
      R"(partnership: "x" as_of_date: "1996-06-30" policy_version: "p/1" view: VIEW_HINDSIGHT)"));
  table.PrintFootnote(console_, "");
  EXPECT_EQ(out_.str(), "\nAs of 1996-06-30, in hindsight, policy p/1.\n");
}

TEST_F(AnswerTablesTest, ATimelineDescribesTheEventsOfEachChange) {
  int calls = 0;
  EventShelf shelf("x", [&](const trust::v1::ListEventsRequest& request) {
    ++calls;
    trust::v1::ListEventsResponse page;
    for (int i = 1; i <= request.page_size(); ++i) {
      auto* event = page.add_events();
      *event = Proto<trust::v1::Event>("evidence { actor: 'b' affected: 'a' commitment_fulfilled {} }");
      event->set_revision(request.after_revision() + i);
      event->mutable_import_origin()->set_synthetic(event->revision() % 2 == 0);
    }
    return page;
  });
  const auto page = Proto<trust::v1::GetTrustTimelineResponse>(R"(
    partnership: "x"
    transitions { trustor: "a" trustee: "b" date: "1989-07-01" stage: STAGE_INITIAL_CONTACT cause: TRANSITION_CAUSE_START
                  events: "partnerships/x/events/1" event_count: 1 }
    transitions { trustor: "a" trustee: "b" date: "1993-01-20" stage_before: STAGE_INITIAL_CONTACT stage: STAGE_BUILDING_RAPPORT
                  cause: TRANSITION_CAUSE_EVENT event_count: 5 events: ["partnerships/x/events/7", "partnerships/x/events/8",
                  "partnerships/x/events/9", "partnerships/x/events/10", "partnerships/x/events/11"] }
    transitions { trustor: "a" trustee: "b" date: "1999-01-20" stage_before: STAGE_BUILDING_RAPPORT stage: STAGE_INITIAL_CONTACT
                  cause: TRANSITION_CAUSE_SILENCE })");
  TimelineTable table(&shelf);
  ASSERT_TRUE(shelf.Fetch(TimelineTable::ShownEvents(page)).ok());
  EXPECT_EQ(calls, 1);
  table.Add(page);
  table.Print(console_);
  EXPECT_EQ(out_.str(),
            R"(date        trustor -> trustee  from              to                cause
1989-07-01  a -> b                                initial contact   start: they met
      1 commitment fulfilled; b -> a
1993-01-20  a -> b              initial contact   building rapport  events of the day
      7 commitment fulfilled; b -> a
      8 commitment fulfilled; b -> a; synthetic
      9 commitment fulfilled; b -> a
      +2 more
1999-01-20  a -> b              building rapport  initial contact   silence: nothing happened for too long
)");
}

TEST_F(AnswerTablesTest, AnExplanationIsASummaryAndSmallTables) {
  const auto explanation = Proto<trust::v1::ExplainTrustResponse>(R"(
    partnership: "x" revision: 12 as_of_date: "2025-12-31" policy_version: "trust-stages/1.0.0" policy_sha256: "0123456789abcdef"
    summary: "The trust of a in b is\007 somewhere."
    reading {
      trustor: "a" trustee: "b" stage: STAGE_BUILDING_RAPPORT
      facets { facet: FACET_CREDIBILITY score_bp: 7306 positive_milli: 3412 negative_milli: 1005 }
      facets { facet: FACET_RAPPORT score_bp: 5000 }
    }
    facets {
      facet: FACET_CREDIBILITY established_since_date: "2020-02-03"
      positive { event: "partnerships/x/events/4" kind: "credibility_assessed" date: "2020-01-20" share_bp: 6100 effect_bp: 320 }
      positive { event: "partnerships/x/events/5" kind: "commitment_fulfilled" date: "2020-01-27" share_bp: 3900 effect_bp: 5 }
      negative { event: "partnerships/x/events/9" kind: "commitment_missed" date: "2021-01-27" share_bp: 10000 effect_bp: -1250 }
      sources { source: SOURCE_COUNTERPART share_bp: 9000 } sources { source: SOURCE_JOINT share_bp: 1000 }
    }
    facets { facet: FACET_RAPPORT begun_since_date: "2020-02-10" }
    missing { stage: STAGE_ESTABLISHING_RELIABILITY text: "rapport: the score is 5000 bp, needed 6500"
              events: ["partnerships/x/events/9"] }
    suggestions { kind: "shared_experience_held" date: "2026-01-01" }
    at_risk { text: "credibility is needed" holds_until_date: "2027-11-13" }
    at_risk { text: "rapport is needed" })");
  PrintExplanation(explanation, "", console_);
  EXPECT_EQ(out_.str(), R"(The trust of a in b is� somewhere.

Facets
facet        score   for  against  established since  practised since  from
credibility    73%  3.41     1.00  2020-02-03                          counterpart 90%, joint 10%
rapport        50%  0.00     0.00                     2020-02-10

What counts most
facet        speaks   event  date        what                  share  effect
credibility  for          4  2020-01-20  credibility assessed    61%   +3.20
             for          5  2020-01-27  commitment fulfilled    39%   +0.05
             against      9  2021-01-27  commitment missed      100%  -12.50

What is missing
for                       missing                                     events
establishing reliability  rapport: the score is 5000 bp, needed 6500  9

What would do, for example
date        act
2026-01-01  shared experience held

What is at risk in silence
until       what the stage rests on
2027-11-13  credibility is needed
for ever    rapport is needed

As of 2025-12-31, read from 12 events under policy trust-stages/1.0.0 (0123456789ab).
)");
}

TEST_F(AnswerTablesTest, AShelfFetchesWhatIsFarApartWithMoreCallsAndAShortPageAgain) {
  std::vector<std::pair<int64_t, int>> calls;
  EventShelf shelf("x", [&](const trust::v1::ListEventsRequest& request) {
    calls.emplace_back(request.after_revision(), request.page_size());
    trust::v1::ListEventsResponse page;
    for (int i = 1; i <= std::min(request.page_size(), 50); ++i)
      page.add_events()->set_revision(request.after_revision() + i);
    return page;
  });
  ASSERT_TRUE(shelf.Fetch({5, 7, 100, 900}).ok());
  EXPECT_EQ(calls, (std::vector<std::pair<int64_t, int>>{{4, 96}, {99, 1}, {899, 1}}));
  for (int64_t revision : {5, 7, 100, 900}) EXPECT_NE(shelf.Find(revision), nullptr) << revision;
  EXPECT_EQ(shelf.Find(6), nullptr);
}

TEST_F(AnswerTablesTest, AHistoryHasARowAnEvent) {
  HistoryTable table;
  table.Add(Proto<trust::v1::Event>(R"(
    revision: 1 occur_time { seconds: 599616000 } occur_time_precision: TIME_PRECISION_YEAR import_origin { citation: "klm92" }
    partnership_proposed { partners { organization: "klm" } partners { organization: "northwest" } })"));
  table.Add(Proto<trust::v1::Event>(R"(
    revision: 2 occur_time { seconds: 727488000 } occur_time_precision: TIME_PRECISION_DAY import_origin { synthetic: true }
    evidence { actor: "klm" affected: "northwest" source: SOURCE_COUNTERPART label: "loans" materiality: MATERIALITY_HIGH
               partner_goal_supported {} })"));
  table.Print(console_);
  EXPECT_EQ(
      out_.str(),
      R"(rev  date        what happened           actor -> affected  source       weight  mark       label  citation
  1  1989        partnership proposed    klm, northwest                                            klm92
  2  1993-01-20  partner goal supported  klm -> northwest   counterpart  high    synthetic  loans
)");
}

TEST_F(AnswerTablesTest, AHistoryTellsWhoRecordedAndWhatWasSaidOfARecordSince) {
  HistoryTable table;
  table.Add(Proto<trust::v1::Event>(R"(
    revision: 4 recorder: "klm" occur_time { seconds: 727488000 } import_origin { synthetic: true }
    evidence { actor: "northwest" affected: "klm" source: SOURCE_COUNTERPART commitment_fulfilled {} })"));
  table.Add(Proto<trust::v1::Event>(R"(
    revision: 5 recorder: "klm" occur_time { seconds: 727488000 }
    evidence_corrected { event: "partnerships/x/events/4" replacement {
      actor: "northwest" affected: "klm" source: SOURCE_COUNTERPART commitment_fulfilled { result: FULFILMENT_RESULT_LATE } } })"));
  table.marks().Learn(
      Proto<trust::v1::Event>(R"(revision: 1002 evidence_retracted { event: "partnerships/x/events/6" })"));
  table.Print(console_);
  table.Add(Proto<trust::v1::Event>(R"(
    revision: 6 recorder: "klm" occur_time { seconds: 727488000 }
    evidence { actor: "northwest" affected: "klm" source: SOURCE_COUNTERPART feedback_given {} })"));
  table.Print(console_);
  EXPECT_EQ(
      out_.str(),
      R"(rev  date        what happened                                                 actor -> affected  source       by   weight  mark
  4  1993-01-20  commitment fulfilled                                          northwest -> klm   counterpart  klm  medium  corrected by 5, synthetic
  5  1993-01-20  evidence corrected (event 4, now commitment fulfilled: late)  northwest -> klm   counterpart  klm  medium
  6  1993-01-20  feedback given                                                northwest -> klm   counterpart  klm  medium  retracted by 1002
)");
}

TEST_F(AnswerTablesTest, AHistoryShowsWhatIsKeptAboutPersonsOrThatItWasErased) {
  HistoryTable table;
  table.Add(Proto<trust::v1::Event>(R"(
    revision: 3 occur_time { seconds: 727488000 } contact_assigned { contact: "ada" organization: "klm" }
    profile { display_name: "Ada Example" email: "ada@example.com" })"));
  table.Add(Proto<trust::v1::Event>(R"(
    revision: 4 occur_time { seconds: 727488000 } partnership_suspended {}
    note { contact: "ada" text: "first line\nsecond" })"));
  table.Add(Proto<trust::v1::Event>(R"(
    revision: 5 occur_time { seconds: 727488000 } partnership_resumed {}
    erasure { contact: "bert" erase_time { seconds: 1700000000 } request: "ticket 4711" })"));
  table.Add(Proto<trust::v1::Event>(R"(
    revision: 6 occur_time { seconds: 727488000 } partnership_suspended {} unreadable: true)"));
  table.Print(console_);
  for (const char* line : {"profile: Ada Example, ada@example.com\n", "note about ada: first line second\n",
                           "what was kept about bert was erased on 2023-11-14, by request ticket 4711\n",
                           "what is kept about a person cannot be read: tell the operator\n"}) {
    EXPECT_THAT(out_.str(), testing::HasSubstr(line));
  }
}

TEST_F(AnswerTablesTest, AReplayShowsWhatEachEventChanged) {
  HistoryTable table;
  table.Add(Proto<trust::v1::ReplayStep>(R"(
    as_of_date: "1993-01-20"
    event { revision: 2 occur_time { seconds: 727488000 } evidence { actor: "*" affected: ["a", "b"] shared_experience_held {} } }
    changes { trustor: "a" trustee: "b" stage_before: STAGE_INITIAL_CONTACT stage: STAGE_BUILDING_RAPPORT }
    changes { trustor: "b" trustee: "a" stage_before: STAGE_INITIAL_CONTACT stage: STAGE_BUILDING_RAPPORT })"));
  table.Print(console_);
  EXPECT_EQ(out_.str(), R"(rev  date        what happened           actor -> affected  weight
  2  1993-01-20  shared experience held  jointly: a, b      medium
      => 1993-01-20 a -> b: initial contact -> building rapport
      => 1993-01-20 b -> a: initial contact -> building rapport
)");
}

TEST_F(AnswerTablesTest, AnImportSummaryCountsAndNamesTheRejected) {
  ImportSummary summary({"a.jsonl", "b.jsonl"});
  SpooledItem item;
  item.line = 7;
  item.item.set_partnership("x");
  item.item.set_external_id("e1");
  summary.Add(item, Proto<trust::v1::ImportResult>("outcome: IMPORT_OUTCOME_CREATED warnings: 'It is early.'"));
  summary.Add(item, Proto<trust::v1::ImportResult>("outcome: IMPORT_OUTCOME_UNCHANGED"));
  item.file = 1;
  item.line = 9;
  summary.Add(item,
              Proto<trust::v1::ImportResult>("outcome: IMPORT_OUTCOME_REJECTED error { code: 3 message: 'bad' }"));
  summary.Print(console_);
  EXPECT_EQ(summary.answered(), 3);
  EXPECT_EQ(summary.rejected(), 1);
  EXPECT_EQ(out_.str(), R"(file     partnership  created  unchanged  rejected  warnings
a.jsonl  x                  1          1         0         1
b.jsonl  x                  0          0         1         0
         in all             1          1         1         1

Rejected:
  b.jsonl:9: e1: INVALID_ARGUMENT: bad

Stored although they break a rule:
  a.jsonl:7: e1: It is early.
)");
}

TEST_F(AnswerTablesTest, AProgressLineTellsRateAndRest) {
  EXPECT_EQ(ProgressLine("importing", 5000, 10000, absl::Seconds(2)),
            "importing [############------------] 50%  5,000 of 10,000  2,500/s  2s left");
  EXPECT_EQ(ProgressLine("checking", 5000, 0, absl::Seconds(2)), "checking  5,000  2,500/s");
  EXPECT_EQ(ProgressLine("importing", 0, 10, absl::ZeroDuration()),
            "importing [------------------------] 0%  0 of 10  0/s");
}

TEST_F(AnswerTablesTest, APartnershipIsShownAsItStands) {
  PrintPartnership(Proto<trust::v1::Partnership>(R"(
    partnership: "acme-globex" display_name: "Acme and Globex" state: PARTNERSHIP_STATE_ENDED revision: 12 imported: true
    partners { organization: "acme" display_name: "Acme Corp." } partners { organization: "globex" display_name: "globex" }
    initial_contact_time { seconds: 727488000 } end_time { seconds: 728524800 }
    ties { organizations: "acme" organizations: "globex" } policy_sha256: "0123456789abcdef")"),
                   console_);
  EXPECT_EQ(out_.str(),
            "what         how it is\n"
            "partnership  acme-globex (Acme and Globex)\n"
            "state        ended\n"
            "since        1993-01-20\n"
            "ended        1993-02-01\n"
            "partner      acme (Acme Corp.)\n"
            "partner      globex\n"
            "tie          acme - globex\n"
            "policy       tied to 0123456789ab\n"
            "history      12 events, all imported\n");
}

TEST_F(AnswerTablesTest, AContactIsShownWithWhatIsKnownOfThePerson) {
  auto contact = Proto<trust::v1::GetContactResponse>(R"(
    contact: "person-9" assignments { organization: "globex" since_date: "2025-02-03" until_date: "2025-03-01" }
    assignments { organization: "globex" since_date: "2025-04-01" } profile { display_name: "Ada Example" position: "manager" })");
  PrintContact(contact, console_);
  const std::string assignments =
      "contact   of      from        until\n"
      "person-9  globex  2025-02-03  2025-03-01\n"
      "person-9  globex  2025-04-01\n\n";
  EXPECT_EQ(out_.str(), assignments +
                            "what      who it is\n"
                            "name      Ada Example\n"
                            "position  manager\n");
  const auto shown = [&] {
    out_.str("");
    PrintContact(contact, console_);
    return out_.str();
  };
  contact.clear_profile();
  EXPECT_EQ(shown(), assignments + "Nothing is recorded of who it is.\n");
  contact.set_unreadable(true);
  EXPECT_EQ(shown(), assignments + "A profile is there that this server cannot read.\n");
  contact.mutable_erasure();
  EXPECT_EQ(shown(), assignments + "What was known of this person was erased.\n");
}

}  // namespace
}  // namespace trustctl
