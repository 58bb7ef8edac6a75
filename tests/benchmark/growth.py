"""Measures a store that grows: growth.py --trustd FILE --programs DIR --directory DIR [--sizes A,B] [--smoke].

Fills one store through ImportHistory to each of the sizes in turn, and measures the same at each. Prints each figure as one line of
JSON on standard output, beside it how it compares with the smallest size. README.md says what they mean.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import threading
import time

RATIO_GOAL = 0.8  # Of the rate at the smallest size.
DELAY_GOAL = 1.25  # Of the delay at the smallest size.
OPEN_SECONDS_GOAL = 3
BYTES_PER_EVENT_GOAL = 330
DURABLE = "fdatasync before the answer"


def run(arguments):
    """The figures that a program prints."""
    done = subprocess.run(list(map(str, arguments)), stdout=subprocess.PIPE, check=False, text=True)
    if done.returncode:
        sys.exit(f"growth.py: {pathlib.Path(arguments[0]).name} failed")
    return [json.loads(line) for line in done.stdout.splitlines()]


class Server:
    """A trustd on a store, whose memory and disk are watched while it lives."""

    samples = []  # (seconds, resident MiB, bytes on disk) of all of them.
    began = time.monotonic()

    def __init__(self, options):
        self._store = options.directory / "store"
        self._growth_client = options.programs / "growth_client"
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [options.trustd, "--listen=127.0.0.1:0", f"--data_directory={self._store}", *options.flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.address = self._address()
        self._ended = threading.Event()
        self._watches = [threading.Thread(target=self._sample, daemon=True), threading.Thread(target=self._drain, daemon=True)]
        for watch in self._watches:
            watch.start()

    def _address(self):
        for line in self._process.stderr:
            entry = json.loads(line)
            if entry.get("message") == "serving":
                return entry["address"]
            print(line, end="", file=sys.stderr)
        sys.exit("growth.py: the server did not start")

    def _drain(self):
        for line in self._process.stderr:
            if '"level":"info"' not in line:
                print(line, end="", file=sys.stderr)

    def _sample(self):
        while not self._ended.wait(0.5):
            self.note_memory()

    def note_memory(self):
        """Takes a sample; returns the peak of the resident memory in MiB."""
        status = pathlib.Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        kib = dict(re.findall(r"(VmHWM|VmRSS):\s*(\d+)", status))
        if not kib:
            return 0  # It has just ended.
        Server.samples.append((time.monotonic() - Server.began, int(kib["VmRSS"]) / 1024, bytes_on_disk(self._store)))
        return int(kib["VmHWM"]) / 1024

    def client(self, measure, **flags):
        """The figures of one measurement."""
        return run(self._command(measure, flags))

    def start_client(self, measure, **flags):
        """A measurement that is under way; nobody reads what it says."""
        return subprocess.Popen(self._command(measure, flags), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _command(self, measure, flags):
        return [str(self._growth_client), f"--address={self.address}", f"--server_process={self._process.pid}",
                f"--measure={measure}", *(f"--{name}={value}" for name, value in flags.items())]

    def end(self, number=signal.SIGTERM):
        """Ends it with a signal; returns its peak of resident memory in MiB."""
        peak = self.note_memory()
        self._ended.set()
        self._process.send_signal(number)
        code = self._process.wait()
        for watch in self._watches:
            watch.join()
        if code not in (0, -number):
            sys.exit(f"growth.py: the server ended with {code}")
        return peak


def bytes_on_disk(directory):
    """What the files take on the disk, the write-ahead log included."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.stat(os.path.join(folder, name)).st_blocks * 512
            except FileNotFoundError:
                pass  # A compaction is done with it.
    return total


def settled_bytes_on_disk(directory, quiet_s):
    """The same once it has stood still for so long."""
    last, since = bytes_on_disk(directory), time.monotonic()
    while time.monotonic() - since < quiet_s:
        time.sleep(quiet_s / 10)
        now = bytes_on_disk(directory)
        if now != last:
            last, since = now, time.monotonic()
    return last


class Growth:
    """The store, its sizes, and what was measured at the smallest."""

    def __init__(self, options):
        self._options = options
        self._store = options.directory / "store"
        self._partnerships = 0
        self._imported = 0  # Events; what is recorded between is not counted.
        self._salt = 1
        self._size = 0
        self._first = {}  # At the smallest size, by name.
        self._first_cpu = {}  # The same of the server's processor time.

    def measure(self, size):
        """Lets the store grow to a size and measures it."""
        self._size = size
        server = Server(self._options)
        (figure,) = server.client("import", partnerships=self._partnerships, events=size - self._imported,
                                  part_events=self._options.part_events)
        self._imported += figure["events"]
        self._partnerships = figure["partnerships"]
        self._rate("import_history.rate", [figure], value=figure["value"], rounds=figure["rounds"],
                   last_tenth=statistics.mean(figure["rounds"][-max(1, len(figure["rounds"]) // 10):]))
        self._bytes("after_import", bytes_on_disk(self._store), self._imported)
        server.client("index")
        self._bytes("settled", settled_bytes_on_disk(self._store, self._options.quiet_s), self._imported)
        self._rates("simulate_policy.rate", [server.client("simulate")[0] for _ in range(self._options.simulation_rounds)])
        self._follow(server)
        peaks = [server.end()]
        self._read_bare()
        self._replay()
        peaks += self._lives()
        self._put("memory.peak", max(peaks), "MiB", goal=self._options.memory_mib, absolute=True, durability="none",
                  lives=[round(peak) for peak in peaks])

    def _lives(self):
        """Starts the server again and again, each time after a kill under load."""
        options = self._options
        opens, record, cold, warm, peaks, wal = [], [], [], [], [], []
        server = Server(options)
        for life in range(options.lives + 1):
            server.client("index")
            if life > 0:
                # Others than in the lives before, as far as there are.
                begin = life * options.different
                cold += server.client("assess_cold", partnerships=self._partnerships, begin=begin, different=options.different)
                warm += server.client("assess_warm", partnerships=self._partnerships, begin=begin,
                                      different=min(1000, options.different), round_ms=options.round_ms)
                record += server.client("record_evidence", partnerships=self._partnerships, salt=self._next_salt(),
                                        round_ms=options.round_ms)
            if life == options.lives:
                break
            load = server.start_client("record_evidence", partnerships=self._partnerships, salt=self._next_salt(), round_ms=600_000)
            # As long as it takes to fill the write buffers to another level each time.
            time.sleep(options.load_s * (life + 1))
            if load.poll() is not None:
                sys.exit("growth.py: there was no load when the server was to be killed")
            peaks.append(server.end(signal.SIGKILL))
            load.wait()
            wal.append(sum(path.stat().st_size for path in self._store.glob("*.log")))
            server = Server(options)
            server.client("first_answer", partnerships=self._partnerships)
            opens.append(time.monotonic() - server.started)
        server.client("index")
        peaks.append(server.end())
        self._put("open_after_kill.max", max(opens), "s", goal=OPEN_SECONDS_GOAL, absolute=True, durability=DURABLE,
                  opens=[round(seconds, 3) for seconds in opens], wal_bytes=wal)
        for name, figures in (("record_evidence", record), ("assess_trust.cold", cold), ("assess_trust.warm", warm)):
            self._rates(f"{name}.in_flight_64.rate", figures)
        return peaks

    def _follow(self, server):
        figures = run([self._options.programs / "follow_client", f"--address={server.address}", "--watchers=100",
                       f"--calls={self._options.watch_calls}", "--import_events=1000", f"--salt={self._next_salt() * 10_000_000}"])
        for figure in figures:
            if figure["name"].endswith(".delay.p50"):
                self._put(figure["name"], figure["value"], figure["unit"], goal=DELAY_GOAL, durability=figure["durability"],
                          calls=figure["calls"])

    def _read_bare(self):
        figures = run([self._options.programs / "bare_store_loop", f"--data_directory={self._store}", f"--reads={self._options.different}"])
        self._put("bare_store_reads.rate", figures[0]["value"], figures[0]["unit"], goal=0, durability="none",
                  **{key: figures[0][key] for key in ("partnerships", "bytes_per_partnership", "cpu_us_per_partnership")})

    def _replay(self):
        for figure in run([self._options.programs / "log_replay", f"--data_directory={self._store}",
                           f"--rounds={self._options.replay_rounds}"]):
            self._put(figure["name"], figure["value"], figure["unit"], goal=RATIO_GOAL, durability="none", events=figure["events"],
                      payload_bytes=figure["payload_bytes"], rounds=figure["rounds"],
                      rounds_by_processor_time=figure["rounds_by_processor_time"])

    def _next_salt(self):
        self._salt += 1
        return self._salt

    def _bytes(self, when, size, events):
        # In a small store most of it is the write-ahead log.
        self._put(f"bytes_per_event.{when}", size / events, "bytes", goal=BYTES_PER_EVENT_GOAL, durability=DURABLE,
                  absolute=True, bytes_on_disk=size)

    def _rates(self, name, figures):
        self._rate(name, figures, value=statistics.median(figure["value"] for figure in figures),
                   rounds=[figure["value"] for figure in figures])

    def _rate(self, name, figures, value, **more):
        cpu = next((key for key in figures[0] if key.startswith("server_cpu")), None)
        kept = {key: figures[0][key] for key in ("in_flight", "calls", "partnerships") if key in figures[0]}
        means = {key: round(statistics.mean(figure[key] for figure in figures), 2) for key in figures[0]
                 if key.startswith(("p50", "p99", "server_cpu", "client_cpu", "other_cpus"))}
        if means.get(cpu):
            # What the server needs for one, by which others on the machine can do little.
            means["ratio_by_processor_time"] = round(self._first_cpu.setdefault(name, means[cpu]) / means[cpu], 3)
        self._put(name, value, figures[0]["unit"], goal=RATIO_GOAL, durability=figures[0]["durability"], **kept, **means, **more)

    def _put(self, name, value, unit, goal, absolute=False, **circumstances):
        """Prints a figure. absolute: the goal is of the value, at every size."""
        figure = {"name": f"growth.events_{self._size}.{name}", "value": value, "unit": unit}
        first = self._first.setdefault(name, figure)
        if absolute:
            figure |= {"goal": goal} if self._size == self._options.largest else {}
        elif first is not figure:
            figure |= {"baseline": first["name"], "baseline_value": first["value"], "ratio": value / first["value"]}
            figure |= {"goal": goal} if goal else {}
        print(json.dumps(figure | circumstances), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trustd", type=pathlib.Path, required=True)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--directory", type=pathlib.Path, required=True)
    parser.add_argument("--sizes", default="100000,10000000")
    parser.add_argument("--memory-mib", type=int, default=512, help="what the server is given")
    parser.add_argument("--samples", type=pathlib.Path, help="where to write memory and bytes on disk over time")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    options.flags = [f"--memory_mib={options.memory_mib}"]
    settings = {"lives": 5, "round_ms": 3000, "load_s": 1.0, "quiet_s": 5.0, "different": 10_000, "simulation_rounds": 2,
                "watch_calls": 500, "replay_rounds": 3, "part_events": 100_000}
    if options.smoke:
        settings |= {"lives": 1, "round_ms": 200, "load_s": 0.2, "quiet_s": 0.3, "different": 100, "simulation_rounds": 1,
                     "watch_calls": 20, "replay_rounds": 1}
    vars(options).update(settings)
    sizes = [int(size) for size in options.sizes.split(",")]
    options.largest = max(sizes)
    growth = Growth(options)
    for size in sizes:
        growth.measure(size)
    if options.samples:
        options.samples.write_text("".join(f"{s:.1f} {mib:.0f} {size}\n" for s, mib, size in Server.samples), encoding="ascii")


if __name__ == "__main__":
    main()
