"""Start a daemon: one client at a time, fully detached, with a bounded wait, and not again and again if it fails."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Mapping

from pomo_cli import backoff, clock, units
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import ERRORS, PomoError

#: Seconds for a daemon to get ready, or for another client to have started one.
PATIENCE = 10.0
POLL_SECONDS = 0.02
#: Bytes of what a failing daemon says that are kept: the end of it says why.
_KEPT = 64 * 1024

# What a daemon needs to know of its user's world. Nothing of a git hook, a virtual environment, another program.
_KEEP = frozenset(
    {
        *("HOME", "PATH", "LANG", "LANGUAGE", "TZ", "TZDIR", "USER", "LOGNAME"),
        "LD_LIBRARY_PATH",  # without it some builds of Python do not even start
        *("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "DISPLAY", "XAUTHORITY"),
    }
)
_KEEP_PREFIXES = ("LC_", "XDG_", "POMO_")


def environment(full: Mapping[str, str]) -> dict[str, str]:
    """Answer what a daemon inherits of an environment."""
    return {name: value for name, value in full.items() if name in _KEEP or name.startswith(_KEEP_PREFIXES)}


def start(is_running: Callable[[], bool], *, stubborn: bool = False) -> None:
    """Start a daemon unless one `is_running`, and wait until it is ready. Raises PomoError with the reason it gives.

    Three failures within a minute, and for the rest of it this gives up at once; `stubborn` tries all the same.
    """
    fd = take_turn()
    try:
        if is_running():
            return
        if not stubborn:
            backoff.check(clock.now())
        try:
            _spawn_and_wait()
        except PomoError as error:
            backoff.note(clock.now(), error)
            raise
        backoff.forget()
    finally:
        os.close(fd)


def take_turn() -> int:
    """Lock out other clients that would start a daemon; answer what to close in the end."""
    folder = os.path.dirname(paths.lock_file())
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        fd = os.open(f"{folder}/start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise PomoError(
            "daemon.unavailable",
            f"{folder} cannot be written: {error.strerror}.",
            "Make it yours and writable, or set POMO_DATA_DIR.",
        ) from error
    give_up = clock.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.monotonic() > give_up:
                os.close(fd)
                raise PomoError(
                    "daemon.unavailable", "Another command has been starting the daemon for too long."
                ) from None
            clock.sleep(POLL_SECONDS)
        else:
            return fd


def _spawn_and_wait() -> None:
    if units.start():
        return
    if not sys.executable:
        raise PomoError("daemon.unavailable", "Where Python lies is not known.", "Start 'pomo-daemon' yourself.")
    reading, writing = os.pipe()
    try:
        try:
            process = subprocess.Popen(  # no shell, and a fixed command line
                [sys.executable, "-m", "pomo_daemon", "--detached"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=writing,
                cwd="/",
                env=environment(os.environ),
                start_new_session=True,
                umask=0o077,
            )
        except OSError as error:
            raise PomoError("daemon.unavailable", f"{sys.executable} cannot be run: {error.strerror}.") from error
        finally:
            os.close(writing)
        process.returncode = 0  # It is to outlive us: keep Popen from caring for it.
        told = _listen(reading, clock.monotonic() + PATIENCE)
    finally:
        os.close(reading)
    if not told.endswith(b"ready\n"):
        raise reason(told.decode("utf-8", "replace"), _exit_status(process.pid))


def _exit_status(pid: int) -> int | None:
    """Answer how a child has ended that has closed its stderr; None if it does not end in spite of that."""
    give_up = clock.monotonic() + PATIENCE
    while clock.monotonic() < give_up:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        clock.sleep(POLL_SECONDS)
    return None


def _listen(fd: int, give_up: float) -> bytes:
    """Read what a starting daemon says until it is ready, or has ended. Raises PomoError when it takes too long."""
    import select

    told = b""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    while not told.endswith(b"ready\n"):
        rest = give_up - clock.monotonic()
        if rest <= 0 or not poll.poll(rest * 1000):
            raise PomoError("daemon.unavailable", f"The daemon is not ready after {PATIENCE:g} s.")
        piece = os.read(fd, 4096)
        if not piece:
            break
        told = (told + piece)[-_KEPT:]
    return told


def reason(told: str, status: int | None) -> PomoError:
    """Answer why a daemon did not start: by its last line, `CODE<tab>MESSAGE<tab>HINT`, or any other last words."""
    lines = [line.strip("\r ") for line in told.split("\n") if line.strip()]
    code, *rest = lines[-1].split("\t") if lines else [""]
    if code in ERRORS and rest:
        return PomoError(code, *rest[:2])
    last = lines[-1].strip() if lines else _manner(status)
    return PomoError("daemon.unavailable", f"The daemon did not start: {last.rstrip('.')}.")


def _manner(status: int | None) -> str:
    if status is None:
        return "it says nothing"
    return f"exit status {status}" if status >= 0 else f"signal {-status}"
