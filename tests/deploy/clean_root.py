"""A Debian on which nothing was ever installed, and a machine that boots it: what the tests of the packages and the image share.

The root is made once, by mmdebstrap from the package sources of this machine, and stays below build/. Whoever uses it works on a
layer of its own above it. A machine is a container with systemd as its first process and no network but its own loopback. All of
it, processes and mounts, ends with the process that started it, however that ends.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
KEPT = REPOSITORY / "build" / "clean_root"
# Packages that were fetched once, for the next time.
ARCHIVES = KEPT / "archives"
TOOLS = ("mmdebstrap", "systemd-nspawn", "unshare", "nsenter", "setpriv")
# How long anything may take before it counts as hanging; the first may have to fetch a whole Debian.
SECONDS_MAX = 600


class NotHere(Exception):
    """This machine cannot do it; says why."""


def require(*tools):
    """Ends a test as skipped where there is no root or no such tool."""
    if os.geteuid() != 0:
        raise NotHere("it takes root")
    for tool in tools:
        if shutil.which(tool) is None:
            raise NotHere(f"there is no {tool} here")


def run(command, **options):
    """What a command printed, on both channels; fails when it does."""
    outcome = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             timeout=SECONDS_MAX, check=False, **options)
    if outcome.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {outcome.returncode}:\n{outcome.stdout}")
    return outcome.stdout


def suite():
    """The name of this machine's Debian."""
    values = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text(encoding="utf-8").splitlines() if "=" in line)
    if values.get("ID") != "debian" or "VERSION_CODENAME" not in values:
        raise NotHere("this is no release of Debian")
    return values["VERSION_CODENAME"]


def package_sources():
    """The lines of Debian's own sources that this machine has."""
    listed = run(["apt-get", "indextargets", "--format", "deb $(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages",
                  "Origin: Debian"])
    return sorted(set(listed.splitlines()))


def apt_options():
    """How this machine's apt reaches its sources, and how it judges their age."""
    kept = ("Acquire::http", "Acquire::https", "Acquire::Check-", "Acquire::Retries")
    lines = [line for line in run(["apt-config", "dump"]).splitlines() if line.startswith(kept) and not line.endswith('"";')]
    return "\n".join([*lines, 'Acquire::Languages "none";']) + "\n"


def clean_root():
    """The folder of the root, made when it is not there yet. Nobody may write in it."""
    require(*TOOLS)
    release, sources, options = suite(), package_sources(), apt_options()
    root = KEPT / hashlib.sha256(repr((release, sources, options)).encode()).hexdigest()[:16]
    ARCHIVES.mkdir(parents=True, exist_ok=True)
    with open(KEPT / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            unfinished = root.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            (KEPT / "apt.conf").write_text(options, encoding="utf-8")
            run(["mmdebstrap", "--quiet", "--mode=root", "--variant=apt", "--format=directory", "--include=systemd,systemd-sysv",
                 "--hook-dir=/usr/share/mmdebstrap/hooks/eatmydata", "--skip=cleanup/apt/lists", f"--aptopt={KEPT / 'apt.conf'}",
                 "--dpkgopt=force-unsafe-io", release, str(unfinished), *sources])
            unfinished.rename(root)
    return root


class Machine:
    """A clean root that has booted. `shared` are folders of this machine that it sees, by their names there.

    Raises NotHere when containers cannot be booted here.
    """

    def __init__(self, shared=None):
        root = clean_root()
        self._folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self._folder.name)
        for name in ("upper", "work", "root"):
            (folder / name).mkdir()
        binds = {"/var/cache/apt/archives": ARCHIVES, **(shared or {})}
        boot = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--resolv-conf=off",
                "--notify-ready=yes", "--console=read-only", "--boot", f"--directory={folder / 'root'}",
                *(f"--bind={outside}:{inside}" for inside, outside in binds.items())]
        mount = f"lowerdir={root},upperdir={folder / 'upper'},workdir={folder / 'work'}"
        self._log = folder / "log"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices, open(self._log, "w", encoding="utf-8") as log:
            notices.bind(str(folder / "notices"))
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc",
                 "sh", "-c", f'mount -t overlay overlay -o {mount} {folder / "root"} && exec "$@"', "sh", *boot],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, "NOTIFY_SOCKET": str(folder / "notices")})
            try:
                self._await_boot(notices)
            except BaseException:
                self.close()
                raise

    def _await_boot(self, notices):
        """Reads what the container tells of itself until it has booted."""
        self._first = None
        notices.settimeout(0.2)
        while True:
            try:
                told = dict(line.split("=", 1) for line in notices.recv(4096).decode().splitlines() if "=" in line)
            except TimeoutError:
                if self._process.poll() is not None:
                    raise NotHere(f"no container boots here: {self.log()[-2000:]}") from None
                continue
            self._first = told.get("X_NSPAWN_LEADER_PID", self._first)
            if told.get("READY") == "1":
                return

    def log(self):
        return self._log.read_text(encoding="utf-8", errors="replace")

    def run(self, *command):
        """What a command printed that root runs there; fails when it does."""
        outer = pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text(encoding="utf-8").split()[0]
        return run(["nsenter", f"--target={outer}", "--mount", "--pid", "nsenter", f"--target={self._first}", "--all",
                    "env", "-i", "--chdir=/", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8",
                    "DEBIAN_FRONTEND=noninteractive", *map(str, command)])

    def close(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        remove_control_groups()
        self._folder.cleanup()


def remove_control_groups():
    """Removes the groups that a container left in this process's own, as soon as the last of its processes is gone."""
    mounts = [line.split() for line in pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    own = {line.split(":")[2].lstrip("/") for line in pathlib.Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()}
    left = [pathlib.Path(mount[1]) / group / name for mount in mounts if mount[2] in ("cgroup", "cgroup2")
            for group in own for name in ("payload", "supervisor")]
    for _ in range(100):
        for folder in (folder for top in left for folder, _, _ in os.walk(top, topdown=False)):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        if not any(top.exists() for top in left):
            return
        threading.Event().wait(0.05)


def fetch_dependencies(*packages):
    """Sees to it that apt finds in ARCHIVES whatever the packages need and a clean root has not. Takes a newer root when the
    packages are made for a newer Debian than it is."""
    root = clean_root()
    needed = "".join(run(["dpkg-deb", "--field", str(path), "Depends"]) for path in sorted(packages))
    fetched = root.with_suffix(f".fetched-{hashlib.sha256(needed.encode()).hexdigest()[:16]}")
    if fetched.exists():
        return
    try:
        fetch(root, packages)
    except AssertionError:
        shutil.rmtree(root)
        fetch(clean_root(), packages)
    fetched.touch()


def fetch(root, packages):
    with tempfile.TemporaryDirectory() as folder:
        for name in ("upper", "work", "root"):
            os.mkdir(f"{folder}/{name}")
        run(["unshare", "--mount", "sh", "-ec", f"""
            mount -t overlay overlay -o lowerdir={root},upperdir={folder}/upper,workdir={folder}/work {folder}/root
            mount --bind {ARCHIVES} {folder}/root/var/cache/apt/archives
            cp {' '.join(map(str, packages))} {folder}/root/tmp
            chroot {folder}/root sh -c 'apt-get install --quiet --yes --download-only --no-install-recommends /tmp/*.deb'"""])
