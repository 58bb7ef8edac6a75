"""Stores that earlier programs wrote, kept in tests/golden/stores: each opens in this one, and nothing in it reads otherwise.

    golden_store_test.py PROGRAMS --write NAME

makes tests/golden/stores/NAME.tar.xz with the programs in PROGRAMS, which may be those of an earlier commit: the seven alliances,
a partnership of its own, and, where these programs keep personal data, two persons, of whom one is erased. An archive is never
written anew: a change of the format adds one.
"""

import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import grpc
from google.protobuf import json_format

import server
import story
from alliances_test import GOLDEN, files, render
from server import REPOSITORY, SECONDS_MAX, ServerTest
from stubs import api

STORES = REPOSITORY / "tests" / "golden" / "stores"
TOLD = "told.jsonl"  # What its own program answered: every event, one a line.
OWN = "acme-globex"
NOTE = "Grüße: Ada prefers to be called before noon."
NAME = "Ada Lovelace"


def archives():
    return sorted(STORES.glob("*.tar.xz"))


def lacks(told, now, path=""):
    """Where now lacks, or says otherwise, what was told then. What is new may be added."""
    if isinstance(told, dict) and isinstance(now, dict):
        return [fault for key, value in told.items() for fault in lacks(value, now.get(key), f"{path}.{key}")]
    if isinstance(told, list) and isinstance(now, list) and len(told) == len(now):
        return [fault for place, value in enumerate(told) for fault in lacks(value, now[place], f"{path}[{place}]")]
    return [] if told == now else [f"{path}: was {told!r}, is {now!r}"]


def put_format(folder, version):
    """Says, as a program of that format would, which format a store has."""
    subprocess.run(["ldb", f"--db={folder / 'store'}", "--column_family=default", "--value_hex", "put", "format", f"0x{version:016x}"],
                   stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS_MAX, check=True)


class GoldenStoreTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.assertGreaterEqual(len(archives()), 5)

    def unpacked(self, archive):
        folder = self.folder / archive.name.partition(".")[0]
        with tarfile.open(archive) as packed:
            packed.extractall(folder)
        return folder

    def serve(self, folder):
        """Serves a store that was unpacked, with the key that signed its checkpoints if there is one."""
        key = folder / "signing.key"
        return self.start(*([f"--signing_key_file={key}"] if key.is_file() else []), directory=folder / "store")

    def assert_nothing_reads_otherwise(self, folder):
        told = [json.loads(line) for line in (folder / TOLD).read_text(encoding="utf-8").splitlines()]
        now = [json_format.MessageToDict(event) for event in self.client.log()]
        self.assertGreater(len(told), 100)
        self.take_for_the_same_place(told, now)
        # Behind them may stand what this program itself adds when it first opens an older store.
        self.assertEqual([fault for place, event in enumerate(told) for fault in lacks(event, now[place], f"[{place}]")], [])
        for path in files():
            with self.subTest(alliance=path.stem):
                self.assertEqual(render(self.client, path.stem), (GOLDEN / f"{path.stem}.txt").read_text(encoding="utf-8"))

    def take_for_the_same_place(self, told, now):
        """Where a position was told in other words, asks what comes after it, and then lets today's words stand for it."""
        for place, event in enumerate(told):
            if event["logPosition"] == now[place]["logPosition"]:
                continue
            watch = self.client.history.WatchEvents(api.WatchEventsRequest(after_position=event["logPosition"]), timeout=SECONDS_MAX)
            first = next(watch)
            watch.cancel()
            self.assertEqual([each.log_position for each in first.events.events[:1]],
                             [each["logPosition"] for each in now[place + 1 : place + 2]])
            event["logPosition"] = now[place]["logPosition"]

    def test_each_opens_reads_as_it_did_takes_commands_and_proves_itself(self):
        for archive in archives():
            with self.subTest(store=archive.name):
                folder = self.unpacked(archive)
                self.serve(folder)
                self.assert_nothing_reads_otherwise(folder)
                revision = self.client.revision(OWN)
                self.client.evidence.RecordEvidence(
                    story.record(story.joint(shared_experience_held={}), on="2025-01-07"), timeout=SECONDS_MAX)
                self.server.kill()
                self.serve(folder)
                self.assertEqual(self.client.revision(OWN), revision + 1)
                self.assert_nothing_reads_otherwise(folder)
                self.server.stop()
                verified = subprocess.run([server.program("trustctl"), "verify", "--data-directory", str(folder / "store")],
                                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
                self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def test_whom_an_earlier_program_forgot_stays_forgotten_and_whom_it_kept_is_still_read(self):
        kept = 0
        for archive in archives():
            folder = self.unpacked(archive)
            if not (folder / "store-keys").is_dir():
                continue
            self.serve(folder)
            ada, bert = (self.client.partnerships.GetContact(api.GetContactRequest(partnership=OWN, contact=contact), timeout=SECONDS_MAX)
                         for contact in ("ada-person", "bert-person"))
            self.assertTrue(ada.HasField("erasure"), ada)
            self.assertFalse(ada.profile.display_name)
            self.assertEqual(bert.profile.display_name, NAME)
            notes = [event.note.text for event in self.client.events(OWN) if event.HasField("note")]
            self.assertEqual(notes, [NOTE])
            self.server.stop()
            kept += 1
        self.assertGreaterEqual(kept, 3)

    def test_a_store_of_a_newer_program_is_refused_and_loses_nothing(self):
        folder = self.unpacked(archives()[-1])
        put_format(folder, 3)
        with self.assertRaises(server.DidNotServe) as caught:
            self.serve(folder)
        self.assertIn(f"the store in {folder / 'store'} has format version 3, and this program knows up to format version 2", caught.exception.log)
        put_format(folder, 2)
        self.serve(folder)
        self.assert_nothing_reads_otherwise(folder)

    def test_a_store_that_tells_otherwise_is_noticed(self):
        folder = self.unpacked(archives()[0])
        self.serve(folder)
        path = folder / TOLD
        lines = path.read_text(encoding="utf-8").splitlines()
        event = json.loads(lines[50])
        event["eventId"] = "another"
        lines[50] = json.dumps(event)
        path.write_text("\n".join(lines), encoding="utf-8")
        with self.assertRaisesRegex(AssertionError, "another"):
            self.assert_nothing_reads_otherwise(folder)


def tell_of_persons(client):
    """Two persons with profile and note, and one of them erased, where these programs can."""
    for contact in ("ada-person", "bert-person"):
        client.partnerships.AssignContact(api.AssignContactRequest(
            partnership=OWN, recorder="acme", occur_time=story.time_of("2024-02-02"), contact=contact, organization="acme",
            profile=api.ContactProfile(display_name=NAME)), timeout=SECONDS_MAX)
        client.evidence.RecordEvidence(story.record(
            story.evidence(transparency_demonstrated={}), note=api.Note(contact=contact, text=NOTE)), timeout=SECONDS_MAX)
    client.admin.EraseContact(
        api.EraseContactRequest(contact="ada-person", request="ticket 4711", approver="officer"), timeout=SECONDS_MAX)


def signing_flags(folder):
    """A new key for checkpoints, where these programs sign any."""
    key = folder / "signing.key"
    made = subprocess.run([server.program("trustctl"), "keygen", "--name", "golden.example.com", "--out", str(key)],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS_MAX, check=False)
    return [f"--signing_key_file={key}"] if made.returncode == 0 else []


def without_place(entry):
    """What is packed, but for the engine's own journals: nothing reads them, and they name the place where they were written."""
    return None if pathlib.PurePath(entry.name).name.startswith("LOG") else entry


def write(name):
    """Writes the archive NAME with the programs that were named."""
    archive = STORES / f"{name}.tar.xz"
    if archive.exists():
        sys.exit(f"{archive} is there already: what was once written is never written anew")
    with tempfile.TemporaryDirectory() as directory:
        folder = pathlib.Path(directory)
        running = server.Server(folder / "store", *signing_flags(folder))
        case = ServerTest()
        case.server = running
        imported = case.trustctl("import", *files())
        if imported.returncode != 0:
            sys.exit(imported.stdout + imported.stderr)
        client = running.client
        client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)
        client.evidence.BatchRecordEvidence(story.all_reach_rapport(), timeout=SECONDS_MAX)
        try:
            tell_of_persons(client)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                raise
        with (folder / TOLD).open("w", encoding="utf-8") as told:
            for event in client.log():
                told.write(json.dumps(json_format.MessageToDict(event)) + "\n")
        running.stop()
        STORES.mkdir(exist_ok=True)
        with tarfile.open(archive, "w:xz", preset=9) as packed:
            for path in sorted(folder.iterdir()):
                packed.add(path, arcname=path.name, filter=without_place)
    print(f"{archive.relative_to(REPOSITORY)}: {archive.stat().st_size} bytes")


if __name__ == "__main__":
    if "--write" in sys.argv:
        at = sys.argv.index("--write")
        server.use_programs(sys.argv[1])
        write(sys.argv[at + 1])
    else:
        server.main()
