"""A small ext4 of its own in a file, whose power can be cut. It takes root, loop devices and mkfs.ext4."""

import ctypes
import fcntl
import os
import pathlib
import struct
import subprocess
import tempfile

from server import SECONDS_MAX, ServerTest, await_true

FS_IOC_SHUTDOWN = 0x8004587D
FS_GOING_FLAGS_NOLOGFLUSH = 2
CLONE_NEWNS = 0x20000
MS_REC, MS_PRIVATE = 0x4000, 0x40000


def keep_mounts_to_this_process():
    """So that they end with it, however it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    for call, arguments in ((libc.unshare, (CLONE_NEWNS,)), (libc.mount, (None, b"/", None, MS_REC | MS_PRIVATE, None))):
        if call(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "the process gets no mounts of its own")


class LoopDisk:
    """An ext4 of so many MiB below a folder: an image, and the place where it is mounted."""

    def __init__(self, folder, mib):
        self.image = pathlib.Path(folder) / "disk.img"
        self.root = pathlib.Path(folder) / "disk"
        self.root.mkdir()
        with self.image.open("wb") as image:
            image.truncate(mib << 20)
        # Without the lazy parts nothing is written later, behind the test's back.
        subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", self.image], check=True,
                       capture_output=True, timeout=SECONDS_MAX)
        self.mount()

    def mount(self):
        # A loop device of its own each time: one that stays would keep in memory what never reached the image.
        subprocess.run(["mount", "-t", "ext4", "-o", "loop", self.image, self.root], check=True, capture_output=True,
                       timeout=SECONDS_MAX)

    def unmount(self):
        """Waits until nobody has a file open there."""
        await_true(lambda: not self.root.is_mount() or
                   subprocess.run(["umount", self.root], check=False, capture_output=True, timeout=SECONDS_MAX).returncode == 0,
                   f"{self.root} is unmounted")

    def cut_power(self):
        """From now on nothing reaches the image, not even the journal's open transaction; what was flushed before stays."""
        place = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(place, FS_IOC_SHUTDOWN, struct.pack("I", FS_GOING_FLAGS_NOLOGFLUSH))
        finally:
            os.close(place)

    def free_mib(self):
        there = os.statvfs(self.root)
        return there.f_bfree * there.f_frsize >> 20

    def restore_power(self):
        """Mounts it anew, as it was on the disk. Whoever used it must have ended or be about to end."""
        self.unmount()
        self.mount()


def why_there_is_none():
    """Why this machine lets no such disk be made; empty when it does."""
    if os.geteuid() != 0:
        return "it takes root"
    try:
        keep_mounts_to_this_process()
        with tempfile.TemporaryDirectory(prefix="trustd-disk-") as folder:
            disk = LoopDisk(folder, mib=8)
            disk.unmount()
    except subprocess.CalledProcessError as error:
        return f"no ext4 can be made and mounted: {error.stderr.decode(errors='replace').strip()}"
    except OSError as error:
        return f"no ext4 can be made and mounted: {error}"
    return ""


class DiskCase(ServerTest):
    """A test with a disk of its own. Where none can be made it is skipped, and says why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = why_there_is_none()

    def new_disk(self, mib):
        if self.reason:
            self.skipTest(self.reason)
        disk = LoopDisk(self.folder, mib)
        self.addCleanup(disk.unmount)
        return disk
