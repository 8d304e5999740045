"""What can be seen from the command's side of what keeps pomo from working well: folders, lock, versions, PATH."""

import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from pomo_cli import clock, reach, settings_file
from pomo_cli import profile as configured
from pomo_cli.client import Client
from pomo_daemon.protocol import paths, settings
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.profiles import DEFAULT, Profile
from pomo_daemon.protocol.version import PROTOCOL, VERSION

#: As cron, and a bar that systemd has started, would look for commands.
BARE_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
#: Seconds for a look at the whole database.
PATIENCE: Final = 120.0
_REDIS_SECONDS: Final = 1.0
#: 2025-01-01. A clock that is before it was never set.
_RELEASED: Final = 1_735_689_600
_SHELLS: Final = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}


class Finding(NamedTuple):
    """What a look at something showed; `state` is `ok`, `warning` or `failure`, `hint` what to do about it."""

    name: str
    state: str
    message: str
    hint: str = ""


def look(make_client: Callable[[], Client], profile: str) -> Iterator[Finding]:
    """Look at everything, one thing after the other; what fails is told, and the rest is looked at all the same."""
    yield from _configuration()
    yield _folder("runtime folder", paths.runtime_dir())
    yield _folder("data folder", paths.data_dir())
    yield from _daemon(make_client)
    yield _path()
    yield _clock()
    yield _redis(profile)
    yield _completion()


def _configuration() -> Iterator[Finding]:
    path = paths.config_file()
    try:
        _values, problems = settings.read_all(settings_file.read())
    except PomoError as error:
        problems = [error.message]
    if problems:
        yield Finding("configuration", "failure", f"{path}: {problems[0]}", "Run 'pomo config check'.")
    else:
        yield Finding("configuration", "ok", path if os.path.exists(path) else "defaults")


def _folder(name: str, path: str) -> Finding:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return Finding(name, "ok", f"{path}, made when it is needed")
    except OSError as error:
        return Finding(name, "failure", f"{path}: {error.strerror}", "See whose it is.")
    if found.st_uid != os.getuid():
        return Finding(name, "failure", f"{path} belongs to another user", "Make it yours: chown.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        return Finding(name, "failure", f"{path} is open to others", f"Run 'chmod 700 {path}'.")
    if not os.access(path, os.W_OK | os.X_OK):
        mounted = os.statvfs(path).f_flag & os.ST_RDONLY
        hint = f"It is mounted read-only: 'findmnt -T {path}'." if mounted else f"Run 'chmod 700 {path}'."
        return Finding(name, "failure", f"{path} cannot be written", hint)
    return Finding(name, "ok", path)


def _daemon(make_client: Callable[[], Client]) -> Iterator[Finding]:
    """Look at the daemon, and have it look at what it has to do with."""
    try:
        with make_client() as client:
            info = client.call("daemon.info")
            yield from _lock(info)
            yield _versions(info)
            found = client.call("daemon.examine", patience=PATIENCE)["findings"]
    except PomoError as error:
        yield Finding("daemon", "failure", error.message, error.hint)
        return
    for it in found:
        yield Finding(str(it["name"]), str(it["state"]), str(it["message"]), str(it["hint"]))


def _lock(info: dict[str, Any]) -> Iterator[Finding]:
    holder = paths.read_holder(paths.lock_file())
    if info["socket"] == paths.system_socket():
        yield Finding("daemon", "ok", f"the machine's, at {info['socket']}")
    elif holder is None or not reach.is_held() or holder.pid != info["pid"]:
        yield Finding("lock", "failure", f"{paths.lock_file()} does not name the daemon", "Run 'pomo daemon restart'.")
    else:
        yield Finding("lock", "ok", f"{paths.lock_file()}, held by pid {holder.pid}")
        yield Finding("socket", "ok", str(info["socket"]))


def _versions(info: dict[str, Any]) -> Finding:
    both = f"command {VERSION}, daemon {info['version']}, protocol {PROTOCOL}"
    if info["version"] != VERSION:
        return Finding("versions", "warning", both, "Run 'pomo daemon restart'; a running interval goes on.")
    return Finding("versions", "ok", both)


def _path() -> Finding:
    bare, own = shutil.which("pomo", path=BARE_PATH), shutil.which("pomo")
    if bare:
        return Finding("path", "ok", f"{bare}, for bars and cron as well")
    where = own or "in a folder that is not in PATH"
    hint = f"Call it by its full path there, or link it: 'ln -s {own or 'POMO'} /usr/local/bin/pomo'."
    return Finding("path", "warning", f"pomo is {where}, where bars and cron do not look ({BARE_PATH})", hint)


def _clock() -> Finding:
    now = clock.now()
    if now.timestamp() < _RELEASED:
        return Finding("clock", "failure", f"it is {now:%Y-%m-%d} by the clock", "Set it: 'timedatectl set-ntp true'.")
    values, _problems = settings.read(settings_file.read() if os.path.exists(paths.config_file()) else "")
    zone = clock.local_zone(str(values["timer.zone"]))
    return Finding("clock", "ok", f"{now.astimezone(zone):%Y-%m-%d %H:%M:%S}, {zone}")


def _redis(profile: str) -> Finding:
    """Ask Redis for a sign of life, in its own words, so that no client library is needed."""
    name = profile or configured.in_use()
    # As the daemon has it: what the environment says is of the profile that is always there.
    url = (os.environ.get("POMO_REDIS_URL") if name == DEFAULT else "") or _profile(name).redis_url
    if not url:
        return Finding("redis", "ok", "none is configured")
    where = urlsplit(url)
    shown = where.path if where.scheme == "unix" else f"{where.hostname}:{where.port or 6379}"
    try:
        with _connect(where.scheme, where.path, where.hostname or "localhost", where.port or 6379) as connection:
            problem = "" if where.scheme == "rediss" or _answers(connection) else "it is no Redis"
    except OSError as error:
        problem = str(error.strerror or error)
    if problem:
        hint = "Everything works without it, but slower between machines."
        return Finding("redis", "warning", f"{shown}: {problem}", hint)
    return Finding("redis", "ok", shown)


def _answers(connection: socket.socket) -> bool:
    connection.sendall(b"PING\r\n")
    return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))


def _connect(scheme: str, path: str, host: str, port: int) -> socket.socket:
    if scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_REDIS_SECONDS)
        connection.connect(path)
        return connection
    return socket.create_connection((host, port), timeout=_REDIS_SECONDS)


def _profile(name: str) -> Profile:
    """Answer a profile; one that cannot be read is told of elsewhere."""
    try:
        return configured.existing(name)
    except PomoError:
        return Profile()


def _completion() -> Finding:
    shell = os.path.basename(os.environ.get("SHELL", ""))
    file = f"{paths.home()}/{_SHELLS[shell]}" if shell in _SHELLS else ""
    try:
        with open(file, encoding="utf-8", errors="replace") as opened:
            if "pomo completion" in opened.read():
                return Finding("completion", "ok", f"set up in {file}")
    except OSError:
        pass
    return Finding("completion", "ok", "not set up", f"TAB can complete: 'pomo completion {shell or 'bash'} --help'.")
