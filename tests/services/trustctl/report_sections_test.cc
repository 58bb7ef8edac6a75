// What the text and the tables of a report say.

#include "services/trustctl/report_sections.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/trustctl/report_portfolio.h"

namespace trustctl::report_sections_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The markup of the section.
std::string MarkupOf(const std::vector<ReportSection>& sections, const std::string& id) {
  for (const ReportSection& section : sections) {
    if (section.id == id) return section.content.markup();
  }
  return "there is no section " + id;
}

std::string SectionOf(const PartnershipReport& report, const std::string& id) {
  return MarkupOf(PartnershipSections(report, {}, {}), id);
}

PartnershipReport Explained(const std::string& explanation) {
  PartnershipReport report;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(explanation, &report.explanations.emplace_back()))
      << explanation;
  return report;
}

TEST(ReportSectionsTest, BeforeTheFirstContactNothingIsSaidToRaiseAStage) {
  const std::string before =
      SectionOf(Explained("reading { trustor: 'a' trustee: 'b' stage: STAGE_UNSPECIFIED }"), "missing");
  EXPECT_THAT(before, HasSubstr("They had not met yet"));
  EXPECT_THAT(before, Not(HasSubstr("raises the stage")));
  EXPECT_THAT(SectionOf(Explained("reading { trustor: 'a' trustee: 'b' stage: STAGE_BUILDING_RAPPORT }"), "missing"),
              HasSubstr("Nothing is missing: another good act raises the stage."));
  EXPECT_THAT(
      SectionOf(Explained("reading { trustor: 'a' trustee: 'b' stage: STAGE_MAINTAINING_COMMITMENT }"), "missing"),
      HasSubstr("This is the highest stage."));
}

TEST(ReportSectionsTest, AnEffectIsToldAsTheExplanationTellsIt) {
  const std::string words = SectionOf(Explained(R"(
    reading { trustor: "a" trustee: "b" }
    facets { facet: FACET_RAPPORT
             positive { event: "partnerships/x/events/4" kind: "feedback_given" effect_bp: 329 }
             negative { event: "partnerships/x/events/5" kind: "commitment_missed" effect_bp: -7 } })"),
                                      "words");
  EXPECT_THAT(words, HasSubstr("+3.29 points"));
  EXPECT_THAT(words, HasSubstr("−0.07 points"));
}

TEST(ReportSectionsTest, SentencesStandApart) {
  EXPECT_THAT(SectionOf(PartnershipReport(), "evidence"), HasSubstr("There is no evidence. Imported: "));
}

TEST(ReportSectionsTest, WhatNeedsCareIsToldOfTodayAlone) {
  PartnershipReport report;
  EXPECT_THAT(SectionOf(report, "attention"), HasSubstr("left out of a report with --as-of, --known or --policy"));
  report.attention.emplace().set_as_of_date("2026-01-02");
  EXPECT_THAT(SectionOf(report, "attention"), HasSubstr("Nothing needs care on 2026-01-02."));
  trust::v1::AttentionItem* const item = report.attention->add_items();
  item->set_text("a promise is due");
  EXPECT_THAT(SectionOf(report, "attention"), HasSubstr("a promise is due"));
}

TEST(ReportSectionsTest, ConditionsTheCeilingAndTheFacetsAreExplained) {
  PortfolioReport portfolio;
  portfolio.members.emplace_back().held.add_directions()->set_trustor("a");
  const std::string all = MarkupOf(PortfolioSections(portfolio), "stages");
  const std::string one = SectionOf(PartnershipReport(), "glance");
  for (const char* word :
       {"steady, ", "dormant, ", "strained, ", "breached, ", "repairing, ", "ended, ", "The ceiling is "}) {
    EXPECT_THAT(one, HasSubstr(word));
    EXPECT_THAT(all, HasSubstr(word));
  }
  EXPECT_THAT(all, HasSubstr("nurture (is the relationship looked after)"));
  EXPECT_THAT(SectionOf(PartnershipReport(), "scores"), HasSubstr("nurture (is the relationship looked after)"));
}

}  // namespace
}  // namespace trustctl::report_sections_test
