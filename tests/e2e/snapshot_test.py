"""Snapshots of a large history: after kill -9 the answer is the same with one, with a damaged one, and without."""

import pathlib

import server
import story
from server import SECONDS_MAX, ServerTest, await_true
from stubs import api

EVENTS = 3000
EVENTS_A_MESSAGE = 500
FLAGS = ("--snapshot_events_min=1000",)
RESTORED = "a history is taken up from its snapshot"
REFUSED = "a snapshot is not used"


def item(number):
    """Conduct of both in turn, with a breach, a miss or a conflict now and then."""
    kinds = ("shared_experience_held", "commitment_fulfilled", "credibility_assessed", "intentions_assessed",
             "open_communication_observed")
    kind = kinds[number % len(kinds)]
    if number % 97 == 0:
        kind = "commitment_missed"
    elif number % 211 == 0:
        kind = "conflict_raised"
    actor, other = (("hooli", "initech"), ("initech", "hooli"))[number % 2]
    return api.ImportItem(
        partnership="initech-hooli", external_id=f"item-{number}",
        occur_time=story.time_of(f"{2021 + number % 4}-0{1 + number % 9}-1{number % 10}"),
        evidence=api.Evidence(actor=actor, affected=[other], **{kind: {}}))


class SnapshotTest(ServerTest):
    def answer(self):
        request = api.AssessTrustRequest(partnership="initech-hooli", as_of_time=story.time_of("2025-06-01"))
        return self.client.trust.AssessTrust(request, timeout=SECONDS_MAX).SerializeToString(deterministic=True)

    def import_more(self, first, count):
        items = [item(number) for number in range(first, first + count)]
        messages = (items[begin:begin + EVENTS_A_MESSAGE] for begin in range(0, count, EVENTS_A_MESSAGE))
        results = self.client.import_items(*messages)
        self.assertEqual({result.outcome for result in results}, {api.IMPORT_OUTCOME_CREATED})

    def files(self):
        directory = pathlib.Path(self.folder / "store-snapshots")
        return sorted(directory.iterdir()) if directory.is_dir() else []

    def await_said(self, message):
        """Its log comes through a pipe, perhaps after the answer."""
        await_true(lambda: message in self.server.log, f"trustd says: {message}")

    def restart_killed(self):
        self.server.kill()
        self.start(*FLAGS)

    def await_snapshot(self):
        """Waits until there is a whole snapshot, which a reading leaves, and returns its path."""
        self.answer()
        await_true(lambda: [path.suffix for path in self.files()] == [""], "a snapshot is kept")
        return self.files()[0]

    def test_after_kill_9_the_answer_is_the_same_with_a_snapshot_with_a_damaged_one_and_without(self):
        self.start(*FLAGS)
        self.client.import_items([story.founding_item()])
        self.import_more(0, EVENTS)
        path = self.await_snapshot()
        self.assertRegex(path.name, r"^[0-9a-f]{64}$")
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.import_more(EVENTS, 50)
        answer = self.answer()

        self.restart_killed()
        self.assertEqual(self.answer(), answer)
        self.await_said(RESTORED)

        # While it is down: the server that was killed may have been writing when the file was looked at.
        random = server.new_random()
        for _ in range(3):
            self.server.kill()
            damaged = bytearray(path.read_bytes())
            damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
            written = bytes(damaged[:random.randrange(len(damaged))] if random.random() < 0.3 else damaged)
            path.write_bytes(written)
            self.start(*FLAGS)
            self.assertEqual(self.answer(), answer)
            self.assertNotIn(RESTORED, self.server.log)
            await_true(lambda: path.is_file() and path.read_bytes() != written, "the damaged one is replaced")
            self.restart_killed()
            self.assertEqual(self.answer(), answer)
            self.await_said(RESTORED)

        self.server.kill()
        path.unlink()
        self.start(*FLAGS)
        self.assertEqual(self.answer(), answer)
        self.assertNotIn(RESTORED, self.server.log)
        self.assertNotIn(REFUSED, self.server.log)
        self.await_snapshot()

        self.server.kill()
        self.start("--snapshot_events_min=0")
        self.assertEqual(self.answer(), answer)
        self.assertNotIn(RESTORED, self.server.log)

    def test_a_snapshot_of_another_log_is_not_used(self):
        self.start(*FLAGS)
        self.client.import_items([story.founding_item()])
        self.import_more(0, EVENTS)
        path = self.await_snapshot()
        self.server.kill()

        # As many events of the same partnership, and others.
        self.start("--snapshot_events_min=0", directory="other")
        self.client.import_items([story.founding_item()])
        self.import_more(1, EVENTS)
        answer = self.answer()
        self.server.kill()
        self.start(*FLAGS, f"--snapshot_directory={path.parent}", directory="other")
        self.assertEqual(self.answer(), answer)
        self.await_said(REFUSED)
        self.assertNotIn(RESTORED, self.server.log)


if __name__ == "__main__":
    server.main()
