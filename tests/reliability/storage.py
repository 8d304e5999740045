"""What a power cut leaves of SQLite's log, and a full disk: the file opens, and holds what was, up to a commit."""

import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from tests.reliability.frame import Campaign, Outcome, Scale
from tests.reliability.full_disk import fill_up
from tests.reliability.writer import acknowledged, database, look, start

CUTS: Final = "WAL cut at N offsets, sectors zeroed"
FULL: Final = "ENOSPC at each write, and during recovery"
#: Commits in the log that is cut: few enough for SQLite not to take the log into the file.
COMMITS: Final = 60
SECTOR: Final = 512


@contextmanager
def crashed() -> Iterator[tuple[str, bytes, bytes]]:
    """Give a file with all its commits in the log, and the bytes of both, as a crash leaves them."""
    with database() as file:
        process, told = start(file, 0, COMMITS)
        assert acknowledged(told) == list(range(COMMITS))
        with open(file, "rb") as opened, open(f"{file}-wal", "rb") as log:
            found = opened.read(), log.read()
        process.kill()
        process.join()
        told.close()
        yield file, *found


def torn(seed: int, cuts: int, sectors: int) -> list[str]:
    """Cut the log at random places, then put zeros over sectors of it; answer what did not open, or had holes."""
    chance = random.Random(seed)
    broken: list[str] = []
    with crashed() as (file, whole, log):
        places = [("cut at", at) for at in sorted(chance.sample(range(len(log) + 1), cuts))]
        places += [("zeros at", chance.randrange(len(log) // SECTOR) * SECTOR) for _ in range(sectors)]
        last = 0
        for how, at in places:
            _put(file, log[:at] if how == "cut at" else log[:at] + bytes(SECTOR) + log[at + SECTOR :])
            try:
                content = look(file)
                wrong, found = content.damage(None), content.committed
            except sqlite3.Error as error:
                wrong, found = str(error), last
            # The longer the rest of the log, the more is in it.
            if not wrong and how == "cut at" and found < last:
                wrong = f"{found} commits, where a shorter log had {last}"
            last = found if how == "cut at" else last
            if wrong:
                broken.append(f"{how} {at}: {wrong}: python -m tests.reliability storage {seed=}")
        with open(file, "rb") as opened:
            assert opened.read() == whole, "looking at a file has changed it"
        _put(file, log)
        if (found := look(file).committed) != COMMITS:
            broken.append(f"the whole log has {found} commits of {COMMITS}")
    return broken


def _put(file: str, log: bytes) -> None:
    # A new file: to cut off one that is there has some file systems wait for the disk.
    for rest in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.unlink(f"{file}{rest}")
    with open(f"{file}-wal", "wb") as opened:
        opened.write(log)


@contextmanager
def small_disk(kib: int) -> Iterator[str]:
    """Give a folder on a disk of its own, empty for want of rights: only root may mount one."""
    folder = tempfile.mkdtemp(prefix="pomo-disk-", dir="/tmp")
    mounted = not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", folder], check=False, capture_output=True
    ).returncode
    try:
        yield folder if mounted else ""
    finally:
        if mounted:
            subprocess.run(["umount", folder], check=True)
        shutil.rmtree(folder, ignore_errors=True)


def campaign(seed: int, cuts: int, sectors: int, pages: int) -> Outcome:
    """Tear the log, and fill the disk."""
    broken = torn(seed, cuts, sectors)
    measured = {CUTS: f"{cuts:,} cuts, {sectors:,} sectors: {len(broken)} that did not open or were not a prefix"}
    with small_disk(2048) as folder:
        tried, wrong = fill_up(folder, pages)
    where = "on a tmpfs" if folder else "with a limit on the size of files"
    measured[FULL] = f"{tried} sizes of what was left {where}: {len(wrong)} corrupt"
    return Outcome(measured, broken + wrong)


CAMPAIGN: Final = Campaign(
    name="storage",
    timed=True,
    shows="SQLite's log is cut at random offsets, sectors of it are zeroed; the disk fills up at each page that a "
    "commit, or the opening after a crash, would write.",
    figures={CUTS: ">= 2,000, every one opens, prefix-consistent", FULL: "0 corrupt"},
    run=campaign,
    amounts={
        Scale.PART: {"seed": 1, "cuts": 200, "sectors": 50, "pages": 6},
        Scale.FULL: {"seed": 1, "cuts": 2000, "sectors": 500, "pages": 40},
        Scale.LONG: {"seed": 2, "cuts": 50_000, "sectors": 20_000, "pages": 120},
    },
)
