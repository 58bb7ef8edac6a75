"""The replay of a long history: what it costs the server when nobody takes it."""

import collections
import pathlib

import server
import story
from server import SECONDS_MAX, ServerTest, await_true
from stubs import api

EVENTS = 100_000
EVENTS_A_CALL = 10_000
EVENTS_A_MESSAGE = 500
# Where the reader stops until the server has nothing more to do: at the first message, and then at each of these.
STOPS = (1, 1000, EVENTS // 4, EVENTS // 2, 3 * EVENTS // 4)
# At most above the server before the call. The history as it is folded, one piece and what a connection buffers cost 39
# MiB; all messages of the replay at once, 41 MiB as they are sent, cost 250.
REPLAY_MIB_MAX = 96


def item(number):
    return api.ImportItem(
        partnership="initech-hooli", external_id=f"item-{number}", occur_time=story.time_of(f"{2000 + number // 5000}-06-01"),
        citation=f"Joint steering committee, minutes of meeting {number}, agenda item 4, page 12",
        evidence=api.Evidence(actor=("hooli", "initech")[number % 2], affected=[("initech", "hooli")[number % 2]],
                              label=f"delivery-lot-{number}", shared_experience_held={}))


class LongReplayTest(ServerTest):
    def await_stillness(self):
        """Waits until the server has not used a processor for half a second."""
        looks = collections.deque(maxlen=100)

        def still():
            # Behind the name, which may hold anything: user and system time. See proc(5).
            fields = pathlib.Path(f"/proc/{self.server.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            looks.append(int(fields[11]) + int(fields[12]))
            return len(looks) == looks.maxlen and looks[0] == looks[-1]

        await_true(still, "the server has nothing to do")

    def test_a_slow_reader_of_a_hundred_thousand_events_costs_bounded_memory(self):
        self.start()
        self.client.import_items([story.founding_item()])
        for first in range(1, EVENTS, EVENTS_A_CALL):
            self.client.import_items(*([item(number) for number in range(begin, min(begin + EVENTS_A_MESSAGE, EVENTS))]
                                       for begin in range(first, min(first + EVENTS_A_CALL, EVENTS), EVENTS_A_MESSAGE)))
        self.restart()
        self.await_stillness()
        before = self.server.memory_mib()
        revisions, sent, message = [], 0, None
        for message in self.client.history.ReplayHistory(api.ReplayHistoryRequest(partnership="initech-hooli"),
                                                         timeout=10 * SECONDS_MAX):
            sent += message.ByteSize()
            if message.HasField("step"):
                revisions.append(message.step.event.revision)
            if len(revisions) in STOPS:
                self.await_stillness()
        peak = self.server.memory_mib("VmHWM")
        print(f"server: {before} MiB, at most {peak} MiB; sent: {sent >> 20} MiB in {len(revisions)} steps", flush=True)
        self.assertEqual(message.end.event_count, len(revisions))
        self.assertEqual(revisions, list(range(1, len(revisions) + 1)))
        self.assertGreaterEqual(len(revisions), EVENTS)
        self.assertLess(peak - before, REPLAY_MIB_MAX)


if __name__ == "__main__":
    server.main()
