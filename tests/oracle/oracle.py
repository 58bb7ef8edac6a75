"""The trust model a second time: plain, slow, and written from its specification alone.

A log is a list of ImportItems as protobuf JSON, in the order in which they are imported. Every function is one rule and names in a
comment the section that it reads ("C" numbers are those of section 13). Integers only; nothing is kept between two questions but
the table of decay and the log that was read last. What the specification leaves open is decided in README.md, beside this file.

Days are numbers of UTC days since 1970-01-01 inside, YYYY-MM-DD in answers. Masses are milli-units times 2^30.
"""

import dataclasses
import datetime
import functools
import math
import re

MASS = 1 << 30  # One milli-unit of mass.
CRED, RAPP, RELI, NURT = FACETS = range(4)
FACET_NAMES = ("CREDIBILITY", "RAPPORT", "RELIABILITY", "NURTURE")
HELD, HINDSIGHT = "HELD", "HINDSIGHT"


# ---------------------------------------------------------------------------------------------------------------------
# The policy's numbers.

# 7.2 and 7.3. Masses in milli-units, scores in basis points; None: the facet has no such threshold.
PRIOR = 2000
BASE_RATE = 500
ENTER_SCORE = (6500, 6500, 7000, None)
HOLD_SCORE = (5000, 5500, 6000, 5000)
ENTER_MASS = (2000, 3000, 5000, None)
HOLD_MASS = (500, 750, 1500, None)
BEGIN_MASS = (0, 500, 750, 1000)
STOP_MASS = (0, 125, 250, 350)

GOOD_HALF_LIFE = 365
MATERIALITY = {"LOW": 500, "MEDIUM": 1000, "HIGH": 2000, "CRITICAL": 4000}
SEVERITY = {"MINOR": 500, "MODERATE": 1000, "MAJOR": 2000, "CRITICAL": 4000}
SOURCE = {"SELF": 250, "COUNTERPART": 1000, "JOINT": 1000, "THIRD_PARTY": 1000, "SYSTEM": 750}
AFFECTED, WITNESS, INTERPERSONAL = 1000, 250, 500
DEPARTED = 300
LOSS = 1000
EARLY, EARLY_DAYS = 1500, 180
RECIDIVISM_STEP, RECIDIVISM_MAX, RECIDIVISM_DAYS = 500, 3000, 1460
STANDING = {"ALLEGED": 750, "DISPUTED": 500, "ACKNOWLEDGED": 1000, "SUBSTANTIATED": 1000, "PARTLY": 500, "UNFOUNDED": 0,
            "WITHDRAWN": 0}
DECEPTION_DAYS = 1825
STRAINED_DISBELIEF, DORMANT_UNCERTAINTY = 2500, 8000
FORMING_DAYS = 180
PAIRS_ALL_REQUIRED_MAX = 4

# 6.4. Kind or kind:variant -> weights per facet, notion.
POSITIVE = {
    "credibilityAssessed:SUPPORTED": ((1000, 0, 0, 0), "credibility"),
    "reputationReferenceReceived:SUPPORTED": ((1000, 0, 0, 0), "credibility"),  # C9
    "credentialsVerified": ((750, 0, 0, 0), "credibility"),
    "intentionsAssessed:ALIGNED": ((1000, 0, 0, 0), "intentions"),
    "confidentialityAgreementSigned": ((500, 0, 0, 0), "intentions"),
    "priorTieAttested": ((1000, 0, 0, 0), "credibility"),
    "sharedExperienceHeld": ((250, 1000, 0, 0), "shared experience"),
    "openCommunicationObserved": ((250, 1000, 0, 0), "open communication"),
    "mutualUnderstandingConfirmed": ((250, 1000, 0, 0), "open communication"),
    "misunderstandingClarified": ((0, 250, 0, 0), "open communication"),
    "commitmentFulfilled:ON_TIME": ((500, 250, 1000, 0), "fulfilment"),
    "commitmentFulfilled:EXCEEDED": ((500, 250, 1250, 0), "fulfilment"),
    "commitmentFulfilled:LATE": ((0, 0, 250, 0), "fulfilment late"),
    "partnerGoalSupported": ((500, 500, 1000, 0), "goal support"),
    "consistencyObserved": ((250, 0, 500, 0), "consistency"),
    "sharedObjectiveAchieved": ((500, 500, 1500, 0), "fulfilment joint"),
    "transparencyDemonstrated": ((250, 500, 0, 1000), "transparency"),
    "feedbackActedOn": ((250, 500, 0, 1000), "feedback"),
    "feedbackGiven": ((0, 250, 0, 250), "feedback"),
    "adaptationMade": ((250, 250, 250, 1500), "adaptation"),
    "relationshipInvestmentMade": ((500, 250, 500, 1500), "adaptation"),
    "partnershipRenewed": ((500, 500, 500, 2000), "renewal"),
}
CREDIT = ((0, 500, 0, 500), "open communication")

# 6.5. Kind or kind:variant -> weights per facet, half-life in days.
NEGATIVE = {
    "credibilityAssessed:CONTRADICTED": ((2000, 0, 0, 0), 540),
    "reputationReferenceReceived:CONTRADICTED": ((2000, 0, 0, 0), 540),  # C9
    "intentionsAssessed:MISALIGNED": ((2000, 500, 0, 0), 540),
    "misunderstandingReported": ((0, 500, 0, 0), 365),
    "conflictRaised": ((0, 500, 0, 0), 365),
    "conflictEscalated": ((500, 1000, 0, 500), 365),
    "formalDisputeOpened": ((1000, 2000, 0, 1000), 540),
    "informationWithheld": ((500, 2000, 0, 1000), 540),
    "inconsistencyObserved": ((250, 0, 1000, 0), 540),
    "commitmentMissed": ((500, 250, 2000, 0), 540),
    "feedbackIgnored": ((0, 500, 0, 1000), 540),
    "adaptationRefused": ((250, 250, 250, 1500), 540),
}
ATTESTED_HALF_LIFE = 540
# 6.5. Type -> weights per facet, basis, half-life in days.
VIOLATION = {
    "QUALITY_FAILURE": ((1000, 250, 2000, 0), "ABILITY", 540),
    "OPPORTUNISM": ((3000, 2000, 1000, 1500), "BENEVOLENCE", 730),
    "CONFIDENTIALITY_BREACH": ((4000, 2500, 1000, 2000), "INTEGRITY", 1095),
    "CONTRACT_BREACH": ((2000, 1000, 3000, 1000), "INTEGRITY", 1095),
    "DECEPTION": ((5000, 3000, 2000, 3000), "INTEGRITY", 1460),
}
CONFLICT_KINDS = ("conflictRaised", "conflictEscalated", "formalDisputeOpened")
CONFLICT_DISCHARGE = {"JOINT": 1000, "COMPROMISE": 1000, "ADJUDICATED": 500, "IMPOSED": 0, "AVOIDED": 0}

# 6.6. Basis -> discharge per type of repair, cap.
# C5 and C7 can be read both ways: is a second apology, which takes nothing off, an event applied on its day? README.md, choice 14.
REPEATED_REPAIRS_APPLY = True
REPAIR_KINDS = ("violationAcknowledged", "apologyIssued", "remediationCompleted", "remediationVerified")
REPAIR = {
    "ABILITY": ((50, 200, 350, 200), 800),
    "BENEVOLENCE": ((50, 100, 300, 150), 600),
    "INTEGRITY": ((0, 50, 200, 150), 400),
}
# C6. The order of standing events within a day; a finding's kind is completed by its result.
STANDING_RANK = {"violationDisputed": 0, "violationAcknowledged": 1, "allegationWithdrawn": 2, "findingIssued:UNFOUNDED": 3,
                 "findingIssued:PARTLY": 4, "findingIssued:SUBSTANTIATED": 5}

EVIDENCE_KINDS = {kind.split(":")[0] for kind in (*POSITIVE, *NEGATIVE, *REPAIR_KINDS, *STANDING_RANK)} | {
    "conflictResolved", "violationReported", "interpersonalTrustAttested", "intentionsDeclared", "credentialsPresented",
    "commitmentMade", "commitmentRenegotiated", "commitmentWaived", "sharedObjectiveAgreed", "sharedObjectiveMissed",
    "feedbackRequested", "changeInCircumstancesNotified", "explanationProvided", "remediationCommitted", "compensationPaid",
    "violationClosed"}
BODIES = ("partnershipProposed", "milestone", "evidence", "partnershipSuspended", "partnershipResumed", "partnershipTerminated",
          "evidenceConfirmed", "evidenceContested", "evidenceCorrected", "evidenceRetracted", "partnerJoined", "partnerLeft",
          "tieDeclared", "initialContactMade", "contactAssigned", "contactDeparted")


# ---------------------------------------------------------------------------------------------------------------------
# Times.

EPOCH = datetime.date(1970, 1, 1)
NANOS_PER_SECOND = 10**9
NANOS_PER_DAY = 86400 * NANOS_PER_SECOND


def day_of_date(text):
    """YYYY-MM-DD as a day number."""
    return (datetime.date.fromisoformat(text) - EPOCH).days


def date_of_day(day):
    """A day number as YYYY-MM-DD."""
    return (EPOCH + datetime.timedelta(days=day)).isoformat()


def instant(text):
    """An RFC 3339 time as nanoseconds since 1970."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", text)
    date, hours, minutes, seconds, fraction, sign, offset_hours, offset_minutes = match.groups()
    total = ((day_of_date(date) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
    if sign:
        total -= (1 if sign == "+" else -1) * (int(offset_hours) * 60 + int(offset_minutes)) * 60
    return total * NANOS_PER_SECOND + int((fraction or "0").ljust(9, "0"))


def known_instant(text):
    """C3: a bare date as known time is its last instant; without one everything is known."""
    if text is None:
        return None
    if len(text) == len("2020-01-01"):
        return (day_of_date(text) + 1) * NANOS_PER_DAY - 1
    return instant(text)


def day_of_instant(nanos):
    """C3: a time is cut to its UTC date."""
    return nanos // NANOS_PER_DAY


def representative_day(nanos, precision):
    """C3: a month is its 15th, a year its 1 July."""
    date = EPOCH + datetime.timedelta(days=day_of_instant(nanos))
    if precision == "MONTH":
        date = date.replace(day=15)
    if precision == "YEAR":
        date = date.replace(month=7, day=1)
    return (date - EPOCH).days


# ---------------------------------------------------------------------------------------------------------------------
# From items to events.


def enum(value, prefix, default):
    """An enum's short name; the default when it is absent or unspecified."""
    if value is None or value == prefix + "UNSPECIFIED":
        return default
    assert value.startswith(prefix), value
    return value[len(prefix):]


@dataclasses.dataclass
class Event:
    """One event of the log as it was recorded."""

    revision: int
    kind: str  # The name of the item's body; "initialContactMade" for the second event of a proposal.
    body: dict
    recorder: str
    occur_time: int
    precision: str
    observe_time: int | None
    record_time: int


@dataclasses.dataclass
class Log:
    """All events, and what names them."""

    partnership: str
    events: list
    revision_of: dict  # External id -> revision.
    memory: dict = dataclasses.field(default_factory=dict)

    def remembered(self, rule, *question):
        """The answer of a pure rule of this log, worked out once."""
        key = (rule, *question)
        if key not in self.memory:
            self.memory[key] = rule(self, *question)
        return self.memory[key]

    def reference(self, text):
        """The revision that a reference names, or None."""
        if text in self.revision_of:
            return self.revision_of[text]
        match = re.fullmatch(rf"(?:partnerships/{re.escape(self.partnership)}/events/)?(\d+)", text or "")
        return int(match.group(1)) if match else None


def default_record_time(item, precision, previous):
    """ImportItem: when an item was first recorded, where it does not say so."""
    if "observeTime" in item:
        natural = instant(item["observeTime"])
    elif precision in ("MONTH", "YEAR"):
        natural = representative_day(instant(item["occurTime"]), precision) * NANOS_PER_DAY
    else:
        natural = instant(item["occurTime"])
    return natural if previous is None else max(natural, previous)


_last_read = ([], None)  # Items, and their log.


def read_log(items):
    """The events of the items, which nobody changes; each question about a partnership reads them for every pair of partners."""
    global _last_read  # pylint: disable=global-statement
    if len(items) != len(_last_read[0]) or any(one is not other for one, other in zip(items, _last_read[0])):
        _last_read = (list(items), log_of(items))
    return _last_read[1]


def log_of(items):
    """The events of the items. A proposal makes two, every other item one; C4: a repeated id counts once, the first."""
    log = Log(items[0]["partnership"], [], {})
    previous, partners = None, []
    for item in items:
        if item["externalId"] in log.revision_of:
            continue
        kind = next(name for name in BODIES if name in item)
        precision = enum(item.get("occurTimePrecision"), "TIME_PRECISION_", "")
        if "originalRecordTime" in item:
            record_time = instant(item["originalRecordTime"])
        else:
            record_time = default_record_time(item, precision, previous)
        previous = record_time
        observe_time = instant(item["observeTime"]) if "observeTime" in item else None

        def add(kind, body):
            log.events.append(Event(len(log.events) + 1, kind, body, item.get("recorder", ""), instant(item["occurTime"]), precision,
                                    observe_time, record_time))

        if kind == "milestone" and "partnershipRenewed" in item[kind]:  # Milestone: stored as joint evidence of all partners.
            add("evidence", {"actor": "*", "affected": sorted(partners), "partnershipRenewed": {}})
        else:
            add(kind, item[kind])
        if kind == "partnershipProposed":
            partners = [partner["organization"] for partner in item[kind]["partners"]]
            add("initialContactMade", {"organizations": partners})
        if kind == "partnerJoined":
            partners = partners + [item[kind]["partner"]["organization"]]
        if kind == "partnerLeft":
            partners = [name for name in partners if name != item[kind]["organization"]]
        log.revision_of[item["externalId"]] = len(log.events)
    return log


def known_events(log, known):
    """7.1: what was recorded by the known time."""
    return [event for event in log.events if known is None or event.record_time <= known]


def occur_day(event):
    """C3, and "As of": a coarse day is never later than the day it was recorded."""
    day = representative_day(event.occur_time, event.precision)
    if event.precision in ("MONTH", "YEAR"):
        day = min(day, day_of_instant(event.record_time))
    return day


def observe_day(event):
    """C3: learned of when it occurred, unless something else is said."""
    return occur_day(event) if event.observe_time is None else day_of_instant(event.observe_time)


def effect_day(event, view):
    """7.1: held trust goes by when it was learned, hindsight by when it happened."""
    return observe_day(event) if view == HELD else occur_day(event)


# ---------------------------------------------------------------------------------------------------------------------
# C4: versions. A version of an event is an Event again, or nothing when the event is void.

CORRECTABLE = ("evidence", "evidenceConfirmed", "contactDeparted")
RETRACTABLE = ("evidence", "evidenceConfirmed", "evidenceContested", "contactDeparted")


def corrected(root, correction):
    """C4: the replacement over the root; the id and the time of recording stay the root's."""
    body = correction.body
    version = dataclasses.replace(root)
    if root.kind == "evidence":  # Of what is about evidence only the times can be wrong.
        version.body = body["replacement"]
    if "occurTime" in body:
        version.occur_time = instant(body["occurTime"])
        version.precision = enum(body.get("occurTimePrecision"), "TIME_PRECISION_", "")
    if "observeTime" in body:
        version.observe_time = instant(body["observeTime"])
    return version


def changes_by_root(log, known):
    """The corrections and retractions known, by the revision that they name."""
    found = {}
    for event in known_events(log, known):
        if event.kind in ("evidenceCorrected", "evidenceRetracted"):
            found.setdefault(log.reference(event.body["event"]), []).append(event)
    return found


def version_of(root, log, known):
    """C4: the last correction or retraction known counts."""
    changes = [event for event in log.remembered(changes_by_root, known).get(root.revision, ())
               if event.kind == "evidenceCorrected" and root.kind in CORRECTABLE
               or event.kind == "evidenceRetracted" and root.kind in RETRACTABLE]
    if not changes:
        return root
    last = max(changes, key=lambda event: (event.record_time, event.revision))
    return None if last.kind == "evidenceRetracted" else corrected(root, last)


def present_versions(log, known):
    """The version in force of every root event that is known and not void."""
    return log.remembered(versions_of_all, known)


def versions_of_all(log, known):
    """present_versions, worked out."""
    roots = [event for event in known_events(log, known) if event.kind not in ("evidenceCorrected", "evidenceRetracted")]
    versions = [version_of(root, log, known) for root in roots]
    return [version for version in versions if version is not None]


# ---------------------------------------------------------------------------------------------------------------------
# Structure: partners, first contacts, ends.


def pair(one, other):
    """A tie's name."""
    return tuple(sorted((one, other)))


def first_contact_days(log):
    """first_contacts, worked out once."""
    return log.remembered(first_contacts)


def first_contacts(log):
    """C3: t0 of the partnership and those of ties: the earliest day on which the two are said to have met. Known always, corrected
    never."""
    meetings = [event for event in log.events if event.kind == "initialContactMade"]
    days = {}
    for meeting in meetings:
        for tie in all_pairs(meeting.body["organizations"]):
            days[tie] = min(days.get(tie, occur_day(meeting)), occur_day(meeting))
    return occur_day(meetings[0]), days


def first_contact_day(log, one, other):
    """C3: a tie's t0, else the partnership's."""
    partnership_day, tie_days = first_contact_days(log)
    return tie_days.get(pair(one, other), partnership_day)


def partnership_end(events, view):
    """C13: the first day on which the partnership had ended, or None."""
    return min((effect_day(event, view) for event in events if event.kind == "partnershipTerminated"), default=None)


def direction_end(events, view, one, other):
    """The end of the partnership, or the leaving of either partner, whichever is first; None when there is neither."""
    left = [effect_day(event, view) for event in events
            if event.kind == "partnerLeft" and event.body["organization"] in (one, other)]
    ended = partnership_end(events, view)
    return min(left + ([] if ended is None else [ended]), default=None)


def organizations(items, known_time=None):
    """Every organization that ever was a partner as far as is known, in their order of id. C3: the founding is known always."""
    log, found = read_log(items), set()
    known = known_events(log, known_instant(known_time))
    for event in log.events:
        if event.kind == "partnershipProposed":
            found.update(partner["organization"] for partner in event.body["partners"])
        if event.kind == "partnerJoined" and event in known:
            found.add(event.body["partner"]["organization"])
    return sorted(found)


# ---------------------------------------------------------------------------------------------------------------------
# Section 4: decay.

_decay_roots = {}  # Half-life -> the roots of section 4 for rest = 0, 1, 2, ...


def at_most(x, half_life, rest):
    """True when x^H * 2^rest <= (2^30)^H."""
    return x**half_life <= 1 << (30 * half_life - rest)


def decay_root(half_life, rest):
    """The largest integer x with x^H * 2^rest <= (2^30)^H, for rest < H. A day's factor brings a guess; the exact test decides."""
    roots = _decay_roots.setdefault(half_life, [1 << 30])
    while len(roots) <= rest:
        low, high = (roots[-1] * roots[1] >> 30, roots[-1]) if len(roots) > 1 else (0, roots[-1])
        step = 1
        while not at_most(low, half_life, len(roots)):
            low -= 1
        while low + step < high and at_most(low + step, half_life, len(roots)):
            low, step = low + step, 2 * step
        high = min(high, low + step)
        while high - low > 1:  # low is small enough, high is not.
            middle = (low + high) // 2
            low, high = (middle, high) if at_most(middle, half_life, len(roots)) else (low, middle)
        roots.append(low)
    return roots[rest]


@functools.cache
def decay(half_life, age):
    """Section 4: the share of 2^30 that is left after so many whole days."""
    halvings, rest = divmod(age, half_life)
    return decay_root(half_life, rest) >> halvings


# ---------------------------------------------------------------------------------------------------------------------
# Evidence as one direction sees it.


class Fact:
    """A piece of evidence in force, with its defaults (C5) filled in, and its effect day."""

    def __init__(self, event, log, view):
        body = event.body
        self.revision = event.revision
        self.day = effect_day(event, view)
        self.kind = next((name for name in body if name in EVIDENCE_KINDS), "")
        self.details = body.get(self.kind, {})
        self.actor = body.get("actor", "")
        self.affected = body.get("affected", [])
        self.witnesses = body.get("witnesses", [])
        self.source = enum(body.get("source"), "SOURCE_", "COUNTERPART")
        self.materiality = MATERIALITY[enum(body.get("materiality"), "MATERIALITY_", "MEDIUM")]
        # C9: trust attested between people is interpersonal whatever level it names.
        self.interpersonal = body.get("level") == "LEVEL_INTERPERSONAL" or self.kind == "interpersonalTrustAttested"
        self.contacts = [contact for contact in (body.get("actorContact"), body.get("affectedContact")) if contact]
        # C6 and C8: the key of a violation or a conflict; set when all facts are known.
        reference = self.details.get("violation") or self.details.get("conflict")
        self.names = log.reference(reference) if reference else None
        self.key = self.revision
        self.variant = self.kind_with_result()

    def kind_with_result(self):
        """C5."""
        if self.kind in ("credibilityAssessed", "reputationReferenceReceived"):
            return f"{self.kind}:{enum(self.details.get('result'), 'CREDIBILITY_RESULT_', 'SUPPORTED')}"
        if self.kind == "intentionsAssessed":
            return f"{self.kind}:{enum(self.details.get('result'), 'INTENTIONS_RESULT_', 'ALIGNED')}"
        if self.kind == "commitmentFulfilled":
            return f"{self.kind}:{enum(self.details.get('result'), 'FULFILMENT_RESULT_', 'ON_TIME')}"
        if self.kind == "findingIssued":
            return f"{self.kind}:{enum(self.details.get('result'), 'FINDING_RESULT_', '')}"
        return self.kind


@dataclasses.dataclass
class Positive:
    """Something that speaks for the trustee."""

    fact: Fact
    weights: tuple  # Per facet, as the policy lists them, RELI and NURT already 0 for the interpersonal (C5).
    base_rapport: int  # The RAPP weight of the policy's row, for the coverage of RAPP (C10).
    notion: str
    materiality: int
    credit: bool = False
    weights_when: dict = dataclasses.field(default_factory=dict)  # What Direction.positive_weights remembers.


@dataclasses.dataclass
class Negative:
    """Something that speaks against the trustee; a violation when it has a basis."""

    fact: Fact
    initial: tuple  # w0 of 6.5, per facet.
    half_life: int
    severity: str = ""
    basis: str = ""
    deception: bool = False
    initial_standing: str = ""


class Direction:
    """The evidence of one direction with effect days up to one day, and what the policy reads from it at any day.

    Days after the last one read as if nothing more happened."""

    def __init__(self, log, known, view, trustor, trustee, last_day):
        self.view, self.trustor, self.trustee, self.last_day = view, trustor, trustee, last_day
        self.t0 = first_contact_day(log, trustor, trustee)
        versions = present_versions(log, known)
        all_facts = log.remembered(facts, known, view)
        # 7.1: what takes effect by the day asked for. C6: in hindsight a standing is that of all that is known.
        # C3: before the first contact nothing counts.
        self.facts = [fact for fact in all_facts if fact.day <= last_day and self.t0 <= last_day]
        self.standing_facts = all_facts if view == HINDSIGHT else self.facts
        self.confirmations = [(effect_day(event, view), event.revision, log.reference(event.body["event"]), event.recorder)
                              for event in versions if event.kind == "evidenceConfirmed" and effect_day(event, view) <= last_day]
        self.departures = [(effect_day(event, view), event.revision, event.body["contact"])
                           for event in versions if event.kind == "contactDeparted" and effect_day(event, view) <= last_day]
        self._memory = {}
        self.negatives = self.all_negatives()
        self.positives = self.all_positives()

    def remembered(self, rule, *question):
        """The answer of a pure rule, worked out once."""
        key = (rule, *question)
        if key not in self._memory:
            self._memory[key] = rule(*question)
        return self._memory[key]

    # -- Who counts -----------------------------------------------------------------------------------------------

    def role(self, fact):
        """C5: AFFECTED, WITNESS, or None when the fact does not concern this direction."""
        of_trustee = fact.actor == self.trustee or fact.actor == "*" and self.trustee in fact.affected
        if not of_trustee:
            return None
        if self.trustor in fact.affected:
            return AFFECTED
        return WITNESS if self.trustor in fact.witnesses else None

    def role_factor(self, fact):
        """C5, C9: hearsay is learned, never experienced; of interpersonal and witness the smaller."""
        factor = WITNESS if fact.kind == "reputationReferenceReceived" else self.role(fact)
        return min(factor, INTERPERSONAL) if fact.interpersonal else factor

    def weights(self, fact, row):
        """C5: between people, only credibility and rapport."""
        return (row[CRED], row[RAPP], 0, 0) if fact.interpersonal else row

    # -- Positives ------------------------------------------------------------------------------------------------

    def all_positives(self):
        """6.4 and C9: whatever may add to R at some day."""
        found = []
        for fact in self.facts:
            if self.role(fact) is None:
                continue
            materiality, credit = fact.materiality, False
            if fact.variant in POSITIVE:
                row, notion = POSITIVE[fact.variant]
            elif fact.kind == "interpersonalTrustAttested":
                row, notion = (attested(fact), 0, 0, 0), ""
            elif fact.kind == "conflictResolved" and resolution_mode(fact) == "JOINT" and self.conflicts_resolved_by(fact):
                row, notion = CREDIT
                # C8: no more than the smallest of the conflict's events.
                materiality = min([fact.materiality] + [one.fact.materiality for one in self.conflicts_resolved_by(fact)])
                credit = True
            else:
                continue
            found.append(Positive(fact, self.weights(fact, row), row[RAPP], notion, materiality, credit))
        return found

    def confirmation(self, fact):
        """C5: the day from which a SELF record weighs as a joint one, and the events that make it so; None when there is none."""
        if fact.source != "SELF":
            return None
        valid = [(max(day, fact.day), revision) for day, revision, target, recorder in self.confirmations
                 if target == fact.revision and recorder != fact.actor]
        if not valid:
            return None
        first = min(day for day, _ in valid)
        return first, [revision for day, revision in valid if day == first]

    def source_on(self, fact, t):
        """C5: the source that a record has on a day."""
        if fact.source != "SELF":
            return fact.source
        confirmation = self.remembered(self.confirmation, fact)
        return "JOINT" if confirmation and confirmation[0] <= t else fact.source

    def confirmed_on(self, fact, t):
        """C5: anything but SELF."""
        return self.source_on(fact, t) != "SELF"

    def positive_weights(self, positive, t):
        """The weight in each facet. Of a day it asks only whether the record is confirmed, and whether a contact has departed."""
        question = self.source_on(positive.fact, t), self.departure_factor(positive.fact, t)
        if question not in positive.weights_when:
            positive.weights_when[question] = tuple(self.weight_of(positive, facet, *question) for facet in FACETS)
        return positive.weights_when[question]

    def weight_of(self, positive, facet, source, departure):
        """6.4: base, materiality, source, role, and C11's departure, in this order of floors."""
        if positive.credit and source != "JOINT":  # C8
            return 0
        weight = positive.weights[facet] * positive.materiality // 1000
        weight = weight * SOURCE[source] // 1000
        weight = weight * self.role_factor(positive.fact) // 1000
        return weight * departure // 1000

    def positive_weight(self, positive, facet, t):
        """The weight in one facet."""
        return self.positive_weights(positive, t)[facet]

    def weighs(self, positive, t):
        """True when a positive adds to some facet on a day."""
        return any(weight > 0 for weight in self.positive_weights(positive, t))

    def positive_mass(self, positive, facet, t):
        """7.2: what one positive adds to R."""
        if positive.fact.day > t:
            return 0
        weight = self.positive_weight(positive, facet, t)
        return weight * decay(GOOD_HALF_LIFE, t - positive.fact.day) if weight else 0

    def counted_credits(self, t):
        """C8: of several credits of one conflict the one with the largest RAPP mass; ties: the later day, then the larger id."""
        best = {}
        for positive in self.positives:
            if positive.credit and positive.fact.day <= t and self.weighs(positive, t):
                rank = (self.positive_mass(positive, RAPP, t), positive.fact.day, positive.fact.revision)
                if positive.fact.key not in best or rank > best[positive.fact.key][0]:
                    best[positive.fact.key] = (rank, positive)
        return [positive for _, positive in best.values()]

    def counted_positives(self, t):
        """All that make up R on a day."""
        credits = self.counted_credits(t)
        return [one for one in self.positives if one.fact.day <= t and (not one.credit or any(one is other for other in credits))]

    def positive_masses(self, t):
        """7.2: R per facet."""
        masses = [0] * len(FACETS)
        for one in self.counted_positives(t):
            left = decay(GOOD_HALF_LIFE, t - one.fact.day)
            for facet, weight in enumerate(self.positive_weights(one, t)):
                masses[facet] += weight * left
        return tuple(masses)

    # -- Negatives ------------------------------------------------------------------------------------------------

    def all_negatives(self):
        """6.5 and C9: whatever may add to S at some day: its w0 is above 0 in some facet."""
        found = []
        for fact in self.facts:
            if self.role(fact) is None:
                continue
            if fact.kind == "violationReported":
                negative = self.violation(fact)
            elif fact.variant in NEGATIVE:
                row, half_life = NEGATIVE[fact.variant]
                negative = Negative(fact, self.initial_weights(fact, row, fact.materiality), half_life)
            elif fact.kind == "interpersonalTrustAttested":
                row = (1000 - attested(fact), 0, 0, 0)
                negative = Negative(fact, self.initial_weights(fact, row, fact.materiality), ATTESTED_HALF_LIFE)
            else:
                continue
            if negative and any(negative.initial):
                found.append(negative)
        return found

    def violation(self, fact):
        """6.5: a violation, or None when its type is not said."""
        violated = enum(fact.details.get("type"), "VIOLATION_TYPE_", "")
        if violated not in VIOLATION:
            return None
        row, basis, half_life = VIOLATION[violated]
        severity = enum(fact.details.get("severity"), "SEVERITY_", "MODERATE")
        # C7: early in the tie it weighs more; before the first contact too.
        early = EARLY if fact.day - self.t0 < EARLY_DAYS else 1000
        return Negative(fact, self.initial_weights(fact, row, SEVERITY[severity] * early // 1000), half_life, severity, basis,
                        violated == "DECEPTION" or fact.details.get("deception", False),
                        enum(fact.details.get("standing"), "STANDING_", "ALLEGED"))

    def initial_weights(self, fact, row, measure):
        """6.5, "Floors of a negative": base, measure, role, loss."""
        return tuple(base * measure // 1000 * self.role_factor(fact) // 1000 * LOSS // 1000 for base in self.weights(fact, row))

    def violations(self):
        """The negatives that are violations."""
        return [one for one in self.negatives if one.basis]

    def standing_events(self, violation):
        """C6: the standing events of a violation's key in their order, each with its day."""
        found = [(max(fact.day, violation.fact.day), fact.day, STANDING_RANK[fact.variant], fact)
                 for fact in self.standing_facts if fact.variant in STANDING_RANK and fact.key == violation.fact.key]
        return [(day, fact) for day, _, _, fact in sorted(found, key=lambda row: row[:3])]

    def standing_factor(self, violation, t):
        """6.5, C2 and C6: the factor of the standing on a day; in hindsight always that of the end."""
        label, factor = violation.initial_standing, STANDING[violation.initial_standing]
        for day, fact in self.remembered(self.standing_events_of, violation.fact.revision):
            if self.view == HELD and day > t:
                break
            if fact.kind == "violationDisputed" and label == "ALLEGED":
                label, factor = "DISPUTED", STANDING["DISPUTED"]
            if fact.kind == "violationAcknowledged" and label in ("ALLEGED", "DISPUTED"):
                label = "ACKNOWLEDGED"  # C2: the factor stays what it was.
            if fact.kind == "allegationWithdrawn" and label in ("ALLEGED", "DISPUTED"):
                label, factor = "WITHDRAWN", STANDING["WITHDRAWN"]
            if fact.kind == "findingIssued":
                label = fact.variant.split(":")[1]
                factor = STANDING[label]
        return factor

    def standing_events_of(self, revision):
        """standing_events of the violation with this revision."""
        return self.standing_events(next(one for one in self.violations() if one.fact.revision == revision))

    def recidivism_factor(self, violation, t):
        """6.5 and C7: more for each earlier violation of the same basis that stands on the day asked for."""
        earlier = sum(1 for other in self.violations()
                      if other.basis == violation.basis and 0 < violation.fact.day - other.fact.day <= RECIDIVISM_DAYS
                      and self.standing_factor(other, t) > 0)
        return min(1000 + RECIDIVISM_STEP * earlier, RECIDIVISM_MAX)

    def repairs(self, violation):
        """C7: the repairs of a violation that count here, as (day, kind, revision). Of each kind only the first takes anything off."""
        found = []
        for fact in self.facts:
            if fact.kind not in REPAIR_KINDS or fact.key != violation.fact.key:
                continue
            if fact.kind == "remediationVerified" and fact.source in ("SELF", "SYSTEM"):
                continue
            concerned = self.trustor in (fact.actor, *fact.affected, *fact.witnesses)
            if concerned or self.role(violation.fact) == WITNESS:
                found.append((max(fact.day, violation.fact.day), fact.kind, fact.revision))
        if not REPEATED_REPAIRS_APPLY:
            found = [one for one in found if one[0] == min(day for day, kind, _ in found if kind == one[1])]
        return found

    def repairs_of(self, revision):
        """repairs of the violation with this revision."""
        return self.repairs(next(one for one in self.violations() if one.fact.revision == revision))

    def repair_day(self, violation, kind):
        """The day of the first repair of this kind, or None."""
        return min((day for day, one, _ in self.remembered(self.repairs_of, violation.fact.revision) if one == kind), default=None)

    def repair_discharge(self, violation, t):
        """6.6 and C7: what repairs take off, capped, then halved where there was deception."""
        shares, cap = REPAIR[violation.basis]
        total = sum(share for kind, share in zip(REPAIR_KINDS, shares)
                    if self.repair_day(violation, kind) is not None and self.repair_day(violation, kind) <= t)
        total = min(total, cap)
        return total // 2 if violation.deception else total

    def negative_weight(self, negative, facet, t):
        """6.5, "Floors of a negative": w0, then standing, recidivism, discharge, departure."""
        weight = negative.initial[facet]
        if negative.basis:
            weight = weight * self.standing_factor(negative, t) // 1000
            weight = weight * self.recidivism_factor(negative, t) // 1000
            weight = weight * (1000 - self.repair_discharge(negative, t)) // 1000
        elif negative.fact.kind in CONFLICT_KINDS:
            weight = weight * (1000 - self.conflict_discharge(negative, t)) // 1000
        return weight * self.departure_factor(negative.fact, t) // 1000

    def negative_masses(self, t):
        """7.2: S per facet."""
        present = [one for one in self.negatives if one.fact.day <= t]
        return tuple(sum(self.negative_weight(one, facet, t) * decay(one.half_life, t - one.fact.day) for one in present)
                     for facet in FACETS)

    # -- Conflicts ------------------------------------------------------------------------------------------------

    def conflicts(self):
        """The conflict events of this direction."""
        return [one for one in self.negatives if one.fact.kind in CONFLICT_KINDS]

    def conflicts_resolved_by(self, resolution):
        """C8: the conflict events of the key up to its day. Those of this direction only: I5."""
        return [one for one in self.conflicts() if one.fact.key == resolution.key and one.fact.day <= resolution.day]

    def resolutions(self):
        """C8: the resolutions that count here and find something to resolve."""
        return [fact for fact in self.facts
                if fact.kind == "conflictResolved" and self.role(fact) is not None and self.conflicts_resolved_by(fact)]

    def resolutions_of(self, conflict, t):
        """The resolutions of a conflict event by a day."""
        return [fact for fact in self.remembered(self.resolutions)
                if fact.key == conflict.fact.key and conflict.fact.day <= fact.day <= t]

    def conflict_discharge(self, conflict, t):
        """6.6 and C8: of several the largest."""
        return max((CONFLICT_DISCHARGE.get(resolution_mode(fact), 0) for fact in self.resolutions_of(conflict, t)), default=0)

    # -- Departure ------------------------------------------------------------------------------------------------

    def departure_day(self, fact):
        """C11: the first day on which either contact had departed, or None."""
        if not fact.interpersonal:
            return None
        return min((day for day, _, contact in self.departures if contact in fact.contacts), default=None)

    def departure_factor(self, fact, t):
        """C11: once, whoever departed."""
        if not fact.interpersonal:
            return 1000
        day = self.departure_day(fact)
        return DEPARTED if day is not None and day <= t else 1000

    # -- Which days are looked at ---------------------------------------------------------------------------------

    def days(self):
        """7.5, C1 and C5: the evaluation days, each with the revisions applied on it, and the days that may promote."""
        applied, eligible = {}, set()

        def apply(day, *revisions):
            applied.setdefault(day, set()).update(revisions)

        for positive in self.positives:
            fact = positive.fact
            if self.weighs(positive, fact.day):
                apply(fact.day, fact.revision)
                eligible.add(fact.day)
            confirmation = self.confirmation(fact)
            if confirmation and self.weighs(positive, confirmation[0]):
                apply(confirmation[0], *confirmation[1])
                eligible.add(confirmation[0])
        for negative in self.negatives:
            apply(negative.fact.day, negative.fact.revision)
        for violation in self.violations():
            if self.view == HELD:
                for day, fact in self.standing_events(violation):
                    apply(day, fact.revision)
            for day, _, revision in self.repairs(violation):
                apply(day, revision)
        for fact in self.resolutions():
            apply(fact.day, fact.revision)
        for one in (*self.positives, *self.negatives):
            fact, departed = one.fact, self.departure_day(one.fact)
            if departed is None or fact.day >= departed:
                continue
            if isinstance(one, Negative) or self.weighs(one, departed - 1):
                apply(departed, *(revision for day, revision, contact in self.departures
                                  if day == departed and contact in fact.contacts))
        return applied, eligible

    # -- Readings of one day --------------------------------------------------------------------------------------

    def masses(self, t):
        """7.2: R and S per facet."""
        return self.positive_masses(t), self.negative_masses(t)

    def opinion(self, facet, t):
        """7.2 and C12: every figure of a facet."""
        positive, negative = (masses[facet] for masses in self.remembered(self.masses, t))
        return opinion(positive, negative)

    def score(self, facet, t):
        """7.2: E."""
        return self.opinion(facet, t)["score"]

    def mass(self, facet, t):
        """7.2: R."""
        return self.remembered(self.masses, t)[0][facet]

    def standing_violations(self, facet, severities, t):
        """C7: the violations of these severities that touch a facet and stand."""
        return [one for one in self.violations() if one.fact.day <= t and one.severity in severities and one.initial[facet] > 0
                and self.standing_factor(one, t) > 0]

    def confirmed_mass(self, facet, t):
        """7.3: R from others than the trustee."""
        return sum(self.positive_mass(one, facet, t) for one in self.counted_positives(t) if self.confirmed_on(one.fact, t))

    def coverage(self, facet, t):
        """7.3 and C10: whether the right kinds of acts are there."""
        anchor = max((one.fact.day for one in self.standing_violations(facet, ("MAJOR", "CRITICAL"), t)), default=None)
        acts = [one for one in self.positives
                if one.fact.day <= t and self.confirmed_on(one.fact, t) and self.positive_weight(one, facet, t) > 0
                and (anchor is None or one.fact.day > anchor)]
        if facet == CRED:
            return covers_credibility(acts)
        return covers_rapport(acts) if facet == RAPP else covers_reliability(acts)

    def recovery(self, facet, t):
        """7.3 and C7: enough since the last violation that was not minor."""
        wounds = self.standing_violations(facet, ("MODERATE", "MAJOR", "CRITICAL"), t)
        if not wounds:
            return True
        last = max(one.fact.day for one in wounds)
        since = sum(self.positive_mass(one, facet, t) for one in self.counted_positives(t) if one.fact.day > last)
        return since >= ENTER_MASS[facet] * MASS // 2

    def may_establish(self, facet, t):
        """7.5, step 3."""
        return (self.score(facet, t) >= ENTER_SCORE[facet] and self.mass(facet, t) >= ENTER_MASS[facet] * MASS
                and self.confirmed_mass(facet, t) >= ENTER_MASS[facet] * MASS // 2
                and self.coverage(facet, t) and self.recovery(facet, t))

    def stays_established(self, facet, t):
        """7.5: the hold predicate of a facet."""
        return self.score(facet, t) >= HOLD_SCORE[facet] and self.mass(facet, t) >= HOLD_MASS[facet] * MASS

    def may_begin(self, facet, t):
        """7.5, step 3: the practice of a facet's stage begins."""
        return self.mass(facet, t) >= BEGIN_MASS[facet] * MASS and (facet != NURT or self.score(NURT, t) >= HOLD_SCORE[NURT])

    def stays_begun(self, facet, t):
        """7.5: the hold predicate of a practice."""
        return self.mass(facet, t) >= STOP_MASS[facet] * MASS and (facet != NURT or self.score(NURT, t) >= HOLD_SCORE[NURT])

    def violation_ceiling(self, violation, t):
        """7.4 and C7: what one violation permits on a day; 4 when it limits nothing."""
        if violation.fact.day > t or self.standing_factor(violation, t) == 0:
            return 4
        verified = self.repair_day(violation, "remediationVerified")
        if verified is not None and verified <= t:
            grave = violation.severity in ("MAJOR", "CRITICAL")
            return 3 if violation.deception and grave and t - verified < DECEPTION_DAYS else 4
        if violation.severity == "CRITICAL":
            return 2 if violation.basis == "ABILITY" else 1
        if violation.severity == "MAJOR":
            return 3 if violation.basis == "ABILITY" else 2
        return 4

    def open_conflicts(self, t):
        """The conflict events without a resolution, whatever its mode (C8)."""
        return [one for one in self.conflicts() if one.fact.day <= t and not self.resolutions_of(one, t)]

    def ceilings(self, t):
        """7.4: every event that limits the stage on a day, as revision -> highest stage."""
        found = {one.fact.revision: self.violation_ceiling(one, t) for one in self.violations()}
        found.update({one.fact.revision: 2 for one in self.open_conflicts(t) if one.fact.kind == "formalDisputeOpened"})
        return {revision: stage for revision, stage in found.items() if stage < 4}

    def ceiling(self, t):
        """7.4: the lowest of them."""
        return min(self.ceilings(t).values(), default=4)

    def repair_begun(self, t):
        """C13: a repair was made of a violation that sets the ceiling."""
        limiting = [one for one in self.violations() if self.violation_ceiling(one, t) == self.ceiling(t)]
        return any(day <= t for one in limiting for day, _, _ in self.repairs(one))

    def condition(self, t, ended, ever_established):
        """C13: the first that applies."""
        if ended:
            return "ENDED"
        if self.ceiling(t) < 4:
            return "REPAIRING" if self.repair_begun(t) else "BREACHED"
        if self.open_conflicts(t) or any(self.opinion(facet, t)["disbelief"] >= STRAINED_DISBELIEF for facet in FACETS):
            return "STRAINED"
        if any(ever_established[facet] and self.opinion(facet, t)["uncertainty"] >= DORMANT_UNCERTAINTY for facet in (CRED, RAPP, RELI)):
            return "DORMANT"
        return "STEADY"

    def key_person(self, t):
        """7.11 and C11: the two contacts from whose dealings more than half of RAPP's R comes, or None."""
        masses = {}
        for one in self.counted_positives(t):
            if one.fact.interpersonal and len(one.fact.contacts) == 2:
                names = tuple(sorted(one.fact.contacts))
                masses[names] = masses.get(names, 0) + self.positive_mass(one, RAPP, t)
        return next((list(names) for names, mass in sorted(masses.items()) if 2 * mass > self.mass(RAPP, t)), None)


def facts(log, known, view):
    """All evidence in force, each piece with the matter that it belongs to. No direction changes them."""
    recorded = {event.revision: Fact(event, log, view) for event in log.events if event.kind == "evidence"}
    found = [Fact(event, log, view) for event in present_versions(log, known) if event.kind == "evidence"]
    for fact in found:
        fact.key = matter(fact, recorded)
    return found


def matter(fact, recorded):
    """C6 and C8: the event that began the matter that a fact belongs to. A reference to an event that named another one when it was
    recorded leads on to that."""
    revision = fact.revision
    while fact is not None and fact.names is not None:  # Each names an earlier one.
        revision = fact.names
        fact = recorded.get(revision)
    return revision


def attested(fact):
    """C9: the positive base of trust attested between people."""
    return 125 * (fact.details.get("reliability", 1) + fact.details.get("integrity", 1) - 2)


def resolution_mode(fact):
    """How a conflict was resolved."""
    return enum(fact.details.get("mode"), "RESOLUTION_MODE_", "")


def opinion(positive, negative):
    """7.2 and C12: score, belief, disbelief, uncertainty and deviation of two masses."""
    prior = PRIOR * MASS
    total = positive + negative + prior
    score = 10000 * (positive + prior * BASE_RATE // 1000) // total
    belief, disbelief = 10000 * positive // total, 10000 * negative // total
    return {"score": score, "belief": belief, "disbelief": disbelief, "uncertainty": 10000 - belief - disbelief,
            "deviation": math.isqrt(score * (10000 - score) * 1000 * MASS // (total + 1000 * MASS)),
            "ambivalent": belief >= 2500 and disbelief >= 2500}


def covers_credibility(acts):
    """7.3 and C10."""
    notions = {act.notion for act in acts}
    return bool(notions & {"credibility", "fulfilment", "fulfilment joint"}) and \
        bool(notions & {"intentions", "goal support", "adaptation", "renewal"})


def covers_rapport(acts):
    """7.3 and C10: only acts that have much to do with rapport."""
    acts = [act for act in acts if act.base_rapport >= 500]
    notions, days = {act.notion for act in acts}, {act.fact.day for act in acts}
    return bool(notions & {"shared experience", "fulfilment joint"}) and \
        bool(notions & {"open communication", "transparency", "feedback"}) and len(days) >= 3 and max(days) - min(days) >= 30


def covers_reliability(acts):
    """7.3 and C10: acts are counted, not days."""
    kept = [act.fact.day for act in acts if act.notion in ("fulfilment", "fulfilment joint")]
    return len(kept) >= 3 and max(kept) - min(kept) >= 90 and any(act.notion in ("goal support", "fulfilment joint") for act in acts)


# ---------------------------------------------------------------------------------------------------------------------
# 7.5: the algorithm.


class Path:
    """The stages of a direction, day after day. Flags: ("established", facet) and ("begun", facet)."""

    def __init__(self, direction, scan=False):
        self.direction, self.scan = direction, scan
        self.stage = 0
        self.flags = set()
        self.ever_established = [False] * 4
        self.transitions = []

    def target(self):
        """1 and one more for each practice that has begun on an established ground, without a gap."""
        stage = 1
        for facet in (RAPP, RELI, NURT):
            if ("established", facet - 1) not in self.flags or ("begun", facet) not in self.flags:
                break
            stage += 1
        return stage

    def move(self, day, stage, cause, revisions=()):
        """Records a change of stage."""
        self.transitions.append({"date": date_of_day(day), "before": self.stage, "after": stage, "cause": cause,
                                 "events": sorted(revisions)})
        self.stage = stage

    def holds(self, flag, t):
        """A flag's hold predicate."""
        name, facet = flag
        return self.direction.stays_established(facet, t) if name == "established" else self.direction.stays_begun(facet, t)

    def first_failing_day(self, flag, after, last):
        """The first day in (after, last] on which a flag fails, or None. 7.6: once failed, it fails until something happens."""
        if self.scan:
            return next((day for day in range(after + 1, last + 1) if not self.holds(flag, day)), None)
        if last <= after or self.holds(flag, last):
            return None
        low, high = after, last
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.holds(flag, middle) else (low, middle)
        return high

    def silence(self, after, last):
        """Step 1: what lapses in (after, last]. All that lapses on one day makes one transition."""
        while True:
            lapses = {flag: self.first_failing_day(flag, after, last) for flag in self.flags}
            first = min((day for day in lapses.values() if day is not None), default=None)
            if first is None:
                return
            self.flags -= {flag for flag, day in lapses.items() if day == first}
            if self.target() < self.stage:
                self.move(first, self.target(), "SILENCE")

    def evaluate(self, day, eligible, revisions):
        """Steps 2 to 4: one whole day at once."""
        direction = self.direction
        self.flags = {flag for flag in self.flags if self.holds(flag, day)}
        ceiling = direction.ceiling(day)
        self.flags -= {("established", facet) for facet in FACETS if facet + 1 >= ceiling}
        if eligible:
            for facet in (CRED, RAPP, RELI):
                if facet + 1 < ceiling and direction.may_establish(facet, day):
                    self.flags.add(("established", facet))
            for facet in (RAPP, RELI, NURT):
                if direction.may_begin(facet, day):
                    self.flags.add(("begun", facet))
        for facet in (CRED, RAPP, RELI):
            self.ever_established[facet] |= ("established", facet) in self.flags
        target = min(ceiling, self.target())
        if self.stage == 0:
            self.move(day, 1, "START", revisions)
        elif target < self.stage:
            self.move(day, target, "EVENT", revisions)
        elif target > self.stage and eligible:
            self.move(day, self.stage + 1, "EVENT", revisions)

    def run(self, last):
        """All days from the first contact to the last day asked for; C3: earlier ones count, but are not evaluated."""
        t0 = self.direction.t0
        if last < t0:
            return
        applied, eligible = self.direction.days()
        previous = None
        for day in sorted({t0} | {day for day in applied if t0 < day <= last}):
            if previous is not None:
                self.silence(previous, day - 1)
            may_promote = day in eligible if day > t0 else any(other <= t0 for other in eligible)
            self.evaluate(day, may_promote, applied.get(day, ()))
            previous = day
        self.silence(previous, last)

    def lapses(self, last):
        """C13: the transitions after the last day if nothing more happens. The path is at its end then."""
        known = len(self.transitions)
        horizon = last + 1
        while self.target() > 1:  # Doubling steps: in the end every mass is used up.
            self.silence(horizon - 1, 2 * horizon - last)
            horizon = 2 * horizon - last + 1
        return self.transitions[known:]


# ---------------------------------------------------------------------------------------------------------------------
# Answers.


def as_day(day):
    """A day number from a day number or a date."""
    return day if isinstance(day, int) else day_of_date(day)


def read(items, trustor, trustee, as_of_day, known_time=None, view=HELD, scan=False):
    """The direction and its path up to a day, whether it had ended then, and the last day that was looked at."""
    log, known, as_of = read_log(items), known_instant(known_time), as_day(as_of_day)
    end = direction_end(present_versions(log, known), view, trustor, trustee)
    ended = end is not None and end <= as_of
    last = end if ended else as_of  # C13
    direction = Direction(log, known, view, trustor, trustee, last)
    path = Path(direction, scan)
    path.run(last)
    return direction, path, ended, last


def evaluate(items, trustor, trustee, as_of_day, known_time=None, view=HELD, scan=False):
    """How far the trustor trusts the trustee at the end of a day. Dates as YYYY-MM-DD or None; revisions for events."""
    direction, path, ended, last = read(items, trustor, trustee, as_of_day, known_time, view, scan)

    answer = {"stage": path.stage, "since": path.transitions[-1]["date"] if path.transitions else None}
    answer["condition"] = direction.condition(last, ended, path.ever_established) if path.stage else None
    ceilings = direction.ceilings(last)
    answer["ceiling"] = min(ceilings.values(), default=4)
    answer["ceiling_events"] = sorted(revision for revision, stage in ceilings.items() if stage == answer["ceiling"])
    answer["facets"] = []
    for facet in FACETS:
        positive, negative = (masses[facet] for masses in direction.masses(last))
        answer["facets"].append({
            "facet": FACET_NAMES[facet], "positive": positive, "negative": negative, **direction.opinion(facet, last),
            "established": ("established", facet) in path.flags,
            "begun": ("begun", facet) in path.flags})
    answer["key_person"] = direction.key_person(last)
    answer["transitions"] = list(path.transitions)
    answer["lapses"] = [] if ended or not path.stage else path.lapses(last)
    first = next((lapse for lapse in answer["lapses"] if lapse["after"] < answer["stage"]), None)
    answer["holds_until"] = first and date_of_day(day_of_date(first["date"]) - 1)
    answer["stage_after"] = first and first["after"]
    return answer


# ---------------------------------------------------------------------------------------------------------------------
# 7.10 and C14: all partners together.


def members(events, view, as_of):
    """C14: the partners on a day, each with the day it joined; None for the founders."""
    joined = {}
    for event in events:
        if event.kind == "partnershipProposed":
            joined.update({partner["organization"]: None for partner in event.body["partners"]})
        if event.kind == "partnerJoined" and effect_day(event, view) <= as_of:
            joined.setdefault(event.body["partner"]["organization"], effect_day(event, view))
    for event in events:
        if event.kind == "partnerLeft" and effect_day(event, view) <= as_of:
            joined.pop(event.body["organization"], None)
    return joined


def all_pairs(names):
    """Every tie among some partners."""
    names = sorted(names)
    return [(one, other) for index, one in enumerate(names) for other in names[index + 1:]]


def is_observed(log, known, view, one, other, as_of):
    """C14: some event counts between the two, in either direction."""
    for trustor, trustee in ((one, other), (other, one)):
        direction = Direction(log, known, view, trustor, trustee, as_of)
        if direction.negatives or any(direction.weighs(positive, as_of) for positive in direction.positives):
            return True
    return False


def required_ties(log, known, view, present, as_of):
    """7.10 and C14: the declared ties, else all of few partners, else those seen."""
    declared = {pair(*event.body["organizations"]) for event in present_versions(log, known)
                if event.kind == "tieDeclared" and effect_day(event, view) <= as_of}
    among_members = [tie for tie in all_pairs(present) if tie in declared]
    if among_members:
        return among_members
    if len(present) <= PAIRS_ALL_REQUIRED_MAX:
        return all_pairs(present)
    return [tie for tie in all_pairs(present) if is_observed(log, known, view, *tie, as_of)]


def is_forming(log, present, tie, as_of):
    """C14: too young to be judged."""
    partnership_day, _ = first_contact_days(log)
    young = any(present[name] is not None and present[name] > partnership_day and as_of - present[name] < FORMING_DAYS for name in tie)
    return young or first_contact_day(log, *tie) > as_of


def components(names, ties):
    """The groups that ties join."""
    groups = [{name} for name in names]
    for one, other in ties:
        joined = [group for group in groups if one in group or other in group]
        groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return sorted(sorted(group) for group in groups)


def alliance(items, as_of_day, known_time=None, view=HELD, evaluated=None):
    """The partnership as a whole on a day. evaluated: answers of evaluate to the same question by (trustor, trustee)."""
    log, known, as_of = read_log(items), known_instant(known_time), as_day(as_of_day)
    events = present_versions(log, known)
    end = partnership_end(events, view)
    day = as_of if end is None else min(as_of, end)
    founding = [event for event in log.events if event.kind == "partnershipProposed"]  # C3: known always.
    present = members(founding + [event for event in events if event not in founding], view, day)
    required = required_ties(log, known, view, present, day)
    forming = [tie for tie in required if is_forming(log, present, tie, day)]
    assessed = [tie for tie in required if tie not in forming]

    mutual, asymmetry, gaps, readings = {}, {}, {}, {}
    for tie in required:
        readings[tie] = [(evaluated or {}).get(names) or evaluate(items, *names, as_of, known_time, view)
                         for names in (tie, tie[::-1])]
    for tie in assessed:
        there, back = readings[tie]
        mutual[tie] = min(there["stage"], back["stage"])
        asymmetry[tie] = abs(there["stage"] - back["stage"])
        gaps[tie] = [one["score"] - other["score"] for one, other in zip(there["facets"], back["facets"])]

    def groups(stage):
        names = sorted({name for tie in assessed for name in tie})
        return components(names, [tie for tie in assessed if mutual[tie] >= stage])

    answer = {"members": sorted(present), "required": required, "forming": forming, "assessed": assessed, "mutual": mutual,
              "asymmetry": asymmetry, "score_gaps": gaps,
              "observed": [tie for tie in all_pairs(present) if is_observed(log, known, view, *tie, day)],
              "coverage": 10000 * len(assessed) // len(required) if required else None,
              "weakest": None, "connected": None, "median": None, "faultlines": None, "holds_until": None}
    if assessed:
        answer["weakest"] = min(mutual.values())
        answer["connected"] = max(stage for stage in range(5) if groups(stage) == groups(0))
        answer["median"] = sorted(mutual.values())[(len(assessed) - 1) // 2]
        answer["faultlines"] = groups(min(answer["connected"] + 1, 4))
        if end is None or end > as_of:
            answer["holds_until"] = whole_holds_until(log, present, readings, answer["weakest"], as_of)
    return answer


def later_stage(reading, day):
    """C13: the stage on a later day if nothing more happens; before the first contact, that of the first contact."""
    return min([reading["stage"] or 1] + [lapse["after"] for lapse in reading["lapses"] if day_of_date(lapse["date"]) <= day])


def whole_holds_until(log, present, readings, weakest, as_of):
    """C13 and C14: the last day before some tie that is then assessed is lower than the weakest one is now."""
    days = {day_of_date(lapse["date"]) for both in readings.values() for reading in both for lapse in reading["lapses"]}
    days |= {first_contact_day(log, *tie) for tie in readings} | {day + FORMING_DAYS for day in present.values() if day is not None}
    for day in sorted(day for day in days if day > as_of):
        ties = [tie for tie in readings if not is_forming(log, present, tie, day)]
        if any(later_stage(reading, day) < weakest for tie in ties for reading in readings[tie]):
            return date_of_day(day - 1)
    return None


def whole(readings):
    """The two directions of two partners together: the lower stage, their difference, and until when the lower one lasts."""
    stage = min(reading["stage"] for reading in readings)
    falls = [lapse["date"] for reading in readings for lapse in reading["lapses"] if lapse["after"] < stage]
    return {"stage": stage, "asymmetry": abs(readings[0]["stage"] - readings[1]["stage"]),
            "holds_until": date_of_day(day_of_date(min(falls)) - 1) if falls else None}
