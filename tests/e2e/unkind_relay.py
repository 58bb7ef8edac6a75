"""What stands between a client and a trustd and is unkind: it refuses calls, loses answers, and breaks off watches.

Every call goes to the server as it came, unless a fault is planted for it; the first calls of a method meet its faults in their order.
"""

import concurrent.futures
import dataclasses
import threading
import time

import grpc

from google.protobuf import any_pb2
from stubs import api, rpc

SECONDS_MAX = 60


def details_of(code, *messages):
    """A google.rpc.Status as it goes over the wire."""
    status = rpc.Status(code=code.value[0], message="planted")
    for message in messages:
        detail = any_pb2.Any()
        detail.Pack(message)
        status.details.append(detail)
    return status.SerializeToString()


@dataclasses.dataclass
class Fault:
    """What a call meets instead of its answer."""

    code: grpc.StatusCode
    stored: bool  # Whether the server gets it, and only its answer is lost.
    details: tuple = ()
    silent: bool = False  # Nothing is answered at all, until the caller has gone.


@dataclasses.dataclass
class Seen:
    """A call that came."""

    method: str
    content: bytes
    come: float
    fault: object = None
    left: float = 0.0  # When the fault was answered.
    place: str = ""  # Of a watch: the place it has told last.


class UnkindRelay(grpc.GenericRpcHandler):
    def __init__(self, address, faults, events_before_break):
        """faults: of each method the faults of its first calls. events_before_break: of each of the first watches how many events it
        tells, one a message, before it breaks off."""
        self._channel = grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])
        self._faults = {method: list(planted) for method, planted in faults.items()}
        self._breaks = list(events_before_break)
        self._lock = threading.Lock()
        self.seen = []
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=8), handlers=[self])
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def close(self):
        self._server.stop(None).wait(SECONDS_MAX)
        self._channel.close()

    @property
    def faults_left(self):
        """How many planted faults no call has met."""
        return len(self._breaks) + sum(map(len, self._faults.values()))

    def of(self, method):
        return [call for call in self.seen if call.method == method]

    def service(self, handler_call_details):
        path = handler_call_details.method
        if path.endswith("/WatchEvents"):
            return grpc.unary_stream_rpc_method_handler(self._watch)
        return grpc.unary_unary_rpc_method_handler(lambda content, context: self._call(path, content, context))

    def _come(self, method, content, planted):
        with self._lock:
            call = Seen(method, content, time.monotonic(), planted.pop(0) if planted else None)
            self.seen.append(call)
            return call

    def _call(self, path, content, context):
        method = path.rpartition("/")[2]
        call = self._come(method, content, self._faults.get(method))
        fault = call.fault
        answer = b""
        if fault is None or fault.stored:
            try:
                answer = self._channel.unary_unary(path)(content, timeout=SECONDS_MAX)
            except grpc.RpcError as error:
                context.set_trailing_metadata([pair for pair in error.trailing_metadata() if pair[0] == "grpc-status-details-bin"])
                context.abort(error.code(), error.details())
        if fault is None:
            return answer
        if fault.silent:
            gone = threading.Event()
            if context.add_callback(gone.set):
                gone.wait(SECONDS_MAX)
        if fault.details:
            context.set_trailing_metadata((("grpc-status-details-bin", details_of(fault.code, *fault.details)),))
        call.left = time.monotonic()
        context.abort(fault.code, "planted")

    def _watch(self, content, context):
        call = self._come("WatchEvents", content, self._breaks)
        limit = call.fault
        messages = self._channel.unary_stream("/trust.v1.HistoryService/WatchEvents",
                                              response_deserializer=api.WatchEventsResponse.FromString)(content, timeout=SECONDS_MAX)
        context.add_callback(messages.cancel)
        told = 0
        try:
            for message in messages:
                if limit is None:
                    call.place = message.resume_position
                    yield message.SerializeToString()
                    continue
                for event in message.events.events:
                    if told == limit:
                        context.abort(grpc.StatusCode.UNAVAILABLE, "planted")
                    told += 1
                    call.place = event.log_position
                    yield api.WatchEventsResponse(resume_position=event.log_position,
                                                  events=api.EventBatch(events=[event])).SerializeToString()
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())


def reset():
    """The connection broke when the command was stored already."""
    return Fault(grpc.StatusCode.UNAVAILABLE, stored=True)


def silence():
    """The command is stored, and the answer never comes."""
    return Fault(grpc.StatusCode.DEADLINE_EXCEEDED, stored=True, silent=True)


def overload(retry_ms):
    """It is refused, with the time to wait."""
    retry = rpc.RetryInfo()
    retry.retry_delay.FromMilliseconds(retry_ms)
    return Fault(grpc.StatusCode.RESOURCE_EXHAUSTED, stored=False,
                 details=(rpc.ErrorInfo(reason="OVERLOADED", domain="trust.v1"), retry))


def unknown_outcome():
    """The server does not know whether it was stored; it was."""
    return Fault(grpc.StatusCode.UNKNOWN, stored=True, details=(rpc.ErrorInfo(reason="OUTCOME_UNKNOWN", domain="trust.v1"),))


def too_large():
    """As gRPC itself refuses a message."""
    return Fault(grpc.StatusCode.RESOURCE_EXHAUSTED, stored=False)
