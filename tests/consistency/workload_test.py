"""A server under load while it is killed, stopped and slowed down and its connections are cut; and the judgement of all that its
clients asked and were told. See README.md.
"""

import collections
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import server  # pylint: disable=wrong-import-position
import story
from checker import complaints
from history import Fault, Recorder, load, save
from planted import MISTAKES
from server import SECONDS_MAX, ServerTest, new_random
from stubs import api
from workload import CLIENTS, OPERATIONS_OF_A_PARTNERSHIP_MAX, Board, Client, Watcher, digest_of, read_log

SECONDS = 40                      # Of load, at least.
OPERATIONS_A_SECOND_MIN = 40      # Answered, on average; a machine that does nothing else makes ten times as many.
SLOW_MS_MAX = 500
FAULTS = ("kill", "kill", "cut", "mute", "stop", "slow disk")
HERE = pathlib.Path(__file__).resolve().parent


class Relay:
    """The relay through which all clients speak, as a process of its own."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-B", str(HERE / "relay.py")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.address = f"127.0.0.1:{self.process.stdout.readline().strip()}"

    def order(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        if self.process.stdout.readline() != "done\n":
            raise AssertionError(f"the relay did not do {words}")

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=SECONDS_MAX)
        self.process.stdout.close()


class ConsistencyCase(ServerTest):
    """A server whose disk can be slow, a relay before it, and the history of those who use it."""

    def setUp(self):
        super().setUp()
        self.random = new_random()
        self.recorder = Recorder(self.random.randrange(2**32))
        self.board = Board(self.recorder, self.random.randrange(2**32))
        self.relay = Relay()
        self.addCleanup(self.relay.end)
        self.slowness = self.folder / "slowness"
        self.slowness.write_text("0", encoding="ascii")
        shim = self.folder / "slow_disk.so"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(shim), str(HERE / "slow_disk.c"), "-ldl"], check=True)
        self.under = ("env", f"LD_PRELOAD={shim}", f"SLOW_DISK_CONTROL={self.slowness}")

    def serve(self):
        """Starts the server, sometimes with caches that hold next to nothing."""
        small = ("--states_memory_mib=1", "--readings_memory_mib=1", "--store_memory_mib=32")
        self.start(*(small if self.random.random() < 0.5 else ()), under=self.under)
        self.relay.order("target", self.server.address.rpartition(":")[2])

    def begin(self, clients, watchers):
        """watchers: a list of filters."""
        self.addCleanup(self.board.over.set)
        self.clients = [Client(self.board, self.relay.address, number) for number in range(clients)]
        self.watchers = [Watcher(self.board, self.relay.address, number, partnerships)
                         for number, partnerships in enumerate(watchers)]
        for thread in (*self.clients, *self.watchers):
            thread.start()

    def end_load(self):
        self.board.over.set()
        for client in self.clients:
            client.join(SECONDS_MAX)
            self.assertFalse(client.is_alive(), f"{client.name} hangs")
        for watcher in self.watchers:
            watcher.end()

    def finish(self):
        """Reads the log, and returns the history as it is on the disk."""
        self.recorder.history.log_read_ns = self.recorder.now_ns()
        self.recorder.history.log = read_log(self.client)
        self.assertEqual(self.board.faults, [])
        path = self.folder / "history.jsonl"
        save(self.recorder.history, path)
        kept = os.environ.get("TRUSTD_TEST_HISTORY")
        if kept:
            shutil.copy(path, kept)
        return load(path)

    def assert_nothing_wrong(self, history):
        found = complaints(history)
        if found:
            kept = pathlib.Path(server.program("trustd")).parent / f"consistency-{self.recorder.history.seed}.jsonl"
            save(history, kept)
            self.fail("\n".join([f"{len(found)} complaints about the history that is kept as {kept}:", *found[:20]]))


class WorkloadTest(ConsistencyCase):
    def test_every_history_under_faults_has_an_order_that_explains_it(self):
        self.serve()
        self.assert_the_disk_can_be_slow()
        self.begin(CLIENTS, [(), (), [f"hot-{number}" for number in range(0, 40, 2)]])
        faults = self.make_faults(int(os.environ.get("TRUSTD_TEST_OPERATIONS") or 0))
        self.end_load()
        settled = self.settle()
        self.assert_readings_are_made_again()
        began = time.monotonic()
        history = self.finish()
        self.assert_nothing_wrong(history)
        self.report(history, faults, settled, time.monotonic() - began)
        self.assert_enough_was_met(history, faults)
        self.assert_planted_mistakes_are_found(history)

    # -- What is done to the server.

    def assert_the_disk_can_be_slow(self):
        """The control of the slow disk: with it, flushes are late."""
        self.slowness.write_text(str(SLOW_MS_MAX), encoding="ascii")
        began = time.monotonic()
        client = Client(self.board, self.relay.address, "slow")
        for number in range(8):
            client.give(client.new_order(f"slow-{number}", 0), 0)
        client.stubs.channel.close()
        waited = time.monotonic() - began
        self.slowness.write_text("0", encoding="ascii")
        # The mean of eight is 2 s; less than a tenth of it does not happen.
        self.assertGreater(waited, 0.2, "flushes to the slow disk were not late")

    def make_faults(self, operations_min):
        """Does harm, every one to two seconds, until there was enough load. Returns how often what was done."""
        bag, done = [], collections.Counter()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end or len(self.recorder.history.operations) < operations_min:
            self.board.over.wait(0.5 + self.random.random())
            if not bag:
                bag = self.random.sample(FAULTS, len(FAULTS))
            kind = bag.pop()
            begin_ns = self.recorder.now_ns()
            self.assertTrue(self.server.running, f"the server ended by itself:\n{self.server.log}")
            getattr(self, f"make_{kind.replace(' ', '_')}")()
            self.recorder.history.faults.append(Fault(kind, begin_ns, self.recorder.now_ns()))
            done[kind] += 1
        return done

    def make_kill(self):
        self.server.kill()
        if self.random.random() < 0.3:
            # Once more while it opens.
            process = server.Process(self.folder / "store", under=self.under)
            self.board.over.wait(self.random.random() * 0.3)
            process.kill()
        self.serve()

    def make_stop(self):
        self.server.signal(signal.SIGSTOP)
        self.board.over.wait(1)
        self.server.signal(signal.SIGCONT)

    def make_cut(self):
        self.relay.order("cut", self.random.choice((0.3, 1)))

    def make_mute(self):
        self.relay.order("mute", self.random.choice((0.3, 1)), self.random.random() * 0.3)

    def make_slow_disk(self):
        self.slowness.write_text(str(SLOW_MS_MAX), encoding="ascii")
        self.board.disk_is_slow = True
        self.board.over.wait(1.5)
        if self.random.random() < 0.5:
            self.server.kill()
            self.slowness.write_text("0", encoding="ascii")
            self.serve()
        self.slowness.write_text("0", encoding="ascii")
        self.board.disk_is_slow = False

    # -- When it is over.

    def settle(self):
        """Repeats commands whose outcome is unknown: the server knows it. Returns how many."""
        answered = {operation.request_id for operation in self.recorder.history.operations if operation.outcome != "unknown"}
        orders = [order for given in self.board.given.values() for order in given if order.request_id not in answered][:300]
        teller = Client(self.board, self.server.address, "settling")
        for order in orders:
            self.assertNotEqual(teller.give(order, 0), "unknown")
        teller.stubs.channel.close()
        return len(orders)

    def assert_readings_are_made_again(self):
        """What was read of trust under load is what the log says of that revision, folded anew by a program without a cache."""
        readings = [operation for operation in self.recorder.history.operations if operation.reading]
        self.server.stop()
        self.serve()
        # The readings of days that are over are about those.
        for operation in self.random.sample(readings, min(150, len(readings))):
            day = story.time_of(operation.reading[0])
            again = self.client.trust.AssessTrust(api.AssessTrustRequest(
                partnership=operation.partnership, known_revision=operation.revision, as_of_time=day), timeout=SECONDS_MAX)
            self.assertEqual([again.revision, digest_of(again)], [operation.revision, operation.reading[-1]],
                             f"{operation.partnership} at revision {operation.revision}: {operation.reading}")

    def report(self, history, faults, settled, seconds):
        outcomes = collections.Counter(operation.outcome for operation in history.operations)
        self.stored_unknown = unknown_that_were_stored(history)
        print(f"{len(history.operations)} operations {dict(outcomes)}, {len(history.log)} events, {len(history.told)} messages of "
              f"{len(self.watchers)} watches that were resumed {sum(watcher.resumed for watcher in self.watchers)} times, faults "
              f"{dict(faults)}, {settled} unknown outcomes asked for, {self.stored_unknown} stored without an answer; read and judged in "
              f"{seconds:.1f} s", flush=True)
        print(dict(sorted(self.board.counts.items())), flush=True)

    def assert_enough_was_met(self, history, faults):
        """A run that met too little proves nothing."""
        self.assertGreaterEqual(self.board.counts["ok"], SECONDS * OPERATIONS_A_SECOND_MIN)
        for kind in set(FAULTS):
            self.assertGreaterEqual(faults[kind], 2, kind)
        for what, least in (("REVISION_CONFLICT", 100), ("REQUEST_ID_REUSED", 20), ("PARTNERSHIP_EXISTS", 5), ("repeated", 200),
                            ("unknown: UNAVAILABLE", 20), ("unknown: DEADLINE_EXCEEDED", 20)):
            self.assertGreaterEqual(self.board.counts[what], least, what)
        self.assertGreaterEqual(self.stored_unknown, 10)
        self.assertGreater(sum(watcher.resumed for watcher in self.watchers), len(self.watchers) * 3)
        self.assertLess(max(collections.Counter(operation.partnership for operation in history.operations).values()),
                        OPERATIONS_OF_A_PARTNERSHIP_MAX + 1_000)

    def assert_planted_mistakes_are_found(self, history):
        """The control: mistakes of a server, planted in the history that was just judged."""
        for mistake in MISTAKES:
            planted = None
            for _ in range(10):
                planted = planted or mistake(history, self.random)
            self.assertIsNotNone(planted, f"{mistake.__name__}: this history has no place for it")
            self.assertTrue(complaints(planted), mistake.__name__)


def unknown_that_were_stored(history):
    """How many commands are in the log that nobody was told of."""
    answered = {operation.request_id for operation in history.operations if operation.outcome == "ok"}
    asked = {operation.request_id for operation in history.operations if operation.outcome == "unknown" and operation.kind != "read"}
    return sum(1 for entry in history.log if entry.request_id in asked - answered)


if __name__ == "__main__":
    server.main()
