"""trustd as a program: its flags, its signals, what it refuses to start with, and that a restart changes no answer."""

import concurrent.futures
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import grpc

import server
import story
from server import ALLIANCES, REPOSITORY, SECONDS_MAX, DidNotServe, ServerTest
from stubs import api, health

STOPS, KILLS = 100, 20
STOP_CLIENTS = 4
DRAIN_SECONDS = 5


def run_trustd(*arguments):
    return subprocess.run([server.program("trustd"), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=SECONDS_MAX, check=False)


def declared_flags():
    """The flags as trustd.cc declares them: type and default by name, as written there."""
    text = (REPOSITORY / "services" / "trustd.cc").read_text(encoding="utf-8")
    flags = {name: (kind, default) for kind, name, default in re.findall(r"ABSL_FLAG\(([\w:]+), (\w+), (\"[^\"]*\"|\S+),", text)}
    if len(flags) != text.count("ABSL_FLAG("):
        raise AssertionError("a flag of trustd.cc is written in a way that this test cannot read")
    return flags


class FlagTest(ServerTest):
    """What stands on the command line."""

    def test_help_tells_every_flag_with_its_default(self):
        outcome = run_trustd("--help")
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ""))
        flags = declared_flags()
        self.assertGreaterEqual(len(flags), 10)
        for name, (_, default) in flags.items():
            self.assertRegex(outcome.stdout, rf"(?m)^  --{name} \(default: {re.escape(default.strip(chr(34)) or chr(34) * 2)}\)\n      \S")
        self.assertEqual(set(re.findall(r"(?m)^  --(\w+)", outcome.stdout)), {*flags, "help", "version"})

    def test_help_tells_the_range_of_every_number(self):
        text = run_trustd("--help").stdout
        for name, (kind, _) in declared_flags().items():
            if kind == "int":
                described = re.search(rf"--{name} .*\n\s+(.*)", text).group(1)
                self.assertRegex(described, r"\d+ to \d+\.", name)

    def test_a_number_out_of_its_range_is_refused_with_the_range(self):
        text = run_trustd("--help").stdout
        for name, (kind, _) in declared_flags().items():
            if kind != "int":
                continue
            low, high = (int(number) for number in re.search(rf"--{name} .*\n.*?(\d+) to (\d+)\.", text).groups())
            for value in (low - 1, high + 1):
                outcome = run_trustd(f"--{name}={value}", f"--data_directory={self.folder}/store", "--listen=127.0.0.1:0")
                self.assertEqual(outcome.returncode, 2, outcome)
                self.assertIn(f"--{name}={value} is out of range; use {low} to {high}", outcome.stderr)
        self.assertFalse((self.folder / "store").exists())

    def test_a_flag_that_there_is_not_is_named(self):
        for written, says in (("--data_dir=x", "--data_dir; did you mean --data_directory?"), ("--listn=x", "--listn; did you mean --listen?"),
                              ("-tls_cert", "--tls_cert; did you mean --tls_certificate_file?"), ("--port=1", "--port; trustd --help lists them")):
            outcome = run_trustd("--listen", "127.0.0.1:0", "--norecord_accesses", written)
            self.assertEqual((outcome.returncode, outcome.stdout), (2, ""))
            self.assertRegex(outcome.stderr, rf"^trustd: there is no flag {re.escape(says)}[^\n]*\n$")
        outcome = run_trustd("start")
        self.assertEqual(outcome.returncode, 2)
        self.assertIn("start is no flag; trustd --help lists them", outcome.stderr)
        outcome = run_trustd("--read_threads=many", "--listen=127.0.0.1:0")
        self.assertEqual(outcome.returncode, 2)
        self.assertIn("read_threads", outcome.stderr)
        outcome = run_trustd(f"--flagfile={self.folder}/missing.flags")
        self.assertEqual(outcome.returncode, 2)
        self.assertIn("missing.flags", outcome.stderr)
        flags = self.folder / "trustd.flags"
        flags.write_text("--data_dir=x\n", encoding="utf-8")
        outcome = run_trustd(f"--flagfile={flags}", "--listen=127.0.0.1:0")
        self.assertEqual(outcome.returncode, 2)
        self.assertIn("data_dir", outcome.stderr)
        self.assertIn("in the file of --flagfile; trustd --help lists them", outcome.stderr)

    def test_the_version_is_told(self):
        outcome = run_trustd("--version")
        self.assertEqual(outcome.returncode, 0)
        self.assertRegex(outcome.stdout, r"^trustd \d+\.\d+\.\d+\n$")

    def test_the_limit_of_messages_follows_its_flag(self):
        self.start("--message_kib_max=64")
        large = story.record(story.evidence(shared_experience_held={}), correlation_id="x" * (65 << 10))
        self.assertEqual(self.refusal(self.client.evidence.RecordEvidence, large).code, "RESOURCE_EXHAUSTED")
        self.restart("--message_kib_max=128")
        self.assert_refused("INVALID_ARGUMENT", "INVALID_FIELD", self.client.evidence.RecordEvidence, large)


class StartTest(ServerTest):
    """What trustd does not start with; whoever was there first is not disturbed."""

    def assert_does_not_start(self, *flags, directory="other", listen="127.0.0.1:0", code=1, **options):
        """Returns what it said, on one line and without a log."""
        with self.assertRaises(DidNotServe) as caught:
            server.end(server.Server(self.folder / directory, *flags, listen=listen, **options))
        self.assertEqual(caught.exception.code, code, caught.exception.log)
        self.assertRegex(caught.exception.log, r"^trustd: [^\n]+\n$")
        return caught.exception.log

    def assert_still_serves(self):
        self.assertEqual(self.client.health.Check(health.HealthCheckRequest()).status, health.HealthCheckResponse.SERVING)
        self.client.partnerships.CreatePartnership(story.creation())

    def test_a_store_that_may_not_be_written_is_refused_as_that_and_not_as_one_in_use(self):
        self.start()
        self.server.stop()
        # Where somebody else may come by, and use the program: to root nothing is forbidden.
        folder = pathlib.Path(tempfile.mkdtemp(dir="/tmp"))
        self.addCleanup(shutil.rmtree, folder)
        shutil.copy(server.program("trustd"), folder / "trustd")
        shutil.copytree(self.folder / "store", folder / "store")
        for path in (folder / "store" / "LOCK", folder / "store", folder):
            path.chmod(0o555)
        self.addCleanup(folder.chmod, 0o755)
        self.addCleanup((folder / "store").chmod, 0o755)
        somebody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        outcome = subprocess.run([*somebody, folder / "trustd", f"--data_directory={folder}/store", "--listen=127.0.0.1:0"],
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        self.assertEqual(outcome.returncode, 1, outcome)
        self.assertRegex(outcome.stderr, rf"the store in {folder}/store is not writable for the user of id \d+, .*chown -R")
        self.assertNotIn("in use", outcome.stderr)

    def test_a_store_in_use_is_refused(self):
        self.start()
        said = self.assert_does_not_start(directory="store")
        self.assertIn(str(self.folder / "store"), said)
        self.assertIn("in use by another process", said)
        self.assert_still_serves()

    def test_a_port_in_use_by_another_trustd_is_refused_and_not_shared(self):
        self.start()
        said = self.assert_does_not_start(listen=self.server.address)
        self.assertIn(f"cannot listen on {self.server.address}", said)
        self.assertIn("--listen", said)
        self.assert_still_serves()

    def test_a_port_in_use_by_another_program_is_refused(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            self.assertIn(f"cannot listen on {address}", self.assert_does_not_start(listen=address))

    def test_a_low_port_without_the_capability_for_it_is_refused_as_that(self):
        free_from = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text(encoding="utf-8"))
        if free_from < 2:
            self.skipTest("any port is for everybody here")
        under = ("setpriv", "--bounding-set=-net_bind_service") if os.geteuid() == 0 else ()
        said = self.assert_does_not_start(listen="127.0.0.1:1", under=under)
        self.assertIn("Permission denied", said)
        self.assertIn("CAP_NET_BIND_SERVICE", said)
        self.assertNotIn("in use", said)
        self.assertIn("CAP_NET_BIND_SERVICE", self.assert_does_not_start("--metrics_listen=127.0.0.1:1", directory="third", under=under))

    def test_plain_text_is_not_served_to_others_unless_that_is_asked_for(self):
        for listen in ("0.0.0.0:0", "[::]:0", ":0"):
            said = self.assert_does_not_start(listen=listen, code=2)
            self.assertIn("--danger_plaintext_anywhere", said)
            self.assertIn(listen, said)
        self.start("--danger_plaintext_anywhere", listen="0.0.0.0:0")
        self.assert_still_serves()

    def test_an_address_that_is_none_is_refused(self):
        for listen in ("here", "127.0.0.1:99999", "127.0.0.1:", "127.0.0.1:http", "127.evil.example"):
            self.assertIn("HOST:PORT", self.assert_does_not_start(listen=listen, code=2))
            self.assertIn("HOST:PORT", self.assert_does_not_start(f"--metrics_listen={listen}", code=2))
        self.assertIn("--danger_plaintext_anywhere", self.assert_does_not_start(listen="127.evil.example:0", code=2))
        self.assertEqual(list(self.folder.iterdir()), [], "nothing is made for a server that cannot be")
        self.assertIn("No such file or directory", self.assert_does_not_start(listen="unix:no/such/folder"))

    def test_a_socket_in_the_file_system_is_served(self):
        path = str(self.folder / "socket")
        # A socket's path has some hundred bytes at most.
        listen = f"unix:{min(path, os.path.relpath(path), key=len)}"
        self.start(listen=listen)
        self.assertEqual(self.server.address, listen)
        self.assert_still_serves()

    def test_a_directory_that_cannot_be_one_is_refused(self):
        (self.folder / "file").write_text("not a store")
        self.assertIn(str(self.folder / "file"), self.assert_does_not_start(directory="file"))
        self.assertIn("no/parent", self.assert_does_not_start(directory="no/parent"))
        self.assertEqual((self.folder / "file").read_text(), "not a store")

    def test_a_directory_that_others_can_use_is_served_and_told_with_what_mends_it(self):
        for name in ("store", "store-keys", "store-watermark", "store-snapshots"):
            (self.folder / name).mkdir()
            (self.folder / name).chmod(0o750)
        self.start()
        self.server.stop()
        told = {line["flag"]: line for line in map(json.loads, self.server.log.splitlines()) if line["level"] == "warning"}
        self.assertEqual(set(told), {"--data_directory", "--keys_directory", "--watermark_directory", "--snapshot_directory"})
        for line in told.values():
            self.assertEqual((line["mode"], line["what"]), ("0750", "its group can read it"))
            subprocess.run(line["remedy"].partition(";")[0].split(), check=True)
        self.start()
        self.assertNotIn("warning", self.server.log)

    def test_a_file_that_is_not_there_is_told_with_where_it_was_looked_for(self):
        said = self.assert_does_not_start("--permission_file=no.json", "--token_key_file=keys.json")
        self.assertIn(f"--permission_file=no.json: there is no such file below {os.getcwd()}", said)

    def test_a_store_whose_parts_are_gone_is_refused_and_left_as_it_is(self):
        self.start()
        self.client.partnerships.CreatePartnership(story.creation())
        self.server.stop()
        (self.folder / "store" / "CURRENT").unlink()
        before = sorted(path.name for path in (self.folder / "store").glob("*.log"))
        self.assertIn("CURRENT", self.assert_does_not_start(directory="store"))
        self.assertEqual(sorted(path.name for path in (self.folder / "store").glob("*.log")), before)

    def test_the_log_is_one_json_object_a_line(self):
        self.start()
        self.client.partnerships.CreatePartnership(story.creation())
        self.server.stop()
        lines = [json.loads(line) for line in self.server.log.splitlines()]
        self.assertEqual([line["message"] for line in lines], ["serving", "draining", "stopped"])
        self.assertEqual({line["level"] for line in lines}, {"info"})
        self.assertEqual(lines[0]["data_directory"], str(self.folder / "store"))


class StopTest(ServerTest):
    """How trustd ends."""

    def open_import(self):
        """An import under way: what to put requests into, and the responses."""
        requests = queue.SimpleQueue()
        responses = self.client.evidence.ImportHistory(iter(requests.get, None), timeout=SECONDS_MAX)
        self.addCleanup(requests.put, None)
        requests.put(api.ImportHistoryRequest(items=[story.founding_item()]))
        self.assertEqual(next(responses).results[0].revision, 2)
        return requests, responses

    def test_a_signal_lets_a_call_under_way_complete_and_ends_with_status_zero(self):
        for number, revision in ((signal.SIGTERM, 3), (signal.SIGINT, 4)):
            with self.subTest(signal=number.name):
                self.start("--drain_timeout_s=60")
                requests, responses = self.open_import()
                self.server.signal(number)
                self.assertIsNotNone(self.server.await_log("draining"))
                requests.put(api.ImportHistoryRequest(items=[story.item(f"while-{number.name.lower()}")]))
                result = next(responses).results[0]
                self.assertEqual((result.outcome, result.revision), (api.IMPORT_OUTCOME_CREATED, revision))
                self.assertTrue(self.server.running)
                requests.put(None)
                self.assertEqual(list(responses), [])
                self.assertEqual(responses.code(), grpc.StatusCode.OK)
                self.assertEqual(self.server.await_end(), 0, self.server.log)
                self.client.close()
        self.start()
        self.assertEqual(self.client.revision("initech-hooli"), 4)

    def test_while_it_drains_no_other_call_is_taken(self):
        self.start("--drain_timeout_s=60")
        requests, responses = self.open_import()
        self.server.signal(signal.SIGTERM)
        self.server.await_log("draining")

        def is_refused():
            other = server.Client(self.server.address)
            try:
                other.revision("initech-hooli")
            except grpc.RpcError as error:
                # On a connection that gRPC was just taking when it stopped, it cancels the call by itself.
                self.assertIn(error.code(), (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED))
                return True
            finally:
                other.close()
            return False

        server.await_true(is_refused, "a draining server refuses calls")
        requests.put(None)
        list(responses)
        self.assertEqual(self.server.await_end(), 0, self.server.log)

    def test_a_call_that_never_ends_does_not_hold_the_server(self):
        self.start("--drain_timeout_s=1")
        self.open_import()
        self.server.signal(signal.SIGTERM)
        self.assertEqual(self.server.await_end(), 0, self.server.log)
        self.start()
        self.assertEqual(self.client.revision("initech-hooli"), 2)

    def test_calls_in_great_number_are_answered_or_refused_when_a_signal_comes(self):
        self.start()
        self.client.partnerships.CreatePartnership(story.creation())
        calls = [self.client.evidence.RecordEvidence.future(
            story.record(story.evidence(shared_experience_held={}), correlation_id=f"c-{i}"), timeout=SECONDS_MAX)
            for i in range(400)]
        calls[0].result()
        self.server.signal(signal.SIGTERM)
        answered = {f"c-{i}" for i, call in enumerate(calls) if call.exception() is None}
        refused = {f"c-{i}" for i, call in enumerate(calls) if call.exception() is not None}
        self.assertEqual(self.server.await_end(), 0, self.server.log)
        self.client.close()
        self.start()
        stored = [event.correlation_id for event in self.client.events("acme-globex") if event.correlation_id]
        self.assertEqual(len(stored), len(set(stored)))
        self.assertLessEqual(answered, set(stored))
        self.assertEqual(refused & set(stored), set(), "refused while draining, and stored")


class StopUnderLoadTest(ServerTest):
    """Stop after stop, while clients give commands, each to a partnership of its own and one after the other."""

    def setUp(self):
        super().setUp()
        self.random = server.new_random()
        self.revisions = {}  # By partnership: what its client was answered last.
        self.begin()
        for number in range(STOP_CLIENTS):
            self.client.partnerships.CreatePartnership(story.creation(f"pair-{number}"), timeout=SECONDS_MAX)
            self.revisions[f"pair-{number}"] = self.client.revision(f"pair-{number}")

    def begin(self):
        self.start(f"--drain_timeout_s={DRAIN_SECONDS}", "--store_memory_mib=32")

    def write(self, partnership, client):
        """Gives commands until one fails; returns that."""
        while True:
            request = story.record(story.evidence(shared_experience_held={}), partnership, request_id=story.new_request_id())
            try:
                self.revisions[partnership] = client.evidence.RecordEvidence(request, timeout=SECONDS_MAX).revision
            except grpc.RpcError as error:
                # As in the test of a draining server.
                self.assertIn(error.code(), (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED), error)
                return request

    def end_and_begin_again(self, end):
        """Ends the server under load by what is given, and starts it. Returns how many calls took effect and were not answered."""
        stopped, clients = self.server, [server.Client(self.server.address) for _ in self.revisions]
        with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
            failed = [pool.submit(self.write, *each) for each in zip(list(self.revisions), clients, strict=True)]
            threading.Event().wait(self.random.uniform(0.02, 0.1))
            end(stopped)
            failed = [one.result() for one in failed]
        for client in (*clients, stopped.client):
            client.close()
        self.begin()
        lost = 0
        for request in failed:
            lost += self.client.revision(request.partnership) != self.revisions[request.partnership]
            # Whatever became of it, the repetition is answered, and it took effect once.
            answer = self.client.evidence.RecordEvidence(request, timeout=SECONDS_MAX)
            self.assertEqual(answer.revision, self.revisions[request.partnership] + 1)
            self.revisions[request.partnership] = answer.revision
        return lost

    def test_a_hundred_stops_leave_no_call_without_its_answer(self):
        longest = 0

        def stop(stopped):
            nonlocal longest
            began = time.monotonic()
            stopped.signal(signal.SIGTERM)
            self.assertEqual(stopped.await_end(), 0, stopped.log)
            longest = max(longest, time.monotonic() - began)

        lost = sum(self.end_and_begin_again(stop) for _ in range(STOPS))
        written = sum(self.revisions.values())
        print(f"{STOPS} stops, {written} revisions, {lost} calls without their answer, the longest stop took {longest:.2f} s", flush=True)
        self.assertEqual(lost, 0)
        self.assertLessEqual(longest, DRAIN_SECONDS + 1)
        self.assertGreater(written, 5 * STOPS, "so little load shows nothing")

    def test_ends_without_a_drain_are_found_to_lose_answers(self):
        lost = sum(self.end_and_begin_again(server.Process.kill) for _ in range(KILLS))
        print(f"{KILLS} kills, {lost} calls without their answer", flush=True)
        self.assertGreater(lost, 0)


class SameAnswersTest(ServerTest):
    """The same question about the same history has the same answer, to the byte, wherever it comes from."""

    def answers(self):
        """The bytes of every reading of every partnership, by question."""
        answers = {}

        def ask(key, call, request):
            answer = call(request, timeout=SECONDS_MAX)
            messages = [answer] if hasattr(answer, "SerializeToString") else list(answer)
            answers[key] = b"".join(message.SerializeToString() for message in messages)

        for partnership in self.client.all_partnerships():
            name = partnership.partnership
            for day in ("1990-01-01", "1996-06-30", "2001-12-31", "2012-01-01", "2020-12-31", "2026-01-01"):
                for known in (None, "2011-12-31"):
                    question = {"partnership": name, "as_of_time": story.time_of(day)}
                    if known:
                        question["known_time"] = story.time_of(known)
                    ask((name, day, known, "assess"), self.client.trust.AssessTrust, api.AssessTrustRequest(**question))
                    ask((name, day, known, "timeline"), self.client.trust.GetTrustTimeline,
                        api.GetTrustTimelineRequest(page_size=1000, **question))
            ask((name, "replay"), self.client.history.ReplayHistory, api.ReplayHistoryRequest(partnership=name))
            ask((name, "events"), self.client.history.ListEvents, api.ListEventsRequest(partnership=name, page_size=1000))
            ask((name, "partnership"), self.client.partnerships.GetPartnership, api.GetPartnershipRequest(partnership=name))
        ask("log", self.client.history.ListEvents, api.ListEventsRequest(page_size=1000))
        return answers

    def assert_same(self, first, when):
        again = self.answers()
        self.assertEqual(first.keys(), again.keys(), when)
        self.assertEqual([key for key in first if first[key] != again[key]], [], when)

    def test_answers_come_the_same_from_the_cache_after_a_restart_and_after_a_crash(self):
        self.start()
        outcome = self.trustctl("import", *sorted(ALLIANCES.glob("*.jsonl")))
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        first = self.answers()
        self.assertGreater(len(first), 100)
        self.assert_same(first, "from the cache")
        self.restart()
        self.assert_same(first, "after a restart")
        self.server.kill()
        self.start("--readings_memory_mib=1", "--states_memory_mib=1", "--store_memory_mib=32", "--read_threads=1")
        self.assert_same(first, "after a crash, with hardly a cache")

    def test_a_reading_that_grew_in_the_cache_is_that_of_a_fresh_fold(self):
        self.start()
        self.client.partnerships.CreatePartnership(story.creation())
        assess = api.AssessTrustRequest(partnership="acme-globex", as_of_time=story.time_of("2025-01-01"))
        timeline = api.GetTrustTimelineRequest(partnership="acme-globex", as_of_time=story.time_of("2025-01-01"))
        days = ("2024-03-01", "2024-02-01", "2024-03-01", "2024-01-20", "2024-12-31", "2024-06-15", "2024-01-08")
        kinds = ({"credibility_assessed": {}}, {"shared_experience_held": {}}, {"commitment_fulfilled": {}},
                 {"violation_reported": {"type": "VIOLATION_TYPE_OPPORTUNISM", "severity": "SEVERITY_MAJOR"}},
                 {"transparency_demonstrated": {}}, {"conflict_raised": {}}, {"commitment_missed": {}})
        grown = []
        for day, kind in zip(days, kinds, strict=True):
            self.client.evidence.RecordEvidence(story.record(story.joint(**kind), on=day))
            # Read at each step, so that the cached fold grows by one event at a time, some of them late.
            grown = [self.client.trust.AssessTrust(assess).SerializeToString(),
                     self.client.trust.GetTrustTimeline(timeline).SerializeToString()]
        self.restart()
        self.assertEqual([self.client.trust.AssessTrust(assess).SerializeToString(),
                          self.client.trust.GetTrustTimeline(timeline).SerializeToString()], grown)


if __name__ == "__main__":
    server.main()
