"""Erasure from outside: what was erased is in no file, neither the text nor the key, and everything else is as it was.

The search is for bytes, in every file of every directory that the server keeps. It first has to find what it looks for.
"""

import shutil
import threading

import server
import story
from server import SECONDS_MAX, Server, ServerTest, end, new_random
from stubs import api

TEXT = "Grüße: Ada prefers to be called before noon."
NAME = "Ada Exämple-Canary"
KEY_BYTES = 32
KILLS = 12


def files_with(folder, needle):
    """The files below a folder that hold these bytes."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")
                  if path.is_file() and needle in path.read_bytes())


def key_of(keys, contact):
    """The bytes of a contact's key, found as somebody finds them who has the files: in a WAL behind the contact's id."""
    entry = b"\x01" + bytes([len(contact)]) + contact.encode() + bytes([1 + KEY_BYTES]) + b"\x01"
    for path in sorted(keys.glob("*.log")):
        content = path.read_bytes()
        at = content.find(entry)
        if at >= 0:
            return content[at + len(entry):at + len(entry) + KEY_BYTES]
    raise AssertionError(f"no WAL in {keys} holds a key of {contact}")


class PersonalTest(ServerTest):
    """A partnership with a person of whom a profile and a note are kept."""

    def setUp(self):
        super().setUp()
        self.start()
        self.client.partnerships.CreatePartnership(api.CreatePartnershipRequest(
            partnership="moon", recorder="acme", initial_contact_time=story.time_of("2020-01-06"),
            partners=[api.Partner(organization="acme"), api.Partner(organization="globex")]), timeout=SECONDS_MAX)

    def tell(self, contact):
        self.client.partnerships.AssignContact(api.AssignContactRequest(
            partnership="moon", recorder="acme", occur_time=story.time_of("2023-01-01"), contact=contact, organization="acme",
            profile=api.ContactProfile(display_name=NAME, email="ada@example.com")), timeout=SECONDS_MAX)
        return self.client.evidence.RecordEvidence(api.RecordEvidenceRequest(
            partnership="moon", recorder="acme", occur_time=story.time_of("2023-01-01"),
            evidence=api.Evidence(actor="globex", affected=["acme"], transparency_demonstrated=api.TransparencyDemonstrated()),
            note=api.Note(contact=contact, text=TEXT)), timeout=SECONDS_MAX)

    def erase(self, contact, client=None):
        return (client or self.client).admin.EraseContact(api.EraseContactRequest(
            contact=contact, request="ticket 4711", approver="officer"), timeout=SECONDS_MAX)


class ErasureTest(PersonalTest):
    def test_neither_text_nor_key_is_in_any_file_once_a_contact_is_erased(self):
        answer = self.tell("ada-person")
        self.tell("bert-person")
        self.assertEqual(answer.events[0].note.text, TEXT)
        reading = self.client.trust.AssessTrust(api.AssessTrustRequest(partnership="moon"), timeout=SECONDS_MAX)
        key, kept = (key_of(self.folder / "store-keys", contact) for contact in ("ada-person", "bert-person"))
        before = self.folder / "before"
        before.mkdir()
        for directory in ("store", "store-keys"):
            shutil.copytree(self.folder / directory, before / directory)
        # The search finds what it looks for: the key where it belongs, and the text nowhere, even now.
        self.assertTrue(files_with(before / "store-keys", key))
        self.assertEqual(files_with(before / "store", key), [])
        for text in (TEXT, NAME):
            self.assertEqual(files_with(before, text.encode()), [])
        (before / "planted").write_text(TEXT, encoding="utf-8")
        self.assertEqual(files_with(before, TEXT.encode()), ["planted"])
        # And the person's id, which stays, is found beside the ciphertext.
        self.assertTrue(files_with(before / "store", b"ada-person"))
        shutil.rmtree(before)

        self.assertEqual(self.erase("ada-person").erasure.request, "ticket 4711")
        for state in ("running", "stopped", "started again"):
            with self.subTest(state):
                backup = self.folder / "backup"
                shutil.rmtree(backup, ignore_errors=True)
                backup.mkdir()
                # The watermark first: a copy of the log must not be older than its own.
                for directory in ("store-watermark", "store", "store-keys"):
                    shutil.copytree(self.folder / directory, backup / directory)
                self.assertEqual(files_with(self.folder, key), [])
                self.assertTrue(files_with(self.folder / "store-keys", kept))
                for text in (TEXT, NAME):
                    self.assertEqual(files_with(self.folder, text.encode()), [])
            if state == "running":
                self.server.stop()
            elif state == "stopped":
                self.start()
        # The backup serves, without the person.
        copy = Server(self.folder / "backup" / "store")
        self.addCleanup(end, copy)
        for client in (self.client, copy.client):
            events = list(client.events("moon"))
            self.assertEqual([event.erasure.request for event in events if event.HasField("erasure")], ["ticket 4711"] * 2)
            self.assertEqual([event.note.text for event in events if event.HasField("note")], [TEXT])
            self.assertTrue(reading.directions)
            again = client.trust.AssessTrust(api.AssessTrustRequest(partnership="moon"), timeout=SECONDS_MAX)
            self.assertEqual([one.SerializeToString(deterministic=True) for one in again.directions],
                             [one.SerializeToString(deterministic=True) for one in reading.directions])
        copy.stop()

    def test_a_restored_key_store_does_not_bring_the_person_back(self):
        self.tell("ada-person")
        key = key_of(self.folder / "store-keys", "ada-person")
        self.server.stop()
        shutil.copytree(self.folder / "store-keys", self.folder / "old-keys")
        self.start()
        self.erase("ada-person")
        self.server.stop()
        shutil.rmtree(self.folder / "store-keys")
        shutil.copytree(self.folder / "old-keys", self.folder / "store-keys")
        shutil.rmtree(self.folder / "old-keys")
        self.assertTrue(files_with(self.folder, key))
        self.start()
        self.assertEqual(files_with(self.folder, key), [])
        self.assertEqual([event.note.text for event in self.client.events("moon") if event.HasField("note")], [])

    def test_no_personal_text_comes_into_the_server_s_log_or_into_a_message(self):
        self.tell("ada-person")
        long = api.RecordMilestoneRequest(partnership="moon", recorder="acme", occur_time=story.time_of("2023-01-01"),
                                          milestone=api.Milestone(agreement_signed=api.AgreementSigned()),
                                          note=api.Note(contact="ada-person", text=TEXT + "\x01"))
        refusal = self.assert_refused("INVALID_ARGUMENT", "INVALID_FIELD", self.client.partnerships.RecordMilestone, long)
        self.assertNotIn("noon", str(refusal))
        self.erase("ada-person")
        long.note.text = TEXT
        refusal = self.assert_refused("FAILED_PRECONDITION", "CONTACT_ERASED", self.client.partnerships.RecordMilestone, long)
        self.assertNotIn("noon", str(refusal))
        self.server.stop()
        self.assertNotIn("noon", self.server.log)
        self.assertNotIn("Canary", self.server.log)

    def test_a_wrapped_key_is_nowhere_in_clear_and_its_wrapper_is_needed(self):
        self.tell("ada-person")
        key = key_of(self.folder / "store-keys", "ada-person")
        self.server.stop()
        wrapper = self.folder / "wrapper"
        wrapper.write_text("5a" * KEY_BYTES, encoding="utf-8")
        wrapper.chmod(0o644)
        flag = f"--key_encryption_key_file={wrapper}"
        with self.assertRaises(server.DidNotServe) as caught:
            self.start(flag)
        self.assertIn("chmod 600", caught.exception.log)
        wrapper.chmod(0o600)
        self.start(flag)
        self.assertEqual(files_with(self.folder, key), [])
        self.assertEqual([event.note.text for event in self.client.events("moon") if event.HasField("note")], [TEXT])
        self.server.stop()
        with self.assertRaises(server.DidNotServe) as caught:
            self.start()
        self.assertIn("key_encryption_key_file", caught.exception.log)

    def test_memory_is_kept_out_of_core_files(self):
        with open(f"/proc/{self.server.pid}/limits", encoding="ascii") as limits:
            core = next(line for line in limits if line.startswith("Max core file size"))
        self.assertEqual(core.split()[4:6], ["0", "0"])


class ErasureKillTest(PersonalTest):
    def test_a_crash_at_any_moment_of_an_erasure_leaves_all_of_it_or_nothing(self):
        random = new_random()
        for kill in range(KILLS):
            contact = f"person-{kill}"
            self.tell(contact)
            key = key_of(self.folder / "store-keys", contact)
            answered = []

            def erase(client=self.client, contact=contact, answered=answered):
                try:
                    answered.append(self.erase(contact, client))
                except Exception:  # pylint: disable=broad-except
                    pass  # The server died under it.

            call = threading.Thread(target=erase)
            call.start()
            threading.Event().wait(random.uniform(0, 0.06))
            was_answered = bool(answered)
            self.server.kill()
            call.join()
            if was_answered:  # Answered means gone, without another start.
                self.assertEqual(files_with(self.folder, key), [], f"kill {kill}")
            self.start()
            notes = [event for event in self.client.events("moon") if event.HasField("note") and event.note.contact == contact]
            erased = [event for event in self.client.events("moon") if event.erasure.contact == contact]
            self.assertEqual(len(notes) + len(erased), 1 if notes else 2, f"kill {kill}")
            if erased:
                self.assertEqual(files_with(self.folder, key), [], f"kill {kill}")
            else:
                self.assertFalse(was_answered)
                self.assertTrue(files_with(self.folder, key), f"kill {kill}")


if __name__ == "__main__":
    server.main()
