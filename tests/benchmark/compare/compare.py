"""Runs the service and its peers on the same work in rounds that take turns, and prints what was measured as figures.

compare.sh installs the peers and calls this; ../README.md says what is measured and how to read it.
"""

import argparse
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
PERCENTILES = ("p50", "p99", "p99.9")
EVENT_BYTES = 200
STREAMS = 10_000
BATCH = 100
UNARY_GOAL = 4
BATCH_GOAL = 3
START_SECONDS_MAX = 120
END_SECONDS_MAX = 60
# A round may last longer than was asked for: a call that began in it ends in it.
ROUND_SECONDS_OVER_MAX = 120


class Failure(Exception):
    """A program did not do what it was started for; the text says which and what it said."""


class Program:
    """A program whose lines, of both outputs, are waited for."""

    def __init__(self, name, command, **options):
        self.name = name
        self.said = []
        self._lines = queue.Queue()
        self._process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, text=True, errors="replace", **options)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def expect(self, pattern, seconds):
        """The match of the first line that fits."""
        while True:
            try:
                line = self._lines.get(timeout=seconds)
            except queue.Empty:
                raise Failure(f"{self.name} said nothing for {seconds} s") from None
            if line is None:
                raise Failure(f"{self.name} ended: {' | '.join(self.said[-3:]) or 'without a word'}")
            found = re.search(pattern, line)
            if found:
                return found
            self.said = [*self.said[-20:], line]

    def ask(self, question, seconds):
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # What it said at its end comes with the answer.
        return json.loads(self.expect(r"^\{.*\"calls\".*\}$", seconds).group(0))

    def end(self):
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def run(command, **options):
    """The output of a command that must end well."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode:
        raise Failure(f"{pathlib.Path(str(command[0])).name}: {' | '.join(done.stdout.split(chr(10))[-4:])}")
    return done.stdout


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Peer:
    """A server on a new store and the program that loads it; both run until the end."""

    batch_is = f"one transaction of {BATCH} events, each of any stream"

    def __init__(self, arguments, directory):
        self.arguments = arguments
        self.directory = directory
        self.tools = arguments.tools
        self.programs = []
        self.events_stored = 0
        directory.mkdir()

    def start(self):
        raise NotImplementedError

    def keep(self, program):
        self.programs.append(program)
        return program

    def measure(self, work):
        asked = {"in_flight": work.in_flight, "events_per_call": work.events_per_call,
                 "round_ms": self.arguments.round_ms, "warm_up_ms": self.arguments.warm_up_ms}
        seconds = (asked["round_ms"] + asked["warm_up_ms"]) / 1000 + ROUND_SECONDS_OVER_MAX
        seen = self.load.ask(asked, seconds)
        self.events_stored += seen["events_stored"]
        return {"rate": seen["calls"] * work.events_per_call / seen["seconds"], **{p: seen[p] for p in PERCENTILES}}

    def load_with(self, command, **options):
        self.load = self.keep(Program(f"the load of {self.name}", command, **options))
        self.load.expect(r'"ready"', START_SECONDS_MAX)

    def end(self):
        for program in reversed(self.programs):
            program.end()


class OnPostgres(Peer):
    """In a cluster of its own, with the defaults of initdb but for the number of connections."""

    script = database = ""

    def start(self):
        # It refuses to run as root.
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if owner:
            shutil.chown(self.directory, "postgres", "postgres")
        owner["cwd"] = self.directory
        programs, cluster, port = self.arguments.postgres, self.directory / "cluster", free_port()
        run([programs / "initdb", "-D", cluster, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"], **owner)
        server = self.keep(Program("PostgreSQL", [
            programs / "postgres", "-D", cluster, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300",
            "-c", f"unix_socket_directories={self.directory}"], **owner))
        server.expect("ready to accept connections", START_SECONDS_MAX)
        environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PGHOST": "127.0.0.1", "PGPORT": str(port),
                       "PGUSER": "postgres"}
        self.prepare(environment)
        settings = {name: run([programs / "psql", "-Atc", f"SHOW {name}", self.database], env=environment).strip()
                    for name in ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "server_version")}
        if (settings["fsync"], settings["synchronous_commit"]) != ("on", "on"):
            raise Failure(f"PostgreSQL is not durable here: {settings}")
        self.durability = ", ".join(f"{name}={settings[name]}" for name in ("fsync", "synchronous_commit", "wal_sync_method"))
        self.version = f"{self.package_version()} on PostgreSQL {settings['server_version'].split()[0]}"
        self.load_with(["node", self.tools / self.script, f"postgresql://postgres@127.0.0.1:{port}/{self.database}"])

    def package_version(self):
        return json.loads((self.tools / "node_modules" / self.package / "package.json").read_text(encoding="utf-8"))["version"]


class MessageDb(OnPostgres):
    name = "message_db"
    package = "@eventide/message-db"
    script = "message_db.js"
    database = "message_store"

    def prepare(self, environment):
        run(["bash", self.tools / "node_modules" / self.package / "database" / "install.sh"], env=environment)


class Emmett(OnPostgres):
    name = "emmett"
    package = "@event-driven-io/emmett-postgresql"
    script = "emmett.js"
    database = "emmett"
    batch_is = f"one transaction of {BATCH} events of one stream"

    def prepare(self, environment):
        run([self.arguments.postgres / "createdb", self.database], env=environment)


class UmaDb(Peer):
    name = "umadb"
    durability = "its only mode: synced before the answer"

    def start(self):
        port = free_port()
        environment = {**os.environ, "PYTHONPATH": str(self.tools / "python")}
        command = ["/usr/bin/python3", "-B", HERE / "umadb_peer.py"]
        server = self.keep(Program("UmaDB", [*command, "serve", "--listen", f"127.0.0.1:{port}", "--db-path",
                                             self.directory / "store"], env=environment))
        server.expect("is listening on", START_SECONDS_MAX)
        self.version = next((self.tools / "python").glob("umadb-*.dist-info")).name.split("-")[1].removesuffix(".dist")
        self.load_with([*command, "load", f"http://127.0.0.1:{port}"], env=environment)


class GoPeer(Peer):
    def version_of(self, module):
        return re.search(rf"{module} v(\S+)", (HERE / "go_peers" / "go.mod").read_text(encoding="utf-8")).group(1)


class Etcd(GoPeer):
    name = "etcd"
    durability = "its default: the log synced before the answer"

    def start(self):
        client, member = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        program = self.tools / "bin" / "etcd_peer"
        server = self.keep(Program("etcd", [
            program, "serve", "--data-dir", self.directory / "store", "--listen-client-urls", client, "--advertise-client-urls",
            client, "--listen-peer-urls", member, "--initial-advertise-peer-urls", member, "--initial-cluster",
            f"default={member}"]))
        server.expect("ready to serve client requests", START_SECONDS_MAX)
        self.version = self.version_of("go.etcd.io/etcd/server/v3")
        self.load_with([program, "load", client])


class Immudb(GoPeer):
    name = "immudb"
    durability = "its default, synced: the log synced before the answer, at most every 20 ms"

    def start(self):
        port = free_port()
        program = self.tools / "bin" / "immudb_peer"
        server = self.keep(Program("immudb", [program, "serve", self.directory / "store", port]))
        server.expect("sessions guard started", START_SECONDS_MAX)
        self.version = self.version_of("github.com/codenotary/immudb")
        self.load_with([program, "load", port], cwd=self.directory)


PEERS = (MessageDb, Emmett, UmaDb, Etcd, Immudb)


class Service:
    """trustd under its own load generator, which wants a new store for each round."""

    name = "trustd"

    def __init__(self, arguments, directory, durability):
        self.arguments = arguments
        self.directory = directory
        self.durability = durability

    def measure(self, work):
        store = self.directory / "store"
        server = Program("trustd", [self.arguments.programs / "benchmark_server", f"--data_directory={store}"])
        try:
            address = server.expect(r"^\S+:\d+$", START_SECONDS_MAX).group(0)
            flags = self.flags(work)
            said = subprocess.run([self.arguments.programs / "benchmark_client", f"--address={address}", "--simulation_rounds=0",
                                   "--readings=false", *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  check=False)
            if said.returncode:
                raise Failure(f"benchmark_client: {said.stderr.splitlines()[-1:]}")
        finally:
            server.end()
            shutil.rmtree(store, ignore_errors=True)
        figures = {figure["name"].removeprefix(self.prefix(work)): figure for figure in map(json.loads, said.stdout.splitlines())}
        latency = "message." if work.events_per_call > 1 else ""
        self.last = figures["rate"]
        return {"rate": figures["rate"]["value"], **{p: figures[latency + p]["value"] for p in PERCENTILES}}

    def flags(self, work):
        if work.events_per_call == 1:
            return ("--series=record_evidence", "--import_rounds=0", "--rounds=1", f"--round_ms={self.arguments.round_ms}",
                    f"--in_flight={work.in_flight}", f"--partnerships={STREAMS}")
        return ("--series=", "--import_rounds=1", f"--import_events={self.arguments.import_events}",
                f"--import_items={work.events_per_call}", f"--import_messages={work.in_flight}")

    @staticmethod
    def prefix(work):
        return f"record_evidence.in_flight_{work.in_flight}." if work.events_per_call == 1 else "import_history."


class Work:
    """So many calls in flight, each of so many events."""

    def __init__(self, in_flight, events_per_call):
        self.in_flight = in_flight
        self.events_per_call = events_per_call
        self.unary = events_per_call == 1
        batch = "" if self.unary else f"batch_{events_per_call}."
        self.label = f"{batch}in_flight_{in_flight}"
        self.service = "record_evidence" if self.unary else "import_history"
        self.goal = UNARY_GOAL if self.unary else BATCH_GOAL


class Comparison:
    def __init__(self, arguments, directory):
        self.arguments = arguments
        self.directory = directory
        file_system = run(["df", "--output=fstype", directory]).split()[-1]
        self.file_system = file_system
        self.service = Service(arguments, directory, f"fdatasync before the answer, {file_system}")
        self.peers = []
        self.figures = []

    def emit(self, name, value, unit, **rest):
        self.figures.append(json.dumps({"name": name, "value": value, "unit": unit, **rest}))
        print(self.figures[-1], flush=True)

    def leave_out(self, name, reason):
        print(f"compare.py: {name} does not run: {reason}", file=sys.stderr)
        self.emit(f"peers.{name}.ran", 0, "peers", durability="none", reason=reason)

    def start(self):
        absent = dict(text.split("=", 1) for text in self.arguments.absent)
        for kind in PEERS:
            if self.arguments.peers and kind.name not in self.arguments.peers:
                continue
            if kind.name in absent:
                self.leave_out(kind.name, absent[kind.name])
                continue
            print(f"starting {kind.name}", file=sys.stderr)
            peer = kind(self.arguments, self.directory / kind.name)
            try:
                peer.start()
            except (Failure, OSError) as failure:
                peer.end()
                self.leave_out(kind.name, str(failure))
                continue
            peer.durability += f", {self.file_system}"
            self.peers.append(peer)

    def run(self):
        self.start()
        for work in (*(Work(n, 1) for n in self.arguments.in_flight), *(Work(n, BATCH) for n in self.arguments.batches_in_flight)):
            if self.peers:
                self.measure(work)
        for peer in self.peers:
            self.emit(f"peers.{peer.name}.ran", 1, "peers", version=peer.version, durability=peer.durability)
        return bool(self.peers)

    def measure(self, work):
        """Rounds that take turns, then the figures of all of them."""
        before = {peer.name: peer.events_stored for peer in self.peers}
        seen = {}
        for number in range(self.arguments.rounds):
            for system in (self.service, *self.peers):
                print(f"{work.label}, round {number + 1}: {system.name}", file=sys.stderr)
                try:
                    seen.setdefault(system.name, []).append(system.measure(work))
                except Failure as failure:
                    if system is self.service:
                        raise
                    system.end()
                    self.peers = [peer for peer in self.peers if peer is not system]
                    seen.pop(system.name, None)
                    self.leave_out(system.name, str(failure))
        if self.peers:
            self.report(work, seen, before)

    def report(self, work, seen, before):
        medians = {name: {what: round(statistics.median(one[what] for one in rounds), 1) for what in ("rate", *PERCENTILES)}
                   for name, rounds in seen.items()}
        unit = "calls/s" if work.unary else "events/s"
        for peer in self.peers:
            circumstances = {
                "durability": peer.durability, "event_bytes": EVENT_BYTES, "events_per_call": work.events_per_call,
                "in_flight": work.in_flight, "streams": STREAMS, "events_in_store": before[peer.name], "version": peer.version,
                **({} if work.unary else {"batch": peer.batch_is})}
            for what in ("rate", *PERCENTILES):
                rounds = {"rounds": [round(one["rate"], 1) for one in seen[peer.name]]} if what == "rate" else {}
                self.emit(f"peers.{peer.name}.append.{work.label}.{what}", medians[peer.name][what],
                          unit if what == "rate" else "us", **circumstances, **rounds)
        best = max((peer.name for peer in self.peers), key=lambda name: medians[name]["rate"])
        circumstances = {
            "durability": self.service.durability, "in_flight": work.in_flight,
            **({"request_bytes": self.service.last["request_bytes"], "events_per_call": 1, "streams": STREAMS} if work.unary else
               {"item_bytes": self.service.last["item_bytes"], "batch": f"one message of at most {BATCH} items, whole histories"}),
            "events_in_store": self.service.last["events_in_store"]}
        for what in ("rate", *PERCENTILES):
            ours, theirs = medians[self.service.name][what], medians[best][what]
            goal = {"goal": work.goal, "rounds": [round(one["rate"], 1) for one in seen[self.service.name]]} if what == "rate" else {}
            self.emit(f"{work.service}.beside_peers.{work.label}.{what}", ours, unit if what == "rate" else "us",
                      baseline=f"peers.{best}.append.{work.label}.{what}", baseline_value=theirs,
                      ratio=round(ours / theirs, 3), **goal, **circumstances)

    def end(self):
        for peer in self.peers:
            peer.end()


def numbers(text):
    return [int(one) for one in text.split(",") if one]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="directory of benchmark_server and benchmark_client")
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="where compare.sh has put the peers")
    parser.add_argument("--postgres", type=pathlib.Path, default=pathlib.Path("."), help="directory of PostgreSQL's programs")
    parser.add_argument("--data-directory", type=pathlib.Path, required=True, help="a directory on a disk; the stores are made in it")
    parser.add_argument("--output", type=pathlib.Path, help="a file to append the figures to")
    parser.add_argument("--absent", action="append", default=[], metavar="PEER=REASON", help="a peer that could not be installed")
    parser.add_argument("--peers", type=lambda text: text.split(","), default=[], help="only these, a list")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--round-ms", type=int, default=2000)
    parser.add_argument("--warm-up-ms", type=int, default=1000, help="before each round of a peer; these calls do not count")
    parser.add_argument("--in-flight", type=numbers, default=[16, 64, 256])
    parser.add_argument("--batches-in-flight", type=numbers, default=[4, 16])
    parser.add_argument("--import-events", type=int, default=150_000, help="events of a round of the service's batches")
    return parser.parse_args()


def main():
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that the servers end, too.
    directory = pathlib.Path(tempfile.mkdtemp(prefix="peers.", dir=arguments.data_directory)).resolve()
    directory.chmod(0o711)  # PostgreSQL's user must get to its cluster.
    comparison = Comparison(arguments, directory)
    try:
        ran = comparison.run()
    except Failure as failure:
        print(f"compare.py: {failure}", file=sys.stderr)
        ran = False
    finally:
        comparison.end()
        shutil.rmtree(directory, ignore_errors=True)
    if arguments.output:
        with open(arguments.output, "a", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in comparison.figures)
    if not ran:
        print("compare.py: there is nothing to compare with", file=sys.stderr)
    return 0 if ran else 1


if __name__ == "__main__":
    sys.exit(main())
