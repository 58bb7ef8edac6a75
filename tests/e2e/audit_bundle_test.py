"""Audit bundles and the check of the log, with the shipped programs: written, broken off, gone on with, checked, forged."""

import base64
import json
import shutil
import signal
import subprocess

import server
from auditor import AuditCase, line_of, run_trustctl, run_verifier, sealed, text_of
from server import SECONDS_MAX
from stubs import api

CHANGED_BYTES = 40


def with_bit_flipped(data, random):
    """Bytes, or their base64, with one bit of them changed."""
    if isinstance(data, str):
        return text_of(with_bit_flipped(base64.b64decode(data), random))
    changed = bytearray(data)
    changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


class AuditBundleTest(AuditCase):
    def setUp(self):
        super().setUp()
        self.start_signing()
        self.import_alliances()

    def test_a_bundle_is_checked_without_the_server_and_a_forged_one_is_refused(self):
        whole = self.export("whole.audit")
        part = self.export("part.audit", "--partnership", "klm-northwest")
        kept = self.folder / "kept.checkpoint"
        kept.write_text(self.trustctl("checkpoint", "--size", 100).stdout, encoding="utf-8")
        self.server.stop()
        self.assertIn("Nothing is wrong.", self.check(whole))
        self.assertIn("Nothing is wrong.", self.check(part))
        self.check(whole, "--checkpoint", kept)
        self.assertEqual(run_trustctl("audit", "check", whole, "--verifier-key", "no key").returncode, 2)
        lines = whole.read_bytes().splitlines(keepends=True)
        header = json.loads(lines[0])["header"]
        self.assertEqual(len([line for line in lines if line.startswith(b'{"record":')]), int(header["tree_size"]))
        forged = self.folder / "forged.audit"
        random = server.new_random()
        for _ in range(20):
            place = random.randrange(1, len(lines) - 1)
            for changed in (lines[:place] + lines[place + 1:],
                            lines[:place] + [lines[place], lines[place]] + lines[place + 1:],
                            lines[:place] + [lines[place].replace(b"klm", b"kml").replace(b"0", b"1", 1)] + lines[place + 1:]):
                if changed == lines:
                    continue
                forged.write_bytes(b"".join(changed))
                self.check(forged, code=1)

    def forgeries(self, lines, random):
        """Bundles with one thing changed and all sums made right again, each with what the verifier must say of it."""
        places = [place for place, line in enumerate(lines) if line.startswith(b'{"record":')]
        whole = "partnership" not in json.loads(lines[0])["header"]

        def with_line(place, change):
            message = json.loads(lines[place])
            change(message)
            return sealed([*lines[:place], line_of(message), *lines[place + 1:-1]])

        for place in random.sample(places[:-1], 10):
            def flip_record(message):
                message["record"]["record"] = with_bit_flipped(message["record"]["record"], random)

            def flip_proof(message):
                proof = message["record"]["proof"]
                chosen = random.randrange(len(proof))
                proof[chosen] = with_bit_flipped(proof[chosen], random)

            def move(message):
                message["record"]["log_index"] = str(int(message["record"]["log_index"]) + 1)

            yield with_line(place, flip_record), "give the root" if whole else "invalid transparency proof"
            yield with_line(place, move), "stands where" if whole else "invalid transparency proof"
            if whole:
                yield sealed(lines[:place] + lines[place + 1:-1]), "stands where"
            else:
                yield with_line(place, flip_proof), "invalid transparency proof"

        def flip_root(message):
            message["header"]["root"] = with_bit_flipped(message["header"]["root"], random)

        yield with_line(0, flip_root), "not that of its checkpoint"
        yield with_line(0, lambda message: message["header"].update(checkpoint=message["header"]["checkpoint"].replace(
            f"\n{message['header']['tree_size']}\n", "\n7\n"))), "invalid signature"

    def test_what_a_server_exports_is_verified_by_another_program_which_refuses_every_change(self):
        random = server.new_random()
        for partnership in ("klm-northwest", "nummi"):
            self.client.trust.IssueAssessment(
                api.IssueAssessmentRequest(partnership=partnership, recorder="acme", assessment="annual"), timeout=SECONDS_MAX)
        whole, part = self.export("whole.audit"), self.export("part.audit", "--partnership", "klm-northwest")
        size = self.checkpoint().size
        of_part = len(list(self.client.events("klm-northwest")))
        self.server.stop()
        refused = 0
        for path, records, proofs in ((whole, size, 0), (part, of_part, of_part)):
            found = self.verify("bundle", path, self.verifier_key)
            self.assertEqual((found["size"], found["records"], found["proofs"]), (size, records, proofs))
            content = path.read_bytes()
            lines = content.splitlines(keepends=True)
            self.assertEqual(sealed(lines[:-1]), content, "the end is made here as the server makes it")
            self.assertTrue(any(line.startswith(b'{"assessment":') for line in lines))
            # A byte of anything before the end, whose digest is of all that.
            for _ in range(CHANGED_BYTES):
                place = random.randrange(len(content) - len(lines[-1]))
                changed = content[:place] + bytes([content[place] ^ 1 << random.randrange(8)]) + content[place + 1:]
                self.assertNotEqual(self.verify_bundle(changed).returncode, 0, f"byte {place}: {content[place]} became {changed[place]}")
                refused += 1
            for changed, words in self.forgeries(lines, random):
                outcome = self.verify_bundle(changed)
                self.assertNotEqual(outcome.returncode, 0, words)
                self.assertIn(words, outcome.stderr)
                refused += 1
            _, other = self.new_key(f"another-{records}.example.com")
            self.assertNotEqual(run_verifier("bundle", path, other).returncode, 0)
        print(f"{refused} changed bundles refused", flush=True)

    def test_an_export_that_was_killed_goes_on_and_gives_the_same_file(self):
        whole = self.export("whole.audit").read_bytes()
        tree_size = int(json.loads(whole.splitlines()[0])["header"]["tree_size"])
        for cut in (0, 40, len(whole) // 3, len(whole) - 10):
            (self.folder / f"cut-{cut}.audit.part").write_bytes(whole[:cut])
            path = self.export(f"cut-{cut}.audit", "--tree-size", tree_size)
            self.assertEqual(path.read_bytes(), whole, cut)
        # And really killed, wherever it is then.
        process = subprocess.Popen([server.program("trustctl"), "audit", "export", "--out", str(self.folder / "killed.audit"),
                                    "--tree-size", str(tree_size), "--server", self.server.address],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server.await_true(lambda: (self.folder / "killed.audit.part").exists() or (self.folder / "killed.audit").exists(), "a file")
        process.send_signal(signal.SIGKILL)
        process.wait(SECONDS_MAX)
        if not (self.folder / "killed.audit").exists():
            self.export("killed.audit", "--tree-size", tree_size)
        self.assertEqual((self.folder / "killed.audit").read_bytes(), whole)
        again = self.trustctl("audit", "export", "--out", self.folder / "killed.audit")
        self.assertEqual(again.returncode, 1)
        self.assertIn("is there already", again.stderr)

    def test_an_export_that_is_refused_leaves_nothing_to_go_on_with(self):
        outcome = self.trustctl("audit", "export", "--out", self.folder / "none.audit", "--partnership", "nosuch")
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("PARTNERSHIP_NOT_FOUND", outcome.stderr)
        self.assertNotIn("broke off", outcome.stderr)
        self.assertEqual(list(self.folder.glob("none.audit*")), [])

    def test_a_log_is_verified_live_and_stopped_and_damage_is_found(self):
        kept = self.folder / "kept.checkpoint"
        kept.write_text(self.trustctl("checkpoint", "--size", 100).stdout, encoding="utf-8")
        given = ("--checkpoint", kept, "--verifier-key", self.verifier_key)
        live = self.trustctl("verify", *given)
        self.assertEqual(live.returncode, 0, live.stdout + live.stderr)
        self.assertIn("Nothing is wrong.", live.stdout)
        self.assertIn("100 records", live.stdout)
        directory = self.folder / "store"
        running = run_trustctl("verify", "--data-directory", directory)
        self.assertEqual(running.returncode, 1)
        self.assertIn("While trustd runs on it", running.stderr)
        self.server.stop()
        stopped = run_trustctl("verify", "--data-directory", directory, *given)
        self.assertEqual(stopped.returncode, 0, stopped.stdout + stopped.stderr)
        self.assertEqual(run_trustctl("verify", "--data-directory", directory, "--checkpoint", kept).returncode, 2)
        self.assertEqual(run_trustctl("verify", "--data-directory", self.folder / "nothing").returncode, 1)
        self.assertFalse((self.folder / "nothing").exists())
        _, other = self.new_key("another.example.com")
        self.assertEqual(run_trustctl("verify", "--data-directory", directory, "--checkpoint", kept, "--verifier-key", other).returncode, 1)

        # One flipped bit in the middle of the largest file of records.
        damaged = self.folder / "damaged"
        shutil.copytree(directory, damaged)
        table = max((path for path in damaged.iterdir() if path.suffix in (".sst", ".log")), key=lambda path: path.stat().st_size)
        content = bytearray(table.read_bytes())
        content[len(content) // 2] ^= 1
        table.write_bytes(content)
        outcome = run_trustctl("verify", "--data-directory", damaged)
        self.assertEqual(outcome.returncode, 1, outcome.stdout + outcome.stderr)
        self.assertTrue("wrong:" in outcome.stdout or "cannot even be opened" in outcome.stderr, outcome.stdout + outcome.stderr)


if __name__ == "__main__":
    server.main()
