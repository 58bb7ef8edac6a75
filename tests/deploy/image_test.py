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
        cls.here = pathlib.Path(folder.name)
        packages = cls.here / "build" / "packages"
        packages.mkdir(parents=True)
        (cls.here / "deploy").symlink_to(REPOSITORY / "deploy")
        for name in ("trustd", "trustctl"):
            shutil.copy(package_test.package(name), packages)
        try:
            clean_root.require("buildah", *clean_root.TOOLS)
            clean_root.fetch_dependencies(*packages.glob("*.deb"))
            root = clean_root.clean_root()
        except clean_root.NotHere as reason:
            raise unittest.SkipTest(str(reason)) from None
        cls.environment = cls.settings(root.with_suffix(".images"))
        cls.make_base(root, re.search(r"^ARG base=(\S+)", CONTAINERFILE.read_text(encoding="utf-8"), re.MULTILINE).group(1))
        cls.addClassCleanup(lambda: cls.buildah("rmi", "--force", *cls.images))
        cls.addClassCleanup(lambda: cls.buildah("rm", "--all"))
        commands = package_test.commands_of_readme("image_test.py", 0)
        cls.images = re.findall(r"--tag (\S+)", "\n".join(commands))
        for command in commands:
            clean_root.run(command.split(), cwd=cls.here, env=cls.environment)
        leave_network()

    @classmethod
    def settings(cls, images):
        """The environment in which buildah keeps images there, needs no other right than root's, and fetches no package twice."""
        storage, containers = cls.here / "storage.conf", cls.here / "containers.conf"
        storage.write_text(f'[storage]\ndriver = "overlay"\ngraphroot = "{images}"\nrunroot = "{cls.here}/run"\n', encoding="utf-8")
        containers.write_text(f'[containers]\nvolumes = ["{clean_root.ARCHIVES}:/var/cache/apt/archives"]\n'
                              'default_ulimits = ["nofile=4096:4096"]\n', encoding="utf-8")
        return {**os.environ, "CONTAINERS_STORAGE_CONF": str(storage), "CONTAINERS_CONF": str(containers), "BUILDAH_ISOLATION": "chroot"}

    @classmethod
    def buildah(cls, verb, *arguments):
        return clean_root.run(["buildah", verb, *map(str, arguments)], env=cls.environment)

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
        name = next(name for name in self.images if name.startswith(f"{image}:"))
        return json.loads(self.buildah("inspect", "--type", "image", name))["OCIv1"]["config"]

    def run_in(self, image, *command):
        return clean_root.run(self.command_in(image, *command), env=self.environment)

    def command_in(self, image, *command):
        name = next(name for name in self.images if name.startswith(f"{image}:"))
        container = self.buildah("from", "--pull-never", "--volume", f"{REPOSITORY / 'deploy'}:/etc/haproxy:ro", name).strip()
        return ["buildah", "run", container, "--", *command]

    def test_the_image_serves_as_its_user_and_ends_when_it_is_told_to(self):
        entry = " ".join(self.config("trustd")["Entrypoint"])
        said = self.run_in("trustd", "sh", "-ec", f"""
            {entry} & trap 'kill $!' EXIT
            trustctl wait && id --user
            trap - EXIT && kill $! && wait $! && echo ended well""")
        self.assertRegex(said, r'"message":"serving"')
        self.assertRegex(said, r"\n10001\n")
        self.assertTrue(said.rstrip().endswith("ended well"), said)

    def test_both_programs_are_in_it_in_its_version(self):
        version = self.images[0].split(":")[1]
        for name in ("trustd", "trustctl"):
            self.assertIn(f"{name} {version}\n", self.run_in("trustd", name, "--version"))

    def test_behind_the_image_of_the_front_proxy_it_is_reached(self):
        server, proxy = " ".join(self.config("trustd")["Entrypoint"]), self.config("trustd-proxy")
        self.assertEqual(proxy["User"], "10002:10002")
        with subprocess.Popen(self.command_in("trustd-proxy", *proxy["Entrypoint"]), env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True) as running:
            try:
                self.run_in("trustd", "sh", "-ec", f"{server} & trap 'kill $!' EXIT; trustctl wait --server 127.0.0.1:50443 --timeout 30s")
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
    package_test.PACKAGES = pathlib.Path(sys.argv.pop(1)).resolve()
    outcome = unittest.main(verbosity=2, exit=False).result
    if not outcome.wasSuccessful() or outcome.testsRun + len(outcome.skipped) == 0:
        sys.exit(1)
    sys.exit(package_test.SKIPPED if outcome.skipped else 0)
