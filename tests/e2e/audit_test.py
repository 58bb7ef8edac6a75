"""The log's tree from outside: checkpoints, proofs and the watermark, judged by a program that knows nothing of this one."""

import json
import os
import pathlib
import shutil
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


class WatermarkTest(AuditCase):
    """A log that was put back, cut or exchanged."""

    def refused_start(self, *flags):
        """What trustd says when it does not start."""
        with self.assertRaises(DidNotServe) as caught:
            self.start_signing(*flags)
        self.assertEqual(caught.exception.code, 1)
        self.assertNotIn("serving", caught.exception.log)
        return caught.exception.log

    def store(self):
        return self.folder / "store"

    def keep_copy(self, name):
        shutil.copytree(self.store(), self.folder / name)

    def put_back(self, name):
        shutil.rmtree(self.store())
        shutil.copytree(self.folder / name, self.store())

    def fill_in_steps(self, steps):
        """Copies of the store as it stood after each of so many stops."""
        for step in range(steps):
            self.start_signing()
            self.record(7)
            self.server.stop()
            self.keep_copy(f"copy-{step}")
        return [f"copy-{step}" for step in range(steps)]

    def test_every_older_copy_is_refused_and_the_newest_served(self):
        copies = self.fill_in_steps(6)
        for name in copies[:-1]:
            self.put_back(name)
            log = self.refused_start()
            self.assertIn("are missing", log)
            self.assertIn("--accept_log_rollback", log)
        self.put_back(copies[-1])
        self.start_signing()
        self.record(1)

    def test_a_wal_cut_between_two_records_is_refused_at_every_place(self):
        self.start_signing("--checkpoint_interval_ms=10")
        self.record(1)
        wal = max(self.store().glob("*.log"), key=lambda path: path.stat().st_size)
        ends = [wal.stat().st_size]
        for _ in range(12):
            answer = self.record(1)
            ends.append(wal.stat().st_size)
        self.checkpoint(min_position=answer.log_position)
        self.server.kill()
        self.keep_copy("whole")
        for end in ends[:-1]:
            self.put_back("whole")
            os.truncate(self.store() / wal.name, end)
            self.assertIn("are missing", self.refused_start())
        self.put_back("whole")
        self.start_signing()

    def test_an_override_serves_the_log_and_records_it(self):
        copies = self.fill_in_steps(3)
        self.put_back(copies[0])
        self.refused_start()
        self.start_signing("--accept_log_rollback=the disk of 12 May was lost")
        recorded = [event for event in self.client.log() if event.WhichOneof("body") == "log_override_recorded"]
        self.assertEqual(len(recorded), 1)
        self.assertEqual(recorded[0].partnership, "$overrides")
        override = recorded[0].log_override_recorded
        self.assertEqual(override.reason, "the disk of 12 May was lost")
        self.assertGreater(override.watermark_size, override.log_size)
        self.assertEqual(len(override.watermark_root), 32)
        self.assertTrue((self.folder / "store-watermark" / "watermark.replaced-1").is_file())
        self.record(1)
        self.restart(f"--signing_key_file={self.key}")
        found = self.verify("server", self.server.address, self.verifier_key)
        self.assertEqual(found["records"], len(self.client.log()))

    def test_a_watermark_that_is_gone_or_damaged_is_refused(self):
        self.fill_in_steps(1)
        mark = self.folder / "store-watermark" / "watermark"
        content = mark.read_bytes()
        mark.unlink()
        self.assertIn("is gone", self.refused_start())
        mark.write_bytes(content[:-3] + b"0\n")
        self.assertIn("is damaged", self.refused_start())
        mark.write_bytes(content)
        self.start_signing()

    def test_another_log_under_the_watermark_is_refused(self):
        self.fill_in_steps(1)
        mark = (self.folder / "store-watermark" / "watermark").read_bytes()
        shutil.rmtree(self.store())
        shutil.rmtree(self.folder / "store-watermark")
        self.start_signing()
        self.record(30, partnership="initech-hooli")
        self.server.stop()
        (self.folder / "store-watermark" / "watermark").write_bytes(mark)
        self.assertIn("are not those of", self.refused_start())

    def test_the_watermark_is_where_the_flag_says(self):
        self.start_signing(f"--watermark_directory={self.folder}/elsewhere")
        self.checkpoint(min_position=self.record(3).log_position)
        self.server.stop()
        text = (self.folder / "elsewhere" / "watermark").read_text(encoding="utf-8")
        self.assertIn(" log.example.com\n", text)
        self.assertFalse((self.folder / "store-watermark").exists())


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
