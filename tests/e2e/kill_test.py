"""kill -9 under load, through gRPC, and the comparison that judges it."""

import dataclasses
import unittest

import server
from crash_campaign import CrashCampaign, crashes_of_a_run
from history_check import Command, Entry, complaints, told_otherwise
from server import Process

KILLS = 200


class KillTest(CrashCampaign):
    def end_suddenly(self, process):
        Process.kill(process)

    def test_after_kills_under_load_every_acknowledged_command_took_effect_exactly_once(self):
        self.run_campaign(crashes_of_a_run(KILLS))


class HistoryCheckTest(unittest.TestCase):
    """Mistakes that the comparison must find, each planted in a history that is right without it."""

    def setUp(self):
        self.commands = {command.key: command for command in (
            Command("found", "p", 2, sent=1, acknowledged=2, revision=2, position="pos-2"),
            Command("one", "p", 1, sent=3, acknowledged=4, revision=3, position="pos-3"),
            Command("batch", "p", 2, sent=5, acknowledged=6, revision=5, position="pos-5"),
            Command("stored-unknown", "p", 1, sent=5),
            Command("never-stored", "p", 1, sent=5),
            Command("refused", "p", 1, sent=5, forbidden=True))}
        self.log = [Entry("p", revision, f"pos-{revision}", key) for revision, key in
                    enumerate(("found", "found", "one", "batch", "batch", "stored-unknown"), 1)]

    def complaints(self, log=None, **seen):
        return complaints(self.commands, self.log if log is None else log, seen)

    def assert_complains(self, about, *log, **seen):
        found = self.complaints(*log, **seen)
        self.assertTrue(any(about in complaint for complaint in found), found)

    def renumbered(self, keys):
        return [Entry("p", revision, f"pos-{revision}", key) for revision, key in enumerate(keys, 1)]

    def test_a_right_history_has_no_complaints(self):
        self.assertEqual(self.complaints(p=6), [])

    def test_an_acknowledged_event_that_was_removed_is_missed(self):
        self.assert_complains("one: acknowledged, and lost", self.log[:2] + self.log[3:])
        self.assert_complains("one: acknowledged, and lost",
                              self.renumbered(("found", "found", "batch", "batch", "stored-unknown")))

    def test_the_end_of_a_log_that_was_cut_is_missed(self):
        self.assert_complains("batch: acknowledged, and lost", self.log[:3])

    def test_an_event_twice_in_the_log_is_found(self):
        self.assert_complains("one: 2 events in place of 1", self.log + [Entry("p", 7, "pos-7", "one")])
        self.assert_complains("stored-unknown: 2 events in place of 1", self.log + [Entry("p", 7, "pos-7", "stored-unknown")])

    def test_half_a_batch_is_found(self):
        self.assert_complains("batch: 1 events in place of 2",
                              self.renumbered(("found", "found", "one", "batch", "stored-unknown")))

    def test_a_batch_that_was_torn_apart_is_found(self):
        self.assert_complains("do not stand together",
                              self.renumbered(("found", "found", "one", "batch", "stored-unknown", "batch")))

    def test_a_gap_in_the_revisions_is_found(self):
        self.assert_complains("revision 7 stands where 6 should", self.log[:5] + [Entry("p", 7, "pos-7", "stored-unknown")])

    def test_another_revision_than_was_acknowledged_is_found(self):
        self.assert_complains("one: acknowledged as revision 3, and is 5",
                              self.renumbered(("found", "found", "batch", "batch", "one", "stored-unknown")))

    def test_another_position_than_was_acknowledged_is_found(self):
        log = list(self.log)
        log[2] = dataclasses.replace(log[2], position="elsewhere")
        self.assert_complains("one: acknowledged at pos-3, and is at elsewhere", log)

    def test_two_events_at_one_position_are_found(self):
        log = list(self.log)
        log[5] = dataclasses.replace(log[5], position="pos-3")
        self.assert_complains("two events at the position pos-3", log)

    def test_an_effect_of_what_was_refused_is_found(self):
        self.assert_complains("refused: must be refused", self.log + [Entry("p", 7, "pos-7", "refused")])

    def test_an_event_that_nobody_sent_is_found(self):
        self.assert_complains("nobody sent it", self.log + [Entry("p", 7, "pos-7", "made-up")])

    def test_what_a_reader_saw_must_stay(self):
        self.assert_complains("a reader saw revision 7, and now there are 6", p=7)

    def test_what_a_follower_was_told_must_stay_as_it_was_told(self):
        one, other = self.log[2:4]
        self.assertEqual(told_otherwise(self.log[:4], self.log), [])
        for log in (self.log[:2] + self.log[3:], self.log[:3], [*self.log[:2], other, one],
                    [*self.log[:2], dataclasses.replace(one, content="other"), other]):
            self.assertEqual(len(told_otherwise(self.log[:4], log)), 1, log)

    def test_an_order_against_real_time_is_found(self):
        self.commands["early"] = Command("early", "q", 1, sent=1, acknowledged=2, revision=1, position="pos-q1")
        late = Command("late", "r", 1, sent=9, acknowledged=10, revision=1, position="pos-r1")
        self.commands["late"] = late
        early_entry, late_entry = Entry("q", 1, "pos-q1", "early"), Entry("r", 1, "pos-r1", "late")
        self.assertEqual(self.complaints([early_entry, *self.log, late_entry]), [])
        self.assert_complains("late: sent after", [late_entry, *self.log, early_entry])


if __name__ == "__main__":
    server.main()
