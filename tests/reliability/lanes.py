"""Campaigns side by side: one after another those that are held against a clock, and behind them those that compute.

The latter get what the former leave of the processors, and stand still while one is to run alone. What is measured of
the former is measured on a machine that has other things to do, which makes it no better.
"""

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from tests.reliability.campaigns import CAMPAIGNS
from tests.reliability.frame import Campaign, Outcome

#: A campaign by its name, and how much of it.
Asked = tuple[str, Mapping[str, int]]
#: What came of it, and how many seconds it took.
Told = tuple[str, Outcome, float]


def by_name(name: str) -> Campaign:
    """Answer a campaign."""
    return next(it for it in CAMPAIGNS if it.name == name)


def run(asked: Asked) -> Told:
    """Run one campaign."""
    name, amounts = asked
    began = time.monotonic()
    try:
        outcome = by_name(name).run(**amounts)
    except Exception as error:  # noqa: BLE001  # the others are run all the same, and the exit code tells
        outcome = Outcome({}, [f"{type(error).__name__}: {error}"])
    return name, outcome, time.monotonic() - began


def side_by_side(all_asked: Sequence[Asked]) -> Iterator[Told]:
    """Run campaigns in two lanes; answer what came of each when it ends."""
    behind = _Lane([it for it in all_asked if not by_name(it[0]).timed])
    lanes = [behind, _Lane([it for it in all_asked if by_name(it[0]).timed], behind.pid)]
    try:
        left = {it.told: it for it in lanes}
        while left:
            for told in connection.wait(list(left)):
                assert isinstance(told, Connection)
                if (found := left[told].next()) is None:
                    del left[told]
                else:
                    yield found
        for lane in lanes:
            yield from ((name, Outcome({}, ["its process ended"]), 0.0) for name in lane.missing)
    finally:
        for lane in lanes:
            lane.end()


class _Lane:
    """A process that runs some campaigns, one after another, and tells of each.

    Behind others, or before those of the process `behind`.
    """

    def __init__(self, asked: Sequence[Asked], behind: int = 0) -> None:
        self.missing = [name for name, _ in asked]
        self.told, telling = get_context("spawn").Pipe(duplex=False)
        self._process: BaseProcess = get_context("spawn").Process(target=_work, args=(asked, telling, behind))
        self._process.start()
        telling.close()
        self.pid = self._process.pid or 0

    def next(self) -> Told | None:
        """Answer what it tells next, None if it has ended."""
        try:
            found: Told = self.told.recv()
        except EOFError:
            return None
        self.missing.remove(found[0])
        return found

    def end(self) -> None:
        """End it, and whatever works for it, if it was not done: as Ctrl-C does, so that each ends what it started."""
        if self.missing:
            _send(self.pid, signal.SIGINT)
        _send(self.pid, signal.SIGCONT)
        self._process.join()


def _work(asked: Sequence[Asked], telling: Connection, behind: int) -> None:
    """Be the process."""
    os.setsid()
    if not behind:
        _step_back()
    for one in asked:
        alone = behind and by_name(one[0]).alone
        if alone:
            _send(behind, signal.SIGSTOP)
        telling.send(run(one))
        if alone:
            _send(behind, signal.SIGCONT)


def _send(leader: int, what: signal.Signals) -> None:
    """Send a signal to a lane and all that works for it, if they are still there."""
    with suppress(ProcessLookupError):
        os.killpg(leader, what)


def _step_back() -> None:
    """Run only where nobody else wants to, as do the processes that are started from here."""
    with suppress(OSError), open("/proc/self/autogroup", "w", encoding="ascii") as group:
        group.write("19")
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(19)
