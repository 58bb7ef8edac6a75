"""The front proxy as it is shipped: HAProxy with deploy/haproxy.cfg, or with that file changed on purpose."""

import os
import pathlib
import re
import shutil
import socket
import subprocess

from server import REPOSITORY, SECONDS_MAX, await_true

SHIPPED = REPOSITORY / "deploy" / "haproxy.cfg"
STARTS_MAX = 5  # Another program may take the port between its choice and the start.


def shipped_text():
    return SHIPPED.read_text(encoding="utf-8")


def changed(text, pattern, replacement):
    """The text with every place of the pattern replaced; fails when there is none, since the file then no longer is what a test believes."""
    result, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
    if count == 0:
        raise AssertionError(f"haproxy.cfg has no {pattern}")
    return result


def without_rate_rule(text):
    """Nor with the newer HAProxy's count of frames that nobody sends, which finds resets, too."""
    return changed(changed(text, r"^.*sc_http_req_rate\(0.*\n", ""), r"^.*glitches-threshold.*\n", "")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def haproxy_program():
    """Never skips: tests/run.sh installs it."""
    path = shutil.which("haproxy", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
    if path is None:
        raise AssertionError("haproxy is not here; tests/run.sh installs it")
    return path


class FrontProxy:
    """A HAProxy before the trustd at an address. values replace those that the file has for the same names."""

    def __init__(self, folder, backend, text=None, **values):
        text = shipped_text() if text is None else text
        self._config = pathlib.Path(folder) / "haproxy.cfg"
        self._config.write_text(text, encoding="utf-8")
        self._log = pathlib.Path(folder) / "haproxy.log"
        for _ in range(STARTS_MAX):
            port = values.get("PROXY_PORT") or free_port()
            environment = {**os.environ, "TRUSTD_BACKEND": backend, "PROXY_ADDRESS": "127.0.0.1", "PROXY_PORT": str(port),
                           "PROXY_USER": "haproxy" if os.geteuid() == 0 else "", **{name: str(value) for name, value in values.items()}}
            with self._log.open("wb") as log:
                self._process = subprocess.Popen([haproxy_program(), "-db", "-f", str(self._config)], env=environment,
                                                 stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
            self.address = f"127.0.0.1:{port}"
            await_true(lambda: self._process.poll() is not None or self._takes_connections(port), "the proxy starts")
            if self._process.poll() is None:
                return
            if "cannot bind" not in self.log:
                break
        raise AssertionError(f"haproxy ended with status {self._process.poll()}:\n{self.log}")

    @staticmethod
    def _takes_connections(port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            return False

    @property
    def pid(self):
        return self._process.pid

    @property
    def log(self):
        return self._log.read_text(encoding="utf-8")

    def memory_mib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024

    def stop(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(SECONDS_MAX)
