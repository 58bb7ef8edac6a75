"""The same judgement as checker.py by trying every order, for histories of a few operations: slow, and too simple to be wrong in
the same way. The reading of the log at the end is its last operation.
"""


def has_order(history):
    """Whether some order of the operations, each at a moment between its call and its answer, explains all answers."""
    operations = history.operations
    goal = tuple((entry.partnership, entry.request_id, entry.payload) for entry in history.log)
    ends = [operation.return_ns if operation.return_ns is not None else float("inf") for operation in operations]
    closed = frozenset(number for number, operation in enumerate(operations) if operation.outcome != "unknown")
    tried = set()

    def search(done, log):
        """log: for each event partnership, request id (of its command) and payload."""
        if (done, log) in tried:
            return False
        tried.add((done, log))
        if closed <= done and shown(log) == goal:
            return True
        left = [number for number in range(len(operations)) if number not in done]
        # What is next must not have been called after another, still to come, was answered.
        first_end = min((ends[number] for number in left if number in closed), default=float("inf"))
        for number in left:
            if operations[number].invoke_ns > first_end:
                continue
            for answer, after in step(operations[number], log):
                if answer is None or answer == answer_of(operations[number]):
                    if search(done | {number}, after):
                        return True
        return False

    return search(frozenset(), ())


def shown(log):
    """As a reading shows it: the request id stands on the first event of a command."""
    return tuple((partnership, request_id if first else "", payload) for partnership, request_id, payload, first in log)


def answer_of(operation):
    return operation.outcome, operation.reason, operation.revision


def step(operation, log):
    """What the model answers in that state, and the state after it. Answers of unknown outcome, and those that say nothing of the
    state, come as None."""
    events = [event for event in log if event[0] == operation.partnership]
    length = len(events)
    if operation.outcome == "refused" and operation.reason in ("OVERLOADED", "DEADLINE_PASSED"):
        return [(None, log)]
    if operation.kind == "read":
        if operation.outcome == "unknown":
            return [(None, log)]
        return [(("ok", "", length) if length else ("refused", "PARTNERSHIP_NOT_FOUND", None), log)]
    answer, after = decide(operation, log, events)
    if operation.outcome == "unknown":
        return [(None, after)]
    return [(answer, after)]


def decide(operation, log, events):
    length = len(events)
    own = [place for place, event in enumerate(log) if operation.request_id and event[1] == operation.request_id]
    if own:
        if log[own[0]][2] != operation.payload:
            return ("refused", "REQUEST_ID_REUSED", None), log
        partnership = log[own[0]][0]
        return ("ok", "", sum(1 for event in log[:own[-1] + 1] if event[0] == partnership)), log
    if operation.kind == "create" and length:
        return ("refused", "PARTNERSHIP_EXISTS", None), log
    if operation.kind == "append" and not length:
        return ("refused", "PARTNERSHIP_NOT_FOUND", None), log
    if operation.expected_revision is not None and operation.expected_revision != length:
        return ("refused", "REVISION_CONFLICT", length), log
    if operation.validate_only:
        return ("ok", "", length), log
    made = tuple((operation.partnership, operation.request_id, operation.payload, place == 0) for place in range(operation.size))
    return ("ok", "", length + operation.size), log + made
