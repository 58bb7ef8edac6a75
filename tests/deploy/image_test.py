"""The images of deploy/Containerfile, built from the packages and run. Usage: image_test.py PROGRAMS PACKAGES [unittest's arguments]

PROGRAMS is the folder of the built trustd; PACKAGES the folder in which cpack put the packages. No registry is asked: the base is
a clean Debian root (clean_root.py) under the name that the Containerfile gives it.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

import clean_root
import package_test

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CONTAINERFILE = REPOSITORY / "deploy" / "Containerfile"
CLONE_NEWNET = 0x40000000
PACKAGES = pathlib.Path()


def leave_network():
    """Gives this process a network of its own, a loopback, so that no port that it listens on is taken."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no network of its own")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP.


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        context = pathlib.Path(folder.name) / "packages"
        context.mkdir()
        for name in ("trustd", "trustctl"):
            shutil.copy(package_test.package(name), context)
        try:
            clean_root.require("buildah", *clean_root.TOOLS)
            clean_root.fetch_dependencies(*context.glob("*.deb"))
            root = clean_root.clean_root()
            cls.storage = ["--root", str(root.with_suffix(".images")), "--runroot", f"{folder.name}/run", "--storage-driver", "overlay"]
            base = re.search(r"^ARG base=(\S+)", CONTAINERFILE.read_text(encoding="utf-8"), re.MULTILINE).group(1)
            cls.make_base(root, base)
        except clean_root.NotHere as reason:
            raise unittest.SkipTest(str(reason)) from None
        cls.addClassCleanup(lambda: cls.buildah("rmi", "--force", "localhost/trustd", "localhost/trustd-proxy"))
        cls.addClassCleanup(lambda: cls.buildah("rm", "--all"))
        for target in ("trustd", "proxy"):
            name = "trustd" if target == "trustd" else "trustd-proxy"
            cls.buildah("build", "--isolation", "chroot", "--pull-never", "--volume", f"{clean_root.ARCHIVES}:/var/cache/apt/archives",
                        "--file", str(CONTAINERFILE), "--target", target, "--tag", name, str(context))
        leave_network()

    @classmethod
    def buildah(cls, verb, *arguments):
        return clean_root.run(["buildah", *cls.storage, verb, *map(str, arguments)])

    @classmethod
    def make_base(cls, root, name):
        """An image of the clean root under that name, once; it stays beside the root."""
        with contextlib.suppress(AssertionError):
            cls.buildah("inspect", "--type", "image", name)
            return
        container = cls.buildah("from", "scratch").strip()
        clean_root.run(["cp", "--archive", f"{root}/.", cls.buildah("mount", container).strip()])
        cls.buildah("umount", container)
        cls.buildah("commit", "--quiet", "--rm", container, name)

    def config(self, image):
        return json.loads(self.buildah("inspect", "--type", "image", image))["OCIv1"]["config"]

    def command_of_run(self, image, *command):
        container = self.buildah("from", "--pull-never", "--ulimit", "nofile=65536:65536", f"localhost/{image}").strip()
        return ["buildah", *self.storage, "run", "--isolation", "chroot", "--volume", f"{REPOSITORY / 'deploy'}:/etc/haproxy:ro",
                container, "--", *command]

    def test_the_image_serves_as_its_user_and_ends_when_it_is_told_to(self):
        entry = " ".join(self.config("trustd")["Entrypoint"])
        said = clean_root.run(self.command_of_run(
            "trustd", "sh", "-ec", f"{entry} & trap 'kill $!' EXIT; trustctl wait; id --user; trap - EXIT; kill $!; wait $!; echo ended well"))
        self.assertRegex(said, r'"message":"serving"')
        self.assertRegex(said, r"\n10001\n")
        self.assertTrue(said.rstrip().endswith("ended well"), said)

    def test_the_base_is_the_release_that_the_packages_were_built_on_by_default(self):
        self.assertIn("trustd", clean_root.run(self.command_of_run("trustd", "trustd", "--version")))
        self.assertIn("trustctl", clean_root.run(self.command_of_run("trustd", "trustctl", "--version")))

    def test_behind_the_image_of_the_front_proxy_it_is_reached(self):
        server, proxy = " ".join(self.config("trustd")["Entrypoint"]), self.config("trustd-proxy")
        self.assertEqual(proxy["User"], "10002:10002")
        with subprocess.Popen(self.command_of_run("trustd-proxy", *proxy["Entrypoint"]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, start_new_session=True) as running:
            try:
                clean_root.run(self.command_of_run(
                    "trustd", "sh", "-ec", f"{server} & trap 'kill $!' EXIT; trustctl wait --server 127.0.0.1:50443 --timeout 5s"))
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGTERM)
                print(running.stdout.read())


if __name__ == "__main__":
    # Processes and mounts of its own, which end with it.
    if os.getpid() != 1 and os.geteuid() == 0 and shutil.which("unshare"):
        os.execvp("setpriv", ["setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc",
                              sys.executable, "-B", *sys.argv])
    sys.argv.pop(1)
    PACKAGES = package_test.PACKAGES = pathlib.Path(sys.argv.pop(1)).resolve()
    outcome = unittest.main(verbosity=2, exit=False).result
    if not outcome.wasSuccessful() or outcome.testsRun + len(outcome.skipped) == 0:
        sys.exit(1)
    sys.exit(package_test.SKIPPED if outcome.skipped else 0)
