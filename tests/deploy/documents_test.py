"""The documents that run: README.md, deploy/README.md and deploy/{api,auditor,operator}_guide.md. Usage: documents_test.py PROGRAMS [unittest's arguments]

In a ```console block each line that begins with "$ " is a command; lines belong to it as long as the shell wants more of them, and what
follows is what it prints. There "..." stands for any characters, and a line of nothing else for any lines. All commands of a document run
in one shell, one after the other, and each must succeed, or print what the document shows and end with what a line "# exit: N" says. A
block in Python, Go, JavaScript or C++ is an excerpt of the example client in that language. Every other block has the comment
<!-- not run: REASON --> before it, or <!-- tests/FILE runs this. -->, and its document says how many of those it has. A block that is
only indented would be seen by nobody, and is a mistake.
"""

import dataclasses
import os
import pathlib
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CLIENTS = REPOSITORY / "deploy" / "examples" / "clients"
SOURCES = {"python": CLIENTS / "python" / "client.py", "go": CLIENTS / "go" / "main.go",
           "javascript": CLIENTS / "node" / "client.js", "cpp": CLIENTS / "cpp" / "client.cc"}
SECONDS_MAX = 60
PROGRAMS = pathlib.Path()

# The ports that documents name; each run has others.
PORTS = ("50051", "50052", "9464")


@dataclasses.dataclass
class Block:
    language: str
    line: int  # Of its first line in the document.
    text: str
    reason: str  # Why it is not run; empty when it is.


@dataclasses.dataclass
class Command:
    line: int
    text: str
    expected: str
    code: int


def blocks_of(document):
    """The fenced blocks of a document."""
    blocks, block, before, previous = [], None, "", ""
    for number, line in enumerate(document.split("\n"), 1):
        if block is not None:
            if line.strip() == "```":
                blocks.append(block)
                block = None
            else:
                block.text += line + "\n"
        elif line.startswith("```"):
            reason = re.fullmatch(r"<!-- (?:not run: (.+)|(tests/\S+ runs this)\.) -->", before)
            block = Block(line[3:].strip(), number + 1, "", reason.group(1) or reason.group(2) if reason else "")
        elif line.startswith("    ") and line.strip() and not previous.strip():
            blocks.append(Block("indentation", number, line + "\n", ""))
        if line.strip():
            before = line.strip()
        previous = line
    if block is not None:
        raise ValueError(f"line {block.line}: the block has no end")
    return blocks


def is_whole(command):
    """Whether the shell would begin to run it."""
    heredoc = re.search(r"<<-?\s*['\"]?(\w+)", command)
    if heredoc:
        return command.split("\n")[-1] == heredoc.group(1)
    return not command.endswith("\\") and subprocess.run(["bash", "-n", "-c", command], capture_output=True, check=False).returncode == 0


def commands_of(block):
    commands, open_command = [], False
    for number, line in enumerate(block.text.split("\n")[:-1], block.line):
        if open_command:
            commands[-1].text += "\n" + line
        elif line.startswith("$ "):
            commands.append(Command(number, line[2:], "", 0))
        elif not commands:
            raise ValueError(f"line {number}: a block of a console begins with a command")
        elif re.fullmatch(r"# exit: \d+", line):
            commands[-1].code = int(line.split()[-1])
            continue
        else:
            commands[-1].expected += line + "\n"
            continue
        open_command = not is_whole(commands[-1].text)
    return commands


def as_camel_case(text):
    """Whether reflection tells grpcurl the names of JSON depends on the library of the server."""
    return re.sub(r'"[a-z0-9]+(?:_[a-z0-9]+)+":', lambda key: re.sub(r"_(.)", lambda found: found.group(1).upper(), key.group(0)), text)


def lines_of(text):
    return [line.rstrip() for line in as_camel_case(text).splitlines()]


def fits(expected, printed):
    """Whether what was printed is what is expected, "..." being anything."""
    printed, places = lines_of(printed), {0}  # How many printed lines those before this one can stand for.
    for line in lines_of(expected):
        if line.strip() == "...":
            places = set(range(min(places), len(printed) + 1)) if places else places
        else:
            pattern = ".*?".join(map(re.escape, line.split("...")))
            places = {place + 1 for place in places if place < len(printed) and re.fullmatch(pattern, printed[place])}
    return len(printed) in places


def faults_of_excerpt(block):
    """What is wrong with a block that shows a part of an example client, whatever its indentation."""
    wanted = textwrap.dedent(block.text).splitlines()
    lines = SOURCES[block.language].read_text(encoding="utf-8").splitlines()
    places = (textwrap.dedent("\n".join(lines[place:place + len(wanted)])).splitlines() for place in range(len(lines)))
    if wanted and wanted in places:
        return []
    return [f"line {block.line}: this does not stand so in {SOURCES[block.language].relative_to(REPOSITORY)}"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def grpcurl_program():
    path = shutil.which("grpcurl", path=os.pathsep.join((str(REPOSITORY / "build/tools/bin"), os.environ["PATH"])))
    if path is None:
        raise AssertionError("grpcurl is neither in build/tools/bin nor on the PATH; tests/run.sh installs it")
    return path


class Shell:
    """A shell in a directory of its own that looks like a clone after a build, with the programs on its PATH."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._ports = {port: free_port() for port in PORTS}
        programs = self.folder / ".programs"
        programs.mkdir()
        for name, path in (("trustd", PROGRAMS / "trustd"), ("trustctl", PROGRAMS / "trustctl" / "trustctl"), ("grpcurl", grpcurl_program())):
            (programs / name).symlink_to(path)
        for name in ("deploy", "proto"):
            (self.folder / name).symlink_to(REPOSITORY / name)
        (self.folder / "build").mkdir()
        for build in ("release", "test"):
            (self.folder / "build" / build).symlink_to(PROGRAMS.parent)
        tools = REPOSITORY / "build" / "tools"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRUSTCTL_")}
        # A reader has no TRUSTCTL_SERVER: it stands for the default address, whose port may be taken here.
        environment |= {"PATH": f"{programs}:{tools / 'bin'}:{os.environ['PATH']}", "NODE_PATH": str(tools / "node-client" / "node_modules"),
                        "TRUSTCTL_SERVER": f"127.0.0.1:{self._ports['50051']}"}
        self._process = subprocess.Popen(["bash", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.folder, env=environment,
                                         text=True, start_new_session=True)
        self._count = 0

    def close(self):
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(SECONDS_MAX)
        self._process.stdin.close()
        self._process.stdout.close()

    def run(self, command):
        """The status of a command and what it printed, with the ports that documents name."""
        self._count += 1
        output = self.folder / ".programs" / f"output-{self._count}"
        for port, real in self._ports.items():
            command = re.sub(rf"\b{port}\b", real, command)
        self._process.stdin.write(f"{{\n{command}\n}} >{output} 2>&1 </dev/null\nprintf '%s\\n' \"$?\"\n")
        self._process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            told = self._process.stdout.readline() if selector.select(SECONDS_MAX) else "-1"
        printed = output.read_text(encoding="utf-8") if output.exists() else ""
        for port, real in self._ports.items():
            printed = re.sub(rf"\b{real}\b", port, printed)
        return int(told or -1), printed


def faults_of(document, shell):
    """What is wrong with a document, a line each; after a command that fails, or prints something else, nothing more is run. And how many
    commands ran, how many blocks are excerpts, how many are not run."""
    faults, ran, excerpts, not_run = [], 0, 0, 0
    for block in blocks_of(document):
        if block.reason:
            not_run += 1
        elif block.language in SOURCES:
            excerpts += 1
            faults += faults_of_excerpt(block)
        elif block.language != "console":
            faults.append(f"line {block.line}: a block of \"{block.language}\" is neither run nor marked as not run")
        else:
            for command in commands_of(block):
                if any(fault.startswith("ran") for fault in faults):
                    break
                ran += 1
                code, printed = shell.run(command.text)
                if code != command.code or not fits(command.expected, printed):
                    faults.append(f"ran line {command.line}, it ended with {code} and printed:\n{printed}")
    if ran == 0:
        faults.append("nothing in it is run")
    return faults, (ran, excerpts, not_run)


class DocumentCase(unittest.TestCase):
    """A document, run from top to bottom."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="trustd-documents-", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.shell = Shell(folder.name)
        self.addCleanup(self.shell.close)

    def assert_runs(self, path, excerpts, not_run):
        begun = time.monotonic()
        faults, counts = faults_of((REPOSITORY / path).read_text(encoding="utf-8"), self.shell)
        print(f"{path}: {counts[0]} commands, {counts[1]} excerpts, {counts[2]} blocks not run, {time.monotonic() - begun:.1f} s", flush=True)
        self.assertEqual(faults, [], path + "\n" + "\n".join(faults))
        self.assertEqual(counts[1:], (excerpts, not_run), "excerpts, and blocks that are not run")

    def serve_alliances(self):
        """What the quickstart leaves running; tests/deploy/quickstart_test.py looks at that itself."""
        for command in ("trustd --listen=127.0.0.1:50051 --data_directory=.programs/store &", "trustctl wait --timeout 30s",
                        "trustctl import deploy/examples/alliances/*.jsonl"):
            code, printed = self.shell.run(command)
            self.assertEqual(code, 0, printed)


class ReadmeTest(DocumentCase):
    def test_what_the_readme_shows_is_what_happens(self):
        self.serve_alliances()
        self.assert_runs("README.md", excerpts=0, not_run=2)


class ApiGuideTest(DocumentCase):
    def test_the_guide_to_the_api_runs_from_top_to_bottom(self):
        self.assert_runs("deploy/api_guide.md", excerpts=13, not_run=0)


class AuditorGuideTest(DocumentCase):
    def test_the_guide_for_auditors_runs_from_top_to_bottom(self):
        self.assert_runs("deploy/auditor_guide.md", excerpts=0, not_run=0)


class OperatorGuideTest(DocumentCase):
    def test_the_guide_for_operators_runs_from_top_to_bottom(self):
        self.assert_runs("deploy/operator_guide.md", excerpts=0, not_run=0)


class DeployReadmeTest(DocumentCase):
    def test_the_page_of_who_installs_it_runs_from_top_to_bottom(self):
        self.serve_alliances()
        self.assert_runs("deploy/README.md", excerpts=0, not_run=9)


class PlantedMistakeTest(DocumentCase):
    """A document that is wrong is found to be."""

    def assert_faulty(self, document, words):
        faults, _ = faults_of(document, self.shell)
        self.assertTrue(any(words in fault for fault in faults), f"{document}\n{faults}")

    def test_other_output_than_shown_another_status_and_unknown_commands_are_found(self):
        good = "```console\n$ echo 'one\nline'; echo two\none\n...\nt...\n$ cat <<END\n$HOME\nEND\n...\n$ false\n# exit: 1\n```\n"
        self.assertEqual(faults_of(good, self.shell), ([], (3, 0, 0)))
        self.assert_faulty("```console\n$ echo one\ntwo\n```\n", "ran line 2")
        self.assert_faulty("```console\n$ echo one\n```\n", "printed:\none")
        self.assert_faulty("```console\n$ true\n...\none\n```\n", "ran line 2")
        self.assert_faulty("```console\n$ false\n```\n", "ended with 1")
        self.assert_faulty("```console\n$ trustctl stages\n...\n```\n", "ended with 2")

    def test_blocks_that_are_not_looked_at_are_found(self):
        self.assert_faulty("```console\n$ true\n```\n\n```\ngrpcurl\n```\n", "neither run nor marked")
        self.assert_faulty("<!-- not run: it takes an hour -->\n```console\n$ true\n```\n", "nothing in it is run")
        self.assert_faulty("```console\n$ true\n```\n\nSo:\n\n    grpcurl\n", "neither run nor marked")
        self.assert_faulty("```python\nimport nothing\n```\n", "does not stand so")

    def test_one_wrong_word_in_a_document_is_found(self):
        self.serve_alliances()
        readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
        for right, wrong in (("$ trustctl timeline", "$ trustctl time-line"), ("TrustService/AssessTrust\n", "TrustService/AssesTrust\n")):
            self.assertIn(right, readme)
            self.assert_faulty(readme.replace(right, wrong, 1), "ran line")


if __name__ == "__main__":
    PROGRAMS = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
