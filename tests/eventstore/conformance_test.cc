#include "tests/eventstore/conformance.h"

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "eventstore/limits.h"
#include "eventstore/merkle_tree.h"
#include "gmock/gmock.h"
#include "tests/eventstore/findings.h"
#include "tests/eventstore/naive_tree.h"
#include "tests/eventstore/story.h"

namespace eventstore {
namespace {

using EventStoreConformance = EngineTest;

TEST_P(EventStoreConformance, ANewStoreIsEmpty) {
  EXPECT_EQ(store().LogSize(), 0);
  EXPECT_EQ(store().LatestRecordTime(), absl::InfinitePast());
  EXPECT_EQ(*store().StreamRevision("a"), 0);
  EXPECT_EQ(StreamText(store(), "a"), "");
  EXPECT_EQ(LogText(store()), "");
  EXPECT_EQ(StreamsText(store()), "");
  EXPECT_EQ(*store().GetRow("t", "k"), std::nullopt);
}

TEST_P(EventStoreConformance, EventsAreReadInTheOrderInWhichTheyWereAppended) {
  const auto first = store().Write(AppendOf({To("a", 0, {"1", "2"}), To("b", 0, {"3"})}));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->first_position, 1);
  const auto second = store().Write(AppendOf({To("a", 2, {"4"})}));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->first_position, 4);
  EXPECT_EQ(StreamText(store(), "a"), "1:1 2:2 3:4");
  EXPECT_EQ(StreamText(store(), "b"), "1:3");
  EXPECT_EQ(LogText(store()), "1=a/1:1 2=a/2:2 3=b/1:3 4=a/3:4");
  EXPECT_EQ(store().LogSize(), 4);
  EXPECT_EQ(*store().StreamRevision("a"), 3);
}

TEST_P(EventStoreConformance, AnEventIsReadAsItWasWritten) {
  const std::string data("\x00\xff\n\t bytes \x80", 11);
  Append append = AppendOf({{"$system stream~", 0, {{"some.Type", data}, {"Empty", ""}}}});
  append.record_time = absl::FromUnixMicros(1234567) + absl::Nanoseconds(890);
  const auto appended = store().Write(append);
  ASSERT_TRUE(appended.ok()) << appended.status();
  EXPECT_EQ(appended->record_time, absl::FromUnixMicros(1234567));
  int visited = 0;
  const absl::Status status = store().ReadLog(0, [&](const RecordedEvent& event) {
    EXPECT_EQ(event.position, ++visited);
    EXPECT_EQ(event.revision, visited);
    EXPECT_EQ(event.stream, "$system stream~");
    EXPECT_EQ(event.record_time, absl::FromUnixMicros(1234567));
    EXPECT_EQ(event.type, visited == 1 ? "some.Type" : "Empty");
    EXPECT_EQ(event.data, visited == 1 ? absl::string_view(data) : "");
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(visited, 2);
}

TEST_P(EventStoreConformance, ARecordIsLentWithItsBytesItsLinkAndItsSealedParts) {
  Append append = AppendOf({To("a", 0, {"1", "2"}), To("b", 0, {"3"})});
  append.streams[0].events[1].sealed = {{"key 1", "nonce", std::string("\0\xff", 2)}};
  const auto appended = store().Write(append);
  ASSERT_TRUE(appended.ok()) << appended.status();
  ASSERT_EQ(appended->leaf_hashes.size(), 3);
  const auto second = store().Write(AppendOf({To("a", 2, {"4"})}));
  ASSERT_TRUE(second.ok()) << second.status();
  std::vector<Sha256Digest> hashes = appended->leaf_hashes;
  hashes.insert(hashes.end(), second->leaf_hashes.begin(), second->leaf_hashes.end());
  std::vector<std::string> in_log;
  ASSERT_TRUE(
      store()
          .ReadLog(0,
                   [&](const RecordedEvent& event) {
                     const size_t at = in_log.size();
                     EXPECT_EQ(LeafHash(event.stored), hashes[at]);
                     v1::Record record;
                     EXPECT_TRUE(record.ParseFromString(std::string(event.stored)));
                     EXPECT_EQ(record.data(), event.data);
                     const absl::string_view link = event.previous_sha256;
                     EXPECT_EQ(link, at == 1 ? AsBytes(hashes[0]) : at == 3 ? AsBytes(hashes[1]) : absl::string_view());
                     EXPECT_EQ(event.sealed.size(), at == 1 ? 1 : 0);
                     if (event.sealed.size() == 1) {
                       EXPECT_EQ(event.sealed[0].key_id, "key 1");
                       EXPECT_EQ(event.sealed[0].nonce, "nonce");
                       EXPECT_EQ(event.sealed[0].ciphertext, absl::string_view("\0\xff", 2));
                     }
                     in_log.emplace_back(event.stored);
                     return true;
                   })
          .ok());
  ASSERT_EQ(in_log.size(), 4);
  std::vector<std::string> in_stream;
  ASSERT_TRUE(store()
                  .ReadStream("a", 0,
                              [&](const RecordedEvent& event) {
                                in_stream.emplace_back(event.stored);
                                return true;
                              })
                  .ok());
  EXPECT_EQ(in_stream, (std::vector<std::string>{in_log[0], in_log[1], in_log[3]}));
}

// Appends that end before, at and after the end of a tile.
TEST_P(EventStoreConformance, TheTreeIsThatOfTheStoredRecords) {
  EXPECT_TRUE(absl::IsOutOfRange(store().ReadTreeNode(0, 0).status()));
  std::vector<Sha256Digest> leaves;
  for (const size_t events : {1, 254, 1, 1, 255, 300, 768}) {
    const auto appended =
        store().Write(AppendOf({To("a", leaves.size(), std::vector<std::string>(events, absl::StrCat(events)))}));
    ASSERT_TRUE(appended.ok()) << appended.status();
    leaves.insert(leaves.end(), appended->leaf_hashes.begin(), appended->leaf_hashes.end());
    const EventStore& actual = store();
    for (int level = 0; level < 12; ++level) {
      for (uint64_t index = 0; index < leaves.size() >> level; ++index) {
        const absl::StatusOr<Sha256Digest> node = actual.ReadTreeNode(level, index);
        ASSERT_TRUE(node.ok()) << node.status();
        ASSERT_EQ(*node, NaiveRoot(Leaves(leaves).subspan(index << level, size_t{1} << level)));
      }
      const auto beyond = actual.ReadTreeNode(level, leaves.size() >> level);
      EXPECT_TRUE(absl::IsOutOfRange(beyond.status())) << beyond.status();
    }
    const auto read = [&](int level, uint64_t index) { return actual.ReadTreeNode(level, index); };
    EXPECT_EQ(*RootAt(leaves.size(), read), NaiveRoot(leaves));
  }
}

TEST_P(EventStoreConformance, ARefusedAppendLeavesNoTraceInTheTree) {
  const auto first = store().Write(AppendOf({To("a", 0, {"1"})}));
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(store().Write(AppendOf({To("a", 0, {"2"})})).ok());
  EXPECT_TRUE(absl::IsOutOfRange(store().ReadTreeNode(0, 1).status()));
  const auto second = store().Write(AppendOf({To("b", 0, {"3"})}));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(*store().ReadTreeNode(1, 0), NodeHash(first->leaf_hashes[0], second->leaf_hashes[0]));
}

TEST_P(EventStoreConformance, AnAppendAtTheWrongRevisionNamesEveryStreamAhead) {
  ASSERT_TRUE(store().Write(AppendOf({To("a", 0, {"1", "2"}), To("b", 0, {"3"}), To("c", 0, {"4"})})).ok());
  const auto refused = store().Write(
      AppendOf({To("a", 0, {"x"}), To("b", 1, {"x"}), To("c", 7, {"x"}), To("d", 1, {"x"})}, {{"t", "k", "v"}}));
  EXPECT_EQ(AheadText(refused.status()), "a:2 c:1 d:0");
  EXPECT_EQ(LogText(store()), "1=a/1:1 2=a/2:2 3=b/1:3 4=c/1:4");
  EXPECT_EQ(*store().GetRow("t", "k"), std::nullopt);
  EXPECT_EQ(*store().StreamRevision("b"), 1);
  // The refusal leaves no trace: the next append goes where it would have gone.
  EXPECT_EQ(store().Write(AppendOf({To("a", 2, {"5"})}))->first_position, 5);
}

TEST_P(EventStoreConformance, AfterIsExclusive) {
  ASSERT_TRUE(store().Write(AppendOf({To("a", 0, {"1", "2", "3"}), To("b", 0, {"4"})})).ok());
  EXPECT_EQ(StreamText(store(), "a", 1), "2:2 3:3");
  EXPECT_EQ(StreamText(store(), "a", 3), "");
  EXPECT_EQ(StreamText(store(), "a", 99), "");
  EXPECT_EQ(StreamText(store(), "a", ~uint64_t{0}), "");
  EXPECT_EQ(LogText(store(), 3), "4=b/1:4");
  EXPECT_EQ(LogText(store(), 4), "");
  EXPECT_EQ(LogText(store(), ~uint64_t{0}), "");
  EXPECT_EQ(StreamsText(store(), "a"), "b:1");
  EXPECT_EQ(StreamsText(store(), "a0"), "b:1");
  EXPECT_EQ(StreamsText(store(), "b"), "");
}

TEST_P(EventStoreConformance, AVisitEndsWhenTheVisitorSaysSo) {
  ASSERT_TRUE(
      store().Write(AppendOf({To("a", 0, {"1", "2"}), To("b", 0, {"3"})}, {{"t", "k", ""}, {"t", "l", ""}})).ok());
  int visits = 0;
  const auto stop = [&](const auto&...) {
    ++visits;
    return false;
  };
  EXPECT_TRUE(store().ReadLog(0, stop).ok());
  EXPECT_TRUE(store().ReadStream("a", 0, stop).ok());
  EXPECT_TRUE(store().ReadStreams("a", "b", stop).ok());
  EXPECT_TRUE(store().ListStreams("", stop).ok());
  EXPECT_TRUE(store().ScanRows("t", "", stop).ok());
  EXPECT_EQ(visits, 5);
}

TEST_P(EventStoreConformance, StreamsSideBySideAreReadOneAfterAnotherFromTheFirstNameToTheLast) {
  ASSERT_TRUE(store().Write(AppendOf({To("b", 0, {"1", "2"}), To("a/1", 0, {"3"}), To("d", 0, {"4"})})).ok());
  ASSERT_TRUE(store().Write(AppendOf({To("a", 0, {"5"}), To("b", 2, {"6"})})).ok());
  EXPECT_EQ(StreamsBetweenText(store(), "a", "d"), "a/1:5 a/1/1:3 b/1:1 b/2:2 b/3:6 d/1:4");
  EXPECT_EQ(StreamsBetweenText(store(), "a/1", "b"), "a/1/1:3 b/1:1 b/2:2 b/3:6");
  EXPECT_EQ(StreamsBetweenText(store(), "a0", "c"), "b/1:1 b/2:2 b/3:6");
  EXPECT_EQ(StreamsBetweenText(store(), "d", "d"), "d/1:4");
  EXPECT_EQ(StreamsBetweenText(store(), "c", "c"), "");
  EXPECT_EQ(StreamsBetweenText(store(), "d", "a"), "");
  EXPECT_EQ(StreamsBetweenText(store(), "", "~"), StreamsBetweenText(store(), "a", "d"));
}

TEST_P(EventStoreConformance, WhatIsAppendedWhileStreamsAreReadLeavesNoGapInThem) {
  ASSERT_TRUE(store().Write(AppendOf({To("a", 0, {"1"}), To("c", 0, {"2", "3"})})).ok());
  EventStore& open = same_store();
  std::string seen;
  const absl::Status status = open.ReadStreams("a", "d", [&](const RecordedEvent& event) {
    absl::StrAppend(&seen, event.stream, event.data, " ");
    if (event.stream == "a") {
      EXPECT_TRUE(open.Write(AppendOf({To("a", 1, {"x"}), To("b", 0, {"y"}), To("c", 2, {"z"})})).ok());
    }
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(seen, testing::AnyOf("a1 c2 c3 ", "a1 by c2 c3 cz "));
}

TEST_P(EventStoreConformance, AVisitorMayUseTheStoreAndSeesTheMomentOfTheCall) {
  ASSERT_TRUE(store().Write(AppendOf({To("a", 0, {"1", "2"})}, {{"t", "k", "old"}})).ok());
  EventStore& open = same_store();
  std::string seen;
  const auto append_one = [&](const RecordedEvent& event) {
    absl::StrAppend(&seen, event.data);
    EXPECT_TRUE(open.Write(AppendOf({To("a", open.LogSize(), {"x"})})).ok());
    return true;
  };
  EXPECT_TRUE(open.ReadLog(0, append_one).ok());
  EXPECT_EQ(seen, "12");
  EXPECT_TRUE(open.ReadStream("a", 0, append_one).ok());
  EXPECT_EQ(seen, "1212xx");
  EXPECT_EQ(open.LogSize(), 8);
  const absl::Status status = open.ScanRows("t", "", [&](absl::string_view, absl::string_view value) {
    EXPECT_EQ(value, "old");
    EXPECT_TRUE(open.WriteRows({{"t", "k", "new"}, {"t", "l", "new"}}).ok());
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(RowsText(store(), "t"), "k=new l=new");
}

TEST_P(EventStoreConformance, StreamsDoNotMixWhenOneNameStartsAnother) {
  ASSERT_TRUE(
      store().Write(AppendOf({To("a/1", 0, {"1"}), To("a", 0, {"2"}), To("a ", 0, {"3"}), To("a/10", 0, {"4"})})).ok());
  EXPECT_EQ(StreamText(store(), "a"), "1:2");
  EXPECT_EQ(StreamText(store(), "a/1"), "1:1");
  EXPECT_EQ(StreamText(store(), absl::string_view("a\0", 2)), "");
  EXPECT_EQ(StreamsText(store()), "a:1 a :1 a/1:1 a/10:1");
}

TEST_P(EventStoreConformance, RecordTimeNeverGoesBack) {
  EXPECT_EQ(store().Write(AppendOf({To("a", 0, {"1"})}, {}, 100))->record_time, AtSecond(100));
  EXPECT_EQ(store().Write(AppendOf({To("a", 1, {"2"})}, {}, 50))->record_time, AtSecond(100));
  EXPECT_EQ(store().LatestRecordTime(), AtSecond(100));
  EXPECT_EQ(store().Write(AppendOf({To("a", 2, {"3"})}, {}, 101))->record_time, AtSecond(101));
  EXPECT_EQ(store().LatestRecordTime(), AtSecond(101));
}

TEST_P(EventStoreConformance, RowsAreWrittenWithTheirEvents) {
  ASSERT_TRUE(store().Write(AppendOf({To("a", 0, {"1"})}, {{"t", "k", "v"}, {"t_u", "k", "w"}})).ok());
  EXPECT_EQ(*store().GetRow("t", "k"), "v");
  EXPECT_EQ(RowsText(store(), "t"), "k=v");
  EXPECT_EQ(RowsText(store(), "t_u"), "k=w");
  EXPECT_EQ(RowsText(store(), "u"), "");
}

TEST_P(EventStoreConformance, RowsAreOrderedReplacedAndDeleted) {
  const std::string zero("\0", 1);
  ASSERT_TRUE(store().WriteRows({{"t", "b", "1"}, {"t", "\xff", "2"}, {"t", zero, "3"}, {"t", "a", ""}}).ok());
  EXPECT_EQ(RowsText(store(), "t"), absl::StrCat(zero, "=3 a= b=1 \xff=2"));
  EXPECT_EQ(RowsText(store(), "t", "a"), "b=1 \xff=2");
  EXPECT_EQ(RowsText(store(), "t", "aa"), "b=1 \xff=2");
  ASSERT_TRUE(store().WriteRows({{"t", "b", "9"}, {"t", "a", std::nullopt}, {"t", "never", std::nullopt}}).ok());
  EXPECT_EQ(RowsText(store(), "t"), absl::StrCat(zero, "=3 b=9 \xff=2"));
  EXPECT_EQ(*store().GetRow("t", "a"), std::nullopt);
  EXPECT_EQ(store().LogSize(), 0);
}

TEST_P(EventStoreConformance, TheLastOfTwoWritesOfOneRowStands) {
  ASSERT_TRUE(store().WriteRows({{"t", "k", "1"}, {"t", "k", "2"}, {"t", "l", "1"}, {"t", "l", std::nullopt}}).ok());
  EXPECT_EQ(RowsText(store(), "t"), "k=2");
  EXPECT_TRUE(store().WriteRows({}).ok());
}

TEST_P(EventStoreConformance, AnAppendThatBreaksALimitIsRefusedWhole) {
  const std::string long_name(kStreamNameBytesMax + 1, 'n');
  const std::string long_data(kEventBytesMax + 1, 'd');
  std::vector<Append> wrong = {
      AppendOf({}),
      AppendOf({To("", 0, {"1"})}),
      AppendOf({To("tab\t", 0, {"1"})}),
      AppendOf({To("line\n", 0, {"1"})}),
      AppendOf({To(std::string("nul\0", 4), 0, {"1"})}),
      AppendOf({To("\xc3\xa9", 0, {"1"})}),
      AppendOf({To(long_name, 0, {"1"})}),
      AppendOf({To("a", 0, {})}),
      AppendOf({To("a", 0, {"1"}), To("a", 1, {"2"})}),
      AppendOf({To("a", 0, {long_data})}),
      AppendOf({{"a", 0, {{"", "no type"}}}}),
      AppendOf({{"a", 0, {{std::string(kTypeBytesMax + 1, 't'), "1"}}}}),
      AppendOf({{"a", 0, {{"t", "1", {{"", "n", "c"}}}}}}),
      AppendOf({{"a", 0, {{"t", "1", {{"\xc3\xa9", "n", "c"}}}}}}),
      AppendOf({{"a", 0, {{"t", "1", {{std::string(kSealedKeyIdBytesMax + 1, 'k'), "n", "c"}}}}}}),
      AppendOf({{"a", 0, {{"t", "1", std::vector<SealedPart>(kSealedPartsMax + 1, SealedPart{"k", "", ""})}}}}),
      AppendOf({{"a", 0, {{"t", "1", {{"k", "", std::string(kEventBytesMax - 1, 'c')}}}}}}),
      AppendOf({To("a", 0, {"1"})}, {{"Table", "k", "v"}}),
      AppendOf({To("a", 0, {"1"})}, {{"", "k", "v"}}),
      AppendOf({To("a", 0, {"1"})}, {{"t", "", "v"}}),
      AppendOf({To("a", 0, {"1"})}, {{"t", std::string(kRowKeyBytesMax + 1, 'k'), "v"}}),
      AppendOf({To("a", 0, {"1"})}, {{"t", "k", std::string(kAppendBytesMax, 'v')}}),
  };
  for (const absl::Time time : {absl::InfiniteFuture(), absl::InfinitePast()}) {
    wrong.push_back(AppendOf({To("a", 0, {"1"})}));
    wrong.back().record_time = time;
  }
  for (size_t i = 0; i < wrong.size(); ++i) {
    EXPECT_TRUE(absl::IsInvalidArgument(store().Write(wrong[i]).status())) << "append " << i;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(store().WriteRows({{"t", "k", "v"}, {"t", "", "v"}})));
  EXPECT_TRUE(absl::IsInvalidArgument(store().GetRow("No", "k").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(store().ScanRows("no1", "", [](auto, auto) { return true; })));
  EXPECT_EQ(store().LogSize(), 0);
  EXPECT_EQ(RowsText(store(), "t"), "");
}

TEST_P(EventStoreConformance, WhatReachesALimitIsAccepted) {
  const std::string name(kStreamNameBytesMax, '~');
  const std::string data(kEventBytesMax, '\xff');
  const Append append = AppendOf({{name, 0, {{std::string(kTypeBytesMax, 'T'), data}}}},
                                 {{std::string(kTableNameBytesMax, 'z'), std::string(kRowKeyBytesMax, '\xff'), data}});
  ASSERT_TRUE(store().Write(append).ok());
  EXPECT_EQ(StreamText(store(), name), "1:" + data);
  EXPECT_EQ(*store().GetRow(append.rows[0].table, append.rows[0].key), data);
}

// Threads append as fast as they can, some to a stream of their own and some to one they share, while others read.
TEST_P(EventStoreConformance, ThreadsThatAppendTogetherLeaveNoGapAndLoseNothing) {
  constexpr int kThreads = 8;
  constexpr int kAppendsEach = 40;
  EventStore& shared = same_store();
  std::atomic<int> running{kThreads};
  std::vector<std::vector<uint64_t>> positions(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const std::string stream = t < kThreads / 2 ? absl::StrCat("own/", t) : "shared";
      uint64_t expected = 0;
      while (positions[t].size() < kAppendsEach) {
        const std::string data = absl::StrCat(t, ".", positions[t].size());
        const auto appended = shared.Write(AppendOf({To(stream, expected, {data, data})}));
        if (appended.ok()) {
          positions[t].push_back(appended->first_position);
          expected += 2;
          // Durable and visible before it is acknowledged.
          EXPECT_GE(shared.LogSize(), appended->first_position + 1);
          EXPECT_GE(*shared.StreamRevision(stream), expected);
        } else {
          const auto ahead = StreamsAhead(appended.status());
          ASSERT_EQ(ahead.size(), 1) << appended.status();
          ASSERT_NE(ahead[0].revision, expected);
          expected = ahead[0].revision;
        }
      }
      --running;
    });
  }
  threads.emplace_back([&] {
    uint64_t after = 0;
    while (running > 0) {
      // What the log holds is in the tree.
      const uint64_t log_size = shared.LogSize();
      EXPECT_TRUE(RootAt(log_size, [&](int level, uint64_t index) { return shared.ReadTreeNode(level, index); }).ok());
      // No reader of a stream is ahead of the log's size, and no reader of the log sees a gap.
      EXPECT_TRUE(shared
                      .ReadStream("shared", 0,
                                  [&](const RecordedEvent& event) {
                                    EXPECT_LE(event.position, shared.LogSize());
                                    return true;
                                  })
                      .ok());
      const absl::Status status = shared.ReadLog(after, [&](const RecordedEvent& event) {
        EXPECT_EQ(event.position, ++after);
        return true;
      });
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_LE(after, shared.LogSize());
    }
  });
  for (std::thread& thread : threads) thread.join();

  std::set<uint64_t> firsts;
  for (const std::vector<uint64_t>& own : positions) {
    EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
    firsts.insert(own.begin(), own.end());
  }
  EXPECT_EQ(firsts.size(), kThreads * kAppendsEach);
  EXPECT_EQ(store().LogSize(), 2 * kThreads * kAppendsEach);
  EXPECT_EQ(*store().StreamRevision("shared"), kThreads * kAppendsEach);
  std::map<std::string, uint64_t> revisions;
  uint64_t size = 0;
  ASSERT_TRUE(store()
                  .ReadLog(0,
                           [&](const RecordedEvent& event) {
                             EXPECT_EQ(event.position, ++size);
                             EXPECT_EQ(event.revision, ++revisions[std::string(event.stream)]);
                             // The two events of an append stand side by side.
                             EXPECT_TRUE(event.revision % 2 == 0 || firsts.count(event.position) == 1);
                             return true;
                           })
                  .ok());
  EXPECT_EQ(size, 2 * kThreads * kAppendsEach);
  EXPECT_EQ(Problems(Verify(store())), std::vector<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Engines, EventStoreConformance, testing::ValuesIn(Engines()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace eventstore
