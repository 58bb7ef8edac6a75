"""A trustd as a child process, a client of it, and the errors it answers: what the tests in this folder share.

    /usr/bin/python3 tests/e2e/NAME_test.py PROGRAMS [unittest's arguments]

PROGRAMS is the folder of the built trustd, such as build/test/services; trustctl lies there too, or in trustctl/ below it.
What is random prints its seed; TRUSTD_TEST_SEED=N repeats it.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import grpc

from stubs import api, health, health_services, rpc, services

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
ALLIANCES = REPOSITORY / "deploy" / "examples" / "alliances"
# How long anything may take before it counts as hanging. Generous: the machine may be busy with other tests.
SECONDS_MAX = 60
SKIPPED = 77  # The exit code by which ctest tells a skip.

_programs = pathlib.Path()


def use_programs(folder):
    """From here on the programs are those in this folder."""
    global _programs
    _programs = pathlib.Path(folder).resolve()


def main():
    """Runs the tests of the file that was started."""
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(f"usage: {sys.argv[0]} PROGRAMS [unittest's arguments]")
    use_programs(sys.argv.pop(1))
    outcome = unittest.main(module="__main__", verbosity=2, exit=False).result
    if not outcome.wasSuccessful() or outcome.testsRun == 0:
        sys.exit(1)
    # What could not run here is a skip for ctest, too, whatever else passed.
    sys.exit(SKIPPED if outcome.skipped else 0)


def program(name):
    """The path of a built program."""
    for candidate in (_programs / name, _programs / name / name):
        if candidate.is_file():
            return str(candidate)
    raise FileNotFoundError(f"there is no program {name} in {_programs}")


def failing_trustd():
    """The path of the server on a disk that fails or is slow, see tests/faults/failing_trustd.cc."""
    path = pathlib.Path(program("trustd")).parents[1] / "tests" / "faults" / "failing_trustd"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not built")
    return str(path)


def grpcurl_program():
    """The path of the grpcurl that tests/run.sh installs, or of another on the PATH. Without one a test fails; it never skips."""
    path = shutil.which("grpcurl", path=os.pathsep.join((str(REPOSITORY / "build/tools/bin"), os.environ.get("PATH", ""))))
    if path is None:
        raise AssertionError("grpcurl is neither in build/tools/bin nor on the PATH; tests/run.sh installs it")
    return path


def new_random():
    """A random source whose seed is printed."""
    seed = int(os.environ.get("TRUSTD_TEST_SEED") or time.time_ns() % 2**32)
    print(f"TRUSTD_TEST_SEED={seed}", flush=True)
    return random.Random(seed)


def await_true(condition, what):
    """Waits until the condition holds; fails, naming what was waited for, when it takes too long."""
    deadline = time.monotonic() + SECONDS_MAX
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {SECONDS_MAX} s in vain: {what}")
        pause.wait(0.005)


class DidNotServe(Exception):
    """A trustd that ended before it served. Holds its exit code and what it wrote to stderr."""

    def __init__(self, code, log):
        super().__init__(f"trustd ended with status {code} before it served:\n{log}")
        self.code = code
        self.log = log


class Process:
    """A trustd from its start to its end. Its log is read while it runs. A command that runs another may stand before it: under.
    Another program that is started as trustd is takes its place: path."""

    def __init__(self, directory, *flags, listen="127.0.0.1:0", under=(), path=None):
        self._process = subprocess.Popen(
            [*under, path or program("trustd"), f"--listen={listen}", f"--data_directory={directory}", *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._log = []
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def _read_log(self):
        for line in self._process.stderr:
            with self._changed:
                self._log.append(line)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def pid(self):
        return self._process.pid

    @property
    def running(self):
        return self._process.poll() is None

    @property
    def log(self):
        with self._changed:
            return "".join(self._log)

    def memory_mib(self, row="VmRSS"):
        """What it holds in memory; with VmHWM, what it has held at most."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(next(line for line in status.splitlines() if line.startswith(row)).split()[1]) // 1024

    def await_log(self, message):
        """The fields of the first log line with that message; None when the process ends without it."""
        def found():
            for line in self._log:
                with contextlib.suppress(ValueError):
                    fields = json.loads(line)
                    if isinstance(fields, dict) and fields.get("message") == message:
                        return fields
            return None

        with self._changed:
            if not self._changed.wait_for(lambda: found() or self._ended, timeout=SECONDS_MAX):
                raise AssertionError(f"trustd did not say \"{message}\" within {SECONDS_MAX} s:\n{''.join(self._log)}")
            return found()

    def signal(self, number):
        self._process.send_signal(number)

    def await_end(self):
        """Returns the exit code."""
        code = self._process.wait(timeout=SECONDS_MAX)
        self._reader.join(timeout=SECONDS_MAX)
        self._process.stderr.close()
        return code

    def kill(self):
        """As kill -9."""
        self._process.kill()
        self.await_end()


class Server(Process):
    """A trustd that serves, and a client of it."""

    def __init__(self, directory, *flags, **options):
        super().__init__(directory, *flags, **options)
        serving = self.await_log("serving")
        if serving is None:
            raise DidNotServe(self.await_end(), self.log)
        self.address = serving["address"]
        self.log_size = int(serving["log_size"])
        self.client = Client(self.address)
        self._await_serving()

    def _await_serving(self):
        def wake(_):
            with self._changed:
                self._changed.notify_all()

        check = self.client.check_health()
        check.add_done_callback(wake)
        with self._changed:
            self._changed.wait_for(lambda: check.done() or self._ended)
        # It may end at any moment, also between what it logs and the first call.
        if not check.done() or check.code() is grpc.StatusCode.UNAVAILABLE:
            self.client.close()
            raise DidNotServe(self.await_end(), self.log)
        Client.assert_serving(check)

    def stop(self):
        """SIGTERM, and a clean end."""
        self.client.close()
        self.signal(signal.SIGTERM)
        code = self.await_end()
        if code != 0:
            raise AssertionError(f"trustd ended with status {code}:\n{self.log}")

    def kill(self):
        super().kill()
        self.client.close()


class Client:
    """The services of a server over a channel of its own."""

    def __init__(self, address):
        # Half-closed connections to servers that were killed must not be shared by channels to the next one on that port.
        self.channel = grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])
        self.partnerships = services.PartnershipServiceStub(self.channel)
        self.evidence = services.EvidenceServiceStub(self.channel)
        self.trust = services.TrustServiceStub(self.channel)
        self.history = services.HistoryServiceStub(self.channel)
        self.audit = services.AuditServiceStub(self.channel)
        self.admin = services.AdminServiceStub(self.channel)
        self.health = health_services.HealthStub(self.channel)

    def close(self):
        self.channel.close()

    def check_health(self):
        """A call on its way, which waits for the server to be there."""
        return self.health.Check.future(health.HealthCheckRequest(), timeout=SECONDS_MAX, wait_for_ready=True)

    @staticmethod
    def assert_serving(check):
        answer = check.result()
        if answer.status != health.HealthCheckResponse.SERVING:
            raise AssertionError(f"the server is up and not serving: {answer}")

    def await_serving(self):
        self.assert_serving(self.check_health())

    def log(self):
        """Every event there is, in the order of the log."""
        return list(self.events(""))

    def events(self, partnership, page_size=1000, **fields):
        """The events of a partnership, or of all."""
        request = api.ListEventsRequest(partnership=partnership, page_size=page_size, **fields)
        while True:
            page = self.history.ListEvents(request, timeout=SECONDS_MAX)
            yield from page.events
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def all_partnerships(self, page_size=1000):
        request = api.ListPartnershipsRequest(page_size=page_size)
        while True:
            page = self.partnerships.ListPartnerships(request, timeout=SECONDS_MAX)
            yield from page.partnerships
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def revision(self, partnership):
        request = api.GetPartnershipRequest(partnership=partnership)
        return self.partnerships.GetPartnership(request, timeout=SECONDS_MAX).partnership.revision

    def import_items(self, *messages):
        """The results of an import that sends these lists of items."""
        requests = (api.ImportHistoryRequest(items=items) for items in messages)
        return [result for response in self.evidence.ImportHistory(requests, timeout=SECONDS_MAX)
                for result in response.results]


@dataclasses.dataclass
class Refusal:
    """A google.rpc.Status with its details taken out."""

    code: str
    message: str
    domain: str = ""
    reason: str = ""
    metadata: dict = dataclasses.field(default_factory=dict)
    fields: dict = dataclasses.field(default_factory=dict)  # Of BadRequest: what is wrong, by field.
    resource: tuple = ()                                      # Of ResourceInfo: type and name.
    preconditions: list = dataclasses.field(default_factory=list)  # Of PreconditionFailure: type, subject, description.
    retry_s: float = -1.0

    @classmethod
    def of_status(cls, status):
        refusal = cls(code=rpc_code_name(status.code), message=status.message)
        for detail in status.details:
            refusal._take(detail)
        return refusal

    @classmethod
    def of_error(cls, error):
        """Of a call's error. One that gRPC made itself has no details, and so no reason."""
        wire = next((value for key, value in error.trailing_metadata() or () if key == "grpc-status-details-bin"), None)
        if wire is None:
            return cls(code=error.code().name, message=error.details())
        status = rpc.Status.FromString(wire)
        if status.code != error.code().value[0] or status.message != error.details():
            raise AssertionError(f"the details say {status.code} {status.message!r}, the call {error.code()} {error.details()!r}")
        return cls.of_status(status)

    def _take(self, detail):
        for kind in (rpc.ErrorInfo, rpc.BadRequest, rpc.ResourceInfo, rpc.PreconditionFailure, rpc.RetryInfo):
            if not detail.Is(kind.DESCRIPTOR):
                continue
            message = kind()
            detail.Unpack(message)
            if kind is rpc.ErrorInfo:
                self.domain, self.reason, self.metadata = message.domain, message.reason, dict(message.metadata)
            elif kind is rpc.BadRequest:
                self.fields = {violation.field: violation.description for violation in message.field_violations}
            elif kind is rpc.ResourceInfo:
                self.resource = (message.resource_type, message.resource_name)
            elif kind is rpc.PreconditionFailure:
                self.preconditions = [(violation.type, violation.subject, violation.description)
                                      for violation in message.violations]
            else:
                self.retry_s = message.retry_delay.ToTimedelta().total_seconds()
            return
        raise AssertionError(f"a detail of the unknown type {detail.type_url}")


def rpc_code_name(number):
    return next(code.name for code in grpc.StatusCode if code.value[0] == number)


class ServerTest(unittest.TestCase):
    """A test with a fresh directory and, from start() on, a server on it."""

    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="trustd-e2e-", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.server = None

    def start(self, *flags, directory="store", **options):
        """Starts a server that ends with the test at the latest, and makes it the one that the test talks to."""
        self.server = Server(self.folder / directory, *flags, **options)
        self.addCleanup(end, self.server)
        return self.server

    def restart(self, *flags):
        self.server.stop()
        return self.start(*flags)

    @property
    def client(self):
        return self.server.client

    def refusal(self, call, request, **options):
        """What a call that must be refused is refused with."""
        with self.assertRaises(grpc.RpcError) as caught:
            answer = call(request, timeout=SECONDS_MAX, **options)
            if not hasattr(answer, "SerializeToString"):
                list(answer)
        return Refusal.of_error(caught.exception)

    def assert_refused(self, code, reason, call, request, **options):
        """Asserts that a call is refused so, with details that are complete, and returns them."""
        refusal = self.refusal(call, request, **options)
        self.assertEqual((refusal.code, refusal.reason), (code, reason), refusal)
        self.assertEqual(refusal.domain, "trust.v1")
        self.assertTrue(refusal.message)
        return refusal

    @contextlib.contextmanager
    def nothing_stored(self):
        """Asserts that the log is the same afterwards, to the byte."""
        before = [event.SerializeToString(deterministic=True) for event in self.client.log()]
        yield
        after = [event.SerializeToString(deterministic=True) for event in self.client.log()]
        self.assertEqual(len(after), len(before), "events were stored")
        self.assertEqual(after, before)

    def new_key(self, name="log.example.com"):
        """The path of a new signing key, and its verifier key."""
        path = self.folder / f"{name.replace('/', '-')}.key"
        outcome = subprocess.run([program("trustctl"), "keygen", "--name", name, "--out", str(path)], stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        return path, outcome.stdout.strip()

    def trustctl(self, *arguments):
        """Runs trustctl against the server."""
        return subprocess.run([program("trustctl"), *map(str, arguments), "--server", self.server.address],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)


def end(server):
    """Ends a server, whatever state it is in."""
    if server.running:
        server.kill()
    server.client.close()
