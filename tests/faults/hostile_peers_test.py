"""Peers that mean harm, at a real trustd behind the front proxy as it is shipped: the server stays small, and honest clients notice nothing.

In each run the same calls straight at a trustd, and through a proxy without its rule of rates, must be found to do harm.
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import grpc

import server  # pylint: disable=wrong-import-position
import story
from authority import Authority, Issuer, write
from front_proxy import FrontProxy, changed, free_port, shipped_text, without_rate_rule
from server import SECONDS_MAX, Process, ServerTest, await_true
from stubs import api, services

PEER = pathlib.Path(__file__).with_name("hostile_peer.py")
SOURCE = "127.0.0.66"  # Another address than the honest client's, on the same machine.
PEERS = 6
RESETS = int(os.environ.get("TRUSTD_TEST_RESETS", "50000"))  # Of each of the peers.
# What all attacks of a test together may add to the server's memory; what they may take of its processor, the honest calls included. On two cores resets
# add 10 MiB and long messages that are held 40 MiB; without the proxy's rule of rates 6 x 50,000 resets add 550 MiB, and without the proxy 500 MiB a peer.
GROWTH_MIB_MAX = 96
PROCESSOR_S_MAX = 4
# Of the honest client's calls, while six peers and the proxy want the same two cores.
P99_MS_MAX = 1000
CALLS_MIN = 100
ANSWER_S_MAX = 1
# So that a server without a proxy does not take the machine along.
LIMITED = ("prlimit", f"--as={8 << 30}")
FILES_MAX = 192
PINGS = 3_000_000
PING_GROWTH_MIB_MAX = 320  # What gRPC takes in of one peer until it has ended the connection; 200 were seen, and given back.


class HonestClient:
    """A client that reads and records in turn, and keeps how long each call took and which failed."""

    def __init__(self, address):
        self._client = server.Client(address)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.milliseconds = []
        self.failures = []
        self._thread.start()

    def _run(self):
        calls = (
            lambda: self._client.trust.AssessTrust(api.AssessTrustRequest(partnership="acme-globex"), timeout=SECONDS_MAX),
            lambda: self._client.evidence.RecordEvidence(story.record(story.joint(shared_experience_held={})), timeout=SECONDS_MAX))
        while not self._stop.is_set() or len(self.milliseconds) + len(self.failures) < CALLS_MIN:
            for call in calls:
                began = time.monotonic()
                try:
                    call()
                    self.milliseconds.append((time.monotonic() - began) * 1000)
                except grpc.RpcError as error:
                    self.failures.append(f"{error.code().name}: {error.details()}")
            self._stop.wait(0.005)

    def stop(self):
        self._stop.set()
        self._thread.join(SECONDS_MAX)
        self._client.close()

    def p99_ms(self):
        return sorted(self.milliseconds)[len(self.milliseconds) * 99 // 100] if self.milliseconds else float("inf")

    def complaints(self):
        """What it has to say against the service it got."""
        said = [f"{len(self.failures)} calls failed, the first with {self.failures[0]}"] if self.failures else []
        if self.p99_ms() > P99_MS_MAX:
            said.append(f"99 of 100 calls took up to {self.p99_ms():.0f} ms")
        return said


def processor_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class HostileCase(ServerTest):
    def setUp(self):
        super().setUp()
        self.proxy = None

    def start(self, *flags, **options):
        """A server that holds a partnership, and its memory then."""
        started = super().start(*flags, **options)
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)
        self.mib_before = started.memory_mib()
        return started

    def start_behind_proxy(self, *flags, text=None, under=(), **values):
        self.start(*flags, under=under)
        self.proxy = self.new_proxy(self.server.address, text, **values)

    def new_proxy(self, backend, text=None, **values):
        folder = self.folder / f"proxy-{len(list(self.folder.glob('proxy-*')))}"
        folder.mkdir()
        proxy = FrontProxy(folder, backend, text, **values)
        self.addCleanup(proxy.stop)
        return proxy

    def peer(self, attack, address, count=1, seconds=SECONDS_MAX, share=0):
        """A peer that has begun."""
        process = subprocess.Popen(["/usr/bin/python3", "-B", PEER, attack, address, "--source", SOURCE, "--count", str(count),
                                    "--seconds", str(seconds), "--share", str(share)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.addCleanup(end_peer, process)
        return process

    def outcome_of(self, process):
        said, _ = process.communicate(timeout=SECONDS_MAX + 60)
        self.assertEqual(process.returncode, 0)
        return json.loads(said)

    def attack(self, *attacks, address=None):
        """Runs attacks side by side, each (name, count, seconds, share), and returns what the peers saw. Asserts that the server stays small, that the
        honest client notices nothing, and that a new one is answered at once."""
        honest = HonestClient(self.proxy.address)
        processor_before = processor_s(self.server.pid)
        began = time.monotonic()
        try:
            seen = [self.outcome_of(peer) for peer in [self.peer(name, address or self.proxy.address, *more) for name, *more in attacks]]
        finally:
            honest.stop()
        growth = self.server.memory_mib("VmHWM") - self.mib_before
        processor = processor_s(self.server.pid) - processor_before
        print(f"{' '.join(sorted({name for name, *_ in attacks}))}: {sum(peer['sent'] for peer in seen)} in {time.monotonic() - began:.1f} s, "
              f"{sum(peer['connections'] for peer in seen)} connections; server +{growth} MiB, {processor:.2f} s of a processor; "
              f"proxy {self.proxy.memory_mib()} MiB; honest: {len(honest.milliseconds)} calls, p99 {honest.p99_ms():.0f} ms", flush=True)
        self.assertEqual(honest.complaints(), [])
        self.assertLessEqual(growth, GROWTH_MIB_MAX)
        self.assertLessEqual(processor, PROCESSOR_S_MAX)
        self.assert_answers_at_once(self.proxy.address)
        return seen

    def watch(self, address):
        """The messages of a watch of everything that is recorded from now on, as they come; a status at its end."""
        client = server.Client(address)
        self.addCleanup(client.close)
        came = []

        def follow(call):
            try:
                for message in call:
                    came.append(message)
            except grpc.RpcError as error:
                came.append(error.code())

        call = client.history.WatchEvents(api.WatchEventsRequest(after_position=self.client.log()[-1].log_position))
        threading.Thread(target=follow, args=(call,), daemon=True).start()
        return came

    def assert_answers_at_once(self, address):
        began = time.monotonic()
        with contextlib.closing(server.Client(address)) as client:
            client.await_serving()
        self.assertLessEqual(time.monotonic() - began, ANSWER_S_MAX)

    def assert_grows_beyond(self, mib, address, attack="rapid_reset"):
        """The same attack, until the server has grown by more than is allowed or is no more. HAProxy 3.0 passes resets on more slowly, so more are ready."""
        peers = [self.peer(attack, address, 20 * RESETS) for _ in range(PEERS)]
        most = 0

        def harmed():
            nonlocal most
            with contextlib.suppress(OSError, StopIteration):  # Of a process that has just ended.
                most = max(most, self.server.memory_mib("VmHWM") - self.mib_before)
            return most > mib or not self.server.running or all(peer.poll() is not None for peer in peers)

        await_true(harmed, "the server grows")
        for peer in peers:
            end_peer(peer)
        self.assertGreater(most, mib, "the attack did no harm where it must")
        return most


def end_peer(process):
    if process.poll() is None:
        process.kill()
    process.wait(SECONDS_MAX)
    process.stdout.close()


class HostilePeersTest(HostileCase):
    """What must be withstood, each at a server of its own."""

    def test_calls_that_are_begun_and_reset_by_the_hundred_thousand_cost_the_server_nothing(self):
        self.start_behind_proxy()
        for attack in ("rapid_reset", "made_you_reset"):
            seen = self.attack(*[(attack, RESETS)] * PEERS)
            self.assertGreaterEqual(sum(peer["sent"] for peer in seen), PEERS * RESETS)
            self.assertGreater(sum(peer["closed"] + peer["refused"] for peer in seen), PEERS, "the proxy cut nobody off")

    def test_without_the_rule_of_rates_the_same_resets_are_found_to_do_harm(self):
        self.start_behind_proxy(text=without_rate_rule(shipped_text()), under=LIMITED)
        growth = self.assert_grows_beyond(GROWTH_MIB_MAX, self.proxy.address)
        print(f"without the rule of rates: +{growth} MiB", flush=True)

    def test_without_a_proxy_the_same_resets_are_found_to_do_harm(self):
        for attack in ("rapid_reset", "made_you_reset"):
            self.start(under=LIMITED, directory=attack)
            growth = self.assert_grows_beyond(GROWTH_MIB_MAX, self.server.address, attack)
            print(f"without a proxy, {attack}: +{growth} MiB", flush=True)
            self.server.kill()

    def test_header_blocks_that_unpack_to_much_or_never_end_are_cut_off(self):
        self.start_behind_proxy()
        seen = self.attack(("hpack_length", 3000), ("hpack_references", 200), ("empty_continuations", 1_000_000))
        for peer in seen[:2]:
            self.assertGreater(peer["closed"], 1, peer)
        # Of the 64 MiB that each connection announced; what is in the socket's buffers counts as sent.
        self.assertLess(seen[0]["bytes"], seen[0]["connections"] * (16 << 20))

    def test_peers_that_are_slow_on_purpose_and_peers_that_flood_side_by_side_end_at_the_proxy(self):
        self.start_behind_proxy()
        loris, call, held, *_ = self.attack(("slow_loris", 40), ("silent_call",), ("held_messages", 200, 10),
                                            ("ping_flood", 3_000_000, 8), ("settings_flood", 1_000_000, 4))
        self.assertEqual((loris["connections"], loris["open"]), (40, 0), loris)
        self.assertEqual((call["ended"], call["grpc-status"]), ("status", str(grpc.StatusCode.UNAVAILABLE.value[0])), call)
        self.assertGreater(held["sent"], 20 << 20, held)

    def test_connections_beyond_a_source_s_share_are_refused_before_the_server_sees_them(self):
        share = int(re.search(r"presetenv CONNECTIONS +(\d+)", shipped_text()).group(1))
        # With fewer descriptors than the peer wants connections, and gRPC 1.51 is deaf for ever once they ran out.
        self.start_behind_proxy(under=("prlimit", f"--nofile={FILES_MAX}"))
        seen, = self.attack(("many_connections", 1000, SECONDS_MAX, share))
        self.assertLessEqual(seen["open"], share, seen)
        self.assertGreater(seen["refused"] + seen["closed"], 900, seen)
        # The control: without a proxy there is no such share.
        self.start(directory="bare")
        self.assertGreater(self.outcome_of(self.peer("many_connections", self.server.address, 4 * share, 1))["open"], share)

    def test_what_is_too_much_in_a_call_is_refused_with_a_status_and_nothing_else(self):
        self.start_behind_proxy()
        code = {name: str(getattr(grpc.StatusCode, name).value[0]) for name in ("RESOURCE_EXHAUSTED", "UNIMPLEMENTED", "INTERNAL")}
        expected = (("giant_message", 64, [code["RESOURCE_EXHAUSTED"]]), ("endless_message", 1, [code["RESOURCE_EXHAUSTED"]]),
                    ("nested_message", 1, [code["UNIMPLEMENTED"], code["INTERNAL"]]),  # By version of gRPC.
                    ("compression_bomb", 64, [code["UNIMPLEMENTED"]]))
        seen = self.attack(*[(name, count) for name, count, _ in expected])
        for peer, (name, _, codes) in zip(seen, expected):
            self.assertEqual((peer["ended"], peer[":status"]), ("status", "200"), peer)
            self.assertIn(peer["grpc-status"], codes, name)

    def test_metadata_that_is_too_much_ends_the_connection_that_it_came_on(self):
        self.start_behind_proxy()
        seen = self.attack(("oversized_metadata", 20), ("oversized_metadata", 200), ("many_metadata", 100), ("many_metadata", 2000))
        for peer in seen:
            self.assertNotIn("grpc-status", peer)
            self.assertNotEqual(peer["ended"], "time is up", peer)

    def test_metadata_that_is_not_encoded_as_its_name_says_ends_nobody_s_connection(self):
        self.start_behind_proxy()
        watches = [self.watch(self.proxy.address) for _ in range(10)]
        for peer in self.attack(*[("misencoded_metadata", 20)] * 3):
            self.assertEqual((peer["sent"], peer["closed"]), (41, 0), peer)
            self.assertEqual(peer["statuses"], {str(grpc.StatusCode.INVALID_ARGUMENT.value[0]): 41}, "as any call without a partnership")
        self.assertTrue(all(watches), "a watch was told nothing")
        self.assertEqual([came[-1] for came in watches if isinstance(came[-1], grpc.StatusCode)], [], "a watch has ended")
        # The control: the server by itself ends the connection at the first.
        seen = self.outcome_of(self.peer("misencoded_metadata", self.server.address, 20))
        self.assertEqual((seen["closed"], seen["statuses"].get(str(grpc.StatusCode.UNAVAILABLE.value[0]))), (1, 1), seen)

    def test_a_server_that_stands_still_or_is_not_there_is_noticed_by_the_honest_client(self):
        self.start_behind_proxy()
        honest = HonestClient(self.proxy.address)
        await_true(lambda: len(honest.milliseconds) > 10, "calls are answered")
        for _ in range(3):
            self.server.signal(signal.SIGSTOP)
            began = time.monotonic()
            await_true(lambda: time.monotonic() - began > 1.2 * P99_MS_MAX / 1000, "the server stands still")
            self.server.signal(signal.SIGCONT)
        honest.stop()
        self.assertRegex(" ".join(honest.complaints()), r"took up to \d+ ms")
        self.server.kill()
        honest = HonestClient(self.proxy.address)
        honest.stop()
        self.assertRegex(" ".join(honest.complaints()), r"100 calls failed, the first with UNAVAILABLE: trustd is not there")


class BareServerTest(HostileCase):
    """What trustd bounds by itself, with no proxy in front."""

    METADATA_BYTES, STREAMS = 16 << 10, 1024  # Settings 6 and 3 of HTTP/2.

    def test_more_calls_side_by_side_than_were_announced_are_not_taken(self):
        self.start()
        within = self.outcome_of(self.peer("too_many_streams", self.server.address, self.STREAMS, 2))
        self.assertEqual((within["announced"]["3"], within["announced"]["6"]), (self.STREAMS, self.METADATA_BYTES))
        self.assertEqual((within["reset"], within["closed"]), (0, 0), within)
        beyond = self.outcome_of(self.peer("too_many_streams", self.server.address, self.STREAMS + 1))
        self.assertGreater(beyond["reset"] + beyond["closed"], 0, beyond)
        self.assert_answers_at_once(self.server.address)

    def test_pings_without_end_end_the_connection(self):
        self.start()
        flood = self.outcome_of(self.peer("ping_flood", self.server.address, PINGS, 5))
        self.assertGreater(flood["closed"], 2, flood)
        # What is in the socket's buffers counts as sent: of each connection a part of what it would take.
        self.assertLess(flood["sent"] / flood["connections"], PINGS / 4, flood)
        self.assertLess(self.server.memory_mib("VmHWM") - self.mib_before, PING_GROWTH_MIB_MAX)
        self.assert_answers_at_once(self.server.address)


class FrontProxyTest(HostileCase):
    """What the proxy must leave as it is, and whom it lets in."""

    def flag_help(self, flag):
        said = subprocess.run([server.program("trustd"), "--help"], capture_output=True, text=True, check=True).stdout
        return re.search(rf"--{flag} \(default: (\d+)\)\n(.*)", said).groups()

    def test_a_quiet_watch_lives_longer_than_whatever_is_slow_on_purpose(self):
        _, heartbeat = self.flag_help("watch_heartbeat_s")
        quiet_s_max = int(re.search(r"1 to (\d+)", heartbeat).group(1))
        self.assertGreater(60 * int(re.search(r"^ +timeout server (\d+)m$", shipped_text(), re.MULTILINE).group(1)), quiet_s_max)
        self.start_behind_proxy(f"--watch_heartbeat_s={quiet_s_max}")
        hasty = self.new_proxy(self.server.address, changed(shipped_text(), r"timeout client \d+m$", "timeout client 2s"))
        # The control: a proxy that takes the server's quiet for death.
        impatient = self.new_proxy(self.server.address, changed(shipped_text(), r"timeout server \d+m$", "timeout server 2s"))
        watched, hastily, cut = (self.watch(proxy.address) for proxy in (self.proxy, hasty, impatient))
        self.outcome_of(self.peer("silent_call", self.proxy.address))
        await_true(lambda: cut and isinstance(cut[-1], grpc.StatusCode), "the watch behind the impatient proxy ends")
        self.client.evidence.RecordEvidence(story.record(story.joint(shared_experience_held={})), timeout=SECONDS_MAX)
        for came in (watched, hastily):
            self.assertFalse([end for end in came if isinstance(end, grpc.StatusCode)])
            await_true(lambda came=came: any(getattr(message, "events", ()) for message in came), "the watch tells what was recorded after its quiet")

    def test_messages_are_refused_with_a_status_that_a_grpc_client_understands(self):
        default_kib, _ = self.flag_help("message_kib_max")
        self.assertEqual(int(re.search(r"presetenv MESSAGE_BYTES +(\d+)", shipped_text()).group(1)), int(default_kib) << 11)
        self.start_behind_proxy()
        with contextlib.closing(server.Client(self.proxy.address)) as client:
            record = client.evidence.RecordEvidence
            for kib, codes in ((900, ["INVALID_ARGUMENT"]), (1100, ["RESOURCE_EXHAUSTED"]), (8000, ["RESOURCE_EXHAUSTED", "CANCELLED"])):
                request = story.record(story.joint(shared_experience_held={}), correlation_id="a" * (kib << 10))
                self.assertIn(self.refusal(record, request).code, codes, kib)
            for length in (10, 900 << 10):
                request = story.record(story.joint(shared_experience_held={}), correlation_id="a" * length)
                self.assertEqual(self.refusal(record, request, compression=grpc.Compression.Gzip).code, "UNIMPLEMENTED")

    def file(self, name, *parts):
        return write(self.folder / name, b"".join(part if isinstance(part, bytes) else part.encode() for part in parts))

    def pair(self, name, holder):
        return self.file(name, holder.certificate, holder.key)

    def permissions(self, *principals):
        return self.file("permissions.json", json.dumps({"grants": [{"principals": [principal], "roles": ["reader"]} for principal in principals]}))

    def code(self, address, authority=None, holder=None, metadata=()):
        """How a listing of the partnerships ends."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        shown = (holder.key, holder.certificate) if holder else ()
        channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(authority.pem, *shown), options) if authority \
            else grpc.insecure_channel(address, options)
        with contextlib.closing(channel):
            try:
                services.PartnershipServiceStub(channel).ListPartnerships(api.ListPartnershipsRequest(), metadata=metadata, timeout=SECONDS_MAX)
                return "OK"
            except grpc.RpcError as error:
                return error.code().name

    def serve(self, *flags):
        """The address of a server to which the proxy's callers must make themselves known."""
        process = Process(self.folder / "known", *flags)
        self.addCleanup(lambda: process.running and process.kill())
        serving = process.await_log("serving")
        self.assertIsNotNone(serving, process.log)
        return serving["address"]

    def test_a_token_passes_through_and_an_error_s_details_come_back(self):
        issuer = Issuer()
        proxy = self.new_proxy(self.serve(f"--token_key_file={self.file('keys.json', issuer.key_file())}",
                                          f"--permission_file={self.permissions(f'{issuer.issuer}#anna')}"))
        for subject, code in (("anna", "OK"), ("bob", "PERMISSION_DENIED")):
            self.assertEqual(self.code(proxy.address, metadata=(("authorization", f"Bearer {issuer.token(subject)}"),)), code)
        self.assertEqual(self.code(proxy.address), "UNAUTHENTICATED")
        self.start_behind_proxy()
        with contextlib.closing(server.Client(self.proxy.address)) as client:
            self.assert_refused("NOT_FOUND", "PARTNERSHIP_NOT_FOUND", client.history.ListEvents, api.ListEventsRequest(partnership="nobody"))

    def test_with_an_authority_only_its_clients_come_in_and_none_that_was_revoked(self):
        authority, other = Authority(), Authority("Another Authority")
        client, revoked = authority.issue("client"), authority.issue("revoked")
        self.start_behind_proxy(PROXY_CERTIFICATE=self.pair("proxy.pem", authority.issue("proxy")), PROXY_CLIENT_CA=self.file("ca.pem", authority.pem),
                                PROXY_CLIENT_CRL=self.file("crl.pem", authority.revoke(revoked)))
        self.assertEqual(self.code(self.proxy.address, authority, client), "OK")
        for holder in (None, revoked, other.issue("client")):
            self.assertEqual(self.code(self.proxy.address, authority, holder), "UNAVAILABLE")

    def test_behind_the_first_door_every_caller_is_the_proxy_and_behind_the_second_each_is_itself(self):
        authority, other, port = Authority(), Authority("Another Authority"), free_port()
        shown, granted, nobody = (authority.issue(name) for name in ("trustd", "granted", "nobody"))
        address = self.serve(f"--tls_certificate_file={self.file('trustd.crt', shown.certificate)}", f"--tls_key_file={self.file('trustd.key', shown.key)}",
                             f"--tls_client_ca_file={self.file('ca.pem', authority.pem)}", f"--permission_file={self.permissions('x509:CN=granted')}")
        proxy = self.new_proxy(address, PROXY_CERTIFICATE=self.pair("proxy.pem", authority.issue("proxy")), PASSTHROUGH_PORT=port,
                               TRUSTD_CA=self.folder / "ca.pem", TRUSTD_CLIENT_PEM=self.pair("client.pem", granted))
        self.assertEqual(self.code(proxy.address, authority), "OK")
        second = f"127.0.0.1:{port}"
        self.assertEqual([self.code(second, authority, holder) for holder in (granted, nobody, other.issue("granted"), None)],
                         ["OK", "PERMISSION_DENIED", "UNAVAILABLE", "UNAVAILABLE"])
        # The proxy speaks to nobody else than trustd.
        wrong = self.new_proxy(address, PROXY_CERTIFICATE=self.folder / "proxy.pem", TRUSTD_CA=self.file("other.pem", other.pem),
                               TRUSTD_CLIENT_PEM=self.folder / "client.pem")
        self.assertEqual(self.code(wrong.address, authority), "UNAVAILABLE")

    def test_the_door_that_hands_connections_through_counts_them_and_nothing_else(self):
        port = free_port()
        self.start_behind_proxy(PASSTHROUGH_PORT=port)
        address = f"127.0.0.1:{port}"
        self.assert_answers_at_once(address)
        share = int(re.search(r"presetenv CONNECTIONS +(\d+)", shipped_text()).group(1))
        seen, = self.attack(("many_connections", 200, SECONDS_MAX, share), address=address)
        self.assertLessEqual(seen["open"], share, seen)


if __name__ == "__main__":
    server.main()
