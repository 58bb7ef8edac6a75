"""Clients that give commands, repeat them, read and watch, and take down all that they ask and are told.

A client knows nothing of what is done to the server meanwhile. What breaks off it neither repeats nor forgets: any client may
repeat any command later, with its request id.
"""

import collections
import contextlib
import hashlib
import random
import threading
import traceback
import uuid

import grpc

import story
from history import LogEntry
from server import Refusal
from stubs import api, services

CLIENTS = 16
HOT_PARTNERSHIPS = 5
WIDE_PARTNERSHIPS = 1_000
OPERATIONS_OF_A_PARTNERSHIP_MAX = 4_000
CALL_SECONDS = 10.0
CHANNEL_OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.min_reconnect_backoff_ms", 50),
                   ("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200)]
KINDS = ("shared_experience_held", "open_communication_observed", "transparency_demonstrated", "feedback_given",
         "partner_goal_supported", "consistency_observed", "commitment_made", "information_withheld")


def digest_of(message):
    return hashlib.sha256(message.SerializeToString(deterministic=True)).hexdigest()[:24]


def told_of(event):
    return [event.partnership, event.revision, event.log_position, digest_of(event)]


class Stubs:
    """The services over a channel of its own, which comes back soon after it was cut."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address, options=CHANNEL_OPTIONS)
        self.partnerships = services.PartnershipServiceStub(self.channel)
        self.evidence = services.EvidenceServiceStub(self.channel)
        self.trust = services.TrustServiceStub(self.channel)
        self.history = services.HistoryServiceStub(self.channel)


class Order:
    """A command that somebody gave: its request, without what may differ when it is repeated."""

    def __init__(self, method, kind, request, size):
        self.method = method
        self.kind = kind
        self.size = size
        # The digest of the content stands in the content, for whoever reads the log to compare.
        request.correlation_id = digest_of(request)
        self.request = request
        self.request_id = str(uuid.UUID(bytes=hashlib.sha256(request.correlation_id.encode()).digest()[:16], version=4))

    @property
    def payload(self):
        return self.request.correlation_id


class Board:
    """What all clients know of each other. Shared by their threads; what it holds of revisions may be old."""

    def __init__(self, recorder, seed, wide=WIDE_PARTNERSHIPS):
        self.recorder = recorder
        self.seed = seed
        self.over = threading.Event()
        self.disk_is_slow = False
        self.lock = threading.Lock()
        self.revisions = {}
        self.given = collections.defaultdict(lambda: collections.deque(maxlen=40))  # Orders, by partnership.
        self.operations = collections.Counter()  # By partnership.
        self.counts = collections.Counter()
        self.faults = []  # What should not happen whatever is done to the server.
        self.hot_number = HOT_PARTNERSHIPS
        self.hot = [f"hot-{number}" for number in range(HOT_PARTNERSHIPS)]
        self.wide = [f"wide-{number}" for number in range(wide)]

    def choose_partnership(self, source):
        if source.random() < 0.4:
            return source.choice(self.wide)
        place = source.randrange(HOT_PARTNERSHIPS)
        with self.lock:
            if self.operations[self.hot[place]] >= OPERATIONS_OF_A_PARTNERSHIP_MAX:
                self.hot[place] = f"hot-{self.hot_number}"
                self.hot_number += 1
            return self.hot[place]

    def saw(self, partnership, revision):
        with self.lock:
            self.revisions[partnership] = max(revision, self.revisions.get(partnership, 0))

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    @contextlib.contextmanager
    def faults_of(self, name):
        """Keeps what a thread dies of."""
        try:
            yield
        except Exception:  # pylint: disable=broad-except
            self.faults.append(f"{name} died: {traceback.format_exc()}")


class Client(threading.Thread):
    def __init__(self, board, address, number):
        super().__init__(name=f"client-{number}", daemon=True)
        self.board = board
        self.stubs = Stubs(address)
        self.random = random.Random(f"{board.seed}-{number}")
        self.orders = 0
        self.hurry = 0.03  # How many of its calls have a deadline that may pass.

    def run(self):
        with self.board.faults_of(self.name):
            while not self.board.over.is_set():
                if self.operate() == "unknown":
                    self.board.over.wait(0.02 + self.random.random() * 0.08)
        self.stubs.channel.close()

    def operate(self):
        partnership = self.board.choose_partnership(self.random)
        with self.board.lock:
            self.board.operations[partnership] += 1
            known, given = self.board.revisions.get(partnership, 0), list(self.board.given[partnership])
        lot = self.random.random()
        if lot < 0.30:
            return self.read(partnership, known)
        if lot < 0.50 and given:
            return self.repeat(self.random.choice(given), known)
        return self.give(self.publish(self.new_order(partnership, known)), known)

    # -- Commands.

    def new_order(self, partnership, known):
        self.orders += 1
        unique = {"causation_id": f"{self.name}-{self.orders}"}
        if known == 0 or self.random.random() < 0.01:
            return Order("CreatePartnership", "create", story.creation(partnership, **unique), 2)
        if self.random.random() < 0.1:
            size = self.random.randint(2, 4)
            items = [(f"2024-02-0{day}", self.new_evidence()) for day in range(1, size + 1)]
            return Order("BatchRecordEvidence", "append", story.batch(*items, partnership=partnership, **unique), size)
        return Order("RecordEvidence", "append", story.record(self.new_evidence(), partnership, **unique), 1)

    def publish(self, order):
        """Lets others repeat it, even before it is sent."""
        with self.board.lock:
            self.board.given[order.request.partnership].append(order)
        return order

    def new_evidence(self):
        return story.evidence(**{self.random.choice(KINDS): {}})

    def repeat(self, order, known):
        if self.random.random() < 0.1:
            # The same id with other content.
            self.board.count("other content")
            request_id = order.request_id
            order = self.new_order(order.request.partnership, max(known, 1))
            order.request_id = request_id
            self.publish(order)
        else:
            self.board.count("repeated")
        return self.give(order, known)

    def give(self, order, known):
        request = type(order.request)()
        request.CopyFrom(order.request)
        request.request_id = order.request_id
        expected = None
        if order.kind == "append" and self.random.random() < 0.5:
            expected = request.expected_revision = max(1, known + self.random.choice((0, 0, 0, 0, -1, 1)))
        request.validate_only = self.random.random() < 0.02
        service = self.stubs.partnerships if order.kind == "create" else self.stubs.evidence
        return self.call(getattr(service, order.method), request, kind=order.kind, method=order.method, request_id=order.request_id,
                         payload=order.payload, size=order.size, expected_revision=expected, validate_only=request.validate_only)

    # -- Readings.

    def read(self, partnership, known):
        lot = self.random.random()
        if lot < 0.4:
            request = api.GetPartnershipRequest(partnership=partnership)
            return self.call(self.stubs.partnerships.GetPartnership, request, kind="read", method="GetPartnership")
        if lot < 0.7:
            request = api.AssessTrustRequest(partnership=partnership)
            return self.call(self.stubs.trust.AssessTrust, request, kind="read", method="AssessTrust")
        if lot < 0.9:
            request = api.ListEventsRequest(partnership=partnership, after_revision=max(0, known - 3), page_size=1000)
            return self.call(self.stubs.history.ListEvents, request, kind="read", method="ListEvents")
        order = Order("RecordEvidence", "append", story.record(self.new_evidence(), partnership, validate_only=True), 1)
        return self.call(self.stubs.evidence.RecordEvidence, order.request, kind="append", method="RecordEvidence",
                         payload=order.payload, size=1, validate_only=True)

    def reread(self, operation):
        """Asks for what a client read of trust when that was the present."""
        request = api.AssessTrustRequest(partnership=operation.partnership, known_revision=operation.revision,
                                         as_of_time=story.time_of(operation.reading[0]))
        return self.call(self.stubs.trust.AssessTrust, request, kind="reread", method="AssessTrust")

    # -- Both.

    def call(self, stub, request, **fields):
        seconds = CALL_SECONDS
        if self.random.random() < (0.7 if self.board.disk_is_slow else self.hurry):
            seconds = 0.010 + self.random.random() * 0.040
        operation = self.board.recorder.invoke(process=self.name, partnership=request.partnership, **fields)
        try:
            answer = stub(request, timeout=seconds, wait_for_ready=self.random.random() < 0.7)
        except grpc.RpcError as error:
            return self.take_error(operation, error)
        self.board.recorder.close(operation, "ok", **answered(request, answer))
        self.board.saw(operation.partnership, operation.revision)
        self.board.count("ok")
        return "ok"

    def take_error(self, operation, error):
        """What the server itself answers has a reason; without one the call just broke off."""
        refusal = Refusal.of_error(error)
        if refusal.reason in ("", "OUTCOME_UNKNOWN"):
            self.board.recorder.close(operation, "unknown", reason=refusal.reason or refusal.code)
            self.board.count(f"unknown: {refusal.reason or refusal.code}")
            return "unknown"
        current = refusal.metadata.get("current")
        self.board.recorder.close(operation, "refused", reason=refusal.reason, revision=None if current is None else int(current))
        if current is not None:
            self.board.saw(operation.partnership, int(current))
        self.board.count(refusal.reason)
        return "refused"


def answered(request, answer):
    """What an answer says, as fields of an Operation."""
    if isinstance(answer, api.GetPartnershipResponse):
        return {"revision": answer.partnership.revision}
    if isinstance(answer, api.AssessTrustResponse):
        return {"revision": answer.revision, "reading": [answer.as_of_date, answer.policy_sha256, digest_of(answer)]}
    shown = [[event.revision, digest_of(event)] for event in answer.events]
    if isinstance(answer, api.ListEventsResponse):
        if answer.next_page_token:
            raise AssertionError("a short list was made in pages")
        return {"revision": request.after_revision + len(shown), "events": shown}
    fields = {"revision": answer.revision, "log_position": answer.log_position, "events": shown}
    return {**fields, "log_index": answer.receipt.log_index} if answer.HasField("receipt") else fields


class Watcher(threading.Thread):
    """Follows the log, or some partnerships, and goes on after each break where it was."""

    def __init__(self, board, address, number, partnerships=()):
        super().__init__(name=f"watcher-{number}", daemon=True)
        self.board = board
        self.stubs = Stubs(address)
        self.partnerships = list(partnerships)
        self.position = ""
        self.call = None
        self.resumed = 0

    def run(self):
        with self.board.faults_of(self.name):
            self.follow()

    def follow(self):
        while not self.board.over.is_set():
            request = api.WatchEventsRequest(after_position=self.position, partnerships=self.partnerships,
                                             include_system=not self.partnerships)
            begun_ns = self.board.recorder.now_ns()
            self.call = self.stubs.history.WatchEvents(request, wait_for_ready=True)
            try:
                for message in self.call:
                    self.take(message, begun_ns)
            except grpc.RpcError as error:
                if reason := Refusal.of_error(error).reason:
                    if reason != "SHUTTING_DOWN":
                        raise
            self.resumed += 1
            self.board.over.wait(0.05)

    def take(self, message, begun_ns):
        events = [told_of(event) for event in message.events.events]
        caught_up = message.HasField("caught_up")
        if events or caught_up:
            self.board.recorder.tell(process=self.name, begun_ns=begun_ns, events=events, resume_position=message.resume_position,
                                     caught_up=caught_up, partnerships=self.partnerships)
        self.position = message.resume_position

    def end(self):
        """To be called when the board says that it is over."""
        while self.is_alive():
            if self.call is not None:
                self.call.cancel()
            self.join(0.1)
        self.stubs.channel.close()


def read_log(client):
    """The whole log, as entries."""
    return [LogEntry(place, event.log_position, event.partnership, event.revision, event.request_id, event.correlation_id,
                     digest_of(event)) for place, event in enumerate(client.events("", include_system=True))]
