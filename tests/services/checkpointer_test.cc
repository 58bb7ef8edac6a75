#include "services/checkpointer.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/memory_store.h"
#include "eventstore/merkle_tree.h"
#include "eventstore/signed_note.h"
#include "gtest/gtest.h"
#include "services/domain/refusal.h"
#include "services/log_admission.h"
#include "services/system_stream.h"
#include "tests/eventstore/temp_directory.h"
#include "tests/support/fake_clock.h"
#include "trust/v1/events.pb.h"

namespace services {
namespace {

using eventstore::Sha256Digest;

class CheckpointerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto key = eventstore::SigningKey::Generate("log.example.com");
    ASSERT_TRUE(key.ok()) << key.status();
    key_.emplace(*key);
  }

  void Append(eventstore::EventStore& store, int count, const std::string& what = "event") {
    for (int i = 0; i < count; ++i) {
      const uint64_t revision = *store.StreamRevision("stream");
      ASSERT_TRUE(
          store.Write({clock_.Now(), {{"stream", revision, {{"type", absl::StrCat(what, revision), {}}}}}, {}}).ok());
    }
  }

  // The root as RFC 6962 defines it, of every record read again.
  static Sha256Digest NaiveRoot(const eventstore::EventStore& store, uint64_t size) {
    eventstore::TreeFrontier frontier;
    EXPECT_TRUE(store
                    .ReadLog(0,
                             [&](const eventstore::RecordedEvent& event) {
                               if (event.position <= size) frontier.Add(eventstore::LeafHash(event.stored));
                               return event.position < size;
                             })
                    .ok());
    return frontier.Root();
  }

  std::string watermark_directory() const { return directory_.path() + "/marks"; }

  std::optional<eventstore::WatermarkFile> OpenWatermark() {
    auto file = eventstore::WatermarkFile::Open(watermark_directory());
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }

  absl::Status Admit(eventstore::EventStore& store, const std::string& accept = "") {
    return AdmitLog({watermark_directory(), accept, "log.example.com", key_->verifier().Text()}, &store, clock_)
        .status();
  }

  // What the server's log says when a log is admitted that this key, or none, is to sign.
  std::string ToldOfSigner(eventstore::EventStore& store, const std::optional<eventstore::SigningKey>& key) {
    testing::internal::CaptureStderr();
    EXPECT_TRUE(AdmitLog({watermark_directory(), "", key.has_value() ? key->name() : "",
                          key.has_value() ? key->verifier().Text() : ""},
                         &store, clock_)
                    .ok());
    return testing::internal::GetCapturedStderr();
  }

  eventstore::TempDirectory directory_;
  support::FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  eventstore::MemoryStore store_;
  std::optional<eventstore::SigningKey> key_;
};

TEST_F(CheckpointerTest, SignsTheRootOfWhatIsStoredAndMarksItFirst) {
  Append(store_, 5);
  Checkpointer checkpointer({}, &store_, &clock_, key_, OpenWatermark());
  EXPECT_EQ(checkpointer.Newest(), nullptr);
  EXPECT_EQ(checkpointer.NewestSize(), 0u);
  EXPECT_TRUE(checkpointer.RunOnce());
  EXPECT_FALSE(checkpointer.RunOnce());
  const Checkpointer::Made made = checkpointer.Newest();
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->checkpoint, (eventstore::Checkpoint{"log.example.com", 5, NaiveRoot(store_, 5)}));
  EXPECT_EQ(eventstore::OpenNote(made->note, key_->verifier()).value_or(""), CheckpointText(made->checkpoint));
  EXPECT_EQ(OpenWatermark()->Newest()->checkpoint, made->checkpoint);
  Append(store_, 1);
  EXPECT_TRUE(checkpointer.RunOnce());
  EXPECT_EQ(checkpointer.NewestSize(), 6u);
}

TEST_F(CheckpointerTest, SignsAnySizeWithinTheLogAndNoneBeyond) {
  Append(store_, 9);
  Checkpointer checkpointer({}, &store_, &clock_, key_, OpenWatermark());
  for (uint64_t size = 1; size <= 9; ++size) {
    const auto made = checkpointer.At(size);
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_EQ((*made)->checkpoint.size, size);
    EXPECT_EQ((*made)->checkpoint.root, NaiveRoot(store_, size));
  }
  EXPECT_EQ(domain::ReasonOf(checkpointer.At(10).status()), trust::v1::ERROR_REASON_SIZE_BEYOND_LOG);
  EXPECT_EQ(domain::ReasonOf(checkpointer.Covering(10).status()), trust::v1::ERROR_REASON_SIZE_BEYOND_LOG);
  EXPECT_EQ(OpenWatermark()->Newest()->checkpoint.size, 9u);
}

TEST_F(CheckpointerTest, NothingIsSignedThatCannotBeMarked) {
  Append(store_, 3);
  Checkpointer checkpointer({}, &store_, &clock_, key_, OpenWatermark());
  ASSERT_TRUE(checkpointer.RunOnce());
  Append(store_, 1);
  ASSERT_EQ(unlink((watermark_directory() + "/watermark").c_str()), 0);
  ASSERT_EQ(rmdir(watermark_directory().c_str()), 0);
  EXPECT_FALSE(checkpointer.RunOnce());
  EXPECT_EQ(domain::ReasonOf(checkpointer.At(4).status()), trust::v1::ERROR_REASON_CHECKPOINT_NOT_MADE);
  EXPECT_EQ(domain::ReasonOf(checkpointer.RootOf(4).status()), trust::v1::ERROR_REASON_CHECKPOINT_NOT_MADE);
  EXPECT_EQ(checkpointer.NewestSize(), 3u);
  EXPECT_TRUE(checkpointer.At(2).ok());
}

TEST_F(CheckpointerTest, CheckpointsThatCannotBeMadeForHoursDoNotFillTheLog) {
  Append(store_, 1);
  Checkpointer checkpointer({}, &store_, &clock_, key_, OpenWatermark());
  ASSERT_EQ(rmdir(watermark_directory().c_str()), 0);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(checkpointer.RunOnce());
  clock_.Pass(absl::Seconds(61));
  EXPECT_FALSE(checkpointer.RunOnce());
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 11) << log;
  EXPECT_NE(log.find("\"left_out\":\"90\""), std::string::npos) << log;
}

TEST_F(CheckpointerTest, AnotherKeyThanTheOneThatSignedIsTold) {
  const auto same_name = eventstore::SigningKey::Generate("log.example.com");
  ASSERT_TRUE(same_name.ok());
  Append(store_, 1);
  const std::string first = ToldOfSigner(store_, key_);
  EXPECT_EQ(first.find("checkpoints"), std::string::npos) << first;
  EXPECT_EQ(ToldOfSigner(store_, key_), "");
  const std::string other = ToldOfSigner(store_, *same_name);
  EXPECT_NE(other.find("\"level\":\"warning\",\"message\":\"checkpoints are signed by another key than before"),
            std::string::npos)
      << other;
  EXPECT_NE(other.find("\"before\":\"" + key_->verifier().Text()), std::string::npos) << other;
  EXPECT_NE(other.find("\"now\":\"" + same_name->verifier().Text()), std::string::npos) << other;
  EXPECT_EQ(ToldOfSigner(store_, *same_name), "") << "it has signed since";
  EXPECT_NE(ToldOfSigner(store_, key_), "");
}

TEST_F(CheckpointerTest, ALogThatWasSignedAndIsNoMoreIsToldOfAtEachStart) {
  Append(store_, 1);
  ToldOfSigner(store_, key_);
  for (int i = 0; i < 2; ++i) {
    const std::string told = ToldOfSigner(store_, std::nullopt);
    EXPECT_NE(told.find("are not any more; set --signing_key_file again"), std::string::npos) << told;
  }
  EXPECT_EQ(ToldOfSigner(store_, key_), "");
}

TEST_F(CheckpointerTest, OfALogThatWasSignedBeforeKeysWereKeptTheNameIsCompared) {
  Append(store_, 1);
  {
    Checkpointer checkpointer({}, &store_, &clock_, key_, OpenWatermark());
    ASSERT_TRUE(checkpointer.RunOnce());
  }
  const auto other_name = eventstore::SigningKey::Generate("other.example.com");
  ASSERT_TRUE(other_name.ok());
  const std::string told = ToldOfSigner(store_, *other_name);
  EXPECT_NE(told.find("\"before\":\"log.example.com\""), std::string::npos) << told;
}

TEST_F(CheckpointerTest, ALogOfAnotherPastIsNotSignedForASizeThatWasMarked) {
  Append(store_, 3);
  Checkpointer checkpointer({}, &store_, &clock_, key_, OpenWatermark());
  ASSERT_TRUE(checkpointer.RunOnce());
  eventstore::MemoryStore other;
  Append(other, 3, "another");
  Checkpointer forger({}, &other, &clock_, key_, OpenWatermark());
  EXPECT_FALSE(forger.RunOnce());
  EXPECT_EQ(forger.Newest(), nullptr);
}

TEST_F(CheckpointerTest, WithoutAKeyRootsAreMarkedAndNothingIsSigned) {
  Append(store_, 2);
  Checkpointer checkpointer({}, &store_, &clock_, std::nullopt, OpenWatermark());
  ASSERT_TRUE(checkpointer.RunOnce());
  EXPECT_EQ(checkpointer.verifier_key(), "");
  EXPECT_EQ(checkpointer.Newest()->note, "");
  EXPECT_EQ(OpenWatermark()->Newest()->checkpoint.size, 2u);
}

TEST_F(CheckpointerTest, TheThreadMakesCheckpointsAndALastOneAtTheEnd) {
  Checkpointer::Config config;
  config.interval = absl::Hours(1);
  Checkpointer checkpointer(config, &store_, &clock_, key_, OpenWatermark());
  checkpointer.Start();
  Append(store_, 4);
  checkpointer.Stop();
  EXPECT_EQ(checkpointer.NewestSize(), 4u);
  checkpointer.Stop();
}

TEST_F(CheckpointerTest, ALogIsAdmittedAgainAsItWasAndWhenItHasGrown) {
  EXPECT_TRUE(Admit(store_).ok());
  Append(store_, 5);
  EXPECT_TRUE(Admit(store_).ok());
  EXPECT_TRUE(Admit(store_).ok());
  EXPECT_EQ(OpenWatermark()->Newest()->checkpoint.size, 5u);
}

TEST_F(CheckpointerTest, AnUnmarkedLogIsTakenTheFirstTime) {
  Append(store_, 5);
  EXPECT_TRUE(Admit(store_).ok());
  EXPECT_EQ(OpenWatermark()->Newest()->checkpoint.root, NaiveRoot(store_, 5));
}

TEST_F(CheckpointerTest, AShorterLogIsRefusedInWordsThatHelp) {
  Append(store_, 5);
  ASSERT_TRUE(Admit(store_).ok());
  eventstore::MemoryStore cut;
  Append(cut, 4);
  const absl::Status status = Admit(cut);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  for (const char* part : {"has 4 records", "but 5", "1 are missing", "--accept_log_rollback", "Put back"}) {
    EXPECT_NE(status.message().find(part), absl::string_view::npos) << part << ": " << status.message();
  }
  EXPECT_EQ(OpenWatermark()->Newest()->checkpoint.size, 5u);
}

TEST_F(CheckpointerTest, AnotherPastIsRefusedAlsoWhenItIsLonger) {
  Append(store_, 5);
  ASSERT_TRUE(Admit(store_).ok());
  for (const int more : {5, 9}) {
    eventstore::MemoryStore other;
    Append(other, 4);
    Append(other, more - 4, "another");
    EXPECT_EQ(Admit(other).code(), absl::StatusCode::kFailedPrecondition);
  }
}

TEST_F(CheckpointerTest, AMarkThatWasTakenAwayIsMissed) {
  Append(store_, 5);
  ASSERT_TRUE(Admit(store_).ok());
  ASSERT_EQ(unlink((watermark_directory() + "/watermark").c_str()), 0);
  const absl::Status status = Admit(store_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("is gone"), absl::string_view::npos) << status;
}

TEST_F(CheckpointerTest, AnOverrideIsRecordedInTheLogAndTheMarksBeginAnew) {
  Append(store_, 5);
  ASSERT_TRUE(Admit(store_).ok());
  const Sha256Digest marked = NaiveRoot(store_, 5);
  eventstore::MemoryStore cut;
  Append(cut, 3);
  const Sha256Digest left = NaiveRoot(cut, 3);
  ASSERT_TRUE(Admit(cut, "the disk died").ok());
  EXPECT_EQ(cut.LogSize(), 4u);
  trust::v1::Event event;
  ASSERT_TRUE(cut.ReadStream(kOverrideStream, 0,
                             [&](const eventstore::RecordedEvent& record) {
                               EXPECT_EQ(record.type, "log_override_recorded");
                               EXPECT_TRUE(
                                   event.ParseFromArray(record.data.data(), static_cast<int>(record.data.size())));
                               return true;
                             })
                  .ok());
  const trust::v1::LogOverrideRecorded& recorded = event.log_override_recorded();
  EXPECT_EQ(recorded.reason(), "the disk died");
  EXPECT_EQ(recorded.watermark_size(), 5);
  EXPECT_EQ(recorded.watermark_root(), std::string(marked.begin(), marked.end()));
  EXPECT_EQ(recorded.log_size(), 3);
  EXPECT_EQ(recorded.log_root(), std::string(left.begin(), left.end()));
  EXPECT_EQ(access((watermark_directory() + "/watermark.replaced-1").c_str(), F_OK), 0);
  EXPECT_EQ(OpenWatermark()->marks().size(), 1u);
  EXPECT_TRUE(Admit(cut).ok());
  // With nothing to accept, nothing is recorded.
  EXPECT_TRUE(Admit(cut, "a flag left behind").ok());
  EXPECT_EQ(cut.LogSize(), 4u);
}

}  // namespace
}  // namespace services
