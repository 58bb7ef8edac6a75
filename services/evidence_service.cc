#include "services/evidence_service.h"

#include "services/import_stream.h"
#include "services/unary_call.h"

namespace services {

grpc::ServerUnaryReactor* EvidenceService::RecordEvidence(grpc::CallbackServerContext* context,
                                                          const trust::v1::RecordEvidenceRequest* request,
                                                          trust::v1::RecordEvidenceResponse* response) {
  return AnswerCommand(parts_, context, request, response, "RecordEvidence");
}

grpc::ServerUnaryReactor* EvidenceService::BatchRecordEvidence(grpc::CallbackServerContext* context,
                                                               const trust::v1::BatchRecordEvidenceRequest* request,
                                                               trust::v1::BatchRecordEvidenceResponse* response) {
  return AnswerCommand(parts_, context, request, response, "BatchRecordEvidence");
}

grpc::ServerBidiReactor<trust::v1::ImportHistoryRequest, trust::v1::ImportHistoryResponse>*
EvidenceService::ImportHistory(grpc::CallbackServerContext* context) {
  return new ImportStream(parts_, context);
}

grpc::ServerUnaryReactor* EvidenceService::CorrectEvidence(grpc::CallbackServerContext* context,
                                                           const trust::v1::CorrectEvidenceRequest* request,
                                                           trust::v1::CorrectEvidenceResponse* response) {
  return AnswerCommand(parts_, context, request, response, "CorrectEvidence");
}

grpc::ServerUnaryReactor* EvidenceService::RetractEvidence(grpc::CallbackServerContext* context,
                                                           const trust::v1::RetractEvidenceRequest* request,
                                                           trust::v1::RetractEvidenceResponse* response) {
  return AnswerCommand(parts_, context, request, response, "RetractEvidence");
}

grpc::ServerUnaryReactor* EvidenceService::ConfirmEvidence(grpc::CallbackServerContext* context,
                                                           const trust::v1::ConfirmEvidenceRequest* request,
                                                           trust::v1::ConfirmEvidenceResponse* response) {
  return AnswerCommand(parts_, context, request, response, "ConfirmEvidence");
}

grpc::ServerUnaryReactor* EvidenceService::ContestEvidence(grpc::CallbackServerContext* context,
                                                           const trust::v1::ContestEvidenceRequest* request,
                                                           trust::v1::ContestEvidenceResponse* response) {
  return AnswerCommand(parts_, context, request, response, "ContestEvidence");
}

}  // namespace services
