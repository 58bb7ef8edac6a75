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
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import server  # pylint: disable=wrong-import-position
from checker import complaints
from history import Fault, Recorder, load, save
from planted import MISTAKES
from planting_proxy import MISTAKES as PLANTED_SERVERS
from planting_proxy import Proxy, Right
from relay_process import Relay
from server import SECONDS_MAX, ServerTest, new_random
from workload import CLIENTS, OPERATIONS_OF_A_PARTNERSHIP_MAX, Board, Client, Watcher, read_log

SECONDS = 30                      # Of load, at least.
OPERATIONS = 4_000                # As many at least, however long that takes on a machine that is busy.
ANSWERS_A_SECOND_MIN = 20         # On average. A machine with nothing else to do makes twenty times as many.
SLOW_MS_MAX = 500
PLANTED_OPERATIONS = 400          # Under each mistake.
READINGS_AGAIN_MAX = 200
FAULTS = ("kill", "kill", "cut", "mute", "stop", "slow disk")
HERE = pathlib.Path(__file__).resolve().parent


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

    def patient_client(self, name):
        """One that waits for its answers; it speaks to the server itself."""
        client = Client(self.board, self.server.address, name)
        client.hurry = 0
        return client

    def begin(self, address, clients, watchers):
        """watchers: a list of filters."""
        self.addCleanup(self.board.over.set)
        self.clients = [Client(self.board, address, number) for number in range(clients)]
        self.watchers = [Watcher(self.board, address, number, partnerships)
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

    def read_again(self):
        """Asks once more for readings that clients had under load: by their revision, of a log that has grown since."""
        client = self.patient_client("again")
        readings = [operation for operation in self.recorder.history.operations if operation.reading]
        for operation in self.random.sample(readings, min(READINGS_AGAIN_MAX, len(readings))):
            client.reread(operation)
        client.stubs.channel.close()

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
        self.begin(self.relay.address, CLIENTS, [(), (), [f"hot-{number}" for number in range(0, 40, 2)]])
        load_began = time.monotonic()
        faults = self.make_faults(int(os.environ.get("TRUSTD_TEST_OPERATIONS") or OPERATIONS))
        self.end_load()
        load_seconds = time.monotonic() - load_began
        settled = self.settle()
        self.server.stop()
        self.serve()
        self.read_again()
        began = time.monotonic()
        history = self.finish()
        self.assert_nothing_wrong(history)
        self.report(history, faults, settled, load_seconds, time.monotonic() - began)
        self.assert_enough_was_met(history, faults, load_seconds)
        self.assert_planted_mistakes_are_found(history)

    # -- What is done to the server.

    def assert_the_disk_can_be_slow(self):
        """The control of the slow disk: with it, flushes are late."""
        client = self.patient_client("slow")
        seconds = []
        for slow_ms_max in (0, SLOW_MS_MAX):
            self.slowness.write_text(str(slow_ms_max), encoding="ascii")
            began = time.monotonic()
            for number in range(10):
                client.give(client.new_order(f"slow-{slow_ms_max}-{number}", 0), 0)
            seconds.append(time.monotonic() - began)
        self.slowness.write_text("0", encoding="ascii")
        client.stubs.channel.close()
        # Ten flushes wait 2.5 s in the mean; that they wait less than a fifth of it does not happen.
        self.assertGreater(seconds[1] - seconds[0], 0.5, "flushes to the slow disk were not late")

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
        """Repeats half of the commands whose outcome is unknown: the server knows it. Returns how many."""
        answered = {operation.request_id for operation in self.recorder.history.operations if operation.outcome != "unknown"}
        orders = [order for given in self.board.given.values() for order in given if order.request_id not in answered]
        orders = self.random.sample(orders, len(orders) // 2)
        client = self.patient_client("settling")
        for order in orders:
            self.assertNotEqual(client.give(order, 0), "unknown")
        client.stubs.channel.close()
        return len(orders)

    def report(self, history, faults, settled, load_seconds, judged_seconds):
        outcomes = collections.Counter(operation.outcome for operation in history.operations)
        self.stored_unknown = unknown_that_were_stored(history)
        resumed = sum(watcher.resumed for watcher in self.watchers)
        print(f"{len(history.operations)} operations in {load_seconds:.0f} s {dict(outcomes)}, {len(history.log)} events, "
              f"{len(history.told)} messages of {len(self.watchers)} watches that were resumed {resumed} times, faults "
              f"{dict(faults)}, {settled} unknown outcomes asked for, {self.stored_unknown} stored without an answer; read and "
              f"judged in {judged_seconds:.1f} s", flush=True)
        print(dict(sorted(self.board.counts.items())), flush=True)

    def assert_enough_was_met(self, history, faults, load_seconds):
        """A run that met too little proves nothing."""
        self.assertGreaterEqual(self.board.counts["ok"], load_seconds * ANSWERS_A_SECOND_MIN)
        for kind in set(FAULTS):
            self.assertGreaterEqual(faults[kind], 2, kind)
        for what, least in (("REVISION_CONFLICT", 50), ("REQUEST_ID_REUSED", 10), ("PARTNERSHIP_EXISTS", 5), ("repeated", 100),
                            ("unknown: UNAVAILABLE", 10), ("unknown: DEADLINE_EXCEEDED", 10)):
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


class PlantedServerTest(ConsistencyCase):
    """The control: servers that make mistakes, and one that makes none, under the same clients."""

    def load(self, address, enough=lambda: True):
        """Lets a few clients work there on a few partnerships, until they have done enough."""
        self.recorder = Recorder(self.random.randrange(2**32))
        self.board = Board(self.recorder, self.random.randrange(2**32), wide=3)
        self.begin(address, 6, [()])
        server.await_true(lambda: len(self.recorder.history.operations) >= PLANTED_OPERATIONS and enough(), "operations")
        self.end_load()

    def test_what_a_server_does_wrong_is_found(self):
        for kind in (Right, *PLANTED_SERVERS):
            with self.subTest(kind.__name__):
                self.start(directory=kind.__name__)
                planted = kind(self.random)
                proxy = Proxy(self.server.address, planted)
                try:
                    self.load(proxy.address, lambda: planted.made >= planted.made_min)  # pylint: disable=cell-var-from-loop
                finally:
                    proxy.end()
                self.read_again()
                found = complaints(self.finish())
                self.server.stop()
                print(f"{kind.__name__}: made {planted.made} times in {len(self.recorder.history.operations)} operations, "
                      f"{len(found)} complaints, such as: {found[:1]}", flush=True)
                if kind is Right:
                    self.assertEqual(found, [])
                    continue
                self.assertTrue(any(words in complaint for words in kind.found_as for complaint in found), found[:20])

    def test_a_store_that_was_put_back_is_found(self):
        """An older copy of all that the server keeps, watermark and keys included, so that it cannot notice itself."""
        self.serve()
        self.load(self.relay.address)
        self.server.stop()
        copies = [path for path in self.folder.iterdir() if path.name.startswith("store")]
        for path in copies:
            shutil.copytree(path, self.folder / "copies" / path.name)
        self.serve()
        recorder, self.board.over = self.recorder, threading.Event()
        self.begin(self.relay.address, 6, [()])
        enough = len(recorder.history.operations) + PLANTED_OPERATIONS // 2
        server.await_true(lambda: len(recorder.history.operations) >= enough, "operations")
        self.end_load()
        self.server.stop()
        for path in copies:
            shutil.rmtree(path)
            shutil.copytree(self.folder / "copies" / path.name, path)
        self.serve()
        found = complaints(self.finish())
        print(f"{len(found)} complaints, such as: {found[:2]}", flush=True)
        for words in ("acknowledged, and lost", "a reader saw revision", "was told of"):
            self.assertTrue(any(words in complaint for complaint in found), words)


def unknown_that_were_stored(history):
    """How many commands are in the log that nobody was told of."""
    answered = {operation.request_id for operation in history.operations if operation.outcome == "ok"}
    asked = {operation.request_id for operation in history.operations
             if operation.outcome == "unknown" and operation.kind != "read"}
    return sum(1 for entry in history.log if entry.request_id in asked - answered)


if __name__ == "__main__":
    server.main()
