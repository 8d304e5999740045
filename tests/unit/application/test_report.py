"""Reports over a record: rows add up, what runs is in them, filters hold, and streaks and goals are as set."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from pomo_daemon.application.report import Query
from pomo_daemon.application.timer import TaskChoice
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.days import WeekStart
from pomo_daemon.domain.errors import Invalid, TaskNotFound
from pomo_daemon.domain.interruption import Interruption, InterruptionKind
from pomo_daemon.domain.interval import Phase, Status
from pomo_daemon.domain.report import By, Days, Period, Tally, total
from pomo_daemon.domain.timer import Start
from tests.contract.samples import category, focus, task
from tests.fakes.application import FakeDaemon, start
from tests.fakes.clock import NOON
from tests.fakes.loop import virtual

MONDAY = NOON.date()
HOUR, DAY = 60, 24 * 60


async def recorded(rules: Rules | None = None) -> FakeDaemon:
    """Give a daemon with a record: 3 pomodoros and a break yesterday, one and a stopped one today, all by noon."""
    daemon = await start(rules=rules)
    async with daemon.store.write() as unit:
        user = daemon.who.user_id
        work = await unit.categories.add(user, category("work"))
        write = await unit.tasks.add(user, replace(task("Write"), category_id=work.category_id))
        read = await unit.tasks.add(user, task("Read"))
        for begin in (-DAY, -DAY + 60, -DAY + 120):
            await unit.intervals.add(user, replace(focus(begin, begin + 25), task_id=write.task_id))
        await unit.intervals.add(user, replace(focus(-DAY + 30, -DAY + 35), phase=Phase.SHORT_BREAK))
        last = await unit.intervals.add(user, replace(focus(-120, -95), task_id=read.task_id))
        await unit.intervals.add(user, focus(-60, -50, Status.STOPPED))
        kind = InterruptionKind.EXTERNAL
        await unit.interruptions.add(Interruption(interval_id=last.interval_id or 0, kind=kind, at=NOON, note="door"))
    return daemon


ALL = Tally(focus_s=4 * 1500 + 600, pomodoros=4, stopped=1, break_s=300, breaks=1, external=1)
BOTH_DAYS = Query(first=MONDAY - timedelta(days=1), last=MONDAY)


@virtual
@pytest.mark.parametrize("by", list(By))
async def test_rows_add_up_whatever_they_are(by: By) -> None:
    daemon = await recorded()
    report = await daemon.reports.period(daemon.who, replace(BOTH_DAYS, by=by))
    assert report.total == ALL
    assert total(it.tally for it in report.rows) == ALL


@virtual
async def test_rows_say_what_they_are() -> None:
    daemon = await recorded(Rules(week_start=WeekStart.SUNDAY))

    async def rows(by: By) -> list[tuple[str, str, int]]:
        report = await daemon.reports.period(daemon.who, replace(BOTH_DAYS, by=by))
        return [(it.key, it.label, it.tally.pomodoros) for it in report.rows]

    assert await rows(By.TASK) == [("1", "Write", 3), ("2", "Read", 1), ("", "", 0)]
    assert await rows(By.CATEGORY) == [("work", "work", 3), ("", "", 1)]
    assert await rows(By.DAY) == [("2026-01-11", "Sun 2026-01-11", 3), ("2026-01-12", "Mon 2026-01-12", 1)]
    assert [key for key, _, _ in await rows(By.WEEKDAY)][:2] == ["sunday", "monday"]
    assert await rows(By.HOUR) == [
        ("10", "10:00", 1),
        ("11", "11:00", 0),
        ("12", "12:00", 1),
        ("13", "13:00", 1),
        ("14", "14:00", 1),
    ]


@virtual
async def test_a_task_and_a_category_narrow_it() -> None:
    daemon = await recorded()
    for query in (replace(BOTH_DAYS, task="Write"), replace(BOTH_DAYS, category="work")):
        report = await daemon.reports.period(daemon.who, query)
        assert report.total == Tally(focus_s=4500, pomodoros=3)
        assert report.by is By.DAY
    report = await daemon.reports.period(daemon.who, replace(BOTH_DAYS, task="Read", category="work"))
    assert not report.total
    with pytest.raises(TaskNotFound):
        await daemon.reports.period(daemon.who, Query(task="Nobody's"))


@virtual
async def test_what_runs_is_in_it_as_far_as_it_has_come() -> None:
    daemon = await recorded()
    await daemon.run(Start(), task=TaskChoice("Write"))
    await daemon.wait(timedelta(minutes=5))
    for by in (By.DAY, By.TASK):
        report = await daemon.reports.period(daemon.who, Query(period=Period.DAY, by=by))
        assert report.total == Tally(focus_s=1500 + 600 + 300, pomodoros=1, stopped=1, external=1)
    report = await daemon.reports.period(daemon.who, Query(period=Period.DAY, task="Read"))
    assert report.total.focus_s == 1500


@virtual
async def test_the_days_before_and_the_goal_are_told() -> None:
    daemon = await recorded(Rules(goal=3))
    report = await daemon.reports.period(daemon.who, Query(period=Period.DAY))
    assert report.previous_days == Days(MONDAY - timedelta(days=1), MONDAY - timedelta(days=1))
    assert (report.previous.pomodoros, report.reached, report.by) == (3, 0, By.HOUR)
    both = await daemon.reports.period(daemon.who, BOTH_DAYS)
    assert (both.reached, both.goal, both.today) == (1, 3, MONDAY)


@virtual
async def test_another_day_start_moves_what_is_past_at_once() -> None:
    daemon = await recorded()
    assert (await daemon.reports.period(daemon.who, Query(period=Period.DAY))).total.pomodoros == 1
    daemon.rules = Rules(day_start=time(11))
    report = await daemon.reports.period(daemon.who, Query(period=Period.DAY))
    assert report.total == Tally(stopped=1, focus_s=600)
    assert report.previous.pomodoros == 4


@virtual
async def test_without_a_word_it_is_this_week() -> None:
    daemon = await recorded()
    report = await daemon.reports.period(daemon.who, Query())
    assert report.days == Days(MONDAY, MONDAY + timedelta(days=6))
    assert len(report.rows) == 7


@virtual
@pytest.mark.parametrize(
    "query",
    [
        Query(first=MONDAY, last=MONDAY - timedelta(days=1)),
        Query(period=Period.WEEK, last=MONDAY),
        Query(first=date(1, 1, 1)),
    ],
)
async def test_days_that_are_none_are_refused(query: Query) -> None:
    daemon = await recorded()
    with pytest.raises(Invalid):
        await daemon.reports.period(daemon.who, query)


@virtual
async def test_streaks_and_interruptions() -> None:
    daemon = await recorded()
    calendar = await daemon.reports.calendar(daemon.who, Query())
    assert (len(calendar.current), len(calendar.longest), calendar.reached) == (2, 2, 1)
    assert list(calendar.totals) == [MONDAY]
    daemon.rules = Rules(goal=2)
    calendar = await daemon.reports.calendar(daemon.who, Query())
    assert calendar.current.last == MONDAY - timedelta(days=1)
    days, pomodoros, [one] = await daemon.reports.interruptions(daemon.who, Query(period=Period.DAY))
    assert (pomodoros, one.note, one.task, days.first) == (1, "door", "Read", MONDAY)


@virtual
async def test_estimates_are_of_tasks_that_are_done() -> None:
    daemon = await recorded()
    async with daemon.store.write() as unit:
        write = await unit.tasks.get(daemon.who.user_id, 1)
        assert write is not None
        await unit.tasks.update(daemon.who.user_id, replace(write, pomodoro_count=4, completed_at=NOON))
    [row] = await daemon.reports.estimates(daemon.who)
    assert (row.name, row.done, row.category) == ("Write", 3, "work")


@virtual
async def test_kept_totals_are_held_against_a_recount() -> None:
    daemon = await recorded()
    assert await daemon.reports.wrong_days(daemon.who.user_id) == []
    await daemon.reports.period(daemon.who, Query())
    assert await daemon.reports.wrong_days(daemon.who.user_id) == []
