"""trustctl from outside: the verbs that write and read in short, and any method by its name."""

import json

from google.protobuf import json_format

import server
import story
from server import ALLIANCES
from stubs import api
from trustctl_case import TrustctlCase

KLM = "klm-northwest"


class TrustctlTest(TrustctlCase):
    def test_evidence_in_short_is_on_record_and_moves_trust(self):
        self.found()
        dry = self.answer("record", "acme-globex", "commitment-made", "due-time=2024-02-20", "--actor", "globex", "--affected",
                          "acme", "--on", "2024-02-01", "--dry-run")
        self.assertIn("Nothing was recorded", dry)
        said = self.answer("record", "acme-globex", "commitment-made", "due-time=2024-02-20", "--actor", "globex", "--affected",
                           "acme", "--on", "2024-02-01")
        self.assertIn("acme-globex has 3 events", said)
        kept = json.loads(self.answer("record", "acme-globex", "commitment-fulfilled", "commitment=3", "--actor", "globex",
                                      "--affected", "acme", "--on", "2024-02-15", "--json"))
        self.assertEqual(kept["events"][0]["evidence"]["commitmentFulfilled"]["commitment"], "partnerships/acme-globex/events/3")
        self.assertEqual(kept["events"][0]["recorder"], "acme")
        code, said = self.refusal("record", "acme-globex", "commitment-fulfilled", "commitment=3", "--actor", "globex",
                                  "--affected", "acme", "--on", "2024-02-16")
        self.assertEqual(code, 1)
        self.assertIn("FAILED_PRECONDITION", said)
        self.assertIn("commitment fulfilled", self.answer("history", "acme-globex"))
        self.assertEqual(self.refusal("record", "acme-globex", "feedback-given", "--actor", "acme", "--affected", "globex")[0], 2)

    def test_partnerships_and_what_needs_care_are_listed(self):
        self.assertIn("0 partnerships.", self.answer("partnerships"))
        self.assertIn("0 matters on", self.answer("attention"))
        self.answer("import", ALLIANCES / f"{KLM}.jsonl")
        self.found()
        self.answer("record", "acme-globex", "commitment-made", "due-time=2024-02-20", "--actor", "globex", "--affected", "acme",
                    "--on", "2024-02-01")
        listed = self.answer("partnerships")
        for words in ("acme-globex    active  2024-01-08", "klm, northwest", "1989", "2 partnerships."):
            self.assertIn(words, listed)
        both = json.loads(self.answer("partnerships", "--json"))["partnerships"]
        self.assertEqual([one["partnership"] for one in both], ["acme-globex", KLM])
        care = self.answer("attention", "acme-globex")
        self.assertIn("2024-02-2", care)
        items = json.loads(self.answer("attention", "acme-globex", "--json"))["items"]
        self.assertIn(f"{len(items)} matter", care)
        for item in items:
            self.assertIn(item["text"], care)
        self.assertEqual(self.refusal("attention", "--within", "0")[0], 2)

    def test_a_reading_is_of_the_view_and_under_the_policy_that_are_asked_for(self):
        self.answer("import", ALLIANCES / "vw-suzuki.jsonl")
        policy = "trust-stages/1.0.0"
        for verb in (("stage", "vw-suzuki"), ("timeline", "vw-suzuki"), ("explain", "vw-suzuki", "--trustor", "volkswagen", "--trustee", "suzuki")):
            self.assertEqual(self.json_lines(*verb)[0]["view"], "VIEW_HELD")
            self.assertEqual(self.json_lines(*verb, "--hindsight")[0]["view"], "VIEW_HINDSIGHT")
            self.assertNotIn(", in hindsight", self.answer(*verb))
            self.assertIn(", in hindsight", self.answer(*verb, "--hindsight", "--policy", policy))
            code, said = self.refusal(*verb, "--policy", "trust-stages/none")
            self.assertEqual(code, 1)
            self.assertIn("POLICY_NOT_FOUND", said)

    def test_any_method_can_be_called(self):
        methods = self.answer("call")
        for method in ("AssessTrust", "ActivatePolicy", "WatchEvents", "CreateBackup", "Check"):
            self.assertIn(f" {method} ", methods)
        self.answer("import", ALLIANCES / f"{KLM}.jsonl")
        indented = self.answer("call", "GetPartnership", json.dumps({"partnership": KLM}))
        self.assertIn('\n  "partnership": "klm-northwest"', indented)
        self.assertEqual(json.loads(indented), json.loads(self.answer(
            "call", "trust.v1.PartnershipService/GetPartnership", "-", "--json", text=json.dumps({"partnership": KLM}))))
        request = self.folder / "request.json"
        request.write_text(json.dumps({"partnership": KLM}), encoding="utf-8")
        steps = [json.loads(line) for line in self.answer("call", "ReplayHistory", f"@{request}").splitlines()]
        self.assertGreater(len(steps), 50)
        self.assertIn("end", steps[-1])
        self.assertEqual(json.loads(self.answer("call", "Check")), {"status": "SERVING"})

    def test_a_stream_of_requests_is_one_a_line_and_answered_as_it_goes(self):
        items = [story.founding_item(), *(story.item(f"item-{number}") for number in range(2000))]
        lines = [json_format.MessageToJson(api.ImportHistoryRequest(items=[item]), indent=None) for item in items]
        answers = [json.loads(line) for line in self.answer("call", "ImportHistory", "-", text="\n".join(lines)).splitlines()]
        results = [result for answer in answers for result in answer.get("results", [])]
        self.assertEqual(len(results), len(lines))
        self.assertEqual({result["outcome"] for result in results}, {"IMPORT_OUTCOME_CREATED"})
        self.assertGreaterEqual(len(self.client.log()), len(lines))

    def test_a_quiet_stream_is_given_up_and_a_wrong_request_is_explained(self):
        self.assertEqual(self.refusal("call", "GetPartnership", json.dumps({"partnership": "nobody"}))[0], 1)
        code, said = self.refusal("call", "GetPartnership", '{"partnershp": "x"}')
        self.assertEqual(code, 2)
        self.assertIn("partnershp: Cannot find field", said)
        code, said = self.refusal("call", "ImportHistory", '{}\n{"items": 7}')
        self.assertEqual(code, 2)
        self.assertIn("line 2 of the requests", said)
        for path in ("missing", ""):  # The latter is a directory.
            code, said = self.refusal("call", "GetPartnership", f"@{self.folder}/{path}")
            self.assertEqual(code, 1)
            self.assertIn("cannot be read", said)
        self.assertEqual(self.refusal("call", "Check", "--token", self.folder)[0], 2)
        code, said = self.refusal("call", "GetPartnership", '{\n  "partnership": "x",\n  "page": oops\n}')
        self.assertEqual(code, 2)
        self.assertIn("At: oops", said)
        outcome = self.run_it("call", "WatchEvents", "{}", "--deadline", "1s")
        self.assertEqual(outcome.returncode, 3, outcome.stderr)
        self.assertIn("has not answered within 1s", outcome.stderr)


if __name__ == "__main__":
    server.main()
