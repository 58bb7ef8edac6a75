"""trustctl's verbs for what is recorded and set right, and that every method of the API has a verb that calls it."""

import json
import re
import urllib.request
import uuid

from google.protobuf import descriptor_pool

import server
from metrics_test import Scrape
from server import ALLIANCES, REPOSITORY, SECONDS_MAX, await_true
from stubs import services
from trustctl_case import TrustctlCase

P = "acme-globex"
README = REPOSITORY / "services" / "trustctl" / "README.md"
# Methods that no verb calls but trustctl call, each with the reason.
WITHOUT_A_VERB = {}


def methods():
    """Every method of trust.v1: TrustService.AssessTrust."""
    pool = descriptor_pool.Default()
    names = sorted(name.removesuffix("Stub") for name in vars(services) if name.endswith("ServiceStub"))
    return [f"{name}.{method.name}" for name in names for method in pool.FindServiceByName(f"trust.v1.{name}").methods]


class CommandsCase(TrustctlCase):
    """A test that records, and that what is refused leaves nothing behind."""

    def create(self):
        self.answer("create", P, "acme=Acme Corp.", "globex", "--on", "2024-01-08")

    def record(self, kind, *more, actor="globex", affected="acme", on="2024-02-01"):
        """The number of the event."""
        answer = self.json_lines("record", P, kind, *more, "--actor", actor, "--affected", affected, "--on", on)[0]
        return int(answer["events"][-1]["revision"])

    def events(self):
        return [event for page in self.json_lines("history", P) for event in page.get("events", [])]

    def assert_wrong(self, code, words, *arguments):
        """Asserts that it is refused, that the refusal says what would be right, and that nothing was recorded."""
        before = len(self.client.log())
        told, said = self.refusal(*arguments)
        self.assertEqual(told, code, said)
        self.assertIn(words, said)
        self.assertEqual(len(self.client.log()), before, arguments)

    def assert_command(self, words, *arguments):
        """Asserts that a command says so; that it can be tried before, repeated after, and be refused when the history moved on."""
        before = self.client.revision(P)
        tried = self.answer(*arguments, "--dry-run")
        self.assertIn(words, tried)
        self.assertIn("Nothing was recorded: that is what would be.", tried)
        self.assertEqual(self.client.revision(P), before)
        self.assert_wrong(1, "REVISION_CONFLICT", *arguments, "--expected-revision", before + 7)
        self.assert_wrong(2, "--expected-revision wants a number of events", *arguments, "--expected-revision", "soon")
        request = ("--request-id", uuid.uuid4(), "--expected-revision", before)
        said = self.answer(*arguments, *request)
        self.assertIn(words, said)
        after = self.client.revision(P)
        self.assertGreater(after, before)
        self.assertIn(f"Recorded; {P} has {after} events.", said)
        self.assertEqual(self.answer(*arguments, *request), said)
        self.assertEqual(self.client.revision(P), after)


class TrustctlLifeCycleTest(CommandsCase):
    def test_a_partnership_lives_from_its_creation_to_its_end(self):
        self.assertIn("Nothing was recorded", self.answer("create", P, "acme", "globex", "--on", "2024-01-08", "--dry-run"))
        said = self.answer("create", P, "acme=Acme Corp.", "globex", "--name", "Acme and Globex", "--on", "2024-01-08")
        self.assertIn("partnership proposed", said)
        self.assertIn(f"Recorded; {P} has 2 events.", said)
        shown = self.answer("show", P)
        for words in (r"acme-globex \(Acme and Globex\)", r"state +active", r"since +2024-01-08", r"partner +acme \(Acme Corp\.\)",
                      r"partner +globex\n", r"policy +the one in force", r"history +2 events"):
            self.assertRegex(shown, words)
        self.assertEqual(self.json_lines("show", P)[0]["partnership"]["partners"][0]["displayName"], "Acme Corp.")
        how = ("--recorder", "acme", "--on")
        self.assert_command("agreement signed", "milestone", P, "agreement-signed", *how, "2024-02")
        self.assert_command("health check completed", "milestone", P, "health-check-completed", "stated-trust=acme:globex:7200", *how, "2024-03-01")
        self.assertEqual(self.events()[-1]["milestone"]["healthCheckCompleted"]["statedTrust"],
                         [{"trustor": "acme", "trustee": "globex", "trustBasisPoints": 7200}])
        self.assert_command("partner joined", "partner", "add", P, "initech=Initech", "--met", "acme", *how, "2024-03-02")
        self.assert_command("tie declared", "tie", "declare", P, "acme", "initech", *how, "2024-03-03")
        self.assertRegex(self.answer("show", P), r"tie +acme - initech")
        self.assert_command("partner left", "partner", "remove", P, "initech", *how, "2024-03-04")
        self.assert_command("suspended", "suspend", P, *how, "2024-04")
        self.assertRegex(self.answer("show", P), r"state +suspended")
        self.assert_command("resumed", "resume", P, *how, "2024-05")
        self.assert_command("terminated (mutual)", "terminate", P, "--mode", "mutual", "--yes", *how, "2024-06-30")
        self.assertRegex(self.answer("show", P), r"state +ended\n(?:.*\n)*ended +2024-06-30")

    def test_what_is_wrong_is_refused_with_what_would_be_right(self):
        self.assert_wrong(2, "create wants PARTNERSHIP PARTNER[=NAME] PARTNER[=NAME]...", "create", P, "acme", "--on", "2024")
        self.assert_wrong(2, "create wants --on DATE", "create", P, "acme", "globex")
        self.assert_wrong(2, "is no date; write 1993", "create", P, "acme", "globex", "--on", "soon")
        self.assert_wrong(2, "a partner is written ID or ID=NAME", "create", P, "acme", "=Globex", "--on", "2024")
        self.assert_wrong(1, "INVALID_FIELD", "create", "ACME-GLOBEX", "acme", "globex", "--on", "2024")
        self.assert_wrong(2, "there is no verb \"crate\"; did you mean create?", "crate", P)
        self.create()
        there = ("create", P, "acme", "globex", "--on", "2024")
        self.assert_wrong(1, "trustctl show PARTNERSHIP shows the one that is there.", *there)
        self.assertEqual(self.run_it(*there).stderr.count("another id"), 1)
        how = ("--recorder", "acme", "--on", "2024-02-01")
        for verb in (("milestone", P, "review-held"), ("suspend", P), ("resume", P), ("terminate", P, "--mode", "mutual", "--yes"),
                     ("partner", "add", P, "initech"), ("partner", "remove", P, "globex"), ("tie", "declare", P, "acme", "globex")):
            self.assert_wrong(2, "wants --on DATE: when it happened", *verb, "--recorder", "acme")
            self.assert_wrong(2, "wants --recorder ID", *verb, "--on", "2024-02-01")
            self.assert_wrong(2, "is no date", *verb, "--recorder", "acme", "--on", "20.1.2024")
            self.assert_wrong(1, "trustctl partnerships lists those there are.",
                              *("nobody" if word == P else word for word in verb), *how)
        self.assert_wrong(1, "shows which state it is in.", "resume", P, *how)
        self.assert_wrong(2, "did you mean agreement-signed?", "milestone", P, "agreement-singed", *how)
        self.assert_wrong(2, "stated-trust wants TRUSTOR:TRUSTEE:TRUST-BASIS-POINTS", "milestone", P, "health-check-completed",
                          "stated-trust=7200", *how)
        self.assert_wrong(2, "--mode wants one of expired, mutual", "terminate", P, "--mode", "badly", *how)
        self.assert_wrong(2, "terminate wants --mode MODE", "terminate", P, *how)
        self.assert_wrong(1, "trustctl terminate", "partner", "remove", P, "globex", *how)
        self.assert_wrong(1, "shows who the partners are.", "tie", "declare", P, "acme", "nobody", *how)
        self.assert_wrong(2, "there is no verb \"partner acme-globex\"; there are: partner add, partner remove", "partner", P)
        end = ("terminate", P, "--mode", "expired", "--recorder", "acme", "--on", "2024-01-31")
        before = self.client.revision(P)
        self.assert_wrong(2, f"Ending {P} cannot be undone, and nobody can be asked here: say --yes", *end)
        self.assertIn("Nothing was recorded", self.answer(*end, "--dry-run"))
        self.assertEqual(self.client.revision(P), before)
        self.answer(*end, "--yes")
        self.assert_wrong(1, "PARTNERSHIP_ENDED", "suspend", P, *how)
        self.assert_wrong(1, "An end cannot be undone; evidence and milestones of before it are still taken", "suspend", P, "--recorder", "acme",
                          "--on", "2024-01-20")
        self.answer("milestone", P, "review-held", "--recorder", "acme", "--on", "2024-01-20")


class TrustctlCorrectTest(CommandsCase):
    def setUp(self):
        super().setUp()
        self.create()

    def stands(self, number):
        """The evidence of the last correction of the event."""
        corrections = [event["evidenceCorrected"] for event in self.events() if "evidenceCorrected" in event]
        return [found for found in corrections if found["event"].endswith(f"/{number}")][-1]

    def test_what_a_correction_does_not_say_stays_as_it_is(self):
        made = self.record("commitment-made", "due-time=2024-03-01", "--label", "go-live")
        kept = self.record("commitment-fulfilled", f"commitment={made}", "result=late", "--label", "go-live", on="2024-03-05")
        who = ("--recorder", "acme")
        self.assert_command("evidence corrected", "correct", P, kept, "result=on-time", "--on", "2024-02-28", *who)
        stands = self.stands(kept)
        self.assertEqual(stands["replacement"], {
            "actor": "globex", "affected": ["acme"], "source": "SOURCE_COUNTERPART", "level": "LEVEL_INTERORGANISATIONAL",
            "materiality": "MATERIALITY_MEDIUM", "label": "go-live",
            "commitmentFulfilled": {"commitment": f"partnerships/{P}/events/{made}", "result": "FULFILMENT_RESULT_ON_TIME"}})
        self.assertEqual(stands["occurTime"], "2024-02-28T00:00:00Z")
        # The next one stands on what was corrected, its day too.
        self.answer("correct", P, kept, "--materiality", "high", "--learned", "2024-03-02", *who)
        stands = self.stands(f"{kept}")
        self.assertEqual(stands["replacement"]["commitmentFulfilled"]["result"], "FULFILMENT_RESULT_ON_TIME")
        self.assertEqual(stands["replacement"]["materiality"], "MATERIALITY_HIGH")
        self.assertEqual((stands["occurTime"], stands["observeTime"]), ("2024-02-28T00:00:00Z", "2024-03-02T00:00:00Z"))
        # With --whole nothing is taken over but times.
        self.answer("correct", P, f"partnerships/{P}/events/{kept}", "commitment-fulfilled", f"commitment={made}", "--actor", "globex",
                    "--affected", "acme", "--whole", *who)
        stands = self.stands(kept)
        self.assertNotIn("label", stands["replacement"])
        self.assertNotIn("occurTime", stands)

    def test_records_are_taken_back_confirmed_and_contested(self):
        own = self.record("feedback-given", "--recorder", "globex")
        other = self.record("feedback-given")
        self.assert_command(f"evidence confirmed (event {own})", "confirm", P, own, "--recorder", "acme", "--on", "2024-02-03")
        self.assert_command(f"evidence contested (event {other})", "contest", P, other, "--recorder", "globex")
        self.assert_command(f"evidence retracted (event {other})", "retract", P, other, "--recorder", "acme")
        rows = {int(row.split()[0]): row for row in self.answer("history", P).splitlines()[1:-2]}
        self.assertIn(f"confirmed by {other + 1}", rows[own])
        self.assertIn(f"retracted by {other + 3}, contested by {other + 2}", rows[other])
        # A correction brings it back.
        self.assert_command(f"evidence corrected (event {other}", "correct", P, other, "--label", "again", "--recorder", "acme")

    def test_a_recorder_who_is_no_partner_is_told_of(self):
        what = ("record", P, "feedback-given", "--actor", "globex", "--affected", "acme", "--on", "2024-02-01")
        outsider = "by acmee, who is no partner of acme-globex: as a third party's word.\n"
        self.assertIn("It would be recorded " + outsider, self.answer(*what, "--recorder", "acmee", "--dry-run"))
        self.assertIn("Recorded " + outsider, self.answer(*what, "--recorder", "acmee"))
        self.assertNotIn("no partner", self.answer(*what))
        number = self.record("feedback-given")
        self.assertIn("Recorded by acmee, who is no partner of acme-globex.\n", self.answer("contest", P, number, "--recorder", "acmee"))
        self.assertNotIn("no partner", self.answer("contest", P, number, "--recorder", "globex"))

    def test_a_note_about_a_person_comes_with_it(self):
        self.answer("contact", "assign", P, "person-9", "globex", "--on", "2024-01-09", "--recorder", "globex")
        number = self.record("feedback-given", "--note", "person-9=was kind")
        self.assertEqual(self.events()[number - 1]["note"], {"contact": "person-9", "text": "was kind"})
        self.answer("retract", P, number, "--recorder", "acme", "--note", "person-9=was not there")
        self.assertEqual(self.events()[-1]["note"]["text"], "was not there")

    def test_what_is_wrong_is_refused_with_what_would_be_right(self):
        number = self.record("feedback-given")
        who = ("--recorder", "acme")
        for verb in ("correct", "retract", "confirm", "contest"):
            more = ("--label", "x") if verb == "correct" else ()
            self.assert_wrong(2, f"{verb} wants --recorder ID", verb, P, number, *more)
            self.assert_wrong(2, f"{verb} wants PARTNERSHIP EVENT", verb, P, *who, *more)
            self.assert_wrong(1, "trustctl partnerships lists those there are.", verb, "nobody", number, *more, *who)
            self.assert_wrong(1, f"trustctl history {P}" if verb == "correct" else "trustctl history PARTNERSHIP", verb, P, 99, *more, *who)
            self.assert_wrong(2, "--note wants CONTACT=TEXT", verb, P, number, *more, *who, "--note", "kind")
        self.assert_wrong(1, "no evidence (initial contact made)", "correct", P, 2, "--label", "x", *who)
        self.assert_wrong(1, "shows which number is of the kind that is meant.", "retract", P, 2, *who)
        self.assert_wrong(2, "wants the number of an event", "correct", P, "last", "--label", "x", *who)
        self.assert_wrong(2, "correct wants what is right", "correct", P, number, *who)
        self.assert_wrong(2, "has no fields of its own", "correct", P, number, "result=late", *who)
        self.assert_wrong(2, "did you mean feedback-given?", "correct", P, number, "feedback-givn", *who)
        self.assert_wrong(2, "--whole wants all of the evidence", "correct", P, number, "feedback-given", "--actor", "globex", "--whole", *who)
        self.assert_wrong(1, "Where another may record it", "correct", P, number, "--label", "x", "--recorder", "globex")
        self.assert_wrong(1, "only what an actor recorded of itself needs to be confirmed", "confirm", P, number, *who)


class TrustctlBatchTest(CommandsCase):
    GOOD = "feedback-given --actor globex --affected acme --on 2024-02-01"

    def setUp(self):
        super().setUp()
        self.create()
        self.file = self.folder / "batch.txt"

    def write(self, *lines):
        self.file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def test_a_file_is_recorded_whole_and_once(self):
        self.write("# January", "commitment-made due-time=2024-03-01 --actor globex --affected acme --on 2024-02-01 --label go-live", "",
                   "feedback-given --actor '*' --affected 'acme, globex' --on 2024-02-02 --learned 2024-02-03")
        self.assert_command("feedback given", "batch", P, self.file, "--recorder", "acme")
        self.assertEqual([event["evidence"].get("label", "") for event in self.events()[2:]], ["go-live", ""])
        outcome = self.run_it("batch", P, "-", "--recorder", "acme", text=self.GOOD)
        self.assertIn("has 5 events", outcome.stdout, outcome.stderr)

    def test_of_a_file_that_is_wrong_somewhere_nothing_is_recorded(self):
        who = ("--recorder", "acme")
        self.write(self.GOOD, "feedback-givn --actor globex --affected acme --on 2024", self.GOOD + " --on soon", "feedback-given --on 2024")
        before = len(self.client.log())
        code, said = self.refusal("batch", P, self.file, *who)
        self.assertEqual((code, len(self.client.log())), (1, before))
        for words in (f"{self.file}:2: there is no kind of evidence \"feedback-givn\"; did you mean feedback-given?",
                      f"{self.file}:3: --on was given twice", f"{self.file}:4: record wants --actor ID", "Nothing was recorded."):
            self.assertIn(words, said)
        # The server finds a fault in the second piece only.
        self.write(self.GOOD, "commitment-fulfilled commitment=1 --actor globex --affected acme --on 2024-02-02")
        self.assert_wrong(1, "WRONG_EVENT_KIND", "batch", P, self.file, *who)
        self.write(*[self.GOOD] * 501)
        self.assert_wrong(1, "Split the batch", "batch", P, self.file, *who)
        self.write(self.GOOD + " --recorder globex")
        self.assert_wrong(1, "--recorder is said of the whole batch", "batch", P, self.file, *who)
        self.write("# nothing")
        self.assert_wrong(1, "there is no evidence in it", "batch", P, self.file, *who)
        self.assert_wrong(1, "No such file", "batch", P, self.folder / "missing.txt", *who)
        self.assert_wrong(2, "batch wants --recorder ID", "batch", P, self.file)


class TrustctlContactVerbsTest(CommandsCase):
    def test_a_person_comes_and_goes(self):
        self.create()
        how = ("--recorder", "globex", "--on")
        self.assert_command("contact assigned", "contact", "assign", P, "person-9", "globex", "--name", "Ada Example", "--position", "manager",
                            "--email", "ada@example.com", "--phone", "1", *how, "2024-02-03")
        shown = self.answer("contact", "show", P, "person-9")
        for words in (r"person-9 +globex +2024-02-03\n", r"name +Ada Example", r"position +manager", r"email +ada@example\.com", r"phone +1\n"):
            self.assertRegex(shown, words)
        self.assert_command("contact departed", "contact", "release", P, "person-9", "globex", *how, "2024-03-01")
        self.assertRegex(self.answer("contact", "show", P, "person-9"), r"person-9 +globex +2024-02-03 +2024-03-01\n")
        self.answer("erase", "person-9", "--request", "ticket 7", "--approver", "officer", "--yes")
        self.assertIn("was erased", self.answer("contact", "show", P, "person-9"))
        self.assert_wrong(1, "about this person nothing is kept any more", "contact", "assign", P, "person-9", "acme", "--name", "Ada", *how,
                          "2024-04")

    def test_what_is_wrong_is_refused_with_what_would_be_right(self):
        self.create()
        how = ("--recorder", "globex", "--on", "2024-02-03")
        self.assert_wrong(1, "trustctl contact assign", "contact", "release", P, "person-9", "globex", *how)
        self.assert_wrong(1, "CONTACT_NOT_FOUND", "contact", "show", P, "person-9")
        self.assert_wrong(1, "shows who the partners are.", "contact", "assign", P, "person-9", "nobody", *how)
        self.assert_wrong(2, "contact assign wants PARTNERSHIP CONTACT PARTNER", "contact", "assign", P, "person-9", *how)
        self.assert_wrong(2, "contact assign wants --on DATE", "contact", "assign", P, "person-9", "globex", "--recorder", "globex")
        self.assert_wrong(2, "there are: contact assign, contact release, contact show", "contact", P)


class TrustctlDirectionTest(CommandsCase):
    """One direction is chosen in the same way wherever there is one, and so is a policy."""

    def test_every_verb_shows_one_direction_or_all(self):
        self.create()
        one = ("--trustor", "acme", "--trustee", "globex")
        for verb, shown in ((("stage", P, "--json"), '"trustor":"globex"'), (("timeline", P, "--json"), '"trustor":"globex"'),
                            (("report", P, "--out", "-"), "globex → acme</h3>")):
            for arguments, wanted in (((), True), (one, False)):
                self.assertEqual(shown in self.answer(*verb, *arguments), wanted, verb)
        self.assertEqual([answer["reading"]["trustor"] for answer in self.json_lines("explain", P)], ["acme", "globex"])
        self.assertEqual([answer["reading"]["trustor"] for answer in self.json_lines("explain", P, *one)], ["acme"])
        self.assertRegex(self.answer("explain", P), r"(?s)^The trust of acme in globex .*\nThe trust of globex in acme ")
        self.answer("assess", "issue", P, "q1", *one, "--recorder", "acme")
        for verb in (("stage", P), ("timeline", P), ("explain", P), ("report", P, "--out", "-"), ("assess", "issue", P, "q2", "--recorder", "acme")):
            for half in (("--trustor", "acme"), ("--trustee", "acme"), ("--trustor", "acme", "--trustee", "")):
                self.assert_wrong(2, "--trustor ORGANIZATION and --trustee ORGANIZATION go together", *verb, *half)
            self.assert_wrong(1, "PARTNER_NOT_FOUND", *verb, "--trustor", "acme", "--trustee", "nobody")
        for verb in (("stage", "--all"), ("report", "--all", "--out", "-")):
            self.assert_wrong(2, "leave out --trustor and --trustee", *verb, *one)

    def test_a_report_is_made_under_another_policy(self):
        self.answer("import", ALLIANCES / "klm-northwest.jsonl")
        document = json.loads(self.answer("policy", "show", "--document"))
        easy = {**document, "version": "trust-stages/easy"}
        easy["facets"] = [{**facet, "enterScoreBp": facet["holdScoreBp"] + 1} for facet in easy["facets"]]
        draft = self.folder / "easy.json"
        draft.write_text(json.dumps(easy), encoding="utf-8")
        self.answer("policy", "publish", draft)
        chosen = ("--policy", "trust-stages/easy")
        self.assertNotEqual(self.json_lines("report", "klm-northwest", *chosen), self.json_lines("report", "klm-northwest"))
        for of in (("klm-northwest",), ("--all",)):
            page = self.answer("report", *of, *chosen, "--out", "-")
            self.assertRegex(page, r"under policy trust-stages/easy \([0-9a-f]{12}\), chosen for this report")
            self.assertIn("left out of a report with --as-of, --known or --policy", page)
            self.assertNotIn("chosen for this report", self.answer("report", *of, "--out", "-"))
        for of in (("klm-northwest",), ("--all",)):
            self.assert_wrong(1, "trustctl policy list shows those there are.", "report", *of, "--policy", "trust-stages/none", "--out", "-")

    def test_partnerships_are_chosen_by_partner_stage_and_condition(self):
        self.create()
        self.answer("create", "acme-initech", "acme", "initech", "--on", "2024-01-08")
        self.assertEqual([found["partnership"] for found in self.json_lines("partnerships", "--organization", "globex")[0]["partnerships"]], [P])
        # Stages are those of the standing index, which follows the log.
        await_true(lambda: "2 partnerships." in self.answer("partnerships", "--stage", "initial-contact", "--condition", "steady"),
                   "the index has both partnerships")
        self.assertIn("0 partnerships.", self.answer("partnerships", "--condition", "breached"))
        self.assert_wrong(2, "--stage wants one of initial-contact", "partnerships", "--stage", "high")
        self.assert_wrong(2, "did you mean breached?", "partnerships", "--condition", "breeched")


class TrustctlProofTest(CommandsCase):
    def test_proofs_and_places_are_shown(self):
        key, _ = self.new_key()
        self.restart(f"--signing_key_file={key}")
        self.create()
        self.assertRegex(self.answer("proof", "inclusion", P, 2), r"^leaf 1: \S{44}\nroot of 2 records: \S{44}\nproof: 1 hash\n  \S{44}\nrecord: ")
        self.assertEqual(self.json_lines("proof", "inclusion", "--log-index", 1, "--size", 2), self.json_lines("proof", "inclusion", P, 2))
        self.assertRegex(self.answer("proof", "consistency", 1, "--size", 2), r"^root of 1 record: \S{44}\nroot of 2 records: \S{44}\nproof: 1 hash\n")
        shown = self.answer("position", P)
        self.assertRegex(shown, r"log +position \S+ +2\d{3}-\S+\n" + P + r" +revision 2 +2\d{3}-")
        self.assertRegex(self.answer("position", P, "--known", "2020"), rf"{P} +revision 0 +nothing by then")
        self.assert_wrong(2, "or --log-index alone", "proof", "inclusion", P)
        self.assert_wrong(2, "or --log-index alone", "proof", "inclusion")
        self.assert_wrong(2, "or --log-index alone", "proof", "inclusion", P, 2, "--log-index", 1)
        self.assert_wrong(2, "EVENT is a whole number from 1, not \"x\"", "proof", "inclusion", P, "x")
        self.assert_wrong(2, "--size is a whole number from 1", "proof", "inclusion", P, 2, "--size", 0)
        self.assert_wrong(2, "SIZE is a whole number from 1", "proof", "consistency", "old")
        self.assert_wrong(1, "EVENT_NOT_FOUND", "proof", "inclusion", P, 9)
        self.assert_wrong(1, "SIZE_BEYOND_LOG", "proof", "consistency", 99)
        self.assert_wrong(2, "is no date", "position", "--known", "soon")


class TrustctlEveryMethodTest(CommandsCase):
    """One session that calls every method of the API, each by the verb that the README names for it. The server counts."""

    def session(self):
        """Method and command, in an order in which each can be done."""
        who, on = ("--recorder", "acme"), ("--on", "2024-02-01")
        evidence = ("feedback-given", "--actor", "globex", "--affected", "acme")
        batch, draft = self.folder / "batch.txt", self.folder / "draft.json"
        batch.write_text(" ".join((*evidence, *on)) + "\n", encoding="utf-8")
        draft.write_text(json.dumps({**json.loads(self.answer("policy", "show", "--document")), "version": "trust-stages/other"}),
                         encoding="utf-8")
        approved = ("--approver", "board")
        return (
            ("PartnershipService.CreatePartnership", ("create", P, "acme", "globex", "--on", "2024-01-08")),
            ("PartnershipService.GetPartnership", ("show", P)),
            ("PartnershipService.ListPartnerships", ("partnerships",)),
            ("PartnershipService.RecordMilestone", ("milestone", P, "review-held", *on, *who)),
            ("PartnershipService.AddPartner", ("partner", "add", P, "initech", *on, *who)),
            ("PartnershipService.DeclareTie", ("tie", "declare", P, "acme", "globex", *on, *who)),
            ("PartnershipService.RemovePartner", ("partner", "remove", P, "initech", *on, *who)),
            ("PartnershipService.AssignContact", ("contact", "assign", P, "person-9", "acme", "--name", "Ada", *on, *who)),
            ("PartnershipService.GetContact", ("contact", "show", P, "person-9")),
            ("PartnershipService.ReleaseContact", ("contact", "release", P, "person-9", "acme", *on, *who)),
            ("PartnershipService.SuspendPartnership", ("suspend", P, *on, *who)),
            ("PartnershipService.ResumePartnership", ("resume", P, *on, *who)),
            ("EvidenceService.RecordEvidence", ("record", P, *evidence, *on)),
            ("EvidenceService.BatchRecordEvidence", ("batch", P, batch, *who)),
            ("EvidenceService.ImportHistory", ("import", ALLIANCES / "klm-northwest.jsonl")),
            ("EvidenceService.ContestEvidence", ("contest", "klm-northwest", "4", "--recorder", "northwest")),
            ("EvidenceService.ConfirmEvidence", ("confirm", P, "{evidence}", "--recorder", "initech")),
            ("EvidenceService.CorrectEvidence", ("correct", P, "{evidence}", "--label", "x", *who)),
            ("EvidenceService.RetractEvidence", ("retract", P, "{evidence}", *who)),
            ("TrustService.AssessTrust", ("stage", P)),
            ("TrustService.GetTrustTimeline", ("timeline", P)),
            ("TrustService.ExplainTrust", ("explain", P)),
            ("TrustService.WatchTrust", ("watch", P, "--snapshot", "--count", "1")),
            ("TrustService.ListAttention", ("attention",)),
            ("TrustService.SimulatePolicy", ("simulate", draft)),
            ("TrustService.IssueAssessment", ("assess", "issue", P, "q1", *who)),
            ("TrustService.VerifyAssessment", ("assess", "verify", P, "q1")),
            ("TrustService.ListRestatements", ("assess", "restatements", P)),
            ("PolicyService.PublishPolicy", ("policy", "publish", draft)),
            ("PolicyService.ActivatePolicy", ("policy", "activate", "trust-stages/other", *approved)),
            ("PolicyService.PinPolicy", ("policy", "pin", P, "trust-stages/1.0.0", *who)),
            ("PolicyService.GetPolicy", ("policy", "show")),
            ("PolicyService.ListPolicies", ("policy", "list")),
            ("HistoryService.ListEvents", ("history", P)),
            ("HistoryService.WatchEvents", ("watch", "--events", "--after", "{start}", "--count", "1")),
            ("HistoryService.ReplayHistory", ("replay", P)),
            ("HistoryService.ResolveTime", ("position", P)),
            ("AuditService.GetCheckpoint", ("checkpoint",)),
            ("AuditService.GetInclusionProof", ("proof", "inclusion", P, "1")),
            ("AuditService.GetConsistencyProof", ("proof", "consistency", "1")),
            ("AuditService.VerifyLog", ("verify",)),
            ("AuditService.ExportAudit", ("audit", "export", "--out", self.folder / "log.audit")),
            ("AdminService.PlaceLegalHold", ("hold", "place", "person-9", "--reason", "case 7", *approved)),
            ("AdminService.ReleaseLegalHold", ("hold", "release", "person-9", "--reason", "case 7", *approved)),
            ("AdminService.EraseContact", ("erase", "person-9", "--request", "ticket 7", *approved, "--yes")),
            ("AdminService.CreateBackup", ("backup",)),
            ("AdminService.GetServerStatus", ("status",)),
            ("PartnershipService.TerminatePartnership", ("terminate", P, "--mode", "mutual", "--on", "2024-06-30", *who, "--yes")),
        )

    def calls(self, address, method):
        service, name = method.split(".")
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=SECONDS_MAX) as answer:
            scrape = Scrape(answer.read().decode())
        return scrape.total("trustd_rpc_started_total", service=f"trust.v1.{service}", method=name)

    def test_every_method_is_called_by_the_verb_that_the_readme_names(self):
        key, _ = self.new_key()
        self.restart(f"--signing_key_file={key}", "--metrics_listen=127.0.0.1:0", f"--backup_directory={self.folder}/backups",
                     f"--keys_backup_directory={self.folder}/key-backups")
        address = self.server.await_log("serving")["metrics_address"]
        named = dict(re.findall(r"(?m)^\| `(\w+Service\.\w+)` \| `trustctl ([a-z ]+?)`", README.read_text(encoding="utf-8")))
        session = self.session()
        self.assertEqual(sorted([method for method, _ in session] + list(WITHOUT_A_VERB)), sorted(methods()))
        self.assertEqual(sorted(named), sorted(method for method, _ in session))
        start = self.json_lines("position", "--known", "2000")[0]["logPosition"]
        evidence = ""
        for method, command in session:
            arguments = [str(word).replace("{evidence}", evidence).replace("{start}", start) for word in command]
            self.assertTrue(" ".join(arguments).startswith(named[method]), f"{arguments} is not {named[method]}")
            before = self.calls(address, method)
            outcome = self.run_it(*arguments)
            self.assertEqual(outcome.returncode, 0, f"{arguments}: {outcome.stderr}")
            self.assertGreater(self.calls(address, method), before, f"{arguments} does not call {method}")
            if method == "EvidenceService.BatchRecordEvidence":
                evidence = str(self.client.revision(P))


if __name__ == "__main__":
    server.main()
