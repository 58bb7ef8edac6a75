// A client of trustd in C++ that loses nothing: trustd_client ADDRESS PARTNERSHIP
//
// Two firms meet; one keeps a record and corrects it, reads what it has written, follows the history, and understands
// a refusal. The connection may break, and the server restart, at any moment.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "google/protobuf/util/time_util.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/grpcpp.h"
#include "trust/v1/evidence_service.grpc.pb.h"
#include "trust/v1/history_service.grpc.pb.h"
#include "trust/v1/partnership_service.grpc.pb.h"
#include "trust/v1/trust_service.grpc.pb.h"

namespace {

using google::protobuf::util::TimeUtil;
using std::chrono::milliseconds;

constexpr int kAttemptsMax = 10;
constexpr std::chrono::seconds kAttemptTime{2};
constexpr milliseconds kPauseMin{100}, kPauseMax{5'000};

[[noreturn]] void Fail(const grpc::Status& status) {
  std::cerr << "trustd_client: " << status.error_message() << "\n";
  std::exit(1);
}

// Finds the detail of that kind of an error; none when gRPC made it, or the connection broke.
template <class Detail>
bool FindDetail(const grpc::Status& status, Detail* found) {
  google::rpc::Status told;
  if (!told.ParseFromString(status.error_details())) return false;
  return std::any_of(told.details().begin(), told.details().end(),
                     [&](const auto& one) { return one.UnpackTo(found); });
}

// Waits longer each time, a random while so that clients do not come back all at once, and no less than the server asks
// for.
void Pause(int attempt, const grpc::Status& status) {
  const milliseconds longest = std::min(kPauseMax, kPauseMin * (1 << attempt));
  std::random_device random;
  milliseconds pause{std::uniform_int_distribution<int64_t>{0, longest.count()}(random)};
  google::rpc::RetryInfo retry;
  if (FindDetail(status, &retry)) pause += milliseconds{TimeUtil::DurationToMilliseconds(retry.retry_delay())};
  std::this_thread::sleep_for(pause);
}

// Whether a repetition may help.
bool Passes(const grpc::Status& status) {
  google::rpc::RetryInfo retry;
  switch (status.error_code()) {
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      // Without RetryInfo it says that the message is too large.
      return FindDetail(status, &retry);
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::CANCELLED:
      // The command may have been stored, unless the server itself refused it: only the same request_id makes it safe
      // to ask again.
      return true;
    default:
      return false;
  }
}

std::string NewRequestId() {
  std::random_device random;
  char text[37];
  std::snprintf(text, sizeof(text), "%08x-%04x-4%03x-%04x-%04x%08x", random(), random() & 0xffff, random() & 0xfff,
                0x8000 | (random() & 0x3fff), random() & 0xffff, random());
  return text;
}

// Calls until there is an answer, or one that no repetition mends. For what is safe to repeat: a question, or a command
// with a request_id.
template <class Stub, class Request, class Response>
grpc::Status Repeat(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
  for (int attempt = 0;; ++attempt) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kAttemptTime);
    const grpc::Status status = (stub.*method)(&context, request, response);
    if (status.ok() || !Passes(status) || attempt + 1 == kAttemptsMax) return status;
    Pause(attempt, status);
  }
}

// Gives a command until it is known what became of it. It takes effect once, however often it is sent.
template <class Stub, class Request, class Response>
grpc::Status Command(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                     Request request, Response* response) {
  if (request.request_id().empty()) request.set_request_id(NewRequestId());
  return Repeat(stub, method, request, response);
}

// Tells every event of a partnership, once and in order, until take has enough. Who may end itself keeps the position
// with what it makes of the events.
template <class Take>
grpc::Status Follow(trust::v1::HistoryService::Stub& stub, const std::string& partnership, Take take) {
  trust::v1::WatchEventsRequest request;
  request.set_partnership(partnership);
  for (int attempt = 0;; ++attempt) {
    grpc::ClientContext context;
    const auto stream = stub.WatchEvents(&context, request);
    for (trust::v1::WatchEventsResponse message; stream->Read(&message);) {
      attempt = 0;
      for (const trust::v1::Event& event : message.events().events()) {
        if (take(event)) continue;
        context.TryCancel();
        stream->Finish();
        return grpc::Status::OK;
      }
      request.set_after_position(message.resume_position());
    }
    const grpc::Status status = stream->Finish();
    if (!status.ok() && (!Passes(status) || attempt == kAttemptsMax)) return status;
    Pause(attempt, status);
  }
}

google::protobuf::Timestamp TimeOf(const std::string& day) {
  google::protobuf::Timestamp time;
  TimeUtil::FromString(day + "T00:00:00Z", &time);
  return time;
}

// What both firms did together; the caller sets the kind.
trust::v1::Evidence Joint(trust::v1::Materiality materiality) {
  trust::v1::Evidence evidence;
  evidence.set_actor("*");
  for (const char* const firm : {"acme", "globex"}) evidence.add_affected(firm);
  evidence.set_materiality(materiality);
  return evidence;
}

void Run(const std::string& address, const std::string& partnership) {
  grpc::ChannelArguments arguments;
  // A dead connection says nothing; pings find that out.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  const auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  trust::v1::PartnershipService::Stub partnerships(channel);
  trust::v1::EvidenceService::Stub evidence(channel);
  trust::v1::TrustService::Stub trust(channel);
  trust::v1::HistoryService::Stub history(channel);
  const auto require = [](const grpc::Status& status) {
    if (!status.ok()) Fail(status);
  };

  trust::v1::CreatePartnershipRequest creation;
  creation.set_partnership(partnership);
  for (const char* const firm : {"acme", "globex"}) creation.add_partners()->set_organization(firm);
  *creation.mutable_initial_contact_time() = TimeOf("2024-01-08");
  creation.set_recorder("acme");
  trust::v1::CreatePartnershipResponse created;
  require(Command(partnerships, &trust::v1::PartnershipService::Stub::CreatePartnership, creation, &created));
  std::cout << "created " << created.revision() << std::endl;

  trust::v1::Evidence credible = Joint(trust::v1::MATERIALITY_HIGH), aligned = credible;
  credible.mutable_credibility_assessed();
  aligned.mutable_intentions_assessed();
  trust::v1::Evidence shared = Joint(trust::v1::MATERIALITY_UNSPECIFIED);
  shared.mutable_shared_experience_held();
  trust::v1::RecordEvidenceResponse recorded;
  for (const auto& [day, what] : {std::pair{"2024-01-22", credible}, {"2024-01-29", aligned}, {"2024-02-12", shared}}) {
    trust::v1::RecordEvidenceRequest request;
    request.set_partnership(partnership);
    request.set_recorder("acme");
    *request.mutable_occur_time() = TimeOf(day);
    *request.mutable_evidence() = what;
    require(Command(evidence, &trust::v1::EvidenceService::Stub::RecordEvidence, request, &recorded));
    std::cout << "recorded " << recorded.revision() << " "
              << trust::v1::Source_Name(recorded.events(0).evidence().source()) << std::endl;
  }

  trust::v1::CorrectEvidenceRequest correction;
  correction.set_partnership(partnership);
  correction.set_recorder("acme");
  correction.set_event(std::to_string(recorded.revision()));
  *correction.mutable_replacement() = shared;
  correction.mutable_replacement()->set_materiality(trust::v1::MATERIALITY_HIGH);
  trust::v1::CorrectEvidenceResponse corrected;
  require(Command(evidence, &trust::v1::EvidenceService::Stub::CorrectEvidence, correction, &corrected));
  std::cout << "corrected " << corrected.revision() << " " << corrected.events(0).evidence_corrected().event()
            << std::endl;

  // With min_position the answer includes what was written there.
  trust::v1::AssessTrustRequest question;
  question.set_partnership(partnership);
  question.set_trustor("acme");
  question.set_trustee("globex");
  *question.mutable_as_of_time() = TimeOf("2024-02-12");
  question.set_min_position(corrected.log_position());
  trust::v1::AssessTrustResponse reading;
  require(Repeat(trust, &trust::v1::TrustService::Stub::AssessTrust, question, &reading));
  std::cout << "stage " << trust::v1::Stage_Name(reading.directions(0).stage()) << " "
            << reading.directions(0).since_date() << std::endl;
  trust::v1::GetTrustTimelineRequest course;
  course.set_partnership(partnership);
  course.set_trustor("acme");
  course.set_trustee("globex");
  *course.mutable_as_of_time() = TimeOf("2024-02-12");
  course.set_min_position(corrected.log_position());
  trust::v1::GetTrustTimelineResponse timeline;
  require(Repeat(trust, &trust::v1::TrustService::Stub::GetTrustTimeline, course, &timeline));
  for (const trust::v1::Transition& step : timeline.transitions()) {
    std::cout << "change " << step.date() << " " << trust::v1::Stage_Name(step.stage()) << " "
              << trust::v1::TransitionCause_Name(step.cause()) << std::endl;
  }

  require(Follow(history, partnership, [&](const trust::v1::Event& event) {
    const auto* const body = event.GetDescriptor()->FindOneofByName("body");
    const auto* const kind = event.GetReflection()->GetOneofFieldDescriptor(event, body);
    std::cout << "event " << event.revision() << " " << kind->name() << std::endl;
    return event.revision() < corrected.revision();
  }));

  trust::v1::RecordEvidenceRequest wrong;
  wrong.set_partnership(partnership);
  *wrong.mutable_occur_time() = TimeOf("2024-03-01");
  wrong.mutable_evidence()->set_actor("Globex Inc.");
  wrong.mutable_evidence()->add_affected("acme");
  const grpc::Status refused = Command(evidence, &trust::v1::EvidenceService::Stub::RecordEvidence, wrong, &recorded);
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest fault;
  if (!FindDetail(refused, &info) || !FindDetail(refused, &fault)) Fail(refused);
  std::vector<std::string> fields;
  for (const auto& violation : fault.field_violations()) fields.push_back(violation.field());
  std::sort(fields.begin(), fields.end());
  std::cout << "refused " << info.domain() << " " << info.reason();
  for (const std::string& field : fields) std::cout << " " << field;
  std::cout << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: trustd_client ADDRESS PARTNERSHIP\n";
    return 2;
  }
  Run(argv[1], argv[2]);
}
