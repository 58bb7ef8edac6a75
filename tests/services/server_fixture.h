// A server on an empty store with the stubs of its services, and the requests that the tests over the wire share.

#ifndef TESTS_SERVICES_SERVER_FIXTURE_H_
#define TESTS_SERVICES_SERVER_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/memory_store.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "projections/day.h"
#include "services/server.h"
#include "tests/services/wire_status.h"
#include "tests/support/fake_clock.h"
#include "trust/v1/admin_service.pb.h"
#include "trust/v1/evidence_service.grpc.pb.h"
#include "trust/v1/history_service.grpc.pb.h"
#include "trust/v1/partnership_service.grpc.pb.h"
#include "trust/v1/trust_service.grpc.pb.h"

namespace services {

class ServerTest : public testing::Test {
 protected:
  void SetUp() override { Serve(std::make_unique<eventstore::MemoryStore>()); }

  // Starts a server on a store, at a port of its own, and makes the stubs of its services.
  void Serve(std::unique_ptr<eventstore::EventStore> store, ServerOptions options = {}) {
    options.listen = "127.0.0.1:0";
    auto server = Server::Start(options, std::move(store), &clock_, [] {});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    Connect();
  }

  // Makes the stubs of the server.
  void Connect() {
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    partnerships_ = trust::v1::PartnershipService::NewStub(channel_);
    evidence_ = trust::v1::EvidenceService::NewStub(channel_);
    trust_ = trust::v1::TrustService::NewStub(channel_);
    history_ = trust::v1::HistoryService::NewStub(channel_);
  }

  grpc::Status Found(const std::string& partnership) {
    trust::v1::CreatePartnershipRequest request;
    request.set_partnership(partnership);
    request.add_partners()->set_organization("acme");
    request.add_partners()->set_organization("globex");
    request.set_recorder("acme");
    *request.mutable_initial_contact_time() = Midnight("2020-01-06");
    grpc::ClientContext context;
    trust::v1::CreatePartnershipResponse response;
    return partnerships_->CreatePartnership(&context, request, &response);
  }

  static trust::v1::RecordEvidenceRequest Shared(const std::string& partnership, const char* day) {
    trust::v1::RecordEvidenceRequest request;
    request.set_partnership(partnership);
    request.set_recorder("acme");
    *request.mutable_occur_time() = Midnight(day);
    request.mutable_evidence()->set_actor("*");
    request.mutable_evidence()->add_affected("acme");
    request.mutable_evidence()->add_affected("globex");
    request.mutable_evidence()->mutable_shared_experience_held();
    return request;
  }

  static trust::v1::EraseContactRequest ErasureOf(const std::string& contact) {
    trust::v1::EraseContactRequest request;
    request.set_contact(contact);
    request.set_request("ticket 4711");
    request.set_approver("officer");
    return request;
  }

  grpc::Status Record(const trust::v1::RecordEvidenceRequest& request, trust::v1::RecordEvidenceResponse* response) {
    grpc::ClientContext context;
    return evidence_->RecordEvidence(&context, request, response);
  }

  // Sends all messages, then reads all results.
  grpc::Status Import(const std::vector<trust::v1::ImportHistoryRequest>& messages,
                      std::vector<trust::v1::ImportResult>* results) {
    grpc::ClientContext context;
    const auto stream = evidence_->ImportHistory(&context);
    for (const trust::v1::ImportHistoryRequest& message : messages) {
      if (!stream->Write(message)) break;
    }
    stream->WritesDone();
    trust::v1::ImportHistoryResponse response;
    while (stream->Read(&response)) {
      for (const trust::v1::ImportResult& result : response.results()) results->push_back(result);
    }
    return stream->Finish();
  }

  static trust::v1::ImportItem Item(const std::string& partnership, const std::string& external_id, const char* day) {
    trust::v1::ImportItem item;
    item.set_partnership(partnership);
    item.set_external_id(external_id);
    *item.mutable_occur_time() = Midnight(day);
    return item;
  }

  static trust::v1::ImportItem FoundingItem(const std::string& partnership) {
    trust::v1::ImportItem item = Item(partnership, "founding", "2020-01-06");
    item.mutable_partnership_proposed()->add_partners()->set_organization("acme");
    item.mutable_partnership_proposed()->add_partners()->set_organization("globex");
    return item;
  }

  static trust::v1::ImportItem KeptItem(const std::string& partnership, const std::string& external_id,
                                        const char* day) {
    trust::v1::ImportItem item = Item(partnership, external_id, day);
    item.mutable_evidence()->set_actor("globex");
    item.mutable_evidence()->add_affected("acme");
    item.mutable_evidence()->mutable_commitment_fulfilled();
    return item;
  }

  support::FakeClock clock_{projections::ToTime(Midnight("2024-01-01"))};
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<trust::v1::PartnershipService::Stub> partnerships_;
  std::unique_ptr<trust::v1::EvidenceService::Stub> evidence_;
  std::unique_ptr<trust::v1::TrustService::Stub> trust_;
  std::unique_ptr<trust::v1::HistoryService::Stub> history_;
};

}  // namespace services

#endif  // TESTS_SERVICES_SERVER_FIXTURE_H_
