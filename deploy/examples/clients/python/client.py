#!/usr/bin/python3
"""A client of trustd in Python that loses nothing: client.py ADDRESS PARTNERSHIP

Two firms meet; one keeps a record and corrects it, reads what it has written, follows the history, and understands a refusal. The
connection may break, and the server restart, at any moment. Needs python3-grpcio, python3-protobuf, protobuf-compiler and
protobuf-compiler-grpc; the stubs are generated from proto/ when it starts.
"""

import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import uuid

import grpc
from google.protobuf import timestamp_pb2

ATTEMPTS_MAX = 10
ATTEMPT_SECONDS = 2
PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX = 0.1, 5


def generate_stubs(folder):
    """What a build does once: python3 -m grpc_tools.protoc does the same."""
    protos = pathlib.Path(__file__).resolve().parents[4] / "proto"
    files = [path.relative_to(protos).as_posix() for part in ("trust/v1", "google/rpc") for path in (protos / part).glob("*.proto")]
    subprocess.run(["protoc", f"-I{protos}", f"--python_out={folder}", f"--grpc_out={folder}",
                    f"--plugin=protoc-gen-grpc={shutil.which('grpc_python_plugin')}", *files], check=True)


with tempfile.TemporaryDirectory(prefix="trustd-client-") as stubs:
    generate_stubs(stubs)
    sys.path.insert(0, stubs)
    sys.dont_write_bytecode = True
    from google.rpc import error_details_pb2, status_pb2
    from trust.v1 import evidence_service_pb2 as evidence, history_service_pb2 as history
    from trust.v1 import events_pb2 as events, partnership_service_pb2 as partnerships, trust_service_pb2 as trust
    from trust.v1 import reading_pb2 as readings
    from trust.v1 import evidence_service_pb2_grpc, history_service_pb2_grpc, partnership_service_pb2_grpc, trust_service_pb2_grpc


def details(error):
    """The details of an error, by the name of their kind; none when gRPC made it, or the connection broke."""
    wire = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    found = {}
    for detail in status_pb2.Status.FromString(wire).details:
        message = getattr(error_details_pb2, detail.type_url.rpartition(".")[2])()
        detail.Unpack(message)
        found[message.DESCRIPTOR.name] = message
    return found


def pause(attempt, error):
    """Waits longer each time, a random while so that clients do not come back all at once, and no less than the server asks for."""
    longest = min(PAUSE_SECONDS_MAX, PAUSE_SECONDS_MIN * 2 ** attempt)
    asked = details(error)["RetryInfo"].retry_delay.ToTimedelta().total_seconds() if "RetryInfo" in details(error) else 0
    time.sleep(asked + random.uniform(0, longest))


def passes(error):
    """Whether a repetition may help. Without RetryInfo, RESOURCE_EXHAUSTED says that the message is too large."""
    if error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED:
        return "RetryInfo" in details(error)
    # The command may have been stored, unless the server itself refused it: only the same request_id makes it safe to ask again.
    return error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNKNOWN,
                            grpc.StatusCode.CANCELLED)


def repeat(method, request):
    """Calls until there is an answer, or one that no repetition mends. For what is safe to repeat: a question, or a command with a
    request_id."""
    for attempt in range(ATTEMPTS_MAX):
        try:
            return method(request, timeout=ATTEMPT_SECONDS)
        except grpc.RpcError as error:
            if not passes(error) or attempt + 1 == ATTEMPTS_MAX:
                raise
            pause(attempt, error)


def command(method, request):
    """Gives a command until it is known what became of it. It takes effect once, however often it is sent."""
    request.request_id = request.request_id or str(uuid.uuid4())
    return repeat(method, request)


def follow(service, partnership):
    """Every event of a partnership, once and in order, for ever. Who may end itself keeps the position with what it makes of the events."""
    position, attempt = "", 0
    while True:
        try:
            for message in service.WatchEvents(history.WatchEventsRequest(partnership=partnership, after_position=position)):
                attempt = 0
                yield from message.events.events
                position = message.resume_position
        except grpc.RpcError as error:
            if not passes(error) or attempt == ATTEMPTS_MAX:
                raise
            pause(attempt, error)
            attempt += 1


def time_of(day):
    timestamp = timestamp_pb2.Timestamp()
    timestamp.FromJsonString(f"{day}T00:00:00Z")
    return timestamp


def joint(**fields):
    """What both firms did together."""
    return events.Evidence(actor="*", affected=["acme", "globex"], **fields)


def main(address, partnership):
    # A dead connection says nothing; pings find that out.
    channel = grpc.insecure_channel(address, options=[("grpc.keepalive_time_ms", 30_000)])
    partnership_service = partnership_service_pb2_grpc.PartnershipServiceStub(channel)
    evidence_service = evidence_service_pb2_grpc.EvidenceServiceStub(channel)
    trust_service = trust_service_pb2_grpc.TrustServiceStub(channel)
    history_service = history_service_pb2_grpc.HistoryServiceStub(channel)

    created = command(partnership_service.CreatePartnership, partnerships.CreatePartnershipRequest(
        partnership=partnership, partners=[{"organization": "acme"}, {"organization": "globex"}],
        initial_contact_time=time_of("2024-01-08"), recorder="acme"))
    print("created", created.revision)

    for day, what in (("2024-01-22", joint(materiality="MATERIALITY_HIGH", credibility_assessed={})),
                      ("2024-01-29", joint(materiality="MATERIALITY_HIGH", intentions_assessed={})),
                      ("2024-02-12", joint(shared_experience_held={}))):
        recorded = command(evidence_service.RecordEvidence, evidence.RecordEvidenceRequest(
            partnership=partnership, recorder="acme", occur_time=time_of(day), evidence=what))
        print("recorded", recorded.revision, events.Source.Name(recorded.events[0].evidence.source))

    corrected = command(evidence_service.CorrectEvidence, evidence.CorrectEvidenceRequest(
        partnership=partnership, recorder="acme", event=str(recorded.revision),
        replacement=joint(materiality="MATERIALITY_HIGH", shared_experience_held={})))
    print("corrected", corrected.revision, corrected.events[0].evidence_corrected.event)

    # With min_position the answer includes what was written there.
    direction = {"partnership": partnership, "trustor": "acme", "trustee": "globex", "as_of_time": time_of("2024-02-12"),
                 "min_position": corrected.log_position}
    reading = repeat(trust_service.AssessTrust, trust.AssessTrustRequest(**direction))
    print("stage", readings.Stage.Name(reading.directions[0].stage), reading.directions[0].since_date)
    timeline = repeat(trust_service.GetTrustTimeline, trust.GetTrustTimelineRequest(**direction))
    for step in timeline.transitions:
        print("change", step.date, readings.Stage.Name(step.stage), readings.TransitionCause.Name(step.cause))

    for event in follow(history_service, partnership):
        print("event", event.revision, event.WhichOneof("body"))
        if event.revision == corrected.revision:
            break

    try:
        command(evidence_service.RecordEvidence, evidence.RecordEvidenceRequest(
            partnership=partnership, occur_time=time_of("2024-03-01"), evidence={"actor": "Globex Inc.", "affected": ["acme"]}))
    except grpc.RpcError as error:
        told = details(error)
        print("refused", told["ErrorInfo"].domain, told["ErrorInfo"].reason,
              *sorted(violation.field for violation in told["BadRequest"].field_violations))


if __name__ == "__main__":
    main(*sys.argv[1:])
