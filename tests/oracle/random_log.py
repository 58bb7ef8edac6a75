"""Random histories as ImportItems in protobuf JSON. The same seed and options make the same history.

A history is a base of growth, so that stages are reached, under a rain of everything that can happen. Items stand in the order in
which they were recorded; each names only earlier ones. Usage: random_log.py SEED prints one.
"""

import dataclasses
import datetime
import json
import random
import sys

DAY = 86400
LATEST = 19700 * DAY  # Nothing is recorded after 2023.
NAMES = ("acme", "borealis", "cygnus", "dorado", "eridanus")
THIRD_PARTY = "tribunal"


@dataclasses.dataclass(frozen=True)
class Options:
    """Which families of events occur."""

    meta: bool = True  # Confirmations, contests, corrections, retractions, and contacts that are assigned and depart.
    meta_times: bool = False  # Corrections of the times of confirmations and departures too.
    many: bool = True  # More than two partners; joining, leaving, declared ties, later first contacts.
    partners_max: int = 5  # With many.
    structure: bool = True  # With many: the items beside the proposal that make it so.
    violations: bool = True
    conflicts: bool = True
    interpersonal: bool = True
    witnesses: bool = True
    late: bool = True  # Learned of late, recorded late.
    coarse: bool = True  # Months and years.
    termination: bool = True
    motifs: bool = True  # Short stories about rules that chance alone seldom meets.
    odd: bool = True  # References and senders that the commands would refuse.
    rain_max: int = 26  # Random events over the base.


GROWTH = ("confidentialityAgreementSigned", "credibilityAssessed", "intentionsAssessed", "credentialsVerified", "sharedExperienceHeld",
          "openCommunicationObserved", "mutualUnderstandingConfirmed", "sharedExperienceHeld", "commitmentFulfilled",
          "commitmentFulfilled", "partnerGoalSupported", "commitmentFulfilled", "commitmentFulfilled", "transparencyDemonstrated",
          "commitmentFulfilled", "feedbackActedOn", "commitmentFulfilled")
ROUTINE = ("commitmentFulfilled", "commitmentFulfilled", "commitmentFulfilled", "transparencyDemonstrated", "feedbackActedOn",
           "openCommunicationObserved", "partnerGoalSupported", "adaptationMade")
GOOD = ("credibilityAssessed", "credentialsVerified", "intentionsAssessed", "confidentialityAgreementSigned", "priorTieAttested",
        "reputationReferenceReceived", "sharedExperienceHeld", "openCommunicationObserved", "mutualUnderstandingConfirmed",
        "misunderstandingClarified", "commitmentFulfilled", "partnerGoalSupported", "consistencyObserved", "sharedObjectiveAchieved",
        "transparencyDemonstrated", "feedbackActedOn", "feedbackGiven", "adaptationMade", "relationshipInvestmentMade",
        "partnershipRenewed")
BAD = ("credibilityAssessed", "reputationReferenceReceived", "intentionsAssessed", "misunderstandingReported", "informationWithheld",
       "inconsistencyObserved", "commitmentMissed", "feedbackIgnored", "adaptationRefused")
# What a lean base is made of: few acts, each of which matters for the one or the other condition of entry.
LEAN = ("credibilityAssessed", "credentialsVerified", "intentionsAssessed", "confidentialityAgreementSigned", "sharedExperienceHeld",
        "sharedExperienceHeld", "openCommunicationObserved", "mutualUnderstandingConfirmed", "commitmentFulfilled", "commitmentFulfilled",
        "commitmentFulfilled", "commitmentFulfilled", "commitmentFulfilled", "partnerGoalSupported", "sharedObjectiveAchieved",
        "transparencyDemonstrated", "feedbackActedOn", "feedbackGiven", "adaptationMade", "partnershipRenewed", "misunderstandingClarified")
# Days between two events on which some rule turns, and their neighbours.
TURNS = (0, 0, 0, 1, 29, 30, 31, 89, 90, 91, 179, 180, 181, 365, 1459, 1460, 1461, 1824, 1825, 1826)
# What the rain is made of: shares of good, bad, idle, violations, what follows them, conflicts, resolutions, people, about evidence.
THEMES = ((6, 5, 1, 4, 9, 3, 5, 2, 9), (3, 2, 0, 8, 30, 1, 1, 0, 3), (4, 1, 0, 1, 2, 8, 20, 0, 8), (3, 2, 0, 2, 3, 2, 3, 12, 16),
          (8, 2, 0, 2, 4, 1, 2, 1, 24))
IDLE = ("intentionsDeclared", "credentialsPresented", "commitmentMade", "sharedObjectiveAgreed", "sharedObjectiveMissed",
        "feedbackRequested", "changeInCircumstancesNotified")
MILESTONES = ("agreementSigned", "governanceBodyEstablished", "reviewHeld", "partnershipRenewed", "partnershipRenewed")
CONFLICT = ("conflictRaised", "conflictEscalated", "formalDisputeOpened")
STANDING = ("violationDisputed", "violationAcknowledged", "allegationWithdrawn", "findingIssued")
REPAIR = ("violationAcknowledged", "apologyIssued", "remediationCompleted", "remediationVerified")
SHOWN_ONLY = ("explanationProvided", "remediationCommitted", "compensationPaid", "violationClosed")
VIOLATION_TYPES = ("QUALITY_FAILURE", "OPPORTUNISM", "CONFIDENTIALITY_BREACH", "CONTRACT_BREACH", "DECEPTION")
SEVERITIES = ("MINOR", "MODERATE", "MAJOR", "CRITICAL")
STANDINGS = ("ALLEGED", "DISPUTED", "ACKNOWLEDGED", "SUBSTANTIATED", "PARTLY", "UNFOUNDED", "WITHDRAWN")
MODES = ("JOINT", "COMPROMISE", "ADJUDICATED", "IMPOSED", "AVOIDED")


def time_text(seconds):
    """Seconds since 1970 as RFC 3339."""
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return moment.isoformat() + "Z"


def period(seconds, precision):
    """The first instant of the month or year, and the start of the day that the policy reckons it as."""
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    first = moment.replace(day=1, hour=0, minute=0, second=0)
    middle = first.replace(day=15)
    if precision == "YEAR":
        first = first.replace(month=1)
        middle = first.replace(month=7)
    return tuple(int((one - datetime.datetime(1970, 1, 1)).total_seconds()) for one in (first, middle))


@dataclasses.dataclass
class Slot:
    """A place in the history: when, and what goes there."""

    occur: int  # Seconds since 1970, as are all times here.
    what: tuple
    precision: str = ""
    observe: int | None = None
    record: int | None = None  # None: as the service takes it when nothing is said.
    sort: int = 0


class Writer:
    """Writes one history."""

    def __init__(self, seed, partnership, options):
        self.random = random.Random(seed)
        self.partnership, self.options = partnership, options
        self.items = []
        self.theme = THEMES[0]
        self.members, self.left, self.waiting = [], [], []
        self.reported, self.conflicted, self.evidence, self.confirmations, self.departures, self.commitments = [], [], [], [], [], []

    def chance(self, share):
        return self.random.random() < share

    # -- Times ----------------------------------------------------------------------------------------------------

    def slot(self, occur, what, plain=False):
        """A slot with a precision, and perhaps learned of or recorded late."""
        slot = Slot(occur, what)
        natural = occur
        if self.options.coarse and not plain and self.chance(0.08):
            slot.precision = self.random.choice(("MONTH", "YEAR"))
            slot.occur, natural = period(occur, slot.precision)
        elif self.chance(0.2):
            slot.occur = natural = occur + self.random.randrange(DAY)
            slot.precision = self.random.choice(("", "INSTANT"))
        elif self.chance(0.2):
            slot.precision = "DAY"
        if self.options.late and not plain and self.chance(0.15):
            slot.observe = natural = slot.occur + self.random.choice((1, 3, 30, 200, 700)) * self.random.randrange(1, DAY)
        slot.sort = natural
        if self.options.late and self.chance(0.12):
            earliest = slot.occur if slot.observe is None else slot.observe
            slot.record = slot.sort = max(earliest, natural - self.random.choice((0, 10 * DAY))) + \
                self.random.choice((0, 1, 30, 300)) * self.random.randrange(1, DAY)
        elif self.chance(0.1):
            slot.record = natural
        return slot

    def ordinary(self, day, trustor, trustee):
        """Growth in a sensible order, at some speed, and some routine."""
        slots, pace = [], self.random.choice((5, 12, 25, 40))
        for kind in GROWTH + tuple(self.random.choices(ROUTINE, k=self.random.choice((0, 0, 6, 14, 26)))):
            if not self.chance(0.06):
                slots.append(self.slot(day, ("growth", kind, trustor, trustee)))
            day += self.random.randint(1, 2 * pace) * DAY
            if self.chance(0.02):
                day += self.random.choice((200, 400, 900)) * DAY
        return slots

    def lean(self, day, trustor, trustee):
        """Few and weighty acts, so that it is not their mass that decides."""
        slots = []
        for _ in range(self.random.randint(4, 16)):
            slots.append(self.slot(day, ("lean", self.random.choice(LEAN), trustor, trustee), plain=self.chance(0.7)))
            day += self.random.choice((0, 1, 10, 15, 20, 29, 30, 31, 45, 60)) * DAY
        return slots

    # -- Motifs: short stories about rules that chance alone seldom meets ---------------------------------------------

    def motif(self, day, trustor, trustee):
        """One of them, as slots whose evidence is made when its turn comes."""
        makers = [self.praise]
        if self.options.violations:
            makers += [self.series, self.full_repair, self.deceived, self.standing_storm, self.witnessed, self.wounded]
        if self.options.conflicts:
            makers += [self.farmed]
        return [self.slot(day + offset * DAY, ("motif", make), plain=self.chance(0.75))
                for offset, make in self.random.choice(makers)(trustor, trustee)]

    def told(self, memory, trustor, trustee, kind, details, **more):
        """Makes evidence that the rest of the motif can name."""
        def make():
            memory["name"] = f"i{len(self.items)}"
            return {"actor": trustee, "affected": [trustor], **more, kind: details}
        return make

    def about(self, memory, actor, affected, kind, reference="violation", **details):
        """Makes evidence about what was told; nothing when that is not there yet."""
        source = details.pop("source", None)

        def make():
            if "name" not in memory:
                return None
            evidence = {"actor": actor, "affected": affected, kind: {reference: memory["name"], **details}}
            return {**evidence, "source": f"SOURCE_{source}"} if source else evidence
        return make

    def breach(self, **details):
        return {"type": "VIOLATION_TYPE_" + self.random.choice(VIOLATION_TYPES),
                "severity": "SEVERITY_" + self.random.choice(SEVERITIES),
                "standing": "STANDING_" + self.random.choice(STANDINGS[:5]), **details}

    def act(self, trustor, trustee, kind, **more):
        """Makes a plain act."""
        return lambda: {"actor": trustee, "affected": [trustor], kind: {}, **more}

    def series(self, trustor, trustee):
        """The same again and again: recidivism, its window and its limit."""
        kind = self.random.choice(VIOLATION_TYPES)
        offsets = self.random.choice(((0, 1460), (0, 1459, 1461), (0, 0, 1, 1460), tuple(range(0, 240, 30)), tuple(range(0, 7))))
        return [(offset, self.told({}, trustor, trustee, "violationReported", self.breach(type=f"VIOLATION_TYPE_{kind}")))
                for offset in offsets]

    def full_repair(self, trustor, trustee):
        """All that can be done, some of it twice."""
        memory = {}
        story = [(0, self.told(memory, trustor, trustee, "violationReported", self.breach(deception=self.chance(0.5))))]
        return story + [(self.random.randint(0, 90), self.about(memory, trustee, [trustor], kind))
                        for kind in REPAIR + tuple(self.random.choices(REPAIR, k=2))]

    def deceived(self, trustor, trustee):
        """Five years after a remedy, to the day."""
        memory = {}
        story = [(0, self.told(memory, trustor, trustee, "violationReported", self.breach(
            deception=True, severity="SEVERITY_" + self.random.choice(SEVERITIES[1:])))),
                 (10, self.about(memory, trustee, [trustor], "remediationVerified",
                                 source=self.random.choice(("SELF", "JOINT", "SYSTEM", None)))),
                 (12, self.about(memory, trustee, [trustor], "remediationVerified"))]
        return story + [(self.random.choice((1834, 1835, 1836, 1837)), self.act(trustor, trustee, kind))
                        for kind in ("transparencyDemonstrated", "commitmentFulfilled")]

    def standing_storm(self, trustor, trustee):
        """Everybody speaks at once, some before the matter was known."""
        memory = {}
        story = [(0, self.told(memory, trustor, trustee, "violationReported", self.breach()))]
        for _ in range(self.random.randint(2, 5)):
            kind = self.random.choice(STANDING)
            details = {"result": "FINDING_RESULT_" + self.random.choice(("SUBSTANTIATED", "PARTLY", "UNFOUNDED"))} \
                if kind == "findingIssued" else {}
            story.append((self.random.choice((0, 0, 1, 1, 40)), self.about(memory, trustee, [trustor], kind, **details)))
        return story

    def witnessed(self, trustor, trustee):
        """Repairs towards others, for one who experienced the violation or only heard of it."""
        memory = {}
        others = [name for name in self.members if name not in (trustor, trustee)] or [trustor]
        heard = {"affected": [], "witnesses": [trustor]} if self.chance(0.5) else {}
        story = [(0, self.told(memory, trustor, trustee, "violationReported", self.breach(), **heard))]
        return story + [(self.random.randint(1, 60), self.about(memory, trustee, others[:1], kind)) for kind in REPAIR[1:]]

    def wounded(self, trustor, trustee):
        """Acts on the very day of a violation: they do not count for a new beginning."""
        story = [(0, self.told({}, trustor, trustee, "violationReported", self.breach()))]
        kinds = ("credibilityAssessed", "intentionsAssessed", "sharedExperienceHeld", "openCommunicationObserved", "sharedExperienceHeld",
                 "commitmentFulfilled", "commitmentFulfilled", "commitmentFulfilled", "partnerGoalSupported")
        return story + [(self.random.choice((0, 0, 1, 30, 90, 120)), self.act(trustor, trustee, kind, materiality="MATERIALITY_CRITICAL"))
                        for kind in kinds]

    def praise(self, trustor, trustee):
        """Much that the trustee says of itself, and little that others say."""
        story = [(2 * number, self.act(trustor, trustee, self.random.choice(LEAN), source="SOURCE_SELF",
                                       materiality="MATERIALITY_CRITICAL"))
                 for number in range(self.random.randint(4, 14))]
        return story + [(self.random.choice((0, 30, 90)), self.act(trustor, trustee, kind, source="SOURCE_SYSTEM")) for kind in LEAN[::2]]

    def farmed(self, trustor, trustee):
        """One conflict, many events, many resolutions."""
        memory = {}
        both = sorted((trustor, trustee))
        weights = ("MATERIALITY_LOW", "MATERIALITY_MEDIUM", "MATERIALITY_HIGH", "MATERIALITY_CRITICAL")
        story = [(0, self.told(memory, trustor, trustee, "conflictRaised", {},
                               materiality=self.random.choice(weights)))]
        for _ in range(self.random.randint(1, 2)):
            actor, affected = self.random.choice(((trustee, [trustor]), ("*", both)))
            story.append((self.random.choice((1, 5, 30)), self.about(memory, actor, affected, self.random.choice(CONFLICT[1:]), "conflict")))
        for _ in range(self.random.randint(1, 3)):
            story.append((self.random.choice((0, 5, 30, 60)), self.about(
                memory, "*", both, "conflictResolved", "conflict", source=self.random.choice(("JOINT", "JOINT", "SELF")),
                mode="RESOLUTION_MODE_" + self.random.choice(MODES + ("JOINT", "JOINT")))))
        return story

    def plan(self):
        """All slots, in the order of recording."""
        options = self.options
        count = self.random.randint(2, options.partners_max) if options.many else 2
        names = list(NAMES[:count])
        self.random.shuffle(names)
        founders = count if count == 2 or not options.structure else self.random.randint(2, count)
        self.waiting = names[founders:]
        names = names[:founders]
        self.members = list(names)
        start = (self.random.randrange(14000, 17500)) * DAY
        slots = []
        self.theme = self.random.choice(THEMES)
        # The base: some directions grow.
        directions = [(one, other) for one in names for other in names if one != other]
        for trustor, trustee in self.random.sample(directions, self.random.randint(1, min(4, len(directions)))):
            day = start + self.random.choice((0, 0, 3, 60, -40)) * DAY
            slots += (self.lean if self.chance(0.5) else self.ordinary)(day, trustor, trustee)
        last = max([slot.occur for slot in slots], default=start) + 200 * DAY
        for _ in range(self.random.randint(0, options.rain_max)):
            day = self.random.randrange(start // DAY - 60, last // DAY) * DAY
            if self.chance(0.5):  # On a day that is special to another event.
                day = self.random.choice([start] + [slot.occur // DAY * DAY for slot in slots]) + self.random.choice(TURNS) * DAY
            slots.append(self.slot(day, ("rain",)))
        for _ in range(self.random.choice((0, 0, 1, 2, 3)) if options.motifs else 0):
            day = self.random.choice([start] + [slot.occur // DAY * DAY for slot in slots])
            slots += self.motif(day, *self.random.choice(directions))
        if self.chance(0.25):  # Much on few days, since order within a day must not matter.
            days = [self.random.randrange(start // DAY, last // DAY) * DAY for _ in range(2)]
            slots += [self.slot(self.random.choice(days), ("rain",)) for _ in range(10)]
        if options.many and options.structure:
            for name in self.waiting:
                slots.append(self.slot(self.random.randrange(start // DAY + 1, last // DAY) * DAY, ("join", name), plain=True))
            if self.chance(0.3):
                slots.append(self.slot(self.random.randrange(start // DAY + 100, last // DAY) * DAY, ("leave",), plain=True))
            slots += [self.slot(self.random.randrange(start // DAY, last // DAY) * DAY, (what,), plain=True)
                      for what in ("tie", "meet") for _ in range(self.random.choice((0, 0, 1, 3)))]
        if options.termination and self.chance(0.2):
            slots.append(self.slot(self.random.randrange((start + last) // DAY // 2, last // DAY) * DAY, ("terminate",)))
        for what in ("suspend", "resume"):
            if self.chance(0.05):
                slots.append(self.slot(self.random.randrange(start // DAY + 1, last // DAY) * DAY, (what,)))
        slots = sorted((slot for slot in slots if slot.sort < LATEST), key=lambda slot: slot.sort)

        # A history begins with its proposal, so the first record is not after any other.
        proposal = Slot(start, ("propose", names))
        if options.coarse and self.chance(0.1):
            proposal.precision = self.random.choice(("MONTH", "YEAR"))
            proposal.occur, _ = period(start, proposal.precision)
        proposal.record = min([start] + [slot.sort for slot in slots])
        proposal.record = max(proposal.record, proposal.occur)
        for slot in slots:
            if slot.sort < proposal.record:
                slot.record = proposal.record
        slots.sort(key=lambda slot: max(slot.sort, proposal.record))
        return [proposal] + slots

    # -- Items ----------------------------------------------------------------------------------------------------

    def write(self):
        for slot in self.plan():
            body = self.body(slot)
            if body is None:
                continue
            item = {"partnership": self.partnership, "externalId": f"i{len(self.items)}", "occurTime": time_text(slot.occur)}
            if slot.precision:
                item["occurTimePrecision"] = f"TIME_PRECISION_{slot.precision}"
            if slot.observe is not None:
                item["observeTime"] = time_text(slot.observe)
            if slot.record is not None:
                item["originalRecordTime"] = time_text(slot.record)
            item.update(body)
            self.items.append(item)
            self.remember(item)
        return self.items

    def remember(self, item):
        """What later items may name."""
        name = item["externalId"]
        if "evidence" in item:
            self.evidence.append(item)
            if "violationReported" in item["evidence"]:
                self.reported.append((name, item["evidence"]))
            if set(CONFLICT) & set(item["evidence"]):
                self.conflicted.append((name, item["evidence"]))
            if "commitmentMade" in item["evidence"]:
                self.commitments.append((name, item["evidence"]))
        if "evidenceConfirmed" in item:
            self.confirmations.append(name)
        if "contactDeparted" in item:
            self.departures.append(name)

    def body(self, slot):
        """The body of a slot's item, or None when there is nothing to say."""
        what = slot.what[0]
        if what == "propose":
            self.members = list(slot.what[1])
            return {"partnershipProposed": {"displayName": self.partnership,
                                            "partners": [{"organization": name} for name in self.members]}}
        if what == "join":
            self.members.append(slot.what[1])
            return {"partnerJoined": {"partner": {"organization": slot.what[1]}}}
        if what == "leave":
            candidates = [name for name in self.members if name not in self.left]
            if len(candidates) < 3:
                return None
            self.left.append(self.random.choice(candidates))
            return {"partnerLeft": {"organization": self.left[-1]}}
        if what in ("tie", "meet"):
            chosen = self.random.sample(self.members, 2 if what == "tie" or len(self.members) == 2 else self.random.randint(2, 3))
            return {"tieDeclared" if what == "tie" else "initialContactMade": {"organizations": sorted(chosen)}}
        if what == "terminate":
            return {"partnershipTerminated": {"mode": "TERMINATION_MODE_" + self.random.choice(("EXPIRED", "MUTUAL", "FOR_CAUSE"))}}
        if what in ("suspend", "resume"):
            return {"partnershipSuspended" if what == "suspend" else "partnershipResumed": {}}
        if what in ("growth", "lean"):
            return {"evidence": self.growth(what == "lean", *slot.what[1:])}
        if what == "motif":
            evidence = slot.what[1]()
            return evidence and {"evidence": evidence}
        return self.rain()

    def rain(self):
        """Anything."""
        options = self.options
        shares = self.theme
        families = [(self.good, shares[0]), (self.bad, shares[1]), (self.idle, shares[2])]
        if options.violations:
            families += [(self.violation, shares[3]), (self.about_violation, shares[4] if self.reported else 0)]
        if options.conflicts:
            families += [(self.conflict, shares[5]), (self.resolution, shares[6] if self.conflicted else 0)]
        if options.interpersonal:
            families += [(self.attested, shares[7])]
        if options.meta:
            families += [(self.meta, shares[8])]
        family = self.random.choices([one for one, _ in families], [share for _, share in families])[0]
        body = family()
        if body is None:
            return None
        if "recorder" in body:  # Meta items have one.
            return body
        if set(body) & {"milestone", "contactDeparted", "contactAssigned"}:
            return body
        return {"evidence": body}

    # -- Evidence -------------------------------------------------------------------------------------------------

    def direction(self):
        return self.random.sample(self.members, 2)

    def of(self, trustor, trustee, kind, details, joint=0.15):
        """Evidence of the trustee's conduct towards the trustor, or of both."""
        if self.chance(joint):
            evidence = {"actor": "*", "affected": sorted({trustor, trustee} | {name for name in self.members if self.chance(0.5)})}
        else:
            evidence = {"actor": trustee, "affected": [trustor]}
            if len(self.members) > 2 and self.chance(0.3):
                evidence["affected"] = [name for name in self.members if name != trustee]
        others = [name for name in self.members if name != evidence["actor"] and name not in evidence["affected"]]
        if self.options.witnesses and self.chance(0.1):
            if evidence["actor"] != "*" and self.chance(0.5):
                evidence["witnesses"], evidence["affected"] = evidence["affected"], []
            elif others:
                evidence["witnesses"] = [self.random.choice(others)]
        if self.chance(0.25 if self.theme is not THEMES[-1] else 0.6):
            evidence["source"] = "SOURCE_" + self.random.choice(("SELF", "SELF", "COUNTERPART", "JOINT", "THIRD_PARTY", "SYSTEM"))
        if self.chance(0.25):
            evidence["materiality"] = "MATERIALITY_" + self.random.choice(("LOW", "MEDIUM", "HIGH", "CRITICAL"))
        if self.options.interpersonal and (self.chance(0.1) or kind == "interpersonalTrustAttested" and self.chance(0.7)):
            evidence["level"] = "LEVEL_INTERPERSONAL"
        if evidence.get("level") and self.chance(0.8) or kind == "interpersonalTrustAttested":
            if self.chance(0.9):
                evidence["actorContact"] = self.contact(trustee)
            if self.chance(0.9):
                evidence["affectedContact"] = self.contact(trustor)
        evidence[kind] = details
        return evidence

    def contact(self, organization):
        return f"person-{organization}-{self.random.randint(1, 2)}"

    def growth(self, heavy, kind, trustor, trustee):
        evidence = self.of(trustor, trustee, kind, {}, joint=0.3)
        if heavy:
            evidence["materiality"] = "MATERIALITY_" + self.random.choice(("MEDIUM", "HIGH", "CRITICAL", "CRITICAL"))
            if kind == "commitmentFulfilled" and self.chance(0.3):
                evidence[kind] = {"result": "FULFILMENT_RESULT_" + self.random.choice(("EXCEEDED", "LATE"))}
        if self.chance(0.8 if self.theme is not THEMES[-1] else 0.3):  # Mostly plain, so that stages are reached.
            for name in ("source", "level", "actorContact", "affectedContact"):
                evidence.pop(name, None)
            if evidence.get("witnesses") and not evidence["affected"]:
                evidence["affected"] = evidence.pop("witnesses")
        return evidence

    def good(self):
        kind, details = self.random.choice(GOOD), {}
        if kind == "commitmentFulfilled":
            details = {"result": "FULFILMENT_RESULT_" + self.random.choice(("ON_TIME", "EXCEEDED", "LATE"))}
            if self.commitments and self.chance(0.5):
                details["commitment"] = self.random.choice(self.commitments)[0]
        return self.of(*self.direction(), kind, details)

    def bad(self):
        kind, details = self.random.choice(BAD), {}
        if kind in ("credibilityAssessed", "reputationReferenceReceived"):
            details = {"result": "CREDIBILITY_RESULT_CONTRADICTED"}
        if kind == "intentionsAssessed":
            details = {"result": "INTENTIONS_RESULT_MISALIGNED"}
        return self.of(*self.direction(), kind, details, joint=0.05)

    def idle(self):
        if self.chance(0.5):
            return {"milestone": {self.random.choice(MILESTONES): {}}}
        return self.of(*self.direction(), self.random.choice(IDLE), {})

    def attested(self):
        return self.of(*self.direction(), "interpersonalTrustAttested",
                       {"reliability": self.random.randint(1, 5), "integrity": self.random.randint(1, 5)}, joint=0.1)

    def violation(self):
        details = {"type": "VIOLATION_TYPE_" + self.random.choice(VIOLATION_TYPES)}
        if self.chance(0.8):
            details["severity"] = "SEVERITY_" + self.random.choice(SEVERITIES)
        if self.chance(0.5):
            details["standing"] = "STANDING_" + self.random.choice(STANDINGS)
        if self.chance(0.15):
            details["deception"] = True
        if self.options.odd and self.reported and self.chance(0.15):
            details["violation"] = self.random.choice(self.reported)[0]
        return self.of(*self.direction(), "violationReported", details, joint=0.05)

    def about_violation(self):
        """A standing event, a repair, or something shown only."""
        name, reported = self.random.choice(self.reported[-3:])
        kind = self.random.choice(STANDING + REPAIR + REPAIR + SHOWN_ONLY[:1])
        if self.chance(0.1):
            kind = self.random.choice(SHOWN_ONLY)
        details = {"violation": name}
        if kind == "findingIssued":
            details["result"] = "FINDING_RESULT_" + self.random.choice(("SUBSTANTIATED", "PARTLY", "UNFOUNDED"))
        evidence = {"actor": reported["actor"], "affected": list(reported["affected"] or reported.get("witnesses", []))}
        if kind == "findingIssued" and self.chance(0.8):
            evidence.update(actor=THIRD_PARTY, affected=[name for name in self.members])
        if kind == "remediationVerified" and self.chance(0.3):
            evidence["source"] = "SOURCE_" + self.random.choice(("SELF", "SYSTEM", "THIRD_PARTY", "JOINT"))
        if self.options.odd and self.chance(0.1):
            trustor, trustee = self.direction()
            evidence.update(actor=trustee, affected=[trustor])
        if self.options.witnesses and self.chance(0.1) and evidence["actor"] != "*":
            evidence["witnesses"], evidence["affected"] = evidence["affected"], []
        evidence[kind] = details
        return evidence

    def conflict(self):
        kind, details = self.random.choice(CONFLICT), {}
        if kind != "conflictRaised" and self.conflicted and self.chance(0.6):
            details = {"conflict": self.random.choice(self.conflicted[-2:])[0]}
        return self.of(*self.direction(), kind, details, joint=0.3)

    def resolution(self):
        name, conflict = self.random.choice(self.conflicted[-3:])
        trustee = conflict["actor"]
        if trustee == "*" or self.chance(0.5) and not conflict["affected"]:
            trustor, trustee = self.direction()
        else:
            trustor = (conflict["affected"] or conflict["witnesses"])[0]
        mode = self.random.choice(MODES + ("JOINT", "JOINT"))
        evidence = self.of(trustor, trustee, "conflictResolved", {"conflict": name, "mode": f"RESOLUTION_MODE_{mode}"}, joint=0.6)
        if self.chance(0.6):
            evidence["source"] = "SOURCE_" + self.random.choice(("JOINT", "JOINT", "SELF"))
        return evidence

    # -- About evidence and contacts --------------------------------------------------------------------------------

    def meta(self):
        choice = self.random.choice(("confirm", "confirm", "correct", "correct", "retract", "contest", "assign", "depart", "depart"))
        if choice in ("assign", "depart"):
            organization = self.random.choice(self.members)
            body = {"contact": self.contact(organization), "organization": organization}
            return {"contactAssigned" if choice == "assign" else "contactDeparted": body}
        if not self.evidence:
            return None
        recorder = self.random.choice(self.members)
        if choice == "correct" and self.options.meta_times and self.confirmations + self.departures and self.chance(0.3):
            named = self.random.choice(self.confirmations + self.departures)
            item = next(item for item in self.items if item["externalId"] == named)
            moment = int((datetime.datetime.fromisoformat(item["occurTime"][:-1]) - datetime.datetime(1970, 1, 1)).total_seconds())
            moment += self.random.choice((0, -1, -40, -300)) * DAY
            return {"recorder": recorder, "evidenceCorrected": {"event": named, "occurTime": time_text(moment), "replacement": {}}}
        if choice == "correct":
            root = self.random.choice(self.evidence)
            return {"recorder": recorder, "evidenceCorrected": self.correction(root)}
        if choice == "retract":
            candidates = [item["externalId"] for item in self.evidence] + self.confirmations + self.departures
            return {"recorder": recorder, "evidenceRetracted": {"event": self.random.choice(candidates)}}
        alone = [item for item in self.evidence if item["evidence"].get("source") == "SOURCE_SELF"]
        root = self.random.choice(alone if alone and self.chance(0.8) else self.evidence)
        return {"recorder": recorder, "evidenceConfirmed" if choice == "confirm" else "evidenceContested": {"event": root["externalId"]}}

    def correction(self, root):
        """The same evidence with something changed, or another one of the same parties, perhaps at another time."""
        evidence = json.loads(json.dumps(root["evidence"]))
        change = self.random.choice(("materiality", "source", "kind", "severity", "time"))
        body = {"event": root["externalId"]}
        kind = kind_of(evidence)
        if change == "materiality":
            evidence["materiality"] = "MATERIALITY_" + self.random.choice(("LOW", "HIGH", "CRITICAL"))
        if change == "source":
            evidence["source"] = "SOURCE_" + self.random.choice(("SELF", "JOINT", "SYSTEM"))
        if change == "severity" and kind == "violationReported":
            evidence[kind]["severity"] = "SEVERITY_" + self.random.choice(SEVERITIES)
        if change == "kind" and kind in GOOD + BAD:
            del evidence[kind]
            evidence[self.random.choice(("commitmentMissed", "commitmentFulfilled", "openCommunicationObserved", "feedbackGiven"))] = {}
        if change == "time" or self.chance(0.2):
            moment = int((datetime.datetime.fromisoformat(root["occurTime"][:-1]) - datetime.datetime(1970, 1, 1)).total_seconds())
            moment = moment // DAY * DAY - self.random.choice((0, 1, 40, 300)) * DAY
            precision = self.random.choice(("DAY", "DAY", "MONTH")) if self.options.coarse else "DAY"
            if precision == "MONTH":
                moment, _ = period(moment, precision)
            body["occurTime"], body["occurTimePrecision"] = time_text(moment), f"TIME_PRECISION_{precision}"
            if self.chance(0.3):
                body["observeTime"] = time_text(moment + self.random.randrange(20 * DAY))
        body["replacement"] = evidence
        return body


def kind_of(evidence):
    """The name of an evidence's kind."""
    return next(name for name in evidence if name not in (
        "actor", "affected", "witnesses", "source", "level", "materiality", "label", "actorContact", "affectedContact"))


def references(item):
    """The external ids that an item names."""
    found = set()

    def visit(value, name=""):
        if isinstance(value, dict):
            for key, inner in value.items():
                visit(inner, key)
        elif isinstance(value, str) and name in ("violation", "conflict", "commitment", "event", "objective", "misunderstanding"):
            found.add(value)

    visit(item)
    return found


def generate(seed, partnership="x", options=Options()):
    """A random history."""
    return Writer(f"{seed}", partnership, options).write()


if __name__ == "__main__":
    for line in generate(sys.argv[1]):
        print(json.dumps(line))
