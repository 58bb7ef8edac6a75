"""What is in the packages. Usage: package_contents_test.py PROGRAMS PACKAGES [unittest's arguments]"""

import gzip
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from google.protobuf import descriptor_pb2

import clean_root
import package_test

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ""
NAMES = ["trustd", "trustctl"]
MODULE = "trustd-opentelemetry"  # A third package, where the module that sends traces is built.


class PackageContentsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.tree = pathlib.Path(folder.name)
        for name in NAMES:
            clean_root.run(["dpkg-deb", "--extract", str(package_test.package(name)), folder.name])

    def field(self, name, field):
        return clean_root.run(["dpkg-deb", "--field", str(package_test.package(name)), field]).strip()

    def test_lintian_finds_no_error(self):
        # It leaves what it made.
        with tempfile.TemporaryDirectory() as folder:
            print(clean_root.run(["lintian", "--allow-root", "--fail-on", "error", *(str(package_test.package(name)) for name in NAMES)],
                                 env={**os.environ, "TMPDIR": folder}))

    def test_the_version_is_that_of_the_project_and_of_the_programs(self):
        version = re.search(r"^project\(trustd VERSION (\S+)", (REPOSITORY / "CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE).group(1)
        for name, place in (("trustd", "sbin"), ("trustctl", "bin")):
            self.assertEqual(self.field(name, "Version"), f"{version}-1")
            self.assertEqual(clean_root.run([f"{self.tree}/usr/{place}/{name}", "--version"]).split(), [name, version])

    def test_what_the_programs_link_is_depended_on(self):
        for name in ("trustd", "trustctl"):
            self.assertRegex(self.field(name, "Depends"), r"\blibgrpc\+\+\S+ \(>= .*\blibrocksdb\S+ \(>= ")
        self.assertRegex(self.field("trustd", "Depends"), r"^adduser, ")

    def test_opentelemetry_is_needed_by_the_package_of_its_module_alone(self):
        for name in ("trustd", "trustctl"):
            for field in ("Depends", "Pre-Depends", "Recommends", "Suggests"):
                self.assertNotIn("opentelemetry", self.field(name, field))
            place = {"trustd": "sbin", "trustctl": "bin"}[name]
            self.assertNotIn("opentelemetry", clean_root.run(["readelf", "--dynamic", "--wide", f"{self.tree}/usr/{place}/{name}"]))
        if MODULE not in NAMES:
            print("the module is not built here: its library was not found")
            return
        self.assertRegex(self.field(MODULE, "Depends"),
                         r"^trustd \(= [0-9.]+-1\), opentelemetry-cpp \(>= 1\.\d+\), opentelemetry-cpp \(<< 1\.\d+~\), libc6, ")
        # Where trustd looks for it, and with no path of the machine that built it.
        default = re.search(r"--traces_module \(default: (.+)\)", clean_root.run([f"{PROGRAMS}/trustd", "--help"])).group(1)
        dynamic = clean_root.run(["readelf", "--dynamic", "--wide", f"{self.tree}{default}"])
        self.assertIn("libopentelemetry_exporter_otlp_http.so", dynamic)
        self.assertNotRegex(dynamic, r"\((RPATH|RUNPATH)\)")

    def test_the_programs_are_stripped(self):
        for place in ("sbin/trustd", "bin/trustctl"):
            sections = clean_root.run(["readelf", "--sections", "--wide", f"{self.tree}/usr/{place}"])
            self.assertIn(".text", sections)
            self.assertNotRegex(sections, r"\.symtab|\.debug_")

    def test_the_manual_has_every_flag_and_man_reads_it_without_a_complaint(self):
        flags = set(re.findall(r"^  (--\w+)", clean_root.run([f"{PROGRAMS}/trustd", "--help"]), re.MULTILINE))
        for page in ("man8/trustd.8.gz", "man1/trustctl.1.gz"):
            outcome = subprocess.run(["man", "--warnings", "--local-file", f"{self.tree}/usr/share/man/{page}"], capture_output=True, text=True,
                                     env={"PATH": "/usr/bin:/bin", "MANWIDTH": "200", "LC_ALL": "C.UTF-8"}, check=True)
            self.assertEqual(outcome.stderr, "")
            if page.startswith("man8"):
                self.assertEqual(flags - set(re.findall(r"^ +(--\w+)", outcome.stdout, re.MULTILINE)), set())

    def test_the_shells_get_what_trustctl_itself_prints(self):
        for shell, place in (("bash", "bash-completion/completions/trustctl"), ("zsh", "zsh/vendor-completions/_trustctl"),
                             ("fish", "fish/vendor_completions.d/trustctl.fish")):
            self.assertEqual((self.tree / "usr/share" / place).read_text(encoding="utf-8"),
                             clean_root.run([f"{self.tree}/usr/bin/trustctl", "completion", shell]))

    def test_the_api_is_there_for_whoever_makes_stubs(self):
        described = descriptor_pb2.FileDescriptorSet.FromString((self.tree / "usr/share/trustctl/trustd.protoset").read_bytes())
        methods = {f"{service.name}/{method.name}" for file in described.file for service in file.service for method in service.method}
        self.assertIn("TrustService/AssessTrust", methods)
        self.assertIn("Health/Check", methods)

    def test_the_flags_and_the_configuration_of_the_proxy_are_those_of_the_sources(self):
        for place, source in (("etc/trustd/trustd.flags", "trustd.flags"), ("usr/lib/systemd/system/trustd.service", "trustd.service"),
                              ("usr/share/doc/trustd/examples/haproxy.cfg", "haproxy.cfg")):
            self.assertEqual((self.tree / place).read_bytes(), (REPOSITORY / "deploy" / source).read_bytes())
        for name in NAMES:
            with gzip.open(self.tree / f"usr/share/doc/{name}/changelog.gz") as changelog:
                self.assertEqual(changelog.read(), (REPOSITORY / "CHANGELOG.md").read_bytes())


if __name__ == "__main__":
    PROGRAMS = str(pathlib.Path(sys.argv.pop(1)).resolve())
    package_test.PACKAGES = pathlib.Path(sys.argv.pop(1)).resolve()
    if pathlib.Path(PROGRAMS, f"{MODULE}.so").is_file():
        NAMES.append(MODULE)
    unittest.main()
