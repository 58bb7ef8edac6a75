"""The relay of relay.py as a child process."""

import pathlib
import subprocess
import sys

from server import SECONDS_MAX


class Relay:
    """The relay, with orders in words. At first its connections go nowhere."""

    def __init__(self):
        program = pathlib.Path(__file__).resolve().with_name("relay.py")
        self.process = subprocess.Popen([sys.executable, "-B", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = f"127.0.0.1:{self.process.stdout.readline().strip()}"

    def order(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        if self.process.stdout.readline() != "done\n":
            raise AssertionError(f"the relay did not do {words}")

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=SECONDS_MAX)
        self.process.stdout.close()
