"""Somebody at a shell: runs the installed `pomo`, and looks at what it left behind."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from pomo_daemon.protocol import paths

#: Seconds after which something that must happen has not: far more than anything takes.
PATIENCE_S = 20.0
SCRIPT = f"{os.path.dirname(sys.executable)}/pomo"
POMO = (SCRIPT,) if os.path.exists(SCRIPT) else (sys.executable, "-m", "pomo_cli")
DAEMON = (sys.executable, "-m", "pomo_daemon", "--detached")


def until(true: Callable[[], object], within: float = PATIENCE_S) -> None:
    """Wait for something that other processes do. Raises TimeoutError."""
    give_up = time.monotonic() + within
    while not true():
        if time.monotonic() > give_up:
            raise TimeoutError
        time.sleep(0.01)


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class User:
    """A user with the environment `env`, in which HOME names a folder of a test."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = dict(env)
        self._children: list[subprocess.Popen[bytes]] = []

    @property
    def data(self) -> str:
        return f"{self.env['HOME']}/.local/share/pomo"

    @property
    def database(self) -> str:
        return f"{self.data}/pomo.db"

    @property
    def lock(self) -> str:
        return f"{self.data}/{paths.LOCK_NAME}"

    @property
    def config(self) -> str:
        return f"{self.env['HOME']}/.config/pomo/config.toml"

    @property
    def pid(self) -> int:
        """Answer the daemon's pid, as its lock has it."""
        return self._holder().pid

    @property
    def socket(self) -> str:
        return self._holder().socket

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = PATIENCE_S) -> Done:
        """Run `pomo` to its end, without a terminal; `env` is added to the environment."""
        done = subprocess.run(
            [*POMO, *arguments],
            env={**self.env, **(env or {})},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=timeout,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def pomo(self, *arguments: str) -> str:
        """Answer what a command says that must succeed."""
        done = self.run(*arguments)
        assert (done.code, done.err) == (0, ""), done
        return done.out

    def json(self, *arguments: str) -> Any:  # it is JSON
        """Answer the result of a command that must succeed."""
        return json.loads(self.pomo(*arguments, "--json"))

    def json_of(self, code: int, *arguments: str) -> Any:  # it is JSON
        """Answer the result of a command that ends with `code`."""
        done = self.run(*arguments, "--json")
        assert (done.code, done.err) == (code, ""), done
        return json.loads(done.out)

    def log(self) -> list[dict[str, Any]]:
        """Answer what was done, though midnight may just have passed."""
        found: list[dict[str, Any]] = self.json("log", "--from", "yesterday")
        return found

    def fails(self, code: int, *arguments: str) -> str:
        """Answer what a command says that must fail with `code`: two lines on stderr, what and what to do."""
        done = self.run(*arguments)
        assert (done.code, done.out) == (code, ""), done
        what, hint, *more = done.err.splitlines()
        assert what.startswith("pomo: ") and hint.startswith("      ") and not more, done  # noqa: PT018
        return done.err

    def shell(self, script: str, **changes: str) -> Done:
        """Run a script, in which `pomo` is the command."""
        script = f'pomo() {{ {" ".join(POMO)} "$@"; }}\n{script}'
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            env={**self.env, **changes},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=PATIENCE_S,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start_daemon(self, *wrapper: str, **changes: str) -> int:
        """Start a daemon without a client, in this environment with `changes`; answer its exit code, 0 when ready."""
        process = self.spawn([*wrapper, *DAEMON], **changes)
        assert process.stderr is not None
        told = process.stderr.readline()
        return 0 if told == b"ready\n" else process.wait(PATIENCE_S)

    def spawn(self, command: Sequence[str], **changes: str) -> "subprocess.Popen[bytes]":
        """Start a process that is killed when the test ends, at the latest."""
        process = subprocess.Popen(
            command,
            env={**self.env, **changes},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._children.append(process)
        return process

    def is_served(self) -> bool:
        """Tell whether a daemon lives: it holds the lock."""
        try:
            with open(self.lock, "rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End the daemon by a signal, and wait until it is gone."""
        os.kill(self.pid, number)
        until(lambda: not self.is_served())

    def daemons(self) -> list[int]:
        """Answer the processes of daemons of this user, whoever started them."""
        return [pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if self._is_daemon(pid)]

    @property
    def daemon_log_file(self) -> str:
        return f"{self.env['HOME']}/.local/state/pomo/daemon.log"

    def daemon_log(self) -> str:
        with open(self.daemon_log_file, encoding="utf-8") as file:
            return file.read()

    def write_config(self, text: str) -> None:
        os.makedirs(os.path.dirname(self.config), exist_ok=True)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

    def close(self) -> None:
        """Kill what `spawn` started."""
        for process in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def _holder(self) -> paths.Holder:
        found = paths.read_holder(self.lock)
        assert found is not None
        return found

    def _is_daemon(self, pid: int) -> bool:
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                command = file.read().split(b"\0")
            return b"pomo_daemon" in command and environment_of(pid).get("HOME") == self.env["HOME"]
        except OSError:
            return False


def environment_of(pid: int) -> dict[str, str]:
    """Answer the environment that a process was started with."""
    with open(f"/proc/{pid}/environ", encoding="utf-8") as file:
        return dict(entry.split("=", 1) for entry in file.read().split("\0") if "=" in entry)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Let a process do nothing at all within `with`."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
