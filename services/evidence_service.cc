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

}  // namespace services
