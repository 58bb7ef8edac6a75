"""Measures UmaDB: "umadb_peer.py serve FLAG..." is the server itself, "umadb_peer.py load URL" the load through its own client.

The client waits in its call, so that each call in flight has a thread.
"""

import json
import random
import sys
import threading
import time

import umadb
from umadb.umadb_server_cli import main as serve

STREAMS = 10000
EVENT_BYTES = 200
HEAD, TAIL = b'{"type":"Recorded","note":"', b'"}'
DATA = HEAD + b"x" * (EVENT_BYTES - len(HEAD) - len(TAIL)) + TAIL


class Round:
    """Calls that end while it lasts are those that count."""

    def __init__(self, client, asked):
        self.client = client
        self.asked = asked
        self.begin = time.perf_counter() + asked["warm_up_ms"] / 1000
        self.end = self.begin + asked["round_ms"] / 1000
        self.latencies = []
        self.calls = 0
        self.failure = None
        self.lock = threading.Lock()

    def loop(self):
        latencies, calls, count = [], 0, self.asked["events_per_call"]
        try:
            while (sent := time.perf_counter()) < self.end:
                # A tag is what makes a stream here.
                self.client.append([umadb.Event("Recorded", DATA, [f"partnership-{random.randrange(STREAMS)}"])
                                    for _ in range(count)])
                calls += 1
                if self.begin <= (done := time.perf_counter()) <= self.end:
                    latencies.append((done - sent) * 1e6)
        except (RuntimeError, ValueError) as error:
            self.failure = error
        with self.lock:
            self.latencies += latencies
            self.calls += calls

    def run(self):
        threads = [threading.Thread(target=self.loop) for _ in range(self.asked["in_flight"])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failure is not None:
            raise self.failure
        if not self.latencies:
            raise RuntimeError(f"no call ended in {self.asked['round_ms']} ms")
        self.latencies.sort()
        at = lambda share: self.latencies[int(share * (len(self.latencies) - 1))]
        return {"calls": len(self.latencies), "seconds": self.asked["round_ms"] / 1000, "events_stored": self.calls * self.asked["events_per_call"],
                "p50": at(0.5), "p99": at(0.99), "p99.9": at(0.999)}


def main():
    if sys.argv[1] == "serve":
        del sys.argv[1]
        serve()
        return
    with umadb.Client(sys.argv[2]) as client:
        client.head()
        print('{"ready": true}', flush=True)
        for line in sys.stdin:
            print(json.dumps(Round(client, json.loads(line)).run()), flush=True)


if __name__ == "__main__":
    main()
