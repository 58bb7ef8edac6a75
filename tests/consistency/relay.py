"""A TCP relay as a process of its own, which can cut its connections: relay.py, then a command a line on stdin, each answered
with a line.

    target PORT    new connections go there, on 127.0.0.1
    cut SHARE      ends that share of the connections, from 0 to 1
    mute SHARE S   drops all that the server says on that share, for so many seconds, then cuts them: what was asked is done,
                   and nobody hears of it

The first line that it prints is the port on which it listens.
"""

import contextlib
import random
import socket
import sys
import threading


class Relay:
    def __init__(self):
        self.lock = threading.Lock()
        self.target = None
        self.links = set()
        self.muted = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.link, args=(client,), daemon=True).start()

    def link(self, client):
        with contextlib.closing(client):
            if self.target is None:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            with contextlib.closing(server):
                for side in (client, server):
                    side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                link = (client, server)
                with self.lock:
                    self.links.add(link)
                back = threading.Thread(target=self.pump, args=(server, client, link), daemon=True)
                back.start()
                self.pump(client, server, None)
                back.join()
                with self.lock:
                    self.links.discard(link)
                    self.muted.discard(link)

    def pump(self, source, sink, mutable_link):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if mutable_link is None or mutable_link not in self.muted:
                    sink.sendall(data)
        end((source, sink))

    def some(self, share):
        with self.lock:
            return {link for link in self.links if random.random() < share}

    def cut(self, share):
        for link in self.some(share):
            end(link)

    def mute(self, share, seconds):
        chosen = self.some(share)
        with self.lock:
            self.muted |= chosen
        threading.Event().wait(seconds)
        for link in chosen:
            end(link)


def end(link):
    for side in link:
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)


def main():
    relay = Relay()
    threading.Thread(target=relay.accept, daemon=True).start()
    print(relay.listener.getsockname()[1], flush=True)
    for line in sys.stdin:
        command, *numbers = line.split()
        if command == "target":
            relay.target = int(numbers[0])
        elif command == "cut":
            relay.cut(float(numbers[0]))
        elif command == "mute":
            relay.mute(float(numbers[0]), float(numbers[1]))
        else:
            sys.exit(f"relay.py: there is no command {command}")
        print("done", flush=True)


if __name__ == "__main__":
    main()
