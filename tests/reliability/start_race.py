"""Eight commands at once where no daemon runs, again and again: one daemon comes of it, and all are answered."""

import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

from pomo_cli import __main__ as entry
from tests.e2e.test_start_race import COMMANDS, at_once
from tests.e2e.user import POMO, Done, User, until
from tests.reliability.frame import Campaign, Outcome, Scale, forks, percentile
from tests.reliability.homes import somebody

FIGURE: Final = "start race"
#: What a command may answer, besides success: whether `toggle` or `start` came first is chance.
ALSO: Final = {"status --check focus": 1, "start one": 4}
#: In one round of so many there is no database either; in the others the daemon was merely killed.
NEW: Final = 3
#: In one round of so many the starters are commands of a shell; in the others they have been loaded already, which
#: brings them nearer to each other at the lock.
SHELL: Final = 20


def fork(arguments: Sequence[str], env: Mapping[str, str], begin: Connection, out: Connection, err: Connection) -> None:
    """Be a command that has been loaded: wait until `begin` is closed at the other end, and run."""
    with suppress(EOFError):
        begin.recv_bytes()
    os.chdir("/")
    os.environ.clear()
    os.environ.update(env)
    for told, fd in ((out, 1), (err, 2)):
        os.dup2(told.fileno(), fd)
        told.close()
    sys.argv = ["pomo", *arguments]
    entry.main()


def forked(user: User) -> list[Done]:
    """Run the commands in processes that have loaded them, all of which begin at one moment."""
    made = forks()
    waiting, begin = made.Pipe(duplex=False)
    started = []
    for command in COMMANDS:
        (out, says), (err, complains) = made.Pipe(duplex=False), made.Pipe(duplex=False)
        process = made.Process(target=fork, args=(command.split(), user.env, waiting, says, complains))
        process.start()
        says.close()
        complains.close()
        started.append((process, out, err))
    waiting.close()
    begin.close()
    return [Done(*_end_of(*it)) for it in started]


def _end_of(process: BaseProcess, *told: Connection) -> tuple[int, str, str]:
    """Answer how a starter ended: its exit code, and what came through the two pipes."""
    said = []
    for pipe in told:
        with pipe, open(os.dup(pipe.fileno()), encoding="utf-8") as file:
            said.append(file.read())
    process.join()
    assert process.exitcode is not None
    out, err = said
    return process.exitcode, out, err


def wrong(user: User, ended: list[Done], begun: int) -> str:
    """Answer what is wrong after a round before which `begun` intervals were begun, empty for nothing."""
    for command, done in zip(COMMANDS, ended, strict=True):
        if done.code not in (0, ALSO.get(command, 0)):
            return f"'{command}' exits with {done.code}: {done.err}"
    starts = user.daemon_log().count(" starts, pid ")
    if len(user.daemons()) != 1 or starts != 1:
        return f"{len(user.daemons())} daemons live, {starts} were started"
    more = intervals(user) - begun
    return "" if more == (begun == 0) else f"{more} intervals were begun"


def intervals(user: User) -> int:
    """Answer how many there are, without a command: that would take longer than the race."""
    with closing(sqlite3.connect(f"file:{user.database}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM intervals").fetchone()[0])


def race(user: User, number: int) -> tuple[float, str]:
    """Run a round; answer after how many seconds the last was answered, and what was wrong."""
    begun = 0
    if os.path.exists(user.database):
        begun = intervals(user)
    began = time.monotonic()
    in_shell = number % SHELL == 0
    ended = at_once(user, *([*POMO, *it.split()] for it in COMMANDS)) if in_shell else forked(user)
    took = time.monotonic() - began
    found = wrong(user, ended, begun)
    end(user, forget=bool(found) or (number + 1) % NEW == 0)
    return took, found


def end(user: User, *, forget: bool) -> None:
    """Kill the daemon, or whatever came of the race, and remove its log, or all that it has written."""
    for pid in user.daemons():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not user.daemons())
    with suppress(FileNotFoundError):
        os.unlink(user.daemon_log_file)
    if forget:
        shutil.rmtree(user.data, ignore_errors=True)
        shutil.rmtree(f"{user.env['XDG_RUNTIME_DIR']}/pomo", ignore_errors=True)


def campaign(rounds: int, most_ms: int) -> Outcome:
    """Run so many rounds."""
    broken: list[str] = []
    took: list[float] = []
    with somebody() as user:
        for number in range(rounds):
            seconds, found = race(user, number)
            took.append(seconds)
            if not found and seconds * 1000 > most_ms:
                found = f"the last was answered after {seconds:.1f} s"
            if found:
                broken.append(f"round {number}: {found}: python -m tests.reliability start_race {rounds=} {most_ms=}")
    measured = (
        f"{rounds} rounds x {len(COMMANDS)} starters: {len(broken)} with more than one daemon or without an answer; "
        f"the last of each was answered within {percentile(took, 0.5):.1f} s, {max(took):.1f} s at worst"
    )
    return Outcome({FIGURE: measured}, broken)


CAMPAIGN: Final = Campaign(
    name="start_race",
    timed=True,
    shows="Eight commands of different kinds begin at one moment where no daemon runs; in one round of three there is "
    "no database either. In one of twenty they come from a shell; in the others they are loaded, and meet more "
    "closely.",
    figures={FIGURE: "300 rounds x 8 starters: always exactly one daemon, every client answered <= 1.5 s"},
    run=campaign,
    amounts={
        Scale.PART: {"rounds": 3, "most_ms": 20_000},
        Scale.FULL: {"rounds": 300, "most_ms": 1_500},
        Scale.LONG: {"rounds": 3000, "most_ms": 1_500},
    },
)
