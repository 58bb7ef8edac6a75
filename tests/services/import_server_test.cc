// ImportHistory over the wire.

#include <string>
#include <vector>

#include "tests/services/server_fixture.h"

namespace services {
namespace {

TEST_F(ServerTest, AnImportAnswersItemByItemInOrder) {
  trust::v1::ImportHistoryRequest message;
  *message.add_items() = FoundingItem("alpha");
  *message.add_items() = KeptItem("alpha", "kept", "2020-03-02");
  *message.add_items() = KeptItem("alpha", "BAD ID", "2020-03-02");
  *message.add_items() = FoundingItem("beta");
  *message.add_items() = KeptItem("missing", "kept", "2020-03-02");
  *message.add_items() = KeptItem("alpha", "kept-too", "2020-03-03");
  std::vector<trust::v1::ImportResult> results;
  ASSERT_TRUE(Import({message}, &results).ok());
  ASSERT_EQ(results.size(), 6u);
  EXPECT_EQ(results[0].outcome(), trust::v1::IMPORT_OUTCOME_CREATED);
  EXPECT_EQ(results[0].revision(), 2);
  EXPECT_EQ(results[1].revision(), 3);
  EXPECT_FALSE(results[1].log_position().empty());
  EXPECT_EQ(results[2].outcome(), trust::v1::IMPORT_OUTCOME_REJECTED);
  EXPECT_EQ(results[2].error().code(), 3);
  EXPECT_EQ(results[3].outcome(), trust::v1::IMPORT_OUTCOME_CREATED);
  EXPECT_EQ(results[4].outcome(), trust::v1::IMPORT_OUTCOME_REJECTED);
  EXPECT_EQ(results[5].revision(), 4);
}

TEST_F(ServerTest, ARepeatedImportStoresNothingTwice) {
  std::vector<trust::v1::ImportHistoryRequest> messages(20);
  *messages[0].add_items() = FoundingItem("alpha");
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 30; ++j) {
      *messages[i].add_items() = KeptItem("alpha", "kept-" + std::to_string(i) + "-" + std::to_string(j), "2020-03-02");
    }
  }
  for (const bool again : {false, true}) {
    std::vector<trust::v1::ImportResult> results;
    ASSERT_TRUE(Import(messages, &results).ok());
    ASSERT_EQ(results.size(), 601u);
    for (size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i].outcome(), again ? trust::v1::IMPORT_OUTCOME_UNCHANGED : trust::v1::IMPORT_OUTCOME_CREATED);
      EXPECT_EQ(results[i].revision(), static_cast<int64_t>(i) + 2);
    }
  }
}

TEST_F(ServerTest, AnExternalIdWithOtherContentIsRejected) {
  trust::v1::ImportHistoryRequest message;
  *message.add_items() = FoundingItem("alpha");
  *message.add_items() = KeptItem("alpha", "kept", "2020-03-02");
  *message.add_items() = KeptItem("alpha", "kept", "2020-03-03");
  std::vector<trust::v1::ImportResult> results;
  ASSERT_TRUE(Import({message}, &results).ok());
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[2].outcome(), trust::v1::IMPORT_OUTCOME_REJECTED);
  EXPECT_NE(results[2].error().message().find("kept"), std::string::npos);
}

TEST_F(ServerTest, ALivePartnershipIsClosedToImport) {
  ASSERT_TRUE(Found("alpha").ok());
  trust::v1::ImportHistoryRequest message;
  *message.add_items() = KeptItem("alpha", "kept", "2020-03-02");
  std::vector<trust::v1::ImportResult> results;
  ASSERT_TRUE(Import({message}, &results).ok());
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].outcome(), trust::v1::IMPORT_OUTCOME_REJECTED);
}

TEST_F(ServerTest, AnImportMessageOfTheWrongSizeEndsTheCallAfterTheResultsBeforeIt) {
  trust::v1::ImportHistoryRequest first;
  *first.add_items() = FoundingItem("alpha");
  std::vector<trust::v1::ImportResult> results;
  const grpc::Status status = Import({first, trust::v1::ImportHistoryRequest()}, &results);
  EXPECT_EQ(ReasonOf(status), "BATCH_TOO_LARGE");
  EXPECT_EQ(results.size(), 1u);
}

}  // namespace
}  // namespace services
