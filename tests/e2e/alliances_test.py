"""The real alliances of deploy/examples/alliances, imported with trustctl into a running server.

What any fair coding of the published facts shows is asserted in words; what our coding shows, to the number, is pinned in
tests/golden/alliances. `alliances_test.py PROGRAMS --update` writes these files anew: look at the difference before it lands.
"""

import json
import sys

import server
import story
from server import ALLIANCES, REPOSITORY, ServerTest
from stubs import api

GOLDEN = REPOSITORY / "tests" / "golden" / "alliances"
AS_OF = "2026-01-01"
UPDATE = "--update" in sys.argv
BOTH_WAYS = (("klm", "northwest"), ("northwest", "klm"))

INITIAL, RAPPORT, RELIABILITY, COMMITMENT = (
    api.STAGE_INITIAL_CONTACT, api.STAGE_BUILDING_RAPPORT, api.STAGE_ESTABLISHING_RELIABILITY, api.STAGE_MAINTAINING_COMMITMENT)


def files():
    return sorted(ALLIANCES.glob("*.jsonl"))


def word(enum, value):
    """BUILDING_RAPPORT, without what the enum's other values have in front too."""
    name = enum.Name(value)
    first = enum.Name(0)
    return "-" if value == 0 else name.removeprefix(first.removesuffix("UNSPECIFIED"))


def render(client, partnership):
    """What is pinned of a partnership: its stage paths, warnings, scores at the end of years, and all of one late reading."""
    timeline = client.trust.GetTrustTimeline(api.GetTrustTimelineRequest(
        partnership=partnership, as_of_time=story.time_of(AS_OF), page_size=1000))
    events = list(client.events(partnership))
    lines = [f"{partnership}, {timeline.revision} events, under {timeline.policy_version}", ""]
    lines += map(render_transition, timeline.transitions)
    warnings = [f"event {event.revision}: {warning}" for event in events for warning in event.import_origin.warnings]
    if warnings:
        lines += ["", "Stored although they break a rule", *warnings]
    lines += ["", "At the end of years with events: scores of credibility, rapport, reliability, nurture"]
    for year in sorted({event.occur_time.ToDatetime().year for event in events}):
        reading = client.trust.AssessTrust(
            api.AssessTrustRequest(partnership=partnership, as_of_time=story.time_of(f"{year}-12-31")))
        lines += [f"{year}  {render_direction(direction)}: {' '.join(str(facet.score_bp) for facet in direction.facets)}"
                  for direction in reading.directions]
    reading = client.trust.AssessTrust(api.AssessTrustRequest(partnership=partnership, as_of_time=story.time_of(AS_OF)))
    lines += ["", f"As of {reading.as_of_date}"]
    for direction in reading.directions:
        lines.append(f"{render_direction(direction)}, since {direction.since_date}")
        if direction.holds_until_date:
            lines.append(f"  holds until {direction.holds_until_date}, then {word(api.Stage, direction.stage_after)}")
        for facet in direction.facets:
            marks = "".join([", established" if facet.established else "", ", begun" if facet.begun else ""])
            lines.append(f"  {word(api.Facet, facet.facet)}: score {facet.score_bp} (+{facet.belief_bp} -{facet.disbelief_bp} "
                         f"?{facet.uncertainty_bp}) deviation {facet.deviation_bp}, masses {facet.positive_milli} and "
                         f"{facet.negative_milli}{marks}")
    if reading.HasField("whole"):
        until = f", holds until {reading.whole.holds_until_date}" if reading.whole.holds_until_date else ""
        many = "" if len(reading.directions) == 2 else (
            f", connected {word(api.Stage, reading.whole.connected)}, median {word(api.Stage, reading.whole.median)}, coverage "
            f"{reading.whole.coverage_bp}, {len(reading.whole.faultlines)} groups")
        lines.append(f"whole: {word(api.Stage, reading.whole.stage)}, asymmetry {reading.whole.asymmetry}{until}{many}")
    return "\n".join(lines) + "\n"


def render_transition(step):
    events = "".join(f" {event.rsplit('/', 1)[1]}" for event in step.events)
    return (f"{step.date}  {step.trustor} in {step.trustee}: {word(api.Stage, step.stage_before)} -> "
            f"{word(api.Stage, step.stage)}, {word(api.TransitionCause, step.cause)}{events}")


def render_direction(direction):
    limit = ""
    if direction.ceiling_events:
        limit = f", at most {word(api.Stage, direction.ceiling)} for" + \
            "".join(f" {event.rsplit('/', 1)[1]}" for event in direction.ceiling_events)
    return (f"{direction.trustor} in {direction.trustee}: {word(api.Stage, direction.stage)} "
            f"{word(api.Condition, direction.condition)}{limit}")


class AllianceTest(ServerTest):
    """With all alliances imported."""

    def setUp(self):
        super().setUp()
        self.start()
        outcome = self.trustctl("import", *files())
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)

    def stages(self, partnership, trustor, trustee):
        """The days on which the stage changed, each with the stage from then on."""
        timeline = self.client.trust.GetTrustTimeline(api.GetTrustTimelineRequest(
            partnership=partnership, trustor=trustor, trustee=trustee, as_of_time=story.time_of(AS_OF), page_size=1000))
        self.assertFalse(timeline.next_page_token)
        return [(step.date, step.stage) for step in timeline.transitions]

    def reading(self, partnership, trustor, trustee, day, **question):
        """One direction as of a day, its facets by their names."""
        direction = self.client.trust.AssessTrust(api.AssessTrustRequest(
            partnership=partnership, trustor=trustor, trustee=trustee, as_of_time=story.time_of(day), **question)).directions[0]
        return direction, {word(api.Facet, facet.facet): facet for facet in direction.facets}

    def test_importing_again_stores_nothing(self):
        with self.nothing_stored():
            outcome = self.trustctl("import", "--json", *files())
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        results = [json.loads(line) for line in outcome.stdout.splitlines()]
        lines = sum(1 for path in files() for line in path.read_text(encoding="utf-8").splitlines()
                    if line.strip() and not line.startswith("#"))
        self.assertEqual(len(results), lines)
        self.assertEqual({result["outcome"] for result in results}, {"IMPORT_OUTCOME_UNCHANGED"})

    def test_every_event_names_its_source_and_what_no_source_states_is_marked(self):
        for event in self.client.log():
            self.assertTrue(event.import_origin.external_id and event.import_origin.citation, event)
        self.assertTrue(any(event.import_origin.synthetic for event in self.client.events("klm-northwest")))
        self.assertFalse(any(event.import_origin.synthetic for event in self.client.events("vw-suzuki")))

    # KLM and Northwest flew well together while their boards fought over control; the fight was settled in 1997.

    def test_klm_and_northwest_rely_on_each_other_in_1993_and_on_nothing_by_the_end_of_1995(self):
        for trustor, trustee in BOTH_WAYS:
            stages = [(date, stage) for date, stage in self.stages("klm-northwest", trustor, trustee) if date < "1999"]
            self.assertTrue(any(date.startswith("1993") and stage == RELIABILITY for date, stage in stages), stages)
            falls = [date for (date, stage), (_, before) in zip(stages[1:], stages) if stage < before]
            self.assertEqual(len(falls), 1, stages)
            self.assertTrue("1995-10-01" <= falls[0] <= "1995-12-31", stages)
            self.assertIn((falls[0], INITIAL), stages)

    def test_while_klm_and_northwest_fight_their_promises_are_kept_all_the_same(self):
        for trustor, trustee in BOTH_WAYS:
            for day in ("1996-01-31", "1996-06-30", "1996-12-31", "1997-06-30"):
                direction, facets = self.reading("klm-northwest", trustor, trustee, day)
                self.assertEqual(direction.stage, INITIAL)
                for other in ("CREDIBILITY", "RAPPORT"):
                    self.assertLess(facets[other].score_bp, 5000, (trustor, day, other))
                    self.assertGreater(facets["RELIABILITY"].score_bp, facets[other].score_bp + 1000, (trustor, day, other))
        _, facets = self.reading("klm-northwest", "klm", "northwest", "1996-06-30")
        self.assertGreater(facets["RELIABILITY"].score_bp, 5000)
        for other in ("CREDIBILITY", "RAPPORT"):
            self.assertLess(facets[other].score_bp, 2500, other)

    def test_the_settlement_of_1997_lifts_what_held_klm_and_northwest_down(self):
        grave = (api.CONDITION_BREACHED, api.CONDITION_REPAIRING)
        for trustor, trustee in BOTH_WAYS:
            before, _ = self.reading("klm-northwest", trustor, trustee, "1997-09-28")
            after, _ = self.reading("klm-northwest", trustor, trustee, "1997-09-29")
            self.assertIn(before.condition, grave)
            self.assertTrue(before.ceiling_events)
            self.assertNotIn(after.condition, grave)
            self.assertGreater(after.ceiling, before.ceiling)

    def test_steady_routine_brings_klm_and_northwest_to_the_highest_stage_after_the_settlement(self):
        for trustor, trustee in BOTH_WAYS:
            stages = self.stages("klm-northwest", trustor, trustee)
            risen = [stage for date, stage in stages if "1997-09-29" <= date < "2004"]
            self.assertEqual(risen, [RAPPORT, RELIABILITY, COMMITMENT], stages)

    # Volkswagen and Suzuki never got to work together; each accused the other, and an award came years after the end.

    def test_suzuki_trusts_volkswagen_for_a_year_and_never_again_and_volkswagen_never_does(self):
        self.assertEqual(self.stages("vw-suzuki", "suzuki", "volkswagen"),
                         [("2009-12-09", INITIAL), ("2010-01-15", RAPPORT), ("2011-03-15", INITIAL)])
        self.assertEqual(self.stages("vw-suzuki", "volkswagen", "suzuki"), [("2009-12-09", INITIAL)])

    def test_the_breach_that_suzuki_alleged_weighs_three_units_though_it_was_disputed(self):
        _, before = self.reading("vw-suzuki", "suzuki", "volkswagen", "2011-10-13")
        direction, after = self.reading("vw-suzuki", "suzuki", "volkswagen", "2011-10-14")
        self.assertEqual(direction.condition, api.CONDITION_BREACHED)
        # What was there before has faded by a day.
        gained = after["RELIABILITY"].negative_milli - before["RELIABILITY"].negative_milli
        self.assertTrue(2990 <= gained <= 3000, gained)

    def test_the_award_of_2015_does_not_change_what_was_held_in_2012(self):
        for trustor, trustee in (("suzuki", "volkswagen"), ("volkswagen", "suzuki")):
            now, _ = self.reading("vw-suzuki", trustor, trustee, "2012-01-01")
            then, _ = self.reading("vw-suzuki", trustor, trustee, "2012-01-01", known_time=story.time_of("2012-01-01"))
            self.assertEqual(now, then)
            self.assertEqual((now.stage, now.condition), (INITIAL, api.CONDITION_ENDED))
            # The partnership had ended, and so it stays.
            later, _ = self.reading("vw-suzuki", trustor, trustee, AS_OF)
            self.assertEqual(later, now)

    # Ends.

    def test_an_end_is_no_breach(self):
        for trustor, trustee in (("gm", "toyota"), ("toyota", "gm")):
            direction, _ = self.reading("nummi", trustor, trustee, AS_OF)
            self.assertEqual((direction.stage, direction.condition), (COMMITMENT, api.CONDITION_ENDED))
            self.assertEqual(direction.holds_until_date, "")

    def test_the_readings_of_every_alliance_are_those_of_the_golden_files(self):
        names = [partnership.partnership for partnership in self.client.all_partnerships()]
        self.assertEqual(len(names), len(files()))
        texts = {f"{name}.txt": render(self.client, name) for name in names}
        if UPDATE:
            GOLDEN.mkdir(parents=True, exist_ok=True)
            for path in GOLDEN.glob("*.txt"):
                path.unlink()
            for name, text in texts.items():
                (GOLDEN / name).write_text(text, encoding="utf-8")
        self.assertEqual(sorted(path.name for path in GOLDEN.glob("*.txt")), sorted(texts))
        for name, text in texts.items():
            with self.subTest(file=name):
                self.assertEqual(text, (GOLDEN / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    if UPDATE:
        sys.argv.remove("--update")
    server.main()
