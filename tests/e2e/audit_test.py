"""The log's tree from outside: checkpoints and proofs, judged by a program that knows nothing of this one."""

import json
import pathlib
import stat
import subprocess
import threading

import grpc

import server
from auditor import AuditCase, line_of, proved_lines, run_verifier, sealed
from server import SECONDS_MAX, DidNotServe, Process, new_random
from stubs import api

KILLS = 40
FORGERIES = 10_000
AUDIT_SECONDS_MAX = 10


class AuditVerifierTest(AuditCase):
    """What an auditor's own program says."""

    def test_a_running_server_is_audited_from_the_first_record_to_the_last(self):
        self.start_signing()
        self.import_alliances()
        kept = self.folder / "kept.txt"
        printed = self.trustctl("checkpoint")
        self.assertEqual(printed.returncode, 0, printed.stderr)
        kept.write_text(printed.stdout, encoding="utf-8")
        last = self.record(20)
        covering = self.checkpoint(min_position=last.log_position)
        found = self.verify("server", self.server.address, self.verifier_key, kept)
        self.assertEqual((found["size"], found["records"]), (covering.size, covering.size))
        self.assertEqual(found["size"], len(self.client.log()))
        self.assertGreaterEqual(found["checkpoints"], 8)
        self.assertEqual(last.receipt.log_index, found["size"] - 1)

        # A key of the same name that is another, and a checkpoint of a log that is another, are found out.
        (self.folder / "other").mkdir()
        outcome = subprocess.run([server.program("trustctl"), "keygen", "--name", "log.example.com", "--out",
                                  str(self.folder / "other" / "key")], capture_output=True, text=True, timeout=SECONDS_MAX, check=True)
        self.assertNotEqual(run_verifier("server", self.server.address, outcome.stdout.strip()).returncode, 0)
        self.start_signing(directory="second")
        self.record(60)
        self.checkpoint(min_position=self.record(1).log_position)
        (self.folder / "kept-of-another.txt").write_text(
            self.trustctl("checkpoint", "--size", 20).stdout, encoding="utf-8")
        address = self.server.address
        self.verify("server", address, self.verifier_key, self.folder / "kept-of-another.txt")
        self.start_signing(directory="third")
        self.record(90)
        self.checkpoint(min_position=self.record(1).log_position)
        outcome = run_verifier("server", self.server.address, self.verifier_key, self.folder / "kept-of-another.txt")
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn("does not continue", outcome.stderr)

    def test_ten_thousand_forgeries_below_a_checkpoint_are_all_caught(self):
        self.start_signing()
        self.import_alliances()
        last = self.record(10)
        self.checkpoint(min_position=last.log_position)
        seed = new_random().randrange(2**31)
        found = self.verify("mutate", self.server.address, self.verifier_key, FORGERIES, seed)
        self.assertEqual((found["forgeries"], found["caught"]), (FORGERIES, FORGERIES))
        print(f"{found['caught']} forgeries of {found['records']} records caught in {found['milliseconds']} ms", flush=True)

    def test_a_bundle_is_audited_without_the_server(self):
        self.start_signing()
        answer = self.record(30)
        size = self.checkpoint(min_position=answer.log_position).size
        checkpoint = self.checkpoint()
        proofs = [self.inclusion(index, size) for index in range(size)]
        whole = proved_lines(checkpoint, proofs)
        part = proved_lines(checkpoint, [proofs[index] for index in (3, 8, size - 1)], "acme-globex")
        self.server.stop()
        for lines, records, proved in ((whole, size, 0), (part, 3, 3)):
            outcome = self.verify_bundle(sealed(lines))
            self.assertEqual(outcome.returncode, 0, outcome.stderr)
            found = json.loads(outcome.stdout)
            self.assertEqual((found["size"], found["records"], found["proofs"]), (size, records, proved))
        # A record left out, two in each other's place, one that is another; and a proof of another record.
        other = json.loads(whole[4])
        other["record"]["record"] = json.loads(whole[5])["record"]["record"]
        swapped = json.loads(part[1])
        swapped["record"]["proof"] = json.loads(part[2])["record"]["proof"]
        for forged in (whole[:-1], whole[:3] + whole[4:], [whole[0], whole[2], whole[1], *whole[3:]],
                       [*whole[:4], line_of(other), *whole[5:]], [part[0], line_of(swapped), *part[2:]]):
            self.assertNotEqual(self.verify_bundle(sealed(forged)).returncode, 0)

    def test_a_million_records_are_audited_in_time(self):
        found = self.verify("million", 1_000_000)
        print(f"{found['records']} records audited in {found['milliseconds']} ms", flush=True)
        self.assertEqual(found["records"], 1_000_000)
        self.assertLess(found["milliseconds"], AUDIT_SECONDS_MAX * 1000)


class CheckpointCrashTest(AuditCase):
    """kill -9 while checkpoints are made."""

    def test_no_size_is_ever_signed_with_two_roots(self):
        random = new_random()
        roots = {}  # What was ever seen signed: root by size.
        for _ in range(KILLS):
            running = self.start_signing("--checkpoint_interval_ms=10")
            over = threading.Event()
            faults = []

            def see(answer):
                if roots.setdefault(answer.size, answer.root) != answer.root:
                    faults.append(f"two roots of size {answer.size}")

            def write():
                while not over.is_set():
                    try:
                        self.record(1)
                    except grpc.RpcError:
                        return

            def watch():
                while not over.is_set():
                    try:
                        see(self.checkpoint())
                    except grpc.RpcError:
                        return

            threads = [threading.Thread(target=work) for work in (write, write, watch, watch)]
            for thread in threads:
                thread.start()
            over.wait(0.01 + random.random() * 0.15)
            Process.kill(running)
            over.set()
            for thread in threads:
                thread.join(timeout=SECONDS_MAX)
            running.client.close()
            self.assertEqual(faults, [])
        self.start_signing()
        newest = self.checkpoint(min_position=self.record(1).log_position)
        sizes = sorted(roots)
        print(f"{len(sizes)} sizes were seen signed over {KILLS} crashes, up to {newest.size}", flush=True)
        self.assertGreater(len(sizes), KILLS)
        for size in sizes:
            if size:
                self.assertEqual(self.checkpoint(size=size).root, roots[size], f"another root of size {size}")
        # The verifier's word: each continues those before it.
        notes = []
        for size in random.sample([size for size in sizes if size], min(30, len(sizes) - 1)):
            notes.append(self.folder / f"note-{size}")
            notes[-1].write_text(self.checkpoint(size=size).checkpoint, encoding="utf-8")
        found = self.verify("server", self.server.address, self.verifier_key, *notes)
        self.assertEqual(found["records"], newest.size)


class SigningKeyTest(AuditCase):
    """The key file of trustd and trustctl."""

    def test_keygen_writes_a_key_for_its_owner_and_never_over_another(self):
        self.assertEqual(stat.S_IMODE(self.key.stat().st_mode), 0o600)
        public = pathlib.Path(f"{self.key}.pub")
        self.assertEqual(public.read_text(encoding="utf-8"), self.verifier_key + "\n")
        before = self.key.read_bytes()
        again = subprocess.run([server.program("trustctl"), "keygen", "--name", "log.example.com", "--out", str(self.key)],
                               capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("never overwritten", again.stderr)
        self.assertEqual(self.key.read_bytes(), before)
        for arguments in (["keygen"], ["keygen", "--name", "a b", "--out", str(self.folder / "x")]):
            wrong = subprocess.run([server.program("trustctl"), *arguments], capture_output=True, text=True,
                                   timeout=SECONDS_MAX, check=False)
            self.assertEqual(wrong.returncode, 2, wrong.stderr)
        self.assertFalse((self.folder / "x").exists())

    def test_trustd_refuses_a_key_that_is_open_to_others_broken_or_missing(self):
        for change, words in ((lambda: self.key.chmod(0o640), "chmod 600"), (lambda: self.key.write_text("PRIVATE"), "holds no key"),
                              (self.key.unlink, "there is no signing key file")):
            self.key.chmod(0o600)
            change()
            with self.assertRaises(DidNotServe) as caught:
                self.start_signing()
            self.assertEqual(caught.exception.code, 1)
            self.assertIn(words, caught.exception.log)

    def test_without_a_key_checkpoints_are_refused_and_proofs_served(self):
        self.start()
        answer = self.record(2)
        self.assert_refused("FAILED_PRECONDITION", "SIGNING_KEY_MISSING", self.client.audit.GetCheckpoint, api.GetCheckpointRequest())
        outcome = self.trustctl("checkpoint")
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("trustctl keygen", outcome.stderr)
        proof = self.client.audit.GetInclusionProof(api.GetInclusionProofRequest(log_index=answer.receipt.log_index),
                                                    timeout=SECONDS_MAX)
        self.assertEqual(proof.leaf_hash, answer.receipt.leaf_hash)


if __name__ == "__main__":
    server.main()
