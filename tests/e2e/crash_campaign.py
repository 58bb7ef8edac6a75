"""Crashes under load, through gRPC, whatever a crash is: nothing acknowledged is lost, nothing takes effect twice, and what
anybody was shown stays.

Clients give commands of several kinds with request ids, repeat those whose outcome they never learned, and remember every
answer; after each crash the log is compared with what they remember. The comparison itself must find planted mistakes.
"""

import collections
import dataclasses
import hashlib
import itertools
import os
import queue
import random
import threading
import time
import uuid

import grpc

import server
import story
from history_check import Command, Entry, complaints, told_otherwise
from server import Process, Refusal, Server, ServerTest, new_random
from stubs import api

WRITERS = 6
HOT_PARTNERSHIPS = 4
ANSWERS_BEFORE_CRASH_MAX = 120
CALL_SECONDS_MAX = 30
IMPORT_MESSAGES_UNDER_WAY = 3
IMPORT_ITEMS_MAX = 8
KINDS = ("shared_experience_held", "open_communication_observed", "transparency_demonstrated", "feedback_given",
         "partner_goal_supported", "consistency_observed", "commitment_made", "information_withheld")


def crashes_of_a_run(default):
    """How many crashes a campaign has: TRUSTD_TEST_CRASHES, for the long ones, or the default."""
    return int(os.environ.get("TRUSTD_TEST_CRASHES") or default)


def key_of(event):
    """The key of the command that made an event: imports have an external id in place of a correlation id."""
    return event.correlation_id or f"{event.partnership}:{event.import_origin.external_id}"


def entry_of(event):
    content = hashlib.sha256(event.SerializeToString(deterministic=True)).hexdigest()
    return Entry(event.partnership, event.revision, event.log_position, key_of(event), content)


def is_outcome_unknown(error):
    """Whether a call just broke off. What the server itself answers has a reason."""
    return error.code() == grpc.StatusCode.UNAVAILABLE and not Refusal.of_error(error).reason


class Ledger:
    """What all clients were told. Shared by their threads."""

    def __init__(self):
        self.changed = threading.Condition()
        self.commands = {}          # By key.
        self.seen = {}              # The greatest revision that a reader was shown, by partnership.
        self.answers = 0            # Of calls, and messages of imports.
        self.faults = []            # What should not happen whatever the crashes do.
        self.counts = collections.Counter()

    def sent(self, command):
        with self.changed:
            command.sent = time.monotonic()
            self.commands[command.key] = command

    def acknowledged(self, command, revision, position):
        with self.changed:
            if command.acknowledged is None:
                command.acknowledged, command.revision, command.position = time.monotonic(), revision, position
            elif (command.revision, command.position) != (revision, position):
                self.faults.append(f"{command.key}: answered with {command.revision} at {command.position}, and repeated with "
                                   f"{revision} at {position}")

    def answered(self):
        with self.changed:
            self.answers += 1
            self.changed.notify_all()

    def saw(self, partnership, revision):
        with self.changed:
            if revision < self.seen.get(partnership, 0):
                self.faults.append(f"{partnership}: a reader saw revision {self.seen[partnership]} and then {revision}")
            self.seen[partnership] = max(revision, self.seen.get(partnership, 0))

    def fault(self, text):
        with self.changed:
            self.faults.append(text)
            self.changed.notify_all()

    def count(self, what, by=1):
        with self.changed:
            self.counts[what] += by


@dataclasses.dataclass
class Order:
    """A request that has been given at least once."""

    method: str
    request: object
    command: Command


class Writer:
    """One client that gives one command after the other. Lives through all crashes; repeats first what it does not know."""

    def __init__(self, name, seed, ledger, hot):
        self.name = name
        self.random = random.Random(seed)
        self.ledger = ledger
        self.partnerships = list(hot)
        self.orders_given = 0
        self.unknown = None
        self.answered = collections.deque(maxlen=500)

    def run(self, client, over):
        while not over.is_set():
            if self.unknown is not None:
                order = self.unknown
            elif self.answered and self.random.random() < 0.05:
                order = self.random.choice(self.answered)
                self.ledger.count("repeated for no reason")
            else:
                order = self.new_order()
            if not self.give(client, order):
                return

    def give(self, client, order):
        """Returns false when the call broke off."""
        call = getattr(client.partnerships if order.method == "CreatePartnership" else client.evidence, order.method)
        try:
            answer = call(order.request, timeout=CALL_SECONDS_MAX)
        except grpc.RpcError as error:
            if is_outcome_unknown(error):
                self.unknown = order
                return False
            if not order.command.forbidden or error.code() != grpc.StatusCode.ABORTED:
                self.ledger.fault(f"{order.command.key}: {order.method} was refused: {error.code()} {error.details()}")
                return False
            self.unknown = None
            self.ledger.count("refused")
            return True
        self.unknown = None
        if order.command.acknowledged is None:
            self.answered.append(order)
            self.ledger.count(order.method)
            if order.method == "CreatePartnership":
                self.partnerships.append(order.command.partnership)
        self.ledger.acknowledged(order.command, answer.revision, answer.log_position)
        self.ledger.answered()
        return True

    def new_order(self):
        self.orders_given += 1
        key = f"{self.name}-{self.orders_given}"
        envelope = {"correlation_id": key, "request_id": str(uuid.UUID(int=self.random.getrandbits(128), version=4))}
        # Mostly the same few partnerships, so that writers meet there.
        hot = self.random.random() < 0.8
        partnership = self.partnerships[self.random.randrange(HOT_PARTNERSHIPS if hot else len(self.partnerships))]
        lot = self.random.random()
        if lot < 0.05:
            order = Order("CreatePartnership", story.creation(key, **envelope), Command(key, key, 2))
        elif lot < 0.20:
            days = range(1, self.random.randint(3, 8))
            items = [(f"2024-02-0{day}", self.new_evidence()) for day in days]
            order = Order("BatchRecordEvidence", story.batch(*items, partnership=partnership, **envelope),
                          Command(key, partnership, len(items)))
        elif lot < 0.25:
            order = Order("RecordEvidence", story.record(self.new_evidence(), partnership, expected_revision=10**9, **envelope),
                          Command(key, partnership, 1, forbidden=True))
        else:
            order = Order("RecordEvidence", story.record(self.new_evidence(), partnership, **envelope),
                          Command(key, partnership, 1))
        self.ledger.sent(order.command)
        return order

    def new_evidence(self):
        return story.evidence(**{self.random.choice(KINDS): {}})


class Importer:
    """A client that imports one history after the other, some messages under way at a time."""

    def __init__(self, name, seed, ledger):
        self.name = name
        self.random = random.Random(seed)
        self.ledger = ledger
        self.histories = 0
        self.items_left = 0
        self.partnership = ""
        self.unknown = collections.deque()  # Pairs of item and command without a result, in the order they were sent.

    def run(self, client, over):
        requests, waiting = queue.SimpleQueue(), collections.deque()

        def send():
            batch = [self.unknown.popleft() for _ in range(min(len(self.unknown), IMPORT_ITEMS_MAX))] or \
                [self.new_item() for _ in range(self.random.randint(1, IMPORT_ITEMS_MAX))]
            waiting.extend(batch)
            requests.put(api.ImportHistoryRequest(items=[item for item, _ in batch]))

        try:
            for _ in range(IMPORT_MESSAGES_UNDER_WAY):
                send()
            for response in client.evidence.ImportHistory(iter(requests.get, None)):
                for result in response.results:
                    self.take(result, waiting.popleft()[1])
                self.ledger.answered()
                if over.is_set():
                    break
                send()
        except grpc.RpcError as error:
            if not is_outcome_unknown(error):
                self.ledger.fault(f"{self.name}: the import ended with {error.code()} {error.details()}")
        finally:
            requests.put(None)
            self.unknown.extendleft(reversed(waiting))

    def take(self, result, command):
        if result.outcome not in (api.IMPORT_OUTCOME_CREATED, api.IMPORT_OUTCOME_UNCHANGED):
            self.ledger.fault(f"{command.key}: {result}")
            return
        self.ledger.count("ImportHistory")
        self.ledger.acknowledged(command, result.revision, result.log_position)

    def new_item(self):
        if self.items_left == 0:
            self.histories += 1
            self.items_left = self.random.randint(5, 50)
            self.partnership = f"{self.name}-{self.histories}"
            item = story.founding_item(self.partnership)
        else:
            item = story.item(f"item-{self.items_left}", self.partnership)
        self.items_left -= 1
        command = Command(f"{self.partnership}:{item.external_id}", self.partnership, 2 if item.external_id == "founding" else 1)
        self.ledger.sent(command)
        return item, command


class Reader:
    """A client that looks at the partnerships that all write to."""

    def __init__(self, ledger, hot):
        self.ledger = ledger
        self.hot = hot

    def run(self, client, over):
        try:
            for turn in itertools.count():
                if over.is_set():
                    return
                partnership = self.hot[turn % len(self.hot)]
                self.ledger.saw(partnership, client.revision(partnership))
                reading = client.trust.AssessTrust(api.AssessTrustRequest(partnership=partnership), timeout=CALL_SECONDS_MAX)
                self.ledger.saw(partnership, reading.revision)
                self.ledger.count("read", 2)
        except grpc.RpcError as error:
            if not is_outcome_unknown(error):
                self.ledger.fault(f"a reader was refused: {error.code()} {error.details()}")


class Follower:
    """A client that follows the log and goes on after each crash where it was."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.entries = []
        self.position = ""

    def run(self, client, _):
        try:
            for message in client.history.WatchEvents(api.WatchEventsRequest(after_position=self.position)):
                self.entries += [entry_of(event) for event in message.events.events]
                self.position = message.resume_position
        except grpc.RpcError as error:
            if not is_outcome_unknown(error):
                self.ledger.fault(f"a follower was refused: {error.code()} {error.details()}")


class Log:
    """The log as far as it was read, read on after each crash from the last page that was full."""

    def __init__(self):
        self.entries = []
        self.full_pages = 0  # Entries that stand on full pages, before the token.
        self.token = ""

    def read_on(self, client):
        """Returns what is wrong with it: what was read before must stand there still."""
        entries, token = [], self.token
        while True:
            page = client.history.ListEvents(api.ListEventsRequest(page_size=500, page_token=token), timeout=CALL_SECONDS_MAX)
            entries += [entry_of(event) for event in page.events]
            if not page.next_page_token:
                break
            token = page.next_page_token
            new_full_pages = self.full_pages + len(entries)
        known = self.entries[self.full_pages:]
        wrong = [] if entries[:len(known)] == known else ["events that were read before the crash have changed or are gone"]
        self.entries[self.full_pages:] = entries
        if token != self.token:
            self.full_pages, self.token = new_full_pages, token
        return wrong


class CrashCampaign(ServerTest):
    """Load, a sudden end, a start and a comparison, many times. How the server ends is for the test that derives from it to say."""

    def setUp(self):
        super().setUp()
        self.random = new_random()
        self.store = self.folder / "store"
        self.flags = ()
        self.under = ()  # What the server is started by; see Process.
        self.ledger = Ledger()
        self.hot = [f"hot-{i}" for i in range(HOT_PARTNERSHIPS)]
        self.log = Log()
        writers = [Writer(f"w{i}", self.random.random(), self.ledger, self.hot) for i in range(WRITERS)]
        self.follower = Follower(self.ledger)
        self.clients = [*writers, Importer("import", self.random.random(), self.ledger), Reader(self.ledger, self.hot), self.follower]

    def end_suddenly(self, process):
        """Ends the process without a warning, and leaves what it had on the disk as it is found after that."""
        raise NotImplementedError

    def assert_nothing_wrong(self, wrong, when):
        wrong = [*self.ledger.faults, *wrong]
        self.assertEqual(wrong[:20], [], f"{when}: {len(wrong)} complaints")

    def found_hot_partnerships(self):
        for name in self.hot:
            command = Command(f"founding-{name}", name, 2)
            self.ledger.sent(command)
            answer = self.client.partnerships.CreatePartnership(story.creation(name, correlation_id=command.key))
            self.ledger.acknowledged(command, answer.revision, answer.log_position)

    def run_until_crash(self):
        """Lets the clients work until the server has ended."""
        over = threading.Event()
        threads = [threading.Thread(target=client.run, args=(self.client, over), daemon=True) for client in self.clients]
        for thread in threads:
            thread.start()
        missed = self.end_under_load()
        over.set()
        for thread in threads:
            thread.join(CALL_SECONDS_MAX)
            self.assertFalse(thread.is_alive(), "a client hangs after the server has ended")
        self.client.close()
        self.assertEqual(missed, "", self.server.log)

    def end_under_load(self):
        """Waits until some answers have come, and a moment, then ends the server. Returns what it waited for in vain."""
        answers = self.random.randint(1, ANSWERS_BEFORE_CRASH_MAX)
        goal = self.ledger.answers + answers
        with self.ledger.changed:
            reached = self.ledger.changed.wait_for(lambda: self.ledger.answers >= goal or self.ledger.faults, CALL_SECONDS_MAX)
        # Clients are answered in groups, so the moment of an answer is always the same one in the life of a group.
        threading.Event().wait(self.random.random() * 0.004)
        self.end_suddenly(self.server)
        return "" if reached else f"fewer than {answers} answers in {CALL_SECONDS_MAX} s"

    def crash_while_it_opens(self):
        process = Process(self.store, *self.flags, under=self.under)
        threading.Event().wait(self.random.random() * 0.3)
        self.end_suddenly(process)

    def start(self, *flags, **options):
        return super().start(*self.flags, *flags, directory=self.store, under=self.under, **options)

    def reopen(self):
        """Starts the server and reads the log on. Returns what is wrong with the two, and with what clients were told."""
        self.start()
        wrong = self.log.read_on(self.client)
        if self.server.log_size != len(self.log.entries):
            wrong.append(f"the server says that the log holds {self.server.log_size} events, and lists {len(self.log.entries)}")
        wrong += told_otherwise(self.follower.entries, self.log.entries)
        return wrong + complaints(self.ledger.commands, self.log.entries, self.ledger.seen)

    def count_unknown_outcomes(self):
        stored = {entry.key for entry in self.log.entries}
        for command in self.ledger.commands.values():
            if command.acknowledged is None and not command.forbidden:
                what = "imports" if ":" in command.key else "commands"
                self.ledger.count(f"{what} of unknown outcome that were {'stored' if command.key in stored else 'not stored'}")

    def settle(self):
        """Has every command answered whose outcome is unknown."""
        for client in self.clients:
            if isinstance(client, Writer) and client.unknown is not None:
                self.assertTrue(client.give(self.client, client.unknown))
            while isinstance(client, Importer) and client.unknown:
                items = [client.unknown.popleft() for _ in range(min(len(client.unknown), 100))]
                for result, (_, command) in zip(self.client.import_items([item for item, _ in items]), items, strict=True):
                    client.take(result, command)

    def run_campaign(self, crashes):
        """The whole of it. Nothing that was told to anybody may be lost, and what the campaign met must be enough to say so."""
        began = time.monotonic()
        self.start()
        self.found_hot_partnerships()
        for crash in range(crashes):
            self.run_until_crash()
            if self.random.random() < 0.1:
                self.ledger.count("crashes while it opened")
                self.crash_while_it_opens()
            wrong = self.reopen()
            self.count_unknown_outcomes()
            self.assert_nothing_wrong(wrong, f"after crash {crash + 1}")
        self.settle()
        self.assert_nothing_wrong([], "when every outcome was asked for")
        unanswered = [command.key for command in self.ledger.commands.values()
                      if command.acknowledged is None and not command.forbidden]
        self.assertEqual(unanswered, [])

        # In full, from the beginning, and once more by partnership.
        self.restart()
        log = self.client.log()
        entries = [entry_of(event) for event in log]
        self.assert_nothing_wrong(complaints(self.ledger.commands, entries, self.ledger.seen), "at the end")
        by_partnership = collections.defaultdict(list)
        for event in log:
            by_partnership[event.partnership].append(event)
        self.assertEqual([partnership.partnership for partnership in self.client.all_partnerships()], sorted(by_partnership))
        for partnership, events in by_partnership.items():
            self.assertEqual(list(self.client.events(partnership)), events)

        counts = self.ledger.counts
        print(f"{crashes} crashes in {time.monotonic() - began:.0f} s, {self.ledger.answers} answers, {len(entries)} events, of "
              f"which {len(self.follower.entries)} were followed, {dict(counts)}", flush=True)
        # What the campaign must have met, or it proves nothing; in proportion for one of a few crashes.
        self.assertGreater(self.ledger.answers, crashes * 20)
        self.assertGreater(len(self.follower.entries), crashes * 20)
        for what, least_of_100 in (("commands of unknown outcome that were stored", 1),
                                   ("commands of unknown outcome that were not stored", 1), ("repeated for no reason", 20),
                                   ("RecordEvidence", 500), ("BatchRecordEvidence", 100), ("CreatePartnership", 20),
                                   ("ImportHistory", 500), ("refused", 20), ("read", 100)):
            self.assertGreaterEqual(counts[what], least_of_100 * crashes // 100, what)
        self.assert_mistakes_in_this_log_are_found(entries)

    def assert_mistakes_in_this_log_are_found(self, entries):
        """The control: the same comparison of the same history, with a mistake in it."""
        for _ in range(5):
            place = self.random.randrange(len(entries))
            self.assertTrue(complaints(self.ledger.commands, entries[:place] + entries[place + 1:]), f"event {place} lost")
            twice = dataclasses.replace(entries[place], position="new", revision=1 + max(
                entry.revision for entry in entries if entry.partnership == entries[place].partnership))
            self.assertTrue(complaints(self.ledger.commands, entries + [twice]), f"event {place} in effect twice")
            place = self.random.randrange(len(self.follower.entries) - 1)
            before, (one, other), after = entries[:place], entries[place:place + 2], entries[place + 2:]
            for what, log in (("lost", [*before, other, *after]), ("out of order", [*before, other, one, *after]),
                              ("changed", [*before, dataclasses.replace(one, content="other"), other, *after])):
                self.assertTrue(told_otherwise(self.follower.entries, log), f"event {place} {what}")


