"""trustd itself when a flush of its log fails: it says that the outcome is not known, serves no more, and ends at once by itself, so that
whoever supervises it starts it again; and that start settles what was unknown.
"""

import contextlib
import pathlib
import queue
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import grpc

import server  # pylint: disable=wrong-import-position
import story
from server import SECONDS_MAX, Refusal, ServerTest
from stubs import api, health

SHIM = pathlib.Path(__file__).with_name("failing_flush.c")
STORE_FAILED = 3  # The exit status of a trustd that supervisors start again.
# From the answer of the first caller to the end of the process. A machine that is busy gets three times the second that is promised.
EXIT_SECONDS_MAX = 3.0


class FailStopTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.sign = self.folder / "flushes-fail"
        shim = self.folder / "failing_flush.so"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(shim), str(SHIM), "-ldl"], check=True)
        self.under = ("env", f"LD_PRELOAD={shim}", f"FAILING_FLUSH={self.sign}")

    def test_after_a_flush_that_failed_it_serves_no_more_and_ends_and_the_next_start_recovers(self):
        self.start("--drain_timeout_s=60", under=self.under)
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)
        requests = [story.record(story.joint(shared_experience_held={}), request_id=story.new_request_id()) for _ in range(20)]
        told = self.health_from_now_on()
        self.hold_calls_open()

        self.sign.touch()
        calls = [self.client.evidence.RecordEvidence.future(request, timeout=SECONDS_MAX) for request in requests]
        refusals = [Refusal.of_error(call.exception()) for call in calls]
        began = time.monotonic()
        code = self.server.await_end()
        seconds = time.monotonic() - began
        print(f"ended {seconds:.2f} s after the answer, with status {code}", flush=True)
        self.assertEqual(code, STORE_FAILED, self.server.log)
        self.assertLess(seconds, EXIT_SECONDS_MAX)
        self.assertIn(health.HealthCheckResponse.NOT_SERVING, told)
        # Whoever was in the batch that failed does not know; whoever came behind it is refused, or the connection is gone.
        self.assertIn("OUTCOME_UNKNOWN", {refusal.reason for refusal in refusals})

        self.sign.unlink()
        self.start()
        stored = {event.request_id: event.revision for event in self.client.events("acme-globex") if event.request_id}
        for request, refusal in zip(requests, refusals, strict=True):
            if refusal.reason not in ("", "OUTCOME_UNKNOWN"):
                self.assertNotIn(request.request_id, stored, refusal)
            answer = self.client.evidence.RecordEvidence(request, timeout=SECONDS_MAX)
            self.assertEqual(answer.revision, stored.get(request.request_id, answer.revision))
        events = [event.request_id for event in self.client.events("acme-globex") if event.request_id]
        self.assertEqual(sorted(events), sorted(request.request_id for request in requests))

    def test_while_flushes_do_not_fail_the_same_server_answers_and_ends_well(self):
        # The control: what stands under it does nothing until it is told to.
        self.start(under=self.under)
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)
        self.server.stop()

    def health_from_now_on(self):
        """What a watch of the server's health is told, as it comes."""
        told, first = [], threading.Event()

        def follow():
            with contextlib.suppress(grpc.RpcError):
                for answer in self.client.health.Watch(health.HealthCheckRequest()):
                    told.append(answer.status)
                    first.set()

        threading.Thread(target=follow, daemon=True).start()
        self.assertTrue(first.wait(SECONDS_MAX))
        return told

    def hold_calls_open(self):
        """Calls for which a drain would wait: an import that pauses, and a watch."""
        requests = queue.SimpleQueue()
        self.addCleanup(requests.put, None)
        requests.put(api.ImportHistoryRequest(items=[story.founding_item()]))
        next(self.client.evidence.ImportHistory(iter(requests.get, None), timeout=SECONDS_MAX))
        next(self.client.history.WatchEvents(api.WatchEventsRequest(), timeout=SECONDS_MAX))


if __name__ == "__main__":
    server.main()
