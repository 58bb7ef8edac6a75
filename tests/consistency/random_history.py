"""Small histories that are right, made by playing the model, and small changes that may make them wrong."""

import copy

from exhaustive import decide
from history import History, LogEntry, Operation

def entries_of(log):
    """The log as a reading at the end shows it."""
    entries, revisions = [], {}
    for place, (partnership, request_id, payload, first) in enumerate(log):
        revisions[partnership] = revision = revisions.get(partnership, 0) + 1
        entries.append(LogEntry(place, f"at-{place}", partnership, revision, request_id if first else "", payload,
                                f"event-{partnership}-{revision}"))
    return entries


def right_history(random, count, partnerships, overlap=0.3):
    """Operations of several clients that overlap, each given at a moment within its call; the outcome of some is unknown."""
    plans = []
    for number in range(count):
        moment = random.random()
        begin, end = moment - random.random() * overlap, moment + random.random() * overlap
        plans.append((moment, begin, end, number))
    log, operations, given = (), [], []
    for moment, begin, end, number in sorted(plans):
        operation = _new_operation(random, number, partnerships, log, given)
        operation.invoke_ns, operation.return_ns = int(begin * 1e9), int(end * 1e9)
        lot = random.random()
        if lot < 0.15:  # The server or the wire fails, before or after it took effect.
            operation.outcome, operation.return_ns = "unknown", None
            if random.random() < 0.5 and operation.kind != "read":
                _, log = decide(operation, log, [event for event in log if event[0] == operation.partnership])
        elif lot < 0.2:
            operation.outcome, operation.reason = "refused", "DEADLINE_PASSED"
        else:
            log = _answer(operation, log)
        operations.append(operation)
        given.append(operation)
    random.shuffle(operations)
    return History(operations=operations, log=entries_of(log), log_read_ns=int(9e9))


def _new_operation(random, number, partnerships, log, given):
    partnership = random.choice(partnerships)
    length = sum(1 for event in log if event[0] == partnership)
    commands = [operation for operation in given if operation.kind != "read"]
    if commands and random.random() < 0.3:
        operation = copy.deepcopy(random.choice(commands))
        operation.process, operation.outcome, operation.reason = f"c{number}", "unknown", ""
        operation.revision = operation.log_index = None
        operation.log_position, operation.events = "", []
        if random.random() < 0.2:
            operation.payload = f"other-{number}"
        return operation
    if random.random() < 0.3:
        return Operation(f"c{number}", "read", "GetPartnership", partnership, 0)
    fields = {"request_id": f"id-{number}", "payload": f"content-{number}", "validate_only": random.random() < 0.15}
    if length == 0 and random.random() < 0.8 or random.random() < 0.05:
        return Operation(f"c{number}", "create", "CreatePartnership", partnership, 0, size=2, **fields)
    if random.random() < 0.5:
        fields["expected_revision"] = max(1, length + random.choice((0, 0, 0, -1, 1)))
    return Operation(f"c{number}", "append", "RecordEvidence", partnership, 0, size=random.choice((1, 1, 2)), **fields)


def _answer(operation, log):
    events = [event for event in log if event[0] == operation.partnership]
    if operation.kind == "read":
        if events:
            operation.outcome, operation.revision = "ok", len(events)
        else:
            operation.outcome, operation.reason = "refused", "PARTNERSHIP_NOT_FOUND"
        return log
    (operation.outcome, operation.reason, operation.revision), log = decide(operation, log, events)
    return log


def with_places(history):
    """Gives the answers the places that the log has, so that only their order is judged."""
    last = {}
    for entry in history.log:
        if entry.request_id:
            last[entry.partnership] = entry.request_id
        last[entry.partnership, "id"] = last.get(entry.partnership)
        last["place", last[entry.partnership]] = entry
    for operation in history.operations:
        operation.log_index, operation.log_position = None, ""
        entry = last.get(("place", operation.request_id)) if operation.request_id and operation.outcome == "ok" else None
        if entry is not None and operation.kind != "read":
            operation.log_index, operation.log_position = entry.log_index, entry.log_position
    return history


def changed(random, history):
    """A copy with one small change, right or wrong."""
    history = copy.deepcopy(history)
    operation = random.choice(history.operations)
    kind = random.choice(("revision", "times", "outcome", "expected", "log", "payload", "reason"))
    if kind == "revision" and operation.revision is not None:
        operation.revision = max(0, operation.revision + random.choice((-2, -1, 1, 2)))
    elif kind == "times" and operation.return_ns is not None:
        shift = random.randint(-500_000_000, 500_000_000)
        operation.invoke_ns, operation.return_ns = operation.invoke_ns + shift, operation.return_ns + shift
    elif kind == "outcome" and operation.outcome == "ok":
        operation.outcome, operation.reason, operation.revision = "refused", "DEADLINE_PASSED", None
    elif kind == "expected" and operation.kind == "append":
        operation.expected_revision = random.choice((None, 1, 2, 3, 4, 5))
    elif kind == "payload" and operation.kind != "read":
        operation.payload = "altered"
    elif kind == "reason" and operation.outcome == "refused" and operation.kind != "read":
        operation.reason = random.choice(("REQUEST_ID_REUSED", "PARTNERSHIP_EXISTS", "PARTNERSHIP_NOT_FOUND"))
        operation.revision = None
    elif kind == "log" and history.log:
        _change_log(random, history)
    return history


def _change_log(random, history):
    """Takes a command out, doubles it, or exchanges two that are neighbours."""
    groups = []
    for entry in history.log:
        if entry.request_id:
            groups.append([])
        groups[-1].append((entry.partnership, entry.request_id or groups[-1][0][1], entry.payload, not groups[-1]))
    place = random.randrange(len(groups))
    lot = random.random()
    if lot < 0.4:
        del groups[place]
    elif lot < 0.6:
        groups.append(groups[place])
    elif place + 1 < len(groups):
        groups[place], groups[place + 1] = groups[place + 1], groups[place]
    history.log = entries_of(tuple(event for group in groups for event in group))
