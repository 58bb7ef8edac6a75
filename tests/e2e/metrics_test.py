"""What the server counts and says of itself, read as Prometheus reads it, and what is made of it: alerts, dashboard, runbook."""

import datetime
import gzip
import json
import re
import subprocess
import threading
import urllib.error
import urllib.request
import uuid

import grpc
from cryptography import x509

import authority
import server
import story
from authority import Authority, Issuer, write
from identity_test import IdentityCase, outcome
from server import REPOSITORY, SECONDS_MAX, Client, DidNotServe, Process, Server, ServerTest, await_true, end, program
from stubs import api, services

ALERTS = REPOSITORY / "deploy" / "observability" / "alerts.yaml"
DASHBOARD = REPOSITORY / "deploy" / "observability" / "dashboard.json"
RUNBOOK = REPOSITORY / "deploy" / "runbook.md"
GUIDE = REPOSITORY / "deploy" / "README.md"
# Suffixes that a histogram's series have beside its name.
OF_HISTOGRAMS = r"_(bucket|sum|count)$"


def promtool(*arguments, text=None):
    return subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True, text=True, timeout=SECONDS_MAX,
                          check=False)


def metric_names(text):
    """The metrics that a text names: ours, and those that every process has."""
    return {re.sub(OF_HISTOGRAMS, "", name) for name in re.findall(r"\b(?:trustd|process)_[a-z_]+\b", text)}


class Scrape:
    """One reading of /metrics."""

    def __init__(self, text):
        self.text = text
        self.types = dict(re.findall(r"(?m)^# TYPE (\S+) (\S+)$", text))
        self.values = {}
        for name, labels, value in re.findall(r"(?m)^([a-z_]+)(?:\{(.*)\})? (\S+)$", text):
            self.values[name, tuple(sorted(re.findall(r'(\w+)="([^"]*)"', labels)))] = float(value)

    def value(self, name, **labels):
        """The value of the one series of that name with these labels, and perhaps others."""
        found = [value for (series, their), value in self.values.items() if series == name and labels.items() <= dict(their).items()]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} series are {name} {labels}")
        return found[0]

    def total(self, name, **labels):
        """The sum over all such series; 0 where there is none."""
        return sum(value for (series, their), value in self.values.items()
                   if series == name and labels.items() <= dict(their).items())

    def ours(self):
        return {name for name in self.types if name.startswith(("trustd_", "process_"))}


class MetricsCase(ServerTest):
    def begin(self, *flags, **options):
        self.start("--metrics_listen=127.0.0.1:0", *flags, **options)
        self.metrics_address = self.server.await_log("serving")["metrics_address"]

    def fetch(self, path="/metrics", **headers):
        request = urllib.request.Request(f"http://{self.metrics_address}{path}", headers=headers)
        return urllib.request.urlopen(request, timeout=SECONDS_MAX)

    def scrape(self):
        with self.fetch() as answer:
            return Scrape(answer.read().decode())

    def log_lines(self):
        """The lines of the log so far, each of which has to be one JSON object with the fields that all have."""
        lines = [json.loads(line) for line in self.server.log.splitlines()]
        for line in lines:
            self.assertEqual(list(line)[:3], ["time", "level", "message"], line)
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertIn(line["level"], ("info", "warning", "error"))
            self.assertTrue(all(isinstance(value, str) for value in line.values()), line)
        return lines


class MetricsTest(MetricsCase):
    """A server without callers to know."""

    def test_calls_are_counted_exactly_by_method_and_code(self):
        self.begin()
        before = self.scrape()
        client = self.client
        client.partnerships.CreatePartnership(story.creation())
        for _ in range(5):
            client.evidence.RecordEvidence(story.record(story.evidence(shared_experience_held={})))
        for _ in range(3):
            self.assert_refused("NOT_FOUND", "PARTNERSHIP_NOT_FOUND", client.trust.AssessTrust,
                                api.AssessTrustRequest(partnership="nobody"))
        self.assert_refused("INVALID_ARGUMENT", "INVALID_FIELD", client.partnerships.GetPartnership,
                            api.GetPartnershipRequest(partnership="Not an id"))
        list(client.evidence.ImportHistory(iter([api.ImportHistoryRequest(items=[story.founding_item()])]), timeout=SECONDS_MAX))
        after = self.scrape()

        def grown(name, **labels):
            return after.total(name, **labels) - before.total(name, **labels)

        record = {"service": "trust.v1.EvidenceService", "method": "RecordEvidence"}
        self.assertEqual(grown("trustd_rpc_started_total", **record), 5)
        self.assertEqual(grown("trustd_rpc_handled_total", **record, code="OK"), 5)
        self.assertEqual(grown("trustd_rpc_seconds_count", **record), 5)
        self.assertEqual(after.value("trustd_rpc_seconds_bucket", **record, le="+Inf"), 5)
        self.assertGreater(after.value("trustd_rpc_seconds_sum", **record), 0)
        self.assertLess(after.value("trustd_rpc_seconds_sum", **record), 5 * SECONDS_MAX)
        self.assertEqual(grown("trustd_rpc_handled_total", method="AssessTrust", code="NOT_FOUND"), 3)
        self.assertEqual(grown("trustd_rpc_handled_total", method="AssessTrust", code="OK"), 0)
        self.assertEqual(grown("trustd_rpc_handled_total", method="GetPartnership", code="INVALID_ARGUMENT"), 1)
        self.assertEqual(grown("trustd_rpc_errors_total", reason="PARTNERSHIP_NOT_FOUND"), 3)
        self.assertEqual(grown("trustd_rpc_errors_total", reason="INVALID_FIELD"), 1)
        self.assertEqual(grown("trustd_rpc_handled_total", method="ImportHistory", code="OK"), 1)
        self.assertEqual(grown("trustd_rpc_seconds_count", method="ImportHistory"), 0, "a stream lasts as its caller likes")
        self.assertEqual(grown("trustd_rpc_started_total"), 11)
        self.assertEqual(grown("trustd_lane_events_total"), 2 + 5 + 2)
        self.assertEqual(after.value("trustd_log_events"), 9)
        self.assertEqual(after.value("trustd_lane_commands_waiting"), 0)
        self.assertEqual(grown("trustd_lane_commit_seconds_count"), 7)
        self.assertEqual(grown("trustd_lane_batch_commands_sum"), 7)

    def test_what_callers_invent_makes_no_series(self):
        self.begin()
        client = self.client
        client.partnerships.CreatePartnership(story.creation())
        before = self.scrape()
        for number in range(20):
            call = client.channel.unary_unary(f"/grpc.made.Up/Method{number}")
            with self.assertRaises(grpc.RpcError):
                call(b"", timeout=SECONDS_MAX)
        after = self.scrape()
        unknown = {"service": "unknown", "method": "unknown"}
        self.assertEqual(after.value("trustd_rpc_handled_total", **unknown, code="UNIMPLEMENTED"), 20)
        new = {series for series in after.values.keys() - before.values.keys() if series[0].startswith("trustd_")}
        self.assertEqual({dict(labels)["method"] for _, labels in new}, {"unknown"})
        self.assertEqual({name for name, _ in new if not name.startswith("trustd_rpc_seconds")}, {"trustd_rpc_handled_total"})

    def test_followers_and_readings_are_counted_while_they_are_there(self):
        self.begin()
        client = self.client
        client.partnerships.CreatePartnership(story.creation())
        client.evidence.BatchRecordEvidence(story.all_reach_rapport())
        watch = client.history.WatchEvents(api.WatchEventsRequest(), timeout=SECONDS_MAX)
        self.assertTrue(any(message.HasField("caught_up") for message in watch))
        scrape = self.scrape()
        self.assertEqual(scrape.value("trustd_event_followers"), 1)
        self.assertEqual(scrape.value("trustd_watches"), 1)
        self.assertEqual(scrape.value("trustd_watches_max"), 10000)
        watch.cancel()
        await_true(lambda: self.scrape().value("trustd_event_followers") == 0, "the watch is no longer counted")
        for _ in range(3):
            client.trust.AssessTrust(api.AssessTrustRequest(partnership="acme-globex"), timeout=SECONDS_MAX)
        scrape = self.scrape()
        self.assertGreaterEqual(scrape.value("trustd_readings_hits_total"), 2)
        self.assertGreaterEqual(scrape.value("trustd_readings_misses_total"), 1)
        self.assertGreater(scrape.value("trustd_cache_bytes", cache="readings"), 0)
        self.assertGreater(scrape.value("trustd_cache_bytes", cache="states"), 0)

    def test_a_follower_that_does_not_read_is_seen_to_fall_behind(self):
        self.begin()
        # A client that lets the server send no more than it has asked for, whatever the network could take.
        channel = grpc.insecure_channel(self.server.address, options=[
            ("grpc.use_local_subchannel_pool", 1), ("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65535)])
        self.addCleanup(channel.close)
        watch = services.HistoryServiceStub(channel).WatchEvents(api.WatchEventsRequest(), timeout=SECONDS_MAX)
        next(watch)  # It has caught up with the empty log, and reads no further for now.
        batches = [[story.item(f"item-{batch}-{number}", citation="c" * 450) for number in range(500)] for batch in range(8)]
        self.client.import_items([story.founding_item()], *batches)
        scrape = self.scrape()
        self.assertEqual(scrape.value("trustd_log_events"), 4002)
        self.assertGreater(scrape.value("trustd_event_followers_lag_positions_max"), 2000)
        self.assertTrue(any(message.resume_position and len(message.events.events) and
                            message.events.events[-1].revision == 4002 for message in watch))
        await_true(lambda: self.scrape().value("trustd_event_followers_lag_positions_max") == 0, "it has caught up")

    def test_store_process_checkpoints_and_backups_are_told(self):
        self.begin(f"--backup_directory={self.folder / 'backups'}")
        self.client.partnerships.CreatePartnership(story.creation())
        scrape = self.scrape()
        self.assertEqual(scrape.value("trustd_serving"), 1)
        self.assertEqual(scrape.value("trustd_backup_configured"), 1)
        self.assertEqual(scrape.value("trustd_backup_timestamp_seconds"), 0)
        self.assertEqual(scrape.value("trustd_store_disk_reserve_bytes"), 128 << 20)
        self.assertGreater(scrape.value("trustd_store_disk_free_bytes"), 0)
        self.assertGreater(scrape.value("trustd_store_memtable_bytes"), 0)
        version = subprocess.run([program("trustd"), "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        self.assertEqual(scrape.value("trustd_build_info", version=version), 1)
        self.assertAlmostEqual(scrape.value("process_resident_memory_bytes") / (1 << 20), self.server.memory_mib(), delta=64)
        self.assertGreater(scrape.value("process_cpu_seconds_total"), 0)
        self.assertGreater(scrape.value("process_open_fds"), 3)
        await_true(lambda: self.scrape().value("trustd_checkpoint_lag_positions") == 0, "a checkpoint covers the log")
        self.client.admin.CreateBackup(api.CreateBackupRequest(), timeout=SECONDS_MAX)
        scrape = self.scrape()
        self.assertEqual(scrape.value("trustd_backups_made_total"), 1)
        made = scrape.value("trustd_backup_timestamp_seconds")
        self.assertGreaterEqual(made, scrape.value("process_start_time_seconds") - 1)
        # A restart does not forget when the newest was made.
        self.server.stop()
        self.begin(f"--backup_directory={self.folder / 'backups'}")
        await_true(lambda: self.scrape().value("trustd_backup_timestamp_seconds") == made, "the backup from before is found")
        self.assertEqual(self.scrape().value("trustd_backups_made_total"), 0)

    def test_nothing_that_a_request_names_is_in_metrics_or_log(self):
        self.begin()
        client = self.client
        words = ("canaryfirm", "canaryperson", "canarynote", "canaryreason", "canarykey")
        client.partnerships.CreatePartnership(story.creation("canaryfirm-globex", partners=[
            {"organization": "canaryfirm"}, {"organization": "globex"}], recorder="canaryfirm"))
        client.partnerships.AssignContact(api.AssignContactRequest(
            partnership="canaryfirm-globex", recorder="canaryfirm", organization="canaryfirm", contact="canaryperson",
            occur_time=story.time_of("2024-01-09"), profile={"display_name": "canarynote"}), timeout=SECONDS_MAX)
        for call, request in (
                (client.evidence.RecordEvidence, story.record(story.evidence(shared_experience_held={}), "canaryfirm-globex",
                                                              correlation_id="canarykey", recorder="canaryperson")),
                (client.trust.AssessTrust, api.AssessTrustRequest(partnership="canaryfirm")),
                (client.partnerships.GetPartnership, api.GetPartnershipRequest(partnership="canarynote is no id")),
                (client.admin.EraseContact, api.EraseContactRequest(contact="canaryperson2", request="canaryreason",
                                                                    approver="canaryperson"))):
            self.refusal(call, request, metadata=(("trust-reader", "canaryperson"), ("trust-purpose", "canaryreason")))
        text = self.scrape().text + "".join(json.dumps(line) for line in self.log_lines())
        for word in words:
            self.assertNotIn(word, text)
        self.assertIn("RecordEvidence", text)

    def test_only_metrics_are_served_and_a_port_in_use_is_refused_with_words(self):
        self.begin()
        for path in ("/", "/../etc/passwd", "/other"):
            with self.assertRaises(urllib.error.HTTPError) as caught:
                self.fetch(path)
            self.assertEqual(caught.exception.code, 404, path)
            caught.exception.close()
        with self.fetch(**{"Accept-Encoding": "gzip"}) as answer:
            body = answer.read()
            if answer.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
        self.assertIn(b"trustd_serving 1", body)
        with self.assertRaises(DidNotServe) as caught:
            end(Server(self.folder / "other", f"--metrics_listen={self.metrics_address}"))
        self.assertIn("--metrics_listen", caught.exception.log)
        with self.assertRaises(DidNotServe) as caught:
            end(Server(self.folder / "other", "--metrics_listen=0.0.0.0:0"))
        self.assertIn("--metrics_anywhere", caught.exception.log)

    def test_a_server_that_shows_metrics_ends_as_soon_as_another(self):
        self.begin()
        self.scrape()
        self.server.stop()
        ends = {line["message"]: datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00")) for line in self.log_lines()}
        # The library by itself takes up to two seconds, each time.
        self.assertLess((ends["stopped"] - ends["draining"]).total_seconds(), 1.5)

    def test_readers_of_metrics_hold_up_no_call(self):
        self.begin()
        self.client.partnerships.CreatePartnership(story.creation())
        stop = threading.Event()
        read, failed = [], []

        def read_on():
            while not stop.is_set():
                try:
                    read.append(self.scrape().value("trustd_serving"))
                except Exception as error:  # pylint: disable=broad-except
                    failed.append(error)

        readers = [threading.Thread(target=read_on) for _ in range(4)]
        for reader in readers:
            reader.start()
        try:
            for _ in range(200):
                self.client.evidence.RecordEvidence(story.record(story.evidence(shared_experience_held={})), timeout=SECONDS_MAX)
        finally:
            stop.set()
            for reader in readers:
                reader.join()
        self.assertEqual(failed, [])
        self.assertGreater(len(read), 4)
        self.assertEqual(self.scrape().value("trustd_lane_events_total"), 202)


class RefusedCallersTest(MetricsCase):
    """A server that knows its callers by their tokens."""

    def setUp(self):
        super().setUp()
        self.issuer = Issuer()
        write(self.folder / "keys.json", self.issuer.key_file())
        write(self.folder / "permissions.json", json.dumps({"grants": [
            {"principals": ["https://id.example.com#anna"], "roles": ["reader"]},
            {"principals": ["https://id.example.com#otto"], "roles": ["recorder"], "partnerships": ["acme-globex"]}]}))

    def start(self, *flags, **options):
        """As ever, but for the client's look whether it serves, which nobody without a token may have."""
        class Known(Server):
            def __init__(self, *arguments, **more):  # pylint: disable=super-init-not-called
                Process.__init__(self, *arguments, **more)
                self.address = self.await_log("serving")["address"]
                self.client = Client(self.address)

        self.server = Known(self.folder / "store", *flags, f"--token_key_file={self.folder / 'keys.json'}",
                            f"--permission_file={self.folder / 'permissions.json'}", **options)
        self.addCleanup(end, self.server)

    def call(self, request, method, subject=None, token=None):
        token = token or (self.issuer.token(subject) if subject else None)
        metadata = (("authorization", f"Bearer {token}"),) if token else ()
        return self.refusal(method, request, metadata=metadata).code

    def refused_callers(self, count):
        """The lines of the log about refused callers, once there are so many at least."""
        await_true(lambda: self.server.log.count("a caller was refused") >= count, f"{count} lines about refused callers")
        return [line for line in self.log_lines() if line["message"] == "a caller was refused"]

    def test_refused_callers_are_counted_by_what_they_lack_and_named_nowhere(self):
        self.begin()
        reading = api.AssessTrustRequest(partnership="acme-globex")
        assess, record = self.client.trust.AssessTrust, self.client.evidence.RecordEvidence
        request_id = str(uuid.uuid4())
        for _ in range(2):
            self.assertEqual(self.call(reading, assess), "UNAUTHENTICATED")
        self.assertEqual(self.call(reading, assess, token="not.a.token"), "UNAUTHENTICATED")
        self.assertEqual(self.call(story.record(story.evidence(shared_experience_held={})), record, "anna"), "PERMISSION_DENIED")
        self.assertEqual(self.call(story.record(story.evidence(shared_experience_held={}), "initech-hooli", request_id=request_id),
                                   record, "otto"), "PERMISSION_DENIED")
        scrape = self.scrape()
        self.assertEqual(scrape.value("trustd_caller_refusals_total", reason="unknown"), 3)
        self.assertEqual(scrape.value("trustd_caller_refusals_total", reason="not_permitted"), 2)
        self.assertEqual(scrape.value("trustd_caller_refusals_total", reason="certificate"), 0)
        # What the guard refuses reaches no method; what a limit of a grant refuses did.
        self.assertEqual(scrape.value("trustd_rpc_started_total", method="AssessTrust"), 0)
        self.assertEqual(scrape.value("trustd_rpc_handled_total", method="RecordEvidence", code="PERMISSION_DENIED"), 1)
        told = self.refused_callers(5)
        self.assertEqual([(line["code"], line["method"]) for line in told], [
            *[("UNAUTHENTICATED", "trust.v1.TrustService/AssessTrust")] * 3,
            *[("PERMISSION_DENIED", "trust.v1.EvidenceService/RecordEvidence")] * 2])
        self.assertEqual([line.get("request_id") for line in told], [None, None, None, None, request_id])
        text = scrape.text + self.server.log
        for word in ("anna", "otto", "not.a.token", "initech"):
            self.assertNotIn(word, text)

    def test_a_flood_of_refusals_does_not_fill_the_log(self):
        self.begin()
        reading = api.AssessTrustRequest(partnership="acme-globex")
        for _ in range(300):
            self.call(reading, self.client.trust.AssessTrust)
        self.assertEqual(self.scrape().value("trustd_caller_refusals_total", reason="unknown"), 300)
        told = self.refused_callers(10)
        # Ten a minute; on a machine that takes minutes for this there may be some more.
        self.assertLess(len(told), 100)


class RefusedCertificatesTest(IdentityCase, MetricsCase):
    """A server that knows its callers by their certificates."""

    def test_a_revoked_certificate_is_counted_and_its_holder_not_named(self):
        revoked = self.authority.issue("canaryholder", ["spiffe://example.org/canaryholder"])
        write(self.identity / "crl.pem", self.authority.revoke(revoked))
        self.server = self.serve(*self.flags(), "--metrics_listen=127.0.0.1:0")
        self.metrics_address = self.server.await_log("serving")["metrics_address"]
        self.assertEqual(self.scrape().value("trustd_caller_refusals_total", reason="certificate"), 0)
        self.assertEqual(outcome(self.channel(revoked), "trust.v1.PolicyService/ListPolicies"), grpc.StatusCode.UNAVAILABLE)
        scrape = self.scrape()
        self.assertGreaterEqual(scrape.value("trustd_caller_refusals_total", reason="certificate"), 1)
        await_true(lambda: "a caller was refused" in self.server.log, "the log tells of it")
        told = [line for line in self.log_lines() if line["message"] == "a caller was refused"]
        self.assertEqual((told[0]["level"], told[0]["code"], told[0].get("method")), ("warning", "UNAUTHENTICATED", None))
        self.assertNotIn("canaryholder", scrape.text + self.server.log)


class IdentityStandingTest(IdentityCase, MetricsCase):
    """When what says who is who ends, and whether what its files hold was taken."""

    FILES = {"certificate", "authorities", "revocations", "permissions", "token_keys"}

    def setUp(self):
        super().setUp()
        write(self.identity / "keys.json", Issuer().key_file())
        self.server = self.serve(*self.flags(), f"--token_key_file={self.identity / 'keys.json'}", "--metrics_listen=127.0.0.1:0")
        self.metrics_address = self.server.await_log("serving")["metrics_address"]

    def not_taken(self):
        scrape = self.scrape()
        self.assertEqual({dict(labels)["files"] for name, labels in scrape.values if name == "trustd_identity_files_not_taken"}, self.FILES)
        return {files for files in self.FILES if scrape.value("trustd_identity_files_not_taken", files=files) == 1}

    def await_not_taken(self, *files):
        await_true(lambda: self.not_taken() == set(files), f"that these are not taken: {files}")

    def expiry(self, files):
        return self.scrape().value("trustd_identity_expiry_timestamp_seconds", files=files)

    def test_the_end_of_each_is_told_to_the_second_and_follows_its_file(self):
        def seconds(pem):
            return x509.load_pem_x509_certificate(pem).not_valid_after.replace(tzinfo=datetime.timezone.utc).timestamp()

        self.assertEqual(self.expiry("certificate"), seconds((self.identity / "cert.pem").read_bytes()))
        self.assertEqual(self.expiry("authorities"), seconds(self.authority.pem))
        late = authority.now() - datetime.timedelta(hours=1)
        write(self.identity / "crl.pem", self.authority.revoke(next_update=late))
        await_true(lambda: self.expiry("revocations") == late.replace(tzinfo=datetime.timezone.utc).timestamp(), "the list is taken, though late")
        self.assertEqual(self.scrape().total("trustd_identity_expiry_timestamp_seconds", files="permissions"), 0)
        renewed = self.authority.issue("trustd", end=authority.now() + 20 * authority.DAY)
        write(self.identity / "key.pem", renewed.key)
        write(self.identity / "cert.pem", renewed.certificate)
        await_true(lambda: self.expiry("certificate") == seconds(renewed.certificate), "the renewed certificate is taken")
        sooner = Authority("Another")
        write(self.identity / "ca.pem", self.authority.pem + sooner.pem)
        await_true(lambda: self.expiry("authorities") == min(seconds(self.authority.pem), seconds(sooner.pem)), "both are taken")

    def test_a_file_that_was_not_taken_shows_until_it_is_right_and_the_last_good_state_stays(self):
        self.assertEqual(self.not_taken(), set())
        ends = self.expiry("certificate")
        for name, broken, files in (("permissions.json", b"{", ["permissions"]), ("keys.json", b"{", ["token_keys"]),
                                    ("cert.pem", b"garbage", ["certificate"]), ("key.pem", None, ["certificate"]),
                                    ("ca.pem", b"", ["authorities", "revocations"]), ("crl.pem", b"", ["authorities", "revocations"])):
            with self.subTest(file=name):
                good = (self.identity / name).read_bytes()
                if broken is None:
                    (self.identity / name).unlink()
                else:
                    write(self.identity / name, broken)
                self.await_not_taken(*files)
                self.assertEqual(self.expiry("certificate"), ends)
                self.assertEqual(outcome(self.channel(self.peers["reader"]), "trust.v1.PolicyService/ListPolicies"), grpc.StatusCode.OK)
                write(self.identity / name, good)
                self.await_not_taken()

    def test_trustctl_status_shows_both(self):
        def page(role="operator"):
            peer = self.peers[role]
            certificate, key = write(self.folder / "me.pem", peer.certificate), write(self.folder / "me-key.pem", peer.key)
            shown = subprocess.run([program("trustctl"), "status", "--server", self.address, "--ca", self.identity / "ca.pem", "--cert",
                                    certificate, "--key", key], capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            return shown.stdout

        # The certificates of these tests live for 7 days, the authority for 30.
        self.assertRegex(page(), r"(?m)^certificate +ends 2\d{3}-")
        self.assertNotRegex(page(), "(?m)^(authorities|permissions|clock) ")
        for line in ("attention", "disk"):
            self.assertRegex(page("recorder"), f"(?m)^{line} +not yours to see$")
        write(self.identity / "permissions.json", b"{")
        self.await_not_taken("permissions")
        self.assertRegex(page(), "(?m)^permissions +not taken: what the files held before counts")


class ObservabilityTest(MetricsCase):
    """The alerts, the dashboard and the runbook are about what the server really tells."""

    def test_prometheus_finds_nothing_to_object_to_in_a_scrape(self):
        self.begin()
        self.client.partnerships.CreatePartnership(story.creation())
        ours = "\n".join(line for line in self.scrape().text.splitlines() if "exposer_" not in line) + "\n"
        checked = promtool("check", "metrics", text=ours)
        self.assertEqual((checked.returncode, checked.stderr.strip()), (0, ""), checked)
        planted = promtool("check", "metrics", text=ours + "# TYPE trustd_wrong counter\ntrustd_wrong 1\n")
        self.assertNotEqual(planted.returncode, 0)

    def test_every_metric_of_alerts_and_dashboard_is_in_a_scrape_and_in_the_guide(self):
        self.begin()
        self.client.partnerships.CreatePartnership(story.creation())
        there = self.scrape().ours()
        alerts = ALERTS.read_text(encoding="utf-8")
        panels = [target["expr"] for panel in self.panels() for target in panel.get("targets", ())]
        self.assertGreater(len(metric_names("\n".join(panels))), 30)
        for place, named in (("alerts", metric_names(alerts)), ("dashboard", metric_names("\n".join(panels))),
                             ("runbook", metric_names(RUNBOOK.read_text(encoding="utf-8")))):
            self.assertEqual(named - there, set(), place)
        rows = set(re.findall(r"(?m)^\| `((?:trustd|process)_[a-z_]+)", GUIDE.read_text(encoding="utf-8")))
        self.assertEqual(rows, there, "the table of deploy/README.md")

    def test_the_rules_are_right_by_promtool_and_fire_as_their_tests_say(self):
        checked = promtool("check", "rules", ALERTS)
        self.assertEqual(checked.returncode, 0, checked)
        tested = promtool("test", "rules", REPOSITORY / "tests" / "deploy" / "alerts_test.yaml")
        self.assertEqual(tested.returncode, 0, tested.stdout + tested.stderr)

    def test_every_alert_has_its_test_and_its_entry_in_the_runbook(self):
        text = ALERTS.read_text(encoding="utf-8")
        alerts = re.findall(r"(?m)^ +- alert: (\w+)$", text)
        self.assertGreater(len(alerts), 10)
        self.assertEqual(len(set(alerts)), len(alerts))
        runbook = RUNBOOK.read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"(?m)^## (\w+)$", runbook), alerts)
        for entry in re.split(r"(?m)^## ", runbook)[1:]:
            for part in ("**Means.**", "**Look at.**", "**Do.**"):
                self.assertIn(part, entry)
        self.assertEqual(re.findall(r"(?m)^ +runbook: (\S+)$", text), [f"deploy/runbook.md#{alert.lower()}" for alert in alerts])
        tests = (REPOSITORY / "tests" / "deploy" / "alerts_test.yaml").read_text(encoding="utf-8")
        for alert in alerts:
            silent = re.search(rf"alertname: {alert}, exp_alerts: \[\]", tests)
            fires = re.search(rf"alertname: {alert}\n +exp_alerts:\n", tests)
            self.assertTrue(silent and fires, f"{alert} is not seen to be silent and to fire")

    @staticmethod
    def panels():
        return json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]

    def test_the_dashboard_is_whole(self):
        panels = self.panels()
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        titles = [panel["title"] for panel in panels]
        self.assertEqual(len(set(titles)), len(titles))
        taken = set()
        for panel in panels:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            self.assertFalse(taken & cells, f"{panel['title']} lies over another")
            taken |= cells
            self.assertTrue(panel["type"] == "row" or all(target["expr"] for target in panel["targets"]), panel["title"])


if __name__ == "__main__":
    server.main()
