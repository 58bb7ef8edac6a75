"""The oracle against the specification's own numbers and invariants. Usage: golden_check.py [--seed N] [--count N]

Section 8.2's trajectories and section 4's vectors to the number; section 9's invariants on random logs with a printed seed.
"""

import argparse
import copy
import random
import sys
import unittest

import oracle
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


if __name__ == "__main__":
    unittest.main()
