"""Tests of tally.py, on JUnit files of the shapes that ctest writes."""

import contextlib
import io
import pathlib
import tempfile
import unittest

import tally

PASSED = '<testcase name="A.Passes" classname="A.Passes" time="0.1" status="run"/>'
FAILED = '<testcase name="A.Fails" status="fail"><failure message="Failed"/></testcase>'
SKIPPED = '<testcase name="format" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>'
NOT_BUILT = '<testcase name="b_tests_NOT_BUILT" status="notrun"><skipped message="Unable to find executable: b"/></testcase>'
DISABLED = '<testcase name="A.Disabled" status="disabled"><skipped message="Disabled"/></testcase>'


class TallyTest(unittest.TestCase):
    def outcome(self, *cases, arguments=()):
        """The exit code and the lines printed for a file of these cases."""
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "results.xml"
            path.write_text(f'<?xml version="1.0"?><testsuite name="x">{"".join(cases)}</testsuite>', encoding="utf-8")
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                code = tally.main([*arguments, str(path)])
        return code, printed.getvalue().splitlines()

    def test_all_passed(self):
        self.assertEqual(self.outcome(PASSED, PASSED), (0, ["2 passed, 0 failed, 0 skipped"]))

    def test_a_failure_fails_the_run(self):
        code, lines = self.outcome(PASSED, FAILED)
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("failed: A.Fails", lines)

    def test_the_end_of_what_a_failed_test_printed_is_repeated(self):
        said = "\n".join(f"line {number}" for number in range(100))
        case = f'<testcase name="A.Fails" status="fail"><failure message="Failed"/><system-out>{said}</system-out></testcase>'
        lines = self.outcome(PASSED, case)[1]
        self.assertEqual(lines[0], "---- the end of what A.Fails printed:")
        self.assertEqual(lines[-3:], ["line 99", "failed: A.Fails", "1 passed, 1 failed, 0 skipped"])
        self.assertEqual(len(lines), tally.OUTPUT_LINES_MAX + 3)

    def test_a_skip_fails_the_run_unless_it_is_allowed(self):
        self.assertEqual(self.outcome(PASSED, SKIPPED)[0], 1)
        code, lines = self.outcome(PASSED, SKIPPED, arguments=["--allowed-skip", "format|another version"])
        self.assertEqual((code, lines[-1]), (0, "1 passed, 0 failed, 1 skipped"))
        self.assertIn("skipped, as allowed: format: another version", lines)

    def test_a_disabled_test_is_a_skip(self):
        self.assertEqual(self.outcome(PASSED, DISABLED)[1][-1], "1 passed, 0 failed, 1 skipped")

    def test_a_program_that_was_not_built_is_a_failure(self):
        self.assertEqual(self.outcome(PASSED, NOT_BUILT)[1][-1], "1 passed, 1 failed, 0 skipped")

    def test_a_failed_step_is_a_failure(self):
        code, lines = self.outcome(PASSED, arguments=["--failed-step", "build asan"])
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_nothing_at_all_fails_the_run(self):
        self.assertEqual(self.outcome()[0], 1)

    def test_a_file_cut_in_half_is_a_failure(self):
        self.assertEqual(self.outcome("<testcase")[0], 1)


if __name__ == "__main__":
    unittest.main()
