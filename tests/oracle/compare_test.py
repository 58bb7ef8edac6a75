"""The built trustd against the oracle, on random histories, to the last bit.

    /usr/bin/python3 tests/oracle/compare_test.py TRUSTD [--seed N] [--count N] [--held-only] [--two-partners] [--today]

TRUSTD is the program or its folder. --two-partners leaves out larger partnerships; --held-only asks for no hindsight; --today
(implied by both together) leaves out the items that ImportHistory does not take yet. A mismatch prints the seed, what
differs, and a history made as short as the mismatch allows. Exit: 0 all equal; 1 a mismatch, a refused
import, or too little met to have compared anything.
"""

import argparse
import collections
import dataclasses
import json
import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import grpc
import server  # pylint: disable=wrong-import-position
from google.protobuf import json_format
from stubs import api

import oracle
import random_log
from oracle import date_of_day, day_of_date

STAGES = ("STAGE_UNSPECIFIED", "STAGE_INITIAL_CONTACT", "STAGE_BUILDING_RAPPORT", "STAGE_ESTABLISHING_RELIABILITY",
          "STAGE_MAINTAINING_COMMITMENT")
BATCH = 25  # Histories imported together.


class Refused(Exception):
    """The server did not take an item."""


def timestamp(text):
    return json_format.Parse(json.dumps(text), api.ImportItem().occur_time.__class__())


def import_all(client, histories):
    """Imports histories; fails when an item is not created."""
    messages = []
    for items in histories:
        parsed = [json_format.ParseDict(item, api.ImportItem()) for item in items]
        messages += [parsed[start:start + 200] for start in range(0, len(parsed), 200)]
    for result in client.import_items(*messages):
        if result.outcome != api.IMPORT_OUTCOME_CREATED:
            raise Refused(f"{result.partnership} {result.external_id}: {result.error.message}")


# ---------------------------------------------------------------------------------------------------------------------
# What the server says and what the oracle says, in the same words.


@dataclasses.dataclass(frozen=True)
class Question:
    """What is asked about a partnership."""

    as_of: str
    known: str | None = None
    view: str = oracle.HELD

    def request(self, kind, partnership):
        request = kind(partnership=partnership, as_of_time=timestamp(f"{self.as_of}T12:00:00Z"))
        if self.known:
            nanos = oracle.known_instant(self.known)
            request.known_time.seconds, request.known_time.nanos = divmod(nanos, 10**9)
        if self.view == oracle.HINDSIGHT:
            request.view = api.VIEW_HINDSIGHT
        return request


def served_reading(direction):
    """A DirectionReading as plain data."""
    return {
        "stage": direction.stage, "since": direction.since_date,
        "condition": api.Condition.Name(direction.condition).removeprefix("CONDITION_"),
        "ceiling": direction.ceiling, "ceiling_events": list(direction.ceiling_events),
        "facets": [{"score": one.score_bp, "belief": one.belief_bp, "disbelief": one.disbelief_bp, "uncertainty": one.uncertainty_bp,
                    "deviation": one.deviation_bp, "positive": one.positive_milli, "negative": one.negative_milli,
                    "established": one.established, "begun": one.begun} for one in direction.facets],
        "holds_until": direction.holds_until_date, "stage_after": direction.stage_after, "key_person": direction.key_person_dependent}


def event_names(partnership, revisions):
    return [f"partnerships/{partnership}/events/{revision}" for revision in revisions]


def expected_reading(partnership, answer):
    """An answer of the oracle in the same shape."""
    names = ("score", "belief", "disbelief", "uncertainty", "deviation", "established", "begun")
    return {
        "stage": answer["stage"], "since": answer["since"] or "", "condition": answer["condition"] or "UNSPECIFIED",
        "ceiling": answer["ceiling"], "ceiling_events": event_names(partnership, answer["ceiling_events"]),
        "facets": [{**{name: facet[name] for name in names}, "positive": facet["positive"] // oracle.MASS,
                    "negative": facet["negative"] // oracle.MASS} for facet in answer["facets"]],
        "holds_until": answer["holds_until"] or "", "stage_after": answer["stage_after"] or 0,
        "key_person": answer["key_person"] is not None}


def served_whole(whole):
    """A PartnershipReading as plain data, but for its holds_until_date."""
    return {"stage": whole.stage, "connected": whole.connected, "median": whole.median, "coverage": whole.coverage_bp,
            "asymmetry": whole.asymmetry, "faultlines": [list(group.organizations) for group in whole.faultlines],
            "ties": [(*tie.organizations, tie.forming) for tie in whole.ties],
            "assessed": {tuple(tie.organizations): (tie.mutual, tie.asymmetry, list(tie.score_gaps_bp))
                         for tie in whole.ties if not tie.forming}}


def expected_whole(answer):
    """The oracle's alliance in the same shape."""
    alone = len(answer["members"]) == 2 and answer["assessed"]
    return {"stage": answer["weakest"] or 0, "connected": answer["connected"] or 0, "median": answer["median"] or 0,
            "coverage": answer["coverage"] or 0, "faultlines": answer["faultlines"] or [],
            "asymmetry": answer["asymmetry"][answer["assessed"][0]] if alone else 0,
            "ties": [(*tie, tie in answer["forming"]) for tie in answer["required"]],
            "assessed": {tie: (answer["mutual"][tie], answer["asymmetry"][tie], answer["score_gaps"][tie])
                         for tie in answer["assessed"]}}


def expected_transitions(partnership, answers):
    """The timeline of some directions: ordered by day, then trustor, then trustee."""
    rows = [(move["date"], *direction, move["before"], move["after"], f"TRANSITION_CAUSE_{move['cause']}",
             event_names(partnership, move["events"]), len(move["events"]))
            for direction, answer in answers.items() for move in answer["transitions"]]
    return sorted(rows, key=lambda row: row[:3])


def served_transitions(client, request):
    """Every page."""
    rows = []
    while True:
        page = client.trust.GetTrustTimeline(request, timeout=server.SECONDS_MAX)
        rows += [(one.date, one.trustor, one.trustee, one.stage_before, one.stage, api.TransitionCause.Name(one.cause),
                  list(one.events), one.event_count) for one in page.transitions]
        if not page.next_page_token:
            return rows
        request.page_token = page.next_page_token


def differences(client, items, question, met=None):
    """One line for each thing that differs. Counts in met what was met."""
    partnership = items[0]["partnership"]
    names = oracle.organizations(items, question.known)
    answers = {(one, other): oracle.evaluate(items, one, other, question.as_of, question.known, question.view)
               for one in names for other in names if one != other}
    found = []

    def compare(what, served, expected):
        if served != expected:
            found.append(f"{what}: served {served!r}, expected {expected!r}")

    response = client.trust.AssessTrust(question.request(api.AssessTrustRequest, partnership), timeout=server.SECONDS_MAX)
    compare("as_of_date", response.as_of_date, question.as_of)
    log, known = oracle.read_log(items), oracle.known_instant(question.known)
    # Who met when is read whatever was known.
    compare("revision", response.revision, max(event.revision for event in log.events if known is None or event.record_time <= known
                                               or event.kind in ("partnershipProposed", "initialContactMade")))
    compare("directions", [(one.trustor, one.trustee) for one in response.directions], sorted(answers))
    for direction in response.directions:
        answer = answers.get((direction.trustor, direction.trustee))
        if answer is None:
            continue
        served, expected = served_reading(direction), expected_reading(partnership, answer)
        for name, value in expected.items():
            if name == "facets":
                for index, facet in enumerate(value):
                    for figure, number in facet.items():
                        compare(f"{direction.trustor}->{direction.trustee} {oracle.FACET_NAMES[index]} {figure}",
                                served["facets"][index][figure], number)
            else:
                compare(f"{direction.trustor}->{direction.trustee} {name}", served[name], value)
    alliance = oracle.alliance(items, question.as_of, question.known, question.view, answers)
    if met is not None:
        met.update(tally(question, answers, alliance))
    served = served_whole(response.whole)
    for name, value in expected_whole(alliance).items():
        compare(f"whole {name}", served[name], value)
    compare("whole holds_until", response.whole.holds_until_date, alliance["holds_until"] or "")
    if len(names) == 2 and alliance["assessed"]:
        both = oracle.whole(list(answers.values()))
        compare("whole", (response.whole.stage, response.whole.asymmetry, response.whole.holds_until_date),
                (both["stage"], both["asymmetry"], both["holds_until"] or ""))
    rows = served_transitions(client, question.request(api.GetTrustTimelineRequest, partnership))
    expected = expected_transitions(partnership, answers)
    for row in rows:
        if row not in expected:
            found.append(f"transition served, not expected: {row!r}")
    for row in expected:
        if row not in rows:
            found.append(f"transition expected, not served: {row!r}")
    compare("order of transitions", [row[:3] for row in rows], sorted(row[:3] for row in rows))
    return found


# ---------------------------------------------------------------------------------------------------------------------
# What was asked and answered, so that it is known that something was compared.

# What 120 questions and more must have met, and how often in each 120.
FLOORS = {"whole assessed": 20, "whole unassessed": 1, "first contact ahead": 1, "ceiling": 4, "holds until": 10,
          "transition START": 40, "transition EVENT": 10, "transition SILENCE": 4,
          **{f"stage {stage}": 4 for stage in STAGES[1:]},
          **{f"condition {name}": 1 for name in ("STEADY", "STRAINED", "BREACHED", "REPAIRING", "DORMANT", "ENDED")}}


def tally(question, answers, alliance):
    """What one question met."""
    met = collections.Counter({f"view {question.view}": 1, "whole assessed" if alliance["assessed"] else "whole unassessed": 1,
                               "known time" if question.known else "no known time": 1})
    for answer in answers.values():
        met["first contact ahead" if not answer["stage"] else f"stage {STAGES[answer['stage']]}"] += 1
        met[f"condition {answer['condition']}"] += 1
        for name, value in (("ceiling", answer["ceiling"] < 4), ("holds until", answer["holds_until"]), ("key person", answer["key_person"])):
            met[name] += bool(value)
        met.update(f"transition {move['cause']}" for move in answer["transitions"])
    return met


def unmet(options, asked, met):
    """What a run did not meet often enough to have compared it."""
    views = {"view " + view for view in views_of(options)}
    floors = {name: 1 for name in views | {"known time", "no known time"}}
    if asked >= 120 and not without_meta(options):
        floors |= {name: floor * (asked // 120) for name, floor in FLOORS.items()} | {"key person": 1}
    return [f"{name}: {met[name]} of {floor}" for name, floor in floors.items() if met[name] < floor]


# ---------------------------------------------------------------------------------------------------------------------
# What to ask, and how to make a mismatch small.


def questions(items, source, views):
    """Days of every sort: any, before the first contact, around changes, far after; with and without a known time."""
    names = oracle.organizations(items)
    late = "2024-12-31"
    final = oracle.evaluate(items, *source.sample(names, 2), late)
    turns = [day_of_date(move["date"]) for move in final["transitions"]] + [oracle.first_contact_days(oracle.read_log(items))[0]]
    events = oracle.read_log(items).events
    days = [oracle.observe_day(event) for event in events]
    picked = [source.randint(min(days) - 20, max(days) + 900) for _ in range(2)]
    picked += [source.choice(turns) + source.choice((-1, 0, 1)), source.choice(days)]
    reading = oracle.evaluate(items, *source.sample(names, 2), picked[0])
    if reading["holds_until"]:
        picked.append(day_of_date(reading["holds_until"]) + source.choice((0, 1)))
    asked = []
    for view in views:
        asked += [Question(date_of_day(day), None, view) for day in picked]
        record = source.choice(events).record_time
        for day in source.sample(picked, 2):
            known = source.choice((record - 1, record, record + oracle.NANOS_PER_DAY))
            asked.append(Question(date_of_day(day), known_text(known), view))
    return asked


def known_text(nanos):
    seconds, rest = divmod(nanos, 10**9)
    return random_log.time_text(seconds)[:-1] + (f".{rest:09d}" if rest else "") + "Z"


def without(items, dropped):
    """The items without one, and without those that name it."""
    gone, kept = {dropped}, []
    for item in items:
        if item["externalId"] in gone or random_log.references(item) & gone:
            gone.add(item["externalId"])
        else:
            kept.append(item)
    return kept


class Renamer:
    """Gives histories ids that the server has not seen."""

    def __init__(self):
        self.count = 0

    def fresh(self, items):
        self.count += 1
        return [{**item, "partnership": f"shrunk-{self.count}"} for item in items]


def shrink(client, items, question, renamer):
    """Drops items for as long as something differs."""
    def differs(candidate):
        candidate = renamer.fresh(candidate)
        try:
            import_all(client, [candidate])
        except Refused:
            return False
        return bool(differences(client, candidate, question))

    size = max(1, len(items) // 2)
    while size:
        index, progressed = len(items), False
        while index > 1:
            candidate = items
            for item in items[max(1, index - size):index]:
                if any(item is one for one in candidate):
                    candidate = without(candidate, item["externalId"])
            index -= size
            if len(candidate) < len(items) and differs(candidate):
                items, progressed = candidate, True
                index = min(index, len(items))
        if not progressed or size > 1:
            size //= 2
    return items


def report(client, seed, items, question, renamer):
    """Prints a mismatch so that it can be read without this program."""
    print(f"\nMISMATCH seed {seed} {question}")
    small = renamer.fresh(shrink(client, items, question, renamer))
    import_all(client, [small])
    for item in small:
        print("  " + json.dumps({key: value for key, value in item.items() if key != "partnership"}))
    for line in differences(client, small, question):
        print("  " + line)
    sys.stdout.flush()


def without_meta(options):
    return options.today or options.held_only and options.two_partners


def views_of(options):
    return (oracle.HELD,) if options.held_only or without_meta(options) else (oracle.HELD, oracle.HINDSIGHT)


def run(client, options):
    """Compares; returns how many histories differ, how many questions were asked, and what they met."""
    today = without_meta(options)
    log_options = random_log.Options(meta=not today, many=not options.two_partners, structure=not today,
                                     meta_times=getattr(options, "meta_times", False))
    views, met = views_of(options), collections.Counter()
    renamer, mismatches, asked = Renamer(), 0, 0
    seeds = range(options.seed, options.seed + options.count)
    for start in range(0, len(seeds), BATCH):
        histories = {seed: random_log.generate(seed, f"random-{seed}", log_options) for seed in seeds[start:start + BATCH]}
        import_all(client, histories.values())
        for seed, items in histories.items():
            source = random.Random(f"questions {seed}")
            picked = questions(items, source, views)
            for question in source.sample(picked, min(len(picked), getattr(options, "questions_max", len(picked)))):
                asked += 1
                try:
                    differ = differences(client, items, question, met)
                except grpc.RpcError as error:
                    sys.exit(f"seed {seed} {question}: the server answered {error.code()} {error.details()}")
                if differ:
                    mismatches += 1
                    report(client, seed, items, question, renamer)
                    break
            if mismatches >= options.mismatches_max:
                return mismatches, asked, met
    return mismatches, asked, met


def conclude(options, mismatches, asked, met):
    """Says what came of a run; the code to exit with."""
    print(f"seed {options.seed}: {asked} questions, {mismatches} histories differ")
    missing = [] if mismatches else unmet(options, asked, met)
    if missing:
        print("not met often enough to be compared: " + "; ".join(missing))
    return 1 if mismatches or missing else 0


def main():
    parser = argparse.ArgumentParser(description="Compares trustd with the oracle on random histories.")
    parser.add_argument("trustd", type=pathlib.Path, help="the program or its folder")
    parser.add_argument("--seed", type=int, help="of the first history; default: random, printed")
    parser.add_argument("--count", type=int, default=200, help="how many histories")
    parser.add_argument("--questions-max", type=int, default=1000, help="ask so many questions of each history at most")
    parser.add_argument("--held-only", action="store_true", help="ask for the held view alone")
    parser.add_argument("--two-partners", action="store_true", help="no larger partnerships")
    parser.add_argument("--today", action="store_true", help="only items that ImportHistory takes today")
    parser.add_argument("--mismatches-max", type=int, default=5, help="stop after so many histories that differ")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**9)
    print(f"seed {options.seed}, {options.count} histories", flush=True)
    server.use_programs(options.trustd if options.trustd.is_dir() else options.trustd.parent)
    with tempfile.TemporaryDirectory(prefix="trustd-oracle-") as folder:
        running = server.Server(pathlib.Path(folder) / "store")
        try:
            outcome = run(running.client, options)
        except Refused as refusal:
            sys.exit(f"seed {options.seed}: the server refused {refusal}")
        finally:
            running.stop()
    sys.exit(conclude(options, *outcome))


if __name__ == "__main__":
    main()
