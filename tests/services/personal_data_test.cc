#include "services/personal_data.h"

#include <memory>
#include <string>
#include <vector>

#include "eventstore/key_store.h"
#include "eventstore/memory_store.h"
#include "gtest/gtest.h"
#include "services/event_codec.h"
#include "services/system_stream.h"

namespace services {
namespace {

class PersonalDataTest : public testing::Test {
 protected:
  // The erasure as the lane records it.
  void RecordErasure(const std::string& contact) {
    trust::v1::Event event;
    event.mutable_personal_data_erased()->set_contact(contact);
    trust::v1::Erasure erasure;
    erasure.set_contact(contact);
    eventstore::Append append;
    append.record_time = absl::UnixEpoch();
    append.streams.push_back({kContactStream, *store_.StreamRevision(kContactStream), {Encode(event)}});
    append.rows.push_back({kErasureTable, contact, erasure.SerializeAsString()});
    ASSERT_TRUE(store_.Write(append).ok());
  }

  // What reading an event sealed under a contact's key gives, when it is put where it belongs or elsewhere.
  trust::v1::Event Read(PersonalData& personal, const std::string& stream) {
    trust::v1::Event event;
    event.set_revision(1);
    event.mutable_note()->set_contact("ada");
    event.mutable_note()->set_text("hello");
    event.mutable_partnership_suspended();
    const auto key = *personal.Obtain("ada");
    std::vector<eventstore::SealedPart> sealed;
    trust::v1::Event clear;
    EXPECT_TRUE(SealPersonalData("moon", {{"ada", key}}, &event, &sealed, &clear).ok());
    EXPECT_FALSE(event.has_note());
    EXPECT_EQ(clear.note().text(), "hello");
    event.clear_revision();
    eventstore::Append append;
    append.record_time = absl::UnixEpoch();
    append.streams.push_back({stream, 0, {Encode(event)}});
    append.streams.back().events.back().sealed = sealed;
    EXPECT_TRUE(store_.Write(append).ok());
    trust::v1::Event read;
    EXPECT_TRUE(store_
                    .ReadStream(stream, 0,
                                [&](const eventstore::RecordedEvent& record) {
                                  EXPECT_TRUE(Decode(record, true, &read).ok());
                                  EXPECT_TRUE(personal.Reveal(record, &read).ok());
                                  return true;
                                })
                    .ok());
    return read;
  }

  eventstore::MemoryStore store_;
  eventstore::MemoryKeyStore keys_;
  const std::shared_ptr<const SecretKey> wrapper_ = *SecretKey::Random();
};

TEST_F(PersonalDataTest, AKeyIsMadeOnceAndForEachPersonAnother) {
  PersonalData personal(&store_, &keys_, nullptr);
  ASSERT_TRUE(personal.Prepare().ok());
  EXPECT_FALSE(*personal.Knows("ada"));
  const auto ada = *personal.Obtain("ada");
  EXPECT_TRUE(*personal.Knows("ada"));
  EXPECT_EQ((*personal.Obtain("ada"))->bytes(), ada->bytes());
  EXPECT_NE((*personal.Obtain("bert"))->bytes(), ada->bytes());
}

TEST_F(PersonalDataTest, AnEventOpensWhereItStandsAndNotWhereItIsMovedTo) {
  PersonalData personal(&store_, &keys_, nullptr);
  EXPECT_EQ(Read(personal, "moon").note().text(), "hello");
  const trust::v1::Event moved = Read(personal, "sun");
  EXPECT_FALSE(moved.has_note());
  EXPECT_TRUE(moved.unreadable());
}

TEST_F(PersonalDataTest, ErasedPersonsWhoHaveAKeyLoseItBeforeAnythingIsServed) {
  PersonalData before(&store_, &keys_, nullptr);
  const std::string kept((*before.Obtain("bert"))->bytes());
  ASSERT_TRUE(before.Obtain("ada").ok());
  RecordErasure("ada");  // And then the process dies.
  ASSERT_TRUE(keys_.Get("ada")->has_value());
  PersonalData after(&store_, &keys_, nullptr);
  ASSERT_TRUE(after.Prepare().ok());
  EXPECT_EQ(*keys_.Get("ada"), std::nullopt);
  EXPECT_EQ((*after.Obtain("bert"))->bytes(), kept);
}

TEST_F(PersonalDataTest, NoKeyIsMadeForWhomIsErased) {
  PersonalData personal(&store_, &keys_, nullptr);
  RecordErasure("ada");
  EXPECT_EQ(*personal.Obtain("ada"), nullptr);
  EXPECT_EQ(*keys_.Get("ada"), std::nullopt);
}

TEST_F(PersonalDataTest, KeysInClearAreWrappedOnceThereIsAWrapper) {
  PersonalData in_clear(&store_, &keys_, nullptr);
  const std::string ada((*in_clear.Obtain("ada"))->bytes());
  EXPECT_NE((*keys_.Get("ada"))->find(ada), std::string::npos);
  PersonalData wrapping(&store_, &keys_, wrapper_);
  ASSERT_TRUE(wrapping.Prepare().ok());
  EXPECT_EQ((*keys_.Get("ada"))->find(ada), std::string::npos);
  EXPECT_EQ((*wrapping.Obtain("ada"))->bytes(), ada);
  // From now on it is needed, and no other will do.
  EXPECT_EQ(PersonalData(&store_, &keys_, nullptr).Prepare().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(PersonalData(&store_, &keys_, *SecretKey::Random()).Prepare().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(PersonalData(&store_, &keys_, wrapper_).Prepare().ok());
}

TEST(EventCodecPersonalCase, NoPayloadHoldsWhatIsPersonalWhateverTheEventHas) {
  trust::v1::Event event;
  event.mutable_partnership_suspended();
  const std::string bare = Encode(event).data;
  event.mutable_note()->set_text("hello");
  event.mutable_profile()->set_email("hello");
  event.mutable_erasure()->set_request("hello");
  event.set_unreadable(true);
  EXPECT_EQ(Encode(event).data, bare);
}

}  // namespace
}  // namespace services
