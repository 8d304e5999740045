"""The daemon as a service of systemd's, for this user: its units, and whether it is systemd that starts it."""

import contextlib
import os
import subprocess
import sys
from typing import Final

from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError

NAMES: Final = ("pomo.socket", "pomo.service")
_SECONDS: Final = 30
# A service does not see what a shell says of where things lie: a daemon that is to lie elsewhere is started by hand.
_ELSEWHERE: Final = (
    *("POMO_CONFIG", "POMO_DATA_DIR", "POMO_STATE_DIR", "POMO_RUNTIME_DIR", "POMO_DATABASE_URL", "POMO_REDIS_URL"),
    *("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
)


def folder() -> str:
    """Answer where a user's own units lie."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (base if base.startswith("/") else f"{paths.home()}/.config") + "/systemd/user"


def are_installed() -> bool:
    """Tell whether both units are there."""
    return all(os.path.exists(f"{folder()}/{name}") for name in NAMES)


def install() -> bool:
    """Write the units anew where they are not as they should be, and tell whether any was not. Raises PomoError."""
    changed = False
    try:
        os.makedirs(folder(), exist_ok=True)
        for name in NAMES:
            path, text = f"{folder()}/{name}", _text(name)
            if _read(path) != text:
                changed = True
                with open(path, "w", encoding="utf-8") as opened:
                    opened.write(text)
    except OSError as error:
        raise _unwritable(error) from error
    return changed


def remove() -> bool:
    """Take the units away, and tell whether there were any. Raises PomoError."""
    found = False
    try:
        for name in NAMES:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{folder()}/{name}")
                found = True
    except OSError as error:
        raise _unwritable(error) from error
    return found


def systemctl(*arguments: str) -> None:
    """Tell the user's systemd something. Raises PomoError if there is none, or it refuses."""
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and systemctl is the one of the user's PATH
            ["systemctl", "--user", *arguments],  # noqa: S607
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise _no_systemd("there is no systemctl that answers") from None
    if done.returncode:
        raise _no_systemd(done.stderr.decode("utf-8", "replace").strip().partition("\n")[0] or "it refuses")


def start() -> bool:
    """Have systemd start the daemon, if it is its affair; tell whether it did."""
    if any(os.environ.get(name) for name in _ELSEWHERE) or not are_installed():
        return False
    try:
        systemctl("start", "pomo.service")
    except PomoError:
        return False
    return True


def _text(name: str) -> str:
    """Answer a unit, with the daemon of this very installation."""
    own = os.path.dirname(os.path.dirname(paths.__file__))
    shipped = f"{own}/_systemd/user"
    # In a checkout they lie at its root.
    place = shipped if os.path.isdir(shipped) else f"{os.path.dirname(own)}/systemd/user"
    command = _escaped(sys.executable) + " -m pomo_daemon"
    with open(f"{place}/{name}", encoding="utf-8") as opened:
        return opened.read().replace("ExecStart=/usr/bin/pomo-daemon", f"ExecStart={command}")


def _escaped(path: str) -> str:
    """Write a path as systemd takes it (systemd.service(5), "Command lines"; systemd.unit(5), "Specifiers")."""
    text = path.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if " " in text or '"' in text else text


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as opened:
            return opened.read()
    except FileNotFoundError:
        return None


def _unwritable(error: OSError) -> PomoError:
    return PomoError("internal", f"{error.filename} cannot be written: {error.strerror}.", "See whose folder that is.")


def _no_systemd(reason: str) -> PomoError:
    return PomoError(
        "daemon.unavailable",
        f"systemd does not serve this user here: {reason}.",
        "Nothing is lost by that: the first command starts the daemon.",
    )
