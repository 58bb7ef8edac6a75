#include "eventstore/recent_heads.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace eventstore {
namespace {

StreamHead HeadAt(uint64_t revision) { return {revision, {static_cast<uint8_t>(revision)}}; }

uint64_t Revision(const RecentHeads& heads, absl::string_view stream) {
  const std::optional<StreamHead> head = heads.Find(stream);
  return head ? head->revision : 0;
}

TEST(RecentHeadsTest, WhatWasReadAndWhatWasWrittenIsFound) {
  RecentHeads heads(10);
  EXPECT_EQ(Revision(heads, "a"), 0U);
  heads.Offer("a", HeadAt(3), heads.Begin("a"));
  heads.Put("b", HeadAt(7));
  EXPECT_EQ(Revision(heads, "a"), 3U);
  EXPECT_EQ(heads.Find("a")->leaf_hash, HeadAt(3).leaf_hash);
  EXPECT_EQ(Revision(heads, "b"), 7U);
  heads.Put("a", HeadAt(4));
  EXPECT_EQ(Revision(heads, "a"), 4U);
}

TEST(RecentHeadsTest, WhatWasReadBeforeTheStreamWasWrittenIsNotKept) {
  RecentHeads heads(10);
  const RecentHeads::Ticket ticket = heads.Begin("a");
  heads.Put("a", HeadAt(2));
  heads.Offer("a", HeadAt(1), ticket);
  EXPECT_EQ(Revision(heads, "a"), 2U);
  // Nor where what was written is no longer kept.
  RecentHeads few(1);
  const RecentHeads::Ticket old = few.Begin("a");
  few.Put("a", HeadAt(2));
  few.Put("b", HeadAt(9));
  few.Offer("a", HeadAt(1), old);
  EXPECT_EQ(Revision(few, "a"), 0U);
  few.Offer("a", HeadAt(2), few.Begin("a"));
  EXPECT_EQ(Revision(few, "a"), 2U);
}

TEST(RecentHeadsTest, NoMoreAreKeptThanWereAllowed) {
  RecentHeads heads(10);
  for (uint64_t i = 1; i <= 100; ++i) heads.Put(absl::StrCat("stream-", i), HeadAt(i));
  int kept = 0;
  for (uint64_t i = 1; i <= 100; ++i) kept += Revision(heads, absl::StrCat("stream-", i)) == i;
  EXPECT_EQ(Revision(heads, "stream-100"), 100U);
  EXPECT_LE(kept, 10);
  EXPECT_GT(kept, 0);
}

}  // namespace
}  // namespace eventstore
