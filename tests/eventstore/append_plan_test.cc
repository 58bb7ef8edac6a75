#include "eventstore/append_plan.h"

#include "absl/strings/str_cat.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/record_codec.h"
#include "gtest/gtest.h"
#include "tests/eventstore/story.h"

namespace eventstore {
namespace {

absl::StatusOr<StreamHead> NoStreams(absl::string_view) { return StreamHead{}; }

void NoRecords(const v1::Record&, absl::string_view, const Sha256Digest&) {}

TEST(AppendPlanTest, AnAppendSeesTheOnesBeforeItInTheGroup) {
  AppendPlan plan(10, AtSecond(5));
  EXPECT_EQ(plan.Add(AppendOf({To("a", 0, {"1", "2"})}), NoStreams, NoRecords)->first_position, 11);
  EXPECT_EQ(AheadText(plan.Add(AppendOf({To("a", 0, {"3"})}), NoStreams, NoRecords).status()), "a:2");
  EXPECT_EQ(plan.Add(AppendOf({To("a", 2, {"3"})}), NoStreams, NoRecords)->first_position, 13);
  EXPECT_EQ(plan.log_size(), 13);
  EXPECT_EQ(plan.latest_record_time(), AtSecond(5));
  EXPECT_EQ(plan.heads().at("a").revision, 3);
}

TEST(AppendPlanTest, ARefusedAppendChangesNothing) {
  AppendPlan plan(0, absl::InfinitePast());
  int records = 0;
  const auto count = [&](const v1::Record&, absl::string_view, const Sha256Digest&) { ++records; };
  EXPECT_FALSE(plan.Add(AppendOf({To("a", 0, {"1"}), To("b", 9, {"2"})}, {}, 100), NoStreams, count).ok());
  EXPECT_EQ(plan.log_size(), 0);
  EXPECT_EQ(plan.latest_record_time(), absl::InfinitePast());
  EXPECT_TRUE(plan.heads().empty());
  EXPECT_EQ(records, 0);
}

TEST(AppendPlanTest, AHeadThatCannotBeReadIsNotGuessed) {
  AppendPlan plan(0, absl::InfinitePast());
  const auto broken = [](absl::string_view) -> absl::StatusOr<StreamHead> { return absl::DataLossError("head"); };
  EXPECT_TRUE(absl::IsDataLoss(plan.Add(AppendOf({To("a", 0, {"1"})}), broken, NoRecords).status()));
  EXPECT_EQ(plan.log_size(), 0);
}

TEST(AppendPlanTest, RecordsAreNumberedInTheOrderGiven) {
  AppendPlan plan(6, absl::InfinitePast());
  const auto heads = [](absl::string_view stream) -> absl::StatusOr<StreamHead> {
    return stream == "a" ? StreamHead{4, Sha256("before")} : StreamHead{};
  };
  std::string records;
  ASSERT_TRUE(plan.Add(AppendOf({To("a", 4, {"1", "2"}), To("b", 0, {"3"})}), heads,
                       [&](const v1::Record& record, absl::string_view, const Sha256Digest&) {
                         absl::StrAppend(&records, record.position(), "=", record.stream(), "/", record.revision(), ":",
                                         record.data(), "@", record.record_time_us(), " ");
                       })
                  .ok());
  EXPECT_EQ(records, "7=a/5:1@1000000 8=a/6:2@1000000 9=b/1:3@1000000 ");
}

TEST(AppendPlanTest, ARecordIsLinkedToTheOneBeforeItInItsStream) {
  AppendPlan plan(6, absl::InfinitePast());
  const auto heads = [](absl::string_view stream) -> absl::StatusOr<StreamHead> {
    return stream == "a" ? StreamHead{4, Sha256("before")} : StreamHead{};
  };
  std::vector<std::string> links;
  std::vector<Sha256Digest> hashes;
  const auto keep = [&](const v1::Record& record, absl::string_view frame, const Sha256Digest& leaf_hash) {
    EXPECT_EQ(leaf_hash, LeafHash(*RecordBytes(frame)));
    EXPECT_EQ(*RecordBytes(frame), record.SerializeAsString());
    links.push_back(record.previous_sha256());
    hashes.push_back(leaf_hash);
  };
  const auto first = plan.Add(AppendOf({To("a", 4, {"1", "2"}), To("b", 0, {"3"})}), heads, keep);
  const auto second = plan.Add(AppendOf({To("b", 1, {"4"}), To("a", 6, {"5"})}), heads, keep);
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_EQ(links.size(), 5);
  EXPECT_EQ(links[0], AsBytes(Sha256("before")));
  EXPECT_EQ(links[1], AsBytes(hashes[0]));
  EXPECT_EQ(links[2], "");
  EXPECT_EQ(links[3], AsBytes(hashes[2]));
  EXPECT_EQ(links[4], AsBytes(hashes[1]));
  EXPECT_EQ(first->leaf_hashes, std::vector<Sha256Digest>(hashes.begin(), hashes.begin() + 3));
  EXPECT_EQ(second->leaf_hashes, std::vector<Sha256Digest>(hashes.begin() + 3, hashes.end()));
  EXPECT_EQ(plan.heads().at("a").leaf_hash, hashes[4]);
}

TEST(AppendPlanTest, SealedPartsAreOfTheirOwnEventAlone) {
  AppendPlan plan(0, absl::InfinitePast());
  Append append = AppendOf({To("a", 0, {"1", "2"})});
  append.streams[0].events[0].sealed = {{"key", "nonce", "secret"}, {"other", "n", "s"}};
  std::string sealed;
  ASSERT_TRUE(plan.Add(append, NoStreams,
                       [&](const v1::Record& record, absl::string_view, const Sha256Digest&) {
                         for (const v1::Sealed& part : record.sealed()) {
                           absl::StrAppend(&sealed, part.key_id(), "/", part.nonce(), "/", part.ciphertext(), " ");
                         }
                         absl::StrAppend(&sealed, "; ");
                       })
                  .ok());
  EXPECT_EQ(sealed, "key/nonce/secret other/n/s ; ; ");
}

}  // namespace
}  // namespace eventstore
