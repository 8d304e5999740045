"""The list of tasks as statements: which fit, in which order, how far each has come, and how many there are."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, String, and_, bindparam, cast, func, or_, select

from pomo_daemon.adapters.db.tables import categories, intervals, tasks
from pomo_daemon.application.selection import Selection, TaskRow, TaskSort, TaskStatus
from pomo_daemon.domain.interval import Phase, Status
from pomo_daemon.domain.task import MAX_NAME

#: Orders that are made outside of the database: SQLite knows the case of ASCII alone.
BY_WORDS: Final = (TaskSort.NAME, TaskSort.CATEGORY)
_POMODOROS = (
    intervals.c.owner_id == bindparam("user"),
    intervals.c.phase == Phase.FOCUS,
    intervals.c.status == Status.COMPLETED,
)
_STATUS: Final[dict[TaskStatus, tuple[ColumnElement[bool], ...]]] = {
    TaskStatus.OPEN: (tasks.c.deleted_at.is_(None), tasks.c.completed_at.is_(None)),
    TaskStatus.DONE: (tasks.c.deleted_at.is_(None), tasks.c.completed_at.is_not(None)),
    TaskStatus.DELETED: (tasks.c.deleted_at.is_not(None),),
    TaskStatus.ALL: (),
}


def page(wanted: Selection) -> Select[Any]:
    """Select the fields of TaskRow."""
    found: Select[Any]
    done: ColumnElement[int]
    rows: FromClause
    joined: FromClause
    if wanted.limit is None or wanted.sort in BY_WORDS:
        rows = select(tasks).where(*_fitting(wanted)).subquery()
        # Counted apart and joined: one pass over the pomodoros, whatever the number of tasks.
        counted = select(intervals.c.task_id, func.count().label("done")).where(*_POMODOROS)
        each = counted.where(intervals.c.task_id.is_not(None)).group_by(intervals.c.task_id).subquery()
        done = func.coalesce(each.c.done, 0)
        joined = rows.outerjoin(each, each.c.task_id == rows.c.task_id)
    else:
        # Few tasks: their pomodoros are found one by one, and all others are left alone.
        rows = (
            select(tasks).where(*_fitting(wanted)).order_by(*_order(tasks, wanted.sort)).limit(wanted.limit).subquery()
        )
        done = select(func.count()).where(*_POMODOROS, intervals.c.task_id == rows.c.task_id).scalar_subquery()
        joined = rows
    fields = {**rows.c, "done": done, "category": categories.c.name}
    found = select(*(fields[name] for name in TaskRow.__struct_fields__))
    found = found.select_from(joined.outerjoin(categories, categories.c.category_id == rows.c.category_id))
    return found.order_by(*_order(rows, wanted.sort))


def count(wanted: Selection) -> Select[int]:
    """Select how many tasks fit, whatever the limit."""
    return select(func.count()).select_from(tasks).where(*_fitting(wanted))


def _order(rows: FromClause, sort: TaskSort) -> tuple[ColumnElement[Any], ...]:
    columns = rows.c
    first = {
        TaskSort.DUE: (columns.due.is_(None), columns.due),
        TaskSort.ESTIMATE: (columns.pomodoro_count.desc(),),
        TaskSort.UPDATED: (columns.updated_at.desc(),),
    }
    return (*first.get(sort, ()), columns.task_id)


def _fitting(wanted: Selection) -> Iterator[ColumnElement[bool]]:
    yield tasks.c.owner_id == bindparam("user")
    yield from _STATUS[wanted.status]
    if wanted.category_id is not None:
        yield tasks.c.category_id == wanted.category_id if wanted.category_id else tasks.c.category_id.is_(None)
    if wanted.due_before is not None:
        yield tasks.c.due < wanted.due_before
    if wanted.prefix:
        digits = wanted.prefix.removeprefix("#")
        number = cast(tasks.c.task_id, String).startswith(digits, autoescape=True)
        yield or_(number, and_(*_begins(wanted.prefix)))


def _begins(prefix: str) -> Iterator[ColumnElement[bool]]:
    """Compare the beginning of names, letter by letter where the database does not know the case of the letter."""
    at = 1
    for plain, run in groupby(prefix[: MAX_NAME + 1], str.isascii):
        letters = "".join(run)
        if plain:
            yield func.lower(func.substr(tasks.c.name, at, len(letters))) == letters.lower()
        else:
            for place, it in enumerate(letters, at):
                yield func.substr(tasks.c.name, place, 1).in_(sorted({it, it.lower(), it.upper()}))
        at += len(letters)
