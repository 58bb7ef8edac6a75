"""The disk of the backups is full: an honest answer, the server goes on, and the next backup is whole once there is room."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import server  # pylint: disable=wrong-import-position
import story
from auditor import run_trustctl
from loop_disk import DiskCase
from server import SECONDS_MAX
from stubs import api

DISK_MIB = 48
ROOMS_KIB = (400, 40, 0)


class BackupDiskTest(DiskCase):
    restored = 0

    def test_a_backup_without_room_is_refused_and_costs_neither_the_log_nor_the_backups_before_it(self):
        disk = self.new_disk(DISK_MIB)
        backups = disk.root / "backups"
        self.start(f"--backup_directory={backups}", "--store_memory_mib=32")
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)
        self.fill_log()
        first = self.client.admin.CreateBackup(api.CreateBackupRequest(), timeout=SECONDS_MAX)
        ballast = disk.root / "ballast"
        # As much room as lets a backup begin, and ever less.
        for kib in ROOMS_KIB:
            self.leave_room(disk, ballast, kib)
            self.fill_log()
            refusal = self.assert_refused("RESOURCE_EXHAUSTED", "BACKUP_STORAGE_FULL", self.client.admin.CreateBackup, api.CreateBackupRequest())
            self.assertEqual(refusal.metadata["flag"], "backup_directory")
            self.assertGreater(refusal.retry_s, 0)
            self.assertTrue(self.server.running)
            self.assert_restorable(backups, first.backup)
            ballast.unlink()
        # The control, and the comeback.
        second = self.client.admin.CreateBackup(api.CreateBackupRequest(), timeout=SECONDS_MAX)
        self.assertGreater(second.log_size, first.log_size)
        self.assert_restorable(backups, second.backup)

    def fill_log(self):
        """A MiB of tables at least: a hash does not compress, and there are three an event."""
        items = [("2024-02-01", story.joint(shared_experience_held={}))] * 500
        for _ in range(20):
            self.client.evidence.BatchRecordEvidence(story.batch(*items), timeout=SECONDS_MAX)

    def leave_room(self, disk, ballast, kib):
        with ballast.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 10):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass
            file.truncate(max(0, file.tell() - (kib << 10)))

    def assert_restorable(self, backups, backup):
        self.restored += 1
        into = self.folder / f"restored-{self.restored}"
        outcome = run_trustctl("restore", "--backup-directory", backups, "--backup", backup, "--data-directory", into)
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)


if __name__ == "__main__":
    server.main()
