#include "eventstore/append_plan.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/eventstore/story.h"

namespace eventstore {
namespace {

absl::StatusOr<uint64_t> NoStreams(absl::string_view) { return 0; }

TEST(AppendPlanTest, AnAppendSeesTheOnesBeforeItInTheGroup) {
  AppendPlan plan(10, AtSecond(5));
  EXPECT_EQ(plan.Add(AppendOf({To("a", 0, {"1", "2"})}), NoStreams)->first_position, 11);
  EXPECT_EQ(AheadText(plan.Add(AppendOf({To("a", 0, {"3"})}), NoStreams).status()), "a:2");
  EXPECT_EQ(plan.Add(AppendOf({To("a", 2, {"3"})}), NoStreams)->first_position, 13);
  EXPECT_EQ(plan.log_size(), 13);
  EXPECT_EQ(plan.latest_record_time(), AtSecond(5));
  EXPECT_EQ(plan.heads().at("a"), 3);
}

TEST(AppendPlanTest, ARefusedAppendChangesNothing) {
  AppendPlan plan(0, absl::InfinitePast());
  EXPECT_FALSE(plan.Add(AppendOf({To("a", 0, {"1"}), To("b", 9, {"2"})}, {}, 100), NoStreams).ok());
  EXPECT_EQ(plan.log_size(), 0);
  EXPECT_EQ(plan.latest_record_time(), absl::InfinitePast());
  EXPECT_TRUE(plan.heads().empty());
}

TEST(AppendPlanTest, AHeadThatCannotBeReadIsNotGuessed) {
  AppendPlan plan(0, absl::InfinitePast());
  const auto broken = [](absl::string_view) -> absl::StatusOr<uint64_t> { return absl::DataLossError("head"); };
  EXPECT_TRUE(absl::IsDataLoss(plan.Add(AppendOf({To("a", 0, {"1"})}), broken).status()));
  EXPECT_EQ(plan.log_size(), 0);
}

TEST(AppendPlanTest, RecordsAreNumberedInTheOrderGiven) {
  std::string records;
  AppendPlan::MakeRecords(AppendOf({To("a", 4, {"1", "2"}), To("b", 0, {"3"})}), {7, AtSecond(1)},
                          [&](const v1::Record& record) {
                            absl::StrAppend(&records, record.position(), "=", record.stream(), "/", record.revision(),
                                            ":", record.data(), "@", record.record_time_us(), " ");
                          });
  EXPECT_EQ(records, "7=a/5:1@1000000 8=a/6:2@1000000 9=b/1:3@1000000 ");
}

}  // namespace
}  // namespace eventstore
