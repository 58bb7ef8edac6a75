"""Peers that are gone without a word, and connections without a call: their places come back.

trustd's own times are a minute and an hour; here they are a second, and beside them stands a server with trustd's own, which must
not have done the same by then.
"""

import contextlib
import os
import pathlib
import signal
import sys
import time

import grpc

for folder in ("e2e", "consistency"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

import server  # pylint: disable=wrong-import-position
from relay_process import Relay
from server import Client, Server, ServerTest, await_true
from stubs import api

TIME_MS = 1000
SECONDS_MAX = 20.0  # For what takes two or three when the machine is not busy.


class PeerCase(ServerTest):
    def new_server(self, name, *flags):
        started = Server(self.folder / name, *flags, path=server.failing_trustd())
        self.addCleanup(server.end, started)
        return started

    def new_watch(self, client):
        """A watch that has been let in."""
        watch = client.history.WatchEvents(api.WatchEventsRequest())
        self.addCleanup(watch.cancel)
        next(watch)
        return watch

    def lets_a_watch_in(self, client):
        try:
            self.new_watch(client).cancel()
            return True
        except grpc.RpcError as error:
            self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
            return False


class DeadPeerTest(PeerCase):
    def test_the_place_of_a_peer_that_answers_nothing_is_given_back(self):
        def watched_by_one_that_dies(name, *flags):
            started = self.new_server(name, "--watches_max=1", *flags)
            relay = Relay()
            self.addCleanup(relay.end)
            relay.order("target", started.address.rpartition(":")[2])
            peer = self.enterContext(contextlib.closing(Client(relay.address)))
            self.new_watch(peer)
            # What the peer says and what is said to it stays where it is; no connection is closed.
            os.kill(relay.process.pid, signal.SIGSTOP)
            self.addCleanup(os.kill, relay.process.pid, signal.SIGCONT)
            return started

        patient = watched_by_one_that_dies("patient")
        asking = watched_by_one_that_dies("asking", f"--keepalive_ms={TIME_MS}", f"--keepalive_timeout_ms={TIME_MS}")
        begun = time.monotonic()
        self.assertFalse(self.lets_a_watch_in(asking.client))
        await_true(lambda: self.lets_a_watch_in(asking.client), "the place of a dead peer")
        taken = time.monotonic() - begun
        print(f"given back after {taken:.1f} s", flush=True)
        self.assertLess(taken, SECONDS_MAX)
        self.assertFalse(self.lets_a_watch_in(patient.client), "the other one noticed it, too, and not by asking")


class IdleConnectionTest(PeerCase):
    def test_a_connection_without_a_call_is_closed_and_one_with_a_watch_is_not(self):
        states = {}

        def watch_state(name, client):
            client.channel.subscribe(lambda state: states.setdefault(name, []).append(state))
            client.await_serving()

        patient = self.new_server("patient")
        closing = self.new_server("closing", f"--connection_idle_ms={TIME_MS}")
        watcher = self.enterContext(contextlib.closing(Client(closing.address)))
        watch = self.new_watch(watcher)
        for name, client in (("patient", patient.client), ("closing", closing.client), ("watcher", watcher)):
            watch_state(name, client)
        left = grpc.ChannelConnectivity.IDLE
        begun = time.monotonic()
        await_true(lambda: states["closing"][-1] == left, "the end of a connection without a call")
        taken = time.monotonic() - begun
        print(f"closed after {taken:.1f} s", flush=True)
        self.assertLess(taken, SECONDS_MAX)
        next(watch)
        for name in ("patient", "watcher"):
            self.assertEqual(states[name][-1], grpc.ChannelConnectivity.READY, name)
        # And nobody notices who comes again.
        closing.client.await_serving()


if __name__ == "__main__":
    server.main()
