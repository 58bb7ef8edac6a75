// The connection to one trustd: a method for each RPC that the verbs use, with statuses as in failure.h. A call takes
// no longer than the deadline; a stream is never silent for longer. Thread-safe. The file behind it is the one that
// knows gRPC.

#ifndef SERVICES_TRUSTCTL_CONNECTION_H_
#define SERVICES_TRUSTCTL_CONNECTION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "grpc/health/v1/health.pb.h"
#include "services/trustctl/import_call.h"
#include "trust/v1/admin_service.pb.h"
#include "trust/v1/audit_bundle.pb.h"
#include "trust/v1/audit_service.pb.h"
#include "trust/v1/evidence_service.pb.h"
#include "trust/v1/history_service.pb.h"
#include "trust/v1/log_verification.pb.h"
#include "trust/v1/partnership_service.pb.h"
#include "trust/v1/policy_service.pb.h"
#include "trust/v1/trust_service.pb.h"

namespace trustctl {

// Who reads, and what for, as told to a server that records it; either may be empty. Printable ASCII.
struct Reader {
  std::string id;
  std::string purpose;
};

// By what a server is known, and its caller; all PEM but the token. Without authorities the connection is plain text.
struct Credentials {
  std::string authorities;       // Those that the server's certificate may come from.
  std::string certificate, key;  // The caller's own; both or none.
  std::string token;             // Sent with each call; empty for none.
};

class Connection {
 public:
  // Connects when the first call is made. server is HOST:PORT.
  Connection(std::string server, absl::Duration deadline, Credentials credentials = {}, Reader reader = {});
  ~Connection();

  const std::string& server() const { return server_; }

  // Errors of all calls: Unreachable when no server answers or not in time; what the server refused otherwise.
  absl::StatusOr<trust::v1::ListPartnershipsResponse> ListPartnerships(
      const trust::v1::ListPartnershipsRequest& request);
  absl::StatusOr<trust::v1::GetPartnershipResponse> GetPartnership(const trust::v1::GetPartnershipRequest& request);
  absl::StatusOr<trust::v1::AssessTrustResponse> AssessTrust(const trust::v1::AssessTrustRequest& request);
  absl::StatusOr<trust::v1::ListAttentionResponse> ListAttention(const trust::v1::ListAttentionRequest& request);
  absl::StatusOr<trust::v1::RecordEvidenceResponse> RecordEvidence(const trust::v1::RecordEvidenceRequest& request);
  absl::StatusOr<trust::v1::GetTrustTimelineResponse> GetTrustTimeline(
      const trust::v1::GetTrustTimelineRequest& request);
  absl::StatusOr<trust::v1::ExplainTrustResponse> ExplainTrust(const trust::v1::ExplainTrustRequest& request);
  absl::StatusOr<trust::v1::ListEventsResponse> ListEvents(const trust::v1::ListEventsRequest& request);
  absl::StatusOr<trust::v1::GetCheckpointResponse> GetCheckpoint(const trust::v1::GetCheckpointRequest& request);
  absl::StatusOr<trust::v1::GetConsistencyProofResponse> GetConsistencyProof(
      const trust::v1::GetConsistencyProofRequest& request);
  absl::StatusOr<trust::v1::IssueAssessmentResponse> IssueAssessment(const trust::v1::IssueAssessmentRequest& request);
  absl::StatusOr<trust::v1::VerifyAssessmentResponse> VerifyAssessment(
      const trust::v1::VerifyAssessmentRequest& request);
  absl::StatusOr<trust::v1::ListRestatementsResponse> ListRestatements(
      const trust::v1::ListRestatementsRequest& request);
  absl::StatusOr<trust::v1::ResolveTimeResponse> ResolveTime(const trust::v1::ResolveTimeRequest& request);
  absl::StatusOr<trust::v1::PublishPolicyResponse> PublishPolicy(const trust::v1::PublishPolicyRequest& request);
  absl::StatusOr<trust::v1::ActivatePolicyResponse> ActivatePolicy(const trust::v1::ActivatePolicyRequest& request);
  absl::StatusOr<trust::v1::PinPolicyResponse> PinPolicy(const trust::v1::PinPolicyRequest& request);
  absl::StatusOr<trust::v1::GetPolicyResponse> GetPolicy(const trust::v1::GetPolicyRequest& request);
  absl::StatusOr<trust::v1::ListPoliciesResponse> ListPolicies(const trust::v1::ListPoliciesRequest& request);
  absl::StatusOr<trust::v1::EraseContactResponse> EraseContact(const trust::v1::EraseContactRequest& request);
  absl::StatusOr<trust::v1::PlaceLegalHoldResponse> PlaceLegalHold(const trust::v1::PlaceLegalHoldRequest& request);
  absl::StatusOr<trust::v1::ReleaseLegalHoldResponse> ReleaseLegalHold(
      const trust::v1::ReleaseLegalHoldRequest& request);
  absl::StatusOr<trust::v1::GetServerStatusResponse> GetServerStatus(const trust::v1::GetServerStatusRequest& request);
  absl::StatusOr<trust::v1::CreatePartnershipResponse> CreatePartnership(
      const trust::v1::CreatePartnershipRequest& request);
  absl::StatusOr<trust::v1::RecordMilestoneResponse> RecordMilestone(const trust::v1::RecordMilestoneRequest& request);
  absl::StatusOr<trust::v1::SuspendPartnershipResponse> SuspendPartnership(
      const trust::v1::SuspendPartnershipRequest& request);
  absl::StatusOr<trust::v1::ResumePartnershipResponse> ResumePartnership(
      const trust::v1::ResumePartnershipRequest& request);
  absl::StatusOr<trust::v1::TerminatePartnershipResponse> TerminatePartnership(
      const trust::v1::TerminatePartnershipRequest& request);
  absl::StatusOr<trust::v1::AddPartnerResponse> AddPartner(const trust::v1::AddPartnerRequest& request);
  absl::StatusOr<trust::v1::RemovePartnerResponse> RemovePartner(const trust::v1::RemovePartnerRequest& request);
  absl::StatusOr<trust::v1::DeclareTieResponse> DeclareTie(const trust::v1::DeclareTieRequest& request);
  absl::StatusOr<trust::v1::AssignContactResponse> AssignContact(const trust::v1::AssignContactRequest& request);
  absl::StatusOr<trust::v1::ReleaseContactResponse> ReleaseContact(const trust::v1::ReleaseContactRequest& request);
  absl::StatusOr<trust::v1::GetContactResponse> GetContact(const trust::v1::GetContactRequest& request);
  absl::StatusOr<trust::v1::BatchRecordEvidenceResponse> BatchRecordEvidence(
      const trust::v1::BatchRecordEvidenceRequest& request);
  absl::StatusOr<trust::v1::CorrectEvidenceResponse> CorrectEvidence(const trust::v1::CorrectEvidenceRequest& request);
  absl::StatusOr<trust::v1::RetractEvidenceResponse> RetractEvidence(const trust::v1::RetractEvidenceRequest& request);
  absl::StatusOr<trust::v1::ConfirmEvidenceResponse> ConfirmEvidence(const trust::v1::ConfirmEvidenceRequest& request);
  absl::StatusOr<trust::v1::ContestEvidenceResponse> ContestEvidence(const trust::v1::ContestEvidenceRequest& request);
  absl::StatusOr<trust::v1::GetInclusionProofResponse> GetInclusionProof(
      const trust::v1::GetInclusionProofRequest& request);

  // Takes as long as the disks of the server do, at most timeout.
  absl::StatusOr<trust::v1::CreateBackupResponse> CreateBackup(const trust::v1::CreateBackupRequest& request,
                                                               absl::Duration timeout);

  // Calls receive with each message. OK when the server ended the stream in order, which does not say that it was
  // complete.
  absl::Status ReplayHistory(const trust::v1::ReplayHistoryRequest& request,
                             absl::FunctionRef<void(const trust::v1::ReplayHistoryResponse&)> receive);

  // As for ReplayHistory, until receive returns false, which ends the call with OK.
  absl::Status VerifyLog(const trust::v1::VerifyLogRequest& request,
                         absl::FunctionRef<bool(const trust::v1::VerifyLogResponse&)> receive);
  absl::Status ExportAudit(const trust::v1::ExportAuditRequest& request,
                           absl::FunctionRef<bool(const trust::v1::ExportAuditResponse&)> receive);
  absl::Status SimulatePolicy(const trust::v1::SimulatePolicyRequest& request,
                              absl::FunctionRef<bool(const trust::v1::SimulatePolicyResponse&)> receive);

  // The same; also OK when StopWatching ended it. The server never does in order, but on its own end. One at a time.
  absl::Status WatchTrust(const trust::v1::WatchTrustRequest& request,
                          absl::FunctionRef<bool(const trust::v1::WatchTrustResponse&)> receive);
  absl::Status WatchEvents(const trust::v1::WatchEventsRequest& request,
                           absl::FunctionRef<bool(const trust::v1::WatchEventsResponse&)> receive);
  // Ends the watch that is under way, and each later one at once.
  void StopWatching();

  // Calls any method with requests in the wire's form, as many as it takes, and receive with each response, until
  // receive returns false, which ends the call with OK. A method that answers once has the deadline for that.
  absl::Status Call(const google::protobuf::MethodDescriptor& method, const std::vector<std::string>& requests,
                    absl::FunctionRef<bool(absl::string_view)> receive);

  // Begins a call, which must not outlive the connection.
  std::unique_ptr<ImportCall> ImportHistory();

  // Asks for the health of the server as a whole, or of one service; takes at most timeout.
  absl::StatusOr<grpc::health::v1::HealthCheckResponse> CheckHealth(absl::Duration timeout,
                                                                    const std::string& service = "");

 private:
  struct Stubs;
  class Watching;

  const std::string server_;
  const absl::Duration deadline_;
  const Reader reader_;
  const std::string token_;
  const std::unique_ptr<Stubs> stubs_;
};

}  // namespace trustctl

#endif  // SERVICES_TRUSTCTL_CONNECTION_H_
