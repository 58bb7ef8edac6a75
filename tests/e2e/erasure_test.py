"""Erasure from outside: what was erased is in no file, neither the text nor the key, and everything else is as it was.

The search is for bytes, in every file of every directory that the server keeps. It first has to find what it looks for.
"""

import shutil
import threading

import server
import story
from auditor import AuditCase, proved_lines, sealed
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


class PersonalCase(ServerTest):
    """A partnership with a person of whom a profile and a note are kept."""

    def setUp(self):
        super().setUp()
        self.start()
        self.client.partnerships.CreatePartnership(api.CreatePartnershipRequest(
            partnership="moon", recorder="acme", initial_contact_time=story.time_of("2020-01-06"),
            partners=[api.Partner(organization="acme"), api.Partner(organization="globex")]), timeout=SECONDS_MAX)

    def tell(self, contact):
        """Assigns a contact and records a note about it."""
        self.client.partnerships.AssignContact(api.AssignContactRequest(
            partnership="moon", recorder="acme", occur_time=story.time_of("2023-01-01"), contact=contact, organization="acme",
            profile=api.ContactProfile(display_name=NAME, email="ada@example.com")), timeout=SECONDS_MAX)
        return self.note(contact)

    def note(self, contact):
        return self.client.evidence.RecordEvidence(api.RecordEvidenceRequest(
            partnership="moon", recorder="acme", occur_time=story.time_of("2023-01-01"),
            evidence=api.Evidence(actor="globex", affected=["acme"], transparency_demonstrated=api.TransparencyDemonstrated()),
            note=api.Note(contact=contact, text=TEXT)), timeout=SECONDS_MAX)

    def erase(self, contact, client=None):
        return (client or self.client).admin.EraseContact(api.EraseContactRequest(
            contact=contact, request="ticket 4711", approver="officer"), timeout=SECONDS_MAX)


class ErasureTest(PersonalCase):
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


class ErasedLogTest(PersonalCase, AuditCase):
    def reading(self):
        answer = self.client.trust.AssessTrust(api.AssessTrustRequest(
            partnership="moon", as_of_time=story.time_of("2024-06-01")), timeout=SECONDS_MAX)
        return [one.SerializeToString(deterministic=True) for one in answer.directions]

    def recomputed(self):
        return self.client.trust.VerifyAssessment(
            api.VerifyAssessmentRequest(partnership="moon", assessment="annual"), timeout=SECONDS_MAX)

    def test_what_was_signed_proved_and_assessed_before_an_erasure_holds_after_it(self):
        self.restart(f"--signing_key_file={self.key}")
        self.tell("ada-person")
        self.tell("bert-person")
        self.note("ada-person")
        self.client.evidence.BatchRecordEvidence(story.all_reach_rapport("moon"), timeout=SECONDS_MAX)
        issued = self.client.trust.IssueAssessment(
            api.IssueAssessmentRequest(partnership="moon", recorder="acme", assessment="annual"), timeout=SECONDS_MAX)
        kept = self.checkpoint(min_position=issued.log_position)
        size, old_size = kept.size, kept.size // 2
        notes = [self.folder / "old.checkpoint", self.folder / "kept.checkpoint"]
        notes[0].write_text(self.checkpoint(size=old_size).checkpoint, encoding="utf-8")
        notes[1].write_text(kept.checkpoint, encoding="utf-8")
        proofs = [self.inclusion(index, size) for index in range(size)]
        grown = self.consistency(old_size, size)
        reading, recomputed = self.reading(), self.recomputed()
        self.assertTrue(recomputed.verified)
        bundles = {name: self.export(f"{name}-before.audit", *scope).read_bytes()
                   for name, scope in (("whole", ()), ("part", ("--partnership", "moon")))}

        self.erase("ada-person")
        later = self.client.evidence.RecordEvidence(
            story.record(story.evidence(feedback_given={}), "moon", on="2024-07-01"), timeout=SECONDS_MAX)
        self.assertGreater(self.checkpoint(min_position=later.log_position).size, size)
        for state in ("running", "started-again"):
            with self.subTest(state):
                # The log has the same bytes under the same hashes, and says so again.
                self.assertEqual([self.inclusion(index, size) for index in range(size)], proofs)
                self.assertEqual(self.consistency(old_size, size), grown)
                self.assertEqual(self.checkpoint(size=size), kept)
                # What was kept holds by the word of another program, and the log goes on from there.
                outcome = self.verify_bundle(sealed(proved_lines(kept, proofs, "moon")))
                self.assertEqual(outcome.returncode, 0, outcome.stderr)
                found = self.verify("server", self.server.address, self.verifier_key, *notes)
                self.assertEqual((found["records"], found["size"]), (size + 2, size + 2))
                # No score is another, and what was reported gives its digest again.
                self.assertEqual(self.reading(), reading)
                self.assertEqual(self.recomputed(), recomputed)
                self.check_bundles(state, size, bundles, notes)
            self.restart(f"--signing_key_file={self.key}")
        # Readers are told in the place of the text that it was erased.
        events = list(self.client.events("moon"))
        self.assertEqual([event.erasure.contact for event in events if event.HasField("erasure")], ["ada-person"] * 3)
        self.assertEqual([event.note.contact for event in events if event.HasField("note")], ["bert-person"])
        shown = self.trustctl("history", "moon").stdout
        self.assertEqual(shown.count("what was kept about ada-person was erased on"), 3, shown)

    def check_bundles(self, state, size, before, notes):
        """What is exported now holds, and what is exported of the log as it was is what was exported then."""
        for name, scope, given in (("whole", (), notes[1]), ("part", ("--partnership", "moon"), None)):
            path = self.export(f"{name}-{state}.audit", *scope)
            told = self.check(path, *(("--checkpoint", given) if given else ()))
            self.assertIn("Nothing is wrong.", told)
            self.assertIn("1 of 1 issued assessment recomputed to the digest", told)
            self.verify("bundle", path, self.verifier_key)
            content = path.read_bytes()
            for text in (TEXT, NAME):
                self.assertNotIn(text.encode(), content)
            # The erasure itself concerns all partnerships, and stands in the bundle of the whole log.
            self.assertEqual(content.count(b'"personal_data_erased":'), 0 if scope else 1)
            old = self.export(f"{name}-{state}-old.audit", "--tree-size", size, *scope)
            self.assertEqual(old.read_bytes(), before[name])


class ErasureKillTest(PersonalCase):
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
