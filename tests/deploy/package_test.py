"""The packages, installed, started, upgraded, removed and purged on a Debian on which nothing was ever installed.

    package_test.py PROGRAMS PACKAGES [unittest's arguments]

PROGRAMS is the folder of the built trustd; PACKAGES the folder in which cpack put the packages.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import clean_root

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
FLAGS = "/etc/trustd/trustd.flags"
HERE = "/root"  # Where the readme's commands are run, with what they read below it.
SKIPPED = 77
PACKAGES = pathlib.Path()


def commands_of_readme(test, place):
    """The lines of one of the blocks that deploy/README.md says are run by that test; the first is 0."""
    text = (REPOSITORY / "deploy" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(rf"^<!-- tests/deploy/{test} runs this. -->\n```\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    return blocks[place].splitlines()


def package(name):
    """The package that cpack made last."""
    return max(PACKAGES.glob(f"{name}_*.deb"), key=lambda path: path.stat().st_mtime)


def make_successor(path, folder):
    """A package of the next version, with the same programs."""
    with tempfile.TemporaryDirectory() as content:
        clean_root.run(["dpkg-deb", "--raw-extract", str(path), f"{content}/tree"])
        control = pathlib.Path(content) / "tree/DEBIAN/control"
        text = control.read_text(encoding="utf-8")
        control.write_text(re.sub(r"^Version: .*$", "Version: 999.0.0-1", text, flags=re.MULTILINE), encoding="utf-8")
        successor = folder / path.name.replace(path.name.split("_")[1], "999.0.0-1")
        clean_root.run(["dpkg-deb", "--build", "-Zgzip", "-z1", "--root-owner-group", f"{content}/tree", str(successor)])
    return successor


class PackageTest(unittest.TestCase):
    """One life of an installation, each step on what the one before it left."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        packages = cls.packages = pathlib.Path(folder.name)
        for name in ("trustd", "trustctl"):
            (packages / package(name).name).write_bytes(package(name).read_bytes())
        try:
            clean_root.require(*clean_root.TOOLS)
            clean_root.fetch_dependencies(*packages.glob("*.deb"))
            (packages / "next").mkdir()
            make_successor(package("trustd"), packages / "next")
            cls.machine = clean_root.Machine({f"{HERE}/build/packages": packages, f"{HERE}/deploy/examples": REPOSITORY / "deploy" / "examples"})
        except clean_root.NotHere as reason:
            raise unittest.SkipTest(str(reason)) from None
        cls.addClassCleanup(cls.machine.close)
        cls.run_there = staticmethod(cls.machine.run)

    def property_of_the_service(self, name):
        return self.run_there("systemctl", "show", "--value", f"--property={name}", "trustd").strip()

    def listing(self, place):
        return self.run_there("find", place, "-maxdepth", "0", "-printf", "%u:%g %m").strip()

    def stage(self):
        return json.loads(self.run_there("trustctl", "stage", "klm-northwest", "--json"))

    def await_service(self, *flags):
        try:
            self.run_there("trustctl", "wait", "--timeout", "60s", *flags)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{self.run_there('journalctl', '--unit=trustd')}") from None

    def await_restart(self, pid):
        """Waits until the service has another process than that one, and serves."""
        self.run_there("sh", "-c", f"until systemctl show --value --property=MainPID trustd | grep -vxE '0|{pid}'; do :; done")
        self.await_service()

    def test_01_apt_installs_it_with_its_dependencies_and_it_serves(self):
        for command in commands_of_readme("package_test.py", 0):
            said = self.run_there("sh", "-c", f"cd {HERE} && {command}")
        self.assertIn("klm", said)
        self.assertEqual(self.run_there("systemctl", "is-enabled", "trustd").strip(), "enabled")
        self.assertEqual(self.run_there("trustd", "--version").split()[0], "trustd")
        self.assertEqual(self.listing("/var/lib/trustd"), "trustd:trustd 700")

    def test_02_the_service_has_no_rights_that_it_does_not_need(self):
        pid = self.property_of_the_service("MainPID")
        status = dict(line.split(":\t", 1) for line in self.run_there("cat", f"/proc/{pid}/status").splitlines() if ":\t" in line)
        self.assertEqual({status[name].strip() for name in ("CapPrm", "CapEff", "CapBnd")}, {"0" * 16})
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        user = self.run_there("id", "--user", "trustd").strip()
        self.assertEqual(set(status["Uid"].split()), {user})
        # What it sees of the disk: nothing to write but its own.
        mounts = self.run_there("cat", f"/proc/{pid}/mountinfo")
        self.assertRegex(mounts, r" / / ro,")
        self.assertRegex(mounts, r" /var/lib/trustd rw,")

    def test_03_a_server_that_was_killed_is_started_again_with_what_it_had(self):
        before, pid = self.stage(), self.property_of_the_service("MainPID")
        self.run_there("systemctl", "kill", "--signal=KILL", "trustd")
        self.await_restart(pid)
        self.assertEqual(self.stage(), before)

    def test_04_the_file_of_flags_counts_and_a_wrong_flag_is_not_tried_again(self):
        self.run_there("sh", "-c", f"echo --read_threads=100 >>{FLAGS}; systemctl restart trustd || true")
        self.run_there("sh", "-c", "while [ $(systemctl show --value --property=ActiveState trustd) != failed ]; do :; done")
        self.assertEqual(self.property_of_the_service("ExecMainStatus"), "2")
        self.assertIn("--read_threads=100 is out of range; use 1 to 64", self.run_there("journalctl", "--unit=trustd", "--output=cat"))
        self.run_there("sh", "-c", f"sed -i s/read_threads=100/read_threads=3/ {FLAGS}; systemctl restart trustd")
        self.await_service()

    def test_05_it_speaks_tls_with_a_key_that_is_its_users_alone(self):
        # The key comes to /dev/shm, besides, which the unit leaves it. One certificate is the server's, the client's and their authority's.
        made = self.packages / "tls"
        made.mkdir()
        clean_root.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{made}/tls.key", "-out", f"{made}/tls.pem"])
        (made / "permissions.json").write_text('{"grants": [{"principals": ["x509:CN=localhost"], "roles": ["reader"]}]}', encoding="utf-8")
        there = f"{HERE}/build/packages/tls"
        self.run_there("sh", "-c", f"""
            install --owner=trustd --mode=600 {there}/* /etc/trustd/ && cd /etc/trustd &&
            printf -- '--%s=/etc/trustd/%s\n' tls_certificate_file tls.pem tls_key_file tls.key tls_client_ca_file tls.pem \\
              permission_file permissions.json >>{FLAGS} && systemctl restart trustd""")
        self.await_service("--ca", f"{there}/tls.pem", "--cert", f"{there}/tls.pem", "--key", f"{there}/tls.key")
        self.run_there("sh", "-c", f"sed -i '/^--tls_/d; /^--permission/d' {FLAGS} && rm /etc/trustd/tls.* /etc/trustd/permissions.json")
        self.run_there("systemctl", "restart", "trustd")
        self.await_service()

    def test_06_it_makes_backups_where_the_readme_says_that_it_may(self):
        text = (REPOSITORY / "deploy" / "README.md").read_text(encoding="utf-8")
        [settings] = re.findall(r"^```\n(\[Service\]\n.*?)```", text, re.MULTILINE | re.DOTALL)
        self.assertIn("ReadWritePaths=/srv/backups\n", settings)
        self.run_there("install", "--directory", "--owner=trustd", "--group=trustd", "/srv/backups")
        self.run_there("sh", "-c", f"echo --backup_directory=/srv/backups/log >>{FLAGS} && systemctl restart trustd")
        self.await_service()
        with self.assertRaisesRegex(AssertionError, "BACKUP_FAILED"):
            self.run_there("trustctl", "backup")
        place = "/etc/systemd/system/trustd.service.d"
        self.run_there("sh", "-c", f"mkdir {place} && printf '{settings}' >{place}/override.conf && systemctl daemon-reload && systemctl restart trustd")
        self.await_service()
        self.run_there("trustctl", "backup")
        self.run_there("trustctl", "restore", "--backup-directory", "/srv/backups/log", "--list")
        self.run_there("sh", "-c", f"rm -r {place} && sed -i '/^--backup_directory/d' {FLAGS} && systemctl daemon-reload && systemctl restart trustd")
        self.await_service()

    def test_07_an_upgrade_restarts_it_and_keeps_the_histories_and_the_flags(self):
        before, pid = self.stage(), self.property_of_the_service("MainPID")
        self.run_there("sh", "-c", f"apt-get install --yes {HERE}/build/packages/next/trustd_*.deb")
        self.await_service()
        self.assertIn("999.0.0-1", self.run_there("dpkg-query", "--show", "trustd"))
        self.assertNotEqual(self.property_of_the_service("MainPID"), pid)
        self.assertEqual(self.stage(), before)
        self.assertIn("\n--read_threads=3\n", self.run_there("cat", "/etc/trustd/trustd.flags"))

    def test_08_removed_it_no_longer_runs_and_nothing_of_the_operator_is_gone(self):
        self.run_there("apt-get", "remove", "--yes", "trustd")
        self.assertEqual(self.run_there("sh", "-c", "cat /proc/[0-9]*/comm | grep --line-regexp trustd || true"), "")
        self.run_there("test", "-e", "/etc/trustd/trustd.flags", "-a", "-e", "/var/lib/trustd/store/CURRENT")

    def test_09_purged_the_configuration_is_gone_and_the_histories_are_kept_and_it_says_so(self):
        [command] = commands_of_readme("package_test.py", 1)
        said = self.run_there("sh", "-c", command)
        self.assertIn("The histories in /var/lib/trustd are kept", said)
        self.run_there("test", "!", "-e", "/etc/trustd")
        self.run_there("test", "-e", "/var/lib/trustd/store/CURRENT")
        self.assertEqual(self.run_there("sh", "-c", "find /etc/systemd /var/lib/systemd -name 'trustd*'"), "")

    def test_10_installed_anew_it_serves_the_histories_that_were_kept(self):
        self.run_there("sh", "-c", f"apt-get install --yes {HERE}/build/packages/*.deb")
        self.await_service()
        self.assertIn("klm", json.dumps(self.stage()))

    def test_11_purged_without_histories_nothing_is_left(self):
        self.run_there("systemctl", "stop", "trustd")
        self.run_there("sh", "-c", "rm -r /var/lib/trustd/*")
        said = self.run_there("apt-get", "purge", "--yes", "trustd")
        self.assertNotIn("histories", said)
        self.run_there("test", "!", "-e", "/var/lib/trustd")


if __name__ == "__main__":
    sys.argv.pop(1)
    PACKAGES = pathlib.Path(sys.argv.pop(1)).resolve()
    outcome = unittest.main(verbosity=2, exit=False).result
    if not outcome.wasSuccessful() or outcome.testsRun + len(outcome.skipped) == 0:
        sys.exit(1)
    sys.exit(SKIPPED if outcome.skipped else 0)
