"""The readings against the oracle, on random histories, without a server: what compare_test.py asks, answered by fold_log.

    /usr/bin/python3 tests/oracle/compare_fold.py FOLD_LOG [--seed N] [--count N] [--two-partners] [--mismatches-max N]

Exit: 0 all equal, 1 a mismatch, or too little met to have compared anything.
"""

import argparse
import random
import subprocess
import sys
import types

from google.protobuf import json_format

import compare_test
from compare_test import api


class FoldLog:
    """fold_log in the place of a client."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # pylint: disable=consider-using-with
        self.trust = types.SimpleNamespace(
            AssessTrust=lambda request, timeout: self.ask("A", request, api.AssessTrustResponse()),
            GetTrustTimeline=lambda request, timeout: self.ask("T", request, api.GetTrustTimelineResponse()))

    def tell(self, verb, message):
        self.process.stdin.write(f"{verb} {json_format.MessageToJson(message, indent=None)}\n")

    def ask(self, verb, request, response):
        self.tell(verb, request)
        self.process.stdin.flush()
        return json_format.Parse(self.process.stdout.readline(), response)

    def import_items(self, *messages):
        for items in messages:
            for item in items:
                self.tell("I", item)
                yield api.ImportResult(partnership=item.partnership, external_id=item.external_id,
                                           outcome=api.IMPORT_OUTCOME_CREATED)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description="Compares the readings with the oracle on random histories.")
    parser.add_argument("fold_log", help="the program")
    parser.add_argument("--seed", type=int, help="of the first history; default: random, printed")
    parser.add_argument("--count", type=int, default=100, help="how many histories")
    parser.add_argument("--two-partners", action="store_true", help="no larger partnerships")
    parser.add_argument("--mismatches-max", type=int, default=3, help="stop after so many histories that differ")
    options = parser.parse_args()
    options.held_only = options.today = False
    options.meta_times = True
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**9)
    print(f"seed {options.seed}, {options.count} histories", flush=True)
    client = FoldLog(options.fold_log)
    outcome = compare_test.run(client, options)
    client.stop()
    sys.exit(compare_test.conclude(options, *outcome))


if __name__ == "__main__":
    main()
