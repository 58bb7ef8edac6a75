"""Power cuts under load, through gRPC: the server is killed, and what it had not flushed is gone.

A server whose flushes do nothing must be found out by the same comparison.
"""

import os
import pathlib
import shutil
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import server  # pylint: disable=wrong-import-position
from crash_campaign import CrashCampaign, crashes_of_a_run
from loop_disk import DiskCase

CUTS = 200
CUTS_UNTIL_LOSS_MAX = 5
DISK_MIB = 1024  # The image has holes: it takes what is written.
LINES = 1_000


class PowerCutTest(CrashCampaign, DiskCase):
    def setUp(self):
        super().setUp()
        self.disk = self.new_disk(DISK_MIB)
        # The keys and the watermark lie beside the store, so on the same disk; a mark is written with nearly every answer.
        self.store = self.disk.root / "store"
        self.flags = ("--checkpoint_interval_ms=10",)

    def end_suddenly(self, process):
        # First the kill: a flush that is under way while the power goes may seem to end well, and must not be acknowledged.
        process.signal(signal.SIGKILL)
        self.disk.cut_power()
        process.await_end()
        self.disk.restore_power()

    def test_after_power_cuts_under_load_every_acknowledged_command_took_effect_exactly_once(self):
        self.run_campaign(crashes_of_a_run(CUTS))

    def test_a_server_whose_flushes_do_nothing_is_found_to_lose_what_it_acknowledged(self):
        self.assertIsNotNone(shutil.which("eatmydata"), "eatmydata is missing; tests/run.sh installs it")
        self.start()
        self.found_hot_partnerships()
        self.server.stop()
        self.under = ("eatmydata",)
        self.reopen()
        for cut in range(CUTS_UNTIL_LOSS_MAX):
            self.run_until_crash()
            wrong = self.reopen() + self.ledger.faults
            lost = [complaint for complaint in wrong if complaint.endswith(": acknowledged, and lost")]
            if lost:
                print(f"cut {cut + 1} without flushes: {len(lost)} acknowledged commands were lost", flush=True)
                return
        self.fail(f"{CUTS_UNTIL_LOSS_MAX} cuts without flushes, and nothing was found to be lost: {wrong}")

    def test_a_cut_leaves_what_was_flushed_and_nothing_else(self):
        line = "one line of a file\n"
        kept, never_flushed = self.disk.root / "kept", self.disk.root / "never-flushed"
        with kept.open("w", encoding="ascii") as file:
            file.write(line * LINES)
            file.flush()
            os.fsync(file.fileno())
            file.write(line * LINES)
            file.flush()
            never_flushed.write_text(line, encoding="ascii")
            self.disk.cut_power()
        self.disk.restore_power()
        self.assertEqual(kept.read_text(encoding="ascii"), line * LINES)
        self.assertFalse(never_flushed.exists())


if __name__ == "__main__":
    server.main()
