"""trustctl from outside: policies, issued readings, persons, replays, watches, the state of the server, and the help that shells
and man give."""

import contextlib
import json
import os
import pty
import queue
import re
import shutil
import signal
import socket
import subprocess
import threading

import server
from server import ALLIANCES, SECONDS_MAX
from trustctl_case import TrustctlCase

KLM = "klm-northwest"
BUILT_IN = "trust-stages/1.0.0"


class TrustctlPolicyTest(TrustctlCase):
    def test_a_policy_goes_from_a_draft_into_force(self):
        self.answer("import", ALLIANCES / f"{KLM}.jsonl")
        self.assertIn(f"{BUILT_IN}  in force, built in", self.answer("policy", "list"))
        document = self.answer("policy", "show", "--document")
        self.assertEqual(json.loads(document), self.json_lines("policy", "show", BUILT_IN)[0]["document"])
        self.assertIn(document, self.answer("policy", "show"))
        draft = self.folder / "draft.json"
        # In force it would be easier to earn trust, and so some stages would be others.
        easy = {**json.loads(document), "version": "trust-stages/easy"}
        easy["facets"] = [{**facet, "enterScoreBp": facet["holdScoreBp"] + 1} for facet in easy["facets"]]
        draft.write_text(json.dumps(easy), encoding="utf-8")
        self.assertIn("Nothing was recorded", self.answer("policy", "publish", draft, "--dry-run"))
        simulated = self.answer("simulate", draft)
        messages = self.json_lines("simulate", draft)
        differences = [message["difference"] for message in messages if "difference" in message]
        self.assertEqual([difference["partnership"] for difference in differences], [KLM])
        for direction in differences[0]["directions"]:
            self.assertIn(f"{direction['trustor']} -> {direction['trustee']}", simulated)
        self.assertIn("1 partnership with", simulated)
        self.assertIn("under policy trust-stages/easy", simulated)
        self.assertIn("would be another today in 0, and in 0 more", self.answer("simulate", BUILT_IN))
        code, said = self.refusal("simulate", "trust-stages/easy")
        self.assertEqual(code, 1)
        self.assertIn("trustctl policy list shows those there are.", said)
        self.assertIn("Published policy trust-stages/easy", self.answer("policy", "publish", draft))
        self.assertIn("published already", self.answer("policy", "publish", draft))
        self.assertEqual(self.refusal("policy", "activate", "trust-stages/easy")[0], 2)
        self.assertIn("In force now", self.answer("policy", "activate", "trust-stages/easy", "--approver", "the board"))
        listed = self.answer("policy", "list")
        self.assertRegex(listed, r"trust-stages/easy +in force +2\d{3}-\S+ +2\d{3}-\S+ +the board")
        self.assertIn("tied to policy", self.answer("policy", "pin", KLM, BUILT_IN, "--recorder", "klm"))
        self.assertEqual(self.json_lines("stage", KLM)[0]["policyVersion"], BUILT_IN)
        self.assertIn("judged by the policy in force", self.answer("policy", "unpin", KLM, "--recorder", "klm"))
        self.assertEqual(self.json_lines("stage", KLM)[0]["policyVersion"], "trust-stages/easy")

    def test_a_document_that_is_wrong_is_explained(self):
        draft = self.folder / "draft.json"
        draft.write_text('{"version": "x", "algoritm": 1}', encoding="utf-8")
        for arguments in (("policy", "publish", draft), ("simulate", draft)):
            code, said = self.refusal(*arguments)
            self.assertEqual(code, 1)
            self.assertIn("algoritm: Cannot find field", said)
            self.assertIn("trustctl policy show --document", said)
        draft.write_text('{"version": "x", "algorithm": 1}', encoding="utf-8")
        code, said = self.refusal("policy", "publish", draft)
        self.assertEqual(code, 1)
        self.assertIn("INVALID_POLICY", said)
        self.assertIn("PARAMETERS.md explains each rule", said)
        self.assertEqual(self.refusal("policy", "publish", self.folder / "missing.json")[0], 1)


class TrustctlAssessTest(TrustctlCase):
    def test_a_reading_is_issued_recomputed_and_compared_with_what_is_known_since(self):
        self.found()
        self.assertEqual(self.refusal("assess", "issue", "acme-globex", "q1")[0], 2)
        self.assertIn("Nothing was recorded", self.answer("assess", "issue", "acme-globex", "q1", "--recorder", "acme", "--dry-run"))
        issued = self.answer("assess", "issue", "acme-globex", "q1", "--recorder", "acme", "--as-of", "2024-03")
        digest = re.search(r"Issued as q1 of acme-globex, digest ([0-9a-f]{64})", issued).group(1)
        verified = self.answer("assess", "verify", "acme-globex", "q1")
        self.assertIn(digest, verified)
        self.assertIn("Verified:", verified)
        self.assertTrue(self.json_lines("assess", "verify", "acme-globex", "q1")[0]["verified"])
        self.answer("assess", "issue", "acme-globex", "one-way", "--trustor", "acme", "--trustee", "globex", "--recorder", "acme")
        listed = self.answer("assess", "list", "acme-globex")
        self.assertRegex(listed, r"q1 +2\d{3}-\S+ +2024-03-31 +whole +[0-9a-f]{12} +" + digest[:12])
        self.assertRegex(listed, r"one-way .* acme -> globex ")
        self.assertIn("would read the same", self.answer("assess", "restatements", "acme-globex"))
        self.answer("record", "acme-globex", "violation-reported", "type=opportunism", "severity=critical", "--actor", "globex",
                    "--affected", "acme", "--on", "2024-02-01")
        restated = self.answer("assess", "restatements", "acme-globex")
        self.assertRegex(restated, r"q1 +2024-03-31 +acme -> globex +initial contact")
        self.assertRegex(restated, r"\n\d assessments? would read differently now\.")
        self.assertIn("restatements", self.json_lines("assess", "restatements", "acme-globex")[0])
        code, said = self.refusal("assess", "verify", "acme-globex", "q9")
        self.assertEqual(code, 1)
        self.assertIn("trustctl assess list PARTNERSHIP shows those there are.", said)


class TrustctlContactsTest(TrustctlCase):
    """What is kept about persons. A terminal is a pair of pseudo-terminals."""

    def on_a_terminal(self, *arguments, typed):
        """Runs trustctl on a terminal on which a line is typed when it asks; its exit code and all that it shows."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        with subprocess.Popen(self.command(*arguments), stdin=theirs, stdout=theirs, stderr=theirs, env=self.environment(),
                              start_new_session=True) as process:
            os.close(theirs)
            shown = ""
            with contextlib.suppress(OSError):  # The other end is closed.
                while chunk := os.read(ours, 4096):
                    shown += chunk.decode()
                    if typed is not None and shown.endswith(": "):
                        os.write(ours, typed.encode() + b"\n")
                        typed = None
            return process.wait(timeout=SECONDS_MAX), shown

    def test_a_person_is_erased_only_when_it_is_meant(self):
        self.found()
        self.answer("contact", "assign", "acme-globex", "person-9", "globex", "--name", "Ada Example", "--on", "2025-02-03",
                    "--recorder", "globex")
        why = ("--reason", "case 7", "--approver", "counsel")
        how = ("--request", "ticket 4711", "--approver", "officer")
        self.assertEqual(self.refusal("erase", "person-9", "--approver", "officer")[0], 2)
        code, said = self.refusal("erase", "person-9", *how)
        self.assertEqual(code, 2)
        self.assertIn("say --yes", said)
        self.assertIn("nothing was recorded", self.answer("erase", "person-9", *how, "--dry-run"))
        self.assertIn("is under a legal hold now", self.answer("hold", "place", "person-9", *why))
        code, said = self.refusal("erase", "person-9", *how, "--yes")
        self.assertEqual(code, 1)
        self.assertIn("trustctl hold release CONTACT", said)
        self.assertIn("under no legal hold", self.answer("hold", "release", "person-9", *why))
        code, shown = self.on_a_terminal("erase", "person-9", *how, typed="person-8")
        self.assertEqual(code, 1, shown)
        self.assertIn("nothing was done", shown)
        self.assertIn("Ada Example", self.answer("history", "acme-globex"))
        code, shown = self.on_a_terminal("erase", "person-9", *how, typed="person-9")
        self.assertEqual(code, 0, shown)
        self.assertIn("Type person-9 to do it", shown)
        self.assertIn("Erased", shown)
        self.assertNotIn("Ada Example", self.answer("history", "acme-globex"))
        self.assertEqual(self.refusal("erase", "person-9", *how, "--yes")[0], 1)


class TrustctlReplayTest(TrustctlCase):
    def test_each_event_shows_what_it_did(self):
        self.answer("import", ALLIANCES / f"{KLM}.jsonl")
        steps = [line["step"] for line in self.json_lines("replay", KLM) if "step" in line]
        shown = self.answer("replay", KLM)
        self.assertIn(f"The replay is complete: {len(steps)} events", shown)
        self.assertEqual([int(found) for found in re.findall(r"^ *(\d+)  \d{4}", shown, re.MULTILINE)],
                         [int(step["event"]["revision"]) for step in steps])
        changes = sum(change.get("stageBefore") != change.get("stage") for step in steps for change in step.get("changes", []))
        self.assertEqual(len(re.findall(r" (?:klm -> northwest|northwest -> klm) .* -> ", shown)), changes)
        self.assertRegex(shown, r"\d+% \+\d+")
        self.assertRegex(shown, r"\d+% -\d+")
        part = self.answer("replay", KLM, "--after", "3", "--until", "5")
        self.assertEqual(re.findall(r"^ *(\d+)  \d{4}", part, re.MULTILINE), ["4", "5"])
        self.assertIn("0 events", self.answer("replay", KLM, "--until", "1850-01-31"))
        self.assertIn("is complete", self.answer("replay", KLM, "--hindsight", "--policy", BUILT_IN))
        code, said = self.refusal("replay", KLM, "--after", "soon")
        self.assertEqual(code, 2)
        self.assertIn("--after wants a revision, such as 12, or a day", said)


class Watcher:
    """A trustctl watch that runs beside the test."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True, env=environment)
        self.lines = {"stdout": queue.Queue(), "stderr": queue.Queue()}
        self.said = []  # All lines, for whoever waits in vain.
        self.readers = [threading.Thread(target=self.read, args=(getattr(self.process, name), lines), daemon=True)
                        for name, lines in self.lines.items()]
        for reader in self.readers:
            reader.start()

    def read(self, stream, lines):
        for line in stream:
            self.said.append(line)
            lines.put(line)
        stream.close()

    def await_line(self, name, pattern):
        """The first line from now on that fits."""
        while True:
            try:
                line = self.lines[name].get(timeout=SECONDS_MAX)
            except queue.Empty:
                raise AssertionError(f"waited in vain for {pattern} after {''.join(self.said)}") from None
            if re.search(pattern, line):
                return line

    def stop(self):
        self.process.kill()
        self.end()

    def end(self):
        """The exit code."""
        code = self.process.wait(timeout=SECONDS_MAX)
        for reader in self.readers:
            reader.join(timeout=SECONDS_MAX)
        return code


class TrustctlWatchTest(TrustctlCase):
    def watch(self, *arguments):
        watcher = Watcher(self.command("watch", *arguments), self.environment())
        self.addCleanup(watcher.stop)
        return watcher

    def violate(self, day):
        self.answer("record", "acme-globex", "violation-reported", "type=opportunism", "severity=critical", "--actor", "globex",
                    "--affected", "acme", "--on", day)

    def test_changes_of_trust_are_shown_and_gone_on_with(self):
        self.found()
        shown = self.run_it("watch", "acme-globex", "--snapshot", "--count", "2")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("acme -> globex", shown.stdout)
        self.assertIn("globex -> acme", shown.stdout)
        watcher = self.watch("acme-globex")
        watcher.await_line("stderr", "watching")
        watcher.process.send_signal(signal.SIGINT)
        place = watcher.await_line("stderr", "to go on from here").split("--after ")[1].strip()
        self.assertEqual(watcher.end(), 0)
        self.violate("2024-02-01")
        went_on = self.run_it("watch", "acme-globex", "--after", place, "--count", "1")
        self.assertEqual(went_on.returncode, 0, went_on.stderr)
        self.assertRegex(went_on.stdout, r"acme-globex +acme -> globex +initial contact +steady -> breached")
        self.assertNotIn("globex -> acme", went_on.stdout)
        code, said = self.refusal("watch", "acme-globex", "--after", "nonsense")
        self.assertEqual(code, 1)
        self.assertIn("Begin again without --after", said)
        self.assertEqual(self.refusal("watch", "--count", "0")[0], 2)

    def test_events_are_shown_over_a_restart_of_the_server(self):
        self.found()
        watcher = self.watch("--events", "--count", "2")
        watcher.await_line("stderr", "watching")
        self.violate("2024-02-01")
        watcher.await_line("stdout", r"acme-globex +3 +2024-02-01 +violation reported")
        address = self.server.address
        self.server.stop()
        watcher.await_line("stderr", "trying again in")
        self.start(listen=address)
        self.violate("2024-03-01")
        watcher.await_line("stdout", r"acme-globex +4 +2024-03-01 +violation reported")
        place = watcher.await_line("stderr", "to go on from here").split("--after ")[1].strip()
        self.assertEqual(watcher.end(), 0)
        self.violate("2024-04-01")
        batches = [json.loads(line) for line in
                   self.run_it("watch", "--events", "--after", place, "--count", "1", "--json").stdout.splitlines()]
        events = [event for batch in batches for event in batch.get("events", {}).get("events", [])]
        self.assertEqual([int(event["revision"]) for event in events], [5])

    def test_the_place_to_go_on_from_is_that_of_what_arrived(self):
        self.found()
        place = self.client.log()[-1].log_position
        self.violate("2024-02-01")
        for arguments in (("--events", "--after", place), ("--events", "--after", place, "--json"), ("acme-globex", "--snapshot")):
            with open("/dev/full", "w", encoding="utf-8") as full:
                outcome = subprocess.run(self.command("watch", *arguments, "--count", "1"), stdin=subprocess.DEVNULL, stdout=full,
                                         stderr=subprocess.PIPE, text=True, timeout=SECONDS_MAX, check=False, env=self.environment())
            self.assertEqual(outcome.returncode, 1, outcome.stderr)
            self.assertIn("could not be written", outcome.stderr)
            told = re.findall("to go on from here: --after (.+)", outcome.stderr)
            self.assertEqual(told, [place] if place in arguments else [])

    def test_a_server_that_is_not_there_is_no_watch(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            nowhere = f"127.0.0.1:{free.getsockname()[1]}"
        outcome = subprocess.run([server.program("trustctl"), "watch", "--server", nowhere], stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True, timeout=SECONDS_MAX, check=False, env=self.environment())
        self.assertEqual(outcome.returncode, 3, outcome.stderr)
        self.assertIn("no server answers", outcome.stderr)


class TrustctlStatusTest(TrustctlCase):
    def test_one_page_says_how_the_server_is(self):
        page = self.answer("status")
        for words in (f"server  +{self.server.address}", "health +SERVING", r"trust\.v1\.AuditService +SERVING",
                      "log +nothing is recorded yet", "checkpoint +not signed: trustd has no --signing_key_file",
                      f"policy +{BUILT_IN} ", "attention +nothing needs care", r"disk +\d+ MiB free; 128 MiB are kept free \(--disk_reserve_mib\)"):
            self.assertRegex(page, words)
        self.found()
        key, _ = self.new_key()
        self.restart(f"--signing_key_file={key}")
        page = self.answer("status")
        for words in (r"log +last recorded 2\d{3}-\S+, at position ", "checkpoint +2 records signed as log.example.com, root "):
            self.assertRegex(page, words)
        status = self.json_lines("status")[0]
        self.assertEqual(status["health"], "SERVING")
        self.assertEqual(set(status["services"].values()), {"SERVING"})
        self.assertEqual(len(status["services"]), 7)
        self.assertEqual(int(status["checkpoint"]["size"]), 2)
        self.assertEqual(status["policy"]["version"], BUILT_IN)
        self.assertIs(status["server"].get("storageFull", False), False)
        self.assertGreater(int(status["server"]["diskFreeByteCount"]), 0)
        self.server.stop()
        code, said = self.refusal("status")
        self.assertEqual(code, 3)
        self.assertIn("no server answers", said)

    def test_a_configuration_file_says_where_the_server_is(self):
        def status(*arguments, **more):
            return subprocess.run([server.program("trustctl"), "status", *arguments], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
                                  env=self.environment(**more))

        config = self.home / ".config" / "trustctl" / "config"
        config.parent.mkdir(parents=True)
        config.write_text(f"# The server of this test.\nserver = {self.server.address}\n", encoding="utf-8")
        self.assertIn(self.server.address, status().stdout)
        self.assertEqual(status(TRUSTCTL_SERVER="127.0.0.1:1").returncode, 3)
        other = self.folder / "other"
        other.write_text("deadline = 5s\nsever = x:1\n", encoding="utf-8")
        for outcome in (status("--config", str(other)), status(TRUSTCTL_CONFIG=str(other))):
            self.assertEqual(outcome.returncode, 2)
            self.assertIn(f"{other}:2: there is no setting \"sever\"; did you mean server?", outcome.stderr)


    def test_what_needs_no_server_runs_whatever_is_configured(self):
        def offline(*arguments):
            return subprocess.run([server.program("trustctl"), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=SECONDS_MAX, check=False,
                                  env=self.environment(TRUSTCTL_SERVER="nowhere", TRUSTCTL_CONFIG="missing"))

        for arguments in (("man",), ("completion", "bash"), ("help", "stage"), ("--version",),
                          ("keygen", "--name", "example.com/log", "--out", str(self.folder / "key"))):
            outcome = offline(*arguments)
            self.assertEqual((outcome.returncode, outcome.stderr), (0, ""), arguments)
        for arguments in (("audit", "check", "missing"), ("restore", "--backup-directory", "missing", "--list"),
                          ("verify", "--data-directory", str(self.folder / "missing"))):
            self.assertEqual(offline(*arguments).returncode, 1, arguments)
        self.assertEqual(offline("man", "--color", "blue").returncode, 2)
        for arguments in (("status",), ("verify",)):
            outcome = offline(*arguments)
            self.assertEqual(outcome.returncode, 2, arguments)
            self.assertIn("TRUSTCTL_CONFIG wants a file", outcome.stderr)


class TrustctlShellsTest(TrustctlCase):
    """The completion in the real shells, which find trustctl on the PATH."""

    def setUp(self):
        super().setUp()
        self.found()
        self.path = os.path.dirname(server.program("trustctl")) + os.pathsep + os.environ["PATH"]

    def script(self, shell):
        path = self.folder / f"completion.{shell}"
        path.write_text(self.answer("completion", shell), encoding="utf-8")
        return path

    def in_shell(self, *command):
        outcome = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
                                 env=self.environment(PATH=self.path, TRUSTCTL_SERVER=self.server.address, TERM="dumb"))
        self.assertEqual((outcome.returncode, outcome.stderr), (0, ""), command)
        return outcome.stdout.split()

    # What is typed, and what must be, or must not be, among what is offered.
    LINES = (("trustctl st", ["status", "stage"], ["timeline"]),
             ("trustctl policy p", ["publish", "pin"], ["list"]),
             ("trustctl stage --a", ["--all", "--as-of"], ["--json"]),
             ("trustctl stage ac", ["acme-globex"], []),
             ("trustctl contact a", ["assign"], ["show"]),
             ("trustctl terminate acme-globex --mode m", ["mutual"], ["expired"]),
             ("trustctl milestone acme-globex r", ["review-held"], ["agreement-signed"]),
             ("trustctl correct acme-globex 3 commitment-f", ["commitment-fulfilled"], ["feedback-given"]),
             ("trustctl record acme-globex commitment-f", ["commitment-fulfilled"], ["feedback-given"]),
             ("trustctl stage --color al", ["always"], ["never"]))

    def check(self, complete):
        for line, wanted, unwanted in self.LINES:
            offered = complete(line)
            for word in wanted:
                self.assertIn(word, offered, line)
            for word in unwanted:
                self.assertNotIn(word, offered, line)

    def bash_line(self, line):
        words = re.findall(r"[=:]+|[^\s=:]+", line) + ([""] if line.endswith(" ") else [])
        quoted = " ".join(f"'{word}'" for word in words)
        return self.in_shell("bash", "--norc", "-c", f"""
            source {self.script("bash")}
            complete -p trustctl >/dev/null || exit 1
            COMP_WORDS=({quoted}) COMP_CWORD={len(words) - 1} COMP_LINE='{line}' COMP_POINT={len(line)}
            _trustctl trustctl
            printf '%s\\n' "${{COMPREPLY[@]}}\"""")

    def test_bash_completes(self):
        self.check(self.bash_line)
        # What bash has taken apart at = and : comes back apart.
        self.assertEqual(self.bash_line("trustctl stage --color=al"), ["always"])
        self.assertEqual(self.bash_line("trustctl record acme-globex commitment-fulfilled result=l"), ["late"])
        self.assertEqual(self.bash_line(f"trustctl --server {self.server.address} stage ac"), ["acme-globex"])
        (self.folder / "a-key.pem").touch()
        self.assertEqual(self.bash_line(f"trustctl stage --ca {self.folder}/a-k"), [f"{self.folder}/a-key.pem"])
        checked = subprocess.run(["shellcheck", "-s", "bash", self.script("bash")], capture_output=True, text=True, check=False)
        self.assertEqual(checked.stdout, "")

    def test_fish_completes(self):
        script = self.script("fish")
        self.check(lambda line: self.in_shell("fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"))

    def test_zsh_completes(self):
        # An own compadd shows what would be offered.
        prelude = f"""
            autoload -Uz compinit && compinit -u -d {self.folder}/zcompdump
            source {self.script("zsh")}
            [[ $_comps[trustctl] == _trustctl ]] || exit 1
            compadd() {{ while [[ $1 != -- ]]; do shift; done; shift; print -rl -- "$@" }}
            _describe() {{ local -a all; all=("${{(@P)2}}"); print -rl -- "${{(@)all%%:*}}" }}
        """
        self.check(lambda line: self.in_shell(
            "zsh", "-f", "-c", f"{prelude}\nwords=({line}) CURRENT=${{#words}}\n_trustctl"))


class TrustctlManTest(TrustctlCase):
    def test_the_manual_page_is_sound_and_tells_every_verb_and_flag(self):
        page = self.folder / "trustctl.1"
        page.write_text(self.answer("man"), encoding="utf-8")
        checked = subprocess.run(["groff", "-man", "-ww", "-z", page], capture_output=True, text=True, check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        shown = subprocess.run(["groff", "-man", "-Tutf8", "-P-cbou", "-rLL=200n", page], capture_output=True, text=True,
                               check=True).stdout
        for heading in ("NAME", "SYNOPSIS", "VERBS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES"):
            self.assertRegex(shown, rf"(?m)^{heading}$")
        verbs = re.findall(r"^  trustctl ((?:[a-z]+ ?)+)", self.answer("help"), re.MULTILINE)
        self.assertGreater(len(verbs), 30)
        for verb in map(str.strip, verbs):
            if verb == "help":
                continue
            self.assertRegex(shown, rf"(?m)^ +{verb}\b")
            for flag in re.findall(r"^  (--[a-z-]+)", self.answer("help", *verb.split()), re.MULTILINE):
                self.assertIn(flag, shown)

    def test_the_shells_and_groff_are_there(self):
        for program in ("bash", "fish", "groff", "zsh"):
            self.assertIsNotNone(shutil.which(program), f"{program}: deploy/packages.sh names its package")


if __name__ == "__main__":
    server.main()
