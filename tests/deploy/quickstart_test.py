"""The quickstart and its list of packages, run as a newcomer would. Usage: quickstart_test.py PROGRAMS [unittest's arguments]

PROGRAMS is the folder of trustd and trustctl, so that nothing is built here.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
QUICKSTART = REPOSITORY / "deploy" / "quickstart.sh"
ALLIANCES = REPOSITORY / "deploy" / "examples" / "alliances"
SECONDS_MAX = 120
PROGRAMS = ""


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def imported_items():
    """The partnerships of the alliances, and how many items there are in all."""
    items = [json.loads(line) for path in sorted(ALLIANCES.glob("*.jsonl"))
             for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return sorted({item["partnership"] for item in items}), len(items)


class QuickstartTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.data = pathlib.Path(self.folder.name) / "new" / "store"
        self.address = free_address()

    def command(self, *arguments):
        return [str(QUICKSTART), "--programs", PROGRAMS, "--data", str(self.data), "--listen", self.address, *arguments]

    def run_quickstart(self, *arguments):
        return subprocess.run(self.command(*arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=SECONDS_MAX, check=False)

    def log_size_at_start(self):
        """How many events the store held when the latest server began to serve, from its log."""
        lines = [json.loads(line) for line in self.data.with_name("store.log").read_text(encoding="utf-8").splitlines()]
        return next(int(line["log_size"]) for line in lines if line["message"] == "serving")

    def test_it_shows_every_alliance_and_a_second_run_imports_nothing_twice(self):
        partnerships, item_count = imported_items()
        first = self.run_quickstart("--once")
        self.assertEqual(first.returncode, 0, first.stdout + first.stderr)
        self.assertEqual(self.log_size_at_start(), 0)
        for partnership in partnerships:
            self.assertIn(f"trustctl timeline {partnership}", first.stdout)
        self.assertEqual(first.stdout.count("\ngrpcurl "), 3)

        second = self.run_quickstart("--once")
        self.assertEqual(second.returncode, 0, second.stdout + second.stderr)
        held = self.log_size_at_start()
        self.assertGreaterEqual(held, item_count)

        third = self.run_quickstart("--once")
        self.assertEqual(self.log_size_at_start(), held)
        mark = "How far each partner trusts the other"
        self.assertEqual(second.stdout.split(mark)[1], first.stdout.split(mark)[1])
        self.assertEqual(third.stdout.split(mark)[1], first.stdout.split(mark)[1])

    def test_it_serves_until_ctrl_c(self):
        with subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              start_new_session=True) as process:
            seen = []
            for line in process.stdout:
                seen.append(line)
                if "until Ctrl-C" in line:
                    break
            self.assertIn("until Ctrl-C", "".join(seen[-1:]), "".join(seen))
            host, port = self.address.split(":")
            socket.create_connection((host, int(port)), timeout=10).close()
            # A terminal sends it to all that run in the foreground, the server included.
            os.killpg(process.pid, signal.SIGINT)
            rest = process.stdout.read()
            self.assertEqual(process.wait(timeout=SECONDS_MAX), 0, rest)
        with self.assertRaises(OSError):
            socket.create_connection((host, int(port)), timeout=10).close()

    def test_sigterm_to_the_script_alone_stops_the_server_too(self):
        with subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              start_new_session=True) as process:
            next((line for line in process.stdout if "until Ctrl-C" in line), None)
            process.send_signal(signal.SIGTERM)
            rest = process.stdout.read()
            self.assertEqual(process.wait(timeout=SECONDS_MAX), 0, rest)
        host, port = self.address.split(":")
        with self.assertRaises(OSError):
            socket.create_connection((host, int(port)), timeout=10).close()

    def test_a_port_in_use_is_said_by_the_server(self):
        with socket.socket() as taken:
            host, port = self.address.split(":")
            taken.bind((host, int(port)))
            taken.listen()
            outcome = self.run_quickstart("--once")
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn("cannot listen on " + self.address, outcome.stderr)

    def run_beside_another(self, change):
        """The outcome of a run while another serves, after `change` has made the two differ."""
        with subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              start_new_session=True) as process:
            next((line for line in process.stdout if "until Ctrl-C" in line), None)
            change()
            outcome = self.run_quickstart("--once")
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
        return outcome

    def test_another_server_on_the_port_is_not_taken_for_its_own(self):
        def change():
            self.data = self.data.with_name("other")

        outcome = self.run_beside_another(change)
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn("cannot listen on " + self.address, outcome.stderr)
        self.assertNotIn("Importing", outcome.stdout)

    def test_a_store_in_use_is_said_by_the_server(self):
        def change():
            self.address = free_address()

        outcome = self.run_beside_another(change)
        self.assertNotEqual(outcome.returncode, 0)
        self.assertRegex(outcome.stderr, "trustd: .*process")

    def test_a_wrong_option_is_named(self):
        outcome = self.run_quickstart("--onse")
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn("--onse", outcome.stderr)

    def test_help_installs_and_starts_nothing(self):
        outcome = self.run_quickstart("--help")
        self.assertEqual(outcome.returncode, 0)
        self.assertIn("--data DIR", outcome.stdout)
        self.assertFalse(self.data.parent.exists())


class PackagesTest(unittest.TestCase):
    def run_with_packages(self, script):
        """Runs a script after packages.sh, without the rights of root, which the folder of this clone may be closed to."""
        packages = (REPOSITORY / "deploy" / "packages.sh").read_text(encoding="utf-8")
        command = ["bash", "-c", f"{packages}\n{script}"]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=65534", "--clear-groups", *command]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/",
                              timeout=SECONDS_MAX, check=False)

    def test_only_what_is_missing_is_named(self):
        outcome = self.run_with_packages('missing_packages "coreutils command ls" "no-such-package command no-such-program"')
        self.assertEqual(outcome.stdout, "no-such-package\n")

    def test_a_header_is_found_by_the_compiler(self):
        outcome = self.run_with_packages(
            'on_debian() { false; }\nmissing_packages "there header vector" "not-there header no/such/header.h"')
        self.assertEqual(outcome.stdout, "not-there\n")

    def test_without_rights_it_says_what_is_missing_and_stops(self):
        for sudo in ('command() { [[ $2 != sudo ]] && builtin command "$@"; }', "sudo() { false; }"):  # None, and one that asks.
            with self.subTest(sudo=sudo):
                outcome = self.run_with_packages(f'{sudo}\nensure_packages "no-such-package command no-such-program" && echo went on')
                self.assertNotEqual(outcome.returncode, 0)
                self.assertIn("takes root or sudo, and neither is at hand", outcome.stderr)
                self.assertIn("\n  no-such-package\n", outcome.stderr)
                self.assertNotIn("went on", outcome.stdout)

    def test_on_another_distribution_nothing_is_installed(self):
        outcome = self.run_with_packages(
            'on_debian() { false; }\nensure_packages "no-such-package command no-such-program" && echo went on')
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn("This is not Debian", outcome.stderr)
        self.assertIn("\n  no-such-package\n", outcome.stderr)
        self.assertNotIn("went on", outcome.stdout)

    def test_on_another_distribution_that_has_everything_it_goes_on(self):
        outcome = self.run_with_packages('on_debian() { false; }\nensure_packages "coreutils command ls" && echo went on')
        self.assertEqual((outcome.returncode, outcome.stdout), (0, "went on\n"))


if __name__ == "__main__":
    PROGRAMS = sys.argv.pop(1)
    unittest.main()
