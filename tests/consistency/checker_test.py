"""The judgement of histories: what is right passes, every kind of mistake is found, and the fast judgement agrees with one that
tries every order."""

import collections
import copy
import dataclasses
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import server  # pylint: disable=wrong-import-position
from checker import complaints
from exhaustive import has_order
from history import History, LogEntry, Operation, Told, load, save
from planted import MISTAKES
from random_history import changed, right_history, with_places
from server import new_random

AGREEMENTS = 2_000  # Histories over which both judge, each right, changed, and changed again.
LONG_HISTORIES = 8


def long_history(random):
    """A right history of some hundred operations in which everything occurs that can be got wrong."""
    history = with_places(right_history(random, 400, ("p", "q", "r"), overlap=0.01))
    digests = {(entry.partnership, entry.revision): entry.digest for entry in history.log}
    for operation in history.operations:
        if operation.outcome == "ok" and operation.kind == "read":
            operation.events = [[operation.revision, digests[operation.partnership, operation.revision]]]
            operation.reading = ["2024-02-01", "policy", f"reading of {operation.partnership} at {operation.revision}"]
    for process, partnerships in (("w0", []), ("w1", ["p", "r"])):
        events = [[entry.partnership, entry.revision, entry.log_position, entry.digest] for entry in history.log
                  if not partnerships or entry.partnership in partnerships]
        for place in range(0, len(events), 7):
            part = events[place:place + 7]
            history.told.append(Told(process, -(10**9), 9 * 10**9, part, part[-1][2], partnerships=partnerships))
    return history


class AgreementTest(unittest.TestCase):
    def test_the_fast_judgement_is_that_of_trying_every_order(self):
        random = new_random()
        met = collections.Counter()
        for _ in range(AGREEMENTS):
            history = right_history(random, random.randint(1, 7), random.choice((("p",), ("p", "q"))))
            for change in range(3):
                history = with_places(changed(random, history) if change else history)
                found = complaints(history)
                self.assertEqual(not found, has_order(history), "\n".join(
                    map(str, [*found, *sorted(history.operations, key=lambda operation: operation.invoke_ns), *history.log])))
                self.assertFalse(change == 0 and found, found)
                met["changed" if change else "new", "right" if not found else "wrong"] += 1
        print(f"{sum(met.values())} judgements, 0 disagreements: {dict(met)}", flush=True)
        self.assertGreater(met["changed", "right"], AGREEMENTS // 2)
        self.assertGreater(met["changed", "wrong"], AGREEMENTS // 2)


class PlantedMistakesTest(unittest.TestCase):
    def test_every_planted_mistake_is_found_in_every_history_that_has_a_place_for_it(self):
        random = new_random()
        planted = collections.Counter()
        for _ in range(LONG_HISTORIES):
            history = long_history(random)
            self.assertEqual(complaints(history), [])
            before = copy.deepcopy(history)
            for mistake in MISTAKES:
                wrong = mistake(history, random)
                if wrong is not None:
                    planted[mistake.__name__] += 1
                    self.assertTrue(complaints(wrong), mistake.__name__)
            self.assertEqual(history, before, "a mistake was planted in the history itself")
        print(f"{sum(planted.values())} mistakes of {len(planted)} kinds, all found", flush=True)
        for mistake in MISTAKES:
            self.assertGreater(planted[mistake.__name__], 0, mistake.__name__)


class CheckerTest(unittest.TestCase):
    """Each rule by itself, in a history of one partnership: created with two events, then "one", a batch of two, and "late"."""

    def setUp(self):
        self.time = 0
        self.history = History()
        self.created = self.give("create", "found", 2, revision=2)
        self.one = self.give("append", "one", 1, expected_revision=2, revision=3)
        self.batch = self.give("append", "batch", 2, revision=5)
        self.read = self.call("read", "", outcome="ok", revision=5)
        self.late = self.give("append", "late", 1, revision=6)

    def call(self, kind, request_id, **fields):
        """An operation that takes one second, after all others."""
        self.time += 2
        operation = Operation("c", kind, "Call", "p", self.time, self.time + 1, request_id=request_id,
                              payload=f"content of {request_id}", **fields)
        self.history.operations.append(operation)
        return operation

    def store(self, request_id, size):
        for number in range(size):
            place = len(self.history.log)
            self.history.log.append(LogEntry(place, f"at-{place}", "p", place + 1, request_id if number == 0 else "",
                                             f"content of {request_id}", f"digest-{place}"))

    def give(self, kind, request_id, size, **fields):
        self.store(request_id, size)
        place = len(self.history.log) - 1
        return self.call(kind, request_id, size=size, outcome="ok", log_index=place, log_position=f"at-{place}", **fields)

    def repeat(self, operation, **fields):
        again = dataclasses.replace(operation, invoke_ns=self.time + 2, return_ns=self.time + 3, **fields)
        self.time += 2
        self.history.operations.append(again)
        return again

    def refuse(self, operation, reason, revision=None):
        operation.outcome, operation.reason, operation.revision = "refused", reason, revision
        operation.log_index, operation.log_position = None, ""

    def open(self, operation):
        operation.outcome, operation.return_ns, operation.revision = "unknown", None, None
        operation.log_index, operation.log_position = None, ""

    def assert_right(self):
        self.assertEqual(complaints(self.history), [])
        self.assertTrue(has_order(self.history))

    def assert_complains(self, about, both=True):
        """both: trying every order finds it, too; it knows neither positions nor digests."""
        found = complaints(self.history)
        self.assertTrue(any(about in complaint for complaint in found), found)
        if both:
            self.assertFalse(has_order(self.history))

    def test_a_right_history_passes(self):
        self.assert_right()

    def test_an_acknowledged_command_that_is_not_there_is_missed(self):
        del self.history.log[-1]
        self.assert_complains("late was answered revision 6: acknowledged, and lost")

    def test_a_command_of_unknown_outcome_may_be_there_or_not(self):
        self.open(self.late)
        self.assert_right()
        del self.history.log[-1]
        self.assert_right()

    def test_a_command_of_unknown_outcome_may_take_effect_after_everything_else(self):
        self.open(self.one)
        self.history.log = []
        for request_id, size in (("found", 2), ("batch", 2), ("late", 1), ("one", 1)):
            self.store(request_id, size)
        self.one.expected_revision = 5
        for operation, revision in ((self.batch, 4), (self.read, 4), (self.late, 5)):
            operation.revision = revision
        with_places(self.history)
        self.assert_right()

    def test_a_command_of_unknown_outcome_takes_no_effect_before_it_was_given(self):
        self.open(self.late)
        self.read.revision = 6
        self.assert_complains("too late in the log, behind late was sent; and before that: c Call was answered revision 6")

    def test_what_was_refused_must_not_be_there(self):
        for reason in ("DEADLINE_PASSED", "OVERLOADED"):
            self.refuse(self.late, reason)
            self.assert_complains("late (revision 6): in the log, and no call can have made it")
        del self.history.log[-1]
        self.assert_right()

    def test_an_unknown_refusal_is_no_refusal(self):
        self.refuse(self.late, "INTERNAL")
        self.assert_complains("was refused with INTERNAL", both=False)

    def test_a_repetition_gets_the_first_answer(self):
        again = self.repeat(self.one, expected_revision=5)
        self.assert_right()
        again.revision = 6
        self.assert_complains("one: answered as")

    def test_a_repetition_of_an_unknown_outcome_settles_it(self):
        self.open(self.late)
        self.repeat(self.late, outcome="ok", revision=6, log_index=5, log_position="at-5")
        self.assert_right()
        del self.history.log[-1]
        self.assert_complains("acknowledged, and lost")

    def test_a_request_id_takes_effect_once(self):
        self.store("one", 1)
        self.assert_complains("one: in effect twice")

    def test_other_content_under_a_used_request_id_is_refused(self):
        self.refuse(self.repeat(self.one, payload="other"), "REQUEST_ID_REUSED")
        self.assert_right()

    def test_the_same_content_is_not_refused_as_other(self):
        self.refuse(self.repeat(self.one), "REQUEST_ID_REUSED")
        self.assert_complains("its request id made nothing else")

    def test_other_content_is_not_refused_before_the_first_was_given(self):
        early = self.repeat(self.late, payload="other")
        early.invoke_ns = early.return_ns = 1
        self.refuse(early, "REQUEST_ID_REUSED")
        self.assert_complains("too late in the log")

    def test_other_content_must_not_be_accepted(self):
        self.repeat(self.one, payload="other")
        self.assert_complains("its request id made something else")

    def test_another_expected_revision_must_not_be_accepted(self):
        for revision in (1, 3):
            self.one.expected_revision = revision
            self.assert_complains("one (revision 3): in the log, and no call can have made it")

    def test_a_conflict_needs_another_revision_and_names_the_present_one(self):
        conflict = self.call("append", "stale", size=1, expected_revision=5)
        self.refuse(conflict, "REVISION_CONFLICT", 6)
        self.assert_right()
        conflict.expected_revision = 6
        self.assert_complains("that is no reason for it")
        conflict.expected_revision, conflict.revision = 5, 3
        self.assert_complains("too late in the log")

    def test_a_conflict_is_no_answer_to_a_repetition(self):
        self.refuse(self.repeat(self.one, expected_revision=5), "REVISION_CONFLICT", 6)
        self.assert_complains("its request id had made revision 3")

    def test_a_partnership_is_created_once(self):
        again = self.call("create", "again", size=2)
        self.refuse(again, "PARTNERSHIP_EXISTS")
        self.assert_right()
        again.invoke_ns = again.return_ns = 1
        self.assert_complains("too late in the log")

    def test_nothing_is_recorded_of_what_was_not_created(self):
        early = self.call("append", "early", size=1)
        self.refuse(early, "PARTNERSHIP_NOT_FOUND")
        self.assert_complains("too late in the log")
        early.invoke_ns, early.return_ns = 0, 1
        self.assert_right()

    def test_a_reader_sees_what_was_acknowledged(self):
        self.read.revision = 3
        self.assert_complains("too late in the log")

    def test_a_reader_sees_nothing_before_it_was_given(self):
        self.read.revision = 6
        self.assert_complains("too late in the log")

    def test_a_reader_sees_commands_whole(self):
        self.read.revision = 4
        self.assert_complains("no history of that length ever was to be seen")

    def test_what_a_reader_saw_is_there_when_all_is_over(self):
        self.open(self.late)
        self.call("read", "", outcome="ok", revision=6)
        self.assert_right()
        del self.history.log[-1]
        self.assert_complains("a reader saw revision 6, and now there are 5")

    def test_a_reader_that_overlaps_may_see_either_state(self):
        self.read.return_ns = self.late.return_ns
        for revision in (5, 6):
            self.read.revision = revision
            self.assert_right()

    def test_a_validation_names_the_revision_that_it_met_and_leaves_its_request_id_unused(self):
        only = self.call("append", "only", size=1, outcome="ok", validate_only=True, expected_revision=6, revision=6)
        self.assert_right()
        only.revision = 5
        self.assert_complains("should have been refused or repeated")
        only.expected_revision = None
        self.assert_complains("too late in the log")

    def test_a_batch_is_there_whole_and_together(self):
        whole = list(self.history.log)
        self.history.log = [*whole[:4], dataclasses.replace(whole[5], log_index=4, revision=5)]
        self.assert_complains("batch: 1 events in place of 2")
        self.history.log = [*whole[:4], dataclasses.replace(whole[5], log_index=4, revision=5),
                            dataclasses.replace(whole[4], log_index=5, revision=6)]
        self.assert_complains("belongs to no command in front of it")

    def test_positions_and_revisions_have_no_gap_and_no_double(self):
        whole = list(self.history.log)
        for change, about in (({"log_index": 9}, "index 9 stands where 5 should"),
                              ({"revision": 7}, "revision 7 stands where 6 should"),
                              ({"log_position": "at-4"}, "two events at the position at-4")):
            self.history.log = [*whole[:5], dataclasses.replace(whole[5], **change)]
            self.assert_complains(about, both=False)

    def test_an_answer_names_the_place_in_the_log(self):
        self.late.log_index = 4
        self.assert_complains("late: answered as", both=False)

    def test_what_is_shown_of_an_event_stands_in_the_log(self):
        self.read.events = [[5, "digest-4"]]
        self.assert_right()
        self.read.events = [[5, "digest-3"]]
        self.assert_complains("was shown another revision 5", both=False)

    def test_a_reading_of_a_revision_is_always_the_same(self):
        self.read.reading = ["today", "policy", "so"]
        again = self.call("reread", "", outcome="ok", revision=5, reading=["today", "policy", "so"])
        self.assertEqual(complaints(self.history), [])
        again.reading = ["today", "policy", "otherwise"]
        self.assert_complains("two readings of revision 5 differ", both=False)
        again.reading = ["tomorrow", "policy", "otherwise"]
        self.assertEqual(complaints(self.history), [])

    def test_the_order_of_two_partnerships_is_that_of_real_time(self):
        other = self.give("create", "other", 2, revision=2)
        other.partnership = "q"
        self.history.log[-2:] = [dataclasses.replace(entry, partnership="q", revision=number)
                                 for number, entry in enumerate(self.history.log[-2:], 1)]
        self.assert_right()
        late, *others = self.history.log[-3:]
        self.history.log[-3:] = [dataclasses.replace(entry, log_index=place, log_position=f"at-{place}")
                                 for place, entry in enumerate((*others, late), 5)]
        with_places(self.history)
        self.assert_complains("the whole log: late (revision 6): too late in the log")
        other.invoke_ns = self.late.invoke_ns
        self.assert_right()

    def tell(self, *places, **fields):
        events = [[entry.partnership, entry.revision, entry.log_position, entry.digest]
                  for entry in (self.history.log[place] for place in places)]
        self.history.told.append(Told(**{"process": "w", "begun_ns": 0, "time_ns": self.time + 2, "events": events,
                                         "resume_position": f"at-{places[-1]}" if places else "", **fields}))

    def test_a_watcher_is_told_everything_once_in_order(self):
        self.tell(0, 1)
        self.tell(2)
        self.tell(3, 4)
        self.assert_right()
        told = list(self.history.told)
        for wrong in (told[1:], [told[0], told[2]], [*told, told[2]], [told[1], told[0]]):
            self.history.told = wrong
            self.assert_complains("w: was told of", both=False)

    def test_a_watcher_is_told_of_its_partnerships_alone(self):
        self.tell(0, 1, partnerships=["p"])
        self.assert_right()
        self.history.told[0].partnerships = ["q"]
        self.assert_complains("where nothing stands", both=False)

    def test_a_watcher_is_told_of_nothing_before_it_was_given(self):
        self.tell(0, 1, 2, 3, 4, time_ns=self.batch.invoke_ns - 1)
        self.assert_complains("w was shown it", both=False)

    def test_a_watcher_that_has_caught_up_was_told_of_all_that_was_acknowledged(self):
        self.tell(0, 1, 2, 3, 4)
        self.tell(caught_up=True, resume_position="at-4")
        self.assert_right()
        self.history.told[-1].begun_ns = self.time + 1
        self.late.return_ns = self.time
        self.assert_complains("had been answered before w was told that there was no more", both=False)

    def test_a_history_is_read_back_as_it_was_written(self):
        self.tell(0, 1, caught_up=True)
        self.history.seed, self.history.log_read_ns = 7, self.time + 1
        self.late.events = [[6, "digest-5"]]
        self.created.log_index = 0
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "history.jsonl"
            save(self.history, path)
            self.assertEqual(load(path), self.history)
            whole = path.read_text(encoding="utf-8")
            for text in ("", whole.replace('"format": 1', '"format": 2'), whole + '{"type": "something else"}\n'):
                path.write_text(text, encoding="utf-8")
                with self.assertRaises((ValueError, KeyError)):
                    load(path)


if __name__ == "__main__":
    server.main()
