#include "services/trustctl/words.h"

#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/trustctl/reading_words.h"

namespace trustctl {
namespace {

trust::v1::Event Event(const std::string& text) {
  trust::v1::Event event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
  return event;
}

TEST(WordsTest, EnumsLoseTheirPrefix) {
  EXPECT_EQ(InWords(trust::v1::STAGE_BUILDING_RAPPORT), "building rapport");
  EXPECT_EQ(InWords(trust::v1::SOURCE_THIRD_PARTY), "third party");
  EXPECT_EQ(InWords(trust::v1::TRANSITION_CAUSE_SILENCE), "silence");
  EXPECT_EQ(InWords(trust::v1::STAGE_UNSPECIFIED), "");
  EXPECT_EQ(EnumInWords(trust::v1::Stage_descriptor(), 99), "stage 99");
}

TEST(WordsTest, TheKindIsTheInnermostFieldThatIsSet) {
  EXPECT_EQ(KindInWords(Event("evidence { commitment_fulfilled {} }")), "commitment fulfilled");
  EXPECT_EQ(KindInWords(Event("milestone { agreement_signed {} }")), "agreement signed");
  EXPECT_EQ(KindInWords(Event("partnership_suspended {}")), "partnership suspended");
  EXPECT_EQ(KindInWords(Event("evidence_corrected { replacement { conflict_raised {} } }")), "evidence corrected");
}

TEST(WordsTest, AKindThatIsNewerThanTheProgramIsSaidToBeUnknown) {
  EXPECT_EQ(WhatHappened(Event("")), "unknown to this trustctl");
  EXPECT_EQ(WhatHappened(Event("evidence { actor: 'klm' }")), "unknown to this trustctl");
  EXPECT_EQ(WhatHappened(Event("milestone {}")), "unknown to this trustctl");
}

TEST(WordsTest, WhatTheKindSaysStandsBesideIt) {
  EXPECT_EQ(WhatHappened(Event("evidence { commitment_fulfilled { commitment: 'partnerships/x/events/12' "
                               "result: FULFILMENT_RESULT_LATE } }")),
            "commitment fulfilled (commitment 12, late)");
  EXPECT_EQ(WhatHappened(Event("evidence { commitment_made { due_time { seconds: 727488000 } } }")),
            "commitment made (due 1993-01-20)");
  EXPECT_EQ(
      WhatHappened(Event("evidence { violation_reported { type: VIOLATION_TYPE_OPPORTUNISM severity: SEVERITY_MAJOR "
                         "standing: STANDING_ALLEGED deception: true } }")),
      "violation reported (opportunism, alleged, deception)");
  EXPECT_EQ(WhatHappened(Event("partnership_terminated { mode: TERMINATION_MODE_FOR_CAUSE }")),
            "partnership terminated (for cause)");
  EXPECT_EQ(WhatHappened(Event("evidence { interpersonal_trust_attested { reliability: 4 integrity: 5 } }")),
            "interpersonal trust attested (reliability 4, integrity 5)");
}

TEST(WordsTest, ACorrectionTellsWhatHoldsInstead) {
  const trust::v1::Event correction = Event(
      "revision: 10 evidence_corrected { event: 'partnerships/x/events/4' replacement { actor: 'klm' affected: "
      "'northwest' source: SOURCE_COUNTERPART materiality: MATERIALITY_HIGH label: 'hub' commitment_fulfilled { "
      "result: FULFILMENT_RESULT_LATE } } }");
  EXPECT_EQ(InOneLine(correction),
            "10 evidence corrected (event 4, now commitment fulfilled: late), hub; klm -> northwest");
  EXPECT_EQ(WeightInWords(correction), "high");
  EXPECT_EQ(SourceInWords(correction), "counterpart");
}

TEST(WordsTest, ThoseInvolvedAreNamed) {
  EXPECT_EQ(WhoWasInvolved(Event("evidence { actor: 'klm' affected: 'northwest' }")), "klm -> northwest");
  EXPECT_EQ(WhoWasInvolved(Event("evidence { actor: '*' affected: ['klm', 'northwest'] }")), "jointly: klm, northwest");
  EXPECT_EQ(WhoWasInvolved(Event("evidence { actor: 'klm' witnesses: 'delta' }")), "klm (learned by delta)");
  EXPECT_EQ(WhoWasInvolved(
                Event("partnership_proposed { partners { organization: 'klm' } partners { organization: 'nw' } }")),
            "klm, nw");
  EXPECT_EQ(WhoWasInvolved(Event("partnership_suspended {}")), "");
}

TEST(WordsTest, TheWeightIsSeverityForAViolationAndMaterialityElse) {
  EXPECT_EQ(WeightInWords(Event("evidence { conflict_raised {} }")), "medium");
  EXPECT_EQ(WeightInWords(Event("evidence { conflict_raised {} materiality: MATERIALITY_HIGH }")), "high");
  EXPECT_EQ(WeightInWords(
                Event("evidence { violation_reported { severity: SEVERITY_CRITICAL } materiality: MATERIALITY_LOW }")),
            "critical");
  EXPECT_EQ(WeightInWords(Event("evidence { violation_reported {} }")), "moderate");
  EXPECT_EQ(WeightInWords(Event("partnership_suspended {}")), "");
}

TEST(WordsTest, OneLineTellsWhatAnEventWas) {
  EXPECT_EQ(InOneLine(Event("revision: 17 import_origin { synthetic: true citation: 'klm92' } evidence { actor: 'klm' "
                            "affected: 'northwest' label: 'joint-hub' shared_experience_held {} }")),
            "17 shared experience held, joint-hub; klm -> northwest; synthetic [klm92]");
}

TEST(WordsTest, ACitationIsShownByItsKeys) {
  EXPECT_EQ(CitationInWords(
                Event("import_origin { citation: 'fg10959: https://x.y/z (as KLM tells it); klm-bw: http://a/b' }")),
            "fg10959 (as KLM tells it); klm-bw");
  EXPECT_EQ(CitationInWords(Event("import_origin { citation: 'https://x.y/z' }")), "https://x.y/z");
  EXPECT_EQ(CitationInWords(Event("import_origin { citation: 'Letter 17: to the board' }")), "Letter 17: to the board");
  EXPECT_EQ(CitationInWords(Event("import_origin { citation: 'synthetic: routine assumed' synthetic: true }")),
            "routine assumed");
}

TEST(WordsTest, AnEventIsKnownByItsRevision) {
  EXPECT_EQ(RevisionOf("partnerships/x/events/17"), 17);
  EXPECT_EQ(RevisionOf("17"), 0);
  EXPECT_EQ(RevisionOf("partnerships/x/events/"), 0);
  EXPECT_EQ(RevisionOf(""), 0);
}

TEST(WordsTest, AChangeTellsOnlyWhatChanged) {
  trust::v1::ReadingChange change;
  change.set_trustor("klm");
  change.set_trustee("northwest");
  change.set_stage(trust::v1::STAGE_INITIAL_CONTACT);
  change.set_condition(trust::v1::CONDITION_STEADY);
  EXPECT_EQ(ChangeInWords(change), "klm -> northwest: before contact -> initial contact, none -> steady");
  change.set_stage_before(trust::v1::STAGE_INITIAL_CONTACT);
  change.set_condition_before(trust::v1::CONDITION_BREACHED);
  EXPECT_EQ(ChangeInWords(change), "klm -> northwest: breached -> steady");
}

TEST(WordsTest, PercentagesAreRounded) {
  EXPECT_EQ(Percent(8649), "86%");
  EXPECT_EQ(Percent(8650), "87%");
  EXPECT_EQ(Percent(0), "0%");
  EXPECT_EQ(Percent(10000), "100%");
}

}  // namespace
}  // namespace trustctl
