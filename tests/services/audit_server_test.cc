// AuditService over the wire, and the receipts of every kind of command.

#include <fstream>

#include "eventstore/merkle_tree.h"
#include "eventstore/signed_note.h"
#include "eventstore/signing_key_file.h"
#include "eventstore/v1/record.pb.h"
#include "tests/eventstore/temp_directory.h"
#include "tests/services/server_fixture.h"
#include "trust/v1/admin_service.grpc.pb.h"
#include "trust/v1/audit_service.grpc.pb.h"
#include "trust/v1/policy_service.grpc.pb.h"

namespace services {
namespace {

using eventstore::Sha256Digest;

Sha256Digest DigestOf(const std::string& bytes) {
  Sha256Digest digest{};
  EXPECT_EQ(bytes.size(), digest.size());
  std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), reinterpret_cast<char*>(digest.data()));
  return digest;
}

std::vector<Sha256Digest> DigestsOf(const google::protobuf::RepeatedPtrField<std::string>& bytes) {
  std::vector<Sha256Digest> digests;
  for (const std::string& one : bytes) digests.push_back(DigestOf(one));
  return digests;
}

class AuditTest : public ServerTest {
 protected:
  void SetUp() override { StartServer(true); }

  void StartServer(bool with_key) {
    const auto key = eventstore::SigningKey::Generate("log.example.com");
    ASSERT_TRUE(key.ok()) << key.status();
    const std::string path = directory_.path() + "/signing.key";
    if (with_key) {
      ASSERT_TRUE(eventstore::WriteSigningKeyFile(*key, path).ok());
    }
    key_.emplace(*key);
    ServerOptions options;
    options.checkpoints.interval = absl::Hours(1);  // Those made here were asked for.
    options.watermark_directory = directory_.path() + "/marks";
    if (with_key) options.signing_key_file = path;
    Serve(std::make_unique<eventstore::MemoryStore>(), options);
    audit_ = trust::v1::AuditService::NewStub(channel_);
  }

  trust::v1::GetCheckpointResponse Checkpoint(int64_t size, const std::string& min_position = "") {
    trust::v1::GetCheckpointRequest request;
    request.set_size(size);
    request.set_min_position(min_position);
    grpc::ClientContext context;
    trust::v1::GetCheckpointResponse response;
    last_ = audit_->GetCheckpoint(&context, request, &response);
    return response;
  }

  trust::v1::GetInclusionProofResponse Inclusion(const std::string& partnership, int64_t revision, int64_t log_index,
                                                 int64_t tree_size) {
    trust::v1::GetInclusionProofRequest request;
    request.set_partnership(partnership);
    request.set_revision(revision);
    request.set_log_index(log_index);
    request.set_tree_size(tree_size);
    grpc::ClientContext context;
    trust::v1::GetInclusionProofResponse response;
    last_ = audit_->GetInclusionProof(&context, request, &response);
    return response;
  }

  trust::v1::GetConsistencyProofResponse Consistency(int64_t old_size, int64_t new_size) {
    trust::v1::GetConsistencyProofRequest request;
    request.set_old_size(old_size);
    request.set_new_size(new_size);
    grpc::ClientContext context;
    trust::v1::GetConsistencyProofResponse response;
    last_ = audit_->GetConsistencyProof(&context, request, &response);
    return response;
  }

  // That a receipt is of the record behind a position, by a proof from the checkpoint that covers it.
  void ExpectProves(const trust::v1::Receipt& receipt, const trust::v1::Event& event) {
    const auto checkpoint = Checkpoint(0, event.log_position());
    ASSERT_TRUE(last_.ok()) << last_.error_message();
    EXPECT_LE(receipt.checkpoint_size(), checkpoint.size());
    const auto proof = Inclusion("", 0, receipt.log_index(), checkpoint.size());
    ASSERT_TRUE(last_.ok()) << last_.error_message();
    EXPECT_EQ(proof.leaf_hash(), receipt.leaf_hash());
    EXPECT_TRUE(eventstore::CheckInclusion(static_cast<uint64_t>(receipt.log_index()),
                                           static_cast<uint64_t>(checkpoint.size()), DigestOf(receipt.leaf_hash()),
                                           DigestOf(checkpoint.root()), DigestsOf(proof.hashes()))
                    .ok());
    eventstore::v1::Record record;
    ASSERT_TRUE(record.ParseFromString(proof.record()));
    EXPECT_EQ(record.stream(), event.partnership());
    EXPECT_EQ(static_cast<int64_t>(record.revision()), event.revision());
  }

  eventstore::TempDirectory directory_;
  std::optional<eventstore::SigningKey> key_;
  std::unique_ptr<trust::v1::AuditService::Stub> audit_;
  grpc::Status last_;
};

class UnsignedAuditTest : public AuditTest {
 protected:
  void SetUp() override { StartServer(false); }
};

TEST_F(AuditTest, EveryRecordIsProvedAtEverySizeAndEverySizeContinuesTheSmallerOnes) {
  ASSERT_TRUE(Found("acme-globex").ok());
  for (const char* day : {"2020-02-01", "2020-03-01", "2020-04-01", "2020-05-01", "2020-06-01"}) {
    trust::v1::RecordEvidenceResponse response;
    ASSERT_TRUE(Record(Shared("acme-globex", day), &response).ok());
  }
  std::vector<Sha256Digest> roots = {eventstore::EmptyRoot()};
  for (int64_t size = 1; size <= 7; ++size) {
    const auto checkpoint = Checkpoint(size);
    ASSERT_TRUE(last_.ok()) << last_.error_message();
    EXPECT_EQ(checkpoint.verifier_key(), key_->verifier().Text());
    const auto text = eventstore::OpenNote(checkpoint.checkpoint(), key_->verifier());
    ASSERT_TRUE(text.ok()) << text.status();
    const auto parsed = eventstore::ParseCheckpoint(*text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed,
              (eventstore::Checkpoint{"log.example.com", static_cast<uint64_t>(size), DigestOf(checkpoint.root())}));
    roots.push_back(parsed->root);
    for (int64_t index = 0; index < size; ++index) {
      const auto proof = Inclusion("", 0, index, size);
      ASSERT_TRUE(last_.ok()) << last_.error_message();
      EXPECT_EQ(proof.root(), checkpoint.root());
      EXPECT_EQ(DigestOf(proof.leaf_hash()), eventstore::LeafHash(proof.record()));
      EXPECT_TRUE(eventstore::CheckInclusion(static_cast<uint64_t>(index), static_cast<uint64_t>(size),
                                             DigestOf(proof.leaf_hash()), roots.back(), DigestsOf(proof.hashes()))
                      .ok());
      const auto by_revision = Inclusion("acme-globex", index + 1, 0, size);
      ASSERT_TRUE(last_.ok()) << last_.error_message();
      EXPECT_EQ(by_revision.SerializeAsString(), proof.SerializeAsString());
    }
    for (int64_t old = 1; old <= size; ++old) {
      const auto proof = Consistency(old, size);
      ASSERT_TRUE(last_.ok()) << last_.error_message();
      EXPECT_EQ(DigestOf(proof.old_root()), roots[static_cast<size_t>(old)]);
      EXPECT_TRUE(eventstore::CheckConsistency(static_cast<uint64_t>(old), static_cast<uint64_t>(size),
                                               roots[static_cast<size_t>(old)], roots.back(), DigestsOf(proof.hashes()))
                      .ok());
    }
  }
}

TEST_F(AuditTest, TheDefaultsAreTheNewestCheckpointMadeAtOnceWhereItDoesNotCover) {
  ASSERT_TRUE(Found("acme-globex").ok());
  // Made at the start, of an empty log.
  EXPECT_EQ(Checkpoint(0).size(), 0);
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  trust::v1::RecordEvidenceResponse response;
  ASSERT_TRUE(Record(Shared("acme-globex", "2020-02-01"), &response).ok());
  EXPECT_EQ(response.receipt().checkpoint_size(), 0);
  EXPECT_EQ(Checkpoint(0, response.log_position()).size(), 3);
  ASSERT_TRUE(Record(Shared("acme-globex", "2020-03-01"), &response).ok());
  EXPECT_EQ(response.receipt().checkpoint_size(), 3);
  EXPECT_EQ(Checkpoint(0).size(), 3);
  EXPECT_EQ(Consistency(2, 0).new_size(), 3);
  EXPECT_EQ(Inclusion("acme-globex", 2, 0, 0).tree_size(), 3);
  EXPECT_EQ(Inclusion("acme-globex", 4, 0, 0).tree_size(), 4);
  EXPECT_EQ(Checkpoint(0).size(), 4);
  EXPECT_EQ(Consistency(4, 0).hashes_size(), 0);
}

TEST_F(AuditTest, WhatTheLogDoesNotHoldIsRefusedWithItsSize) {
  ASSERT_TRUE(Found("acme-globex").ok());
  Checkpoint(3);
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReasonOf(last_), "SIZE_BEYOND_LOG");
  EXPECT_NE(last_.error_message().find("the log holds 2 records, not 3"), std::string::npos) << last_.error_message();
  Inclusion("", 0, 2, 0);
  EXPECT_EQ(ReasonOf(last_), "SIZE_BEYOND_LOG");
  Inclusion("", 0, 0, 3);
  EXPECT_EQ(ReasonOf(last_), "SIZE_BEYOND_LOG");
  Inclusion("", 0, std::numeric_limits<int64_t>::max(), 0);
  EXPECT_EQ(ReasonOf(last_), "SIZE_BEYOND_LOG");
  Consistency(1, 3);
  EXPECT_EQ(ReasonOf(last_), "SIZE_BEYOND_LOG");
  Consistency(3, 0);
  EXPECT_EQ(ReasonOf(last_), "SIZE_BEYOND_LOG");
  Inclusion("", 0, 1, 1);
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReasonOf(last_), "RECORD_NOT_COVERED");
  Inclusion("acme-globex", 3, 0, 0);
  EXPECT_EQ(ReasonOf(last_), "EVENT_NOT_FOUND");
  Inclusion("nobody", 1, 0, 0);
  EXPECT_EQ(ReasonOf(last_), "PARTNERSHIP_NOT_FOUND");
  Checkpoint(0, "no token");
  EXPECT_EQ(ReasonOf(last_), "INVALID_POSITION");
}

TEST_F(AuditTest, WrongFieldsAreNamed) {
  Checkpoint(-1);
  EXPECT_EQ(ReasonOf(last_), "INVALID_FIELD");
  Checkpoint(1, "x");
  EXPECT_EQ(ReasonOf(last_), "INVALID_FIELD");
  Inclusion("acme-globex", 0, 0, 0);
  EXPECT_EQ(ReasonOf(last_), "INVALID_FIELD");
  Inclusion("acme-globex", 1, 1, 0);
  EXPECT_EQ(ReasonOf(last_), "INVALID_FIELD");
  Inclusion("", 1, 0, -1);
  EXPECT_EQ(ReasonOf(last_), "INVALID_FIELD");
  EXPECT_NE(last_.error_message().find("tree_size"), std::string::npos);
  Inclusion("", 0, -1, 0);
  EXPECT_EQ(ReasonOf(last_), "INVALID_FIELD");
  Consistency(0, 0);
  EXPECT_EQ(ReasonOf(last_), "INVALID_FIELD");
  Consistency(2, 1);
  EXPECT_EQ(ReasonOf(last_), "INVALID_FIELD");
}

TEST_F(UnsignedAuditTest, WithoutAKeyProofsAreServedAndCheckpointsRefused) {
  ASSERT_TRUE(Found("acme-globex").ok());
  Checkpoint(0);
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(last_), "SIGNING_KEY_MISSING");
  EXPECT_NE(last_.error_message().find("trustctl keygen"), std::string::npos) << last_.error_message();
  const auto proof = Inclusion("acme-globex", 1, 0, 0);
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  EXPECT_TRUE(
      eventstore::CheckInclusion(0, 2, DigestOf(proof.leaf_hash()), DigestOf(proof.root()), DigestsOf(proof.hashes()))
          .ok());
  EXPECT_EQ(Consistency(1, 2).hashes_size(), 1);
}

TEST_F(AuditTest, ACommandsReceiptProvesItsLastEventAndARepetitionHasTheSame) {
  ASSERT_TRUE(Found("acme-globex").ok());
  trust::v1::BatchRecordEvidenceRequest request;
  request.set_partnership("acme-globex");
  request.set_recorder("acme");
  request.set_request_id("5f0c2b0e-7a51-4b8e-9c43-6d1f5a3b2c1d");
  for (const char* day : {"2020-02-01", "2020-03-01", "2020-04-01"}) {
    trust::v1::EvidenceItem& item = *request.add_items();
    *item.mutable_occur_time() = Midnight(day);
    *item.mutable_evidence() = Shared("acme-globex", day).evidence();
  }
  trust::v1::BatchRecordEvidenceRequest tried = request;
  tried.clear_request_id();
  tried.set_validate_only(true);
  trust::v1::BatchRecordEvidenceResponse first, second, preview;
  grpc::ClientContext contexts[3];
  ASSERT_TRUE(evidence_->BatchRecordEvidence(&contexts[0], tried, &preview).ok());
  EXPECT_FALSE(preview.has_receipt());
  ASSERT_TRUE(evidence_->BatchRecordEvidence(&contexts[1], request, &first).ok());
  ASSERT_TRUE(evidence_->BatchRecordEvidence(&contexts[2], request, &second).ok());
  ASSERT_TRUE(first.has_receipt() && second.has_receipt());
  EXPECT_EQ(first.receipt().log_index(), 4);
  EXPECT_EQ(second.receipt().log_index(), first.receipt().log_index());
  EXPECT_EQ(second.receipt().leaf_hash(), first.receipt().leaf_hash());
  ExpectProves(first.receipt(), *first.events().rbegin());
}

TEST_F(AuditTest, CommandsOfOtherServicesHaveReceiptsToo) {
  trust::v1::CreatePartnershipRequest founding;
  founding.set_partnership("acme-globex");
  founding.add_partners()->set_organization("acme");
  founding.add_partners()->set_organization("globex");
  founding.set_recorder("acme");
  *founding.mutable_initial_contact_time() = Midnight("2020-01-06");
  grpc::ClientContext contexts[4];
  trust::v1::CreatePartnershipResponse founded;
  ASSERT_TRUE(partnerships_->CreatePartnership(&contexts[0], founding, &founded).ok());
  ExpectProves(founded.receipt(), *founded.events().rbegin());

  trust::v1::IssueAssessmentRequest report;
  report.set_partnership("acme-globex");
  report.set_recorder("acme");
  report.set_assessment("annual");
  trust::v1::IssueAssessmentResponse issued;
  ASSERT_TRUE(trust_->IssueAssessment(&contexts[1], report, &issued).ok());
  ExpectProves(issued.receipt(), *issued.events().rbegin());

  trust::v1::PinPolicyRequest pin;
  pin.set_partnership("acme-globex");
  pin.set_recorder("acme");
  pin.set_policy("trust-stages/1.0.0");
  trust::v1::PinPolicyResponse pinned;
  const auto policies = trust::v1::PolicyService::NewStub(channel_);
  ASSERT_TRUE(policies->PinPolicy(&contexts[2], pin, &pinned).ok());
  ExpectProves(pinned.receipt(), *pinned.events().rbegin());

  trust::v1::ImportHistoryRequest message;
  *message.add_items() = FoundingItem("initech-hooli");
  *message.add_items() = KeptItem("initech-hooli", "kept", "2020-02-01");
  const auto stream = evidence_->ImportHistory(&contexts[3]);
  trust::v1::ImportHistoryResponse first, second;
  ASSERT_TRUE(stream->Write(message));
  ASSERT_TRUE(stream->Read(&first));
  ASSERT_TRUE(stream->Write(message));
  ASSERT_TRUE(stream->Read(&second));
  stream->WritesDone();
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_EQ(first.receipt().log_index(), 6);
  EXPECT_FALSE(second.has_receipt());
  const auto proof = Inclusion("initech-hooli", 3, 0, 0);
  EXPECT_EQ(proof.log_index(), 6);
  EXPECT_EQ(proof.leaf_hash(), first.receipt().leaf_hash());
}

TEST_F(AuditTest, WhatWasProvedBeforeAnErasureIsProvedOfTheSameRecordsAfterIt) {
  ASSERT_TRUE(Found("acme-globex").ok());
  for (const char* person : {"ada", "", "bert", "ada"}) {
    trust::v1::RecordEvidenceRequest request = Shared("acme-globex", "2020-02-01");
    if (*person != 0) request.mutable_note()->set_contact(person);
    if (*person != 0) request.mutable_note()->set_text("Prefers to be called before noon.");
    trust::v1::RecordEvidenceResponse response;
    ASSERT_TRUE(Record(request, &response).ok());
  }
  constexpr int64_t kOld = 3, kSize = 6;
  const auto checkpoint = Checkpoint(kSize);
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  const auto grown = Consistency(kOld, kSize);
  std::vector<trust::v1::GetInclusionProofResponse> proofs;
  for (int64_t index = 0; index < kSize; ++index) proofs.push_back(Inclusion("", 0, index, kSize));

  grpc::ClientContext context;
  trust::v1::EraseContactResponse erased;
  const auto admin = trust::v1::AdminService::NewStub(channel_);
  ASSERT_TRUE(admin->EraseContact(&context, ErasureOf("ada"), &erased).ok());

  // What was kept holds of what the log has now, and the log says the same again.
  const Sha256Digest root = DigestOf(checkpoint.root());
  for (int64_t index = 0; index < kSize; ++index) {
    const trust::v1::GetInclusionProofResponse& kept = proofs[static_cast<size_t>(index)];
    const auto now = Inclusion("", 0, index, kSize);
    ASSERT_TRUE(last_.ok()) << last_.error_message();
    EXPECT_TRUE(eventstore::CheckInclusion(static_cast<uint64_t>(index), kSize, eventstore::LeafHash(now.record()),
                                           root, DigestsOf(kept.hashes()))
                    .ok())
        << index;
    EXPECT_EQ(now.SerializeAsString(), kept.SerializeAsString()) << index;
  }
  EXPECT_TRUE(
      eventstore::CheckConsistency(kOld, kSize, DigestOf(Checkpoint(kOld).root()), root, DigestsOf(grown.hashes()))
          .ok());
  EXPECT_EQ(Checkpoint(kSize).checkpoint(), checkpoint.checkpoint());
  // The erasure itself continues the log.
  const auto newest = Checkpoint(kSize + 1);
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  EXPECT_TRUE(eventstore::CheckConsistency(kSize, kSize + 1, root, DigestOf(newest.root()),
                                           DigestsOf(Consistency(kSize, kSize + 1).hashes()))
                  .ok());
  ExpectProves(erased.receipt(), erased.events(0));
}

TEST_F(AuditTest, AKeyThatCannotBeUsedIsSaidAtTheStart) {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.signing_key_file = directory_.path() + "/none";
  const auto server = Server::Start(options, std::make_unique<eventstore::MemoryStore>(), &clock_, [] {});
  EXPECT_EQ(server.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(server.status().message().find("trustctl keygen"), absl::string_view::npos) << server.status();
}

TEST_F(AuditTest, WithoutAWatermarkNothingMoreIsProved) {
  ASSERT_TRUE(Found("acme-globex").ok());
  std::filesystem::remove_all(directory_.path() + "/marks");
  Checkpoint(2);
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(last_), "CHECKPOINT_NOT_MADE");
}

}  // namespace
}  // namespace services
