"""Eight commands at once where no daemon runs, again and again: one daemon comes of it, and all are answered."""

import time
from typing import Final

from tests.e2e.test_start_race import COMMANDS, at_once, forget_everything
from tests.e2e.user import POMO, Done, User
from tests.reliability.frame import Campaign, Outcome, Scale, percentile
from tests.reliability.homes import somebody

FIGURE: Final = "start race"
#: What a command may answer, besides success: whether `toggle` or `start` came first is chance.
ALSO: Final = {"status --check focus": 1, "start one": 4}


def wrong(user: User, ended: list[Done]) -> str:
    """Answer what is wrong after a round, empty for nothing."""
    for command, done in zip(COMMANDS, ended, strict=True):
        if done.code not in (0, ALSO.get(command, 0)):
            return f"'{command}' exits with {done.code}: {done.err}"
    starts = user.daemon_log().count(" starts, pid ")
    if len(user.daemons()) != 1 or starts != 1:
        return f"{len(user.daemons())} daemons live, {starts} were started"
    return "" if len(user.log()) == 1 else f"{len(user.log())} intervals were begun"


def campaign(rounds: int) -> Outcome:
    """Run so many rounds."""
    broken: list[str] = []
    took: list[float] = []
    with somebody() as user:
        for number in range(rounds):
            began = time.monotonic()
            ended = at_once(user, *([*POMO, *command.split()] for command in COMMANDS))
            took.append(time.monotonic() - began)
            if found := wrong(user, ended):
                broken.append(f"round {number}: {found}: python -m tests.reliability start_race {rounds=}")
            forget_everything(user)
    measured = (
        f"{rounds} rounds x {len(COMMANDS)} starters: {len(broken)} with more than one daemon or without an answer; "
        f"the last of each was answered within {percentile(took, 0.5):.1f} s, {max(took):.1f} s at worst"
    )
    return Outcome({FIGURE: measured}, broken)


CAMPAIGN: Final = Campaign(
    name="start_race",
    shows="Eight commands of different kinds begin at one moment in a home where no daemon runs.",
    figures={FIGURE: "300 rounds x 8 starters: always exactly one daemon, every client answered <= 1.5 s"},
    run=campaign,
    amounts={Scale.PART: {"rounds": 2}, Scale.FULL: {"rounds": 15}, Scale.LONG: {"rounds": 300}},
)
