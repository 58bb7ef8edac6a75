"""Runs one linter over the sources: linters.py format | shell | proto | clang_tidy BUILD_DIRECTORY.

Exits with 0 when nothing is found, 1 when something is, 77 when the linter is not here in the version that judges. Each first
proves on a planted mistake that it can fail.
"""

import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import rules

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CLANG_VERSION = "14"  # Debian 12's. Other versions format and warn otherwise.
CLANG_TIDY_SECONDS_MAX = 600  # For one check.
UNITS_TOGETHER_MAX = 2  # Of 16 sources each.
SKIPPED = 77


def run(command, **options):
    """The outcome of a command, with everything that it printed as one text."""
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=options.pop("stdin", subprocess.DEVNULL),
                          text=True, check=False, **options)


def skip(reason):
    print(reason)
    sys.exit(SKIPPED)


def find_clang_tool(name):
    """The tool in the version that judges, or the end of the program."""
    for candidate in (f"{name}-{CLANG_VERSION}", name):
        if shutil.which(candidate) and re.search(rf"version {CLANG_VERSION}\.", run([candidate, "--version"]).stdout):
            return candidate
    return skip(f"there is no {name} {CLANG_VERSION} here")


def must_fail(outcome, what):
    """Ends the program when a linter passed a planted mistake."""
    if outcome.returncode == 0:
        sys.exit(f"{what} took a planted mistake for right, so it proves nothing")


def lint_format():
    tool = find_clang_tool("clang-format")
    arguments = [tool, "--style=file", "--dry-run", "-Werror"]
    planted = subprocess.run([*arguments, "--assume-filename=planted.cc"], input="int  f( ){return 1;}\n", cwd=REPOSITORY,
                             capture_output=True, text=True, check=False)
    must_fail(planted, tool)
    outcome = run([*arguments, *rules.Tree(REPOSITORY).sources()], cwd=REPOSITORY)
    places = collections.Counter(line.split(":")[0] for line in outcome.stdout.splitlines() if ": error: " in line)
    for path, count in sorted(places.items()):
        print(f"{path}: {count} places")
    if outcome.returncode:
        print(f"Mend it with: {tool} -i {' '.join(sorted(places)) or outcome.stdout}")
    return outcome.returncode


def lint_shell():
    tree = rules.Tree(REPOSITORY)
    scripts = [path for path in tree.files if path.endswith(".sh") or re.match(r"#!.*\b(ba)?sh\b", tree.text(path))]
    if not shutil.which("shellcheck"):
        return skip("there is no shellcheck here")
    with tempfile.TemporaryDirectory() as directory:
        planted = pathlib.Path(directory) / "planted.sh"
        planted.write_text('#!/bin/bash\nrm $1\n', encoding="utf-8")
        must_fail(run(["shellcheck", str(planted)]), "shellcheck")
    outcome = run(["shellcheck", "--external-sources", *scripts], cwd=REPOSITORY)
    print(outcome.stdout)
    return outcome.returncode


def lint_proto(build):
    """Lints with the buf that tests/run.sh put below build/tools/, or the one on the PATH, and looks for what would break callers or
    stores of the contract in tests/golden/protos.binpb.gz. That file is written anew with each release, never to pass:
    cd proto && buf build --exclude-source-info -o ../tests/golden/protos.binpb.gz"""
    tool = shutil.which("buf", path=f"{REPOSITORY / 'build' / 'tools' / 'bin'}:{os.environ.get('PATH', '')}")
    if tool is None:
        return skip("there is no buf here; tests/run.sh installs it")
    environment = {**os.environ, "BUF_CACHE_DIR": str(pathlib.Path(build) / "buf")}
    with tempfile.TemporaryDirectory() as directory:
        shutil.copytree(REPOSITORY / "proto", directory, dirs_exist_ok=True)
        planted = pathlib.Path(directory) / "trust" / "v1" / "planted.proto"
        planted.write_text('syntax = "proto3";\n\npackage trust.v1;\n\nmessage Planted {}\n', encoding="utf-8")
        must_fail(run([tool, "lint"], cwd=directory, env=environment), "buf")
        planted.unlink()
        breaking = [tool, "breaking", "--against", str(REPOSITORY / "tests" / "golden" / "protos.binpb.gz")]
        events = pathlib.Path(directory) / "trust" / "v1" / "events.proto"
        renumbered, count = re.subn(r"= 1;", "= 1001;", events.read_text(encoding="utf-8"), count=1)
        if count != 1:
            sys.exit("events.proto has no field 1 to plant a mistake in")
        events.write_text(renumbered, encoding="utf-8")
        must_fail(run(breaking, cwd=directory, env=environment), "buf breaking")
    outcomes = [run(command, cwd=REPOSITORY / "proto", env=environment) for command in ([tool, "lint"], breaking)]
    print("".join(outcome.stdout for outcome in outcomes))
    return max(outcome.returncode for outcome in outcomes)


# ---------------------------------------------------------------------------------------------------------------------
# Most of what clang-tidy takes are the headers, which it searches as it searches the sources: a library of 40 sources costs half as
# much again as 8 of them. So the translation units of a library are checked some as one, and what was clean is remembered by a
# hash of all that the compiler read for it.


def lint_clang_tidy(build):
    tool = find_clang_tool("clang-tidy")
    build = pathlib.Path(build).resolve()
    with tempfile.TemporaryDirectory() as directory:
        planted = pathlib.Path(directory) / "planted.cc"
        planted.write_text("#include <vector>\nint f(std::vector<int> v) { return v.size() == 0 ? 1 : v[0]; }\n", encoding="utf-8")
        check = [tool, "--quiet", f"--config-file={REPOSITORY / '.clang-tidy'}"]
        must_fail(run([*check, str(planted), "--", "-std=c++20"]), tool)
        # In a source that is compiled by way of another, as most are.
        room = pathlib.Path(directory) / "eventstore"
        room.mkdir()
        planted.rename(room / "planted.cc")
        unit, whole = pathlib.Path(directory) / "unit.cxx", pathlib.Path(directory) / "whole.cxx"
        unit.write_text(f'#include "{room / "planted.cc"}"\n', encoding="utf-8")
        whole.write_text(f'#include "{unit}"\n', encoding="utf-8")
        must_fail(run([*check, str(whole), "--", "-std=c++20"]), f"{tool}, of a source that another includes,")
    remembered = build / "clang_tidy"
    remembered.mkdir(exist_ok=True)
    commands = clang_tidy_commands(build)
    checked = together(commands)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = list(pool.map(lambda one: check_one(tool, build, remembered, *one), checked))
    print("".join(findings))
    print(f"{len(commands)} translation units in {len(checked)} checks, {sum(1 for finding in findings if finding)} with findings")
    return 1 if any(findings) or not commands else 0


def together(commands):
    """(units, flags, files read) of each check, the largest first: some of the units that one library is made of, in the order of
    their sources, where they have the same flags; all others alone."""
    checks = collections.defaultdict(list)
    for unit in sorted(commands):
        library = unit.parent if unit.parent.name == "Unity" else unit
        checks[library, tuple(commands[unit][0])].append(unit)
    found = []
    for (_, flags), units in checks.items():
        for first in range(0, len(units), UNITS_TOGETHER_MAX):
            part = units[first:first + UNITS_TOGETHER_MAX]
            found.append((part, list(flags), sorted({name for unit in part for name in commands[unit][1]})))
    return sorted(found, key=lambda check: -len(check[0]))


def clang_tidy_commands(build):
    """The translation units that are checked, each with the flags and the files that it is compiled with: of the server's sources
    those that hold no gRPC, whose headers alone would double the time."""
    dependencies = dependencies_by_object(build)
    commands = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        unit = pathlib.Path(os.path.realpath(os.path.join(entry["directory"], entry["file"])))
        output = entry.get("output") or re.search(r" -o (\S+)", entry["command"]).group(1)
        read = dependencies.get(output, [])
        holds_grpc = any("/grpcpp/" in name or name.endswith(".grpc.pb.h") for name in read)
        if not holds_grpc and any(is_checked(source) for source in sources_of(unit)):
            commands[unit] = (flags_of(entry["command"]), [name for name in read if not name.startswith("/usr/")])
    return commands


def is_checked(source):
    return source.is_relative_to(REPOSITORY) and re.match(r"(eventstore|projections|services)/(?!trustctl/)",
                                                          source.relative_to(REPOSITORY).as_posix())


def sources_of(unit):
    """The sources that a translation unit is made of: itself, or those that it includes when the build made it."""
    if unit.parent.name != "Unity":
        return [unit]
    return [pathlib.Path(path) for path in re.findall(r'^#include "(.+\.cc)"$', unit.read_text(encoding="utf-8"), re.MULTILINE)]


def flags_of(command):
    """The flags of a compiler's command that say where headers are, what is defined and which C++ it is."""
    words = shlex.split(command)
    flags = [word for word in words if re.match(r"-(I|D|std=)", word)]
    for place, word in enumerate(words):
        if word == "-isystem":
            flags += words[place:place + 2]
    return flags


def dependencies_by_object(build):
    """What ninja knows that each object was made of."""
    result, current = {}, None
    for line in run(["ninja", "-C", str(build), "-t", "deps"]).stdout.splitlines():
        if line.startswith("    "):
            result[current].append(line.strip())
        elif ": #deps" in line:
            current = line.split(": #deps")[0]
            result[current] = []
    return result


def check_one(tool, build, remembered, units, flags, read):
    """The findings in some translation units, which are read as one; nothing when they are clean."""
    config = REPOSITORY / ".clang-tidy"
    digest = hashlib.sha256(f"{tool} {flags}".encode())
    for name in (str(config), *map(str, units), *read):
        digest.update(pathlib.Path(os.path.join(build, name)).read_bytes())
    mark = remembered / digest.hexdigest()
    if mark.exists():
        return ""
    with tempfile.TemporaryDirectory() as directory:
        whole = pathlib.Path(directory) / "whole.cxx"
        whole.write_text("".join(f'#include "{unit}"\n' for unit in units), encoding="utf-8")
        try:
            outcome = run([tool, "--quiet", f"--config-file={config}", str(whole), "--", *flags], cwd=REPOSITORY,
                          timeout=CLANG_TIDY_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            return f"{units}: not done after {CLANG_TIDY_SECONDS_MAX} seconds\n"
    if outcome.returncode == 0:
        mark.touch()
        return ""
    return "\n".join(line for line in outcome.stdout.splitlines() if not re.match(r"\d+ warnings? ", line)) + "\n"


def main(arguments):
    linters = {"format": lint_format, "shell": lint_shell, "proto": lint_proto, "clang_tidy": lint_clang_tidy}
    if not arguments or arguments[0] not in linters:
        sys.exit(__doc__)
    return linters[arguments[0]](*arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
