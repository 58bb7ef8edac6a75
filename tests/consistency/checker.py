"""Judges a history: is there an order of all operations, each at one moment between its call and its answer, in which a log of
partnerships answers as the clients were answered? Pure: it knows neither gRPC nor trustd nor a clock.

The log, read when all was over, fixes the order of what took effect. What is left to find is a moment for each command of the
log: not before those in front of it, within the call of somebody who gave it, not before whoever read the state without it
had asked, not after anyone was answered who had seen it. The earliest such moment leaves the most room for all that follow,
so taking it each time misses no order that there is, in one pass.

An operation of unknown outcome stays open to the end: it may have taken effect at any moment after it was called, or never.
"""

import collections
import dataclasses
import math

# Refusals that say nothing of the state, and their effect: none, for ever.
STATELESS_REFUSALS = ("OVERLOADED", "SHUTTING_DOWN", "NOT_READY", "STORAGE_FULL", "DEADLINE_PASSED")
# The model's own refusals, in the order in which a command meets them.
STATE_REFUSALS = ("REQUEST_ID_REUSED", "PARTNERSHIP_EXISTS", "PARTNERSHIP_NOT_FOUND", "REVISION_CONFLICT")


def complaints(history):
    """Everything that is wrong: a list of sentences, empty when nothing is."""
    found = list(structure_complaints(history))
    commands, torn = commands_of_log(history)
    found += torn
    found += answer_complaints(history, commands)
    by_partnership = collections.defaultdict(lambda: ([], []))
    for operation in history.operations:
        by_partnership[operation.partnership][0].append(operation)
    for command in commands:
        by_partnership[command.partnership][1].append(command)
    for partnership, (operations, own) in by_partnership.items():
        found += [f"{partnership}: {sentence}" for sentence in order_complaints(operations, own)]
    found += watch_complaints(history)
    if not found:
        # Each partnership by itself has an order. All in that of the log, with those who watched it: in real time, too?
        found = [f"the whole log: {sentence}" for sentence in order_complaints(history.operations, commands, log_sights(history))]
    return found


# ---------------------------------------------------------------------------------------------------------------------
# What the log itself must be, and what answers say of it word by word.


def structure_complaints(history):
    """Positions: gapless and unique. Revisions: in the order of the positions, without a gap."""
    revisions, positions = collections.Counter(), set()
    for place, entry in enumerate(history.log):
        if entry.log_index != place:
            yield f"the log: index {entry.log_index} stands where {place} should"
        if entry.log_position in positions:
            yield f"the log: two events at the position {entry.log_position}"
        positions.add(entry.log_position)
        revisions[entry.partnership] += 1
        if entry.revision != revisions[entry.partnership]:
            yield f"{entry.partnership}: revision {entry.revision} stands where {revisions[entry.partnership]} should"


@dataclasses.dataclass
class Command:
    """What one command made: events that stand together in the log."""

    partnership: str
    request_id: str
    payload: str
    before: int      # The length of the partnership's history without them.
    after: int       # And with them.
    log_index: int   # Of the last.
    log_position: str
    digests: list


def commands_of_log(history):
    """The log as commands, and what is wrong with that. System streams hold no commands of clients."""
    commands, torn, latest = [], [], {}
    for entry in history.log:
        if entry.partnership.startswith("$"):
            continue
        command = latest.get(entry.partnership)
        if entry.request_id:
            command = Command(entry.partnership, entry.request_id, entry.payload, entry.revision - 1, entry.revision,
                              entry.log_index, entry.log_position, [entry.digest])
            latest[entry.partnership] = command
            commands.append(command)
        elif command is None or command.payload != entry.payload:
            torn.append(f"{entry.partnership}: revision {entry.revision} belongs to no command in front of it")
        else:
            if entry.log_index != command.log_index + 1:
                torn.append(f"{command.request_id}: its events do not stand together in the log")
            command.after, command.log_index, command.log_position = entry.revision, entry.log_index, entry.log_position
            command.digests.append(entry.digest)
    return commands, torn


def answer_complaints(history, commands):
    """What was answered of a command is what the log says of it; what was shown of an event is what stands there."""
    made = {}
    for command in commands:
        if command.request_id in made:
            yield f"{command.request_id}: in effect twice"
        made[command.request_id] = command
    digests = {(entry.partnership, entry.revision): entry.digest for entry in history.log}
    length = collections.Counter(entry.partnership for entry in history.log)
    readings = {}
    for operation in history.operations:
        yield from _refusal_complaints(operation)
        if operation.outcome != "ok":
            continue
        if operation.revision is None:
            yield f"{operation.process}: {operation.method} was answered without a revision"
            continue
        if operation.kind == "read" and operation.revision > length[operation.partnership]:
            yield (f"{operation.partnership}: a reader saw revision {operation.revision}, and now there are "
                   f"{length[operation.partnership]}")
        if not operation.validate_only:
            for revision, digest in operation.events:
                if digests.get((operation.partnership, revision)) != digest:
                    yield (f"{operation.partnership}: {operation.process} was shown another revision {revision} than stands in "
                           "the log")
        if operation.reading:
            key = (operation.partnership, operation.revision, *operation.reading[:-1])
            if readings.setdefault(key, operation.reading[-1]) != operation.reading[-1]:
                yield f"{operation.partnership}: two readings of revision {operation.revision} differ"
        command = made.get(operation.request_id) if operation.kind != "read" and not operation.validate_only else None
        if command is not None:
            told = (operation.partnership, operation.payload, operation.revision, operation.log_index, operation.log_position)
            stands = (command.partnership, command.payload, command.after, command.log_index, command.log_position)
            if told != stands:
                yield f"{operation.request_id}: answered as {told}, and stands in the log as {stands}"
            if operation.size != command.after - command.before:
                yield f"{operation.request_id}: {command.after - command.before} events in place of {operation.size}"


def _refusal_complaints(operation):
    if operation.outcome == "refused" and operation.reason not in STATELESS_REFUSALS + STATE_REFUSALS:
        yield f"{operation.process}: {operation.method} was refused with {operation.reason}"


# ---------------------------------------------------------------------------------------------------------------------
# The order.


@dataclasses.dataclass
class Bounds:
    """When a command can have taken effect. Each end names the operation that sets it."""

    earliest: float = -math.inf
    after_whom: str = ""
    latest: float = math.inf
    seen_by: str = ""
    calls: list = dataclasses.field(default_factory=list)  # Pairs of beginning and end of the calls that may have done it.

    def not_before(self, time, whom):
        if time > self.earliest:
            self.earliest, self.after_whom = time, whom

    def not_after(self, time, whom):
        if time < self.latest:
            self.latest, self.seen_by = time, whom


@dataclasses.dataclass
class Sight:
    """Somebody saw the log: with its first `count` commands, and, when it is whole, without the next."""

    count: int
    begin_ns: int
    end_ns: int
    whole: bool
    process: str


def end_of(operation):
    return math.inf if operation.return_ns is None else operation.return_ns


def order_complaints(operations, commands, sights=()):
    """What stands against an order of these operations in which the commands take effect as they stand in the log."""
    bounds = [Bounds() for _ in commands]
    places = {}   # By partnership, and length of its history: between which commands it has that length.
    of_id = {}
    lengths = {}
    for place, command in enumerate(commands):
        lengths.setdefault((command.partnership, command.before), [None, None])[1] = place
        lengths.setdefault((command.partnership, command.after), [None, None])[0] = place
        places.setdefault(command.partnership, []).append(place)
        of_id.setdefault(command.request_id, place)

    def exactly(operation, length, what):
        """The operation met a history of that length."""
        between = lengths.get((operation.partnership, length))
        if between is None and length == 0 and operation.partnership not in places:
            return  # It was always empty.
        if between is None:
            yield f"{what}, and no history of that length ever was to be seen"
            return
        made_by, ended_by = between
        if made_by is not None:
            bounds[made_by].not_after(end_of(operation), what)
        if ended_by is not None:
            bounds[ended_by].not_before(operation.invoke_ns, what)

    for operation in operations:
        if operation.kind == "reread" or operation.kind == "read" and operation.outcome == "unknown":
            continue
        yield from _bind(operation, commands, bounds, of_id, places, exactly)
    for sight in sights:
        if sight.count:
            bounds[sight.count - 1].not_after(sight.end_ns, f"{sight.process} was shown it")
        if sight.whole and sight.count < len(commands):
            bounds[sight.count].not_before(sight.begin_ns, f"{sight.process} was told that there was no more")
    yield from _sweep(commands, bounds)


def _bind(operation, commands, bounds, of_id, places, exactly):
    """Lays on the bounds what one operation's answer means."""
    place = of_id.get(operation.request_id) if operation.request_id else None
    command = commands[place] if place is not None else None
    what = _described(operation)
    if operation.kind == "read":
        if operation.outcome == "ok" and not operation.revision:
            yield f"{what}, which no history has"
        elif operation.outcome == "ok":
            yield from exactly(operation, operation.revision, what)
        elif operation.reason == "PARTNERSHIP_NOT_FOUND":
            yield from exactly(operation, 0, what)
        return
    same = command is not None and command.payload == operation.payload
    if operation.outcome == "unknown":
        if same and may_make(operation, command):
            bounds[place].calls.append((operation.invoke_ns, math.inf))
        return
    if operation.outcome == "ok":
        if same and operation.revision == command.after:
            # It made the command, or repeated it.
            bounds[place].not_after(end_of(operation), what)
            if may_make(operation, command):
                bounds[place].calls.append((operation.invoke_ns, end_of(operation)))
        elif operation.validate_only:
            yield from _bind_validation(operation, command, what, exactly)
        elif command is None:
            yield f"{what}: acknowledged, and lost"
        else:
            yield f"{what}, and its request id made {'revision ' + str(command.after) if same else 'something else'}"
        return
    if operation.reason == "REQUEST_ID_REUSED":
        if command is None or same:
            yield f"{what}, and its request id made nothing else"
        else:
            bounds[place].not_after(end_of(operation), what)
    elif operation.reason == "PARTNERSHIP_EXISTS":
        own = places.get(operation.partnership)
        if operation.kind != "create" or not own:
            yield f"{what}, and it never was there"
        else:
            bounds[own[0]].not_after(end_of(operation), what)
            if command is not None and place == own[0]:
                yield f"{what}, and it was its own request id that made it"
            elif command is not None:
                bounds[place].not_before(operation.invoke_ns, what)
    elif operation.reason in ("PARTNERSHIP_NOT_FOUND", "REVISION_CONFLICT"):
        current = 0 if operation.reason == "PARTNERSHIP_NOT_FOUND" else operation.revision
        if operation.kind == "create" or operation.reason == "REVISION_CONFLICT" and \
                (current == 0 or operation.expected_revision in (None, current)):
            yield f"{what}, and that is no reason for it"
        if command is not None and command.after <= current:
            yield f"{what}, and its request id had made revision {command.after}"
        yield from exactly(operation, current, what)


def _bind_validation(operation, command, what, exactly):
    """A command that was only to be decided was answered with the length of the history that it met."""
    if operation.kind == "create":
        fits = operation.revision == 0
    else:
        fits = operation.revision > 0 and operation.expected_revision in (None, operation.revision)
    if not fits or command is not None and command.after <= operation.revision:
        yield f"{what}, and should have been refused or repeated"
    yield from exactly(operation, operation.revision, what)


def may_make(operation, command):
    """Whether a call of that content can have made the command, from the state that it was made in."""
    if operation.validate_only or operation.size != command.after - command.before:
        return False
    if operation.kind == "create":
        return command.before == 0
    return command.before > 0 and operation.expected_revision in (None, command.before)


def _sweep(commands, bounds):
    """Gives each command the earliest moment it can have."""
    now, at_whom = -math.inf, ""
    for command, bound in zip(commands, bounds, strict=True):
        if bound.earliest > now:
            now, at_whom = bound.earliest, bound.after_whom
        name = f"{command.request_id} (revision {command.after})"
        if not bound.calls:
            yield f"{name}: in the log, and no call can have made it"
            continue
        moment = min((max(now, begin) for begin, end in bound.calls if max(now, begin) <= end), default=None)
        if moment is None:
            yield f"{name}: too late in the log: every call that can have made it had been answered before {at_whom}"
            continue
        if moment > now:
            now, at_whom = moment, f"{command.request_id} was sent"
        if now > bound.latest:
            yield f"{name}: too late in the log, behind {at_whom}; and before that: {bound.seen_by}"


def _described(operation):
    if operation.outcome == "ok":
        answer = f"revision {operation.revision}"
    else:
        answer = operation.reason + (f" at {operation.revision}" if operation.revision is not None else "")
    return " ".join(filter(None, (operation.process, operation.method, operation.request_id, "was answered", answer)))


# ---------------------------------------------------------------------------------------------------------------------
# Those who watch.


def watch_complaints(history):
    """Each watch: the log, or what of it passes its filter, from the beginning, without a gap, each event once, in order."""
    told = collections.defaultdict(list)
    for message in history.told:
        told[message.process].append(message)
    for process, messages in told.items():
        wanted = set(messages[0].partnerships)
        due = [[entry.partnership, entry.revision, entry.log_position, entry.digest] for entry in history.log
               if not wanted or entry.partnership in wanted]
        shown = [list(event) for message in messages for event in message.events]
        for place, event in enumerate(shown):
            if place >= len(due) or event != due[place]:
                stands = due[place] if place < len(due) else "nothing"
                yield f"{process}: was told of {event} as event {place + 1}, where {stands} stands"
                break


def log_sights(history):
    """What those who watch the whole log saw of it: a list of Sight. Who was shown a part of a command saw that it took effect."""
    count, count_at = 0, {}
    for entry in history.log:
        count += bool(entry.request_id) and not entry.partnership.startswith("$")
        count_at[entry.log_position] = count
    sights = []
    for message in history.told:
        if message.partnerships:
            continue
        if message.events:
            position = message.events[-1][2]
            sights.append(Sight(count_at.get(position, 0), message.begun_ns, message.time_ns, False, message.process))
        elif message.caught_up and message.resume_position in count_at:
            sights.append(Sight(count_at[message.resume_position], message.begun_ns, message.time_ns, True, message.process))
    return sights
