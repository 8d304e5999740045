"""A machine with a daemon for all its users, who are made for the test by number: it takes root to become them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Final, Self

from tests.e2e.user import PATIENCE_S, POMO, Done, User

#: The user that the daemon runs as.
DAEMON_UID: Final = 61000

# What systemd does: a listening socket as descriptor 3, and who is meant by it.
_ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""


def become(uid: int, *, reads_all: bool) -> list[str]:
    """Answer what to put before a command for it to run as an OS user. `reads_all`: even a Python that is root's."""
    command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    return [*command, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"] if reads_all else command


class LocalUser(User):
    """An OS user of the machine, whose configuration leaves the timer to the machine's daemon."""

    def __init__(self, uid: int, socket_path: str, folder: str) -> None:
        home = f"{folder}/home-{uid}"
        os.mkdir(home, 0o700)
        os.chown(home, uid, uid)
        super().__init__({"HOME": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "POMO_SYSTEM_SOCKET": socket_path})
        self.uid = uid
        self.write_config("[daemon]\nsystem = true\n")
        for place, folders, files in os.walk(home):
            for name in (*folders, *files):
                os.chown(f"{place}/{name}", uid, uid)

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = PATIENCE_S) -> Done:
        """Run `pomo` as this user."""
        return self._as(*become(self.uid, reads_all=True), *POMO, *arguments, env=env or {}, timeout=timeout)

    def python(self, code: str) -> str:
        """Run a program as this user; answer what it prints."""
        return self._as(*become(self.uid, reads_all=True), sys.executable, "-c", code).out

    def shell(self, script: str, **changes: str) -> Done:
        """Run a script as this user, without the right to read what is others'."""
        return self._as(*become(self.uid, reads_all=False), "/bin/sh", "-c", script, env=changes)

    def _as(self, *command: str, env: Mapping[str, str] | None = None, timeout: float = PATIENCE_S) -> Done:
        done = subprocess.run(
            command,
            env={**self.env, **(env or {})},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        return Done(done.returncode, done.stdout, done.stderr)


class Machine:
    """A machine within `with`: a socket in a folder of root's, and a daemon of its own user behind it."""

    def __enter__(self) -> Self:
        self.folder = tempfile.mkdtemp(prefix="pomo-", dir="/tmp")
        os.chmod(self.folder, 0o755)
        os.mkdir(f"{self.folder}/run", 0o755)
        self.data = f"{self.folder}/var"
        os.mkdir(self.data, 0o700)
        os.chown(self.data, DAEMON_UID, DAEMON_UID)
        self.config = f"{self.folder}/config.toml"
        self.socket_path = f"{self.folder}/run/pomo.sock"
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(self.socket_path)
        os.chmod(self.socket_path, 0o666)
        self._listening.listen(64)
        self.start()
        return self

    def start(self) -> None:
        """Start the daemon, as systemd would."""
        env = {
            "PATH": "/usr/bin:/bin",
            "POMO_CONFIG": self.config,
            "POMO_DATA_DIR": self.data,
            "POMO_STATE_DIR": f"{self.data}/state",
            "LISTEN_FDS": "1",
        }
        self.process = subprocess.Popen(
            [
                *(*become(DAEMON_UID, reads_all=True), sys.executable, "-c", _ACTIVATE, str(self._listening.fileno())),
                *(sys.executable, "-m", "pomo_daemon", "--system"),
            ],
            env=env,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(self._listening.fileno(),),
        )

    def kill(self) -> None:
        """Kill the daemon; the socket stays."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def user(self, uid: int) -> LocalUser:
        """Make a user."""
        return LocalUser(uid, self.socket_path, self.folder)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)
        self._listening.close()
        shutil.rmtree(self.folder)
