"""Lives of a server under load whose disk loses its power at a call, the k-th that changes a file, and with it what was not
flushed: all of it, or parts, down to sectors within a record and names of files.

After each the real trustd opens what was left, and is compared with what was told to anybody. A disk that lies, a cut into
what was flushed and a record that was changed and fits its checksum must be found by the same comparison.
"""

import collections
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import server  # pylint: disable=wrong-import-position
from crash_campaign import CrashCampaign, crashes_of_a_run
from server import SECONDS_MAX, DidNotServe, Process, Server
from wal_file import with_checksums_that_fit

CUTS = 40
GARBLED_CUTS = 12
CUTS_UNTIL_REFUSED_MAX = 100
CUTS_UNTIL_FOUND_MAX = 12
POWER_WENT = 9  # The exit status of failing_trustd.
CALLS_OF_A_START = 70
CALLS_OF_A_LIFE = 400


@contextlib.contextmanager
def unmarked(store):
    """Takes back the marks of a log that are made within, by which the server itself would notice what it has lost."""
    marks, kept = pathlib.Path(f"{store}-watermark"), pathlib.Path(f"{store}-marks-kept")
    shutil.copytree(marks, kept)
    yield
    shutil.rmtree(marks)
    kept.rename(marks)


class LostWritesCampaign(CrashCampaign):
    """Each life is failing_trustd's until the cut, and from then on trustd's, which is killed in the end."""

    loss = ""

    def setUp(self):
        super().setUp()
        self.plants = ()
        self.cut = {}
        self.cuts = collections.Counter()

    def end_suddenly(self, process):
        Process.kill(process)

    def run_until_crash(self):
        # What a killed process has written stays; so the next life begins with a recovery, which may be cut, too.
        self.server.kill()
        call = self.random.randint(1, CALLS_OF_A_START if self.random.random() < 0.35 else CALLS_OF_A_LIFE)
        flags = (f"--cut_call={call}", f"--loss={self.loss}", f"--seed={self.random.randrange(2**32)}", *self.plants)
        try:
            self.server = Server(self.store, *flags, path=server.failing_trustd())
        except DidNotServe as ended:
            self.assertEqual(ended.code, POWER_WENT, ended.log)
            self.note_cut(ended.log, "while it opens")
            return
        self.addCleanup(server.end, self.server)
        super().run_until_crash()
        self.note_cut(self.server.log, "under load")

    def end_under_load(self):
        code = self.server.await_end()
        return "" if code == POWER_WENT else f"ended with status {code} and not by the cut"

    def note_cut(self, log, when):
        self.cut = next(line for line in log.splitlines() if '"message":"cut"' in line)
        self.cuts[when] += 1
        for what, pattern in (("after a flush", '"call":"after'), ("that took bytes", r" [1-9]\d* bytes:"), ("that took names", r'"lost":"[1-9]\d* changes'),
                              ("that took bytes of a WAL", r" \d+\.log:")):
            self.cuts[what] += bool(re.search(pattern, self.cut))

    def assert_nothing_wrong(self, wrong, when):
        super().assert_nothing_wrong(wrong, f"{when}, {self.cut}")

    def run_lives(self):
        cuts = crashes_of_a_run(CUTS)
        self.run_campaign(cuts)
        print(f"{self.loss}: {dict(self.cuts)}", flush=True)
        for what, least_of_100 in (("while it opens", 5), ("under load", 40), ("after a flush", 5), ("that took bytes", 20),
                                   ("that took names", 3), ("that took bytes of a WAL", 10)):
            self.assertGreaterEqual(self.cuts[what], least_of_100 * cuts // 100, what)
        self.server.stop()
        verified = subprocess.run([server.program("trustctl"), "verify", "--data-directory", str(self.store)], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def assert_found(self, *plants):
        """Cuts with a mistake planted, until one of them is found to have lost what was acknowledged."""
        self.start()
        self.found_hot_partnerships()
        self.plants = plants
        for cut in range(CUTS_UNTIL_FOUND_MAX):
            self.server.kill()
            with unmarked(self.store):
                self.run_until_crash()
            wrong = self.reopen() + self.ledger.faults
            lost = [complaint for complaint in wrong if complaint.endswith(": acknowledged, and lost")]
            if lost:
                print(f"cut {cut + 1} with {plants}: {len(lost)} acknowledged commands were lost", flush=True)
                return
        self.fail(f"{CUTS_UNTIL_FOUND_MAX} cuts with {plants}, and nothing was found to be lost: {wrong}")


class DroppedWritesTest(LostWritesCampaign):
    loss = "dropped"

    def test_what_was_not_flushed_goes_and_every_acknowledged_command_took_effect_exactly_once(self):
        self.run_lives()

    def test_a_disk_that_says_it_has_flushed_and_has_not_is_found_to_lose_what_was_acknowledged(self):
        self.assert_found("--plant_lying_flush")

    def test_a_cut_that_takes_a_little_of_what_was_flushed_is_found(self):
        self.assert_found("--plant_deep_cut")


class TornWritesTest(LostWritesCampaign):
    loss = "torn"

    def test_what_was_not_flushed_is_torn_and_every_acknowledged_command_took_effect_exactly_once(self):
        self.run_lives()

    def test_garbage_at_the_end_is_refused_or_cut_off_and_nothing_acknowledged_goes_with_it(self):
        self.loss = "garbled"
        self.start()
        self.found_hot_partnerships()
        cuts = refused = 0
        while cuts < GARBLED_CUTS or refused == 0:
            self.assertLess(cuts, CUTS_UNTIL_REFUSED_MAX, "no garbage was met")
            cuts += 1
            self.run_until_crash()
            try:
                wrong = self.reopen()
            except DidNotServe as ended:
                # Nobody can tell it from damage. What nobody was told of is at the end; without it the store is whole.
                self.assertRegex(ended.log, "damaged|[Cc]orrupt|checksum")
                refused += 1
                for name, flushed in re.findall(r" (\S+?):(\d+)/\d+", self.cut):
                    os.truncate(self.store / name, int(flushed))
                wrong = self.reopen()
            self.assert_nothing_wrong(wrong, f"after cut {cuts}")
        print(f"{refused} of {cuts} starts on garbage were refused; {dict(self.cuts)}", flush=True)


class ForgedRecordTest(CrashCampaign):
    """The control of what checksums are for: bytes that are not those that were written, and look as if they were."""

    def end_suddenly(self, process):
        Process.kill(process)

    def test_a_record_that_was_garbled_and_fits_its_checksum_is_found(self):
        self.start()
        self.found_hot_partnerships()
        with unmarked(self.store):
            self.run_until_crash()
        # A key of an import is made of two texts that lie apart.
        told = max((command for command in self.ledger.commands.values() if command.acknowledged and ":" not in command.key),
                   key=lambda command: command.acknowledged)
        wal = max(self.store.glob("*.log"), key=lambda path: path.stat().st_size)
        content = wal.read_bytes()
        key = told.key.encode("ascii")
        self.assertIn(key, content)
        wal.write_bytes(with_checksums_that_fit(content.replace(key, bytes(byte ^ 1 for byte in key))))
        try:
            found = self.reopen()
        except (DidNotServe, grpc.RpcError) as error:
            found = [str(error)]
        print(f"found: {found[:1]}", flush=True)
        self.assertTrue(found)


if __name__ == "__main__":
    server.main()
