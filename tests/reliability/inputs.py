"""Whatever else comes in from outside: command lines, times, configuration, the environment, what hooks print."""

import asyncio
import json
import os
import random
import re
import signal
import stat
import tempfile
from collections.abc import Callable
from contextlib import contextmanager, suppress
from datetime import UTC
from typing import Any, Final

from pomo_cli import __main__ as entry
from pomo_cli import autostart
from pomo_cli.completion_table import TABLE
from pomo_daemon.adapters.hook_process import KEPT, execute
from pomo_daemon.protocol import paths, times
from pomo_daemon.protocol.errors import EXIT_CODES, PomoError
from pomo_daemon.protocol.settings import SETTINGS, read_all
from tests.fakes.clock import NOON
from tests.reliability.frame import Campaign, Outcome, Scale, spread
from tests.reliability.mutation import PIECES

FIGURE: Final = "command lines, times, configuration, environment, output of hooks"
#: Commands that go on until they are told to end, and options that make one do so.
ENDLESS: Final = {("watch",), ("wait",), ("daemon", "run")}
ENDLESS_OPTIONS: Final = {"--follow", "--wait"}
#: Seconds after which a command hangs.
PATIENCE_S: Final = 30
OBEYED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
TEXTS: Final = (
    *("25m", "1h30m", "10m ago", "yesterday 14:00", "2026-01-12 09:00", "2026-02-30", "14:00", "-5m", "9" * 30),
    *("#1", "Write report", "", " ", "-", "--", "a\x1b[31mb", "\u202e", "[bold]x[/]", "%s{}", "x" * 300, "\ud800", "é"),
)
VARIABLES: Final = ("HOME", "TZ", "LANG", "LC_ALL", "COLUMNS", "TERM", "NO_COLOR", "XDG_RUNTIME_DIR", "POMO_PROFILE")
FOLDERS: Final = ("POMO_CONFIG", "POMO_DATA_DIR", "POMO_STATE_DIR", "POMO_RUNTIME_DIR", "XDG_CONFIG_HOME")


def noise(chance: random.Random, text: str) -> str:
    """Answer a text with something wrong in it."""
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(text) + 1)
        piece = chance.choice((chance.choice(PIECES).decode("utf-8", "replace"), chr(chance.randrange(0x3000)), ""))
        text = text[:at] + piece + text[at + chance.randrange(3) :]
    return text


def some_times(chance: random.Random) -> None:
    """Read times. Raises whatever is not a ValueError."""
    text = noise(chance, chance.choice(TEXTS))
    for parse in (times.parse_duration, times.parse_clock, lambda it: times.parse_instant(it, now=NOON, zone=UTC)):
        with suppress(ValueError):
            parse(text)


def some_settings(chance: random.Random) -> None:
    """Read a configuration."""
    keys = chance.sample(list(SETTINGS), 3)
    lines = [f"{key} = {chance.choice(('25', 'true', chr(34) + '25m' + chr(34), '[]', '{}', '1e9'))}" for key in keys]
    lines.append(f'[profiles.{chance.choice(TEXTS)}]\ndatabase_url = "{chance.choice(TEXTS)}"')
    _values, problems = read_all(noise(chance, "\n".join(lines)))
    assert all(isinstance(it, str) for it in problems)


def some_environment(chance: random.Random) -> None:
    """Find folders and the daemon in an environment."""
    with environment(chance):
        for find in (paths.config_file, paths.data_dir, paths.state_dir, paths.lock_file, paths.socket_file):
            with suppress(PomoError):
                assert os.path.isabs(find()), f"{find.__name__} is no path: {find()!r}"


@contextmanager
def environment(chance: random.Random) -> Any:
    """Have an environment with something odd in it."""
    before = dict(os.environ)
    for name in chance.sample((*VARIABLES, *FOLDERS), 2):
        value = noise(chance, chance.choice(("/tmp", "relative", "", "~", "Foo/Bar", "C", "-1", before["HOME"])))
        with suppress(ValueError, UnicodeEncodeError):
            os.environ[name] = value
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def some_command(chance: random.Random) -> None:
    """Run a command line, without a daemon and without starting one. Raises AssertionError for what must not be."""
    arguments = list(chance.choice([it for it in TABLE if it and it not in ENDLESS]))
    options = [name for entry_ in TABLE.values() for names, _, _ in entry_.options for name in names]
    options = [it for it in sorted(set(options)) if it not in ENDLESS_OPTIONS]
    inner = [it[-1] for it in TABLE if it]
    for _ in range(chance.randrange(5)):
        kind = chance.randrange(4)
        choice = chance.choice(options) if kind == 0 else chance.choice(inner) if kind == 1 else chance.choice(TEXTS)
        arguments.append(noise(chance, choice) if kind == 3 else choice)
    arguments = [it.replace("\0", "") for it in arguments]
    if tuple(arguments[:2]) in ENDLESS:
        return
    with tempfile.TemporaryFile() as told:
        code = _run(arguments, told.fileno())
        told.seek(0)
        said = told.read().decode("utf-8", "replace")
    assert code in EXIT_CODES or code in (0, 141), f"{arguments} exits with {code}"
    assert "Traceback" not in said, f"{arguments}: {said}"
    assert not OBEYED.search(said), f"{arguments} prints {OBEYED.search(said)}: {said!r}"


def _run(arguments: list[str], fd: int) -> int:
    """Run a command line with its output going to a file."""

    def hangs(*_: object) -> None:
        raise AssertionError(f"{arguments} hangs")

    kept = os.dup(0), os.dup(1), os.dup(2)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(fd, 1)
    os.dup2(fd, 2)
    signal.signal(signal.SIGALRM, hangs)
    signal.alarm(PATIENCE_S)
    try:
        return entry._run(arguments)
    finally:
        signal.alarm(0)
        for number, copy in enumerate(kept):
            os.dup2(copy, number)
            os.close(copy)
        os.close(nothing)


def some_hook(chance: random.Random) -> None:
    """Run a hook that prints whatever; what is kept is bounded, and can be told as JSON."""
    size = chance.choice((0, 1, KEPT, KEPT + 1, 10 * KEPT))
    body = chance.randbytes(min(size, 4096)) * (size // 4096 + 1)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        with open(f"{folder}/output", "wb") as output:
            output.write(body)
        with open(f"{folder}/hook", "w", encoding="utf-8") as hook:
            hook.write(f"#!/bin/sh\ncat {folder}/output\nexit {chance.randrange(256)}\n")
        os.chmod(f"{folder}/hook", stat.S_IRWXU)
        ended = asyncio.run(execute(f"{folder}/hook", b"{}", {"PATH": "/usr/bin:/bin"}, 10))
    assert ended.output == body[:KEPT], f"{len(ended.output)} of {len(body)} bytes were kept"
    json.dumps(ended.output.decode("utf-8", "backslashreplace"))


#: How many of each are tried for one command line, which takes by far the longest.
KINDS: Final[tuple[tuple[Callable[[random.Random], None], int], ...]] = (
    (some_command, 1),
    (some_times, 500),
    (some_settings, 100),
    (some_environment, 100),
    (some_hook, 1),
)


def fuzz(asked: tuple[int, int]) -> Outcome:
    """Try so many of each kind in one process, in an empty home."""
    seed, count = asked
    chance = random.Random(seed)
    broken: list[str] = []
    autostart._spawn_and_wait = lambda: None
    with tempfile.TemporaryDirectory(prefix="pomo-", dir="/tmp") as home:
        for name in [it for it in os.environ if it.startswith(("POMO_", "XDG_", "DBUS_"))]:
            del os.environ[name]
        os.environ.update({"HOME": home, "LANG": "C.UTF-8"})
        os.chdir(home)
        for _ in range(count):
            for kind, times_ in KINDS:
                try:
                    for _ in range(times_):
                        kind(chance)
                except Exception as error:  # noqa: BLE001  # that is what is looked for
                    broken.append(f"{kind.__name__}: {type(error).__name__}: {error}")
        os.chdir("/")
    return Outcome({}, broken)


def campaign(seed: int, count: int) -> Outcome:
    """Try so many."""
    share = max(count // 8, 1)
    found = list(spread(fuzz, [(seed + it, share) for it in range(8)]))
    again = f"python -m tests.reliability inputs {seed=} {count=}"
    broken = [f"{it}: {again}" for outcome in found for it in outcome.broken]
    total = share * 8 * sum(times_ for _, times_ in KINDS)
    return Outcome({FIGURE: f"{total:,} inputs: {len(broken)} unhandled"}, broken)


CAMPAIGN: Final = Campaign(
    name="inputs",
    shows="Command lines of odd words, times and configurations that are nearly right, odd environments, hooks that "
    "print whatever.",
    figures={FIGURE: "0 unhandled, nothing obeyed by a terminal"},
    run=campaign,
    amounts={
        Scale.PART: {"seed": 1, "count": 24},
        Scale.FULL: {"seed": 1, "count": 300},
        Scale.LONG: {"seed": 1, "count": 20_000},
    },
)
