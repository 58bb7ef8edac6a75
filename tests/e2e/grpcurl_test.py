"""An operator with nothing but grpcurl: every example of deploy/examples, through reflection alone."""

import json
import re
import subprocess

import server
from server import REPOSITORY, SECONDS_MAX, ServerTest, grpcurl_program

EXAMPLES = REPOSITORY / "deploy" / "examples"


def example_files():
    return sorted(EXAMPLES.glob("[0-9][0-9]-*.json"))


def method_of(path):
    """trust.v1.TrustService/AssessTrust, from NN-trust.v1.TrustService.AssessTrust.json."""
    service, _, method = path.stem.split("-", 1)[1].rpartition(".")
    return f"{service}/{method}"


def messages_in(text):
    """The JSON objects of grpcurl's output, one after the other, with names as in the protos."""
    decoder, messages, text = json.JSONDecoder(), [], text.strip()
    while text:
        message, end = decoder.raw_decode(text)
        messages.append(as_in_protos(message))
        text = text[end:].lstrip()
    return messages


def as_in_protos(value):
    """grpcurl writes camelCase or snake_case, depending on what reflection tells it."""
    if isinstance(value, dict):
        return {re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found.group(1).lower(), key): as_in_protos(inner)
                for key, inner in value.items()}
    if isinstance(value, list):
        return [as_in_protos(inner) for inner in value]
    return value


class GrpcurlTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.grpcurl = grpcurl_program()
        self.start()

    def run_grpcurl(self, *arguments, body=None):
        """Runs `grpcurl FLAGS... ADDRESS WORDS...`; of the arguments, those that begin with a dash are flags."""
        flags = [argument for argument in arguments if argument.startswith("-")]
        words = [argument for argument in arguments if not argument.startswith("-")]
        if body is not None:
            flags += ["-d", "@"]
        return subprocess.run([self.grpcurl, "-plaintext", *flags, self.server.address, *words], input=body or "",
                              capture_output=True, text=True, timeout=SECONDS_MAX, check=False)

    def call(self, method, body):
        outcome = self.run_grpcurl(method, body=body if isinstance(body, str) else json.dumps(body))
        self.assertEqual(outcome.returncode, 0, f"{method}: {outcome.stdout}{outcome.stderr}")
        return messages_in(outcome.stdout)

    def watch(self, method, body):
        """What a stream that ends only with the call says in two seconds."""
        outcome = self.run_grpcurl("-max-time=2", method, body=body)
        self.assertIn("DeadlineExceeded", outcome.stderr, f"{method}: {outcome.stdout}{outcome.stderr}")
        return messages_in(outcome.stdout)

    def run_examples(self):
        """The answers to all examples in their order, by file name."""
        return {path.name: (self.watch if "Watch" in path.name else self.call)(method_of(path), path.read_text(encoding="utf-8"))
                for path in example_files()}

    def test_every_service_is_listed_and_described(self):
        listed = self.run_grpcurl("list")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertLessEqual({"grpc.health.v1.Health", "trust.v1.PartnershipService", "trust.v1.EvidenceService",
                              "trust.v1.TrustService", "trust.v1.HistoryService"}, set(listed.stdout.split()))
        for service in listed.stdout.split():
            if service.startswith("grpc.reflection."):
                continue
            methods = self.run_grpcurl("list", service)
            self.assertEqual(methods.returncode, 0, f"{service}: {methods.stderr}")
            self.assertTrue(methods.stdout.split(), service)
        described = self.run_grpcurl("describe", "trust.v1.EvidenceService.RecordEvidence")
        self.assertIn("rpc RecordEvidence ( .trust.v1.RecordEvidenceRequest ) returns ( .trust.v1.RecordEvidenceResponse );",
                      described.stdout, described.stderr)
        request = self.run_grpcurl("describe", "-msg-template", "trust.v1.RecordEvidenceRequest")
        self.assertIn("string partnership = 1;", request.stdout, request.stderr)
        self.assertIn(".trust.v1.Evidence evidence = 6;", request.stdout)

    def test_the_examples_show_every_method_and_the_table_names_them(self):
        readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
        shown = {method_of(path) for path in example_files()}
        for path in example_files():
            self.assertIn(f"`{path.name}` | `{method_of(path)}`", readme)
        services = [name for name in self.run_grpcurl("list").stdout.split() if name.startswith("trust.")]
        offered = {"/".join(method.rsplit(".", 1)) for service in services
                   for method in self.run_grpcurl("list", service).stdout.split()}
        self.assertEqual({method for method in shown if method.startswith("trust.")}, offered)

    def test_the_examples_tell_their_story_and_a_second_time_the_same(self):
        first = self.run_examples()
        answers = {name.split("-", 1)[0]: answer for name, answer in first.items()}
        self.assertEqual(answers["01"][0]["status"], "SERVING")
        self.assertEqual(answers["02"][0]["partnership"]["partnership"], "acme-globex")
        self.assertEqual(answers["04"][0]["events"][0]["evidence"]["source"], "SOURCE_COUNTERPART")
        self.assertEqual(answers["05"][0]["revision"], "16")
        self.assertEqual([result["outcome"] for result in answers["08"][0]["results"]], ["IMPORT_OUTCOME_CREATED"] * 13)
        self.assertEqual(answers["11"][0]["partnership"]["revision"], "18")
        self.assertEqual([partnership["partnership"] for partnership in answers["12"][0]["partnerships"]],
                         ["acme-globex", "acme-initrode", "initech-hooli"])
        stages = {(reading["trustor"], reading["trustee"]): reading["stage"] for reading in answers["13"][0]["directions"]}
        self.assertEqual(stages, {("acme", "globex"): "STAGE_MAINTAINING_COMMITMENT", ("globex", "acme"): "STAGE_INITIAL_CONTACT"})
        self.assertEqual([step["stage"] for step in answers["14"][0]["transitions"]],
                         ["STAGE_INITIAL_CONTACT", "STAGE_BUILDING_RAPPORT", "STAGE_ESTABLISHING_RELIABILITY",
                          "STAGE_MAINTAINING_COMMITMENT"])
        self.assertEqual([event["revision"] for event in answers["15"][0]["events"]], ["1", "2", "3", "4", "5"])
        self.assertTrue(answers["15"][0]["next_page_token"])
        self.assertEqual([message["step"]["event"]["revision"] for message in answers["16"][:-1]],
                         [str(revision) for revision in range(1, 19)])
        self.assertEqual(answers["16"][-1]["end"]["event_count"], "18")
        attention = answers["60"][0]["items"]
        self.assertEqual({item["partnership"] for item in attention}, {"acme-globex"})
        self.assertIn("ATTENTION_KIND_REVIEW_OVERDUE", {item["kind"] for item in attention})
        self.assertEqual([partnership["partnership"] for partnership in answers["61"][0]["partnerships"]], ["acme-initrode"])
        self.assertEqual([next(iter(set(message) - {"resume_token"})) for message in answers["62"]],
                         ["snapshot", "snapshot", "caught_up"])

        second = self.run_examples()
        for name, answer in first.items():
            if "ImportHistory" in name:
                self.assertEqual([(result["external_id"], result["outcome"], result["revision"])
                                  for result in second[name][0]["results"]],
                                 [(result["external_id"], "IMPORT_OUTCOME_UNCHANGED", result["revision"])
                                  for result in answer[0]["results"]])
            else:
                self.assertEqual(second[name], answer, name)

    def test_an_operator_founds_records_reads_and_sees_an_error_with_its_details(self):
        self.call("trust.v1.PartnershipService/CreatePartnership", {
            "partnership": "acme-globex", "partners": [{"organization": "acme"}, {"organization": "globex"}],
            "initialContactTime": "2024-01-08T00:00:00Z", "recorder": "acme"})
        recorded = self.call("trust.v1.EvidenceService/RecordEvidence", {
            "partnership": "acme-globex", "recorder": "acme", "occurTime": "2024-01-22T00:00:00Z",
            "evidence": {"actor": "globex", "affected": ["acme"], "credibilityAssessed": {}}})
        self.assertEqual(recorded[0]["revision"], "3")
        reading = self.call("trust.v1.TrustService/AssessTrust", {
            "partnership": "acme-globex", "trustor": "acme", "trustee": "globex", "asOfTime": "2024-01-22T00:00:00Z",
            "minPosition": recorded[0]["log_position"]})
        self.assertEqual(reading[0]["directions"][0]["stage"], "STAGE_INITIAL_CONTACT")
        self.assertGreater(reading[0]["directions"][0]["facets"][0]["score_bp"], 5000)

        refused = self.run_grpcurl("trust.v1.EvidenceService/RecordEvidence", body=json.dumps({
            "partnership": "acme-globex", "occurTime": "2024-01-22T00:00:00Z",
            "evidence": {"actor": "globex", "affected": ["globex"], "sharedExperienceHeld": {}}}))
        self.assertNotEqual(refused.returncode, 0)
        for part in ("Code: InvalidArgument", '"reason": "INVALID_FIELD"', '"domain": "trust.v1"', "google.rpc.BadRequest",
                     '"field": "recorder"', '"field": "evidence.affected"'):
            self.assertIn(part, refused.stderr)
        unknown = self.run_grpcurl("trust.v1.TrustService/AssessTrust", body='{"partnership": "nobody"}')
        for part in ("Code: NotFound", '"reason": "PARTNERSHIP_NOT_FOUND"', "google.rpc.ResourceInfo"):
            self.assertIn(part, unknown.stderr)

    def test_an_import_of_many_messages_streams_through_grpcurl(self):
        founding = {"partnership": "initech-hooli", "externalId": "founding", "occurTime": "2021-03-01T00:00:00Z",
                    "partnershipProposed": {"partners": [{"organization": "initech"}, {"organization": "hooli"}]}}
        meeting = {"partnership": "initech-hooli", "occurTime": "2021-04-01T00:00:00Z",
                   "evidence": {"actor": "hooli", "affected": ["initech"], "sharedExperienceHeld": {}}}
        bodies = [{"items": [founding]}] + [{"items": [{**meeting, "externalId": f"meeting-{i}"}]} for i in range(5)]
        answers = self.call("trust.v1.EvidenceService/ImportHistory", "\n".join(json.dumps(body) for body in bodies))
        self.assertEqual([answer["results"][0]["revision"] for answer in answers], ["2", "3", "4", "5", "6", "7"])

    def test_a_wrong_name_of_a_value_is_said_before_anything_is_sent(self):
        with self.nothing_stored():
            outcome = self.run_grpcurl("trust.v1.EvidenceService/RecordEvidence", body=json.dumps({
                "partnership": "acme-globex", "recorder": "acme", "occurTime": "2024-01-22T00:00:00Z",
                "evidence": {"actor": "globex", "affected": ["acme"], "materiality": "MATERIALITY_HUGE"}}))
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn("MATERIALITY_HUGE", outcome.stderr)


if __name__ == "__main__":
    server.main()
