"""Eight commands at once where no daemon runs, again and again: one daemon comes of it, and all are answered."""

import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing, suppress
from typing import Final

from tests.e2e.test_start_race import COMMANDS, at_once
from tests.e2e.user import POMO, Done, User, until
from tests.reliability.frame import Campaign, Outcome, Scale, percentile
from tests.reliability.homes import somebody

FIGURE: Final = "start race"
#: What a command may answer, besides success: whether `toggle` or `start` came first is chance.
ALSO: Final = {"status --check focus": 1, "start one": 4}
#: In one round of so many there is no database either; in the others the daemon was merely killed.
NEW: Final = 3


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
    ended = at_once(user, *([*POMO, *command.split()] for command in COMMANDS))
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
    "no database either.",
    figures={FIGURE: "300 rounds x 8 starters: always exactly one daemon, every client answered <= 1.5 s"},
    run=campaign,
    amounts={
        Scale.PART: {"rounds": 3, "most_ms": 20_000},
        Scale.FULL: {"rounds": 300, "most_ms": 1_500},
        Scale.LONG: {"rounds": 3000, "most_ms": 1_500},
    },
)
