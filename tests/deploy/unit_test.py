"""deploy/trustd.service, judged by systemd's own tools. Usage: unit_test.py PROGRAMS [unittest's arguments]"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
UNIT = REPOSITORY / "deploy" / "trustd.service"
README = REPOSITORY / "deploy" / "README.md"
# What only systemd 254 and later knows, and earlier ones say that they ignore.
NEWER = "RestartSteps|RestartMaxDelaySec"
PROGRAMS = ""


def exposure(unit):
    """What systemd thinks of the unit's exposure, in tenths: 0 is none, 100 all."""
    printed = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)], capture_output=True, text=True,
                             check=True).stdout
    whole, tenth = re.search(r"Overall exposure level for \S+: (\d+)\.(\d)", printed).groups()
    return int(whole) * 10 + int(tenth)


class UnitTest(unittest.TestCase):
    def with_unit(self, text):
        """A unit of that text."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "trustd.service"
        path.write_text(text, encoding="utf-8")
        return path

    def verify(self, text):
        """What systemd finds wrong with a unit."""
        outcome = subprocess.run(["systemd-analyze", "verify", "--man=no", str(self.with_unit(text))], capture_output=True, text=True, check=False)
        version = int(subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True, check=True).stdout.split()[1])
        known = rf"Unknown key '(name )?'?({NEWER})'" if version < 254 else r"(?!)"
        return [line for line in outcome.stderr.splitlines() if not re.search(known, line)]

    def test_it_is_no_more_exposed_than_the_readme_says(self):
        whole, tenth = re.search(r"exposure of (\d+)\.(\d)", README.read_text(encoding="utf-8")).groups()
        self.assertLessEqual(exposure(UNIT), int(whole) * 10 + int(tenth))

    def test_a_weaker_unit_is_more_exposed(self):
        weaker = re.sub(r"(?m)^(SystemCallFilter|ProtectSystem)=.*\n", "", UNIT.read_text(encoding="utf-8"))
        self.assertGreater(exposure(self.with_unit(weaker)), exposure(UNIT))

    def test_systemd_finds_nothing_wrong(self):
        text = UNIT.read_text(encoding="utf-8").replace("/usr/sbin/trustd", f"{PROGRAMS}/trustd")
        self.assertEqual(self.verify(text), [])
        self.assertNotEqual(self.verify(text.replace("StateDirectoryMode", "StateDirectoryMood")), [])

    def test_its_memory_is_twice_what_trustd_plans_with(self):
        printed = subprocess.run([f"{PROGRAMS}/trustd", "--help"], capture_output=True, text=True, check=True).stdout
        mib = int(re.search(r"--memory_mib \(default: (\d+)\)", printed).group(1))
        self.assertIn(f"\nMemoryMax={2 * mib // 1024}G\n", UNIT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PROGRAMS = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
