"""The spans that trustd sends by OpenTelemetry, as a collector gets them."""

import json
import pathlib
import signal
import subprocess
import time
import uuid

import server
import story
from collector import KIND_SERVER, STATUS_ERROR, Collector, attributes_of
from metrics_test import MetricsCase
from server import SECONDS_MAX, DidNotServe, Server, ServerTest, await_true, end, program
from stubs import api

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT_ID = "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE_ID}-{PARENT_ID}-01"
WAITING_MAX = 2048


def module():
    """The file of the module that is built with the programs; it is not where its library was not found."""
    return pathlib.Path(program("trustd")).parent / "trustd-opentelemetry.so"


def traced(*traceparents):
    return {"metadata": tuple(("traceparent", traceparent) for traceparent in traceparents), "timeout": SECONDS_MAX}


class TracesTest(MetricsCase):
    def setUp(self):
        super().setUp()
        if not module().is_file():
            self.skipTest(f"{module().name} is not built: opentelemetry-cpp was not found")
        self.collector = self.new_collector()

    def new_collector(self, port=0):
        collector = Collector(port).open()
        self.addCleanup(collector.close)
        return collector

    def begin(self, *flags, sample_per_mille=0, **options):
        super().begin(f"--traces_endpoint={self.collector.address}", f"--traces_module={module()}",
                      f"--traces_sample_per_mille={sample_per_mille}", *flags, **options)
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)

    def record(self, *traceparents, affected=("acme",), **fields):
        what = story.evidence(affected=affected, shared_experience_held={})
        return self.client.evidence.RecordEvidence(story.record(what, **fields), **traced(*traceparents))

    def spans_total(self, outcome):
        return self.scrape().value("trustd_spans_total", outcome=outcome)

    def await_spans(self, count):
        """The spans that came, once there are so many at least."""
        await_true(lambda: len(self.collector.spans()) >= count, f"{count} spans")
        return self.collector.spans()

    def test_a_call_is_a_span_of_its_callers_trace_and_its_event_has_the_same_ids(self):
        self.begin()
        before = time.time_ns()
        request_id = str(uuid.uuid4())
        answer = self.record(SAMPLED, request_id=request_id)
        after = time.time_ns()
        span, = self.await_spans(1)
        self.assertEqual((span.trace_id.hex(), span.parent_span_id.hex()), (TRACE_ID, PARENT_ID))
        self.assertNotIn(span.span_id.hex(), ("", "0" * 16, PARENT_ID))
        event = self.client.log()[-1]
        self.assertEqual((event.trace.trace_id, event.trace.parent_span_id), (TRACE_ID, PARENT_ID))
        self.assertEqual((span.name, span.kind), ("trust.v1.EvidenceService/RecordEvidence", KIND_SERVER))
        self.assertEqual(attributes_of(span), {
            "rpc.system": "grpc", "rpc.service": "trust.v1.EvidenceService", "rpc.method": "RecordEvidence",
            "rpc.grpc.status_code": 0, "trustd.request_id": request_id, "trustd.log_position": answer.log_position})
        self.assertEqual(event.log_position, answer.log_position)
        self.assertTrue(before <= span.start_time_unix_nano < span.end_time_unix_nano <= after, span)
        resource = attributes_of(self.collector.requests()[0].resource_spans[0].resource)
        version = subprocess.run([program("trustd"), "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
        self.assertEqual((resource["service.name"], resource["service.version"]), ("trustd", version))
        await_true(lambda: self.spans_total("sent") == 1, "the span is counted")

    def test_calls_without_a_trace_begin_one_at_the_rate_and_what_is_not_sampled_has_no_span(self):
        self.begin(sample_per_mille=500)  # The call that founds the partnership is the first, and so traced.
        for _ in range(19):
            self.record()
        for _ in range(5):
            self.record(f"00-{TRACE_ID}-{PARENT_ID}-00")
        self.server.stop()
        spans = self.collector.spans()
        self.assertEqual(len(spans), 10)
        self.assertEqual(len({span.trace_id for span in spans}), 10)
        self.assertEqual({(len(span.trace_id), len(span.span_id), span.parent_span_id) for span in spans}, {(16, 8, b"")})
        self.assertNotIn(TRACE_ID, {span.trace_id.hex() for span in spans})

    def test_a_hostile_traceparent_is_as_none(self):
        self.begin()
        hostile = [(SAMPLED, SAMPLED), (SAMPLED + "-more",), (f"ff{SAMPLED[2:]}",), (SAMPLED.upper(),), (SAMPLED[:-1],), ("0" * 55,),
                   ("-" * 55,), (f"00-{'0' * 32}-{PARENT_ID}-01",), (f"00-{TRACE_ID}-{'0' * 16}-01",), ("%s%n%s%n" * 1000,), ("x",)]
        for traceparents in hostile:
            self.assertFalse(self.record(*traceparents).events[0].HasField("trace"), traceparents)
        # Of a version to come is read what this one has.
        self.assertTrue(self.record(f"cc{SAMPLED[2:]}-{'x' * 2000}").events[0].HasField("trace"))
        self.server.stop()
        self.assertEqual([span.trace_id.hex() for span in self.collector.spans()], [TRACE_ID])

    def test_a_span_says_how_its_call_ended(self):
        self.begin()
        self.assert_refused("NOT_FOUND", "PARTNERSHIP_NOT_FOUND", self.client.trust.AssessTrust,
                            api.AssessTrustRequest(partnership="nobody"), metadata=(("traceparent", SAMPLED),))
        watch = self.client.history.WatchEvents(api.WatchEventsRequest(), **traced(SAMPLED))
        next(watch)
        self.server.signal(signal.SIGTERM)  # While the caller still listens.
        self.assertEqual(self.server.await_end(), 0)
        refused, ended = self.collector.spans()
        said = attributes_of(refused)
        self.assertEqual((refused.name, said["rpc.grpc.status_code"], said["error.type"], said["trustd.reason"], refused.status.code),
                         ("trust.v1.TrustService/AssessTrust", 5, "NOT_FOUND", "PARTNERSHIP_NOT_FOUND", 0))
        said = attributes_of(ended)
        self.assertEqual((ended.name, said["error.type"], ended.status.code),
                         ("trust.v1.HistoryService/WatchEvents", "UNAVAILABLE", STATUS_ERROR))

    def test_the_end_of_the_server_sends_what_waits(self):
        self.begin(sample_per_mille=1000)
        for _ in range(50):
            self.record()
        self.server.stop()
        self.assertEqual(len(self.collector.spans()), 51)

    def test_without_a_collector_calls_go_on_and_the_loss_is_counted_and_told(self):
        self.collector.close()
        self.begin()
        for _ in range(20):
            self.record(SAMPLED)
        await_true(lambda: self.spans_total("failed") == 20, "the lost spans are counted")
        self.server.await_log("traces could not be sent")
        told = [line for line in self.log_lines() if line["message"] == "traces could not be sent"]
        self.assertEqual([line["level"] for line in told], ["warning"])
        self.assertTrue(told[0]["error"], told)
        self.assertEqual(self.scrape().value("trustd_log_events"), 22)
        # One that comes later gets what comes then.
        self.collector = self.new_collector(self.collector.port)
        self.record(SAMPLED)
        self.await_spans(1)
        await_true(lambda: self.spans_total("sent") == 1, "the sent span is counted")

    def test_a_collector_that_refuses_counts_as_failed(self):
        self.collector.status = 503
        self.begin()
        self.record(SAMPLED)
        await_true(lambda: self.spans_total("failed") == 1, "the refused span is counted")
        self.assertEqual(self.spans_total("sent"), 0)

    def test_a_collector_that_never_answers_holds_up_no_call_and_the_end_for_seconds_only(self):
        self.collector.silent.set()
        self.begin()
        calls = [self.client.trust.AssessTrust.future(api.AssessTrustRequest(partnership="acme-globex"), **traced(SAMPLED))
                 for _ in range(WAITING_MAX + 1500)]
        for call in calls:
            call.result()
        scrape = self.scrape()
        self.assertLessEqual(scrape.value("trustd_spans_waiting"), WAITING_MAX)
        lost = sum(scrape.value("trustd_spans_total", outcome=outcome) for outcome in ("failed", "dropped"))
        self.assertEqual(lost + scrape.value("trustd_spans_waiting"), len(calls))
        self.assertGreater(lost, 1000)
        begun = time.monotonic()
        self.server.stop()
        self.assertLess(time.monotonic() - begun, 20)
        self.assertEqual(self.collector.bodies, [])
        self.assertIn("traces could not be sent", [line["message"] for line in self.log_lines()])

    def test_nothing_that_a_request_names_is_in_a_span(self):
        self.begin(sample_per_mille=1000)
        client = self.client
        client.partnerships.CreatePartnership(story.creation("canaryfirm-globex", partners=[
            {"organization": "canaryfirm"}, {"organization": "globex"}], recorder="canaryfirm"), timeout=SECONDS_MAX)
        client.partnerships.AssignContact(api.AssignContactRequest(
            partnership="canaryfirm-globex", recorder="canaryfirm", organization="canaryfirm", contact="canaryperson",
            occur_time=story.time_of("2024-01-09"), profile={"display_name": "canarynote"}), timeout=SECONDS_MAX)
        self.record(affected=["canaryfirm"], partnership="canaryfirm-globex", recorder="canaryfirm", correlation_id="canarykey", causation_id="canarycause")
        for call, request in (
                (client.evidence.RecordEvidence, story.record(story.evidence(shared_experience_held={}), request_id="canaryid")),
                (client.trust.AssessTrust, api.AssessTrustRequest(partnership="canaryfirm")),
                (client.partnerships.GetPartnership, api.GetPartnershipRequest(partnership="canarynote is no id")),
                (client.channel.unary_unary("/grpc.Canary/Canary", request_serializer=lambda _: b"canary"), None)):
            self.refusal(call, request, metadata=(("trust-reader", "canaryperson"), ("tracestate", "canary=1"), ("baggage", "canary=1"),
                                                  ("user-agent", "canary")))
        self.server.stop()
        self.assertEqual(len(self.collector.spans()), 7)
        self.assertNotIn(b"canary", b"".join(self.collector.bodies).lower())

    def test_headers_of_the_environment_are_sent_along(self):
        self.begin(under=("env", "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20secret"))
        self.record(SAMPLED)
        self.await_spans(1)
        self.assertEqual(self.collector.headers[0]["authorization"], "Bearer secret")
        self.assertNotIn("secret", self.server.log)


class TracesRefusalTest(ServerTest):
    """Needs no module."""

    def refused(self, *flags):
        with self.assertRaises(DidNotServe) as caught:
            end(Server(self.folder / "store", *flags))
        self.assertFalse((self.folder / "store").exists(), "nothing is made for a server that cannot be")
        return caught.exception.code, caught.exception.log

    def test_without_the_module_the_start_is_refused_and_says_what_to_install(self):
        missing = self.folder / "is-not-there.so"
        code, said = self.refused("--traces_endpoint=http://127.0.0.1:4318", f"--traces_module={missing}")
        self.assertEqual(code, 1)
        self.assertIn(str(missing), said)
        self.assertIn("install the package trustd-opentelemetry of version", said)

    def test_what_is_no_collector_is_a_wrong_flag(self):
        for endpoint in ("127.0.0.1:4318", "grpc://127.0.0.1:4317", "http://n:secret@localhost:4318"):
            code, said = self.refused(f"--traces_endpoint={endpoint}")
            self.assertEqual(code, 2)
            self.assertIn("--traces_endpoint", said)
        self.assertEqual(self.refused("--traces_sample_per_mille=1001")[0], 2)

    def test_without_an_endpoint_no_module_is_looked_for(self):
        self.start(f"--traces_module={self.folder / 'is-not-there.so'}")
        self.assertNotIn("traces", json.dumps(self.server.log))
        self.server.stop()


if __name__ == "__main__":
    server.main()
