"""An auditor of a trustd: keeps checkpoints, proofs and bundles, and judges them with trustctl alone, and with a program that
knows nothing of this one: tests/audit_verifier, on golang.org/x/mod/sumdb; tests/run.sh builds it.
"""

import base64
import contextlib
import hashlib
import json
import os
import shutil
import subprocess

import grpc

import server
import story
from server import ALLIANCES, REPOSITORY, SECONDS_MAX, ServerTest
from stubs import api


def verifier_program():
    """The path of the verifier. Without it a test fails; it never skips."""
    tools = REPOSITORY / "build" / "tools" / "bin"
    path = shutil.which("trustd-audit-verifier", path=os.pathsep.join((str(tools), os.environ.get("PATH", ""))))
    if path is None:
        raise AssertionError("trustd-audit-verifier is neither in build/tools/bin nor on the PATH; tests/run.sh builds it")
    return path


def run_verifier(*arguments):
    return subprocess.run([verifier_program(), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=10 * SECONDS_MAX, check=False)


def run_trustctl(*arguments):
    """trustctl without a server."""
    return subprocess.run([server.program("trustctl"), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=SECONDS_MAX, check=False)


def text_of(data):
    return base64.b64encode(data).decode()


def line_of(message):
    """A line of a bundle, written as bundles are."""
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def sealed(lines):
    """A bundle of these lines, with an end that fits them: what whoever changed them would make of it."""
    body = b"".join(lines)
    count = {kind: sum(line.startswith(b'{"%s":' % kind.encode()) for line in lines) for kind in ("record", "assessment")}
    return body + line_of({"end": {"record_count": str(count["record"]), "assessment_count": str(count["assessment"]),
                                   "sha256": hashlib.sha256(body).hexdigest()}})


def proved_lines(checkpoint, proofs, partnership=""):
    """The lines, without an end, of a bundle of records that were proved one by one; of the whole log without a partnership."""
    lines = [line_of({"header": {
        "format": "trustd-audit/1", "partnership": partnership, "tree_size": str(checkpoint.size), "root": text_of(checkpoint.root),
        "checkpoint": checkpoint.checkpoint, "verifier_key": checkpoint.verifier_key}})]
    for proof in proofs:
        record = {"log_index": str(proof.log_index), "record": text_of(proof.record)}
        if partnership:
            record["proof"] = [text_of(one) for one in proof.hashes]
        lines.append(line_of({"record": record}))
    return lines


class AuditCase(ServerTest):
    """A server with a key."""

    def setUp(self):
        super().setUp()
        self.key, self.verifier_key = self.new_key()

    def start_signing(self, *flags, **options):
        return self.start(f"--signing_key_file={self.key}", *flags, **options)

    def verify(self, *arguments):
        """What the verifier found; fails when it found anything wrong."""
        outcome = run_verifier(*arguments)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        return json.loads(outcome.stdout)

    def verify_bundle(self, content):
        """The verifier's outcome for a bundle of this content."""
        path = self.folder / "verified.audit"
        path.write_bytes(content)
        return run_verifier("bundle", path, self.verifier_key)

    def import_alliances(self):
        outcome = self.trustctl("import", *sorted(ALLIANCES.glob("*.jsonl")))
        self.assertEqual(outcome.returncode, 0, outcome.stderr)

    def record(self, count, partnership="acme-globex"):
        """Founds the partnership where there is none, and records so much; returns the last answer."""
        with contextlib.suppress(grpc.RpcError):
            self.client.partnerships.CreatePartnership(story.creation(partnership), timeout=SECONDS_MAX)
        answer = None
        for _ in range(count):
            shared = story.record(story.joint(shared_experience_held={}), partnership)
            answer = self.client.evidence.RecordEvidence(shared, timeout=SECONDS_MAX)
        return answer

    def checkpoint(self, **fields):
        return self.client.audit.GetCheckpoint(api.GetCheckpointRequest(**fields), timeout=SECONDS_MAX)

    def inclusion(self, log_index, tree_size):
        return self.client.audit.GetInclusionProof(
            api.GetInclusionProofRequest(log_index=log_index, tree_size=tree_size), timeout=SECONDS_MAX)

    def consistency(self, old_size, new_size):
        return self.client.audit.GetConsistencyProof(
            api.GetConsistencyProofRequest(old_size=old_size, new_size=new_size), timeout=SECONDS_MAX)

    def export(self, name, *arguments):
        """The path of a bundle that trustctl writes."""
        outcome = self.trustctl("audit", "export", "--out", self.folder / name, *arguments)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        return self.folder / name

    def check(self, path, *arguments, code=0):
        """What trustctl says of a bundle, without a server."""
        outcome = run_trustctl("audit", "check", path, "--verifier-key", self.verifier_key, *arguments)
        self.assertEqual(outcome.returncode, code, outcome.stdout + outcome.stderr)
        return outcome.stdout
