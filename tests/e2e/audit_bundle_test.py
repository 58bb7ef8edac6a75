"""Audit bundles and the check of the log, with the shipped programs: written, broken off, gone on with, checked, forged."""

import json
import shutil
import signal
import subprocess

import server
from server import ALLIANCES, SECONDS_MAX, ServerTest


def run(*arguments):
    """trustctl without a server."""
    return subprocess.run([server.program("trustctl"), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=SECONDS_MAX, check=False)


class AuditBundleTest(ServerTest):
    def setUp(self):
        super().setUp()
        path, self.key = self.new_key()
        self.flags = (f"--signing_key_file={path}",)
        self.start(*self.flags)
        outcome = self.trustctl("import", *sorted(ALLIANCES.glob("*.jsonl")))
        self.assertEqual(outcome.returncode, 0, outcome.stderr)

    def export(self, name, *arguments):
        outcome = self.trustctl("audit", "export", "--out", self.folder / name, *arguments)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        return self.folder / name

    def check(self, path, code=0):
        outcome = run("audit", "check", path, "--verifier-key", self.key)
        self.assertEqual(outcome.returncode, code, outcome.stdout + outcome.stderr)
        return outcome.stdout

    def test_a_bundle_is_checked_without_the_server_and_a_forged_one_is_refused(self):
        whole = self.export("whole.audit")
        part = self.export("part.audit", "--partnership", "klm-northwest")
        kept = self.folder / "kept.checkpoint"
        kept.write_text(self.trustctl("checkpoint", "--size", 100).stdout, encoding="utf-8")
        self.server.stop()
        self.assertIn("Nothing is wrong.", self.check(whole))
        self.assertIn("Nothing is wrong.", self.check(part))
        self.assertEqual(run("audit", "check", whole, "--verifier-key", self.key, "--checkpoint", kept).returncode, 0)
        self.assertEqual(run("audit", "check", whole, "--verifier-key", "no key").returncode, 2)
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

    def test_a_log_is_verified_live_and_stopped_and_damage_is_found(self):
        kept = self.folder / "kept.checkpoint"
        kept.write_text(self.trustctl("checkpoint", "--size", 100).stdout, encoding="utf-8")
        given = ("--checkpoint", kept, "--verifier-key", self.key)
        live = self.trustctl("verify", *given)
        self.assertEqual(live.returncode, 0, live.stdout + live.stderr)
        self.assertIn("Nothing is wrong.", live.stdout)
        self.assertIn("100 records", live.stdout)
        directory = self.folder / "store"
        running = run("verify", "--data-directory", directory)
        self.assertEqual(running.returncode, 1)
        self.assertIn("While trustd runs on it", running.stderr)
        self.server.stop()
        stopped = run("verify", "--data-directory", directory, *given)
        self.assertEqual(stopped.returncode, 0, stopped.stdout + stopped.stderr)
        self.assertEqual(run("verify", "--data-directory", directory, "--checkpoint", kept).returncode, 2)
        self.assertEqual(run("verify", "--data-directory", self.folder / "nothing").returncode, 1)
        self.assertFalse((self.folder / "nothing").exists())
        _, other = self.new_key("another.example.com")
        self.assertEqual(run("verify", "--data-directory", directory, "--checkpoint", kept, "--verifier-key", other).returncode, 1)

        # One flipped bit in the middle of the largest file of records.
        damaged = self.folder / "damaged"
        shutil.copytree(directory, damaged)
        table = max((path for path in damaged.iterdir() if path.suffix in (".sst", ".log")), key=lambda path: path.stat().st_size)
        content = bytearray(table.read_bytes())
        content[len(content) // 2] ^= 1
        table.write_bytes(content)
        outcome = run("verify", "--data-directory", damaged)
        self.assertEqual(outcome.returncode, 1, outcome.stdout + outcome.stderr)
        self.assertTrue("wrong:" in outcome.stdout or "cannot even be opened" in outcome.stderr, outcome.stdout + outcome.stderr)


if __name__ == "__main__":
    server.main()
