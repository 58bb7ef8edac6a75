"""Clients in other languages against the built trustd: each does the same whole small job and sees the same."""

import json
import os
import shutil
import subprocess

import server
from server import REPOSITORY, SECONDS_MAX, ServerTest

TOOLS = REPOSITORY / "build" / "tools"
CLIENTS = REPOSITORY / "tests" / "e2e"

# What each client has to report.
SEEN = {
    "created": 2,
    "recorded": "SOURCE_COUNTERPART",
    "corrected": [6, "partnerships/{partnership}/events/5"],
    "stage": ["STAGE_BUILDING_RAPPORT", "2024-02-12"],
    "timeline": [["2024-01-08", "STAGE_INITIAL_CONTACT", "TRANSITION_CAUSE_START"],
                 ["2024-02-12", "STAGE_BUILDING_RAPPORT", "TRANSITION_CAUSE_EVENT"]],
    "refusal": {"code": "INVALID_ARGUMENT", "reason": "INVALID_FIELD", "domain": "trust.v1",
                "fields": ["evidence", "evidence.actor", "recorder"]},
}


def tool(name, where):
    """The path of a program, below where or on the PATH. Without it a test fails; it never skips."""
    path = shutil.which(name, path=os.pathsep.join((str(where), os.environ.get("PATH", ""))))
    if path is None:
        raise AssertionError(f"{name} is neither in {where} nor on the PATH; tests/run.sh installs what the clients need")
    return path


class ClientJob(ServerTest):
    """What both have in common."""

    def setUp(self):
        super().setUp()
        self.start()

    def assert_does_its_job(self, partnership, command, **environment):
        outcome = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
                                 env={**os.environ, **environment})
        self.assertEqual(outcome.returncode, 0, f"{outcome.stdout}{outcome.stderr}")
        expected = json.loads(json.dumps(SEEN).replace("{partnership}", partnership))
        self.assertEqual(json.loads(outcome.stdout), expected)
        self.assertEqual([event.WhichOneof("body") for event in self.client.events(partnership)],
                         ["partnership_proposed", "initial_contact_made", "evidence", "evidence", "evidence",
                          "evidence_corrected"])


class NodeClientTest(ClientJob):
    def test_a_node_client_records_corrects_reads_and_understands_a_refusal(self):
        modules = TOOLS / "node-client" / "node_modules"
        self.assertTrue((modules / "@grpc" / "grpc-js").is_dir(), f"grpc-js is not in {modules}; tests/run.sh installs it")
        self.assert_does_its_job(
            "node-globex",
            [tool("node", TOOLS / "bin"), str(CLIENTS / "node_client" / "client.js"), self.server.address, str(REPOSITORY / "proto")],
            NODE_PATH=str(modules))


class GoClientTest(ClientJob):
    def test_a_go_client_records_corrects_reads_and_understands_a_refusal(self):
        self.assert_does_its_job("go-globex", [tool("trustd-go-client", TOOLS / "bin"), self.server.address])


if __name__ == "__main__":
    server.main()
