// VerifyLog and ExportAudit over the wire.

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventstore/merkle_tree.h"
#include "tests/services/server_fixture.h"
#include "trust/v1/audit_service.grpc.pb.h"

namespace services {
namespace {

class AuditStreamTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    audit_ = trust::v1::AuditService::NewStub(channel_);
    ASSERT_TRUE(Found("x").ok());
    ASSERT_TRUE(Found("y").ok());
  }

  grpc::Status Export(const trust::v1::ExportAuditRequest& request, std::vector<trust::v1::AuditLine>* lines) {
    grpc::ClientContext context;
    const auto stream = audit_->ExportAudit(&context, request);
    trust::v1::ExportAuditResponse response;
    while (stream->Read(&response)) {
      if (response.has_line()) lines->push_back(response.line());
    }
    return stream->Finish();
  }

  std::unique_ptr<trust::v1::AuditService::Stub> audit_;
};

TEST_F(AuditStreamTest, ASoundLogIsVerifiedToItsEnd) {
  grpc::ClientContext context;
  const auto stream = audit_->VerifyLog(&context, {});
  trust::v1::VerifyLogResponse response;
  bool ended = false;
  while (stream->Read(&response)) {
    EXPECT_FALSE(ended);
    EXPECT_FALSE(response.has_finding()) << response.ShortDebugString();
    ended = response.has_end();
  }
  EXPECT_TRUE(stream->Finish().ok());
  ASSERT_TRUE(ended);
  EXPECT_EQ(response.end().finding_count(), 0);
  EXPECT_EQ(response.end().tree_size(), 4);
  EXPECT_EQ(response.end().stream_count(), 2);
  EXPECT_EQ(response.end().root().size(), 32u);

  std::vector<trust::v1::AuditLine> lines;
  ASSERT_TRUE(Export({}, &lines).ok());
  EXPECT_EQ(lines.front().header().root(), response.end().root()) << "a bundle answers for the same log";
}

TEST_F(AuditStreamTest, AnExportHasAllOfTheLogOrOfAPartnershipAndAnEnd) {
  std::vector<trust::v1::AuditLine> lines;
  ASSERT_TRUE(Export({}, &lines).ok());
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_EQ(lines[0].header().tree_size(), 4);
  EXPECT_TRUE(lines[1].policy().built_in());
  eventstore::TreeFrontier frontier;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(lines[2 + i].record().log_index(), i);
    frontier.Add(eventstore::LeafHash(lines[2 + i].record().record()));
  }
  const eventstore::Sha256Digest root = frontier.Root();
  EXPECT_EQ(lines[0].header().root(), std::string(root.begin(), root.end()));
  EXPECT_EQ(lines[6].end().record_count(), 4);

  trust::v1::ExportAuditRequest request;
  request.set_partnership("y");
  lines.clear();
  ASSERT_TRUE(Export(request, &lines).ok());
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[3].record().proof_size(), 2);

  request.set_tree_size(4);
  request.set_from_log_index(3);
  lines.clear();
  ASSERT_TRUE(Export(request, &lines).ok());
  ASSERT_EQ(lines.size(), 3u) << "header, record, end";
  EXPECT_EQ(lines[1].record().log_index(), 3);

  request.set_partnership("nowhere");
  EXPECT_EQ(ReasonOf(Export(request, &lines)), "PARTNERSHIP_NOT_FOUND");
  request.set_from_log_index(-1);
  EXPECT_EQ(ReasonOf(Export(request, &lines)), "INVALID_FIELD");
  request.Clear();
  request.set_tree_size(5);
  EXPECT_EQ(ReasonOf(Export(request, &lines)), "SIZE_BEYOND_LOG");
}

TEST_F(AuditStreamTest, MoreExportsThanThereAreSlotsAreRefusedAndASlotComesBack) {
  // Large enough that a reader who does not read keeps its export waiting.
  std::vector<trust::v1::ImportHistoryRequest> messages(20);
  *messages[0].add_items() = FoundingItem("z");
  for (int i = 0; i < 5'000; ++i) {
    *messages[i / 250].add_items() = KeptItem("z", absl::StrCat("kept-", i), "2020-02-01");
  }
  std::vector<trust::v1::ImportResult> results;
  ASSERT_TRUE(Import(messages, &results).ok());
  ASSERT_EQ(results.size(), 5'001u);
  struct Reader {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<trust::v1::ExportAuditResponse>> stream;
  };
  // Without probes of the line, after which it would take in a whole export that nobody reads.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  const std::unique_ptr<trust::v1::AuditService::Stub> unread = trust::v1::AuditService::NewStub(
      grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(), arguments));
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 4; ++i) {
    auto& reader = *readers.emplace_back(std::make_unique<Reader>());
    reader.stream = unread->ExportAudit(&reader.context, {});
    trust::v1::ExportAuditResponse response;
    ASSERT_TRUE(reader.stream->Read(&response));
  }
  std::vector<trust::v1::AuditLine> lines;
  EXPECT_EQ(ReasonOf(Export({}, &lines)), "OVERLOADED");
  for (auto& reader : readers) {
    reader->context.TryCancel();
    reader->stream->Finish();
  }
  grpc::Status status;
  do {
    lines.clear();
    status = Export({}, &lines);
  } while (ReasonOf(status) == "OVERLOADED");
  EXPECT_TRUE(status.ok());
  EXPECT_TRUE(lines.back().has_end());
}

}  // namespace
}  // namespace services
