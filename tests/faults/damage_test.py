"""A flipped bit anywhere in what a stopped server left: it is refused, or an error says so, or it changes nothing that is read.

The same comparison must find what is planted, and a loss that the server was told to accept.
"""

import collections
import os
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import grpc

import server  # pylint: disable=wrong-import-position
import story
import wal_file
from server import ALLIANCES, SECONDS_MAX, DidNotServe, Refusal, Server, ServerTest, end, new_random
from stubs import api

FLIPS = 1000
# What is flipped, how often of 100 times, and which files it is. The rest, RocksDB's own diary and its lock, hold nothing.
KINDS = (("WAL", 34, "store/*.log"), ("SST", 34, "store/*.sst"), ("MANIFEST", 14, "store/MANIFEST-*"), ("CURRENT", 4, "store/CURRENT"),
         ("IDENTITY", 1, "store/IDENTITY"), ("OPTIONS", 1, "store/OPTIONS-*"), ("keys", 8, "store-keys/[0-9MC]*"),
         ("watermark", 4, "store-watermark/watermark"))
ENDS_WELL = ("refused", "error", "unchanged", "marked")
PARTNERSHIPS = "the list of partnerships"


def reading_of(client):
    """Everything that can be read, to the byte: for each way of reading, what came, in its order."""
    log = list(client.events("", include_system=True))
    partnerships = list(client.all_partnerships())
    reading = {"the log": log, PARTNERSHIPS: partnerships}
    for partnership in partnerships:
        reading[f"the history of {partnership.partnership}"] = list(client.events(partnership.partnership))
    return {what: [one.SerializeToString(deterministic=True) for one in found] for what, found in reading.items()}


def differences(before, after):
    """What is not read as it was, in sentences."""
    found = [f"{what} is {'read no more' if what in before else 'read, and was not before'}" for what in before.keys() ^ after.keys()]
    for what in before.keys() & after.keys():
        if before[what] != after[what]:
            place = next((place for place, pair in enumerate(zip(before[what], after[what])) if pair[0] != pair[1]),
                         min(len(before[what]), len(after[what])))
            found.append(f"{what} has {len(after[what])} entries in place of {len(before[what])}, and differs from {place + 1} on")
    return found


def marks_taken_out(before, after):
    """What was read, with each event as it was that is now without its personal data alone and says so; and how many those are."""
    restored, count = {}, 0
    for what, found in after.items():
        restored[what] = list(found)
        for place, (old, new) in enumerate(zip(before.get(what, ()), found)):
            if old != new and what != PARTNERSHIPS and new == unreadable(old):
                restored[what][place] = old
                count += 1
    return restored, count


def unreadable(event):
    """An event as it is read when its personal data cannot be: the rest of it stands."""
    event = api.Event.FromString(event)
    event.ClearField("note")
    event.ClearField("profile")
    event.unreadable = True
    return event.SerializeToString(deterministic=True)


class StoppedServerCase(ServerTest):
    """What a server left that was killed, whole and in copies. It has tables, a WAL of many records, and keys of persons."""

    def setUp(self):
        super().setUp()
        self.random = new_random()
        (self.folder / "whole").mkdir()
        self.start(directory="whole/store")
        outcome = self.trustctl("import", *sorted(ALLIANCES.glob("*.jsonl"))[:4])
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)
        for round_ in range(3):
            # What is in the WAL when it starts is written out as tables.
            self.server.stop()
            self.start(directory="whole/store")
            for place in range(20):
                self.client.evidence.RecordEvidence(self.told_of(f"person-{round_}-{place}"), timeout=SECONDS_MAX)
        self.before = reading_of(self.client)
        self.server.kill()
        outcome = self.verify(self.folder / "whole")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.sound = outcome.stdout.splitlines()[0].partition(": ")[2]  # How many records, and their root.

    def told_of(self, contact):
        """Evidence with a note about a person, which is kept under a key."""
        self.client.partnerships.AssignContact(api.AssignContactRequest(
            partnership="acme-globex", recorder="acme", occur_time=story.time_of("2024-01-10"), contact=contact, organization="acme",
            profile=api.ContactProfile(display_name=f"The name of {contact}")), timeout=SECONDS_MAX)
        return story.record(story.joint(shared_experience_held={}), note=api.Note(contact=contact, text=f"A note on {contact}"))

    def copy(self, name, of="whole"):
        """A copy without RocksDB's diary, which is as long as the rest."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.folder / of, self.folder / name, ignore=shutil.ignore_patterns("LOG*"))
        return self.folder / name

    def verify(self, place):
        return subprocess.run([server.program("trustctl"), "verify", "--data-directory", str(self.copy("verified", place) / "store")],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)

    def outcome(self, place, *flags):
        """How a start on these directories ends, in a word and in sentences."""
        try:
            served = Server(place / "store", *flags)
        except DidNotServe as refused:
            return ("refused" if refused.code == 1 else f"ended with {refused.code} as it opened"), refused.log
        try:
            found, marks = marks_taken_out(self.before, reading_of(served.client))
            wrong = differences(self.before, found)
        except grpc.RpcError as error:
            refusal = Refusal.of_error(error)
            return "error" if refusal.reason else "broke off", f"{refusal}\n{served.log}"
        finally:
            end(served)
        return "changed" if wrong else "marked" if marks else "unchanged", "\n".join(wrong)


class BitFlipTest(StoppedServerCase):
    def flip(self, place, pattern):
        """Flips a bit of a file there; returns which."""
        path = self.random.choice([path for path in sorted(place.glob(pattern)) if path.stat().st_size > 0])
        content = bytearray(path.read_bytes())
        bit = self.random.randrange(8 * len(content))
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        return f"bit {bit % 8} of byte {bit // 8} of {len(content)} of {path.relative_to(place)}"

    def test_a_flipped_bit_is_refused_or_answered_with_an_error_or_changes_nothing(self):
        began, flips = time.monotonic(), int(os.environ.get("TRUSTD_TEST_FLIPS") or FLIPS)
        counts, wrong = collections.Counter(), []
        kinds = self.random.choices(KINDS, [share for _, share, _ in KINDS], k=flips)
        for kind, _, pattern in kinds:
            damaged = self.copy("damaged")
            flipped = self.flip(damaged, pattern)
            verified = self.verify(damaged)
            if verified.returncode == 0 and self.sound not in verified.stdout:
                wrong.append(f"{flipped}: trustctl verify finds nothing wrong with {verified.stdout}")
            word, detail = self.outcome(damaged)
            if word not in ENDS_WELL:
                wrong.append(f"{flipped}: {word}: {detail}")
            # It looks at neither keys nor watermark.
            must_be_found = kind == "SST" or word == "error" or (word == "refused" and kind not in ("keys", "watermark"))
            if verified.returncode == 0 and must_be_found:
                wrong.append(f"{flipped}: trustctl verify finds nothing wrong, and the server: {word}: {detail}")
            counts[kind, word, "nothing" if verified.returncode == 0 else "damage"] += 1
        print("What a flipped bit led to; an event without its personal data that says so is \"marked\".")
        for (kind, word, found), count in sorted(counts.items()):
            print(f"{kind}: {count} times {word}, and trustctl verify finds {found}")
        print(f"{flips} flips in {time.monotonic() - began:.0f} s", flush=True)
        self.assertEqual(wrong[:10], [], f"{len(wrong)} of {flips}")
        # What it must have met, or it proves nothing.
        noticed = collections.Counter()
        for (kind, word, _), count in counts.items():
            noticed[kind] += count * (word != "unchanged")
        for kind in ("WAL", "SST", "MANIFEST"):
            self.assertGreater(noticed[kind], flips // 50, kind)

    def test_what_the_server_was_told_to_accept_is_found_to_be_lost(self):
        damaged = self.copy("damaged")
        self.assertEqual(self.outcome(self.copy("untouched")), ("unchanged", ""))
        wal = max(damaged.glob("store/*.log"), key=lambda path: path.stat().st_size)
        ends = wal_file.record_ends(wal.read_bytes())
        os.truncate(wal, ends[len(ends) // 2])
        word, detail = self.outcome(damaged, "--accept_log_rollback=a control")
        self.assertEqual(word, "changed", detail)
        self.assertIn("the log has", detail)
        self.assertIn("the history of acme-globex has", detail)


class DifferencesTest(unittest.TestCase):
    """Mistakes that the comparison must find."""

    def test_what_is_missing_different_or_out_of_order_is_found(self):
        before = {"the log": [b"1", b"2", b"3"], "the history of p": [b"1"]}
        self.assertEqual(differences(before, {what: list(found) for what, found in before.items()}), [])
        for planted, place in (([b"1", b"3"], 2), ([b"2", b"3"], 1), ([b"1", b"2"], 3), ([b"1", b"x", b"3"], 2), ([b"1", b"3", b"2"], 2),
                               ([b"1", b"2", b"3", b"3"], 4), ([], 1)):
            self.assertEqual(differences(before, {**before, "the log": planted}),
                             [f"the log has {len(planted)} entries in place of 3, and differs from {place} on"])
        self.assertEqual(differences(before, {"the log": before["the log"]}), ["the history of p is read no more"])
        self.assertEqual(differences({}, {"the log": []}), ["the log is read, and was not before"])


if __name__ == "__main__":
    server.main()
