"""Backups from outside: made by a server that is kept busy, brought back by trustctl elsewhere, served by another server, and held
against what clients were told and what the first server proves of itself.
"""

import dataclasses
import datetime
import hashlib
import pathlib
import re
import shutil
import subprocess
import threading
import time
import uuid

import grpc

import server
import story
from auditor import AuditCase, run_trustctl, run_verifier
from crash_campaign import entry_of
from erasure_test import TEXT, PersonalCase, files_with, key_of
from history_check import Command, complaints
from server import SECONDS_MAX, Refusal, Server, ServerTest, await_true, end, new_random
from stubs import api

WRITERS = 4
ITEMS = 2                  # Of a command.
PRELOADED = 5_000          # Events before the first backup.
BACKUPS = 3
COMMANDS_BETWEEN = 40      # Acknowledged between two backups, at least, so that a server that stands still does not pass.
KILLS = 5


def create_backup(client):
    return client.admin.CreateBackup(api.CreateBackupRequest(), timeout=SECONDS_MAX)


def recorded(client):
    """What clients sent, as it stands in the log; the orders to serve a restored one come behind it."""
    log = [entry_of(event) for event in client.log()]
    return [entry for entry in log if not entry.partnership.startswith("$")]


def all_files(folder):
    """What is below a folder, to the byte."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Writers:
    """Clients that give commands until they are told to stop, and remember what was acknowledged when."""

    def __init__(self, client):
        self.commands = {}
        self.faults = []
        self._client = client
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(f"writer-{number}",)) for number in range(WRITERS)]
        for number in range(WRITERS):
            self.give(f"founding-{number}", f"writer-{number}", 2)

    def give(self, key, partnership, size=ITEMS):
        command = Command(key, partnership, size, sent=time.monotonic())
        with self._changed:
            self.commands[key] = command
        if key.startswith("founding"):
            answer = self._client.partnerships.CreatePartnership(story.creation(partnership, correlation_id=key), timeout=SECONDS_MAX)
        else:
            items = [("2024-02-01", story.joint(shared_experience_held={}))] * size
            request = story.batch(*items, partnership=partnership, correlation_id=key, request_id=str(uuid.uuid4()))
            answer = self._client.evidence.BatchRecordEvidence(request, timeout=SECONDS_MAX)
        with self._changed:
            command.revision, command.position = answer.revision, answer.log_position
            command.acknowledged = time.monotonic()
            self._changed.notify_all()

    def _write(self, partnership):
        number = 0
        while not self._stopped.is_set():
            try:
                self.give(f"{partnership}-{number}", partnership)
            except grpc.RpcError as error:
                self.faults.append(Refusal.of_error(error))
            number += 1

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def acknowledged(self):
        with self._changed:
            return sum(command.acknowledged is not None for command in self.commands.values())

    def await_more(self, count):
        target = self.acknowledged() + count
        await_true(lambda: self.acknowledged() >= target, "clients are answered")

    def as_of(self, moment):
        """What clients had been told then: what they learned later, or never, may be in a backup of that moment or not."""
        with self._changed:
            return {key: command if (command.acknowledged or moment) < moment else
                    dataclasses.replace(command, acknowledged=None, revision=0, position="")
                    for key, command in self.commands.items()}


class BackupCase(AuditCase):
    """A server that makes backups, and what is made of them."""

    def setUp(self):
        super().setUp()
        self.backups, self.key_backups = self.folder / "backups", self.folder / "key-backups"

    def start_with_backups(self, *flags):
        return self.start_signing(f"--backup_directory={self.backups}", f"--keys_backup_directory={self.key_backups}", *flags)

    def restore(self, into, *flags):
        """trustctl restore, with the keys."""
        return run_trustctl("restore", "--backup-directory", self.backups, "--keys-backup-directory", self.key_backups,
                            "--data-directory", self.folder / into, "--verifier-key", self.verifier_key, *flags)

    def serve_restored(self, into, *flags):
        """A server on what was restored; its log has one more record, of the order to serve it."""
        refused = subprocess.run([server.program("trustd"), f"--data_directory={self.folder / into}", "--listen=127.0.0.1:0"],
                                 capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertEqual(refused.returncode, 1, "a restored log is not served unasked")
        self.assertIn("--accept_log_rollback", refused.stderr)
        restored = Server(self.folder / into, f"--signing_key_file={self.key}", "--accept_log_rollback=the disk died", *flags)
        self.addCleanup(end, restored)
        return restored


class BackupUnderLoadTest(BackupCase):
    def test_what_was_acknowledged_before_a_backup_is_in_it_and_it_is_the_log_that_the_server_proves(self):
        self.start_with_backups("--store_memory_mib=32")
        writers = Writers(self.client)
        for number in range(PRELOADED // 500):
            writers.give(f"preloaded-{number}", "writer-0", 500)
        writers.start()
        made = []
        for _ in range(BACKUPS):
            writers.await_more(COMMANDS_BETWEEN)
            moment, before = time.monotonic(), writers.acknowledged()
            answer = create_backup(self.client)
            made.append((answer, moment))
            print(f"backup {answer.backup}: {answer.log_size} records, {answer.byte_count} bytes, {answer.new_byte_count} of them new, "
                  f"{answer.duration_ms} ms; {writers.acknowledged() - before} commands acknowledged meanwhile", flush=True)
        writers.await_more(COMMANDS_BETWEEN)
        writers.stop()
        self.assertEqual(writers.faults, [])
        self.assertEqual([answer.backup for answer, _ in made], ["1", "2", "3"])
        self.assertEqual(made[0][0].new_byte_count, made[0][0].byte_count)
        # What the engine merges meanwhile is new, too: so the least of the later ones.
        self.assertLess(min(answer.new_byte_count / answer.byte_count for answer, _ in made[1:]), 0.5, "a later backup copies what is new")
        live = recorded(self.client)
        logs = [self.judge(writers, live, answer, moment) for answer, moment in made]
        self.assert_control_bites(writers, logs[0], made[0][1])

    def judge(self, writers, live, answer, moment):
        """Returns the log that was restored."""
        into = f"restored-{answer.backup}"
        kept = self.folder / f"{into}.checkpoint"
        kept.write_text(answer.checkpoint, encoding="utf-8")
        outcome = self.restore(into, "--backup", answer.backup, "--checkpoint", kept)
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)
        self.assertIn("Nothing is wrong.", outcome.stdout)
        restored = self.serve_restored(into)
        log = recorded(restored.client)
        self.assertGreaterEqual(len(log), answer.log_size)
        self.assertEqual(complaints(writers.as_of(moment), log)[:5], [])
        # It is the beginning of the log that goes on elsewhere, event by event and by the proofs of both.
        self.assertEqual(log, live[:len(log)])
        for address in (self.server.address, restored.address):
            self.verify("server", address, self.verifier_key, kept)
            verified = run_trustctl("verify", "--server", address, "--checkpoint", kept, "--verifier-key", self.verifier_key)
            self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        # The control: the order to serve it made it a log of its own from there on, which the first server does not continue.
        own = self.folder / f"{into}-own.checkpoint"
        own.write_text(restored.client.audit.GetCheckpoint(api.GetCheckpointRequest(), timeout=SECONDS_MAX).checkpoint, encoding="utf-8")
        self.assertNotEqual(run_verifier("server", self.server.address, self.verifier_key, own).returncode, 0)
        restored.stop()
        return log

    def assert_control_bites(self, writers, log, moment):
        """The same comparison finds what the backup does not have, and an event that it lost."""
        self.assertIn("acknowledged, and lost", " ".join(complaints(writers.commands, log)))
        told = writers.as_of(moment)
        newest = max((command for command in told.values() if command.acknowledged), key=lambda command: command.acknowledged)
        self.assertTrue(complaints(told, [entry for entry in log if entry.key != newest.key]))


class BackupRestoreTest(BackupCase):
    """The way back, and what is refused on it."""

    def setUp(self):
        super().setUp()
        self.start_with_backups()
        self.record(30)
        self.answer = create_backup(self.client)

    def test_nothing_is_overwritten(self):
        self.server.stop()
        before = all_files(self.folder / "store")
        for taken in ("store", "store-keys", "backups"):
            outcome = self.restore(taken)
            self.assertEqual(outcome.returncode, 1, outcome.stdout)
            self.assertIn("nothing is ever restored over it", outcome.stderr)
        # Nor are the keys.
        outcome = self.restore("new", "--keys-directory", self.folder / "store-keys")
        self.assertEqual(outcome.returncode, 1, outcome.stdout)
        self.assertFalse((self.folder / "new").exists())
        self.assertEqual(all_files(self.folder / "store"), before)
        self.assertEqual(self.restore("new").returncode, 0)  # The control.

    def test_a_damaged_backup_is_refused_and_the_file_named_and_an_older_one_is_not(self):
        random = new_random()
        self.record(30)
        create_backup(self.client)
        shared = {path.name for path in (self.backups / "shared_checksum").iterdir()}
        only_new = sorted(path for path in (self.backups / "private" / "2").iterdir())
        self.assertTrue(shared and only_new)
        for path in only_new:
            whole = path.read_bytes()
            changed = bytearray(whole or b"\0")  # Newer engines copy a journal that is still empty.
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
            for content in (bytes(changed), None):
                if content is None:
                    path.unlink()
                else:
                    path.write_bytes(content)
                outcome = self.restore("new")
                self.assertEqual(outcome.returncode, 1, outcome.stdout)
                self.assertIn(path.name, outcome.stderr)
                self.assertFalse((self.folder / "new").exists())
                path.write_bytes(whole)
        only_new[0].unlink()
        listed = run_trustctl("restore", "--backup-directory", self.backups, "--list")
        self.assertEqual(listed.returncode, 1)
        self.assertRegex(listed.stdout, r"(?m)^ *1 .*\n *2 .*" + re.escape(only_new[0].name))
        older = self.restore("new", "--backup", 1)
        self.assertEqual(older.returncode, 0, older.stderr)

    def test_a_checkpoint_of_another_log_or_key_is_found_not_to_fit(self):
        _, stranger = self.new_key("stranger.example.com")
        outcome = run_trustctl("restore", "--backup-directory", self.backups, "--data-directory", self.folder / "new",
                               "--verifier-key", stranger)
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("not signed by that key", outcome.stderr)
        # A checkpoint that is newer than the backup: the operator learns what is missing.
        self.record(5)
        newer = self.folder / "newer.checkpoint"
        newer.write_text(self.checkpoint(min_position=self.record(1).log_position).checkpoint, encoding="utf-8")
        outcome = self.restore("new", "--checkpoint", newer)
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("it holds only", outcome.stdout)
        self.assertIn("an older backup does not continue it", outcome.stderr)
        self.assertFalse((self.folder / "new").exists())
        kept = self.folder / "kept.checkpoint"
        kept.write_text(self.answer.checkpoint, encoding="utf-8")
        self.assertEqual(self.restore("new", "--checkpoint", kept).returncode, 0)

    def test_a_restored_server_goes_on_with_the_backups_of_the_one_before(self):
        self.assertEqual(self.restore("new").returncode, 0)
        self.server.stop()
        restored = self.serve_restored("new", f"--backup_directory={self.backups}", f"--keys_backup_directory={self.key_backups}")
        answer = create_backup(restored.client)
        self.assertEqual(int(answer.backup), int(self.answer.backup) + 1)
        restored.stop()
        for number in (self.answer.backup, answer.backup):
            outcome = self.restore(f"again-{number}", "--backup", number)
            self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)

    def test_trustctl_makes_and_lists_backups(self):
        outcome = self.trustctl("backup")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertRegex(outcome.stdout, r"^Backup 2: [\d,]+ records in [\d,]+ bytes, of which [\d,]+ bytes are new")
        self.assertIn("Backup 2 of the keys", outcome.stdout)
        listed = run_trustctl("restore", "--backup-directory", self.backups, "--list")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertEqual([line.split()[0] for line in listed.stdout.splitlines()], ["backup", "1", "2"])
        both = run_trustctl("restore", "--backup-directory", self.backups, "--keys-backup-directory", self.key_backups, "--list")
        self.assertEqual(both.returncode, 0, both.stderr)
        self.assertRegex(both.stdout, r"(?ms)^backup .*^ *2 .*^Of the keys:$.*^backup .*^ *2 ")
        for wrong in (("restore",), ("restore", "--backup-directory", self.backups),
                      ("restore", "--backup-directory", self.backups, "--data-directory", "x", "--backup", "none")):
            self.assertEqual(run_trustctl(*wrong).returncode, 2, wrong)

    def test_a_kill_amid_a_backup_leaves_those_before_it_and_the_next_is_whole(self):
        random = new_random()
        cut = 0
        for kill in range(KILLS):
            self.record(5)
            answered = []
            call = threading.Thread(target=lambda: answered.append(self.try_backup()))
            call.start()
            threading.Event().wait(random.uniform(0, 0.5))
            self.server.kill()
            call.join()
            cut += answered == [None]
            self.assertEqual(run_trustctl("restore", "--backup-directory", self.backups, "--list").returncode, 0)
            self.start_with_backups()
            into = f"kill-{kill}"
            self.assertEqual(self.restore(into).returncode, 0)
        print(f"{cut} of {KILLS} backups were cut short", flush=True)
        answer = create_backup(self.client)
        self.assertEqual(self.restore("last", "--backup", answer.backup).returncode, 0)
        # Nothing is left of those that were cut.
        described = {path.name for path in (self.backups / "described").iterdir()}
        self.assertEqual({path.name for path in (self.backups / "private").iterdir()}, described)

    def try_backup(self):
        try:
            return create_backup(self.client)
        except grpc.RpcError:
            return None


class BackupRefusalTest(ServerTest):
    """What a server does that cannot make backups: say so, and go on."""

    def test_a_server_without_a_directory_names_the_flag(self):
        self.start()
        refusal = self.assert_refused("FAILED_PRECONDITION", "BACKUP_NOT_CONFIGURED", self.client.admin.CreateBackup, api.CreateBackupRequest())
        self.assertIn("--backup_directory", refusal.message)

    def test_a_directory_that_cannot_be_written_is_told_of_and_mended_without_a_restart(self):
        place = self.folder / "backups"
        place.write_text("a file", encoding="utf-8")
        self.start(f"--backup_directory={place}")
        refusal = self.assert_refused("UNAVAILABLE", "BACKUP_FAILED", self.client.admin.CreateBackup, api.CreateBackupRequest())
        self.assertEqual(refusal.metadata["flag"], "backup_directory")
        self.assertNotIn(str(self.folder), refusal.message)
        await_true(lambda: str(place) in self.server.log, "the server's log names the directory")
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)
        place.unlink()
        self.assertEqual(create_backup(self.client).backup, "1")

    def test_a_directory_that_lies_in_another_or_keys_alone_are_not_started_with(self):
        for flags, said in (([f"--backup_directory={self.folder}/store/backups"], "--data_directory"),
                            ([f"--backup_directory={self.folder}/b", f"--keys_backup_directory={self.folder}/b/k"], "--keys_backup_directory"),
                            ([f"--keys_backup_directory={self.folder}/k"], "needs --backup_directory")):
            with self.assertRaises(server.DidNotServe) as caught:
                self.start(*flags)
            self.assertEqual(caught.exception.code, 1)
            self.assertIn(said, caught.exception.log)

    def test_a_stop_does_not_wait_for_a_backup_and_a_second_one_is_refused_meanwhile(self):
        self.start(f"--backup_directory={self.folder}/backups", "--backup_mib_per_s=1")
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)
        items = [("2024-02-01", story.joint(shared_experience_held={}))] * 500
        for _ in range(60):
            self.client.evidence.BatchRecordEvidence(story.batch(*items, correlation_id="x" * 128), timeout=SECONDS_MAX)
        outcome = []

        def call():
            try:
                outcome.append(create_backup(self.client))
            except grpc.RpcError as error:
                outcome.append(Refusal.of_error(error))

        first = threading.Thread(target=call)
        first.start()
        await_true(lambda: (self.folder / "backups" / "private" / "1").exists(), "the backup has begun")
        refusal = self.assert_refused("RESOURCE_EXHAUSTED", "BACKUP_RUNNING", self.client.admin.CreateBackup, api.CreateBackupRequest())
        self.assertGreater(refusal.retry_s, 0)
        self.server.signal(server.signal.SIGTERM)
        self.assertEqual(self.server.await_end(), 0)
        first.join()
        self.assertEqual((outcome[0].code, outcome[0].reason), ("UNAVAILABLE", "SHUTTING_DOWN"), outcome)
        self.assertEqual(list((self.folder / "backups" / "described").iterdir()), [])


class KeyBackupTest(PersonalCase):
    """Keys in backups: how long one lives there that was erased, and that a copy that brings it back does not keep it."""

    def start(self, *flags, **options):
        return super().start(f"--backup_directory={self.folder}/backups", f"--keys_backup_directory={self.folder}/key-backups",
                             "--key_backups_kept=2", *flags, **options)

    def restore(self, into, *flags):
        outcome = run_trustctl("restore", "--backup-directory", self.folder / "backups", "--keys-backup-directory",
                               self.folder / "key-backups", "--data-directory", self.folder / into, *flags)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)

    def notes(self, client):
        return [event.note.text for event in client.events("moon") if event.HasField("note")]

    def serve(self, into):
        restored = Server(self.folder / into, "--accept_log_rollback=the disk died")
        self.addCleanup(end, restored)
        return restored

    def test_an_erased_key_is_in_no_backup_of_the_keys_once_two_more_were_made_and_never_in_one_of_the_log(self):
        self.tell("ada-person")
        self.tell("bert-person")
        erased, kept = (key_of(self.folder / "store-keys", contact) for contact in ("ada-person", "bert-person"))
        create_backup(self.client)
        key_backups = self.folder / "key-backups"
        self.assertTrue(files_with(key_backups, erased), "the search finds what it looks for")
        self.assertEqual(files_with(self.folder / "backups", erased), [])
        self.restore("before")
        self.assertEqual(self.notes(self.serve("before").client), [TEXT, TEXT])

        self.erase("ada-person")
        create_backup(self.client)
        self.assertTrue(files_with(key_backups, erased), "the control: the first of two backups is still kept")
        # A copy of the keys from before, beside a log that knows better, is cleaned before anything is served.
        self.restore("between", "--key-backup", "1")
        self.assertTrue(files_with(self.folder / "between-keys", erased))
        between = self.serve("between")
        self.assertEqual(files_with(self.folder / "between-keys", erased), [])
        self.assertEqual(self.notes(between.client), [TEXT])
        create_backup(self.client)
        self.assertEqual(files_with(key_backups, erased), [])
        self.assertEqual(files_with(self.folder / "backups", erased), [])
        self.assertTrue(files_with(key_backups, kept))
        self.restore("after")
        self.assertEqual(self.notes(self.serve("after").client), [TEXT])
        shutil.rmtree(self.folder / "before-keys")
        self.assertEqual(files_with(self.folder, erased), [])

    def test_a_backup_of_keys_is_deleted_when_it_is_too_old_though_nobody_asks_for_another(self):
        self.tell("ada-person")
        erased = key_of(self.folder / "store-keys", "ada-person")
        create_backup(self.client)
        self.erase("ada-person")
        key_backups = self.folder / "key-backups"
        self.server.stop()
        self.start("--key_backup_days_max=1")
        self.assertTrue(files_with(key_backups, erased), "the control: it is young")
        # As if two days had passed: the time in the description goes back.
        self.server.stop()
        make_older(key_backups / "described" / "1", days=2)
        self.start("--key_backup_days_max=1")
        await_true(lambda: files_with(key_backups, erased) == [], "the old backup of the keys is gone")
        self.assertEqual([path.name for path in (self.folder / "backups" / "described").iterdir()], ["1"])


def make_older(path, days):
    """Dates a description back, with its checksum."""
    body, _, _ = pathlib.Path(path).read_text(encoding="utf-8").rpartition("sha256 ")
    made = re.search(r"(?m)^made (.*)Z$", body).group(1)
    older = (datetime.datetime.fromisoformat(made) - datetime.timedelta(days=days)).isoformat(timespec="microseconds")
    body = body.replace(f"made {made}Z", f"made {older}Z")
    pathlib.Path(path).write_text(f"{body}sha256 {hashlib.sha256(body.encode()).hexdigest()}\n", encoding="utf-8")


if __name__ == "__main__":
    server.main()
