"""Remember how starts of the daemon failed, so that a prompt or a bar does not start a broken one at every call."""

import contextlib
import os
from datetime import datetime, timedelta

from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError

#: So many failures within WINDOW, and nobody tries again until the first of them is older than that.
FAILURES = 3
WINDOW = timedelta(seconds=60)


def _file() -> str:
    return f"{paths.state_dir()}/start-failures"


def _read(now: datetime) -> list[tuple[datetime, str]]:
    """Read the failures of the last minute, oldest first: a moment and `CODE<tab>MESSAGE<tab>HINT`."""
    found = []
    with contextlib.suppress(OSError), open(_file(), encoding="utf-8", errors="replace") as opened:
        for line in opened:
            moment, _, reason = line.rstrip("\n").partition("\t")
            try:
                at = datetime.fromisoformat(moment)
                recent = timedelta(0) <= now - at < WINDOW
            except (ValueError, TypeError):
                continue
            if recent:
                found.append((at, reason))
    return found


def check(now: datetime) -> None:
    """Raise the latest reason again if there were too many failures lately."""
    found = _read(now)
    if len(found) < FAILURES:
        return
    code, message, hint = [*found[-1][1].split("\t"), "", ""][:3]
    rest = -((now - WINDOW - found[-FAILURES][0]) // timedelta(seconds=1))
    again = f"Tried {FAILURES} times; the next try is in {rest} s, or at once with 'pomo daemon start'."
    raise PomoError(code, message, f"{hint} {again}".strip())


def note(now: datetime, error: PomoError) -> None:
    """Write a failure down; where that is not possible, every call will try."""
    reason = "\t".join(" ".join(part.split()) for part in (error.code, error.message, error.hint))
    lines = [f"{at.isoformat()}\t{reason}\n" for at, reason in [*_read(now), (now, reason)]]
    with contextlib.suppress(OSError):
        os.makedirs(paths.state_dir(), mode=0o700, exist_ok=True)
        fd = os.open(_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(fd, "w", encoding="utf-8", errors="replace") as opened:
            opened.writelines(lines)


def forget() -> None:
    """Forget all failures: a daemon has started."""
    with contextlib.suppress(OSError):
        os.unlink(_file())
