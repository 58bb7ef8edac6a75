"""Checks that a file holds every figure of the benchmark, each once and greater than zero. Says nothing of speed."""

import json
import sys

CALLS = ("record_evidence", "record_evidence_with_request_id", "empty_rpc", "bare_empty_rpc", "handed_over_rpc",
         "flushed_rpc", "stored_rpc", "answered_rpc")
IN_FLIGHT = (1, 16, 64, 256, 1024)
READINGS = ("assess_trust", "empty_rpc_as_assess_trust")
READINGS_IN_FLIGHT = (64, 256)
GROWTH = ("import_history.rate", "bytes_per_event.after_import", "bytes_per_event.settled", "simulate_policy.rate", "bare_store_reads.rate",
          "watch_events.watchers_100.delay.p50", "log_replay.rate", "log_fold.rate", "open_after_kill.max",
          "record_evidence.in_flight_64.rate", "assess_trust.cold.in_flight_64.rate", "assess_trust.warm.in_flight_64.rate",
          "memory.peak")
PERCENTILES = ("p50", "p99", "p99.9")


def expected_names():
    names = ["import_history.rate", "simulate_policy.rate", "simulate_policy_differing.rate"]
    names += [f"import_history.message.{p}" for p in PERCENTILES]
    names += [f"disk_flush.{p}" for p in PERCENTILES]
    names += [f"{call}.in_flight_{n}.{what}" for call in CALLS for n in IN_FLIGHT for what in ("rate", *PERCENTILES)]
    names += [f"watch_events.watchers_{n}.{what}" for n in (1, 100)
              for what in (*(f"{delay}.{p}" for delay in ("delay", "delay_from_call") for p in ("p50", "p99", "max")), "rate")]
    names += [f"{call}.in_flight_{n}.{what}" for call in READINGS for n in READINGS_IN_FLIGHT for what in ("rate", *PERCENTILES)]
    names += ["log_replay.rate", "log_fold.rate", "bare_store_loop.rate", "import_history.beside_bare_store_loop.rate"]
    # The smoke run's store grows little.
    names += [f"growth.events_{n}.{what}" for n in (2000, 6000) for what in GROWTH]
    # Its histories are short.
    names += [f"assess_trust.events_{n}.{when}.{p}" for n in (20, 100) for when in ("cached", "after_restart")
              for p in ("p50", "p99", "max")]
    return names


def faults_of(lines):
    figures = {}
    for number, line in enumerate(lines, 1):
        try:
            figure = json.loads(line)
            name, value = figure["name"], figure["value"]
            if not figure["unit"] or not figure["durability"]:
                yield f"line {number}: {name} lacks its unit or durability"
            if not value > 0 and not name.endswith(".ran"):  # A peer may be missing.
                yield f"line {number}: {name} is {value}"
            if "baseline" in figure and not figure["ratio"] > 0:
                yield f"line {number}: {name} has no ratio to its baseline"
            if name in figures:
                yield f"line {number}: {name} is there twice"
            figures[name] = figure
        except (ValueError, KeyError, TypeError) as error:
            yield f"line {number} is no figure: {error!r}"
    for name in expected_names():
        if name not in figures:
            yield f"{name} is missing"
        elif name.startswith(("record_evidence", "assess_trust.in_flight")) and "ratio" not in figures[name]:
            yield f"{name} has no baseline"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = file.read().splitlines()
    faults = list(faults_of(lines))
    for fault in faults:
        print(f"check_figures.py: {fault}", file=sys.stderr)
    print(f"{len(lines)} figures, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
