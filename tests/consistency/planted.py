"""Mistakes planted in a history that is right: each takes a history and a random source, and returns a copy in which a server
made that mistake, or None where there is no place for it. A check that finds them all can fail.
"""

import collections
import copy
import dataclasses


def _renumbered(log, positions):
    """The log as it would be had it been written so: places and revisions follow the order, positions stay those of the places."""
    positions = positions + [f"made-up-{number}" for number in range(len(log))]
    revisions, result = collections.Counter(), []
    for place, entry in enumerate(log):
        revisions[entry.partnership] += 1
        result.append(dataclasses.replace(entry, log_index=place, log_position=positions[place],
                                          revision=revisions[entry.partnership]))
    return result


def _groups(log):
    """The log as lists of the entries that one command made."""
    groups = []
    for entry in log:
        if entry.request_id or not groups or entry.partnership.startswith("$"):
            groups.append([])
        groups[-1].append(entry)
    return groups


def _with_log(history, groups):
    result = copy.copy(history)
    result.log = _renumbered([entry for group in groups for entry in group], [entry.log_position for entry in history.log])
    return result


def _without(history, group):
    """A world in which the last command of a partnership was never stored, but for those who had to do with it: what stands
    behind it has its positions, and its indexes as if it had always been so. No watcher is left to tell."""
    gone = {entry.log_index for entry in group}
    result = copy.copy(history)
    result.told = []
    result.log = [dataclasses.replace(entry, log_index=place) for place, entry in
                  enumerate(entry for entry in history.log if entry.log_index not in gone)]
    index = {entry.log_position: entry.log_index for entry in result.log}
    result.operations = [dataclasses.replace(operation, log_index=index[operation.log_position])
                         if operation.log_position in index else operation for operation in history.operations]
    return result


def _with_operation(history, operation, **fields):
    result = copy.copy(history)
    result.operations = [dataclasses.replace(other, **fields) if other is operation else other for other in history.operations]
    return result


def _choose(random, operations, condition):
    fitting = [operation for operation in operations if condition(operation)]
    return random.choice(fitting) if fitting else None


def _acknowledged(history):
    """By request id, the operations that were answered as a command that took effect."""
    result = collections.defaultdict(list)
    for operation in history.operations:
        if operation.outcome == "ok" and operation.kind != "read" and not operation.validate_only and operation.request_id:
            result[operation.request_id].append(operation)
    return result


def _calls(history):
    """By request id, all operations that may have made its command."""
    result = collections.defaultdict(list)
    for operation in history.operations:
        if operation.kind != "read" and operation.request_id:
            result[operation.request_id].append(operation)
    return result


def an_acknowledged_command_is_lost(history, random):
    acknowledged = _acknowledged(history)
    last = {group[0].partnership: group for group in _groups(history.log)}
    groups = [group for group in last.values() if group[0].request_id in acknowledged]
    return _without(history, random.choice(groups)) if groups else None


def a_command_in_the_middle_is_lost(history, random):
    groups = _groups(history.log)
    place = random.randrange(len(groups) // 2)
    return _with_log(history, groups[:place] + groups[place + 1:])


def the_end_of_the_log_is_lost(history, random):
    """All that was stored in the last moments, as when a disk lied."""
    groups = _groups(history.log)
    keep = len(groups) - random.randint(1, max(1, len(groups) // 20))
    acknowledged = _acknowledged(history)
    if not any(group[0].request_id in acknowledged for group in groups[keep:]):
        return None
    return _with_log(history, groups[:keep])


def what_a_reader_saw_is_gone(history, random):
    """The last command of a partnership, which nobody was told of but a reader."""
    last = {group[0].partnership: group for group in _groups(history.log)}
    seen = collections.defaultdict(int)
    for operation in history.operations:
        if operation.kind == "read" and operation.outcome == "ok":
            seen[operation.partnership] = max(seen[operation.partnership], operation.revision)
    groups = [group for partnership, group in last.items() if group[0].request_id and seen[partnership] >= group[-1].revision]
    if not groups:
        return None
    group = random.choice(groups)
    result = _without(history, group)
    result.operations = [dataclasses.replace(operation, outcome="unknown", reason="", return_ns=None)
                         if operation.kind != "read" and operation.request_id == group[0].request_id else operation
                         for operation in result.operations]
    return result


def a_command_takes_effect_twice(history, random):
    groups = _groups(history.log)
    place = random.randrange(len(groups))
    if groups[place][0].partnership.startswith("$"):
        return None
    behind = random.randint(place + 1, len(groups))
    return _with_log(history, groups[:behind] + [groups[place]] + groups[behind:])


def two_commands_change_places(history, random):
    """Two that did not overlap, of two partnerships, with all answers as if it had always been so: only real time is against it."""
    acknowledged, calls, groups = _acknowledged(history), _calls(history), _groups(history.log)
    places = list(range(len(groups) - 1))
    random.shuffle(places)
    for place in places:
        one, other = groups[place][0], groups[place + 1][0]
        if one.partnership == other.partnership or one.request_id not in acknowledged or not other.request_id:
            continue
        answered = min(operation.return_ns for operation in acknowledged[one.request_id])
        if answered >= min(operation.invoke_ns for operation in calls[other.request_id]):
            continue
        result = _with_log(history, groups[:place] + [groups[place + 1], groups[place]] + groups[place + 2:])
        last = {}
        for group in _groups(result.log)[place:place + 2]:
            last[group[0].request_id] = group[-1]
        result.operations = [
            dataclasses.replace(operation, log_index=last[operation.request_id].log_index,
                                log_position=last[operation.request_id].log_position)
            if operation.log_position and operation.request_id in last else operation for operation in history.operations]
        # Who shows or is told of positions would notice as well, so nobody does.
        moved = {(entry.partnership, entry.revision) for group in groups[place:place + 2] for entry in group}
        result.operations = [
            dataclasses.replace(operation, events=[event for event in operation.events
                                                   if (operation.partnership, event[0]) not in moved])
            for operation in result.operations]
        result.told = []
        return result
    return None


def a_reader_sees_an_old_state(history, random):
    """A revision that was superseded, by a command that had been acknowledged, before the reader asked."""
    acknowledged = sorted((operation for found in _acknowledged(history).values() for operation in found),
                          key=lambda operation: operation.return_ns)
    latest = {}
    steps = collections.defaultdict(list)
    for operation in acknowledged:
        latest[operation.partnership] = max(latest.get(operation.partnership, 0), operation.revision)
        steps[operation.partnership].append((operation.return_ns, latest[operation.partnership]))

    def known_before(operation):
        return max((revision for time, revision in steps[operation.partnership] if time < operation.invoke_ns), default=0)

    ends = collections.defaultdict(list)
    for group in _groups(history.log):
        ends[group[0].partnership].append(group[-1].revision)
    readers = [operation for operation in history.operations if operation.kind == "read" and operation.outcome == "ok"]
    random.shuffle(readers)
    for operation in readers:
        known = known_before(operation)
        older = [revision for revision in ends[operation.partnership] if revision < known]
        if older:
            return _with_operation(history, operation, revision=older[-1], events=[], reading=[])
    return None


def a_reader_sees_what_is_not_stored_yet(history, random):
    """A revision whose command was sent after the reader had its answer."""
    sent, readers = {}, {}
    for request_id, operations in _calls(history).items():
        sent[request_id] = min(operation.invoke_ns for operation in operations)
    for operation in history.operations:
        if operation.kind == "read" and operation.outcome == "ok":
            earliest = readers.setdefault(operation.partnership, operation)
            if operation.return_ns < earliest.return_ns:
                readers[operation.partnership] = operation
    groups = [group for group in _groups(history.log) if group[0].partnership in readers and
              sent.get(group[0].request_id, 0) > readers[group[0].partnership].return_ns]
    if not groups:
        return None
    group = random.choice(groups)
    return _with_operation(history, readers[group[0].partnership], revision=group[-1].revision, events=[], reading=[])


def half_a_batch_is_seen(history, random):
    group = next((group for group in _groups(history.log) if len(group) > 1 and any(
        operation.partnership == group[0].partnership and operation.kind == "read" and operation.outcome == "ok"
        for operation in history.operations)), None)
    if group is None:
        return None
    operation = _choose(random, history.operations, lambda operation: operation.partnership == group[0].partnership and
                        operation.kind == "read" and operation.outcome == "ok")
    return _with_operation(history, operation, revision=group[0].revision, events=[], reading=[])


def what_was_refused_takes_effect(history, random):
    """A success that was answered as a refusal: as when a timeout is reported as a failure."""
    alone = [operations[0] for operations in _calls(history).values() if len(operations) == 1 and operations[0].outcome == "ok" and
             not operations[0].validate_only]
    if not alone:
        return None
    return _with_operation(history, random.choice(alone), outcome="refused", reason="OVERLOADED", revision=None, log_index=None,
                           log_position="", events=[])


def a_wrong_expected_revision_is_accepted(history, random):
    alone = [operations[0] for operations in _calls(history).values() if len(operations) == 1 and operations[0].outcome == "ok" and
             operations[0].expected_revision is not None and not operations[0].validate_only]
    if not alone:
        return None
    operation = random.choice(alone)
    return _with_operation(history, operation, expected_revision=operation.expected_revision - 1)


def a_right_expected_revision_is_refused(history, random):
    operation = _choose(random, history.operations, lambda operation: operation.reason == "REVISION_CONFLICT")
    return operation and _with_operation(history, operation, expected_revision=operation.revision)


def a_conflict_names_another_revision(history, random):
    operation = _choose(random, history.operations, lambda operation: operation.reason == "REVISION_CONFLICT")
    return operation and _with_operation(history, operation, revision=operation.revision + 10**6)


def a_repetition_has_another_answer(history, random):
    operations = _choose(random, list(_acknowledged(history).values()), lambda operations: len(operations) > 1)
    return operations and _with_operation(history, operations[-1], revision=operations[-1].revision + 1)


def other_content_is_taken_for_a_repetition(history, random):
    acknowledged = _acknowledged(history)
    operation = _choose(random, history.operations, lambda operation: operation.reason == "REQUEST_ID_REUSED" and
                        operation.request_id in acknowledged)
    if operation is None:
        return None
    first = acknowledged[operation.request_id][0]
    return _with_operation(history, operation, outcome="ok", reason="", revision=first.revision, log_index=first.log_index,
                           log_position=first.log_position)


def a_repetition_is_taken_for_other_content(history, random):
    operations = _choose(random, list(_acknowledged(history).values()), lambda operations: len(operations) > 1)
    return operations and _with_operation(history, operations[-1], outcome="refused", reason="REQUEST_ID_REUSED", revision=None,
                                          log_index=None, log_position="", events=[])


def an_answer_names_another_place(history, random):
    operation = _choose(random, history.operations, lambda operation: operation.log_index is not None)
    return operation and _with_operation(history, operation, log_index=operation.log_index + 1)


def positions_have_a_gap(history, random):
    place = random.randrange(len(history.log))
    result = copy.copy(history)
    result.log = history.log[:place] + [dataclasses.replace(entry, log_index=entry.log_index + 1) for entry in history.log[place:]]
    return result


def a_position_is_given_twice(history, random):
    place = random.randrange(1, len(history.log))
    result = copy.copy(history)
    result.log = list(history.log)
    result.log[place] = dataclasses.replace(result.log[place], log_position=result.log[place - 1].log_position)
    return result


def a_batch_is_torn(history, random):
    groups = _groups(history.log)
    places = [place for place, group in enumerate(groups) if len(group) > 1]
    if not places:
        return None
    place = random.choice(places)
    return _with_log(history, groups[:place] + [groups[place][:-1]] + groups[place + 1:])


def an_event_is_shown_otherwise(history, random):
    operation = _choose(random, history.operations, lambda operation: operation.outcome == "ok" and operation.events and
                        not operation.validate_only)
    return operation and _with_operation(history, operation, events=[[operation.events[0][0], "other"], *operation.events[1:]])


def a_reading_is_not_of_its_revision(history, random):
    """The reading of one more event, or of one less, under the same revision."""
    seen = {}
    for operation in random.sample(history.operations, len(history.operations)):
        if operation.reading and operation.outcome == "ok":
            other = seen.setdefault((operation.partnership, operation.revision), operation)
            if other is not operation:
                return _with_operation(history, operation, reading=[*operation.reading[:-1], "other"])
    return None


def _of_watcher(change):
    def planted(history, random):
        messages = [message for message in history.told if len(message.events) > 1]
        if not messages:
            return None
        chosen = random.choice(messages)
        # The end of what a watcher was told may always be missing, so the last message is no place for a loss.
        if chosen is [message for message in history.told if message.process == chosen.process and message.events][-1]:
            return None
        result = copy.copy(history)
        result.told = [dataclasses.replace(message, events=change(message.events, random)) if message is chosen else message
                       for message in history.told]
        return result
    planted.__name__ = change.__name__
    return planted


def a_watcher_misses_an_event(events, random):
    place = random.randrange(len(events))
    return events[:place] + events[place + 1:]


def a_watcher_is_told_twice(events, random):
    place = random.randrange(len(events))
    return events[:place + 1] + events[place:]


def a_watcher_is_told_out_of_order(events, random):
    place = random.randrange(len(events) - 1)
    return [*events[:place], events[place + 1], events[place], *events[place + 2:]]


def a_watcher_is_told_of_nothing_stored(events, random):
    place = random.randrange(len(events) + 1)
    partnership, revision, _, _ = events[0]
    return [*events[:place], [partnership, revision, "made-up", "made-up"], *events[place:]]


def a_watcher_is_told_too_early(history, random):
    """Before anybody had sent it."""
    messages = [message for message in history.told if message.events and not message.partnerships]
    if not messages:
        return None
    chosen = random.choice(messages)
    earliest = min(operation.invoke_ns for operation in history.operations)
    result = copy.copy(history)
    result.told = [dataclasses.replace(message, begun_ns=earliest - 1, time_ns=earliest - 1) if message is chosen else message
                   for message in history.told]
    return result


MISTAKES = (
    an_acknowledged_command_is_lost, a_command_in_the_middle_is_lost, the_end_of_the_log_is_lost, what_a_reader_saw_is_gone,
    a_command_takes_effect_twice, two_commands_change_places, a_reader_sees_an_old_state, a_reader_sees_what_is_not_stored_yet,
    half_a_batch_is_seen, what_was_refused_takes_effect, a_wrong_expected_revision_is_accepted,
    a_right_expected_revision_is_refused, a_conflict_names_another_revision, a_repetition_has_another_answer,
    other_content_is_taken_for_a_repetition, a_repetition_is_taken_for_other_content, an_answer_names_another_place,
    positions_have_a_gap, a_position_is_given_twice, a_batch_is_torn, an_event_is_shown_otherwise,
    a_reading_is_not_of_its_revision, _of_watcher(a_watcher_misses_an_event), _of_watcher(a_watcher_is_told_twice),
    _of_watcher(a_watcher_is_told_out_of_order), _of_watcher(a_watcher_is_told_of_nothing_stored), a_watcher_is_told_too_early,
)
