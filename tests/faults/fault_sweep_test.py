"""Each call by which the store changes a file, failing once: the first, the second, and so on, until a run sees no failure.

Whatever fails, an error is honest. What was acknowledged is there after a restart on a sound disk; what was refused is not; what
is of unknown outcome is there wholly or not at all. A server that says the wrong thing must be found by the same comparison.
"""

import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import server  # pylint: disable=wrong-import-position
import story
from server import SECONDS_MAX, Client, Refusal, Server
from stubs import api

COMMANDS = 4
FAILURES = ("eio", "enospc", "short")
EXIT_SECONDS_MAX = 20.0  # Of a process that has to end by itself; the machine may be busy.
STORE_FAILED = 3  # The exit status of a server that has to be started again.
UNKNOWN, DONE, REFUSED = "unknown", "done", "refused"
# What must have failed at least once, or the sweep says little: calls on each kind of file that the store writes.
KINDS = {"the WAL": r"(append to|sync|make) .*\.log$", "a table": r"(append to|sync|make|close) .*\.sst$",
         "the manifest": r"(append to|sync|make) .*/MANIFEST-\d+$", "CURRENT": r"(rename|make|append to|sync) .*\.dbtmp$",
         "the directory": r"sync .*/\d+$"}


class Run:
    """One life of a server on a failing disk, and what its callers were told."""

    def __init__(self, directory, call, failure, *flags):
        self.directory = directory
        self.outcomes = []  # Request, request id, outcome.
        self.ended_by_itself = None
        self.process = subprocess.Popen(
            [server.failing_trustd(), f"--data_directory={directory}", f"--fail_call={call}", f"--failure={failure}", *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.log = []
        address = self._await("serving")
        if address is not None:
            self._command(address["address"])
        self.exit_code = self._end()
        counted = [fields for fields in self.log if fields.get("message") == "counted"]
        # One that was aborted by an assertion of the engine had met its failure.
        self.met_its_failure = not counted or int(counted[-1]["calls"]) >= call
        self.failed_call = counted[-1]["failed_call"] if counted else "one after which the engine gave up"

    def _await(self, message):
        for line in self.process.stderr:
            with contextlib.suppress(ValueError):
                self.log.append(json.loads(line))
                if self.log[-1].get("message") == message:
                    return self.log[-1]
        return None

    def _command(self, address):
        client = Client(address)
        try:
            requests = [story.creation("swept", request_id=str(uuid.uuid4()))]
            requests += [story.record(story.joint(shared_experience_held={}), partnership="swept", request_id=str(uuid.uuid4())) for _ in range(COMMANDS - 1)]
            for request in requests:
                creates = isinstance(request, api.CreatePartnershipRequest)
                call = client.partnerships.CreatePartnership if creates else client.evidence.RecordEvidence
                try:
                    call(request, timeout=SECONDS_MAX)
                    self.outcomes.append((request, DONE))
                except grpc.RpcError as error:
                    refusal = Refusal.of_error(error)
                    # What the server says of itself has a reason; a call that just breaks off is of unknown outcome.
                    unknown = not refusal.reason or refusal.reason == "OUTCOME_UNKNOWN"
                    self.outcomes.append((request, UNKNOWN if unknown else REFUSED))
        finally:
            client.close()

    def _end(self):
        unknown = any(outcome == UNKNOWN for _, outcome in self.outcomes)
        begun = time.monotonic()
        if not unknown:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
        self._await(None)  # The rest of its log.
        code = self.process.wait(timeout=SECONDS_MAX)
        self.process.stderr.close()
        if unknown:
            self.ended_by_itself = time.monotonic() - begun
        return code


def told_wrongly(run, folder):
    """What a server on a sound disk, started on what a run left, shows to be otherwise than the callers were told."""
    wrong = []
    if run.ended_by_itself is not None and run.ended_by_itself > EXIT_SECONDS_MAX:
        wrong.append(f"went on for {run.ended_by_itself:.1f} s after an unknown outcome")
    # An assertion of the engine may come before the server's own end.
    if run.ended_by_itself is not None and run.exit_code not in (STORE_FAILED, -signal.SIGABRT):
        wrong.append(f"ended with status {run.exit_code} after an unknown outcome")
    outcomes = [outcome for _, outcome in run.outcomes]
    if UNKNOWN in outcomes and DONE in outcomes[outcomes.index(UNKNOWN):]:
        wrong.append("took commands after an unknown outcome")
    try:
        healthy = Server(folder)
    except server.DidNotServe as error:
        return wrong + [f"does not start again: {error}"]
    try:
        there = {event.request_id for event in healthy.client.log()}
        for request, outcome in run.outcomes:
            if outcome == DONE and request.request_id not in there:
                wrong.append("lost what was acknowledged")
            if outcome == REFUSED and request.request_id in there:
                wrong.append("holds what was refused")
        # Whatever the outcome, its repetition settles it, once.
        for request, outcome in run.outcomes:
            creates = isinstance(request, api.CreatePartnershipRequest)
            call = healthy.client.partnerships.CreatePartnership if creates else healthy.client.evidence.RecordEvidence
            call(request, timeout=SECONDS_MAX)
        events = [event.request_id for event in healthy.client.log() if event.request_id]
        if sorted(events) != sorted(request.request_id for request, _ in run.outcomes):
            wrong.append(f"holds {len(events)} commands where {len(run.outcomes)} were given")
        healthy.stop()
    finally:
        server.end(healthy)
    return wrong


class FaultSweepTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="trustd-sweep-", ignore_cleanup_errors=True)
        cls.addClassCleanup(folder.cleanup)
        cls.template = pathlib.Path(folder.name) / "store"
        crashed = Server(cls.template)
        crashed.client.partnerships.CreatePartnership(story.creation("before"), timeout=SECONDS_MAX)
        crashed.kill()

    def sweep(self, failure, *flags, until=None):
        """What was told wrongly, by the call that failed; and the calls that failed, one a run, until a run met no failure."""
        found, failed, call = {}, [], 0
        with tempfile.TemporaryDirectory(prefix="trustd-sweep-", ignore_cleanup_errors=True) as folder:
            while True:
                call += 1
                store = pathlib.Path(folder) / f"{call}"
                # What it opens was left by a crash, so that tables, a manifest and CURRENT are written at the start.
                shutil.copytree(self.template, store)
                shutil.copytree(f"{self.template}-watermark", f"{store}-watermark")
                run = Run(store, call, failure, *flags)
                wrong = told_wrongly(run, store)
                if wrong:
                    found[call] = [run.failed_call, *wrong, *(outcome for _, outcome in run.outcomes)]
                for leftover in pathlib.Path(folder).iterdir():
                    shutil.rmtree(leftover, ignore_errors=True)
                if not run.met_its_failure:
                    return found, failed
                failed.append(run.failed_call)
                if until and until(found):
                    return found, failed

    def test_every_call_that_fails_leaves_an_honest_answer(self):
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            outcomes = dict(zip(FAILURES, pool.map(self.sweep, FAILURES)))
        for failure, (found, failed) in outcomes.items():
            met = {kind: sum(1 for call in failed if re.search(pattern, call)) for kind, pattern in KINDS.items()}
            print(f"{failure}: {len(failed)} calls failed, one a run, {met}; {len(found)} told wrongly", flush=True)
            self.assertEqual(found, {}, failure)
            self.assertGreater(len(failed), 50, "so few calls change no store")
            for kind, count in met.items():
                self.assertGreater(count, 0, kind)

    def test_a_server_that_calls_refused_what_is_unknown_is_found(self):
        found, failed = self.sweep("eio", "--plant_wrong_refusal", until=bool)
        print(f"the planted mistake was found at call {len(failed)}: {found}", flush=True)
        self.assertTrue(found)


class FlippedReadTest(unittest.TestCase):
    """A bit that is right on the disk and wrong when it arrives, at the k-th read of a start and of what is then asked for."""

    PARTNERSHIPS, EVENTS, FLIPS = 12, 40, 60

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="trustd-reads-", ignore_cleanup_errors=True)
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.template = cls.folder / "template"
        for _ in range(2):  # The first writes tables, the second leaves a WAL behind them.
            whole = Server(cls.template)
            for number in range(cls.PARTNERSHIPS):
                partnership = f"read-{number}"
                if whole.log_size == 0:
                    whole.client.partnerships.CreatePartnership(story.creation(partnership), timeout=SECONDS_MAX)
                for _ in range(cls.EVENTS // 2):
                    whole.client.evidence.RecordEvidence(story.record(story.joint(shared_experience_held={}), partnership=partnership),
                                                         timeout=SECONDS_MAX)
            cls.told = cls.ask(whole.client)
            whole.kill()

    @classmethod
    def ask(cls, client):
        """The log, the partnerships, and a reading of each, as bytes."""
        partnerships = list(client.all_partnerships())
        readings = [client.trust.AssessTrust(api.AssessTrustRequest(partnership=f"read-{number}", as_of_time=story.time_of("2026-01-01")),
                                             timeout=SECONDS_MAX) for number in range(cls.PARTNERSHIPS)]
        return [message.SerializeToString(deterministic=True) for message in (*client.log(), *partnerships, *readings)]

    def live(self, flip, seed):
        """One life with that read wrong: what was otherwise, how it was noticed, and how many reads there were."""
        store = self.folder / f"store-{flip}"
        shutil.copytree(self.template, store)
        shutil.copytree(f"{self.template}-watermark", f"{store}-watermark")
        wrong, noticed = [], ""
        process = server.Process(store, f"--flip_read={flip}", f"--seed={seed}", path=server.failing_trustd())
        serving = process.await_log("serving")
        if serving is None:
            noticed = "no start"
        else:
            with contextlib.closing(Client(serving["address"])) as client:
                try:
                    if self.ask(client) != self.told:
                        wrong.append("told otherwise")
                except grpc.RpcError as error:
                    noticed = Refusal.of_error(error).reason or error.code().name
            process.signal(signal.SIGTERM)
        process.await_end()
        counted = process.await_log("counted")
        reads, what = (int(counted["reads"]), counted["failed_call"]) if counted else (flip, "")
        # On the disk nothing was wrong, and nothing may be now.
        try:
            healthy = Server(store)
            if self.ask(healthy.client) != self.told:
                wrong.append("holds otherwise")
            healthy.stop()
        except (server.DidNotServe, grpc.RpcError) as error:
            wrong.append(f"is damaged since: {error}")
        shutil.rmtree(store)
        shutil.rmtree(f"{store}-watermark")
        return [f"read {flip} ({what}): {words}" for words in wrong], noticed, reads, bool(what)

    def test_a_bit_that_arrives_wrong_is_never_served_and_harms_nothing(self):
        random = server.new_random()
        wrong, noticed, reads, _ = self.live(0, 1)
        self.assertEqual((wrong, noticed), ([], ""))
        self.assertGreater(reads, self.FLIPS, "so few reads show nothing")
        places = sorted(random.sample(range(1, reads + 1), self.FLIPS))
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            lives = list(pool.map(self.live, places, [random.randrange(1, 2**31) for _ in places]))
        outcomes = collections.Counter(noticed or "everything as it is" for _, noticed, _, _ in lives)
        print(f"{reads} reads, {sum(1 for life in lives if life[3])} of {len(places)} brought a wrong bit: {dict(outcomes)}", flush=True)
        self.assertEqual([words for life in lives for words in life[0]], [])
        self.assertGreater(sum(1 for _, noticed, _, _ in lives if noticed), self.FLIPS // 4, "hardly a wrong bit was noticed")


if __name__ == "__main__":
    server.main()
