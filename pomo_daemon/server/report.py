"""Routes of reports: from messages to use cases and back."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from pomo_daemon.application.report import Query, Report
from pomo_daemon.application.selection import TaskRow
from pomo_daemon.application.timer import Identity
from pomo_daemon.domain.interruption import InterruptionKind
from pomo_daemon.domain.report import By, Period, Streak, month_of
from pomo_daemon.protocol import report_messages as m
from pomo_daemon.protocol.messages import NoParams
from pomo_daemon.server.replies import who

if TYPE_CHECKING:
    from pomo_daemon.server.routes import Client
    from pomo_daemon.server.services import Services


def _query(params: m.DaysParams, **more: Any) -> Query:  # noqa: ANN401
    period = Period(params.period) if params.period else None
    return Query(period=period, first=params.from_, last=params.to, **more)


async def period(client: "Client", params: m.ReportParams) -> m.ReportResult:
    """Sum up some days."""
    by = By(params.by) if params.by else None
    query = _query(params, by=by, task=params.task, category=params.category)
    return told(await client.services.reports.period(who(client), query))


async def as_text(services: "Services", me: Identity, period: str, columns: int, *, drawn: bool) -> str:
    """Sum up a period in words."""
    # Not at the top: few daemons are ever asked.
    from pomo_daemon.protocol.report_text import lines

    found = told(await services.reports.period(me, Query(period=Period(period) if period else None)))
    return "\n".join(lines(msgspec.to_builtins(found), columns, drawn=drawn))


def told(found: Report) -> m.ReportResult:
    """Make the message of a report."""
    return m.ReportResult(
        found.days.first,
        found.days.last,
        found.by,
        tuple(m.ReportRow(**it.tally._asdict(), key=it.key, label=it.label) for it in found.rows),
        m.Tally(**found.total._asdict()),
        m.Before(found.previous_days.first, found.previous_days.last, m.Tally(**found.previous._asdict())),
        found.goal,
        found.reached,
        found.today,
    )


async def estimates(client: "Client", _params: NoParams) -> m.EstimatesResult:
    """Hold estimates against what tasks took."""
    found = await client.services.reports.estimates(who(client))
    return m.EstimatesResult(
        tuple(
            m.Estimate(it.task_id, it.name, it.category, it.pomodoro_count, it.done, at)
            for it in found
            if (at := it.completed_at) is not None
        ),
        tuple(_accuracies((it.category or "", it) for it in found)),
        tuple(_accuracies((month_of(at.date()), it) for it in found if (at := it.completed_at) is not None)),
        _accuracy("", found),
    )


def _accuracies(found: Iterable[tuple[str, TaskRow]]) -> Iterable[m.Accuracy]:
    groups: dict[str, list[TaskRow]] = {}
    for key, row in found:
        groups.setdefault(key, []).append(row)
    return (_accuracy(key, groups[key]) for key in sorted(groups))


def _accuracy(key: str, rows: Sequence[TaskRow]) -> m.Accuracy:
    estimate, actual = sum(it.pomodoro_count for it in rows), sum(it.done for it in rows)
    close = sum(abs(it.pomodoro_count - it.done) <= 1 for it in rows)
    return m.Accuracy(key, len(rows), estimate, actual, round(actual / estimate, 2) if estimate else 0.0, close)


async def interruptions(client: "Client", params: m.DaysParams) -> m.InterruptionsResult:
    """Tell what broke in."""
    days, pomodoros, found = await client.services.reports.interruptions(who(client), _query(params))
    hours = sorted({it.at.hour for it in found})
    kinds = [(it.at.hour, it.kind) for it in found]
    internal, external = InterruptionKind.INTERNAL, InterruptionKind.EXTERNAL
    return m.InterruptionsResult(
        days.first,
        days.last,
        sum(kind is internal for _, kind in kinds),
        sum(kind is external for _, kind in kinds),
        pomodoros,
        tuple(m.HourCount(it, kinds.count((it, internal)), kinds.count((it, external))) for it in hours),
        tuple(m.InterruptionRow(it.at, it.kind, it.task, it.note) for it in found),
    )


async def calendar(client: "Client", params: m.DaysParams) -> m.CalendarResult:
    """Answer the totals of days, and streaks."""
    found = await client.services.reports.calendar(who(client), _query(params))
    return m.CalendarResult(
        found.days.first,
        found.days.last,
        found.today,
        found.goal,
        found.reached,
        found.week_start,
        tuple(m.DayTotal(day, it.focus_s, it.pomodoros) for day, it in found.totals.items()),
        _run(found.current),
        _run(found.longest),
    )


def _run(streak: Streak) -> m.Run:
    return m.Run(len(streak), streak.first, streak.last)
