"""trustctl report and trustctl timeline --plot from outside: pages in a real browser, as they are seen, printed, heard, typed
through and shown on a phone."""

import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile

import server
import story
from clients_test import TOOLS, tool
from server import ALLIANCES, REPOSITORY, SECONDS_MAX, ServerTest, api

LOOK = REPOSITORY / "tests" / "e2e" / "report_browser" / "look.js"
KLM = "klm-northwest"
ENDED = "vw-suzuki"
EVERY_MODE = ["light", "dark", "phone", "paper"]
# What a hostile name would run, were it taken for markup anywhere.
HOSTILE = "</script><script>window.hostile=1</script><img src=x onerror=window.hostile=2>\"'&"


def browser():
    """The distribution's browser. Without one a test fails; it never skips."""
    path = shutil.which("chromium")
    if path is None:
        raise AssertionError("chromium is not on the PATH; tests/run.sh installs it")
    return path


def looked_at(pages, home):
    """What the browser saw of the pages; the same shape as look.js prints it."""
    modules = TOOLS / "report-browser" / "node_modules"
    if not (modules / "playwright-core").is_dir():
        raise AssertionError(f"playwright-core is not in {modules}; tests/run.sh installs it")
    outcome = subprocess.run([tool("node", TOOLS / "bin"), str(LOOK)], input=json.dumps({"chromium": browser(), "pages": pages}),
                             capture_output=True, text=True, timeout=2 * SECONDS_MAX, check=False,
                             env={**os.environ, "NODE_PATH": str(modules), "HOME": str(home), "TMPDIR": str(home)})
    if outcome.returncode != 0:
        raise AssertionError(f"{outcome.stdout}{outcome.stderr}")
    return json.loads(outcome.stdout)


class Pages(ServerTest):
    """Pages of one server, made and looked at once for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        holder = tempfile.TemporaryDirectory(prefix="trustd-e2e-", ignore_cleanup_errors=True)
        cls.addClassCleanup(holder.cleanup)
        cls.place = pathlib.Path(holder.name)
        key = cls.place / "log.key"
        made = subprocess.run([server.program("trustctl"), "keygen", "--name", "log.example.com", "--out", str(key)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX, check=True)
        cls.verifier_key = made.stdout.strip()
        cls.shared = server.Server(cls.place / "store", f"--signing_key_file={key}")
        cls.addClassCleanup(server.end, cls.shared)

    def setUp(self):
        super().setUp()
        self.server = self.shared

    @classmethod
    def run_it(cls, *arguments, **environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("TRUSTCTL_", "LC_", "LANG"))}
        return subprocess.run([server.program("trustctl"), *map(str, arguments), "--server", cls.shared.address],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
                              env={**clean, **environment})

    @classmethod
    def answer(cls, *arguments, **environment):
        outcome = cls.run_it(*arguments, **environment)
        if (outcome.returncode, outcome.stderr) != (0, ""):
            raise AssertionError(f"{arguments}: {outcome}")
        return outcome.stdout

    @classmethod
    def page(cls, name, *arguments):
        """Writes a page and returns its path."""
        path = cls.place / f"{name}.html"
        said = cls.answer("report", *arguments, "--out", path)
        if not said.startswith(f"Wrote {path}: "):
            raise AssertionError(said)
        return path


class ReportTest(Pages):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.answer("import", *sorted(ALLIANCES.glob("*.jsonl")))
        cls.found_hostile()
        cls.paths = {
            "klm": cls.page("klm", KLM, "--as-of", "2001"),
            "portfolio": cls.page("portfolio", "--all"),
            "hostile": cls.page("hostile", "hostile"),
        }
        cls.paths["planted"] = cls.plant_faults(cls.paths["klm"])
        cls.paths["injected"] = cls.plant_script(cls.paths["klm"])
        modes = {"klm": [*EVERY_MODE, "scriptless"], "portfolio": EVERY_MODE, "hostile": ["light"], "planted": ["dark"],
                 "injected": ["dark"]}
        cls.seen = looked_at([{"name": name, "path": str(path), "modes": modes[name],
                               "pdf": str(cls.place / f"{name}.pdf") if name == "klm" else None}
                              for name, path in cls.paths.items()], cls.place)
        cls.data = {"klm": json.loads(cls.answer("report", KLM, "--as-of", "2001", "--json")),
                    "portfolio": json.loads(cls.answer("report", "--all", "--json"))}

    @classmethod
    def found_hostile(cls):
        client = cls.shared.client
        founding = api.CreatePartnershipRequest(partnership="hostile", recorder="acme", display_name=HOSTILE,
                                                partners=[api.Partner(organization="acme", display_name=HOSTILE),
                                                          api.Partner(organization="globex", display_name="<b>Globex</b>")])
        founding.initial_contact_time.FromJsonString("2024-01-08T00:00:00Z")
        client.partnerships.CreatePartnership(founding, timeout=SECONDS_MAX)
        for act in ({"commitment_made": api.CommitmentMade()}, {"feedback_given": api.FeedbackGiven()}):
            request = api.RecordEvidenceRequest(partnership="hostile", recorder="acme",
                                                evidence=api.Evidence(actor="globex", affected=["acme"], **act))
            request.occur_time.FromJsonString("2024-02-01T00:00:00Z")
            client.evidence.RecordEvidence(request, timeout=SECONDS_MAX)

    @classmethod
    def plant_faults(cls, path):
        """The same page with ink too pale, a picture without words, and no security policy, which would not let in the ink."""
        text = path.read_text(encoding="utf-8")
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
        text = text.replace("--ink: #e8ebee", "--ink: #555555").replace("<main ", '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><main ')
        planted = cls.place / "planted.html"
        planted.write_text(text, encoding="utf-8")
        return planted

    @classmethod
    def plant_script(cls, path):
        """The same page with a script and a picture that somebody else put into it."""
        injected = cls.place / "injected.html"
        injected.write_text(path.read_text(encoding="utf-8").replace(
            "<main ", '<script>window.hostile = 1</script><img alt="" src="http://127.0.0.1:9/x.png"><main ', 1), encoding="utf-8")
        return injected

    def in_every_mode(self, *names):
        """Each look at a page that is as trustctl wrote it, in a browser that runs scripts."""
        for name in names or ("klm", "portfolio", "hostile"):
            for mode, seen in self.seen[name].items():
                if mode != "scriptless":
                    yield name, mode, seen

    def test_nothing_keeps_people_out_in_light_dark_on_a_phone_and_on_paper(self):
        looks = 0
        for name, mode, seen in self.in_every_mode():
            with self.subTest(name=name, mode=mode):
                self.assertEqual(seen["violations"], [])
                looks += 1
        self.assertEqual(looks, 9)

    def test_the_same_look_finds_planted_faults(self):
        found = {line.split(":")[0] for line in self.seen["planted"]["dark"]["violations"]}
        self.assertLessEqual({"color-contrast", "image-alt"}, found)

    def test_no_network_is_asked_and_nothing_complains(self):
        for name, mode, seen in self.in_every_mode():
            with self.subTest(name=name, mode=mode):
                self.assertEqual(seen["requests"], [f"file://{self.paths[name]}"])
                self.assertEqual(seen["complaints"], [])

    def test_what_is_not_the_pages_own_is_not_let_in(self):
        seen = self.seen["injected"]["dark"]
        self.assertEqual(seen["hostile"], "undefined")
        refused = " ".join(seen["complaints"])
        self.assertIn("script", refused)
        self.assertIn("img-src", refused)

    def test_a_hostile_name_runs_nothing_and_is_read_as_it_is_written(self):
        for seen in self.seen["hostile"].values():
            self.assertEqual((seen["hostile"], seen["images"]), ("undefined", 0))
            self.assertEqual(seen["title"], f"{HOSTILE} (hostile)")
        page = self.paths["hostile"].read_text(encoding="utf-8")
        self.assertNotIn("<b>", page)
        self.assertNotIn("<img", page)

    def test_no_page_is_wider_than_the_screen_and_no_chart_is_cut(self):
        for name, mode, seen in self.in_every_mode():
            with self.subTest(name=name, mode=mode):
                self.assertEqual(seen["widthExcess"], 0)
                self.assertEqual(seen["cut"], [])

    def test_dark_is_dark_and_light_is_light(self):
        for name in ("klm", "portfolio"):
            self.assertEqual(self.seen[name]["light"]["background"], "rgb(255, 255, 255)")
            self.assertEqual(self.seen[name]["paper"]["background"], "rgb(255, 255, 255)")
            self.assertEqual(self.seen[name]["dark"]["background"], "rgb(20, 24, 29)")

    def test_every_chart_has_a_mark_for_each_thing_it_is_about(self):
        data = self.data["klm"]
        self.assertGreater(len(data["evidence"]), 40)
        for mode in ("light", "dark", "phone", "paper"):
            marks = self.seen["klm"][mode]["marks"]
            self.assertEqual(marks["evidence"], {"entry": len(data["evidence"])})
            self.assertEqual(marks.get("promises", {}), {"entry": len(data["promises"])} if data["promises"] else {})
            for place, direction in enumerate(data["directions"]):
                self.assertEqual(marks[f"stages-{place}"], {"change": len(direction["held"])})
                self.assertEqual(marks[f"scores-{place}"], {"band": 4, "score": 4})
            paths = self.data["portfolio"]["paths"]
            marks = self.seen["portfolio"][mode]["marks"]
            self.assertEqual(marks["counts"], {"count": 4})
            self.assertEqual(marks["paths"], {"step": sum(len(path["held"]) for path in paths)})
        self.assertEqual(self.seen["hostile"]["light"]["marks"]["promises"], {"entry": 1})

    def test_headings_are_in_order(self):
        for name, _, seen in self.in_every_mode():
            levels = seen["headings"]
            self.assertEqual((levels[0], levels.count(1)), (1, 1), name)
            for before, after in zip(levels, levels[1:]):
                self.assertLessEqual(after, before + 1, name)

    def test_the_keyboard_reaches_everything_that_can_be_opened_or_moved_and_shows_where_it_is(self):
        for name in ("klm", "portfolio"):
            page = self.paths[name].read_text(encoding="utf-8")
            places = self.seen[name]["light"]["tab"]
            self.assertEqual(places[0]["name"], "Skip to the report")
            names = {place["name"] for place in places}
            for heading in ("Stages over time", "What needs care", "Checkpoint, and how to verify it"):
                self.assertIn(heading, names)
            self.assertEqual(sum(place["tag"] == "summary" for place in places), page.count("<summary>"))
            self.assertIn("Commands", names)
            self.assertIn("Table: How far each partner trusts the other", names)
            self.assertEqual([place for place in places if not place["seen"]], [])

    def test_without_scripts_text_and_tables_still_say_it(self):
        seen = self.seen["klm"]["scriptless"]
        self.assertEqual(seen["charts"], 0)
        for words in ("klm → northwest", "4 maintaining commitment", "Changes of stage", "What is missing for the next stage",
                      "log.example.com"):
            self.assertIn(words, seen["text"])

    def test_paper_has_what_was_closed_on_the_screen(self):
        self.assertGreater(self.seen["klm"]["light"]["closed"], 3)
        for name in ("klm", "portfolio"):
            self.assertEqual(self.seen[name]["paper"]["closed"], 0)
            # A page of A4 between its margins, in pixels of the browser.
            self.assertLess(self.seen[name]["paper"]["tallest"], 1000)
        printed = (self.place / "klm.pdf").read_bytes()
        self.assertTrue(printed.startswith(b"%PDF-"))
        pages = len(re.findall(rb"/Type\s*/Page\b", printed))
        self.assertGreater(pages, 5)

    def test_the_page_tells_the_held_view_beside_hindsight(self):
        page = self.page("vw", "vw-suzuki").read_text(encoding="utf-8")
        for words in ("Held view beside hindsight", "Suzuki Motor (suzuki)", ">hindsight<", "synthetic", "arbitration"):
            self.assertIn(words, page)

    def test_the_commands_on_the_page_verify_the_log_that_it_was_read_from(self):
        page = self.paths["klm"].read_text(encoding="utf-8")
        listed = re.search(r'data-listing="Commands">([^<]+)</pre>', page).group(1)
        commands = listed.replace("&#39;", "'").replace("&gt;", ">").splitlines()
        self.assertEqual(len(commands), 4)
        self.assertIn(f"--verifier-key '{self.verifier_key}'", commands[1])
        folder = pathlib.Path(server.program("trustctl")).parent
        for command in commands:
            outcome = subprocess.run(["bash", "-euc", command], cwd=self.folder, capture_output=True, text=True,
                                     timeout=SECONDS_MAX, check=False,
                                     env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "TRUSTCTL_SERVER": self.server.address})
            self.assertEqual(outcome.returncode, 0, f"{command}\n{outcome.stdout}{outcome.stderr}")
        self.assertIn((self.folder / "kept.checkpoint").read_text(encoding="utf-8"), page)

    def test_a_page_is_written_whole_under_either_spelling_and_mistakes_are_explained(self):
        path = self.folder / "short.html"
        self.answer("report", KLM, "-o", path, "--trustor", "klm", "--trustee", "northwest")
        page = path.read_text(encoding="utf-8")
        self.assertTrue(page.endswith("</html>\n"))
        self.assertIn("klm → northwest</h3>", page)
        self.assertNotIn("northwest → klm</h3>", page)
        self.assertEqual([entry.name for entry in self.folder.iterdir()], ["short.html"])
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        # What is there keeps its mode, and a link leads to it.
        path.chmod(0o644)
        (self.folder / "link.html").symlink_to(path)
        self.answer("report", KLM, "-o", self.folder / "link.html")
        self.assertTrue((self.folder / "link.html").is_symlink())
        self.assertIn("northwest → klm</h3>", path.read_text(encoding="utf-8"))
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o644)
        self.assertIn("</html>", self.answer("report", KLM, "--out", "-"))
        for arguments, code, words in (((KLM,), 2, "--out FILE"), (("-o", "x"), 2, "or --all"), ((KLM, "--all", "-o", "x"), 2, "not both"),
                                       (("nobody", "-o", path), 1, "NOT_FOUND"),
                                       ((KLM, "-o", self.folder / "missing" / "x.html"), 1, "cannot be written")):
            outcome = self.run_it("report", *arguments)
            self.assertEqual((outcome.returncode, outcome.stdout), (code, ""), arguments)
            self.assertIn(words, outcome.stderr)

    def test_a_report_of_a_past_day_knows_what_was_retracted_since(self):
        self.client.partnerships.CreatePartnership(story.creation("past-day"), timeout=SECONDS_MAX)
        missed = self.client.evidence.RecordEvidence(
            story.record(story.evidence(commitment_missed={}), "past-day"), timeout=SECONDS_MAX).events[0]

        def read(*arguments):
            return json.loads(self.answer("report", "past-day", "--json", *arguments))

        self.assertEqual([promise["outcome"] for promise in read("--as-of", "2024-03")["promises"]], ["missed"])
        self.client.evidence.RetractEvidence(api.RetractEvidenceRequest(partnership="past-day", recorder="acme",
                                                                        event=str(missed.revision)), timeout=SECONDS_MAX)
        for arguments in ((), ("--as-of", "2024-03")):
            data = read(*arguments)
            self.assertEqual(data["promises"], [])
            self.assertEqual([mark["retracted"] for mark in data["evidence"]], ["retracted"])
        page = self.page("past", "past-day", "--as-of", "2024-03").read_text(encoding="utf-8")
        self.assertIn(f"retracted by {missed.revision + 1}", page)
        self.assertIn("left out of a report with --as-of, --known or --policy", page)
        self.assertEqual(read("--as-of", "2024-01")["evidence"], [])

    def test_a_report_of_an_early_day_of_a_long_history_shows_what_had_happened(self):
        items = [story.founding_item("long-history"), story.item("early", "long-history"),
                 *(story.item(f"late-{number}", "long-history", on="2021-06-01") for number in range(2100))]
        results = self.client.import_items(*(items[at:at + 500] for at in range(0, len(items), 500)))
        self.assertEqual({result.outcome for result in results}, {api.IMPORT_OUTCOME_CREATED})
        page = self.page("early", "long-history", "--as-of", "2021-05").read_text(encoding="utf-8")
        self.assertIn("Acts: 1 imported.", page)
        self.assertNotIn("events are left out here", page)
        page = self.page("late", "long-history").read_text(encoding="utf-8")
        self.assertIn("Acts: 2,000 imported.", page)
        self.assertIn(f"The first {self.client.revision('long-history') - 2000} events are left out here", page)

    def test_the_checkpoint_covers_all_that_was_read(self):
        self.client.partnerships.CreatePartnership(story.creation("covered"), timeout=SECONDS_MAX)
        for arguments in (("--all",), ("covered", "--as-of", "2024-01-31")):
            recorded = self.client.evidence.RecordEvidence(
                story.record(story.evidence(feedback_given={}), "covered"), timeout=SECONDS_MAX)
            page = self.page("covered", *arguments).read_text(encoding="utf-8")
            covered = int(re.search(r"is among the ([\d,]+) records", page).group(1).replace(",", ""))
            checkpoint = self.client.audit.GetCheckpoint(api.GetCheckpointRequest(min_position=recorded.log_position),
                                                         timeout=SECONDS_MAX)
            self.assertEqual(covered, checkpoint.size)

    def test_a_timeline_is_drawn_with_the_characters_of_the_locale(self):
        drawn = self.answer("timeline", KLM, "--plot", "--as-of", "2001", LANG="C.UTF-8")
        self.assertIn("klm -> northwest\nmaintaining commitment   │", drawn)
        self.assertIn("┏", drawn)
        plain = self.answer("timeline", KLM, "--plot", "--as-of", "2001", LC_ALL="C", LANG="C.UTF-8")
        self.assertTrue(plain.isascii())
        self.assertEqual([len(line) for line in plain.splitlines()], [len(line) for line in drawn.splitlines()])
        self.assertEqual(self.run_it("timeline", KLM, "--plot", "--json").returncode, 2)

    def test_the_plot_of_a_partnership_that_ended_goes_to_its_end(self):
        drawn = self.answer("timeline", ENDED, "--plot", LC_ALL="C", LANG="C.UTF-8")
        end = self.client.partnerships.GetPartnership(api.GetPartnershipRequest(partnership=ENDED)).partnership.end_time.ToJsonString()[:10]
        self.assertIn(f"\nThe partnership ended on {end}.\n", drawn)
        years = [int(year) for year in re.findall(r"\b\d{4}\b", drawn.split("\nThe partnership ended")[0])]
        self.assertLessEqual(max(years), int(end[:4]))
        before = self.answer("timeline", ENDED, "--plot", "--as-of", "2010", LC_ALL="C", LANG="C.UTF-8")
        self.assertNotIn("ended on", before)


if __name__ == "__main__":
    server.main()
