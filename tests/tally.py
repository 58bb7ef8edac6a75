"""Adds up what ctest wrote as JUnit files and prints the one line that counts: "N passed, N failed, N skipped".

Exits with 0 when something passed, nothing failed, and every skip is on the list of allowed ones.
Usage: tally.py [--failed-step NAME]... [--allowed-skip "NAME|REASON"]... FILE...
"""

import argparse
import sys
import xml.etree.ElementTree

OUTPUT_LINES_MAX = 30
OUTPUTS_MAX = 8


class Tally:
    """What happened to each test, by name."""

    def __init__(self):
        self.passed = []
        self.failed = []
        self.skipped = []
        self.outputs = {}

    def add_file(self, path):
        """Adds a JUnit file. One that cannot be read counts as a failure, since its tests are unknown."""
        try:
            suite = xml.etree.ElementTree.parse(path).getroot()
        except (OSError, xml.etree.ElementTree.ParseError) as error:
            self.failed.append(f"{path}: {error}")
            return
        for case in suite.iter("testcase"):
            self.add_case(case)

    def note_output(self, case):
        """Keeps the end of what a failed test printed: a long run's own output is gone when its end is read."""
        output = (case.findtext("system-out") or "").rstrip().splitlines()
        self.outputs[case.get("name")] = output[-OUTPUT_LINES_MAX:]

    def add_case(self, case):
        """ctest says "run", "fail", "notrun" and "disabled"; a test whose program is missing is "notrun" too."""
        name, status, skipped = case.get("name"), case.get("status"), case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None or status == "fail":
            self.failed.append(name)
            self.note_output(case)
        elif skipped is not None and skipped.get("message", "").startswith("Unable to find executable"):
            self.failed.append(f"{name}: its program was not built")
        elif skipped is not None or status in ("notrun", "disabled"):
            self.skipped.append(name)
        elif status == "run":
            self.passed.append(name)
        else:
            self.failed.append(f"{name}: the status {status} is not known")

    def report(self, allowed):
        """Prints the failures, the skips and the count, and returns the exit code."""
        forbidden = 0
        for name in self.skipped:
            if name in allowed:
                print(f"skipped, as allowed: {name}: {allowed[name]}")
            else:
                forbidden += 1
                print(f"skipped, not allowed: {name}: make it run, or allow it in tests/run.sh with a reason")
        for name in list(self.outputs)[:OUTPUTS_MAX]:
            print(f"---- the end of what {name} printed:")
            print(*self.outputs[name], sep="\n")
        for name in self.failed:
            print(f"failed: {name}")
        if not self.passed:
            print("no test passed, so nothing is known")
        print(f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.skipped)} skipped", flush=True)
        return 1 if self.failed or forbidden or not self.passed else 0


def main(arguments):
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--failed-step", action="append", default=[])
    parser.add_argument("--allowed-skip", action="append", default=[])
    parser.add_argument("files", nargs="*")
    options = parser.parse_args(arguments)
    tally = Tally()
    tally.failed.extend(options.failed_step)
    for path in options.files:
        tally.add_file(path)
    return tally.report(dict(row.split("|", 1) for row in options.allowed_skip))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
