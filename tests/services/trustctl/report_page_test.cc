// The page as a whole, what is drawn on it, and which days are read for it.

#include "services/trustctl/report_page.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "services/trustctl/report_assets.h"
#include "services/trustctl/report_chart_data.h"
#include "services/trustctl/report_proof.h"
#include "services/trustctl/report_reading.h"

namespace trustctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHostile[] = "</script><img src=x onerror=a()>";

int Occurrences(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(ReportPageTest, NothingStoredBecomesMarkupOrScript) {
  const std::string page = ReportPage(kHostile, kHostile, {{"a", kHostile, HtmlText(kHostile)}},
                                      absl::StrCat("{\"name\":\"", kHostile, "\"}"));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  // The data, the library and our own.
  EXPECT_EQ(Occurrences(page, "</script>"), 3);
  EXPECT_THAT(page, HasSubstr("<title>&lt;/script&gt;&lt;img src=x onerror=a()&gt;</title>"));
}

TEST(ReportPageTest, ThePolicyLetsInWhatThePageHasAndNothingElse) {
  const std::string page = ReportPage("t", "s", {}, "{}");
  EXPECT_THAT(page, HasSubstr("default-src &#39;none&#39;; script-src &#39;sha256-"));
  EXPECT_THAT(page, Not(HasSubstr("unsafe-inline")));
  for (const char* asset : {kReportLibrary, kReportScript, kReportStyle, kReportLicence})
    EXPECT_GT(std::string(asset).size(), 100U);
  for (const char* digest : {kReportLibrarySha256, kReportScriptSha256, kReportStyleSha256})
    EXPECT_EQ(std::string(digest).size(), 64U);
  EXPECT_THAT(page, HasSubstr("Redistribution and use in source and binary forms"));
  EXPECT_THAT(page, Not(HasSubstr("src=\"")));
}

TEST(ReportPageTest, TheContentsLeadToEachPart) {
  const std::string page = ReportPage("t", "s", {{"one", "First", Html()}, {"two", "Second", Html()}}, "{}");
  EXPECT_THAT(page, HasSubstr("<a href=\"#two\">Second</a>"));
  EXPECT_THAT(page,
              HasSubstr("<section id=\"two\" aria-labelledby=\"two-heading\"><h2 id=\"two-heading\">Second</h2>"));
}

TEST(ReportPageTest, WhatIsDrawnIsData) {
  PartnershipReport report;
  trust::v1::DirectionReading* const direction = report.held.add_directions();
  direction->set_trustor("klm");
  direction->set_trustee("northwest");
  trust::v1::Transition change;
  change.set_trustor("klm");
  change.set_trustee("northwest");
  change.set_date("1993-01-20");
  change.set_stage(trust::v1::STAGE_BUILDING_RAPPORT);
  change.set_cause(trust::v1::TRANSITION_CAUSE_EVENT);
  change.add_events("partnerships/x/events/9");
  change.set_event_count(1);
  report.held_path = {change};
  report.last_date = "1994-01-01";
  Promise promise;
  promise.promisor = "*";
  promise.label = kHostile;
  promise.due_date = "1993-06-01";
  google::protobuf::Struct data;
  const std::string json = PartnershipChartData(report, {}, {promise});
  EXPECT_THAT(json, Not(HasSubstr("\n")));
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &data).ok());
  const auto& drawn = data.fields().at("directions").list_value().values(0).struct_value().fields();
  EXPECT_EQ(drawn.at("name").string_value(), "klm → northwest");
  const auto& step = drawn.at("held").list_value().values(0).struct_value().fields();
  EXPECT_EQ(step.at("stage").number_value(), 2);
  EXPECT_EQ(step.at("events").string_value(), "9");
  EXPECT_EQ(drawn.at("hindsight").list_value().values_size(), 0);
  const auto& mark = data.fields().at("promises").list_value().values(0).struct_value().fields();
  EXPECT_EQ(mark.at("row").string_value(), "jointly");
  EXPECT_EQ(mark.at("date").string_value(), "1993-06-01");
  EXPECT_EQ(mark.at("outcome").string_value(), "open");
}

TEST(ReportPageTest, WithoutACheckpointThePageSaysWhy) {
  EXPECT_THAT(ProofSection(std::nullopt, "x").markup(), HasSubstr("signs no checkpoints"));
  trust::v1::GetCheckpointResponse checkpoint;
  checkpoint.set_size(7);
  checkpoint.set_verifier_key("log+1+it's");
  const std::string proof = ProofSection(checkpoint, "acme-globex").markup();
  EXPECT_THAT(proof, HasSubstr("--verifier-key &#39;log+1+it&#39;\\&#39;&#39;s&#39;"));
  EXPECT_THAT(proof,
              HasSubstr("trustctl audit export --partnership acme-globex --out acme-globex.audit --tree-size 7"));
}

TEST(ReportReadingTest, ScoresAreReadWhereSomethingHappenedAndBetween) {
  const std::vector<std::string> days =
      SampleDays("2024-01-01", "2024-01-05", {"2024-01-03", "2023-01-01", "2025-01-01"});
  EXPECT_THAT(days, ElementsAre("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"));
  EXPECT_THAT(SampleDays("2024-01-01", "2024-01-01", {}), ElementsAre("2024-01-01"));
}

TEST(ReportReadingTest, ManyDaysAreThinnedEvenlyFromTheFirstToTheLast) {
  std::vector<std::string> happened;
  for (int year = 1900; year < 2000; ++year) {
    for (int month = 1; month <= 9; ++month) happened.push_back(absl::StrCat(year, "-0", month, "-15"));
  }
  const std::vector<std::string> days = SampleDays("1900-01-01", "2000-01-01", happened);
  EXPECT_LE(days.size(), 160U);
  EXPECT_GE(days.size(), 100U);
  EXPECT_EQ(days.front(), "1900-01-01");
  EXPECT_EQ(days.back(), "2000-01-01");
}

TEST(ReportReadingTest, ChartsEndSomeTimeAfterTheLastThingThatHappened) {
  EXPECT_EQ(LastDayDrawn("2000-01-01", "2012-01-01", "2012-02-01"), "2012-02-01");
  EXPECT_EQ(LastDayDrawn("2000-01-01", "2012-01-01", "2026-01-01"), "2012-12-31");
  EXPECT_EQ(LastDayDrawn("2000-01-01", "2000-01-01", "2026-01-01"), "2000-01-31");
}

}  // namespace
}  // namespace trustctl
