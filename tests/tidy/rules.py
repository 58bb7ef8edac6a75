"""The rules that the sources keep, each a function from a Tree to the places where it is broken.

Nothing here knows C++ well: comments and strings are blanked out, then patterns are looked for. That is enough for rules that
people keep anyway and forget once. What a compiler or a linter can say better is left to it.
"""

import dataclasses
import json
import pathlib
import re
import subprocess

# What may stand at the top of the repository.
TOP_LEVEL = {
    "CMakeLists.txt", "proto", "services", "eventstore", "projections", "deploy", "tests",
    "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE",
    "CMakePresets.json", ".clang-format", ".clang-tidy", ".gitignore", ".ci",
}
# Never looked at: what is made, not written.
NOT_SOURCES = {".git", "build", "data", "node_modules", "__pycache__"}

ROOMS = ("proto", "eventstore", "projections", "services", "services/domain", "services/identity", "services/opentelemetry",
         "services/rpc", "services/trustctl", "deploy", "tests")
ROOMS_WITHOUT_BUILD = ("deploy",)

# Include patterns, as written between the quotes or brackets.
STANDARD = (r"<[a-z_0-9]+(\.h)?>", r"<(sys|linux|netinet|arpa)/[a-z_0-9]+\.h>")
ABSEIL = (r"absl/.+",)
MESSAGES = (r"google/protobuf/.+", r"trust/v1/[a-z_]+\.pb\.h")
RPC_MESSAGES = (r"google/rpc/[a-z_]+\.pb\.h",)
STUBS = (r"trust/v1/[a-z_]+\.grpc\.pb\.h", r"grpc/.+", r"grpcpp/.+")

# Who may include what. The first row whose path pattern fits a file is the one that counts; a file that no row fits is free.
INCLUDES = (
    (r"eventstore/rocksdb_\w+\.(h|cc)", (*STANDARD, *ABSEIL, r"google/protobuf/.+", r"eventstore/.+", r"rocksdb/.+")),
    (r"eventstore/(sha256|signing)\w*\.(h|cc)", (*STANDARD, *ABSEIL, r"eventstore/.+", r"openssl/.+")),
    (r"eventstore/.+", (*STANDARD, *ABSEIL, r"google/protobuf/.+", r"eventstore/.+")),
    (r"projections/.+", (*STANDARD, *ABSEIL, *MESSAGES, r"projections/.+")),
    (r"services/domain/.+", (*STANDARD, *ABSEIL, *MESSAGES, r"projections/.+", r"services/domain/.+")),
    (r"services/identity/.+", (*STANDARD, *ABSEIL, *MESSAGES, r"openssl/.+", r"services/(domain|identity)/.+")),
    # The one place that knows OpenTelemetry, and what it shares with who loads it.
    (r"services/opentelemetry/.+", (*STANDARD, r"opentelemetry/.+", r"services/opentelemetry/.+")),
    (r"services/rpc/.+", (*STANDARD, *ABSEIL, *MESSAGES, *RPC_MESSAGES, *STUBS, r"services/(rpc|identity)/.+",
                          r"services/(clock|meters|reason_counts)\.h")),
    # The client's verbs that work without a server read a store themselves.
    (r"services/trustctl/(verify|restore|audit|keygen)\w*\.(h|cc)",
     (*STANDARD, *ABSEIL, *MESSAGES, *RPC_MESSAGES, *STUBS, r"services/(rpc|trustctl)/.+", r"eventstore/.+", r"projections/.+")),
    (r"services/trustctl/.+",
     (*STANDARD, *ABSEIL, *MESSAGES, *RPC_MESSAGES, *STUBS, r"services/(rpc|trustctl)/.+")),
    # The one place that opens an engine.
    (r"services/trustd\.cc", (*STANDARD, *ABSEIL, r"eventstore/rocksdb_(key_store|store|backup)\.h", r"services/[^/]+\.h")),
    # The one place that knows how metrics are told.
    (r"services/metrics_endpoint\.(h|cc)", (*STANDARD, *ABSEIL, r"prometheus/.+", r"services/metric\w*\.h")),
    (r"services/vault\w*\.(h|cc)", (*STANDARD, *ABSEIL, *MESSAGES, r"openssl/.+", r"eventstore/(event_store|sha256)\.h",
                                    r"services/[^/]+\.h")),
    (r"services/.+", (*STANDARD, *ABSEIL, *MESSAGES, *RPC_MESSAGES, *STUBS, r"eventstore/(?!rocksdb_).+", r"projections/.+",
                      r"services/(?!trustctl/).+")),
)
PROTO_IMPORTS = (
    (r"proto/eventstore/.+", (r"google/protobuf/.+", r"eventstore/.+")),
    (r"proto/(google|grpc)/.+", (r"google/.+",)),
    (r"proto/trust/.+", (r"google/.+", r"trust/.+")),
)

# Pure rooms do no I/O, read no clock, start no thread and hold no lock.
PURE = r"(projections|services/domain)/.+\.(h|cc)"
IMPURE_INCLUDES = r"<(chrono|ctime|time\.h|fstream|iostream|cstdio|stdio\.h|filesystem|thread|mutex|condition_variable|" \
                  r"future|random|unistd\.h|fcntl\.h|sys/.+)>|absl/(time/clock|synchronization/.+|random/.+)\.h"

CLOCK_FILE = "services/clock.cc"
CLOCKS = r"absl::(Now|GetCurrentTimeNanos)\b|\b(system_clock|steady_clock|high_resolution_clock|file_clock)\b" \
         r"|\b(clock_gettime|gettimeofday|timespec_get|ftime)\s*\(|\bstd::time\s*\(|(?<![\w:.>])time\s*\(\s*(NULL|nullptr|0|&\w+)\s*\)"
# Files beside the one that may read a clock, with the reason. A folder ends with a slash.
CLOCKS_ALLOWED = {
    "tests/benchmark/": "a benchmark measures time",
    "services/trustctl/stopwatch.cc": "the client measures how long it has waited; no server code links it",
    "deploy/examples/clients/cpp/client.cc": "gRPC wants the time by which an attempt is to end",
}
SLEEPS = r"\b(sleep_for|sleep_until|SleepFor|usleep|nanosleep)\b|(?<![\w:.>])sleep\s*\("
SLEEPS_ALLOWED = {
    "tests/benchmark/": "a benchmark may let load build up",
    "tests/eventstore/rocksdb_faults_test.cc": "RocksDB looks for space from time to time, and no call tells it that there is some",
    "tests/faults/failing_file_system.h": "a slow disk takes time",
    "services/trustctl/wait_verb.cc": "waiting for a server is what the verb is for",
    "services/trustctl/import_verb.cc": "the pause that an overloaded server asked for",
    "deploy/examples/follow_events/follow_events.cc": "the pause before a server that has gone is tried again",
    "deploy/examples/clients/cpp/client.cc": "the pause before a command is repeated",
}

# Files that may catch, with the reason.
EXCEPTIONS_ALLOWED = {
    "services/metrics_endpoint.cc": "the library throws when it cannot listen, and tells it in no other way",
}

FLOATS = r"\b(float|double)\b|\bstd::(pow|exp2?|log2?|sqrt)\b|<cmath>"
WORDS_THE_STORE_DOES_NOT_KNOW = r"trust|partnership"

VAGUE_NAMES = {"util", "utils", "common", "helper", "helpers", "manager", "managers", "impl", "misc"}

# Hosts that may be named anywhere. The examples name the sources of their facts besides.
HOSTS = {"github.com", "www.apache.org", "www.debian.org", "keepachangelog.com", "semver.org", "google.aip.dev", "google.github.io", "www.rfc-editor.org"}
NO_REAL_HOST = r"localhost|127\..+|(.+\.)?example\.com|[a-z](\.[a-z])*"
HOSTS_FREE = (r"deploy/examples/.+", r"LICENSE")
# Plants breaches of these rules, and so is full of them.
PLANTED = "tests/tidy/tidy_test.py"
# First folders of absolute paths that every Debian has. Others are those of one machine.
ROOT_FOLDERS = {"bin", "dev", "etc", "lib", "lib64", "opt", "proc", "run", "sbin", "srv", "sys", "tmp", "usr", "var"}


@dataclasses.dataclass(frozen=True)
class Breach:
    """One place where a rule is broken."""

    path: str
    line: int  # From 1; 0 for the file as a whole.
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


class Tree:
    """The files of a repository, by their paths relative to it: those that git knows or would add, or, without git, all that are
    not in a folder of made things."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = sorted(path for path in self._list() if (self.root / path).is_file())
        self._texts = {}

    def _list(self):
        if (self.root / ".git").exists():
            listed = subprocess.run(["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                    capture_output=True, text=True, check=False)
            if listed.returncode == 0:
                return set(listed.stdout.split("\0")) - {""}
        return {path.relative_to(self.root).as_posix() for path in self.root.rglob("*")
                if not NOT_SOURCES & set(path.relative_to(self.root).parts)}

    def text(self, path):
        """The text of a file; empty when it is not text."""
        if path not in self._texts:
            try:
                self._texts[path] = (self.root / path).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                self._texts[path] = ""
        return self._texts[path]

    def code(self, path):
        """The text of a C++ file with comments and literals blanked out, line by line as before."""
        return blank_comments_and_literals(self.text(path))

    def sources(self, pattern=r".+"):
        """The C++ files whose paths fit."""
        return [path for path in self.files if path.endswith((".h", ".cc")) and re.fullmatch(pattern, path)]


def blank_comments_and_literals(text):
    """Replaces what is not code by spaces, keeping every line break; the quotes stay."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
        re.DOTALL)

    def blank(match):
        whole = match.group(0)
        return re.sub(r"[^\n]", " ", whole) if whole.startswith("/") else '"' + re.sub(r"[^\n]", " ", whole[1:-1]) + '"'

    return pattern.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def find(tree, paths, pattern, message, allowed=(), flags=0, of_code=True):
    """Breaches wherever the pattern is in the code (or the text) of the paths, {} in the message being what was found."""
    for path in paths:
        if any(path == place or place.endswith("/") and path.startswith(place) for place in allowed):
            continue
        text = tree.code(path) if of_code else tree.text(path)
        for match in re.finditer(pattern, text, flags):
            yield Breach(path, line_of(text, match.start()), message.format(match.group(0).strip()))


# ---------------------------------------------------------------------------------------------------------------------
# The house.


def top_level_is_fixed(tree):
    for entry in sorted({path.split("/")[0] for path in tree.files} - TOP_LEVEL):
        yield Breach(entry, 0, "no other file or folder belongs at the top; find its room")


def rooms_are_complete(tree):
    for room in ROOMS:
        for name in ("README.md", "CMakeLists.txt"):
            if name == "CMakeLists.txt" and room in ROOMS_WITHOUT_BUILD:
                continue
            if f"{room}/{name}" not in tree.files:
                yield Breach(f"{room}/{name}", 0, "every room has one")


def names_say_something(tree):
    for path in tree.files:
        vague = VAGUE_NAMES & set(re.split(r"[_.\-]", pathlib.PurePosixPath(path).name.lower()))
        if vague:
            yield Breach(path, 0, f"\"{vague.pop()}\" says nothing; name the file by the noun inside")
        if path.endswith((".h", ".cc", ".proto", ".py")) and not re.fullmatch(r"[a-z0-9_]+\.\w+", path.split("/")[-1]):
            yield Breach(path, 0, "file names are snake_case")


def includes_keep_the_table(tree):
    for path in tree.sources():
        allowed = next((patterns for rule, patterns in INCLUDES if re.fullmatch(rule, path)), None)
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            written = re.match(r'\s*#\s*include\s*(?:"([^"]+)"|(<[^>]+>))', line)
            if not written:
                continue
            include = written.group(1) or written.group(2)
            if include.startswith(("../", "./")):
                yield Breach(path, number, f"{include}: include paths start at the repository's root")
            # A library's header may stand in brackets; the table knows it without.
            bare = include.strip("<>") if "/" in include else include
            if allowed is not None and not any(re.fullmatch(pattern, form) for pattern in allowed for form in (include, bare)):
                yield Breach(path, number, f"{include} must not be known here; see the table in ARCHITECTURE.md")
            if re.fullmatch(PURE, path) and any(re.fullmatch(IMPURE_INCLUDES, form) for form in (include, bare)):
                yield Breach(path, number, f"{include} has no place in pure code")
    for path in tree.files:
        allowed = next((patterns for rule, patterns in PROTO_IMPORTS if re.fullmatch(rule, path)), None)
        if allowed is None or not path.endswith(".proto"):
            continue
        for match in re.finditer(r'^import\s+"([^"]+)"', tree.text(path), re.MULTILINE):
            if not any(re.fullmatch(pattern, match.group(1)) for pattern in allowed):
                yield Breach(path, line_of(tree.text(path), match.start()), f"{match.group(1)} must not be known here")


def the_store_knows_no_domain(tree):
    for path in tree.files:
        if not path.startswith(("eventstore/", "proto/eventstore/")):
            continue
        text = tree.text(path)
        if path.endswith("CMakeLists.txt"):
            text = re.sub(r"trustd_options", "", text)
        for number, line in enumerate([path, *text.splitlines()]):
            found = re.search(WORDS_THE_STORE_DOES_NOT_KNOW, line, re.IGNORECASE)
            if found:
                yield Breach(path, number, f"\"{found.group(0)}\": the store knows opaque records only")


def paths_are_of_no_one_machine(tree):
    for path in tree.files:
        text = tree.text(path)
        if path in ("LICENSE", PLANTED):
            continue
        for match in re.finditer(r"""(?:^|[\s"'`=(\[])(~?)/([A-Za-z][\w.-]*)/[\w.-]""", text, re.MULTILINE):
            home, first = match.groups()
            if home or (first not in ROOT_FOLDERS and not re.match(r"(trust|grpc|eventstore)\.", first)):
                yield Breach(path, line_of(text, match.start(2)), f"/{first}/...: a path of one machine")
        if any(re.fullmatch(pattern, path) for pattern in HOSTS_FREE):
            continue
        for match in re.finditer(r"https?://([A-Za-z0-9][\w.-]*)", text):
            host = match.group(1).rstrip(".")
            if host not in HOSTS and not re.fullmatch(NO_REAL_HOST, host):
                yield Breach(path, line_of(text, match.start()), f"the host {host} is not among those that may be named")


# ---------------------------------------------------------------------------------------------------------------------
# The code.


def clocks_are_read_in_one_place(tree):
    yield from find(tree, tree.sources(), CLOCKS, "{}: the clock is passed in; only " + CLOCK_FILE + " reads it",
                    allowed=(CLOCK_FILE, *CLOCKS_ALLOWED))


def nobody_sleeps(tree):
    yield from find(tree, tree.sources(), SLEEPS, "{}: wait for what happens, not for time to pass", allowed=SLEEPS_ALLOWED)


def readings_use_integers_only(tree):
    paths = [path for path in tree.sources(r"projections/.+")]
    yield from find(tree, paths, FLOATS, "{}: the policy is integer arithmetic")


def switches_over_cases_have_no_default(tree):
    for path in tree.sources():
        code = tree.code(path)
        stack = []  # One entry an open brace: the condition of the switch that it opens, or None.
        condition = None
        for token in re.finditer(r"\bswitch\s*(?=\()|[{}]|\bdefault\s*:", code):
            word = token.group(0)
            if word.startswith("switch"):
                condition = parenthesised(code, token.end())
            elif word == "{":
                stack.append(condition)
                condition = None
            elif word == "}":
                if stack:
                    stack.pop()
            else:
                innermost = next((entry for entry in reversed(stack) if entry is not None), "")
                if re.search(r"_case\(\)|\breason\b", innermost):
                    yield Breach(path, line_of(code, token.start()),
                                 f"no default in a switch over {innermost}: the compiler then finds the places")


def parenthesised(code, start):
    """What stands between the parenthesis at start and the one that closes it."""
    depth = 0
    for end in range(start, len(code)):
        depth += {"(": 1, ")": -1}.get(code[end], 0)
        if depth == 0:
            return code[start + 1:end]
    return code[start + 1:]


def headers_are_guarded_by_their_path(tree):
    for path in tree.sources(r".+\.h"):
        guard = re.sub(r"[/.\-]", "_", path).upper() + "_"
        text = tree.text(path)
        if not text.startswith("// "):
            yield Breach(path, 1, "a header opens with what it is and promises")
        if not re.search(rf"^#ifndef {guard}\n#define {guard}\n", text, re.MULTILINE) or \
                not text.endswith(f"\n#endif  // {guard}\n"):
            yield Breach(path, 0, f"the guard of this header is {guard}, from its first line of code to its last")


def what_is_named_is_used(tree):
    """A using-declaration whose name stands nowhere else in its file. clang-tidy looks at a unit's main file alone for these."""
    for path in tree.sources(r".+\.cc"):  # A header's are for those who include it.
        code = blank_comments_and_literals(tree.text(path))
        for match in re.finditer(r"^using (?:\w+::)+(\w+);$", code, re.MULTILINE):
            if len(re.findall(rf"\b{match.group(1)}\b", code)) == 1:
                yield Breach(path, line_of(code, match.start()), f"nothing here uses {match.group(1)}")


def no_exceptions(tree):
    paths = tree.sources(r"(eventstore|projections|services)/.+")
    yield from find(tree, paths, r"\b(throw|catch)\b|\btry\s*\{", "{}: expected failures are statuses",
                    allowed=EXCEPTIONS_ALLOWED)


def no_mocks(tree):
    yield from find(tree, tree.sources(r"tests/.+"), r"\b(MOCK_METHOD|EXPECT_CALL|ON_CALL)\b",
                    "{}: a memory engine, a fake clock and planted faults are enough")


# ---------------------------------------------------------------------------------------------------------------------
# What must be complete.


def every_error_reason_is_returned_by_a_test(tree):
    path = "proto/trust/v1/errors.proto"
    if path not in tree.files:
        return
    tests = "\n".join(tree.text(test) for test in tree.files
                      if test.startswith("tests/") and not test.startswith("tests/tidy/") and test.endswith((".cc", ".h", ".py")))
    for match in re.finditer(r"^\s*(ERROR_REASON_(\w+))\s*=\s*(\d+)", tree.text(path), re.MULTILINE):
        name, bare, number = match.groups()
        if number != "0" and not re.search(rf"\b{name}\b|[\"']{bare}[\"']", tests):
            yield Breach(path, line_of(tree.text(path), match.start(1)), f"no test returns {bare}")


def every_rpc_has_an_example(tree):
    methods = set()
    for path in tree.files:
        if not re.fullmatch(r"proto/trust/v1/.+\.proto", path):
            continue
        text = re.sub(r"//[^\n]*", "", tree.text(path))
        for service in re.finditer(r"\bservice\s+(\w+)\s*\{(.*?)\n\}", text, re.DOTALL):
            methods |= {f"trust.v1.{service.group(1)}.{method}" for method in re.findall(r"\brpc\s+(\w+)", service.group(2))}
    shown = set()
    for path in tree.files:
        example = re.fullmatch(r"deploy/examples/\d+-([\w.]+)\.json", path)
        if not example:
            continue
        shown.add(example.group(1))
        if example.group(1).startswith("trust.") and example.group(1) not in methods:
            yield Breach(path, 0, "there is no such method")
        try:
            json.loads(tree.text(path))
        except ValueError as error:
            yield Breach(path, 0, f"not JSON: {error}")
    for method in sorted(methods - shown):
        yield Breach("deploy/examples", 0, f"no example of {method}: add NN-{method}.json")


def guarantees_name_tests(tree):
    """A test that the page of guarantees names is there: a suite or class, or one test of a suite."""
    path = "deploy/README.md"
    if path not in tree.files:
        return
    section = re.search(r"^## What is guaranteed.*?(?=^## |\Z)", tree.text(path), re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| G\d+ .*$", section.group(0), re.MULTILINE) if section else []
    tests = "\n".join(tree.text(name) for name in tree.files if re.match(r"tests/.*_test\.(cc|py)$", name))
    if not rows:
        yield Breach(path, 0, "the page has no rows of guarantees, | G1 | ... |")
    for row in rows:
        named = re.findall(r"`(\w+Test)(?:\.(\w+))?`", row)
        if not named:
            yield Breach(path, 0, f"no test proves {row[:60]}")
        for suite, test in named:
            found = rf"\({suite}, {test}\)" if test else rf"\({suite}, \w+\)|^class {suite}\("
            if not re.search(found, tests, re.MULTILINE):
                yield Breach(path, 0, f"there is no test {suite}{'.' + test if test else ''}")


def links_lead_somewhere(tree):
    folders = {parent.as_posix() for path in tree.files for parent in pathlib.PurePosixPath(path).parents}
    for path in tree.files:
        if not path.endswith(".md"):
            continue
        text = re.sub(r"```.*?```|`[^`\n]*`", lambda match: re.sub(r"[^\n]", " ", match.group(0)), tree.text(path), flags=re.DOTALL)
        for match in re.finditer(r"\[[^\]\n]*\]\(([^)\s]+)[^)]*\)", text):
            target, _, anchor = match.group(1).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            aim = normalised(pathlib.PurePosixPath(path).parent / target) if target else path
            if aim not in tree.files and aim not in folders:
                yield Breach(path, line_of(text, match.start()), f"{match.group(1)} leads nowhere")
            elif anchor and aim.endswith(".md") and anchor not in anchors(tree.text(aim)):
                yield Breach(path, line_of(text, match.start()), f"{aim} has no heading #{anchor}")


def normalised(path):
    """A path without "." and ".."; one that leaves the repository keeps its "..", and so is found nowhere."""
    parts = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts) or "."


def anchors(text):
    """The anchors of a document's headings, as they are commonly made."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*$", text, re.MULTILINE)
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())) for heading in headings}


RULES = (
    top_level_is_fixed,
    rooms_are_complete,
    names_say_something,
    includes_keep_the_table,
    the_store_knows_no_domain,
    paths_are_of_no_one_machine,
    clocks_are_read_in_one_place,
    nobody_sleeps,
    readings_use_integers_only,
    switches_over_cases_have_no_default,
    headers_are_guarded_by_their_path,
    what_is_named_is_used,
    no_exceptions,
    no_mocks,
    every_error_reason_is_returned_by_a_test,
    every_rpc_has_an_example,
    guarantees_name_tests,
    links_lead_somewhere,
)
