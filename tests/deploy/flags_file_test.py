"""deploy/trustd.flags says of each flag what the program says. Usage: flags_file_test.py PROGRAMS [--update | unittest's arguments]

PROGRAMS is the folder of trustd. --update writes the file anew from trustd --help.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
FILE = REPOSITORY / "deploy" / "trustd.flags"
WIDTH = 100
# Of --help alone, or of the command line.
NOT_IN_FILES = {"help", "version"}
HEAD = """\
# Flags of trustd, for --flagfile. Each stands here with what it is for and its default; take the # away from a line that
# begins with #-- to set another value. trustd reads this when it starts. The system service names its --data_directory by
# itself: /var/lib/trustd/store.
"""
PROGRAMS = ""


def flags_of_the_program():
    """The name of each flag, with its default and its help."""
    printed = subprocess.run([f"{PROGRAMS}/trustd", "--help"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^  --(\w+) \(default: (.*)\)\n      (.*)$", printed, re.MULTILINE)
    named = set(re.findall(r"^  --(\w+)", printed, re.MULTILINE))
    assert named - NOT_IN_FILES == {name for name, _, _ in found}, printed
    return {name: ("" if default == '""' else default, text) for name, default, text in found}


def flags_of_the_file(text):
    """The same of a file of flags; fails when one stands there twice or is set."""
    flags, comment = {}, []
    for line in text.removeprefix(HEAD).splitlines():
        written = re.fullmatch(r"#--(\w+)=(.*)", line)
        if written:
            name, default = written.groups()
            if name in flags:
                raise ValueError(f"--{name} stands there twice")
            flags[name] = (default, " ".join(comment))
            comment = []
        elif line.startswith("# "):
            comment.append(line[2:])
        elif line:
            raise ValueError(f"{line}: a flag that is set, or no flag")
    return flags


def file_of(flags):
    blocks = [HEAD]
    for name, (default, text) in flags.items():
        comment = textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False,
                                break_on_hyphens=False)
        blocks.append("\n".join([*comment, f"#--{name}={default}"]) + "\n")
    return "\n".join(blocks)


class FlagsFileTest(unittest.TestCase):
    def test_it_has_each_flag_with_its_default_and_its_help_and_no_other(self):
        flags = flags_of_the_program()
        self.assertGreater(len(flags), 20)
        self.assertEqual(flags_of_the_file(FILE.read_text(encoding="utf-8")), flags, "flags_file_test.py PROGRAMS --update mends it")

    def test_a_missing_flag_another_default_and_one_that_is_set_are_found(self):
        flags = flags_of_the_program()
        text = file_of(flags)
        self.assertEqual(flags_of_the_file(text), flags)
        self.assertNotEqual(flags_of_the_file(re.sub(r"#--listen=.*\n", "", text)), flags)
        self.assertNotEqual(flags_of_the_file(text.replace("#--read_threads=2", "#--read_threads=3")), flags)
        with self.assertRaises(ValueError):
            flags_of_the_file(text.replace("#--listen=", "--listen="))

    def test_trustd_takes_the_file_as_it_is_and_with_every_default_written_out(self):
        text = FILE.read_text(encoding="utf-8")
        for flags in (text, re.sub(r"^#--", "--", text, flags=re.MULTILINE)):
            with tempfile.TemporaryDirectory() as folder:
                file = pathlib.Path(folder) / "trustd.flags"
                file.write_text(flags, encoding="utf-8")
                # Later values count. It ends at the address, the last thing that a start comes to: every flag was read by then.
                outcome = subprocess.run(
                    [f"{PROGRAMS}/trustd", f"--flagfile={file}", f"--data_directory={folder}/store", "--listen=192.0.2.1:1",
                     "--danger_plaintext_anywhere"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(outcome.returncode, 1, outcome.stderr)
                self.assertIn("cannot listen on 192.0.2.1:1", outcome.stderr)


if __name__ == "__main__":
    PROGRAMS = sys.argv.pop(1)
    if sys.argv[1:] == ["--update"]:
        FILE.write_text(file_of(flags_of_the_program()), encoding="utf-8")
    else:
        unittest.main()
