"""A writer on SQLite is killed at random moments, again and again; what it had confirmed is there, and once."""

import random
import time
from typing import Final

from tests.reliability.frame import Campaign, Outcome, Scale, spread
from tests.reliability.writer import acknowledged, database, look, one_engine_each, start, write

FIGURE: Final = "random SIGKILL under load, SQLite synchronous=FULL"
#: Kills that one file has to bear: what is checked grows with the record.
SHARE: Final = 50


def kill(asked: tuple[int, int]) -> Outcome:
    """Kill a writer so many times on one file."""
    seed, kills = asked
    chance = random.Random(seed)
    broken: list[str] = []
    confirmed = 0
    with database() as file, one_engine_each():
        write(file, 0, 1)
        content = look(file)
        for number in range(kills):
            process, told = start(file, content.committed)
            told.poll(20)
            time.sleep(chance.uniform(0, 0.03))
            process.kill()
            process.join()
            confirmed = max([confirmed, *acknowledged(told)])
            told.close()
            content = look(file)
            if wrong := content.damage(confirmed):
                broken.append(f"kill {number}: {wrong}: python -m tests.reliability kills {seed=} kills={kills}")
                break
    return Outcome({"confirmed": str(confirmed + 1), "there": str(content.committed)}, broken)


def campaign(seed: int, kills: int) -> Outcome:
    """Kill writers on several files."""
    parts = [(seed + it, min(SHARE, kills - it)) for it in range(0, kills, SHARE)]
    found = list(spread(kill, parts))
    confirmed = sum(int(it.measured["confirmed"]) for it in found)
    broken = [it for outcome in found for it in outcome.broken]
    return Outcome({FIGURE: f"{kills:,} kills, {confirmed:,} confirmed changes: {len(broken)} lost or doubled"}, broken)


CAMPAIGN: Final = Campaign(
    name="kills",
    timed=True,
    shows="A process that commits without a pause is killed at random moments, and the next one goes on with the file.",
    figures={FIGURE: "1,000 kills, 0 lost, 0 doubled"},
    run=campaign,
    amounts={
        Scale.PART: {"seed": 1, "kills": 15},
        Scale.FULL: {"seed": 1, "kills": 1000},
        Scale.LONG: {"seed": 1, "kills": 10_000},
    },
)
