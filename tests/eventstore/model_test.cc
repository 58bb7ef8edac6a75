// Random calls of a store, compared after each with a model made of ordered maps.

#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/eventstore/conformance.h"
#include "tests/eventstore/story.h"
#include "tests/support/test_seed.h"

namespace eventstore {
namespace {

struct Model {
  std::map<std::string, std::vector<std::string>> streams;
  std::vector<std::string> log;
  std::map<std::string, std::string> rows;
};

class ModelTest : public EngineTest {
 protected:
  std::string Stream() { return absl::StrCat("s", std::string(random_() % 3, '0'), random_() % 4); }

  void ApplyRows(const std::vector<RowWrite>& rows) {
    for (const RowWrite& row : rows) {
      if (row.value) {
        model_.rows[row.key] = *row.value;
      } else {
        model_.rows.erase(row.key);
      }
    }
  }

  std::vector<RowWrite> Rows() {
    std::vector<RowWrite> rows(random_() % 4);
    for (RowWrite& row : rows) {
      row = {"t", absl::StrCat("k", random_() % 12), std::nullopt};
      if (random_() % 3 != 0) row.value = absl::StrCat(random_() % 1000);
    }
    return rows;
  }

  void AppendSomething() {
    Append append = AppendOf({}, Rows());
    std::string ahead;
    std::map<std::string, uint64_t> chosen;
    const size_t streams = 1 + random_() % 3;
    while (chosen.size() < streams) chosen[Stream()] = 0;
    for (const auto& [stream, unused] : chosen) {
      const uint64_t actual = model_.streams.count(stream) != 0 ? model_.streams[stream].size() : 0;
      const uint64_t expected = random_() % 8 == 0 ? actual + 1 : actual;
      if (expected != actual) absl::StrAppend(&ahead, ahead.empty() ? "" : " ", stream, ":", actual);
      append.streams.push_back(To(stream, expected, {}));
      for (uint64_t i = 0; i <= random_() % 3; ++i) {
        append.streams.back().events.push_back({"t", std::string(random_() % 50, 'a' + random_() % 26)});
      }
    }
    const auto appended = store().Write(append);
    if (!ahead.empty()) {
      ASSERT_EQ(AheadText(appended.status()), ahead);
      return;
    }
    ASSERT_TRUE(appended.ok()) << appended.status();
    ASSERT_EQ(appended->first_position, model_.log.size() + 1);
    for (const StreamAppend& stream : append.streams) {
      for (const EventData& event : stream.events) {
        std::vector<std::string>& revisions = model_.streams[stream.stream];
        revisions.push_back(event.data);
        model_.log.push_back(
            absl::StrCat(model_.log.size() + 1, "=", stream.stream, "/", revisions.size(), ":", event.data));
      }
    }
    ApplyRows(append.rows);
  }

  void Compare() {
    const EventStore& actual = store();
    ASSERT_EQ(actual.LogSize(), model_.log.size());
    const uint64_t position = random_() % (model_.log.size() + 1);
    ASSERT_EQ(LogText(actual, position),
              absl::StrJoin(model_.log.begin() + static_cast<std::ptrdiff_t>(position), model_.log.end(), " "));
    const std::string stream = Stream();
    std::vector<std::string> expected;
    const auto found = model_.streams.find(stream);
    const uint64_t size = found == model_.streams.end() ? 0 : found->second.size();
    const uint64_t after = random_() % (size + 1);
    for (uint64_t i = after; i < size; ++i) expected.push_back(absl::StrCat(i + 1, ":", found->second[i]));
    ASSERT_EQ(StreamText(actual, stream, after), absl::StrJoin(expected, " "));
    ASSERT_EQ(*actual.StreamRevision(stream), size);
    expected.clear();
    for (auto it = model_.streams.upper_bound(stream); it != model_.streams.end(); ++it) {
      expected.push_back(absl::StrCat(it->first, ":", it->second.size()));
    }
    ASSERT_EQ(StreamsText(actual, stream), absl::StrJoin(expected, " "));
    const std::string key = absl::StrCat("k", random_() % 12);
    expected.clear();
    for (auto it = model_.rows.upper_bound(key); it != model_.rows.end(); ++it) {
      expected.push_back(absl::StrCat(it->first, "=", it->second));
    }
    ASSERT_EQ(RowsText(actual, "t", key), absl::StrJoin(expected, " "));
    const auto row = model_.rows.find(key);
    ASSERT_EQ(*actual.GetRow("t", key), row == model_.rows.end() ? std::nullopt : std::optional(row->second));
  }

  std::mt19937_64 random_;
  Model model_;
};

TEST_P(ModelTest, AStoreDoesWhatAnOrderedMapDoes) {
  const uint32_t seed = support::AnySeed();
  SCOPED_TRACE(absl::StrCat("TRUSTD_TEST_SEED=", seed));
  RecordProperty("seed", absl::StrCat(seed));
  random_.seed(seed);
  const int steps = GetParam().reopened ? 60 : 400;
  for (int step = 0; step < steps && !HasFatalFailure(); ++step) {
    if (random_() % 5 == 0) {
      const std::vector<RowWrite> rows = Rows();
      ASSERT_TRUE(store().WriteRows(rows).ok());
      ApplyRows(rows);
    } else {
      AppendSomething();
    }
    if (!HasFatalFailure()) Compare();
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, ModelTest, testing::ValuesIn(Engines()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace eventstore
