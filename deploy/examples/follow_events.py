#!/usr/bin/python3
"""Follows the events of a trustd into a file, a JSON object a line: each event once, in the order of the log, for ever.

    follow_events.py [--server HOST:PORT] [--partnership ID] [--kind KIND]... OUTPUT

Ends on SIGTERM or SIGINT. It may be killed at any moment, and so may the server: started again with the same arguments it goes on
where it was. How: beside OUTPUT stands OUTPUT.position, which names the place in the log that OUTPUT holds everything up to, and
how long OUTPUT was then. First the lines are made durable, then the position, by a rename, which happens or does not. What stands
in OUTPUT behind that length, when the program starts, was written by one that died in between: it is cut off, and comes again.

Needs python3-grpcio, python3-protobuf and protoc; reads the protos of this repository.
"""

import argparse
import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

import grpc
from google.protobuf import json_format

PROTOS = pathlib.Path(__file__).resolve().parents[2] / "proto"
PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX = 0.1, 5
# Worth trying again; every other status means that the request or the log is wrong, and no repetition mends that.
PASSING = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED,
           grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}


def load_messages():
    """The messages of history_service.proto, made from it anew."""
    with tempfile.TemporaryDirectory(prefix="follow-events-") as folder:
        protos = sorted(path.relative_to(PROTOS).as_posix() for path in PROTOS.glob("trust/v1/*.proto"))
        subprocess.run(["protoc", f"-I{PROTOS}", f"--python_out={folder}", *protos], check=True)
        sys.path.insert(0, folder)
        try:
            return importlib.import_module("trust.v1.history_service_pb2")
        finally:
            sys.path.remove(folder)


class Output:
    """The file of events and the place in the log that it stands for, kept together."""

    def __init__(self, path):
        self._state_path = pathlib.Path(f"{path}.position")
        state = {"position": "", "length": 0}
        if self._state_path.exists():
            state = json.loads(self._state_path.read_text(encoding="utf-8"))
        self.position = state["position"]
        self._file = open(path, "ab")
        if self._file.seek(0, os.SEEK_END) < state["length"]:
            sys.exit(f"{path} is shorter than {self._state_path} says; move both away to begin anew")
        self._file.truncate(state["length"])

    def take(self, lines, position):
        """Adds lines and moves to the position, or does neither."""
        if lines:
            self._file.write(b"".join(line.encode() + b"\n" for line in lines))
            self._file.flush()
            os.fsync(self._file.fileno())
        self.position = position
        fresh = self._state_path.with_name(self._state_path.name + ".new")
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump({"position": position, "length": self._file.seek(0, os.SEEK_END)}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self._state_path)
        folder = os.open(self._state_path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def follow(options, api, output, stopping):
    """Takes in what one call tells, until it ends. Returns whether it told anything."""
    request = api.WatchEventsRequest(partnership=options.partnership, kinds=options.kind, after_position=output.position)
    # A dead connection says nothing; pings find that out.
    with grpc.insecure_channel(options.server, options=[("grpc.max_receive_message_length", 8 << 20),
                                                        ("grpc.keepalive_time_ms", 30_000),
                                                        ("grpc.use_local_subchannel_pool", 1)]) as channel:
        watch = channel.unary_stream("/trust.v1.HistoryService/WatchEvents",
                                     request_serializer=api.WatchEventsRequest.SerializeToString,
                                     response_deserializer=api.WatchEventsResponse.FromString)
        # For servers that record who reads histories.
        reader = os.environ.get("TRUSTCTL_READER")
        call = watch(request, metadata=[("trust-reader", reader)] if reader else None)
        stopping.call = call
        told = False
        try:
            for message in call:
                told = True
                lines = [json_format.MessageToJson(event, indent=None, preserving_proto_field_name=True, sort_keys=True)
                         for event in message.events.events]
                # A heartbeat names the place that we have.
                if lines or message.resume_position != output.position:
                    output.take(lines, message.resume_position)
        except grpc.RpcError as error:
            if not stopping.asked and error.code() not in PASSING:
                raise
        return told


class Stopping:
    """Whether the program was asked to end; ends the call then."""

    def __init__(self):
        self.asked, self.call = False, None
        self._pause = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ask())

    def _ask(self):
        self.asked = True
        self._pause.set()
        if self.call is not None:
            self.call.cancel()

    def pause(self, seconds):
        self._pause.wait(seconds)


def main():
    parser = argparse.ArgumentParser(description="Follows the events of a trustd into a file.")
    parser.add_argument("--server", default="localhost:50051", metavar="HOST:PORT")
    parser.add_argument("--partnership", default="", metavar="ID", help="follow this one alone")
    parser.add_argument("--kind", action="append", default=[], metavar="KIND", help="only these, as partner_joined or evidence")
    parser.add_argument("output", metavar="OUTPUT")
    options = parser.parse_args()
    stopping = Stopping()
    api = load_messages()
    output = Output(options.output)
    pause = PAUSE_SECONDS_MIN
    while not stopping.asked:
        try:
            pause = PAUSE_SECONDS_MIN if follow(options, api, output, stopping) else min(2 * pause, PAUSE_SECONDS_MAX)
        except grpc.RpcError as error:
            sys.exit(f"follow_events.py: {error.code().name}: {error.details()}")
        if not stopping.asked:
            stopping.pause(pause)


if __name__ == "__main__":
    main()
