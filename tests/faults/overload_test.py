"""More work than can be done, and work that is late for its caller, on disks whose flushes are slow.

Overload is shed, not queued: whoever comes when the server is behind is refused at once with a time to wait, and the others are
answered about as fast and as often as before. What its caller no longer waits for is not begun.
"""

import collections
import concurrent.futures
import contextlib
import datetime
import pathlib
import statistics
import sys
import tempfile
import threading
import time
import unittest
import uuid

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import server  # pylint: disable=wrong-import-position
import story
from server import SECONDS_MAX, Client, Refusal, Server

PARTNERSHIPS = 8
LOAD_SECONDS = 10.0  # Of some hundred batches, so that a few that took long weigh little.
DEADLINE_SECONDS = 12.0


class SlowServer(contextlib.AbstractContextManager):
    """A server on a slow disk, with partnerships."""

    def __init__(self, *flags):
        self._folder = tempfile.TemporaryDirectory(prefix="trustd-slow-", ignore_cleanup_errors=True)
        self.server = Server(pathlib.Path(self._folder.name) / "store", *flags, path=server.failing_trustd())
        self.partnerships = [f"p{number}" for number in range(PARTNERSHIPS)]
        for partnership in self.partnerships:
            self.server.client.partnerships.CreatePartnership(story.creation(partnership), timeout=SECONDS_MAX)

    def __exit__(self, *_):
        server.end(self.server)
        self._folder.cleanup()

    def request(self, number):
        partnership = self.partnerships[number % PARTNERSHIPS]
        return story.record(story.joint(shared_experience_held={}), partnership=partnership, request_id=str(uuid.uuid4()))


class Load:
    """Calls at a fixed rate, whether or not those before were answered; what became of them."""

    def __init__(self, slow, client, calls_per_second, seconds=LOAD_SECONDS):
        self.latencies, self.done_times, self.refusals, self.refused_without_wait, self.other = [], [], 0, 0, []
        self._lock = threading.Lock()
        self._open = threading.Semaphore(0)
        count = int(calls_per_second * seconds)
        requests = [slow.request(number) for number in range(count)]
        self.begun = time.monotonic()
        for number, request in enumerate(requests):
            due = self.begun + number / calls_per_second
            if (wait := due - time.monotonic()) > 0:
                time.sleep(wait)
            sent = time.monotonic()
            call = client.evidence.RecordEvidence.future(request, timeout=SECONDS_MAX)
            call.add_done_callback(lambda call, sent=sent: self._take(call, sent))
        self.offered = count / (time.monotonic() - self.begun)
        self.ended = time.monotonic()
        for _ in range(count):
            if not self._open.acquire(timeout=2 * SECONDS_MAX):  # Each call ends by its own deadline before.
                raise AssertionError("a call was never answered")

    def _take(self, call, sent):
        now = time.monotonic()
        error = call.exception()
        with self._lock:
            if error is None:
                self.latencies.append(now - sent)
                self.done_times.append(now)
            else:
                refusal = Refusal.of_error(error)
                if refusal.reason == "OVERLOADED":
                    self.refusals += 1
                    self.refused_without_wait += 0 if refusal.retry_s > 0 else 1
                else:
                    self.other.append(str(refusal))
        self._open.release()

    @property
    def goodput(self):
        """Commands a second, while the load lasted and after its first second."""
        begun = self.begun + 1
        return sum(1 for done in self.done_times if begun <= done < self.ended) / (self.ended - begun)

    @property
    def p99(self):
        return statistics.quantiles(self.latencies, n=100)[98] if len(self.latencies) > 1 else float("inf")


class OverloadTest(unittest.TestCase):
    # What it can do is set by the disk, about a hundred commands a second: ten times as many are not too much for the machine.
    DISK = ("--flush_ms=70", "--batch_commands_max=8")

    def measure(self, factors, *flags):
        """The loads by their factor of what the server can do, and the memory of the server after each."""
        loads, memory = {}, {}
        with SlowServer(*self.DISK, *flags) as slow, contextlib.closing(Client(slow.server.address)) as client:
            capacity = Load(slow, client, 250, 4.0).goodput
            print(f"{capacity:.0f} commands a second", flush=True)
            for factor in factors:
                loads[factor] = load = Load(slow, client, factor * capacity)
                memory[factor] = slow.server.memory_mib()
                print(f"{factor} times: {load.offered:.0f} offered, {load.goodput:.0f} done a second, 99 of 100 within "
                      f"{1000 * load.p99:.0f} ms, {load.refusals} refused, {memory[factor]} MiB", flush=True)
                self.assertEqual(load.other, [], "what is neither done nor refused")
                self.assertGreater(load.offered, 0.85 * factor * capacity, "the load was not offered, so nothing is shown")
        return loads, memory

    def what_is_wrong(self, loads, memory):
        lightest, heaviest = loads[min(loads)], loads[max(loads)]
        peak = max(load.goodput for load in loads.values())
        wrong = []
        if heaviest.goodput < 0.8 * peak:
            wrong.append("does less than four fifths of what it could")
        if heaviest.p99 > 5 * lightest.p99:
            wrong.append("answers more than five times as late")
        if any(load.refused_without_wait for load in loads.values()):
            wrong.append("refuses without a time to wait")
        if not heaviest.refusals:
            wrong.append("refuses nobody")
        if memory[max(memory)] > memory[min(memory)] + 16:
            wrong.append("grows")
        return wrong

    def test_overload_is_shed_and_the_rest_served_as_before(self):
        self.assertEqual(self.what_is_wrong(*self.measure((0.5, 1, 2, 5, 10))), [])

    def test_a_server_that_queues_instead_is_found(self):
        wrong = self.what_is_wrong(*self.measure((0.5, 3), "--command_wait_ms_max=60000"))
        print(f"of a server that lets commands wait for a minute: {wrong}", flush=True)
        self.assertIn("answers more than five times as late", wrong)


class DeadlineTest(unittest.TestCase):
    TIMEOUTS = (0.010, 0.020, 0.050)
    # Of the callers some wait for their answer: the others never learn by their own clock what the server would have told them.
    CALLERS, PATIENT = 16, 6
    SETTLED = 20
    TOLD_MIN = 10
    # What may lie between a caller's clock at its call and the server's when the call arrives.
    ARRIVAL_SECONDS_MAX = 0.1

    def campaign(self, honest):
        """What was told, what was begun too late, and what was told wrongly. Callers that are not honest do not tell the server of their
        deadlines."""
        seed = server.new_random().randrange(1, 2**31)
        called, calls = {}, 0
        lock = threading.Lock()
        with SlowServer("--flush_ms_drawn_max=500", f"--seed={seed}") as slow:
            until = time.monotonic() + DEADLINE_SECONDS

            def call_again_and_again(caller):
                nonlocal calls
                with contextlib.closing(Client(slow.server.address)) as client:
                    number = caller
                    while time.monotonic() < until:
                        number += 1
                        request, timeout = slow.request(number), self.TIMEOUTS[number % len(self.TIMEOUTS)]
                        if honest and caller < self.PATIENT:
                            timeout = SECONDS_MAX
                            if number % 2 == 0:
                                request.expected_revision = 10**9  # It must be refused.
                        sent = datetime.datetime.now(datetime.timezone.utc)
                        try:
                            client.evidence.RecordEvidence(request, timeout=timeout if honest else SECONDS_MAX)
                            outcome = "done"
                        except grpc.RpcError as error:
                            # By its own clock a caller never learns what became of it; what the server says has a reason.
                            reason = Refusal.of_error(error).reason
                            outcome = "unknown" if reason in ("", "OUTCOME_UNKNOWN") else "refused"
                        with lock:
                            calls += 1
                            called[request.request_id] = (request, sent, timeout, outcome)

            with concurrent.futures.ThreadPoolExecutor(self.CALLERS) as pool:
                list(pool.map(call_again_and_again, range(self.CALLERS)))
            # What was begun may still be on its way to the disk.
            slow.server.client.evidence.RecordEvidence(slow.request(0), timeout=SECONDS_MAX)
            there, late, wrong = {}, [], []
            for event in slow.server.client.log():
                if event.request_id not in called:
                    continue
                if event.request_id in there:
                    wrong.append("took effect twice")
                there[event.request_id] = event
                _, sent, timeout, _ = called[event.request_id]
                begun = event.record_time.ToDatetime(tzinfo=datetime.timezone.utc)
                if (begun - sent).total_seconds() > timeout + self.ARRIVAL_SECONDS_MAX:
                    late.append((begun - sent).total_seconds())
            for request_id, (request, _, _, outcome) in called.items():
                if outcome == "done" and request_id not in there:
                    wrong.append("lost what was acknowledged")
                if outcome == "refused" and request_id in there:
                    wrong.append("holds what was refused")
            # Its repetition settles what is unknown, whether it is there or not.
            unknown = [request_id for request_id, row in called.items() if row[3] == "unknown"]
            stored, absent = ([one for one in unknown if (one in there) == present][:self.SETTLED] for present in (True, False))
            for request_id in stored + absent:
                answer = slow.server.client.evidence.RecordEvidence(called[request_id][0], timeout=SECONDS_MAX)
                if request_id in there and answer.revision != there[request_id].revision:
                    wrong.append("took effect again")
        told = collections.Counter(outcome for _, _, _, outcome in called.values())
        told["unknown, and stored"] = sum(1 for request_id in unknown if request_id in there)
        print(f"{calls} calls: {dict(told)}; {len(late)} begun too late", flush=True)
        return told, late, wrong

    def test_what_its_caller_no_longer_waits_for_is_not_begun(self):
        told, late, wrong = self.campaign(honest=True)
        self.assertEqual(wrong, [])
        self.assertEqual(late, [])
        self.assertGreater(told["unknown"], 500, "so few calls show nothing, or the disk was not slow")
        for outcome in ("done", "refused", "unknown, and stored"):
            self.assertGreaterEqual(told[outcome], self.TOLD_MIN, f"of {outcome} too few were met to say that it is told truthfully")

    def test_work_that_is_begun_too_late_is_found(self):
        _, late, wrong = self.campaign(honest=False)
        self.assertEqual(wrong, [])
        self.assertGreater(len(late), 50)


if __name__ == "__main__":
    server.main()
