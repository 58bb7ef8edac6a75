"""What the tests of trustctl from outside share: running it, and a small partnership to run it on."""

import json
import os
import subprocess

import server
from server import SECONDS_MAX, ServerTest


class TrustctlCase(ServerTest):
    """A test with a server and a home of its own, so that nobody's configuration matters."""

    def setUp(self):
        super().setUp()
        self.home = self.folder / "home"
        self.home.mkdir()
        self.start()

    def environment(self, **more):
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("TRUSTCTL_", "XDG_")) and name != "NO_COLOR"}
        return {**clean, "HOME": str(self.home), **more}

    def command(self, *arguments):
        return [server.program("trustctl"), *map(str, arguments), "--server", self.server.address]

    def run_it(self, *arguments, text=""):
        return subprocess.run(self.command(*arguments), input=text, capture_output=True, text=True, timeout=SECONDS_MAX,
                              check=False, env=self.environment())

    def answer(self, *arguments, text=""):
        outcome = self.run_it(*arguments, text=text)
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ""), arguments)
        return outcome.stdout

    def json_lines(self, *arguments):
        return [json.loads(line) for line in self.answer(*arguments, "--json").splitlines()]

    def refusal(self, *arguments):
        outcome = self.run_it(*arguments)
        self.assertEqual(outcome.stdout, "")
        return outcome.returncode, outcome.stderr

    def found(self):
        self.answer("create", "acme-globex", "acme", "globex", "--on", "2024-01-08")
