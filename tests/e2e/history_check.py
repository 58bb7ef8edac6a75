"""What must be true of a log after crashes, judged from what clients were told. Pure: it knows neither gRPC nor trustd.

A command is known by a key that all its events carry. It was acknowledged, or its outcome is unknown, or it must never take
effect. The log is all events in their order.
"""

import dataclasses


@dataclasses.dataclass
class Command:
    key: str
    partnership: str
    size: int                # How many events it makes, all or none.
    sent: float = 0.0        # When it was first sent, by a monotonic clock.
    acknowledged: float | None = None  # When its answer came; None: unknown.
    revision: int = 0        # Of its last event, as acknowledged.
    position: str = ""       # Of its last event, as acknowledged; empty where the answer names none.
    forbidden: bool = False  # True: it must be refused and have no effect.


@dataclasses.dataclass(frozen=True)
class Entry:
    """An event."""

    partnership: str
    revision: int
    position: str
    key: str
    content: str = ""        # Stands for everything that it says.


def complaints(commands, log, seen=None):
    """Everything that is wrong: a list of sentences, empty when nothing is.

    commands: each Command by its key. seen: for partnerships, the greatest revision that any reader was shown.
    """
    found = [*_structure(log, seen or {})]
    places = {}
    for place, entry in enumerate(log):
        places.setdefault(entry.key, []).append(place)
    for key in places.keys() - commands.keys():
        found.append(f"{key}: in the log, and nobody sent it")
    for command in commands.values():
        found += _effect(command, [log[place] for place in places.get(command.key, ())])
    found += _real_time(commands, places)
    return found


def told_otherwise(told, log):
    """What of the entries that a follower was told does not stand in the log, from the beginning and without a gap."""
    for place, entry in enumerate(told):
        if place >= len(log) or log[place] != entry:
            return [f"a follower was told of {entry} as event {place + 1}, and now {log[place] if place < len(log) else 'nothing'} is there"]
    return []


def _structure(log, seen):
    revisions, positions = {}, set()
    for entry in log:
        due = revisions.get(entry.partnership, 0) + 1
        if entry.revision != due:
            yield f"{entry.partnership}: revision {entry.revision} stands where {due} should"
        revisions[entry.partnership] = entry.revision
        if entry.position in positions:
            yield f"{entry.partnership}: two events at the position {entry.position}"
        positions.add(entry.position)
    for partnership, revision in seen.items():
        if revisions.get(partnership, 0) < revision:
            yield f"{partnership}: a reader saw revision {revision}, and now there are {revisions.get(partnership, 0)}"


def _effect(command, entries):
    if command.forbidden:
        if entries:
            yield f"{command.key}: must be refused, and has {len(entries)} events"
        return
    if not entries:
        if command.acknowledged is not None:
            yield f"{command.key}: acknowledged, and lost"
        return
    if len(entries) != command.size:
        yield f"{command.key}: {len(entries)} events in place of {command.size}"
        return
    first = entries[0].revision
    if [(entry.partnership, entry.revision) for entry in entries] != \
            [(command.partnership, first + i) for i in range(command.size)]:
        yield f"{command.key}: its events do not stand together in {command.partnership}"
    if command.acknowledged is None:
        return
    if entries[-1].revision != command.revision:
        yield f"{command.key}: acknowledged as revision {command.revision}, and is {entries[-1].revision}"
    if command.position and entries[-1].position != command.position:
        yield f"{command.key}: acknowledged at {command.position}, and is at {entries[-1].position}"


def _real_time(commands, places):
    """What was acknowledged before another was sent stands before it."""
    earliest_answer, key_of_earliest = float("inf"), ""
    # From the end of the log: no command may have been sent after one was answered that stands behind it.
    for place, key in sorted(((found[-1], key) for key, found in places.items()), reverse=True):
        command = commands.get(key)
        if command is None:
            continue
        if command.sent > earliest_answer:
            yield f"{key}: sent after {key_of_earliest} was acknowledged, and stands before it"
        if command.acknowledged is not None and command.acknowledged < earliest_answer:
            earliest_answer, key_of_earliest = command.acknowledged, key
