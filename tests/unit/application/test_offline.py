"""Timers while the shared database is away, and when it is back: nothing is lost, nothing is done twice."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from pomo_daemon.application.history import Entry, HistoryService, Interrupt
from pomo_daemon.application.offline import HASTE
from pomo_daemon.application.ports import StoreError
from pomo_daemon.application.timer import Identity, TaskChoice
from pomo_daemon.application.work import Work
from pomo_daemon.domain.cycle import AutoStart, Rules
from pomo_daemon.domain.errors import DomainError, Invalid, TimerIdle
from pomo_daemon.domain.interruption import InterruptionKind
from pomo_daemon.domain.interval import Interval, Status
from pomo_daemon.domain.timer import (
    Break,
    Cancel,
    Command,
    Extend,
    Finish,
    Pause,
    Repeat,
    Resume,
    Skip,
    Start,
    Stop,
    Toggle,
)
from tests.fakes.clock import NOON
from tests.fakes.line import Fault
from tests.fakes.loop import current_clock, virtual
from tests.fakes.machine import UID, Machine
from tests.fakes.store import MemoryStore

RULES: Final = Rules()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def cut() -> Fault:
    return Fault.REQUEST


def silent() -> Fault:
    return Fault.SILENT_REQUEST


def once(fault: Fault, nth: int = 1) -> Callable[[], Fault]:
    """Let the nth transaction from now on meet a fault."""
    left = [nth]

    def choose() -> Fault:
        left[0] -= 1
        return fault if left[0] == 0 else Fault.NONE

    return choose


def record(store: MemoryStore) -> list[tuple[Any, ...]]:
    """Answer what was done, as far as it does not depend on who gave the numbers."""
    found = [it for _, it in store.rows.intervals.values()]
    names = {key: task.name for key, (_, task) in store.rows.tasks.items()}
    return sorted(
        (it.started_at, it.phase, it.status, it.ended_at, it.planned, it.gaps, names.get(it.task_id or 0), it.conflict)
        for it in found
    )


def events(store: MemoryStore) -> list[tuple[str, datetime]]:
    """Answer what happened, in the order of its numbers."""
    return [(it.type, it.at) for _, it in sorted(store.rows.events.items())]


def intervals(store: MemoryStore) -> list[Interval]:
    return [it for _, it in store.rows.intervals.values()]


async def machine(store: MemoryStore | None = None, rules: Rules = RULES) -> Machine:
    return await Machine(store or MemoryStore(), rules).start()


@virtual
async def test_a_command_that_the_database_does_not_take_is_kept_and_answered_as_usual() -> None:
    one = await machine()
    await one.run(Start(), task=TaskChoice("Write report"))
    one.line.fault = cut
    await one.wait(minutes(5))
    paused = await one.run(Pause())
    assert paused.kept
    assert [it["type"] for it in paused.events] == ["interval.paused"]
    assert (paused.status.state, paused.status.remaining_s, paused.status.offline) == ("focus-paused", 1200, True)
    assert (one.peek().state, one.peek().task) == ("focus-paused", "Write report")


@virtual
async def test_an_answer_that_stays_out_is_not_waited_for_longer_than_a_client_does() -> None:
    one = await machine()
    await one.run(Start())
    one.line.fault = silent
    before = current_clock().wall
    assert (await one.run(Pause())).kept
    assert current_clock().wall - before == timedelta(seconds=HASTE)
    before = current_clock().wall
    await one.run(Resume())
    assert current_clock().wall == before  # it is known by now


@pytest.mark.parametrize(("method", "taken"), [("import.commit", True), ("change.undo", True), ("task.add", False)])
@virtual
async def test_what_moves_a_history_may_take_its_time_and_nothing_else(method: str, *, taken: bool) -> None:
    one = await machine()

    async def act(work: Work) -> None:
        await asyncio.sleep(60)
        work.answer["done"] = True

    doing = one.timers.transact(one.who, act, None, method)
    if taken:
        assert (await doing)["done"]
    else:
        with pytest.raises(StoreError):
            await doing


@virtual
async def test_silence_is_noticed_within_ten_seconds_though_nobody_asks_for_anything() -> None:
    one = await machine()
    one.line.fault = silent
    for _ in range(10):
        await one.wait(timedelta(seconds=1))
    assert one.peek().offline


@virtual
async def test_while_the_database_is_away_nothing_waits_for_it() -> None:
    one = await machine()
    await one.run(Start())
    one.line.fault = silent
    await one.wait(timedelta(seconds=10))
    before, asked = current_clock().wall, one.line.asked
    with pytest.raises(StoreError, match="away"):
        async with one.line.read():
            pass
    history = HistoryService(one.timers, one.line, current_clock(), lambda: RULES)
    with pytest.raises(StoreError, match="away"):
        await history.delete(one.who, 1, None)
    assert (current_clock().wall, one.line.asked) == (before, asked)


@virtual
async def test_the_end_of_an_interval_rings_while_the_database_is_away_and_is_shown_once() -> None:
    one = await machine()
    await one.run(Start(), task=TaskChoice("Write report"))
    one.line.fault = cut
    await one.wait(minutes(25))
    assert [it.title for it in one.notifier.shown] == ["Focus completed: Write report"]
    assert one.peek().state == "due"
    await one.mend()
    await one.wait(minutes(1))
    assert len(one.notifier.shown) == 1
    assert [it.status for it in intervals(one.line.store)] == [Status.COMPLETED]
    [user_id] = one.line.store.rows.timers
    assert one.line.store.rows.deliveries[user_id, "notifications"] == 3


#: What is given while the database is away, the minutes that pass before each.
Course = list[tuple[float, Command, dict[str, Any]]]
COURSES: Final[dict[str, Course]] = {
    "pause": [(5, Pause(), {}), (1, Resume(), {}), (3, Extend(minutes(5)), {}), (4, Finish(), {})],
    "end": [(26, Break(), {}), (2, Stop(), {}), (1, Start(), {"task": TaskChoice("Another")}), (3, Toggle(), {})],
    "ends": [
        (5, Stop(), {}),
        (1, Repeat(), {}),
        (1, Cancel(), {}),
        (30, Start(planned=minutes(1)), {}),
        (9, Skip(), {}),
    ],
    "reopened": [(26, Extend(minutes(10)), {}), (5, Skip(), {})],
    "past": [(10, Stop(), {}), (30, Start(at=NOON), {})],
}


async def follow(one: Machine, course: Course) -> None:
    for after, command, options in course:
        await one.wait(minutes(after))
        if isinstance(command, Start) and command.at is not None:
            command = replace(command, at=current_clock().wall - minutes(4))  # noqa: PLW2901
        with suppress(DomainError):  # a break that has begun by itself cannot be begun
            await one.run(command, **options)


@pytest.mark.parametrize("auto_start", [AutoStart.NONE, AutoStart.ALL])
@pytest.mark.parametrize("fault", [cut, silent])
@pytest.mark.parametrize("course", COURSES)
@virtual
async def test_the_record_is_as_if_the_database_had_never_been_away(
    course: str, fault: Callable[[], Fault], auto_start: AutoStart
) -> None:
    rules = replace(RULES, auto_start=auto_start)
    began = current_clock().wall
    results = []
    for outage in (fault, None):
        current_clock().wall = began
        one = await machine(rules=rules)
        await one.run(Start(), task=TaskChoice("Write report"))
        if outage is not None:
            one.line.fault = outage
        await one.wait(timedelta(seconds=10))
        await follow(one, COURSES[course])
        await one.wait(minutes(2))
        await one.mend()
        assert not one.peek().offline
        results.append((record(one.line.store), events(one.line.store), one.peek().state))
        await one.crash()
    assert results[0] == results[1]


@pytest.mark.parametrize("fault", [Fault.REQUEST, Fault.ANSWER, Fault.SILENT_REQUEST, Fault.SILENT_ANSWER])
@virtual
async def test_whether_a_command_was_stored_or_not_when_its_answer_was_lost_it_is_done_once(fault: Fault) -> None:
    one = await machine()
    await one.run(Start())
    await one.wait(minutes(5))
    one.line.fault = once(fault)
    at = current_clock().wall
    assert (await one.run(Pause(), request_id="the-pause")).kept
    await one.wait(minutes(1))
    await one.mend()
    [interval] = intervals(one.line.store)
    assert [it.started_at for it in interval.gaps] == [at]
    assert [kind for kind, _ in events(one.line.store)] == ["interval.started", "interval.paused"]
    again = await one.run(Pause(), request_id="the-pause")
    assert [it["type"] for it in again.events] == ["interval.paused"]


@virtual
async def test_a_request_that_is_sent_again_while_it_is_kept_answers_the_same_and_is_not_done_again() -> None:
    one = await machine()
    await one.run(Start())
    one.line.fault = cut
    first = await one.run(Pause(), request_id="first-pause")
    await one.run(Resume())
    again = await one.run(Pause(), request_id="first-pause")
    assert again.events == first.events
    assert one.peek().state == "focus"
    with pytest.raises(Invalid, match=r"was used for timer\.pause"):
        await one.run(Resume(), request_id="first-pause")


@pytest.mark.parametrize("restarted", [False, True])
@virtual
async def test_what_the_database_took_is_not_done_again_when_it_is_sent_again_while_that_is_away(
    *, restarted: bool
) -> None:
    one = await machine()
    await one.run(Start())
    first = await one.run(Toggle(), request_id="the-toggle")
    one.line.fault = cut
    if restarted:
        await one.crash()
        await one.start()
    else:
        await one.wait(timedelta(seconds=6))
    again = await one.run(Toggle(), request_id="the-toggle")
    assert [it["type"] for it in again.events] == [it["type"] for it in first.events] == ["interval.paused"]
    assert one.peek().state == "focus-paused"


@virtual
async def test_a_line_that_dies_while_events_are_fetched_holds_up_no_command() -> None:
    one, other = await two()
    await one.run(Start())
    await other.mend()
    one.line.fault = silent
    one.timers.heard(one.who.user_id, 99)
    await one.wait(timedelta(seconds=0.1))
    before = current_clock().wall
    assert (await one.run(Pause())).kept
    assert current_clock().wall - before < timedelta(seconds=2)


@virtual
async def test_what_cannot_be_done_is_refused_and_not_kept() -> None:
    one = await machine()
    one.line.fault = cut
    await one.wait(timedelta(seconds=6))
    with pytest.raises(TimerIdle):
        await one.run(Pause())
    with pytest.raises(StoreError, match="task #7 is not known here"):
        await one.run(Start(), task=TaskChoice("7"))
    assert one.journal.journals == {}


@virtual
async def test_a_command_that_cannot_be_kept_fails_and_changes_nothing() -> None:
    one = await machine()
    await one.run(Start())
    one.line.fault = cut
    one.journal.full = True
    with pytest.raises(StoreError, match="full"):
        await one.run(Pause())
    assert one.peek().state == "focus"


@virtual
async def test_an_interruption_is_kept_and_counted() -> None:
    one = await machine()
    await one.run(Start())
    history = HistoryService(one.timers, one.line, current_clock(), lambda: RULES)
    await history.interrupt(one.who, InterruptionKind.INTERNAL, "tea", None)
    one.line.fault = cut
    answer = await history.interrupt(one.who, InterruptionKind.EXTERNAL, "a call", None)
    assert (answer["count"], answer["kept"], one.peek().interruptions) == (2, True, 2)
    await one.mend()
    assert [it.note for it in one.line.store.rows.interruptions.values()] == ["tea", "a call"]


@virtual
async def test_pomodoros_of_the_day_are_counted_while_the_database_is_away() -> None:
    one = await machine()
    await one.run(Start())
    await one.run(Finish())
    one.line.fault = cut
    await one.run(Start())
    await one.run(Finish())
    assert one.peek().today == 2
    await one.run(Extend(minutes(5)))
    assert one.peek().today == 1


class Crash(BaseException):
    """The daemon is killed here."""


def dying() -> None:
    raise Crash


@virtual
async def test_a_daemon_that_starts_while_the_database_is_away_goes_on_from_the_journal() -> None:
    one = await machine()
    await one.run(Start(), task=TaskChoice("Write report"))
    one.line.fault = cut
    await one.wait(minutes(5))
    await one.run(Pause(), request_id="the-pause")
    before = one.peek()
    await one.crash()
    await one.start()
    assert one.peek() == before
    assert (await one.run(Pause(), request_id="the-pause")).events[0]["type"] == "interval.paused"
    await one.run(Resume())
    await one.wait(minutes(20))
    assert one.peek().state == "due"
    await one.crash()
    one.line.fault = once(Fault.NONE)
    await one.start()
    assert [kind for kind, _ in events(one.line.store)][1:] == [
        "interval.started",
        "interval.paused",
        "interval.resumed",
        "interval.completed",
    ]
    assert one.peek().state == "due"


POINTS: Final = [
    "before_journal",
    "after_journal",
    "before_timer_kept",
    "after_timer_kept",
    "before_clear",
    "after_clear",
]


@pytest.mark.parametrize("point", POINTS)
@virtual
async def test_a_death_at_any_write_of_the_journal_loses_and_doubles_nothing(point: str) -> None:
    one = await machine()
    await one.run(Start())
    await one.wait(minutes(5))
    one.line.fault = cut
    await one.wait(timedelta(seconds=6))
    one.journal.hooks[point] = dying
    at = current_clock().wall
    died = False
    try:
        await one.run(Pause(), request_id="the-pause")
        one.line.fault = once(Fault.NONE)
        await one.sync.look()
    except Crash:
        died = True
    assert died
    one.journal.hooks.clear()
    await one.crash()
    await one.start()
    await one.run(Pause(), request_id="the-pause")  # whoever was not answered asks again
    await one.mend()
    [interval] = intervals(one.line.store)
    assert [it.started_at for it in interval.gaps] == [at]
    assert one.journal.journals == {}


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
@virtual
async def test_a_death_at_any_commit_of_the_reconciliation_loses_and_doubles_nothing(point: str) -> None:
    deaths = 0
    for nth in range(1, 20):
        one = await machine()
        await one.run(Start())
        await one.wait(minutes(5))
        one.line.fault = cut
        await follow(one, [(1, Pause(), {}), (1, Resume(), {}), (1, Finish(), {})])
        left = [nth]

        def die(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise Crash

        one.line.store.hooks[point] = die
        one.line.fault = once(Fault.NONE)
        try:
            await one.sync.look()
        except Crash:
            deaths += 1
        one.line.store.hooks.clear()
        await one.crash()
        await one.start()
        kinds = ["interval.started", "interval.paused", "interval.resumed", "interval.completed"]
        assert [kind for kind, _ in events(one.line.store)] == kinds
        assert [it.conflict for it in intervals(one.line.store)] == [None]
        await one.crash()
        if left[0] > 0:
            break
    assert deaths == 3


# Two machines.


async def two(rules: Rules = RULES) -> tuple[Machine, Machine]:
    store = MemoryStore()
    return await machine(store, rules), await machine(store, rules)


@virtual
async def test_what_another_machine_settled_meanwhile_is_no_conflict() -> None:
    one, other = await two()
    await one.run(Start())
    await one.wait(minutes(1))
    one.line.fault = cut
    await one.wait(minutes(26))
    assert other.peek().state == "due"
    await one.run(Break())
    await one.mend()
    await other.sync.look()
    await other.settle()
    assert [it.status for it in intervals(one.line.store)] == [Status.COMPLETED, Status.RUNNING]
    assert (one.peek().state, other.peek().state) == ("break", "break")


@virtual
async def test_two_machines_that_went_different_ways_keep_both_and_tell_once() -> None:
    one, other = await two()
    await one.run(Start(), task=TaskChoice("Here"))
    await other.sync.look()
    await one.wait(minutes(5))
    one.line.fault = cut
    await one.run(Pause())
    await one.wait(minutes(1))
    await other.run(Stop())
    await other.run(Start(), task=TaskChoice("There"))
    await one.wait(minutes(1))
    await one.run(Resume())
    await one.wait(minutes(1))
    await one.run(Stop())
    await one.mend()
    store = one.line.store
    found = {it.status: it for it in intervals(store)}
    assert set(found) == {Status.STOPPED, Status.RUNNING, Status.CANCELLED}
    kept = found[Status.CANCELLED]
    assert kept.conflict is Status.STOPPED
    assert kept.elapsed(current_clock().wall) == minutes(6)
    assert [kind for kind, _ in events(store)].count("interval.conflict") == 1
    assert [it.title for it in one.notifier.shown] == ["Two machines recorded the same time"]
    assert (one.peek().state, one.peek().task) == ("focus", "There")


@virtual
async def test_a_conflict_counts_once_it_is_corrected() -> None:
    one, other = await two()
    await other.run(Start())
    await one.mend()
    one.line.fault = cut
    await one.wait(minutes(5))
    await other.run(Stop())
    await one.wait(minutes(5))
    await one.run(Stop())
    await one.mend()
    history = HistoryService(one.timers, one.line, current_clock(), lambda: RULES)
    [_, conflict] = await history.between(one.who, None, None)
    assert (conflict.conflict, conflict.status, conflict.elapsed_s) == (True, "stopped", 600)
    entry = Entry(started_at=conflict.started_at + minutes(5))
    done = await history.edit(one.who, conflict.interval_id, entry, create=False, request_id=None)
    assert (done.interval.conflict, done.interval.elapsed_s) == (False, 300)


@virtual
async def test_what_was_done_beside_another_machine_and_lies_over_nothing_counts() -> None:
    one, other = await two()
    one.line.fault = cut
    await one.wait(minutes(1))
    await one.run(Start(planned=minutes(5)))
    await one.wait(minutes(10))
    await one.run(Stop())
    await one.wait(minutes(1))
    await other.run(Start())
    await one.mend()
    found = sorted(intervals(one.line.store), key=lambda it: it.started_at)
    assert [(it.status, it.conflict) for it in found] == [(Status.COMPLETED, None), (Status.RUNNING, None)]


@virtual
async def test_nothing_is_kept_of_those_who_are_at_home_elsewhere() -> None:
    one, other = await two()
    async with other.line.write() as unit:
        stranger = await unit.users.of_peer(UID + 1, "bob")
    await other.timers.run(Identity(stranger, "bob", ""), Start())
    await other.crash()
    await one.wait(minutes(26))
    assert [it.status for it in intervals(one.line.store)] == [Status.COMPLETED]
    assert list(one.journal.timers) == [one.who.user_id]


@virtual
async def test_what_runs_here_goes_on_where_nothing_else_does() -> None:
    one, other = await two()
    await one.run(Start())
    await other.sync.look()
    one.line.fault = cut
    await one.wait(minutes(5))
    await one.run(Finish())
    await other.run(Pause())
    await one.wait(minutes(5))
    await other.run(Cancel())
    await one.wait(minutes(5))
    await one.run(Skip())
    await one.mend()
    current = [it for it in intervals(one.line.store) if it.status is Status.RUNNING]
    assert len(current) == 1
    assert one.peek().state in ("break", "focus")
    await other.sync.look()
    await other.settle()
    assert other.peek().state == one.peek().state


@virtual
async def test_commands_that_a_database_lost_when_another_took_over_are_given_again() -> None:
    one = await machine()
    await one.run(Start(), task=TaskChoice("Write report"))
    await one.wait(minutes(5))
    before = one.line.store.rows.copy()
    await one.run(Pause())
    await one.wait(minutes(1))
    await one.run(Resume())
    whole = (record(one.line.store), events(one.line.store))
    one.line.store.rows = before
    await one.sync.look()
    await one.settle()
    assert (record(one.line.store), events(one.line.store)) == whole
    assert one.peek().state == "focus"


@virtual
async def test_an_action_of_an_interruption_is_refused_while_nothing_runs() -> None:
    one = await machine()
    one.line.fault = cut
    with pytest.raises(TimerIdle):
        await one.timers.transact(one.who, Interrupt(InterruptionKind.INTERNAL, ""), None, "timer.interrupt")
