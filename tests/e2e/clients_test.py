"""The example clients, deploy/examples/clients: each does the same whole job and sees the same, also behind a relay that refuses its
calls, loses its answers and breaks off its watch."""

import os
import pathlib
import shutil
import subprocess

import grpc

import server
import unkind_relay
from server import REPOSITORY, SECONDS_MAX, ServerTest
from stubs import api

TOOLS = REPOSITORY / "build" / "tools"
CLIENTS = REPOSITORY / "deploy" / "examples" / "clients"
RETRY_MS = 300

SEEN = """\
created 2
recorded 3 SOURCE_COUNTERPART
recorded 4 SOURCE_COUNTERPART
recorded 5 SOURCE_COUNTERPART
corrected 6 partnerships/acme-globex/events/5
stage STAGE_BUILDING_RAPPORT 2024-02-12
change 2024-01-08 STAGE_INITIAL_CONTACT TRANSITION_CAUSE_START
change 2024-02-12 STAGE_BUILDING_RAPPORT TRANSITION_CAUSE_EVENT
event 1 partnership_proposed
event 2 initial_contact_made
event 3 evidence
event 4 evidence
event 5 evidence
event 6 evidence_corrected
refused trust.v1 INVALID_FIELD evidence evidence.actor recorder
"""


def tool(name, where):
    """The path of a program, below where or on the PATH. Without it a test fails; it never skips."""
    path = shutil.which(name, path=os.pathsep.join((str(where), os.environ.get("PATH", ""))))
    if path is None:
        raise AssertionError(f"{name} is neither in {where} nor on the PATH; tests/run.sh installs what the clients need")
    return path


class ClientJob(ServerTest):
    """What all have in common."""

    def setUp(self):
        super().setUp()
        self.start()

    def run_client(self, command, address, environment):
        return subprocess.run([*command, address, "acme-globex"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=SECONDS_MAX, check=False, env={**os.environ, **environment})

    def relay(self, faults, events_before_break=()):
        relay = unkind_relay.UnkindRelay(self.server.address, faults, events_before_break)
        self.addCleanup(relay.close)
        return relay

    def assert_does_its_job(self, command, **environment):
        """Behind a relay that does its worst."""
        relay = self.relay({
            "CreatePartnership": [unkind_relay.reset()],
            "RecordEvidence": [unkind_relay.overload(RETRY_MS), unkind_relay.unknown_outcome(), None, unkind_relay.silence(), None,
                               unkind_relay.reset(), unkind_relay.overload(RETRY_MS)],
        }, events_before_break=[2, 0, 3])
        outcome = self.run_client(command, relay.address, environment)
        self.assertEqual((outcome.stdout, outcome.returncode), (SEEN, 0), outcome.stderr)
        self.assertEqual(len(self.client.log()), 6, "a command was stored twice")

        # On a busy machine an answer may come too late without being kept back, so there may be more repetitions than faults.
        self.assertEqual(relay.faults_left, 0)
        calls = relay.of("RecordEvidence")
        commands = list(dict.fromkeys(call.content for call in calls))
        ids = {api.RecordEvidenceRequest.FromString(content).request_id for content in commands}
        self.assertEqual((len(commands), len(ids), "" in ids), (4, 4, False), "a repetition is the same to the byte, its id too")
        for call, after in zip(calls, calls[1:]):
            if call.fault:
                self.assertEqual(after.content, call.content, "it was not repeated")
            if call.fault and call.fault.code == grpc.StatusCode.RESOURCE_EXHAUSTED:
                self.assertGreaterEqual(after.come - call.left, RETRY_MS / 1000, "it came before the time that it was told to wait")
        place = ""
        for watch in relay.of("WatchEvents"):
            self.assertEqual(api.WatchEventsRequest.FromString(watch.content).after_position, place)
            place = watch.place or place

    def assert_gives_up(self, command, **environment):
        """What no repetition mends is not repeated."""
        relay = self.relay({"CreatePartnership": [unkind_relay.too_large()]})
        outcome = self.run_client(command, relay.address, environment)
        self.assertNotEqual(outcome.returncode, 0)
        self.assertEqual(len(relay.seen), 1)
        self.assertIn("planted", outcome.stderr)

    def assert_is_a_good_client(self, command, **environment):
        self.assert_gives_up(command, **environment)
        self.assert_does_its_job(command, **environment)


class PythonClientTest(ClientJob):
    def test_a_python_client_loses_nothing_behind_an_unkind_relay(self):
        self.assert_is_a_good_client([str(CLIENTS / "python" / "client.py")])


class NodeClientTest(ClientJob):
    def test_a_node_client_loses_nothing_behind_an_unkind_relay(self):
        modules = TOOLS / "node-client" / "node_modules"
        self.assertTrue((modules / "@grpc" / "grpc-js").is_dir(), f"grpc-js is not in {modules}; tests/run.sh installs it")
        self.assert_is_a_good_client([tool("node", TOOLS / "bin"), str(CLIENTS / "node" / "client.js")], NODE_PATH=str(modules))


class GoClientTest(ClientJob):
    def test_a_go_client_loses_nothing_behind_an_unkind_relay(self):
        self.assert_is_a_good_client([tool("trustd-go-client", TOOLS / "bin")])


class CppClientTest(ClientJob):
    def test_a_client_in_cpp_loses_nothing_behind_an_unkind_relay(self):
        built = pathlib.Path(server.program("trustd")).parents[1]
        self.assert_is_a_good_client([str(built / "deploy" / "examples" / "clients" / "cpp" / "trustd_client")])


if __name__ == "__main__":
    server.main()
