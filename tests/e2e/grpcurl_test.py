"""An operator with nothing but grpcurl: every example of deploy/examples, through reflection alone."""

import base64
import hashlib
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
        key, self.verifier_key = self.new_key()
        self.start(f"--signing_key_file={key}", f"--backup_directory={self.folder}/backups", f"--keys_backup_directory={self.folder}/key-backups")

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
        """What a stream that ends only with the call says until it has caught up."""
        with subprocess.Popen([self.grpcurl, "-plaintext", f"-max-time={SECONDS_MAX}", "-d", "@", self.server.address, method],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as call:
            call.stdin.write(body)
            call.stdin.close()
            text, caught_up = "", False
            # A message ends where its JSON object does: with a brace that nothing is before.
            for line in call.stdout:
                text += line
                caught_up = caught_up or "caughtUp" in line or "caught_up" in line
                if caught_up and line.startswith("}"):
                    break
            call.kill()
            self.assertTrue(caught_up, f"{method}: {text}{call.stderr.read()}")
        return messages_in(text)

    def run_examples(self):
        """The answers to all examples in their order, by file name."""
        return {path.name: (self.watch if "Watch" in path.name else self.call)(method_of(path), path.read_text(encoding="utf-8"))
                for path in example_files()}

    def test_every_service_is_listed_and_described(self):
        listed = self.run_grpcurl("list")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertLessEqual({"grpc.health.v1.Health", "trust.v1.PartnershipService", "trust.v1.EvidenceService",
                              "trust.v1.TrustService", "trust.v1.HistoryService", "trust.v1.PolicyService",
                              "trust.v1.AuditService", "trust.v1.AdminService"},
                             set(listed.stdout.split()))
        for service in listed.stdout.split():
            if service.startswith("grpc.reflection."):
                continue
            methods = self.run_grpcurl("list", service)
            self.assertEqual(methods.returncode, 0, f"{service}: {methods.stderr}")
            self.assertTrue(methods.stdout.split(), service)
        described = self.run_grpcurl("describe", "trust.v1.EvidenceService.RecordEvidence")
        self.assertIn("rpc RecordEvidence ( .trust.v1.RecordEvidenceRequest ) returns ( .trust.v1.RecordEvidenceResponse ) {",
                      described.stdout, described.stderr)
        self.assertIn("roles: [ ROLE_RECORDER ]", " ".join(described.stdout.split()), "who may call it")
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
        answers = {}  # By method, so that an example can move.
        for path in example_files():
            answers.setdefault(method_of(path).split("/")[1], []).append(first[path.name])
        self.assertEqual(answers["Check"][0][0]["status"], "SERVING")
        self.assertEqual(answers["CreatePartnership"][0][0]["partnership"]["partnership"], "acme-globex")
        self.assertEqual(answers["RecordEvidence"][0][0]["events"][0]["evidence"]["source"], "SOURCE_COUNTERPART")
        self.assertEqual(answers["BatchRecordEvidence"][0][0]["revision"], "16")
        self.assertEqual([result["outcome"] for result in answers["ImportHistory"][0][0]["results"]],
                         ["IMPORT_OUTCOME_CREATED"] * 13)
        self.assertEqual([next(name for name in event if name in ("partner_joined", "initial_contact_made"))
                          for event in answers["AddPartner"][0][0]["events"]],
                         ["partner_joined", "initial_contact_made", "initial_contact_made"])
        self.assertEqual(answers["DeclareTie"][0][0]["events"][0]["tie_declared"]["organizations"], ["acme", "initrode"])
        self.assertEqual(answers["ConfirmEvidence"][0][0]["events"][0]["evidence_confirmed"]["event"],
                         "partnerships/acme-globex/events/5")
        self.assertEqual(answers["RetractEvidence"][0][0]["events"][0]["evidence_retracted"]["event"],
                         "partnerships/acme-globex/events/14")
        corrected = answers["CorrectEvidence"][0][0]["events"][0]["evidence_corrected"]
        self.assertEqual((corrected["event"], corrected["replacement"]["source"]),
                         ("partnerships/acme-globex/events/13", "SOURCE_COUNTERPART"))
        self.assertEqual(answers["GetContact"][0][0]["assignments"],
                         [{"organization": "initrode", "since_date": "2024-06-10", "until_date": "2024-09-30"}])
        self.assertEqual(answers["GetPartnership"][0][0]["partnership"]["revision"], "22")
        listed = answers["ListPartnerships"][0][0]["partnerships"]
        self.assertEqual([partnership["partnership"] for partnership in listed],
                         ["acme-globex", "acme-initrode", "initech-hooli"])
        self.assertEqual([partner["organization"] for partner in listed[1]["partners"]], ["acme", "initrode"])
        self.assertEqual(listed[1]["ties"], [{"organizations": ["acme", "initrode"]}])
        stages = {(reading["trustor"], reading["trustee"]): reading["stage"]
                  for reading in answers["AssessTrust"][0][0]["directions"]}
        self.assertEqual(stages, {("acme", "globex"): "STAGE_MAINTAINING_COMMITMENT", ("globex", "acme"): "STAGE_INITIAL_CONTACT"})
        self.assertEqual([step["stage"] for step in answers["GetTrustTimeline"][0][0]["transitions"]],
                         ["STAGE_INITIAL_CONTACT", "STAGE_BUILDING_RAPPORT", "STAGE_ESTABLISHING_RELIABILITY",
                          "STAGE_MAINTAINING_COMMITMENT"])
        self.assertEqual([event["revision"] for event in answers["ListEvents"][0][0]["events"]], ["1", "2", "3", "4", "5"])
        self.assertTrue(answers["ListEvents"][0][0]["next_page_token"])
        replayed = answers["ReplayHistory"][0]
        self.assertEqual([message["step"]["event"]["revision"] for message in replayed[:-1]],
                         [str(revision) for revision in range(1, 23)])
        self.assertEqual(replayed[-1]["end"]["event_count"], "22")
        explained = answers["ExplainTrust"][0][0]
        self.assertEqual(explained["reading"]["stage"], "STAGE_INITIAL_CONTACT")
        self.assertIn("policy, not measurement", explained["summary"])
        self.assertTrue(explained["missing"])
        self.assertTrue(explained["suggestions"])
        self.check_policies_and_reports(answers)
        self.assertEqual(answers["VerifyLog"][0][-1]["end"].get("finding_count", "0"), "0")
        bundle = [message["line"] for message in answers["ExportAudit"][0] if "line" in message]
        self.assertEqual([next(iter(bundle[0])), next(iter(bundle[-1]))], ["header", "end"])
        self.assertEqual([line["assessment"]["assessment"] for line in bundle if "assessment" in line],
                         [answers["IssueAssessment"][0][0]["events"][0]["assessment_issued"]["assessment"]])
        attention = answers["ListAttention"][0][0]["items"]
        self.assertEqual({item["partnership"] for item in attention}, {"acme-globex"})
        self.assertIn("ATTENTION_KIND_REVIEW_OVERDUE", {item["kind"] for item in attention})
        self.assertEqual([partnership["partnership"] for partnership in answers["ListPartnerships"][1][0]["partnerships"]],
                         ["acme-initrode"])
        self.assertEqual([next(iter(set(message) - {"resume_token"})) for message in answers["WatchTrust"][0]],
                         ["snapshot", "snapshot", "caught_up"])
        self.check_following(answers)

        checkpoint = answers["GetCheckpoint"][0][0]
        self.assertEqual((checkpoint["size"], checkpoint["verifier_key"]), ("40", self.verifier_key))
        self.assertEqual(checkpoint["checkpoint"].split("\n")[:3], ["log.example.com", "40", checkpoint["root"]])
        proved = answers["GetInclusionProof"][0][0]
        self.assertEqual((proved["tree_size"], proved["root"]), ("40", checkpoint["root"]))
        self.assertEqual(base64.b64decode(proved["leaf_hash"]),
                         hashlib.sha256(b"\0" + base64.b64decode(proved["record"])).digest())
        self.assertEqual(answers["RecordMilestone"][0][0]["receipt"]["leaf_hash"], proved["leaf_hash"])
        self.assertEqual(answers["GetConsistencyProof"][0][0]["new_root"], checkpoint["root"])

        self.check_erasure(answers)
        self.check_backup(answers)
        # What reads comes before the last of what changes: only from the second time on is all the same.
        first = self.run_examples()
        second = self.run_examples()
        for answer in (first, second):  # The latest checkpoint is a later one.
            for messages in answer.values():
                for message in messages:
                    message.get("receipt", {}).pop("checkpoint_size", None)
        for name, answer in first.items():
            if "SimulatePolicy" in name:  # Says how far it is by the clock.
                self.assertEqual([message for message in second[name] if "progress" not in message],
                                 [message for message in answer if "progress" not in message])
            elif "GetServerStatus" in name:  # Of the moment.
                self.assertEqual(second[name][0].keys(), answer[0].keys())
            elif "CreateBackup" in name:  # Another each time.
                self.assertEqual(int(second[name][0]["backup"]), int(answer[0]["backup"]) + 1)
            elif "ImportHistory" in name:
                self.assertEqual([(result["external_id"], result["outcome"], result["revision"])
                                  for result in second[name][0]["results"]],
                                 [(result["external_id"], "IMPORT_OUTCOME_UNCHANGED", result["revision"])
                                  for result in answer[0]["results"]])
            else:
                self.assertEqual(second[name], answer, name)

    def check_erasure(self, answers):
        """That a person's profile and note could be read until they were erased."""
        known, erased = [answer[0] for answer in answers["GetContact"][1:]]
        self.assertEqual((known["profile"]["display_name"], "erasure" in known), ("Ada Example", False))
        self.assertEqual((erased["erasure"]["request"], "profile" in erased), ("ticket 4711", False))
        self.assertEqual(erased["assignments"], known["assignments"])
        self.assertIn("Ada", answers["RecordMilestone"][1][0]["events"][0]["note"]["text"])
        shown = answers["ListEvents"][-2][0]["events"]
        self.assertEqual([event["erasure"]["request"] for event in shown], ["ticket 4711", "ticket 4711"])
        self.assertNotIn("Ada", json.dumps(shown))
        # This server records no accesses.
        self.assertEqual(answers["ListEvents"][-1], [{}])

    def check_backup(self, answers):
        """That a backup was made, of the log and of the keys."""
        made = answers["CreateBackup"][0][0]
        self.assertEqual((made["backup"], made["key_backup"], made["byte_count"]), ("1", "1", made["new_byte_count"]))
        self.assertEqual(made["checkpoint"].split("\n")[:3], ["log.example.com", made["log_size"], made["root"]])

    def check_following(self, answers):
        """That watches told what there was and stayed, and that filters and times led to the right events."""
        pilot, kept = answers["WatchEvents"]
        self.assertEqual([event["partnership"] for event in pilot[0]["events"]["events"] if "partner_joined" in event],
                         ["acme-initrode"])
        self.assertTrue(all("commitment_fulfilled" in event["evidence"] for event in kept[0]["events"]["events"]))
        for watched in (pilot, kept):
            self.assertIn("caught_up", watched[-1])
            self.assertTrue(all(message["resume_position"] for message in watched))
        resolved = answers["ResolveTime"][0][0]
        self.assertNotIn("revision", resolved)
        self.assertTrue(resolved["log_position"])
        self.assertEqual([next(name for name in event if name.startswith("evidence_")) for event in answers["ListEvents"][1][0]["events"]],
                         ["evidence_confirmed", "evidence_contested"])
        waited = answers["ListEvents"][2][0]
        self.assertIn("partnership_terminated", waited["events"][0])
        self.assertTrue(waited["next_page_token"])
        again = answers["ReplayHistory"][1]
        self.assertEqual([message["step"]["event"]["revision"] for message in again[:-1]], ["4", "5", "6", "7", "8"])
        self.assertEqual((again[-1]["end"]["policy_version"], again[-1]["end"]["view"]), ("acme-careful/1.0.0", "VIEW_HINDSIGHT"))

    def check_policies_and_reports(self, answers):
        """That Acme's policy was published, tried, taken back and kept for the pilot, and that the report of it stands."""
        published = answers["PublishPolicy"][0][0]
        careful = published["policy"]
        self.assertEqual(hashlib.sha256(published["canonical_text"].encode()).hexdigest(), careful["sha256"])
        self.assertEqual([answer[0]["policy"]["active"] for answer in answers["ActivatePolicy"]], [True, True])
        self.assertEqual(answers["PinPolicy"][0][0]["events"][0]["policy_pinned"]["policy_sha256"],
                         base64.b64encode(bytes.fromhex(careful["sha256"])).decode())
        issued = answers["IssueAssessment"][0][0]
        self.assertEqual(issued["reading"]["policy_version"], "acme-careful/1.0.0")
        self.assertEqual(answers["GetPolicy"][0][0]["document"]["version"], "acme-careful/1.0.0")
        self.assertEqual([(policy["version"], policy.get("active", False)) for policy in answers["ListPolicies"][0][0]["policies"]],
                         [("trust-stages/1.0.0", True), ("acme-careful/1.0.0", False)])
        simulated = answers["SimulatePolicy"][0]
        differences = [message["difference"] for message in simulated if "difference" in message]
        self.assertEqual([difference["partnership"] for difference in differences], ["acme-globex"])
        self.assertEqual(simulated[-1]["end"]["partnership_count"], "3")
        verified = answers["VerifyAssessment"][0][0]
        self.assertTrue(verified["verified"])
        self.assertEqual(hashlib.sha256(verified["canonical_text"].encode()).hexdigest(), verified["digest"])
        self.assertEqual(verified["reading"], issued["reading"])
        restated = answers["ListRestatements"][0][0]["restatements"]
        self.assertEqual([restatement["causes"] for restatement in restated],
                         [[f"partnerships/acme-initrode/events/{answers['RecordEvidence'][1][0]['revision']}"]])

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
