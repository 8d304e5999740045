"""Input that is bred rather than made up: what reaches new code is kept and changed further (atheris, libFuzzer).

    python -m tests.reliability.guided [--seconds 60] [TARGET ...]

Needs the extra `fuzz`. Each target runs in a process of its own, since libFuzzer ends it; what breaks one is left in a
file that is named, and `--repeat FILE TARGET` breaks it again.
"""

import argparse
import asyncio
import gc
import json
import logging
import re
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC
from functools import partial
from types import FunctionType
from typing import Final

from pomo_cli.imports.formats import FORMATS
from pomo_daemon.protocol import times
from pomo_daemon.protocol.settings import SETTINGS, read_all
from pomo_daemon.server import dispatcher
from tests.fakes.clock import NOON
from tests.reliability.frames import FAILED, LIFE, caller
from tests.reliability.inputs import TEXTS
from tests.unit.cli.test_import_readers import WORDS, check, read

Target = Callable[[bytes], None]
#: The packages whose branches count.
_WATCHED: Final = {"pomo_cli", "pomo_daemon", "tomllib", "json", "csv"}
#: What libFuzzer says in the end.
_DONE: Final = re.compile(r"Done (\d+) runs in (\d+) second")
_COVERED: Final = re.compile(r"cov: (\d+)")


def lines() -> Target:
    """Make what answers lines, JSON and text alike, as one daemon after the other."""
    loop = asyncio.new_event_loop()
    client, answered = loop.run_until_complete(caller()), 0

    def answer(data: bytes) -> None:
        nonlocal client, answered
        answered += 1
        if answered % LIFE == 0:
            client = loop.run_until_complete(caller())

        async def one() -> bytes:
            found = dispatcher.answer(client, data.replace(b"\n", b" "))
            return found if isinstance(found, bytes) else await found

        said = loop.run_until_complete(one())
        assert FAILED not in said, said

    weakref.finalize(answer, loop.close)
    return answer


def reads_times() -> Target:
    """Make what reads times."""

    def parse(data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        for it in (times.parse_duration, times.parse_clock, lambda said: times.parse_instant(said, now=NOON, zone=UTC)):
            with suppress(ValueError):
                it(text)

    return parse


def reads_settings() -> Target:
    """Make what reads a configuration."""

    def parse(data: bytes) -> None:
        _content, problems = read_all(data.decode("utf-8", "replace"))
        assert all(it.isprintable() or "\n" not in it for it in problems)

    return parse


def reads_import(form: str) -> Target:
    """Make what reads a file of a format."""
    return lambda data: check(read(form, data))


def _frames() -> Iterable[bytes]:
    for method in ("timer.start", "timer.status", "task.list", "history.list", "task.add"):
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"task": "Write", "name": "Write"}}
        yield json.dumps(request).encode()
    yield from (
        b"status - - plain",
        b"status - - template {task}",
        b"do - - 1 start Write",
        b"report - - 80 plain week",
    )


#: How each target is made, and what it begins with.
TARGETS: Final[dict[str, tuple[Callable[[], Target], tuple[bytes, ...]]]] = {
    "lines": (lines, tuple(_frames())),
    "times": (reads_times, tuple(it.encode("utf-8", "surrogatepass") for it in TEXTS)),
    "settings": (reads_settings, (b'profile = "a"\n[profiles.a]\nlogin = "peer"', *map(str.encode, SETTINGS))),
    **{f"import-{it}": (partial(reads_import, it), tuple(word.encode() for word in WORDS)) for it in FORMATS},
}


def fuzz(name: str, arguments: list[str]) -> None:
    """Be the process that breeds input for a target; never returns."""
    import atheris

    logging.disable(logging.CRITICAL)
    make, _seeds = TARGETS[name]
    target = make()
    for it in gc.get_objects():
        if isinstance(it, FunctionType) and str(it.__module__).partition(".")[0] in _WATCHED:
            atheris.instrument_func(it)
    atheris.Setup([sys.argv[0], *arguments], target)
    atheris.Fuzz()


def breed(name: str, seconds: int) -> bool:
    """Fuzz a target for so long; say what came of it, and tell whether nothing broke."""
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(TARGETS[name][1]):
            with open(f"{corpus}/{number}", "wb") as file:
                file.write(seed)
        broken = f"{tempfile.gettempdir()}/pomo-{name}-"
        limits = (f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=4096", "-verbosity=1")
        asked = ("--target", name, *limits, f"-artifact_prefix={broken}", corpus)
        done = subprocess.run(
            [sys.executable, "-m", __name__ if __name__ != "__main__" else "tests.reliability.guided", *asked],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        runs, covered = _DONE.search(done.stderr), _COVERED.findall(done.stderr)
        print(f"{name:20} {runs[1] if runs else 0:>10} inputs, {covered[-1] if covered else 0} branches reached")
        if done.returncode or not runs:
            print(done.stderr[-3000:])
        return not done.returncode and runs is not None


def main() -> int:
    """Fuzz what is asked for; exit with 1 if something broke."""
    if sys.argv[1:2] == ["--target"]:
        fuzz(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--repeat", metavar="FILE")
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []])
    asked = parser.parse_args()
    if asked.repeat:
        with open(asked.repeat, "rb") as file:
            TARGETS[asked.targets[0]][0]()(file.read())
        return 0
    outcomes = [breed(it, asked.seconds) for it in asked.targets or TARGETS]
    return int(not all(outcomes))


if __name__ == "__main__":
    sys.exit(main())
