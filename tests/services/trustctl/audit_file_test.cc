#include "services/trustctl/audit_file.h"

#include <filesystem>
#include <random>
#include <string>

#include "gmock/gmock.h"
#include "services/domain/refusal.h"
#include "tests/services/trustctl/audit_bundle.h"
#include "tests/support/test_seed.h"

namespace trustctl {
namespace {

using ::testing::HasSubstr;

class AuditFileTest : public BundleTest {
 protected:
  // Exports as far as lines_max lines, then breaks off; goes on with what is there. True when it came to the end.
  bool ExportSome(AuditedLog& log, const std::string& partnership, int lines_max) {
    const auto file = AuditFile::Open(path("resumed"));
    EXPECT_TRUE(file.ok()) << file.status();
    trust::v1::ExportAuditRequest request;
    request.set_partnership(partnership);
    if ((*file)->header() != nullptr) {
      request.set_tree_size((*file)->header()->tree_size());
      request.set_from_log_index((*file)->from_log_index());
    } else {
      whole_ = Export(log, partnership).Whole();
    }
    const auto messages = log.Export(request);
    EXPECT_TRUE(messages.ok()) << messages.status();
    for (const trust::v1::ExportAuditResponse& message : *messages) {
      if (!message.has_line()) continue;
      if (lines_max-- == 0) return false;
      const absl::Status added = (*file)->Add(message.line());
      EXPECT_TRUE(added.ok()) << added;
    }
    EXPECT_TRUE((*file)->Complete().ok());
    return true;
  }

  // What an export in one go gave when this one began: for the last time, where too little was kept to go on with.
  std::string whole_;
};

TEST_F(AuditFileTest, AnExportThatBreaksOffAgainAndAgainGivesTheSameFile) {
  const uint32_t seed = support::AnySeed();
  std::mt19937 random(seed);
  AuditedLog log(seed);
  log.Fill(30);
  for (const char* partnership : {"", "x"}) {
    // No more than a quarter at a time, so that it breaks off at least three times.
    const auto lines = static_cast<int>(Export(log, partnership).lines.size());
    std::uniform_int_distribution<int> some(3, lines / 4);
    int breaks = 0;
    for (; !ExportSome(log, partnership, some(random)); ++breaks) {
      // A process that is killed leaves the last line half written.
      const std::string part = path("resumed.part");
      const auto size = std::filesystem::file_size(part);
      std::filesystem::resize_file(part, size - std::min<size_t>(size, random() % 300));
      log.Issue("x", true, "");  // The log goes on meanwhile; the bundle stays at its size.
    }
    EXPECT_GT(breaks, 2);
    EXPECT_EQ(Content(path("resumed")), whole_);
    EXPECT_NE(Export(log, partnership).Whole(), whole_);
    EXPECT_FALSE(std::filesystem::exists(path("resumed.part")));
    std::filesystem::remove(path("resumed"));
  }
}

TEST_F(AuditFileTest, TheBeginningOfAnotherBundleIsNotGoneOnWith) {
  AuditedLog log(1), other(2);
  log.Fill(20);
  other.Fill(20);
  EXPECT_FALSE(ExportSome(log, "", 20));
  const auto file = AuditFile::Open(path("resumed"));
  ASSERT_TRUE(file.ok());
  const auto messages = other.Export({});
  ASSERT_TRUE(messages.ok());
  const absl::Status added = (*file)->Add(messages->front().line());
  EXPECT_EQ(added.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(added.message()), HasSubstr("another bundle"));
}

TEST_F(AuditFileTest, WhatIsThereIsNeitherOverwrittenNorTakenForABundle) {
  Write(path("there"), "mine");
  EXPECT_EQ(AuditFile::Open(path("there")).status().code(), absl::StatusCode::kAlreadyExists);
  Write(path("some.part"), "mine\n");
  EXPECT_EQ(AuditFile::Open(path("some")).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Content(path("some.part")), "mine\n");
  EXPECT_EQ(AuditFile::Open(path("no/such/place")).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(AuditFileTest, AnExportRefusesWhatItCannotBeAskedFor) {
  AuditedLog log(1);
  log.Fill(20);
  trust::v1::ExportAuditRequest request;
  request.set_partnership("nowhere");
  EXPECT_EQ(domain::ReasonOf(log.Export(request).status()), trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND);
  request.set_partnership("Not An Id");
  request.set_from_log_index(3);
  EXPECT_EQ(domain::ReasonOf(log.Export(request).status()), trust::v1::ERROR_REASON_INVALID_FIELD);
  request.Clear();
  request.set_tree_size(static_cast<int64_t>(log.store.LogSize()) + 1);
  EXPECT_EQ(domain::ReasonOf(log.Export(request).status()), trust::v1::ERROR_REASON_SIZE_BEYOND_LOG);
}

// Memory is that of a piece: however much there is to say, no piece says much more than it was asked for.
TEST_F(AuditFileTest, PiecesAreBounded) {
  AuditedLog log(5);
  log.Fill(60);
  services::AuditExport exported(&log.store, &log.checkpointer, &log.policies, &log.clock, {});
  int pieces = 0;
  size_t longest = 0;
  for (; !exported.ended(); ++pieces) {
    services::AuditExport::Messages messages;
    ASSERT_TRUE(exported.Next(1, &messages).ok());
    longest = std::max(longest, messages.size());
  }
  EXPECT_GT(pieces, static_cast<int>(log.store.LogSize()));
  EXPECT_LE(longest, 4u);
}

}  // namespace
}  // namespace trustctl
