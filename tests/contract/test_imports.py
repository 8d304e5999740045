"""Imports on every store: once, in one transaction, between what is there, and taken back by one undo."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any, Final

import pytest

from pomo_daemon.adapters.spool import TemporarySpool
from pomo_daemon.application import imports as module
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.arriving import Summary
from pomo_daemon.application.imports import ImportService
from pomo_daemon.application.lookup import views
from pomo_daemon.application.ports import Announcement, Arrival, Staged, Store, StoreError
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.application.undo import UndoService
from pomo_daemon.application.views import IntervalView
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.errors import ImportNotFound, Invalid, Overlap, UndoConflict
from pomo_daemon.domain.incoming import CategoryIn, CommitIn, GapIn, InterruptionIn, IntervalIn, Row, TaskIn, wall_clock
from pomo_daemon.domain.incoming import microseconds as us
from pomo_daemon.domain.report import local_start, time_of
from pomo_daemon.domain.timer import Start
from tests.contract.samples import category, focus, minutes, task
from tests.contract.test_store_tallies import ALWAYS, plain_count
from tests.fakes.alarm import FakeAlarm
from tests.fakes.clock import NOON, FakeClock

LONG_AGO: Final = NOON - timedelta(days=30)
LATER: Final = NOON + timedelta(days=1)
SHA: Final = "0123456789abcdef"


@dataclass
class Importer:
    """A user who imports, and what is heard of it."""

    store: Store
    who: Identity
    service: ImportService
    undo: UndoService
    timers: TimerService
    heard: list[Announcement]

    async def bring(self, *rows: Row, overlap: str = "fail", name: str = "file") -> Summary:
        number = await self.begin(*rows, overlap=overlap, name=name)
        return await self.service.commit(self.who, number, None)

    async def begin(self, *rows: Row, overlap: str = "fail", name: str = "file") -> int:
        number = self.service.begin(self.who, name, overlap)
        assert not await self.service.append(self.who, number, 0, rows, done=True)
        return number

    async def record(self) -> Sequence[IntervalView]:
        async with self.store.read() as unit:
            found = await unit.intervals.between(self.who.user_id, LONG_AGO, LATER)
            return await views(unit, self.who.user_id, found, LATER)

    async def tasks(self) -> list[tuple[str, str | None]]:
        async with self.store.read() as unit:
            ids = range(1, await unit.imports.last_number("task") + 1)
            names = await unit.tasks.names(self.who.user_id, ids)
            groups = await unit.tasks.categories(self.who.user_id, ids)
            return [(name, groups.get(key)) for key, name in sorted(names.items())]


@pytest.fixture
def importer(store: Store, user: int) -> Importer:
    clock, announcer, heard = FakeClock(), Announcer(), list[Announcement]()
    announcer.add(heard.extend)
    timers = TimerService(store, clock, FakeAlarm(lambda _: None), announcer, Rules)
    service = ImportService(timers, store, clock, Rules, TemporarySpool)
    return Importer(store, Identity(user, "ada", "default"), service, UndoService(timers, store), timers, heard)


def interval(start: float, end: float, source: str = "", line: int = 1, **changes: Any) -> IntervalIn:
    """Make a focus from minute to minute before noon."""
    began, ended = us(NOON - minutes(600) + minutes(start)), us(NOON - minutes(600) + minutes(end))
    row = IntervalIn(line, source or f"test/{start}", "focus", "completed", began, ended, None, "", "", None)
    return row._replace(**changes)


GAP: Final = GapIn(us(NOON - minutes(595)), us(NOON - minutes(590)), "pause")
RECORD: Final[Sequence[Row]] = (
    CategoryIn(1, "empty"),
    TaskIn(2, 7, "Write", "deep", source="t/7", description="what for", pomodoro_count=3, completed_at=us(NOON)),
    TaskIn(3, 8, "Read"),
    interval(60, 85, task=8, note="later", zone="Asia/Kathmandu", planned=25 * 60 * 10**6),
    interval(0, 25, task=7),
    GAP,
    InterruptionIn("external", us(NOON - minutes(580)), "door", 0),
    CommitIn(SHA, "Mend it", "/src", us(NOON - minutes(579))),
    interval(25, 30, phase="short_break"),
)


async def test_an_import_is_in_the_record_with_all_that_belongs_to_it(importer: Importer) -> None:
    found = await importer.bring(*RECORD)
    assert found[:7] == (3, 1200 + 1500, 2, 2, 0, 0, 0)
    assert (found.first, found.last) == (us(NOON - minutes(600)), us(NOON - minutes(515)))
    first, pause, last = await importer.record()
    assert (first.task, first.category, first.elapsed_s, first.gaps[0].reason) == ("Write", "deep", 1200, "pause")
    assert (first.interruptions[0].note, first.commits[0].sha) == ("door", SHA)
    assert (pause.phase, pause.task) == ("short_break", None)
    assert (last.task, last.note, last.zone, last.planned_s) == ("Read", "later", "Asia/Kathmandu", 1500)
    assert await importer.tasks() == [("Write", "deep"), ("Read", None)]


async def test_it_is_one_event_and_one_change(importer: Importer) -> None:
    await importer.bring(*RECORD, name="old.json")
    [event] = importer.heard
    assert (event.type, event.data["name"], event.data["intervals"]) == ("history.imported", "old.json", 3)
    assert [it.label for it in await importer.undo.list(importer.who)] == ["import old.json"]


async def test_a_second_import_adds_nothing_and_is_no_change(importer: Importer) -> None:
    await importer.bring(*RECORD)
    before = await importer.record()
    found = await importer.bring(*RECORD)
    assert (found.intervals, found.tasks, found.categories, found.known) == (0, 0, 0, 4)
    assert await importer.record() == before
    assert len(importer.heard) == 1


async def test_only_what_is_new_comes_of_a_file_that_has_grown(importer: Importer) -> None:
    await importer.bring(*RECORD)
    found = await importer.bring(*RECORD, interval(100, 110, task=8))
    assert (found.intervals, found.tasks, found.known) == (1, 0, 4)


async def test_what_was_deleted_since_does_not_come_again(importer: Importer) -> None:
    await importer.bring(*RECORD)
    number = (await importer.record())[0].interval_id
    async with importer.store.write() as unit:
        await unit.intervals.remove(importer.who.user_id, number)
    assert (await importer.bring(*RECORD)).intervals == 0


async def test_a_preview_says_what_would_come_and_changes_nothing(importer: Importer) -> None:
    number = await importer.begin(*RECORD)
    told = await importer.service.preview(importer.who, number)
    assert (told.new_tasks, told.new_categories) == (["Write", "Read"], ["empty", "deep"])
    assert (await importer.record(), await importer.tasks(), importer.heard) == ([], [], [])
    assert await importer.service.commit(importer.who, number, None) == told


@pytest.mark.parametrize("many", [1, 10**6], ids=["totals counted anew", "totals kept"])
async def test_undo_takes_everything_back_and_redo_brings_it(
    importer: Importer, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MANY", many)
    user_id = importer.who.user_id
    async with importer.store.write() as unit:
        await unit.intervals.add(user_id, focus(-60, -35))
        for day_start in (time(0), time(4, 30)):
            await unit.tallies.keep(user_id, day_start)
    before = await importer.record()
    await importer.bring(*RECORD)
    after = await importer.record()
    await totals_are_right(importer)
    await importer.undo.undo(importer.who, None)
    assert (await importer.record(), await importer.tasks()) == (before, [])
    await totals_are_right(importer)
    await importer.undo.redo(importer.who, None)
    assert await importer.record() == after
    assert await importer.tasks() == [("Write", "deep"), ("Read", None)]
    await totals_are_right(importer)
    assert (await importer.bring(*RECORD)).intervals == 0
    await importer.undo.undo(importer.who, None)
    assert (await importer.bring(*RECORD)).intervals == 3


async def totals_are_right(importer: Importer) -> None:
    user_id = importer.who.user_id
    async with importer.store.read() as unit:
        for day_start in (time(0), time(4, 30)):
            wanted = await plain_count(unit, user_id, day_start)
            assert wanted
            assert await unit.tallies.of_days(user_id, day_start, ALWAYS) == wanted


async def test_an_import_that_was_changed_since_is_not_undone(importer: Importer) -> None:
    await importer.bring(*RECORD)
    async with importer.store.write() as unit:
        [first, *_] = await unit.intervals.between(importer.who.user_id, LONG_AGO, LATER)
        await unit.intervals.update(importer.who.user_id, replace(first, note="changed"))
    before = await importer.record()
    with pytest.raises(UndoConflict):
        await importer.undo.undo(importer.who, None)
    assert await importer.record() == before


async def test_numbers_that_nobody_ever_had_are_kept(importer: Importer) -> None:
    async with importer.store.read() as unit:
        last = {kind: await unit.imports.last_number(kind) for kind in ("interval", "task", "category", "interruption")}
    rows: Sequence[Row] = (
        CategoryIn(1, "deep", last["category"] + 50),
        TaskIn(2, 7, "Write", "deep", source="t/7", key=last["task"] + 50),
        interval(60, 85, key=last["interval"] + 51),
        interval(0, 25, task=7, key=last["interval"] + 60),
        InterruptionIn("external", us(NOON), "door", last["interruption"] + 50),
    )
    await importer.bring(*rows)
    found = await importer.record()
    assert [it.interval_id for it in found] == [last["interval"] + 60, last["interval"] + 51]
    assert (found[0].task_id, found[0].interruptions[0].interruption_id) == (
        last["task"] + 50,
        last["interruption"] + 50,
    )
    # What comes next has numbers above them.
    async with importer.store.write() as unit:
        added = await unit.intervals.add(importer.who.user_id, focus(-30, -5))
        assert (added.interval_id or 0) > last["interval"] + 60
        assert (await unit.tasks.add(importer.who.user_id, task("new"))).task_id > last["task"] + 50
    await importer.bring(*[it._replace(source=f"other/{it.line}") for it in rows[2:3] if isinstance(it, IntervalIn)])


async def test_an_undo_takes_nothing_of_others_between_the_numbers(importer: Importer, other: int) -> None:
    async with importer.store.read() as unit:
        last = await unit.imports.last_number("interval")
    await importer.bring(interval(0, 25, key=last + 50), interval(30, 55, key=last + 60))
    async with importer.store.write() as unit:
        theirs = await unit.intervals.add(other, replace(focus(-60, -35), interval_id=last + 55))
    await importer.undo.undo(importer.who, None)
    async with importer.store.read() as unit:
        assert await unit.intervals.get(other, last + 55) == theirs
        assert await unit.intervals.between(importer.who.user_id, LONG_AGO, LATER) == []


async def test_numbers_that_are_taken_are_given_anew(importer: Importer) -> None:
    async with importer.store.write() as unit:
        taken = await unit.intervals.add(importer.who.user_id, focus(-60, -35))
    await importer.bring(interval(0, 25, key=taken.interval_id or 0), interval(30, 55, key=10**9))
    keys = [it.interval_id for it in await importer.record()]
    assert len(set(keys)) == 3
    assert 10**9 not in keys


async def test_a_number_that_stands_for_two_is_given_anew(importer: Importer) -> None:
    await importer.bring(interval(0, 25, key=10**8), interval(30, 55, key=10**8))
    assert len({it.interval_id for it in await importer.record()}) == 2


@pytest.mark.parametrize(
    ("overlap", "spans"),
    [
        ("skip", [(0, 25), (30, 40), (100, 110)]),
        ("trim", [(0, 25), (25, 30), (30, 40), (40, 50), (100, 110)]),
    ],
)
async def test_what_is_in_the_way_is_left_out_or_cut(
    importer: Importer, overlap: str, spans: list[tuple[int, int]]
) -> None:
    async with importer.store.write() as unit:
        await unit.intervals.add(importer.who.user_id, focus(30 - 600, 40 - 600))
    found = await importer.bring(
        interval(0, 25, line=1),
        interval(20, 35, line=2),
        interval(35, 50, line=3),
        interval(32, 38, line=4),
        interval(100, 110, line=5),
        overlap=overlap,
    )
    start = NOON - minutes(600)
    assert [(it.started_at - start, it.ended_at and it.ended_at - start) for it in await importer.record()] == [
        (minutes(a), minutes(b)) for a, b in spans
    ]
    assert (found.overlapping, found.trimmed) == ((3, 0) if overlap == "skip" else (1, 2))
    assert found.obstacle.startswith("line 2: started_at: ")


async def test_a_gap_is_cut_with_its_interval(importer: Importer) -> None:
    async with importer.store.write() as unit:
        await unit.intervals.add(importer.who.user_id, focus(7 - 600, 40 - 600))
    await importer.bring(interval(0, 25), GAP, overlap="trim")
    [first, _] = await importer.record()
    assert (first.elapsed_s, len(first.gaps)) == (300, 1)


async def test_what_is_in_the_way_ends_the_import_unless_it_is_said_what_to_do(importer: Importer) -> None:
    async with importer.store.write() as unit:
        await unit.intervals.add(importer.who.user_id, focus(30 - 600, 40 - 600))
    before = await importer.record()
    rows = (TaskIn(1, 1, "New"), interval(0, 25, task=1, line=2), interval(35, 50, line=3))
    with pytest.raises(Overlap, match="line 3: started_at: "):
        await importer.bring(*rows)
    assert (await importer.record(), await importer.tasks(), importer.heard) == (before, [], [])
    told = await importer.service.preview(importer.who, await importer.begin(*rows))
    assert (told.overlapping, told.intervals) == (1, 1)


async def test_the_same_stretch_from_another_program_is_there_already(importer: Importer) -> None:
    async with importer.store.write() as unit:
        await unit.intervals.add(importer.who.user_id, focus(0 - 600, 25 - 600))
    assert (await importer.bring(interval(0, 25))).known == 1


async def test_what_runs_is_in_the_way(importer: Importer) -> None:
    await importer.timers.run(importer.who, Start(at=NOON - minutes(20)))
    with pytest.raises(Overlap):
        await importer.bring(interval(590, 599))
    assert (await importer.bring(interval(0, 25))).intervals == 1


async def test_todays_pomodoros_are_counted_anew(importer: Importer) -> None:
    assert (await importer.timers.status(importer.who)).today == 0
    await importer.bring(*RECORD)
    assert (await importer.timers.status(importer.who)).today == 2


async def test_other_daemons_on_the_database_hear_of_it(importer: Importer) -> None:
    announcer, heard = Announcer(), list[Announcement]()
    announcer.add(heard.extend)
    elsewhere = TimerService(importer.store, FakeClock(), FakeAlarm(lambda _: None), announcer, Rules)
    assert (await elsewhere.status(importer.who)).today == 0
    await importer.bring(*RECORD)
    await elsewhere.refresh(importer.who.user_id)
    assert (await elsewhere.status(importer.who)).today == 2
    assert [it.type for it in heard] == ["history.imported"]


async def test_tasks_and_categories_are_found_by_their_names(importer: Importer) -> None:
    user_id = importer.who.user_id
    async with importer.store.write() as unit:
        group = await unit.categories.add(user_id, category("Deep"))
        await unit.tasks.add(user_id, replace(task("WRITE"), completed_at=NOON))
        await unit.tasks.add(user_id, replace(task("read"), category_id=group.category_id))
    found = await importer.bring(*RECORD)
    assert (found.tasks, found.categories) == (0, 1)
    assert [it.task for it in await importer.record()] == ["WRITE", None, "read"]


async def test_other_users_have_nothing_of_it(importer: Importer, other: int) -> None:
    await importer.bring(*RECORD)
    stranger = replace(importer, who=Identity(other, "bob", "default"))
    assert await stranger.record() == []
    assert (await stranger.bring(*RECORD)).intervals == 3
    await stranger.undo.undo(stranger.who, None)
    assert len(await importer.record()) == 3


async def test_rows_that_are_wrong_are_named_and_left_out(importer: Importer) -> None:
    number = importer.service.begin(importer.who, "", "fail")
    rows: Sequence[Row] = (
        interval(0, 25, line=1, phase="nap"),
        interval(5, 3, line=2),
        interval(0, 700, line=3),
        interval(0, 25, line=4, status="running"),
        interval(0, 25, line=5, note="\x1b[2J"),
        interval(0, 25, line=6, task=99),
        TaskIn(7, 1, " "),
        TaskIn(8, 2, "Fine", "12"),
        interval(0, 25, line=9),
        GapIn(us(NOON), us(NOON), "pause"),
        interval(30, 55, line=10, planned=0),
        interval(30, 55, line=11),
        InterruptionIn("strange", us(NOON), "", 0),
    )
    wrong = await importer.service.append(importer.who, number, 0, rows, done=False)
    wrong = [*wrong, *await importer.service.append(importer.who, number, 1, (interval(60, 85),), done=True)]
    fields = {it.line: it.message.partition(":")[0] for it in wrong}
    assert fields == {
        1: "phase",
        2: "ended_at",
        3: "ended_at",
        4: "status",
        5: "note",
        6: "task",
        7: "name",
        8: "category",
        9: "gaps",
        10: "planned",
        11: "interruptions",
    }
    assert (await importer.service.commit(importer.who, number, None)).intervals == 1


async def test_a_chunk_is_taken_once_and_in_its_turn(importer: Importer) -> None:
    number = importer.service.begin(importer.who, "", "fail")
    for _ in range(2):
        assert not await importer.service.append(importer.who, number, 0, (interval(0, 25),), done=False)
    with pytest.raises(Invalid):
        await importer.service.append(importer.who, number, 2, (), done=False)
    with pytest.raises(Invalid):
        await importer.service.commit(importer.who, number, None)
    await importer.service.append(importer.who, number, 1, (), done=True)
    assert (await importer.service.commit(importer.who, number, None)).intervals == 1


async def test_a_commit_that_is_asked_for_again_answers_the_same(importer: Importer) -> None:
    number = await importer.begin(*RECORD)
    found = await importer.service.commit(importer.who, number, "request-1")
    assert await importer.service.commit(importer.who, number, "request-1") == found
    assert len(importer.heard) == 1


def many(count: int) -> Sequence[Row]:
    """Make intervals, one behind the other, each with a gap and an interruption."""
    rows: list[Row] = []
    for at in range(count):
        it = interval(at / 10, (at + 1) / 10, line=at + 1)
        rows += [
            it,
            GapIn(it.started_at, it.started_at + 10**6, "pause"),
            InterruptionIn("internal", it.ended_at, "", 0),
        ]
    return rows


async def test_more_than_goes_at_a_time_is_all_there_and_comes_once(importer: Importer) -> None:
    rows = many(2100)
    found = await importer.bring(*rows)
    assert (found.intervals, found.focus_s, found.known) == (2100, 2100 * 5, 0)
    record = await importer.record()
    assert {(it.elapsed_s, len(it.gaps), len(it.interruptions)) for it in record} == {(5, 1, 1)}
    again = await importer.bring(*rows, interval(300, 310))
    assert (again.intervals, again.known) == (1, 2100)
    await importer.undo.undo(importer.who, None)
    assert await importer.record() == record
    await importer.undo.undo(importer.who, None)
    assert await importer.record() == []


async def test_what_another_daemon_recorded_meanwhile_is_not_overlapped(importer: Importer) -> None:
    user_id, row = importer.who.user_id, interval(0, 25)
    async with importer.store.write() as unit:
        await unit.intervals.add(user_id, focus(10 - 600, 20 - 600))
        [number] = await unit.imports.take_numbers(1)

    async def add() -> None:
        async with importer.store.write() as unit:
            arrival = Arrival(number, None, Staged(row, b"x", wall_clock(row)))
            await unit.imports.add(user_id, [arrival], numbered=False)

    with pytest.raises(StoreError) as caught:
        await add()
    assert caught.value.code == "history.overlap"
    assert len(await importer.record()) == 1


async def test_an_overlap_far_behind_changes_nothing_and_is_told_by_its_line(importer: Importer) -> None:
    rows = [*many(2100), interval(200, 220, line=9999)]
    with pytest.raises(Overlap, match=r"^line 9999: started_at: .* line 2001 is in the way"):
        await importer.bring(*rows)
    assert (await importer.record(), importer.heard) == ([], [])
    assert (await importer.bring(*rows, overlap="skip")).intervals == 2100


async def test_one_that_was_given_up_is_not_there_any_more(importer: Importer) -> None:
    first = await importer.begin(*RECORD)
    second = await importer.begin(*RECORD)
    importer.service.abandon(importer.who, second)
    for number in (first, second):
        with pytest.raises(ImportNotFound):
            await importer.service.preview(importer.who, number)


async def test_what_the_clock_showed_is_kept_with_each(importer: Importer) -> None:
    await importer.bring(*RECORD)
    async with importer.store.read() as unit:
        found = await unit.intervals.between(importer.who.user_id, LONG_AGO, LATER)
        parts = await unit.tallies.parts(importer.who.user_id, time_of(0), ALWAYS)
    assert [it.hour for it in parts] == [local_start(it) // 3600 % 24 for it in found]
