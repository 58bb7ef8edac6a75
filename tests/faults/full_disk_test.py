"""A full disk, through gRPC: an honest error, readings go on, nothing acknowledged is lost, and writes come back with the room."""

import dataclasses
import json
import pathlib
import subprocess
import sys
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import grpc

import server  # pylint: disable=wrong-import-position
import story
from crash_campaign import entry_of
from history_check import Command, complaints
from loop_disk import DiskCase
from server import SECONDS_MAX, DidNotServe, Refusal, await_true
from stubs import api

DISK_MIB = 96
ITEMS = 20              # Of a command.
COMMANDS_MAX = 5_000    # As many never fit beside what fills the disk.
ROUNDS = 3
COMEBACK_SECONDS_MAX = 10


class FullDiskCase(DiskCase):
    """A server on a disk of its own. reserve_mib: what it keeps free of it; without a reserve the engine itself meets the end."""

    reserve_mib = 0

    def setUp(self):
        super().setUp()
        self.disk = self.new_disk(DISK_MIB)
        self.ballast = self.disk.root / "ballast"
        self.commands = {"founding": Command("founding", "acme-globex", 2)}
        self.start()
        self.client.partnerships.CreatePartnership(story.creation(correlation_id="founding"), timeout=SECONDS_MAX)

    def start(self, *flags, **options):
        # With little memory, so that tables are written and merged soon.
        return super().start("--store_memory_mib=32", f"--disk_reserve_mib={self.reserve_mib}", *flags, directory=self.disk.root / "store", **options)

    def fill_the_disk(self):
        with self.ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 10, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass

    def give(self, key=""):
        """Gives a command, a new one without a key; returns what it was refused with."""
        key = key or f"command-{len(self.commands)}"
        command = self.commands.setdefault(key, Command(key, "acme-globex", ITEMS, sent=time.monotonic()))
        items = [("2024-02-01", story.joint(shared_experience_held={}))] * ITEMS
        request = story.batch(*items, correlation_id=key, request_id=str(uuid.uuid5(uuid.NAMESPACE_OID, key)))
        try:
            answer = self.client.evidence.BatchRecordEvidence(request, timeout=SECONDS_MAX)
        except grpc.RpcError as error:
            # Whoever is told that nothing was stored finds nothing of it in the log; only otherwise it is unknown.
            refusal = Refusal.of_error(error)
            command.forbidden = refusal.reason == "STORAGE_FULL"
            return refusal
        command.acknowledged, command.forbidden = time.monotonic(), False
        command.revision, command.position = answer.revision, answer.log_position
        return None

    def give_until_refused(self):
        """Returns the key and the refusal of the first command that was not taken."""
        for _ in range(COMMANDS_MAX):
            refusal = self.give()
            if refusal is not None:
                return list(self.commands)[-1], refusal
        raise AssertionError(f"{COMMANDS_MAX} commands were taken, and the disk is full")

    def assert_nothing_lost(self):
        self.assertEqual(complaints(self.commands, [entry_of(event) for event in self.client.log()])[:10], [])

    def assert_mistakes_are_found(self):
        """The control: the same comparison with a mistake in the log, and with one in what clients were told."""
        log = [entry_of(event) for event in self.client.log()]
        self.assertIn("acknowledged, and lost", complaints(self.commands, log[:-ITEMS])[0])
        refused = next(key for key, command in self.commands.items() if command.forbidden)
        planted = [dataclasses.replace(entry, key=refused, position=f"after {entry.position}", revision=entry.revision + ITEMS)
                   for entry in log[-ITEMS:]]
        self.assertEqual(complaints(self.commands, log + planted), [f"{refused}: must be refused, and has {ITEMS} events"])

    def assert_honest(self, refusal):
        if not refusal.reason:
            await_true(lambda: not self.server.running, f"the server, which broke a call off, ends: {refusal}")
            self.fail(f"on a full disk the server has ended with {self.server.await_end()}: {self.server.log[-1500:]}")
        self.assertEqual((refusal.code, refusal.reason), ("RESOURCE_EXHAUSTED", "STORAGE_FULL"), refusal)
        self.assertGreater(refusal.retry_s, 0)

    def fill_and_make_room_again_and_again(self):
        for round_ in range(ROUNDS):
            for _ in range(20):
                self.assertIsNone(self.give())
            self.fill_the_disk()
            key, refusal = self.give_until_refused()
            self.assert_honest(refusal)
            for _ in range(20):
                self.assert_honest(self.give())
                reading = self.client.trust.AssessTrust(api.AssessTrustRequest(partnership="acme-globex"), timeout=SECONDS_MAX)
                self.assertGreater(reading.revision, 2)
            self.assert_nothing_lost()
            taken = sum(command.acknowledged is not None for command in self.commands.values())
            self.ballast.unlink()
            began = time.monotonic()
            await_true(lambda: self.give(key) is None, "writes come back with the room")
            seconds = time.monotonic() - began
            print(f"round {round_ + 1}: {taken} commands taken, then refused; taken again {seconds:.1f} s after there was room", flush=True)
            self.assertLessEqual(seconds, COMEBACK_SECONDS_MAX)
            self.assert_nothing_lost()
        self.server.kill()
        self.start()
        self.assert_nothing_lost()
        self.assert_mistakes_are_found()


class FullDiskTest(FullDiskCase):
    def test_a_full_disk_refuses_writes_and_takes_them_again_when_there_is_room_while_readings_go_on(self):
        self.fill_and_make_room_again_and_again()

    def test_what_was_acknowledged_before_a_disk_was_full_is_there_after_a_kill_and_with_room(self):
        self.fill_the_disk()
        self.give_until_refused()
        self.server.kill()
        self.ballast.unlink()
        self.start()
        self.assert_nothing_lost()
        self.assertIsNone(self.give())

    def test_a_start_on_a_full_disk_serves_or_says_what_is_missing(self):
        self.assertIsNone(self.give())
        self.server.kill()
        self.fill_the_disk()
        try:
            self.start()
            self.assert_nothing_lost()
        except DidNotServe as refused:
            self.assertEqual(refused.code, 1, refused.log)
            self.assertIn("No space left", refused.log)


class DiskReserveTest(FullDiskCase):
    reserve_mib = 24

    def test_below_the_reserve_writes_are_refused_before_the_disk_is_full_and_come_back_with_the_room(self):
        self.fill_and_make_room_again_and_again()

    def trustctl_status(self, *flags):
        return subprocess.run([server.program("trustctl"), "status", "--server", self.server.address, *flags], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=SECONDS_MAX, check=False)

    def assert_told_to_the_operator(self):
        """That the log and trustctl status tell how much is free, how much has to be, the flag, and what to do; and a start, too."""
        failed = self.server.await_log("a write to the store failed")
        self.assertRegex(failed["detail"], rf"the disk of {self.disk.root}/store has \d+ MiB free, less than the {self.reserve_mib} MiB that are kept free")
        self.assertIn("--disk_reserve_mib says how many MiB", failed["remedy"])
        outcome = self.trustctl_status()
        self.assertEqual(outcome.returncode, 1, outcome)
        page = " ".join(outcome.stdout.split())
        self.assertRegex(page, rf"disk FULL: \d+ MiB free; {self.reserve_mib} MiB are kept free \(--disk_reserve_mib\)\. Commands are refused")
        self.assertRegex(outcome.stderr, rf"the server refuses commands: its disk has \d+ MiB free, and {self.reserve_mib} MiB are kept free")
        told = json.loads(self.trustctl_status("--json").stdout)["server"]
        self.assertTrue(told["storageFull"])
        self.assertLess(int(told["diskFreeByteCount"]), int(told["diskReserveByteCount"]))
        self.server.stop()
        # Its end and its start make room, by writing out and merging; a start needs some.
        with self.disk.root.joinpath("ballast").open("ab") as file:
            file.write(bytes(max(0, self.disk.free_mib() - self.reserve_mib // 2) << 20))
        self.start()
        begun = self.server.await_log("the disk is full but for its reserve: commands are refused, until there is room")
        self.assertEqual(begun["disk_reserve_mib"], str(self.reserve_mib))
        self.disk.root.joinpath("ballast").unlink()
        well = self.trustctl_status()
        self.assertEqual(well.returncode, 0, well)
        self.assertRegex(well.stdout, r"disk +\d+ MiB free; 24 MiB are kept free")

    def test_commands_alone_never_take_the_reserve(self):
        with self.ballast.open("wb") as file:
            file.write(bytes((self.disk.free_mib() - self.reserve_mib - 2) << 20))
        _, refusal = self.give_until_refused()
        self.assert_honest(refusal)
        self.assert_told_to_the_operator()
        # Some of it went into writing out what was taken: that is what it is for.
        self.assertGreater(self.disk.free_mib(), self.reserve_mib // 2)
        self.assert_nothing_lost()


if __name__ == "__main__":
    server.main()
