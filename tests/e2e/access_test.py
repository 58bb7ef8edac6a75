"""The access record from outside: what operators and auditors see of who read which history when."""

import os
import re
import subprocess

import server
import story
from server import ALLIANCES, SECONDS_MAX, ServerTest
from stubs import api

ME = (("trust-reader", "auditor-7"), ("trust-purpose", "yearly audit"))


class AccessRecordTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.start("--record_accesses")

    def trustctl(self, *arguments, **environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TRUSTCTL_")}
        return subprocess.run([server.program("trustctl"), *map(str, arguments), "--server", self.server.address],
                              capture_output=True, text=True, timeout=SECONDS_MAX, check=False, env={**clean, **environment})

    def assert_lists(self, lines, *arguments):
        """Asserts that the record, as it is printed, has lines with these words, in this order, and no others."""
        outcome = self.trustctl("access", "--reader", "operator-1", *arguments)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        printed = [line for line in outcome.stdout.splitlines() if re.match(r" *\d{4}-\d\d-\d\dT", line)]
        self.assertEqual(len(printed), len(lines), outcome.stdout)
        for words, line in zip(lines, printed):
            for word in words:
                self.assertIn(word, line)

    def test_trustctl_names_the_reader_and_lists_the_record(self):
        self.assertEqual(self.trustctl("import", ALLIANCES / "klm-northwest.jsonl").returncode, 0)
        refused = self.trustctl("history", "klm-northwest")
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("--reader", refused.stderr)
        self.assertEqual(self.trustctl("history", "klm-northwest", "--reader", "ärztin").returncode, 2)
        told = self.trustctl("history", "klm-northwest", "--reader", "auditor-7", "--purpose", "yearly audit")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("klm", told.stdout)
        bundle = self.folder / "log.audit"
        exported = self.trustctl("audit", "export", "--out", bundle, TRUSTCTL_READER="auditor-8", TRUSTCTL_PURPOSE="on demand")
        self.assertEqual(exported.returncode, 0, exported.stderr)
        self.assertEqual(self.trustctl("stage", "klm-northwest").returncode, 0)  # Shows no event.
        switched, history = ("from here on accesses are recorded",), ("auditor-7", "yearly audit", "ListEvents", "klm-northwest")
        export, looked = ("auditor-8", "on demand", "ExportAudit", "the whole log"), ("operator-1", "ListEvents", "the whole log")
        self.assert_lists([switched, history, export, looked])
        self.assert_lists([switched, history, export, looked, looked], "klm-northwest")
        self.assert_lists([switched, export, looked, looked, looked], "vw-suzuki")
        # The record is part of the log that is proved.
        checked = self.trustctl("audit", "check", bundle)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("history_accessed", bundle.read_text(encoding="utf-8"))
        self.assertEqual(self.trustctl("verify").returncode, 0)

    def test_an_access_that_was_answered_is_in_the_record_after_a_kill(self):
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)
        for number in range(20):
            self.client.history.ListEvents(api.ListEventsRequest(partnership="acme-globex", page_size=number + 1), metadata=ME,
                                           timeout=SECONDS_MAX)
        self.server.kill()
        self.start("--record_accesses")
        page = self.client.history.ListEvents(
            api.ListEventsRequest(kinds=["history_accessed"], include_system=True), metadata=ME, timeout=SECONDS_MAX)
        accesses = [event.history_accessed for event in page.events]
        self.assertEqual([access.question for access in accesses[:20]],
                         [f'{{"partnership":"acme-globex","page_size":{number + 1}}}' for number in range(20)])
        self.assertEqual(len(accesses), 21)

    def test_a_server_without_the_record_says_from_where_on_it_is_missing(self):
        self.restart()
        outcome = self.trustctl("access")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn("from here on accesses are not recorded", outcome.stdout)


if __name__ == "__main__":
    server.main()
