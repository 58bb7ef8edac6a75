"""A server that makes mistakes: a gRPC proxy before a trustd that is right, with one mistake planted. What clients see is what they
would see of a trustd that made it.
"""

import concurrent.futures
import threading
import uuid

import grpc

from google.protobuf import any_pb2

from server import Refusal
from stubs import api, rpc

RARE = 0.05  # How often a mistake that is made by chance is made.


class Right:
    """No mistake: each call is handed on. Mistakes derive from it."""

    # What a complaint about it says, one of them at least.
    found_as = ()
    # How often it has to be made, to be found in any case.
    made_min = 0

    def __init__(self, random):
        self.random = random
        self.lock = threading.Lock()
        self.made = 0  # How often.

    def answer(self, _, request, forward):
        return forward(request)

    def messages(self, request, forward):
        """Of a watch."""
        yield from forward(request)

    def by_chance(self, share=RARE):
        with self.lock:
            if self.random.random() >= share:
                return False
            self.made += 1
            return True

    def count(self):
        with self.lock:
            self.made += 1


def is_command(method, request):
    return method in ("RecordEvidence", "BatchRecordEvidence") and not request.validate_only


def refuse(reason, code, **metadata):
    """The error of a refusal in the server's words."""
    info = rpc.ErrorInfo(reason=reason, domain="trust.v1", metadata=metadata)
    detail = any_pb2.Any()
    detail.Pack(info)
    status = rpc.Status(code=code.value[0], message="planted", details=[detail])
    return Planted(code, "planted", status.SerializeToString())


class Planted(grpc.RpcError):
    def __init__(self, code, details, wire):
        super().__init__()
        self._parts = code, details, (("grpc-status-details-bin", wire),)

    def code(self):
        return self._parts[0]

    def details(self):
        return self._parts[1]

    def trailing_metadata(self):
        return self._parts[2]


class AcknowledgesBeforeItStores(Right):
    """And then never stores, as when a crash comes in between."""

    found_as = ("acknowledged, and lost",)
    made_min = 5

    def answer(self, method, request, forward):
        if not is_command(method, request) or not self.by_chance():
            return forward(request)
        preview = type(request)()
        preview.CopyFrom(request)
        preview.validate_only = True
        answer = forward(preview)
        answer.revision += len(answer.events)
        answer.log_position = f"made-up-{request.request_id}"
        return answer


class FailsAfterItStored(Right):
    """A timeout reported as a failure."""

    found_as = ("no call can have made it",)
    made_min = 5

    def answer(self, method, request, forward):
        answer = forward(request)
        if is_command(method, request) and self.by_chance():
            raise refuse("OVERLOADED", grpc.StatusCode.RESOURCE_EXHAUSTED)
        return answer


class ForgetsRequestIds(Right):
    """The second time it takes a command for a new one."""

    found_as = ("no call can have made it",)
    made_min = 5

    def __init__(self, random):
        super().__init__(random)
        self.seen = set()

    def answer(self, method, request, forward):
        if is_command(method, request):
            with self.lock:
                again = request.request_id in self.seen
                self.seen.add(request.request_id)
            if again:
                self.count()
                request.request_id = str(uuid.uuid4())
        return forward(request)


class TakesOtherContentForARepetition(Right):
    found_as = ("its request id made something else",)
    made_min = 3

    def __init__(self, random):
        super().__init__(random)
        self.answers = {}

    def answer(self, method, request, forward):
        try:
            answer = forward(request)
        except grpc.RpcError as error:
            first = self.answers.get(request.request_id) if is_command(method, request) else None
            if first is None or Refusal.of_error(error).reason != "REQUEST_ID_REUSED":
                raise
            self.count()
            return first
        if is_command(method, request):
            self.answers[request.request_id] = answer
        return answer


class ExpectsOneTooFew(Right):
    """Takes an expected revision that is off by one."""

    found_as = ("no call can have made it",)
    made_min = 5

    def answer(self, method, request, forward):
        try:
            return forward(request)
        except grpc.RpcError as error:
            refusal = Refusal.of_error(error)
            if refusal.reason != "REVISION_CONFLICT" or int(refusal.metadata["current"]) != request.expected_revision + 1:
                raise
        self.count()
        request.ClearField("expected_revision")
        return forward(request)


class ReadsFromAnOldCache(Right):
    found_as = ("too late in the log", "in the log, behind")
    made_min = 10

    def __init__(self, random):
        super().__init__(random)
        self.cache = {}

    def answer(self, method, request, forward):
        if method != "GetPartnership":
            return forward(request)
        uses, answer = self.cache.get(request.partnership, (10, None))
        if uses >= 10:
            uses, answer = 0, forward(request)
        else:
            self.count()
        self.cache[request.partnership] = uses + 1, answer
        return answer


class ShowsWhatIsNotDurable(Right):
    """A state that is taken back."""

    found_as = ("too late in the log", "ever was to be seen")
    made_min = 10

    def answer(self, method, request, forward):
        answer = forward(request)
        if method == "GetPartnership" and self.by_chance(0.3):
            answer.partnership.revision += 1
        return answer


class FoldsAnEventTwice(Right):
    """As a reading from a snapshot that has the event already: here the reading of one partnership is told of another revision."""

    found_as = ("two readings of revision",)
    made_min = 5

    def __init__(self, random):
        super().__init__(random)
        self.last = {}

    def answer(self, method, request, forward):
        answer = forward(request)
        if method == "AssessTrust":
            other = self.last.get(request.partnership)
            self.last[request.partnership] = answer
            if other is not None and self.by_chance(0.3):
                wrong = api.AssessTrustResponse()
                wrong.CopyFrom(other)
                wrong.revision = answer.revision
                wrong.effectiveness.Clear()
                return wrong
        return answer


class WatchSkipsAtTheHandOver(Right):
    """The first event that is new after what was there has been told."""

    found_as = ("was told of",)
    made_min = 1

    def messages(self, request, forward):
        live = False
        for message in forward(request):
            if live and message.events.events:
                live = False
                self.count()
                del message.events.events[0]
            live = live or message.HasField("caught_up")
            yield message


class WatchRepeatsWhenItResumes(Right):
    """And it breaks off often, so that it is resumed."""

    found_as = ("was told of",)
    made_min = 3

    def __init__(self, random):
        super().__init__(random)
        self.last = None

    def messages(self, request, forward):
        for number, message in enumerate(forward(request)):
            if message.events.events:
                if number == 0 and request.after_position and self.last is not None:
                    self.count()
                    message.events.events.insert(0, self.last)
                self.last = message.events.events[-1]
            yield message
            if number > 10:
                raise Planted(grpc.StatusCode.UNAVAILABLE, "broken off", b"")


MISTAKES = (AcknowledgesBeforeItStores, FailsAfterItStored, ForgetsRequestIds, TakesOtherContentForARepetition, ExpectsOneTooFew,
            ReadsFromAnOldCache, ShowsWhatIsNotDurable, FoldsAnEventTwice, WatchSkipsAtTheHandOver, WatchRepeatsWhenItResumes)


class Proxy(grpc.GenericRpcHandler):
    def __init__(self, target, planted):
        self.planted = planted
        self.channel = grpc.insecure_channel(target, options=[("grpc.use_local_subchannel_pool", 1)])
        # A watch holds a thread as long as it lasts.
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(32), handlers=(self,))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def end(self):
        self.server.stop(None).wait()
        self.channel.close()

    def service(self, handler_call_details):
        path = handler_call_details.method
        method = path.rpartition("/")[2]
        kinds = {"request_serializer": lambda message: message.SerializeToString(),
                 "response_deserializer": getattr(api, f"{method}Response").FromString}
        codec = {"request_deserializer": getattr(api, f"{method}Request").FromString,
                 "response_serializer": lambda message: message.SerializeToString()}
        if method == "WatchEvents":
            stub = self.channel.unary_stream(path, **kinds)
            return grpc.unary_stream_rpc_method_handler(
                lambda request, context: self.stream(request, context, stub), **codec)
        stub = self.channel.unary_unary(path, **kinds)
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self.unary(method, request, context, stub), **codec)

    def unary(self, method, request, context, stub):
        try:
            return self.planted.answer(method, request, lambda message: stub(message, timeout=context.time_remaining()))
        except grpc.RpcError as error:
            return hand_on(context, error)

    def stream(self, request, context, stub):
        calls = []

        def forward(message):
            calls.append(stub(message))
            context.add_callback(calls[0].cancel)
            return calls[0]

        try:
            yield from self.planted.messages(request, forward)
        except grpc.RpcError as error:
            hand_on(context, error)
        finally:
            for call in calls:
                call.cancel()


def hand_on(context, error):
    """Answers the call with that error."""
    context.set_trailing_metadata(tuple((key, value) for key, value in error.trailing_metadata() or ()
                                        if key == "grpc-status-details-bin" and value))
    return context.abort(error.code(), error.details())
