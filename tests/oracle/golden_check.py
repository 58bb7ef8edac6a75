"""The oracle against the specification's own numbers and invariants. Usage: golden_check.py [--seed N] [--count N]

Section 8.2's trajectories and section 4's vectors to the number; section 9's invariants on random logs with a printed seed.
"""

import argparse
import copy
import json
import random
import sys
import unittest

import oracle
import random_log
from oracle import FACETS, HINDSIGHT, date_of_day, day_of_date

SEED, COUNT = 1, 300


# ---------------------------------------------------------------------------------------------------------------------
# The golden histories.

A, B = "a", "b"


def founded(date):
    return {"partnership": "x", "externalId": "founded", "occurTime": f"{date}T00:00:00Z",
            "partnershipProposed": {"partners": [{"organization": A}, {"organization": B}]}}


def act(date, kind, joint=False, source="COUNTERPART", **details):
    """An act of B towards A, or of both."""
    return {"occurTime": f"{date}T00:00:00Z",
            "evidence": {"actor": "*" if joint else B, "affected": [A, B] if joint else [A], "source": f"SOURCE_{source}", kind: details}}


def history(*acts):
    """The acts as a log, in the order of their days; an act may name another's position as "violation"."""
    items = [founded("2020-01-06")]
    for one in sorted(acts, key=lambda one: one["occurTime"]):
        items.append({"partnership": "x", "externalId": one.get("externalId", f"e{len(items)}"), **one})
    return items


GROWTH = [
    act("2020-01-06", "confidentialityAgreementSigned", joint=True),
    act("2020-01-20", "credibilityAssessed"),
    act("2020-01-27", "intentionsAssessed"),
    act("2020-02-03", "credentialsVerified"),
    act("2020-02-10", "sharedExperienceHeld", joint=True),
    act("2020-02-24", "openCommunicationObserved"),
    act("2020-03-09", "mutualUnderstandingConfirmed", joint=True),
    act("2020-03-30", "sharedExperienceHeld", joint=True),
    *(act(f"2020-{day}", "commitmentFulfilled") for day in ("04-15", "05-15", "07-15", "08-17", "09-15", "12-07")),
    act("2020-06-15", "partnerGoalSupported"),
    act("2020-10-05", "transparencyDemonstrated"),
    act("2020-11-02", "feedbackActedOn"),
]


def routine(first, last):
    """The ordinary years."""
    acts = []
    for year in range(first, last + 1):
        acts += [act(f"{year}-{month}-15", "commitmentFulfilled") for month in ("01", "04", "07", "10")]
        acts += [act(f"{year}-02-20", "transparencyDemonstrated"), act(f"{year}-08-20", "feedbackActedOn")]
    return acts


MATURE = GROWTH + routine(2021, 2023)
BREACH = dict(act("2024-02-01", "violationReported", type="VIOLATION_TYPE_CONFIDENTIALITY_BREACH", severity="SEVERITY_CRITICAL",
                  standing="STANDING_ACKNOWLEDGED"), externalId="breach")
REPAIRS = [act(date, kind, violation="breach") for date, kind in (
    ("2024-02-05", "violationAcknowledged"), ("2024-02-10", "apologyIssued"), ("2024-05-01", "remediationCompleted"),
    ("2024-07-01", "remediationVerified"))]
MISSES = [act(f"2024-{day}", "commitmentMissed") for day in ("02-01", "03-01", "04-01")]
OPPORTUNISM = act("2023-06-01", "violationReported", type="VIOLATION_TYPE_OPPORTUNISM", severity="SEVERITY_MODERATE",
                  standing="STANDING_ACKNOWLEDGED")
MATURE_PATH = ["1 2020-01-06 START", "2 2020-02-10 EVENT", "3 2020-04-15 EVENT", "4 2020-10-05 EVENT"]


def as_self(acts):
    acts = copy.deepcopy(acts)
    for one in acts:
        one["evidence"]["source"] = "SOURCE_SELF"
    return acts


TRANSACTIONAL = [one for one in MATURE if {"confidentialityAgreementSigned", "credibilityAssessed", "credentialsVerified",
                                           "intentionsAssessed", "commitmentFulfilled"} & set(one["evidence"])]

# Name, log, trustor, trustee, path, day, score/share of the prior per facet.
GOLDEN = [
    ("G1", GROWTH, A, B, MATURE_PATH, "2020-12-31", "8630/2739 8484/3030 8613/2773 7327/5345"),
    ("G1r", GROWTH, B, A, MATURE_PATH[:1], "2020-12-31", "6265/7469 7297/5404 5000/10000 5000/10000"),
    ("G3", MATURE, A, B, MATURE_PATH, "2023-12-31", "8220/3559 7969/4061 8648/2702 7797/4404"),
    ("G4", MATURE + routine(2024, 2025) + [BREACH], A, B, MATURE_PATH + ["1 2024-02-01 EVENT"], "2025-12-31",
     "2822/1272 3351/1790 6426/2002 3712/2048"),
    ("G5", MATURE + routine(2024, 2026) + [BREACH] + REPAIRS, A, B, MATURE_PATH + ["1 2024-02-01 EVENT"], "2026-12-31",
     "4277/1941 4777/2572 7428/2312 5135/2821"),
    ("G7", MATURE + routine(2024, 2024) + [act("2024-03-01", "misunderstandingReported")], A, B, MATURE_PATH, "2024-12-31",
     "8179/3640 7480/3936 8650/2699 7823/4352"),
    ("G8a", MATURE + routine(2024, 2025) + MISSES[:1], A, B, MATURE_PATH, "2025-12-31", "7865/3546 7725/4128 7795/2428 7837/4324"),
    ("G8b", MATURE + routine(2024, 2025) + MISSES, A, B, MATURE_PATH + ["3 2024-03-01 EVENT"], "2025-12-31",
     "7306/3294 7395/3952 6443/2007 7837/4324"),
    ("G9l", MATURE + [OPPORTUNISM], A, B, MATURE_PATH, "2023-12-31", "5723/2478 5983/3049 7789/2433 6140/3468"),
    ("G10", as_self(MATURE), A, B, MATURE_PATH[:1], "2023-12-31", "6555/6889 6334/7330 7015/5969 6205/7589"),
    ("G11", TRANSACTIONAL, A, B, ["1 2020-01-06 START", "2 2020-07-15 EVENT"], "2023-12-31",
     "7946/4107 6996/6007 8633/2733 5000/10000"),
]


def path_of(answer):
    return [f"{move['after']} {move['date']} {move['cause']}" for move in answer["transitions"]]


def figures_of(answer):
    prior = oracle.PRIOR * oracle.MASS
    return " ".join(f"{facet['score']}/{10000 * prior // (facet['positive'] + facet['negative'] + prior)}" for facet in answer["facets"])


class GoldenTest(unittest.TestCase):
    def test_decay_is_exact(self):
        for age, half_life, left in (
                (0, 365, 1073741824), (0, 1460, 1073741824), (1, 365, 1071704687), (30, 365, 1014279571), (90, 365, 905051506),
                (365, 365, 536870912), (200, 540, 830629361), (365, 540, 672087613), (1000, 1095, 570146722),
                (4000, 1460, 160753395)):
            self.assertEqual(oracle.decay(half_life, age), left, (age, half_life))

    def test_every_root_is_the_largest(self):
        for half_life in (365, 540, 730, 1095, 1460):
            for rest in range(half_life):
                root = oracle.decay_root(half_life, rest)
                self.assertTrue(oracle.at_most(root, half_life, rest) and not oracle.at_most(root + 1, half_life, rest))

    def test_the_golden_trajectories(self):
        for name, acts, trustor, trustee, path, day, figures in GOLDEN:
            with self.subTest(name):
                answer = oracle.evaluate(history(*acts), trustor, trustee, day)
                self.assertEqual(path_of(answer), path)
                self.assertEqual(figures_of(answer), figures)

    def test_g4_and_g5_ceilings(self):
        broken, repaired = history(*GOLDEN[3][1]), history(*GOLDEN[4][1])
        self.assertEqual(oracle.evaluate(broken, A, B, "2025-12-31")["ceiling"], 1)
        self.assertEqual(oracle.evaluate(broken, A, B, "2025-12-31")["condition"], "BREACHED")
        self.assertEqual(oracle.evaluate(repaired, A, B, "2024-06-30")["ceiling"], 1)
        self.assertEqual(oracle.evaluate(repaired, A, B, "2024-06-30")["condition"], "REPAIRING")
        self.assertEqual(oracle.evaluate(repaired, A, B, "2024-07-01")["ceiling"], 4)

    def test_g8b_holds_until(self):
        answer = oracle.evaluate(history(*GOLDEN[7][1]), A, B, "2025-12-31")
        self.assertEqual((answer["holds_until"], answer["stage_after"]), ("2027-11-13", 2))

    def test_g9l_is_strained(self):
        self.assertEqual(oracle.evaluate(history(*GOLDEN[8][1]), A, B, "2023-12-31")["condition"], "STRAINED")


# ---------------------------------------------------------------------------------------------------------------------
# The invariants.

FAR = "2024-12-31"  # After everything in a random log, with room for lapses.
RECORDED_LAST = "2023-12-31T00:00:00Z"
VIEWS = (oracle.HELD, HINDSIGHT)
ORDERED = {"partnershipProposed", "milestone", "partnerJoined", "partnerLeft"}


def with_record_times(items):
    """The same items, each saying when it was recorded, so that changing one does not move another."""
    log = oracle.read_log(items)
    return [{**item, "originalRecordTime": random_log.time_text(
        log.events[log.revision_of[item["externalId"]] - 1].record_time // oracle.NANOS_PER_SECOND)} for item in items]


def added(items, *bodies):
    """The log with evidence at its end: pairs of a day and evidence, or of an external id, a day and evidence."""
    items = list(items)
    for body in bodies:
        name, day, evidence = body if len(body) == 3 else (f"added{len(items)}", *body)
        items.append({"partnership": "x", "externalId": name, "occurTime": f"{date_of_day(day)}T00:00:00Z",
                      "originalRecordTime": RECORDED_LAST, "evidence": evidence})
    return items


def stage_on(path, day):
    """The stage of a path on a day."""
    stage = 0
    for move in path.transitions:
        if day_of_date(move["date"]) <= day:
            stage = move["after"]
    return stage


class Course:
    """A direction of a log over all days."""

    def __init__(self, items, trustor, trustee, view):
        self.direction, self.path, _, self.last = oracle.read(items, trustor, trustee, FAR, None, view)
        applied, _ = self.direction.days()
        self.days = {day for day in applied if day >= self.direction.t0} | {self.direction.t0, self.last}
        self.days |= {day_of_date(move["date"]) + shift for move in self.path.transitions for shift in (-1, 0, 1)}

    def figures(self, day):
        """The stage and the four scores."""
        return (stage_on(self.path, day), *(self.direction.score(facet, day) for facet in FACETS))


def externally(items, answer):
    """An answer with external ids in place of revisions."""
    names = {revision: name for name, revision in oracle.read_log(items).revision_of.items()}
    answer = copy.deepcopy(answer)
    answer["ceiling_events"] = sorted(names[revision] for revision in answer["ceiling_events"])
    for move in answer["transitions"]:
        move["events"] = sorted(names[revision] for revision in move["events"])
    return answer


class InvariantTest(unittest.TestCase):
    """Each test runs over random logs; a failure names the seed of its log."""

    seed = None

    def _formatMessage(self, msg, standardMsg):
        return super()._formatMessage(f"{msg or ''} (log of seed {self.seed})", standardMsg)

    def logs(self, share=1, options=random_log.Options()):
        """Random logs with a source of chance each."""
        for seed in range(SEED, SEED + max(1, COUNT // share)):
            self.seed = seed
            yield random.Random(f"invariants {seed}"), with_record_times(random_log.generate(seed, "x", options))

    def direction(self, source, items):
        return source.sample(oracle.organizations(items), 2)

    def any_day(self, source, items):
        """A day of the log or one near it."""
        days = [oracle.observe_day(event) for event in oracle.read_log(items).events]
        return source.choice((source.choice(days), source.randint(min(days) - 30, min(max(days), day_of_date("2023-12-01")))))

    def evidence(self, source, trustor, trustee, kinds, **details):
        """Evidence of one of these kinds, with a random weight."""
        evidence = {"actor": trustee, "affected": [trustor], source.choice(kinds): details}
        evidence["materiality"] = "MATERIALITY_" + source.choice(("LOW", "MEDIUM", "HIGH", "CRITICAL"))
        evidence["source"] = "SOURCE_" + source.choice(("SELF", "COUNTERPART", "JOINT", "SYSTEM"))
        if source.random() < 0.2:
            evidence["level"] = "LEVEL_INTERPERSONAL"
        if source.random() < 0.2:
            evidence["affected"], evidence["witnesses"] = [], [trustor]
        return evidence

    def violation(self, source, trustor, trustee, **details):
        """A violation that nothing else in the log names."""
        return {"actor": trustee, "affected": [trustor],
                "violationReported": {"type": "VIOLATION_TYPE_" + source.choice(random_log.VIOLATION_TYPES),
                                      "severity": "SEVERITY_" + source.choice(random_log.SEVERITIES),
                                      "standing": "STANDING_" + source.choice(("ALLEGED", "SUBSTANTIATED", "PARTLY")), **details}}

    def assert_at_least(self, better, worse, trustor, trustee, view, source):
        """Asserts that the first log never reads lower than the second."""
        one, other = Course(better, trustor, trustee, view), Course(worse, trustor, trustee, view)
        days = one.days | other.days
        days |= {source.randint(min(days), max(days)) for _ in range(10)}
        for day in sorted(days):
            for name, high, low in zip(("stage", *oracle.FACET_NAMES), one.figures(day), other.figures(day)):
                self.assertGreaterEqual(high, low, f"{name} of {trustor}->{trustee} on {date_of_day(day)} in {view}")

    # Each test's name begins with the invariant's number.

    def test_i01_bounds(self):
        for source, items in self.logs():
            trustor, trustee = self.direction(source, items)
            day = self.any_day(source, items)
            view = source.choice(VIEWS)
            answer = oracle.evaluate(items, trustor, trustee, day, view=view)
            for facet in answer["facets"]:
                self.assertTrue(0 <= facet["score"] <= 10000)
                self.assertEqual(facet["belief"] + facet["disbelief"] + facet["uncertainty"], 10000)
                self.assertGreater(facet["uncertainty"], 0)
            direction, _, _, last = oracle.read(items, trustor, trustee, day, view=view)
            started = last >= direction.t0  # Whoever left before the first contact never had one.
            self.assertIn(answer["stage"], (1, 2, 3, 4) if started else (0,))

    def test_i02_more_good_never_lowers(self):
        for source, items in self.logs():
            trustor, trustee = self.direction(source, items)
            more = added(items, (self.any_day(source, items), self.evidence(source, trustor, trustee, random_log.GOOD)))
            self.assert_at_least(more, items, trustor, trustee, source.choice(VIEWS), source)

    def test_i03_more_bad_never_raises(self):
        for source, items in self.logs():
            trustor, trustee = self.direction(source, items)
            details = {"result": "CREDIBILITY_RESULT_CONTRADICTED"}
            bad = source.choice((
                self.evidence(source, trustor, trustee, [kind for kind in random_log.BAD if "Assessed" not in kind and "rep" not in kind]),
                self.evidence(source, trustor, trustee, ("credibilityAssessed", "reputationReferenceReceived"), **details),
                self.evidence(source, trustor, trustee, random_log.CONFLICT), self.violation(source, trustor, trustee)))
            more = added(items, (self.any_day(source, items), bad))
            self.assert_at_least(items, more, trustor, trustee, source.choice(VIEWS), source)

    def test_i04_names_do_not_matter(self):
        for source, items in self.logs():
            trustor, trustee = self.direction(source, items)
            names = oracle.organizations(items)
            shuffled = [f"{letter}-renamed" for letter in source.sample("abcdefgh", len(names))]
            text = json.dumps(items)
            for name, other in zip(names, shuffled):
                text = text.replace(f'"{name}"', f'"{other}"')
            renamed, new = json.loads(text), dict(zip(names, shuffled))
            view = source.choice(VIEWS)
            self.assertEqual(oracle.evaluate(items, trustor, trustee, FAR, view=view),
                             oracle.evaluate(renamed, new[trustor], new[trustee], FAR, view=view))
            swap = {trustor: "@1", trustee: "@2"}
            for name, mark in swap.items():
                text = text.replace(f'"{new[name]}"', f'"{mark}"')
            text = text.replace('"@1"', f'"{trustee}"').replace('"@2"', f'"{trustor}"')
            self.assertEqual(oracle.evaluate(items, trustor, trustee, FAR, view=view),
                             oracle.evaluate(json.loads(text), trustee, trustor, FAR, view=view))

    def test_i05_the_trustors_own_conduct_does_not_matter(self):
        for source, items in self.logs():
            trustor, trustee = self.direction(source, items)
            conflicts = [item["externalId"] for item in items if set(random_log.CONFLICT) & set(item.get("evidence", {}))]
            own = [(self.any_day(source, items), self.evidence(source, trustee, trustor, random_log.GOOD + random_log.CONFLICT)),
                   (self.any_day(source, items), self.violation(source, trustee, trustor))]
            if conflicts:
                own.append((self.any_day(source, items), self.evidence(source, trustee, trustor, ("conflictEscalated",),
                                                                       conflict=source.choice(conflicts))))
            view = source.choice(VIEWS)
            self.assertEqual(oracle.evaluate(items, trustor, trustee, FAR, view=view),
                             oracle.evaluate(added(items, *own), trustor, trustee, FAR, view=view))

    def test_i06_the_order_of_appends_does_not_matter(self):
        for source, items in self.logs():
            kept, once = [], set()
            for item in items:  # Of two corrections of one record the later counts: order matters there, and for meetings.
                body = item.get("evidenceCorrected") or item.get("evidenceRetracted")
                mark = body["event"] if body else "met" if "initialContactMade" in item else item["externalId"] + "'"
                if mark not in once:
                    once.add(mark)
                    kept.append({**item, "originalRecordTime": RECORDED_LAST})
            shuffled = kept[:1] + source.sample(kept[1:], len(kept) - 1)
            # A milestone concerns who is a partner when it is recorded: those and the partners keep their order.
            ordered = iter([item for item in kept if ORDERED & set(item)])
            shuffled = [next(ordered) if ORDERED & set(item) else item for item in shuffled]
            trustor, trustee = self.direction(source, items)
            day, view = self.any_day(source, items), source.choice(VIEWS)
            for when in (day, FAR):
                self.assertEqual(externally(kept, oracle.evaluate(kept, trustor, trustee, when, view=view)),
                                 externally(shuffled, oracle.evaluate(shuffled, trustor, trustee, when, view=view)))

    def test_i08_the_past_does_not_depend_on_the_future(self):
        for source, items in self.logs():
            trustor, trustee = self.direction(source, items)
            view, day = source.choice(VIEWS), self.any_day(source, items)
            long, short = (oracle.evaluate(items, trustor, trustee, when, view=view)["transitions"] for when in (FAR, day))
            self.assertEqual([move for move in long if day_of_date(move["date"]) <= day], short)
            log = oracle.read_log(items)
            known = oracle.date_of_day(oracle.day_of_instant(source.choice(log.events).record_time))
            limit = oracle.known_instant(known)
            structure = ("partnershipProposed", "initialContactMade")
            earlier = [item for item in items
                       if log.events[log.revision_of[item["externalId"]] - 1].record_time <= limit or set(structure) & set(item)]
            if all(name in oracle.organizations(earlier) for name in (trustor, trustee)):
                self.assertEqual(externally(items, oracle.evaluate(items, trustor, trustee, day, known, view)),
                                 externally(earlier, oracle.evaluate(earlier, trustor, trustee, day, known, view)))
            if view == oracle.HELD:
                events = {event.revision: event for event in log.events}
                present = [item for item in items
                           if oracle.observe_day(events[log.revision_of[item["externalId"]]]) <= day
                           or not {"evidence", "contactDeparted", "partnershipTerminated"} & set(item)]
                corrected = [item["evidenceCorrected"]["event"] for item in items if "evidenceCorrected" in item]
                referred = set().union(*(random_log.references(item) for item in items))
                missing = {item["externalId"] for item in items} - {item["externalId"] for item in present}
                if not missing & (set(corrected) | referred):
                    self.assertEqual(externally(items, oracle.evaluate(items, trustor, trustee, day)),
                                     externally(present, oracle.evaluate(present, trustor, trustee, day)))

    def test_i09_a_correction_is_as_if_it_had_been_recorded_so(self):
        for source, items in self.logs():
            named = {item[body]["event"] for item in items for body in ("evidenceCorrected", "evidenceRetracted") if body in item}
            candidates = [item for item in items if "evidence" in item and item["externalId"] not in named]
            if not candidates:
                continue
            root = source.choice(candidates)
            writer = random_log.Writer(f"correction {source.random()}", "x", random_log.Options())
            writer.members = oracle.organizations(items)
            correction = writer.correction(root)
            version = {**root, "evidence": correction["replacement"]}
            if "occurTime" in correction:
                version.pop("occurTimePrecision", None)
            version.update({name: correction[name] for name in ("occurTime", "occurTimePrecision", "observeTime") if name in correction})
            item = {"partnership": "x", "externalId": "correction", "occurTime": RECORDED_LAST, "originalRecordTime": RECORDED_LAST,
                    "recorder": writer.members[0], "evidenceCorrected": correction}
            trustor, trustee = self.direction(source, items)
            view = source.choice(VIEWS)
            self.assertEqual(
                oracle.evaluate(items + [item], trustor, trustee, FAR, view=view),
                oracle.evaluate([version if one is root else one for one in items], trustor, trustee, FAR, view=view))

    def test_i10_a_retraction_is_as_if_nothing_had_been_recorded(self):
        for source, items in self.logs():
            trustor, trustee = self.direction(source, items)
            writer = random_log.Writer(f"retraction {source.random()}", "x", random_log.Options(meta=False))
            writer.members = oracle.organizations(items)
            more = added(items, ("void", self.any_day(source, items), source.choice((writer.good, writer.bad, writer.violation))()))
            more.append({"partnership": "x", "externalId": "retraction", "occurTime": RECORDED_LAST, "originalRecordTime": RECORDED_LAST,
                         "recorder": trustor, "evidenceRetracted": {"event": "void"}})
            view = source.choice(VIEWS)
            self.assertEqual(oracle.evaluate(items, trustor, trustee, FAR, view=view),
                             oracle.evaluate(more, trustor, trustee, FAR, view=view))

    def test_i12_silence_only_lowers(self):
        for source, items in self.logs():
            trustor, trustee = self.direction(source, items)
            answer = oracle.evaluate(items, trustor, trustee, FAR, view=source.choice(VIEWS))
            for move in answer["transitions"] + answer["lapses"]:
                if move["cause"] == "SILENCE":
                    self.assertLess(move["after"], move["before"])
            day = self.any_day(source, items)
            answer = oracle.evaluate(items, trustor, trustee, day)
            if answer["holds_until"]:
                # What was foretold comes to pass when nothing else does.
                direction, path, _, _ = oracle.read(items, trustor, trustee, day)
                path.silence(day, day_of_date(answer["holds_until"]))
                self.assertEqual(path.stage, answer["stage"])
                path.silence(day_of_date(answer["holds_until"]), day_of_date(answer["holds_until"]) + 1)
                self.assertEqual(path.stage, answer["stage_after"])
                self.assertEqual(direction.last_day, day)

    def test_i12_bisection_finds_what_looking_at_every_day_finds(self):
        for source, items in self.logs(share=20):
            trustor, trustee = self.direction(source, items)
            day, view = self.any_day(source, items), source.choice(VIEWS)
            plain = oracle.read(items, trustor, trustee, day, view=view)[1]
            scanned = oracle.read(items, trustor, trustee, day, view=view, scan=True)[1]
            self.assertEqual(plain.transitions, scanned.transitions)
            self.assertEqual(plain.flags, scanned.flags)

    def test_i13_repair_helps_but_never_beyond_innocence(self):
        for source, items in self.logs():
            trustor, trustee = self.direction(source, items)
            broken = added(items, ("breach", self.any_day(source, items), self.violation(source, trustor, trustee)))
            repairs = [(self.any_day(source, items), {"actor": trustee, "affected": [trustor], kind: {"violation": "breach"}})
                       for kind in source.sample(random_log.REPAIR, source.randint(1, 4))]
            repaired = added(broken, *repairs)
            view = source.choice(VIEWS)
            self.assert_at_least(items, repaired, trustor, trustee, view, source)
            self.assert_at_least(repaired, broken, trustor, trustee, view, source)

    def test_i14_no_stage_is_skipped_upwards(self):
        for source, items in self.logs():
            trustor, trustee = self.direction(source, items)
            for move in oracle.evaluate(items, trustor, trustee, FAR, view=source.choice(VIEWS))["transitions"]:
                self.assertLessEqual(move["after"], move["before"] + 1)

    def test_i16_nothing_spills_upwards(self):
        homes = {1: random_log.GOOD[:6], 2: random_log.GOOD[:10], 3: random_log.GOOD[:14]}
        for source, items in self.logs(share=5):
            home = source.choice((1, 2, 3))
            trustor, trustee = self.direction(source, items)
            founded_on = oracle.first_contact_day(oracle.read_log(items[:1]), trustor, trustee)
            acts = [(founded_on + 12 * number, self.evidence(source, trustor, trustee, homes[home])) for number in range(60)]
            moves = oracle.evaluate(added(items[:1], *acts), trustor, trustee, FAR)["transitions"]
            self.assertLessEqual(max(move["after"] for move in moves), home + 1)

    def test_i19_the_whole_is_between_its_ties(self):
        options = random_log.Options(partners_max=4, structure=False)
        for source, items in self.logs(share=3, options=options):
            day = self.any_day(source, items)
            answer = oracle.alliance(items, day)
            stages = answer["mutual"].values()
            if not stages:
                continue
            self.assertLessEqual(answer["weakest"], answer["connected"])
            self.assertLessEqual(answer["connected"], max(stages))
            if len(answer["members"]) == 2:
                self.assertEqual({answer["weakest"], answer["connected"], answer["median"]}, set(stages))
            trustor, trustee = self.direction(source, items)
            more = added(items, (self.any_day(source, items), self.evidence(source, trustor, trustee, random_log.GOOD)))
            better = oracle.alliance(more, day)
            self.assertGreaterEqual((better["weakest"], better["connected"]), (answer["weakest"], answer["connected"]))
            self.assertGreaterEqual(better["connected"], answer["connected"])
            if len(answer["members"]) < 4:
                grown = copy.deepcopy(items)
                grown[0]["partnershipProposed"]["partners"].append({"organization": "newcomer"})
                self.assertLessEqual(oracle.alliance(grown, day)["weakest"], answer["weakest"])

    def test_i19_partners_who_come_and_go(self):
        for source, items in self.logs(share=3):
            answer = oracle.alliance(items, self.any_day(source, items), view=source.choice(VIEWS))
            self.assertEqual(sorted(answer["forming"] + answer["assessed"]), sorted(answer["required"]))
            self.assertLessEqual({name for tie in answer["required"] for name in tie}, set(answer["members"]))
            if answer["assessed"]:
                self.assertLessEqual(answer["weakest"], answer["median"])
                self.assertLessEqual(answer["weakest"], answer["connected"])
                self.assertLessEqual(answer["connected"], max(answer["mutual"].values()))

    def test_i21_praise_of_oneself_leads_nowhere(self):
        for source, items in self.logs(share=5):
            trustor, trustee = self.direction(source, items)
            founded_on = oracle.first_contact_day(oracle.read_log(items[:1]), trustor, trustee)
            acts = [(founded_on + 5 * number, {**self.evidence(source, trustor, trustee, random_log.GOOD), "source": "SOURCE_SELF"})
                    for number in range(80)]
            moves = oracle.evaluate(added(items[:1], *acts), trustor, trustee, FAR)["transitions"]
            self.assertEqual([move["after"] for move in moves], [1])

    def test_i23_a_worse_standing_is_never_better(self):
        for source, items in self.logs(share=2):
            trustor, trustee = self.direction(source, items)
            view, day = source.choice(VIEWS), self.any_day(source, items)
            violation = self.violation(source, trustor, trustee)
            logs = []
            for standing in ("UNFOUNDED", "DISPUTED", "ALLEGED", "SUBSTANTIATED"):
                violation["violationReported"]["standing"] = f"STANDING_{standing}"
                logs.append(added(items, (day, copy.deepcopy(violation))))
            for better, worse in zip(logs, logs[1:]):
                self.assert_at_least(better, worse, trustor, trustee, view, source)

    def test_i24_a_graver_violation_is_never_better(self):
        for source, items in self.logs(share=2):
            trustor, trustee = self.direction(source, items)
            view, day = source.choice(VIEWS), self.any_day(source, items)
            violation = self.violation(source, trustor, trustee, deception=source.random() < 0.3)
            logs = []
            for severity in random_log.SEVERITIES:
                violation["violationReported"]["severity"] = f"SEVERITY_{severity}"
                logs.append(added(items, (day, copy.deepcopy(violation))))
            for better, worse in zip(logs, logs[1:]):
                self.assert_at_least(better, worse, trustor, trustee, view, source)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="of the first random log; default: random, printed")
    parser.add_argument("--count", type=int, default=COUNT, help="how many random logs")
    arguments, rest = parser.parse_known_args()
    SEED = random.SystemRandom().randrange(10**9) if arguments.seed is None else arguments.seed
    COUNT = arguments.count
    print(f"seed {SEED}, {COUNT} random logs", flush=True)
    unittest.main(argv=sys.argv[:1] + rest, verbosity=2)
