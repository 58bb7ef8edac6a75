"""Following the log: the worked consumers through kill -9 of both sides, watches that end and wait, and what many of them cost."""

import json
import pathlib
import signal
import subprocess
import threading
import time

import grpc

import server
import story
from server import SECONDS_MAX, ServerTest, await_true, new_random
from stubs import api, services

CONSUMER = server.REPOSITORY / "deploy" / "examples" / "follow_events.py"
ROUNDS = 12
IDLE_WATCHERS = 1000
STOPPED_READERS = 50
# What all of them together may cost the server. On two cores the idle ones cost 17 MiB, the stopped ones 21 MiB.
WATCHERS_MIB_MAX = 160
SLOW_READERS = 40
GROWTHS = 20
EVENTS_A_GROWTH = 900
# What all slow readers together may cost the server, with the growth of the log itself. On two cores it is 38 MiB, of which the growth
# is 22 MiB; what they are behind in the end is 200 MiB.
SLOW_READERS_MIB_MAX = 96


def line_of(event):
    return event["partnership"], int(event["revision"]), event["log_position"]


def lines_in(path):
    """The whole lines of a consumer's output."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def long_items(partnership, name, count):
    """Items of an import, each of some length, so that events are as long as they are elsewhere."""
    return [story.item(f"{name}-{i}", partnership, "2022-01-01", citation="A citation of some length, as people write them. " * 7)
            for i in range(count)]


class Consumer:
    """A consumer as a child process."""

    def __init__(self, *command):
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def kill(self):
        self.process.kill()
        self.process.wait(SECONDS_MAX)
        self.process.stderr.close()

    def check(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the consumer ended with {self.process.returncode}: {self.process.stderr.read()}")


class FollowerTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.random = new_random()
        self.socket = f"unix:{self.folder}/socket"
        self.output = self.folder / "events.jsonl"

    def record_some(self, stop):
        """Records until told to stop, repeating what was cut off; the server may die at any moment."""
        number = 0
        channel = grpc.insecure_channel(self.socket, options=[("grpc.use_local_subchannel_pool", 1)])
        partnerships, evidence = services.PartnershipServiceStub(channel), services.EvidenceServiceStub(channel)
        founding = [story.creation(f"pair-{i}", request_id=story.new_request_id()) for i in range(3)]
        while not stop.is_set():
            if founding:
                call, request = partnerships.CreatePartnership, founding[0]
            else:
                items = [("2024-02-01", story.evidence(shared_experience_held={})) for _ in range(1 + number % 20)]
                call, request = evidence.BatchRecordEvidence, story.batch(
                    *items, partnership=f"pair-{number % 3}", request_id=story.new_request_id())
            while not stop.is_set():
                try:
                    call(request, timeout=5, wait_for_ready=True)
                    break
                except grpc.RpcError as error:
                    if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED,
                                            grpc.StatusCode.DEADLINE_EXCEEDED):
                        self.fault = error
                        return
            if founding:
                founding.pop(0)
            number += 1
        channel.close()

    def follow_through_crashes(self, *command):
        self.fault = None
        self.start(listen=self.socket)
        consumer = Consumer(*command)
        self.addCleanup(lambda: consumer.process.poll() is None and consumer.kill())
        stop, pause = threading.Event(), threading.Event()
        recorder = threading.Thread(target=self.record_some, args=(stop,), daemon=True)
        recorder.start()
        kills = {"server": 0, "consumer": 0}
        for _ in range(ROUNDS):
            pause.wait(0.1 + self.random.random() * 0.5)
            consumer.check()
            who = self.random.choice(("server", "consumer", "both"))
            if who != "server":
                consumer.kill()
                kills["consumer"] += 1
            if who != "consumer":
                self.server.kill()
                kills["server"] += 1
                self.start(listen=self.socket)
            if who != "server":
                consumer = Consumer(*command)
        stop.set()
        recorder.join(SECONDS_MAX)
        self.assertIsNone(self.fault)
        expected = [(event.partnership, event.revision, event.log_position) for event in self.client.log()]
        await_true(lambda: len(lines_in(self.output)) >= len(expected), "the consumer takes in everything")
        self.assertEqual([line_of(event) for event in lines_in(self.output)], expected)
        self.assertGreater(len(expected), 100)
        print(f"{len(expected)} events, kill -9 of {kills}", flush=True)
        # Once more from the start of both: nothing is to be added.
        consumer.kill()
        self.restart_at_socket()
        consumer = Consumer(*command)
        self.client.evidence.RecordEvidence(story.record(story.evidence(feedback_given={}), "pair-0"), timeout=SECONDS_MAX)
        await_true(lambda: len(lines_in(self.output)) > len(expected), "the consumer goes on")
        self.assertEqual(len(lines_in(self.output)), len(expected) + 1)
        self.assertIn("feedback_given", lines_in(self.output)[-1]["evidence"])
        consumer.check()
        consumer.process.send_signal(signal.SIGTERM)
        self.assertEqual(consumer.process.wait(SECONDS_MAX), 0)
        consumer.process.stderr.close()

    def restart_at_socket(self):
        self.server.stop()
        self.start(listen=self.socket)

    def test_the_consumer_in_python_takes_in_each_event_once_and_in_order_whoever_is_killed(self):
        self.follow_through_crashes("/usr/bin/python3", "-B", CONSUMER, "--server", self.socket, self.output)

    def test_the_consumer_in_cpp_takes_in_each_event_once_and_in_order_whoever_is_killed(self):
        program = pathlib.Path(server.program("trustd")).parents[1] / "deploy/examples/follow_events/follow_events"
        self.follow_through_crashes(program, self.socket, self.output)

    def test_a_consumer_says_what_is_wrong_with_its_request(self):
        self.start(listen=self.socket)
        done = subprocess.run(["/usr/bin/python3", "-B", CONSUMER, "--server", self.socket, "--kind", "partner_joind", self.output],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("partner_joined", done.stderr)


class WatchEventsTest(ServerTest):
    def found(self):
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)

    def record(self):
        answer = self.client.evidence.RecordEvidence(story.record(story.evidence(shared_experience_held={})), timeout=SECONDS_MAX)
        return answer.events[0]

    def watch(self, **fields):
        return self.client.history.WatchEvents(api.WatchEventsRequest(**fields), timeout=5 * SECONDS_MAX)

    def test_a_live_event_is_the_event_that_is_listed_and_comes_at_once(self):
        self.start("--watch_heartbeat_s=3600")
        self.found()
        call = self.watch(partnership="acme-globex")
        self.assertEqual([event.revision for event in next(call).events.events], [1, 2])
        self.assertTrue(next(call).HasField("caught_up"))
        delays = []
        for _ in range(25):
            recorded = self.record()
            before = time.monotonic()
            message = next(call)
            delays.append(time.monotonic() - before)
            self.assertEqual(list(message.events.events), [recorded])
            self.assertEqual(message.resume_position, recorded.log_position)
        self.assertEqual(self.client.log()[-1], recorded)
        delays.sort()
        print(f"from the answer to the event: median {delays[12] * 1e3:.2f} ms, longest {delays[-1] * 1e3:.2f} ms", flush=True)
        self.assertLess(delays[12], 0.25, "the hub polls twice a second: half of all events would wait longer")
        call.cancel()

    def test_a_quiet_watch_gives_signs_of_life_with_its_place(self):
        self.start("--watch_heartbeat_s=1")
        self.found()
        call = self.watch(kinds=["partner_left"])
        self.assertTrue(next(call).HasField("caught_up"))
        heartbeat = next(call)
        self.assertTrue(heartbeat.HasField("heartbeat"))
        recorded = self.record()
        # A slow disk may take longer than the next heartbeat.
        checkpoint = next(message for message in call if not message.HasField("heartbeat"))
        self.assertTrue(checkpoint.HasField("checkpoint"))
        self.assertEqual(checkpoint.resume_position, recorded.log_position)

    def test_watches_of_both_kinds_and_lists_that_wait_are_counted_together_and_end_when_the_server_drains(self):
        self.start("--watches_max=3", "--drain_timeout_s=30")
        self.found()
        token = self.client.history.ListEvents(api.ListEventsRequest(wait_ms=1), timeout=SECONDS_MAX).next_page_token

        def wait_for_more():
            return self.client.history.ListEvents.future(api.ListEventsRequest(page_token=token, wait_ms=30_000), timeout=SECONDS_MAX)

        poll = wait_for_more()
        calls = [self.watch(), self.client.trust.WatchTrust(api.WatchTrustRequest(), timeout=SECONDS_MAX)]
        for call in calls:
            next(call)

        def is_full():
            nonlocal poll
            try:
                next(self.watch())
            except grpc.RpcError as error:
                return server.Refusal.of_error(error).reason == "OVERLOADED" and not poll.done()
            if poll.done():  # The watch came before it and took its place.
                poll = wait_for_more()
            return False

        await_true(is_full, "the list that waits is counted")
        self.server.signal(signal.SIGTERM)
        for call in (*calls, poll):
            with self.assertRaises(grpc.RpcError) as caught:
                list(call) if call is not poll else call.result()
            self.assertEqual(server.Refusal.of_error(caught.exception).reason, "SHUTTING_DOWN")
        self.assertEqual(self.server.await_end(), 0)

    def test_who_follows_at_the_limit_may_ask_again_as_soon_as_it_is_answered(self):
        self.start("--watches_max=1")
        self.found()
        for _ in range(300):
            self.client.history.ListEvents(api.ListEventsRequest(wait_ms=1), timeout=SECONDS_MAX)

    def test_a_list_waits_for_what_comes_and_no_longer_than_it_was_told(self):
        self.start()
        self.found()
        for partnership in ("", "acme-globex"):
            request = api.ListEventsRequest(partnership=partnership, wait_ms=20_000)
            page = self.client.history.ListEvents(request, timeout=SECONDS_MAX)
            request.page_token = page.next_page_token
            self.assertTrue(request.page_token)
            waiting = self.client.history.ListEvents.future(request, timeout=SECONDS_MAX)
            recorded = self.record()
            page = waiting.result()
            self.assertEqual(list(page.events), [recorded])
            request.page_token, request.wait_ms = page.next_page_token, 200
            before = time.monotonic()
            page = self.client.history.ListEvents(request, timeout=SECONDS_MAX)
            self.assertEqual(list(page.events), [])
            self.assertGreaterEqual(time.monotonic() - before, 0.19)
            self.assertTrue(page.next_page_token)
        self.assert_refused("INVALID_ARGUMENT", "INVALID_FIELD", self.client.history.ListEvents, api.ListEventsRequest(wait_ms=30_001))
        self.assert_refused("NOT_FOUND", "PARTNERSHIP_NOT_FOUND", self.client.history.ListEvents,
                            api.ListEventsRequest(partnership="nobody", wait_ms=1000))

    def test_a_list_that_waits_for_a_kind_is_not_woken_by_another(self):
        self.start()
        self.found()
        request = api.ListEventsRequest(kinds=["partnership_suspended"], wait_ms=30_000)
        waiting = self.client.history.ListEvents.future(request, timeout=SECONDS_MAX)
        for _ in range(5):
            self.record()
        self.assertFalse(waiting.done())
        self.client.partnerships.SuspendPartnership(api.SuspendPartnershipRequest(
            partnership="acme-globex", recorder="acme", occur_time=story.time_of("2024-03-01")), timeout=SECONDS_MAX)
        self.assertTrue(waiting.result().events[0].HasField("partnership_suspended"))

    def test_a_time_leads_to_the_place_from_which_a_watch_goes_on(self):
        self.start()
        self.found()
        middle = self.record()
        rest = [self.record() for _ in range(3)]
        answer = self.client.history.ResolveTime(
            api.ResolveTimeRequest(partnership="acme-globex", time=middle.record_time), timeout=SECONDS_MAX)
        self.assertEqual((answer.log_position, answer.revision, answer.record_time),
                         (middle.log_position, middle.revision, middle.record_time))
        self.assertEqual(list(next(self.watch(after_position=answer.log_position)).events.events), rest)
        empty = self.client.history.ResolveTime(api.ResolveTimeRequest(date="1970-01-01"), timeout=SECONDS_MAX)
        self.assertEqual(len(next(self.watch(after_position=empty.log_position)).events.events), 6)


class ManyWatchersTest(ServerTest):
    def test_a_thousand_idle_watchers_and_fifty_that_never_read_cost_bounded_memory_and_delay_nobody(self):
        self.start("--watch_heartbeat_s=60")
        # A log much longer than what a connection buffers.
        for number in range(12):
            items = [story.founding_item(f"pair-{number}"), *long_items(f"pair-{number}", "item", 900)]
            self.client.import_items(items[:450], items[450:])
        channels = [grpc.insecure_channel(self.server.address, options=[("grpc.use_local_subchannel_pool", 1)]) for _ in range(6)]
        for channel in channels:
            self.addCleanup(channel.close)
        before = self.server.memory_mib()
        idle = []
        for number in range(IDLE_WATCHERS):
            stub = services.HistoryServiceStub(channels[number % 4])
            kinds = ["partnership_suspended"] if number % 2 else []
            idle.append(stub.WatchEvents(api.WatchEventsRequest(from_now=True, kinds=kinds)))
        for call in idle:
            self.assertTrue(next(call).HasField("caught_up"))
        with_idle = self.server.memory_mib()
        # From the beginning, and never read: no call of next().
        stopped = [services.HistoryServiceStub(channels[4 + number % 2]).WatchEvents(api.WatchEventsRequest())
                   for number in range(STOPPED_READERS)]
        # While these stand, the others are told at once.
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)
        self.client.partnerships.SuspendPartnership(api.SuspendPartnershipRequest(
            partnership="acme-globex", recorder="acme", occur_time=story.time_of("2024-03-01")), timeout=SECONDS_MAX)
        for call in idle:
            while not any(event.HasField("partnership_suspended") for event in next(call).events.events):
                pass
        after = self.server.memory_mib()
        print(f"server: {before} MiB, with {IDLE_WATCHERS} idle watchers {with_idle} MiB, with {STOPPED_READERS} stopped readers "
              f"and one event told to all {after} MiB", flush=True)
        self.assertLess(after - before, WATCHERS_MIB_MAX)
        # More is recorded, which the stopped readers hold nothing of.
        for number in range(12, 18):
            self.client.import_items([story.founding_item(f"pair-{number}"),
                                      *(story.item(f"item-{i}", f"pair-{number}", "2022-01-01") for i in range(400))])
        print(f"server: {self.server.memory_mib()} MiB after more was recorded", flush=True)
        self.assertLess(self.server.memory_mib() - before, WATCHERS_MIB_MAX)
        # One of them reads after all, and misses nothing. What it had caught up with when it began to read depends on what was
        # sent before its connection was full.
        positions, wanted, quiet = [], [event.log_position for event in self.client.log()], 0
        for message in stopped[0]:
            positions.extend(event.log_position for event in message.events.events)
            quiet += message.HasField("heartbeat")
            if len(positions) >= len(wanted) or quiet == 2:
                break
        self.assertEqual(len(positions), len(wanted))
        self.assertEqual(positions, wanted)
        for call in (*idle, *stopped):
            call.cancel()
        # They are gone: as many may come again.
        await_true(lambda: next(services.HistoryServiceStub(channels[0]).WatchEvents(api.WatchEventsRequest(from_now=True)))
                   .HasField("caught_up"), "a watch begins")


class SlowReader:
    """A watch whose messages are taken one by one, when the test says so."""

    def __init__(self, channel, request, passes):
        self.call = services.HistoryServiceStub(channel).WatchEvents(request, timeout=5 * SECONDS_MAX)
        self.passes = passes
        self.events = []
        self.signs = []  # caught_up and fell_behind, in the order in which they were told.
        self.place = ""

    def take(self):
        message = next(self.call)
        kind = message.WhichOneof("message")
        if kind == "events":
            self.events.extend(event.log_position for event in message.events.events)
        else:
            self.signs.append(kind)
            if kind == "fell_behind" and message.resume_position != self.place:
                raise AssertionError("it fell behind, and names another place than the one told last")
        self.place = message.resume_position


class SlowReaderTest(ServerTest):
    def grow(self, name):
        """Some more in three partnerships."""
        self.client.import_items(*(long_items(f"pair-{number}", name, EVENTS_A_GROWTH // 3) for number in range(3)))

    def test_slow_readers_of_a_log_that_runs_away_from_them_miss_nothing_and_cost_bounded_memory(self):
        self.start("--watch_heartbeat_s=3600", "--store_memory_mib=32")
        self.client.import_items([story.founding_item(f"pair-{number}") for number in range(3)])
        # Caches and buffers are filled beforehand.
        for number in range(5):
            self.grow(f"before-{number}")
        kinds = [(api.WatchEventsRequest(from_now=True), lambda event: True),
                 (api.WatchEventsRequest(from_now=True, partnership="pair-1"), lambda event: event.partnership == "pair-1"),
                 (api.WatchEventsRequest(from_now=True, partnerships=["pair-1", "pair-2"]), lambda event: event.partnership != "pair-0"),
                 (api.WatchEventsRequest(from_now=True, kinds=["evidence."], organization="hooli"), lambda event: True)]
        channels = [grpc.insecure_channel(self.server.address, options=[("grpc.use_local_subchannel_pool", 1)]) for _ in range(8)]
        for channel in channels:
            self.addCleanup(channel.close)
        before = len(self.client.log())
        readers = [SlowReader(channels[number % 8], *kinds[number // 2 % 4]) for number in range(SLOW_READERS)]
        for reader in readers:
            reader.take()
        memory = [self.server.memory_mib()]
        for number in range(GROWTHS):
            self.grow(f"more-{number}")
            # Seldom, so that they fall behind also where the log grows slowly.
            for reader in readers if number % 3 == 0 else []:
                reader.take()
            memory.append(self.server.memory_mib())
        # What all of them pass comes last.
        self.client.import_items([story.item("last", "pair-1")])
        log = self.client.log()[before:]
        lag = 0
        for reader in readers:
            missing = sum(map(reader.passes, log)) - len(reader.events)
            lag += missing
            self.assertGreater(missing, len(reader.events), "it is not slow")
        print(f"{len(log)} events; {SLOW_READERS} readers are {lag * log[0].ByteSize() >> 20} MiB behind; "
              f"the server holds {memory[0]} MiB before, {max(memory)} MiB at most", flush=True)
        self.assertLess(max(memory) - memory[0], SLOW_READERS_MIB_MAX)
        for reader in readers:
            while reader.place != log[-1].log_position:
                reader.take()
            self.assertEqual(reader.events, [event.log_position for event in log if reader.passes(event)])
            self.assertGreaterEqual(reader.signs.count("fell_behind"), 1)
            self.assertEqual((set(reader.signs[::2]), set(reader.signs[1::2])), ({"caught_up"}, {"fell_behind"}), "in turns")
            reader.call.cancel()
        self.assertLess(self.server.memory_mib() - memory[0], SLOW_READERS_MIB_MAX)


if __name__ == "__main__":
    server.main()
