"""What clients asked and were told, as a history: recorded by threads, kept as JSON lines, read back for whoever judges it.

README.md describes the lines. All times are nanoseconds of CLOCK_MONOTONIC, which all processes of a machine share.
"""

import dataclasses
import json
import time

FORMAT = 1


@dataclasses.dataclass
class Operation:
    """One call of a client. Without return_ns it is open: its outcome is unknown, and it may take effect at any later time."""

    process: str
    kind: str                        # "create", "append", "read" of the present, or "reread" of a revision that was.
    method: str                      # The call, such as RecordEvidence.
    partnership: str
    invoke_ns: int
    return_ns: int | None = None
    outcome: str = "unknown"         # "ok"; "refused", with no effect for ever; "unknown".
    reason: str = ""                 # Why it was refused, by the server's words.
    request_id: str = ""
    payload: str = ""                # A digest of the command's content.
    size: int = 0                    # The events that the command makes, all or none.
    expected_revision: int | None = None
    validate_only: bool = False
    revision: int | None = None      # The length of the history, as answered: after the command, as read, or as in a conflict.
    log_index: int | None = None     # Of the last event, from 0, by the receipt.
    log_position: str = ""           # Of the last event.
    events: list = dataclasses.field(default_factory=list)  # Pairs of revision and digest of what the answer shows.
    reading: list = dataclasses.field(default_factory=list)  # What was read of trust: what decides it, and its digest.


@dataclasses.dataclass
class Told:
    """One message of a watch, as it came."""

    process: str
    begun_ns: int       # When the call was made that it belongs to.
    time_ns: int
    events: list        # Of each event: partnership, revision, position, digest.
    resume_position: str
    caught_up: bool = False
    partnerships: list = dataclasses.field(default_factory=list)  # The watch's filter; empty: everything.


@dataclasses.dataclass
class LogEntry:
    """One event of the whole log, read when all was over. Their order is that of the log."""

    log_index: int
    log_position: str
    partnership: str
    revision: int
    request_id: str     # On the first event that a command made.
    payload: str        # On every event that a command made.
    digest: str


@dataclasses.dataclass
class Fault:
    """What was done to the server or its surroundings."""

    kind: str
    begin_ns: int
    end_ns: int


@dataclasses.dataclass
class History:
    seed: int = 0
    operations: list = dataclasses.field(default_factory=list)
    told: list = dataclasses.field(default_factory=list)
    log: list = dataclasses.field(default_factory=list)
    log_read_ns: int = 0             # When the reading of the log began, all clients having ended.
    faults: list = dataclasses.field(default_factory=list)


class Recorder:
    """Takes a history down. Threads may share it: appending to a list is all they do."""

    def __init__(self, seed=0):
        self.history = History(seed=seed)

    def invoke(self, **fields):
        """To be called just before the call is made."""
        operation = Operation(invoke_ns=self.now_ns(), **fields)
        self.history.operations.append(operation)
        return operation

    @staticmethod
    def now_ns():
        return time.monotonic_ns()

    @staticmethod
    def close(operation, outcome, **fields):
        """To be called when the answer is there. An unknown outcome leaves the operation open."""
        if outcome != "unknown":
            operation.return_ns = time.monotonic_ns()
        operation.outcome = outcome
        for name, value in fields.items():
            setattr(operation, name, value)

    def tell(self, **fields):
        self.history.told.append(Told(time_ns=time.monotonic_ns(), **fields))


_KINDS = {"operation": (Operation, "operations"), "told": (Told, "told"), "log": (LogEntry, "log"), "fault": (Fault, "faults")}


def save(history, path):
    """Writes a line for each part, the operations in the order in which they began. What is absent or empty is left out."""
    with path.open("w", encoding="utf-8") as file:
        head = {"type": "history", "format": FORMAT, "seed": history.seed, "log_read_ns": history.log_read_ns}
        print(json.dumps(head), file=file)
        for name, (_, where) in _KINDS.items():
            parts = getattr(history, where)
            if name == "operation":
                parts = sorted(parts, key=lambda operation: operation.invoke_ns)
            for part in parts:
                fields = {key: value for key, value in vars(part).items()
                          if not (value is None or value is False or value in ("", []))}
                print(json.dumps({"type": name, **fields}), file=file)


def load(path):
    """Reads what save wrote. An unknown format or line is an error, never passed over."""
    history = None
    empty = {name: [(field.name, field.type) for field in dataclasses.fields(kind)
                    if field.default is dataclasses.MISSING and field.type in (str, list)] for name, (kind, _) in _KINDS.items()}
    with path.open(encoding="utf-8") as file:
        for line in file:
            fields = json.loads(line)
            name = fields.pop("type")
            if name == "history":
                if fields["format"] != FORMAT:
                    raise ValueError(f"a history of the format {fields['format']}, and this reads {FORMAT}")
                history = History(seed=fields["seed"], log_read_ns=fields["log_read_ns"])
                continue
            kind, where = _KINDS[name]
            for field, type_of_field in empty[name]:
                fields.setdefault(field, type_of_field())
            getattr(history, where).append(kind(**fields))
    if history is None:
        raise ValueError("the file is empty")
    return history
