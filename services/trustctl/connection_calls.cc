// The calls of a Connection that have one request and one answer.

#include <string>

#include "grpcpp/client_context.h"
#include "services/trustctl/connection.h"
#include "services/trustctl/connection_stubs.h"

namespace trustctl {
namespace {

template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> CallOnce(Stub& stub,
                                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                  const Request& request, const std::string& server, absl::Duration deadline,
                                  const std::string& token, const Reader& reader = {}) {
  grpc::ClientContext context;
  wire::SetDeadline(&context, deadline);
  wire::Show(token, &context);
  wire::Tell(reader, &context);
  Response response;
  const absl::Status status = wire::FromGrpc((stub.*method)(&context, request, &response), server, deadline);
  if (!status.ok()) return status;
  return response;
}

}  // namespace

absl::StatusOr<trust::v1::ListPartnershipsResponse> Connection::ListPartnerships(
    const trust::v1::ListPartnershipsRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::ListPartnerships, request, server_,
                  deadline_, token_);
}

absl::StatusOr<trust::v1::GetPartnershipResponse> Connection::GetPartnership(
    const trust::v1::GetPartnershipRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::GetPartnership, request, server_,
                  deadline_, token_);
}

absl::StatusOr<trust::v1::AssessTrustResponse> Connection::AssessTrust(const trust::v1::AssessTrustRequest& request) {
  return CallOnce(stubs_->trust, &trust::v1::TrustService::Stub::AssessTrust, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::ListAttentionResponse> Connection::ListAttention(
    const trust::v1::ListAttentionRequest& request) {
  return CallOnce(stubs_->trust, &trust::v1::TrustService::Stub::ListAttention, request, server_, deadline_, token_,
                  reader_);
}

absl::StatusOr<trust::v1::RecordEvidenceResponse> Connection::RecordEvidence(
    const trust::v1::RecordEvidenceRequest& request) {
  return CallOnce(stubs_->evidence, &trust::v1::EvidenceService::Stub::RecordEvidence, request, server_, deadline_,
                  token_);
}

absl::StatusOr<trust::v1::CreatePartnershipResponse> Connection::CreatePartnership(
    const trust::v1::CreatePartnershipRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::CreatePartnership, request, server_,
                  deadline_, token_);
}

absl::StatusOr<trust::v1::RecordMilestoneResponse> Connection::RecordMilestone(
    const trust::v1::RecordMilestoneRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::RecordMilestone, request, server_,
                  deadline_, token_);
}

absl::StatusOr<trust::v1::SuspendPartnershipResponse> Connection::SuspendPartnership(
    const trust::v1::SuspendPartnershipRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::SuspendPartnership, request, server_,
                  deadline_, token_);
}

absl::StatusOr<trust::v1::ResumePartnershipResponse> Connection::ResumePartnership(
    const trust::v1::ResumePartnershipRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::ResumePartnership, request, server_,
                  deadline_, token_);
}

absl::StatusOr<trust::v1::TerminatePartnershipResponse> Connection::TerminatePartnership(
    const trust::v1::TerminatePartnershipRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::TerminatePartnership, request, server_,
                  deadline_, token_);
}

absl::StatusOr<trust::v1::AddPartnerResponse> Connection::AddPartner(const trust::v1::AddPartnerRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::AddPartner, request, server_, deadline_,
                  token_);
}

absl::StatusOr<trust::v1::RemovePartnerResponse> Connection::RemovePartner(
    const trust::v1::RemovePartnerRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::RemovePartner, request, server_,
                  deadline_, token_);
}

absl::StatusOr<trust::v1::DeclareTieResponse> Connection::DeclareTie(const trust::v1::DeclareTieRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::DeclareTie, request, server_, deadline_,
                  token_);
}

absl::StatusOr<trust::v1::AssignContactResponse> Connection::AssignContact(
    const trust::v1::AssignContactRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::AssignContact, request, server_,
                  deadline_, token_);
}

absl::StatusOr<trust::v1::ReleaseContactResponse> Connection::ReleaseContact(
    const trust::v1::ReleaseContactRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::ReleaseContact, request, server_,
                  deadline_, token_);
}

absl::StatusOr<trust::v1::GetContactResponse> Connection::GetContact(const trust::v1::GetContactRequest& request) {
  return CallOnce(stubs_->partnerships, &trust::v1::PartnershipService::Stub::GetContact, request, server_, deadline_,
                  token_, reader_);
}

absl::StatusOr<trust::v1::BatchRecordEvidenceResponse> Connection::BatchRecordEvidence(
    const trust::v1::BatchRecordEvidenceRequest& request) {
  return CallOnce(stubs_->evidence, &trust::v1::EvidenceService::Stub::BatchRecordEvidence, request, server_, deadline_,
                  token_);
}

absl::StatusOr<trust::v1::CorrectEvidenceResponse> Connection::CorrectEvidence(
    const trust::v1::CorrectEvidenceRequest& request) {
  return CallOnce(stubs_->evidence, &trust::v1::EvidenceService::Stub::CorrectEvidence, request, server_, deadline_,
                  token_);
}

absl::StatusOr<trust::v1::RetractEvidenceResponse> Connection::RetractEvidence(
    const trust::v1::RetractEvidenceRequest& request) {
  return CallOnce(stubs_->evidence, &trust::v1::EvidenceService::Stub::RetractEvidence, request, server_, deadline_,
                  token_);
}

absl::StatusOr<trust::v1::ConfirmEvidenceResponse> Connection::ConfirmEvidence(
    const trust::v1::ConfirmEvidenceRequest& request) {
  return CallOnce(stubs_->evidence, &trust::v1::EvidenceService::Stub::ConfirmEvidence, request, server_, deadline_,
                  token_);
}

absl::StatusOr<trust::v1::ContestEvidenceResponse> Connection::ContestEvidence(
    const trust::v1::ContestEvidenceRequest& request) {
  return CallOnce(stubs_->evidence, &trust::v1::EvidenceService::Stub::ContestEvidence, request, server_, deadline_,
                  token_);
}

absl::StatusOr<trust::v1::GetInclusionProofResponse> Connection::GetInclusionProof(
    const trust::v1::GetInclusionProofRequest& request) {
  return CallOnce(stubs_->audit, &trust::v1::AuditService::Stub::GetInclusionProof, request, server_, deadline_, token_,
                  reader_);
}

absl::StatusOr<trust::v1::GetTrustTimelineResponse> Connection::GetTrustTimeline(
    const trust::v1::GetTrustTimelineRequest& request) {
  return CallOnce(stubs_->trust, &trust::v1::TrustService::Stub::GetTrustTimeline, request, server_, deadline_, token_,
                  reader_);
}

absl::StatusOr<trust::v1::ExplainTrustResponse> Connection::ExplainTrust(
    const trust::v1::ExplainTrustRequest& request) {
  return CallOnce(stubs_->trust, &trust::v1::TrustService::Stub::ExplainTrust, request, server_, deadline_, token_,
                  reader_);
}

absl::StatusOr<trust::v1::GetCheckpointResponse> Connection::GetCheckpoint(
    const trust::v1::GetCheckpointRequest& request) {
  return CallOnce(stubs_->audit, &trust::v1::AuditService::Stub::GetCheckpoint, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::ListEventsResponse> Connection::ListEvents(const trust::v1::ListEventsRequest& request) {
  return CallOnce(stubs_->history, &trust::v1::HistoryService::Stub::ListEvents, request, server_, deadline_, token_,
                  reader_);
}

absl::StatusOr<trust::v1::GetConsistencyProofResponse> Connection::GetConsistencyProof(
    const trust::v1::GetConsistencyProofRequest& request) {
  return CallOnce(stubs_->audit, &trust::v1::AuditService::Stub::GetConsistencyProof, request, server_, deadline_,
                  token_);
}

absl::StatusOr<trust::v1::IssueAssessmentResponse> Connection::IssueAssessment(
    const trust::v1::IssueAssessmentRequest& request) {
  return CallOnce(stubs_->trust, &trust::v1::TrustService::Stub::IssueAssessment, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::VerifyAssessmentResponse> Connection::VerifyAssessment(
    const trust::v1::VerifyAssessmentRequest& request) {
  return CallOnce(stubs_->trust, &trust::v1::TrustService::Stub::VerifyAssessment, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::ListRestatementsResponse> Connection::ListRestatements(
    const trust::v1::ListRestatementsRequest& request) {
  return CallOnce(stubs_->trust, &trust::v1::TrustService::Stub::ListRestatements, request, server_, deadline_, token_,
                  reader_);
}

absl::StatusOr<trust::v1::ResolveTimeResponse> Connection::ResolveTime(const trust::v1::ResolveTimeRequest& request) {
  return CallOnce(stubs_->history, &trust::v1::HistoryService::Stub::ResolveTime, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::PublishPolicyResponse> Connection::PublishPolicy(
    const trust::v1::PublishPolicyRequest& request) {
  return CallOnce(stubs_->policies, &trust::v1::PolicyService::Stub::PublishPolicy, request, server_, deadline_,
                  token_);
}

absl::StatusOr<trust::v1::ActivatePolicyResponse> Connection::ActivatePolicy(
    const trust::v1::ActivatePolicyRequest& request) {
  return CallOnce(stubs_->policies, &trust::v1::PolicyService::Stub::ActivatePolicy, request, server_, deadline_,
                  token_);
}

absl::StatusOr<trust::v1::PinPolicyResponse> Connection::PinPolicy(const trust::v1::PinPolicyRequest& request) {
  return CallOnce(stubs_->policies, &trust::v1::PolicyService::Stub::PinPolicy, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::GetPolicyResponse> Connection::GetPolicy(const trust::v1::GetPolicyRequest& request) {
  return CallOnce(stubs_->policies, &trust::v1::PolicyService::Stub::GetPolicy, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::ListPoliciesResponse> Connection::ListPolicies(
    const trust::v1::ListPoliciesRequest& request) {
  return CallOnce(stubs_->policies, &trust::v1::PolicyService::Stub::ListPolicies, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::EraseContactResponse> Connection::EraseContact(
    const trust::v1::EraseContactRequest& request) {
  return CallOnce(stubs_->admin, &trust::v1::AdminService::Stub::EraseContact, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::PlaceLegalHoldResponse> Connection::PlaceLegalHold(
    const trust::v1::PlaceLegalHoldRequest& request) {
  return CallOnce(stubs_->admin, &trust::v1::AdminService::Stub::PlaceLegalHold, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::ReleaseLegalHoldResponse> Connection::ReleaseLegalHold(
    const trust::v1::ReleaseLegalHoldRequest& request) {
  return CallOnce(stubs_->admin, &trust::v1::AdminService::Stub::ReleaseLegalHold, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::GetServerStatusResponse> Connection::GetServerStatus(
    const trust::v1::GetServerStatusRequest& request) {
  return CallOnce(stubs_->admin, &trust::v1::AdminService::Stub::GetServerStatus, request, server_, deadline_, token_);
}

absl::StatusOr<trust::v1::CreateBackupResponse> Connection::CreateBackup(const trust::v1::CreateBackupRequest& request,
                                                                         absl::Duration timeout) {
  return CallOnce(stubs_->admin, &trust::v1::AdminService::Stub::CreateBackup, request, server_, timeout, token_);
}

}  // namespace trustctl
