"""Routes of tasks, categories, the record and undo: from messages to use cases and back."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from pomo_daemon.application.history import Entry, Recorded
from pomo_daemon.application.ports import Page
from pomo_daemon.application.selection import Selection, TaskRow, TaskSort, TaskStatus
from pomo_daemon.application.tasks import TaskEdit
from pomo_daemon.domain.interruption import InterruptionKind
from pomo_daemon.domain.interval import Phase, Status
from pomo_daemon.protocol import messages as m
from pomo_daemon.protocol.text import clean
from pomo_daemon.server.phrases import KEPT
from pomo_daemon.server.replies import instant, interval, status, who

if TYPE_CHECKING:
    from pomo_daemon.server.routes import Client


def view(row: TaskRow) -> m.TaskView:
    """Make the message of a task."""
    return msgspec.convert(row, m.TaskView, from_attributes=True)


async def task_add(client: "Client", params: m.TaskAddParams) -> m.TaskView:
    """Make a task."""
    edit = TaskEdit(
        name=params.name,
        description=params.description,
        pomodoro_count=params.pomodoro_count,
        category=params.category,
        due=instant("due", params.due),
    )
    return view(await client.services.tasks.add(who(client), edit, params.request_id))


async def task_edit(client: "Client", params: m.TaskEditParams) -> m.TaskView:
    """Change a task."""
    edit = TaskEdit(
        name=params.name,
        description=params.description,
        pomodoro_count=params.pomodoro_count,
        category=params.category,
        due=instant("due", params.due),
        no_due=params.no_due,
    )
    return view(await client.services.tasks.edit(who(client), params.task, edit, params.request_id))


async def task_done(client: "Client", params: m.TaskParams) -> m.TaskView:
    """Mark a task as done."""
    return view(await client.services.tasks.done(who(client), params.task, params.request_id))


async def task_reopen(client: "Client", params: m.TaskParams) -> m.TaskView:
    """Mark a task as not done."""
    return view(await client.services.tasks.reopen(who(client), params.task, params.request_id))


async def task_delete(client: "Client", params: m.TaskParams) -> m.TaskView:
    """Delete a task."""
    return view(await client.services.tasks.delete(who(client), params.task, params.request_id))


async def task_restore(client: "Client", params: m.TaskParams) -> m.TaskView:
    """Bring a task back."""
    return view(await client.services.tasks.restore(who(client), params.task, params.request_id))


async def task_list(client: "Client", params: m.TaskListParams) -> m.TaskListResult:
    """List tasks."""
    wanted = Selection(
        status=TaskStatus(params.status),
        due_before=instant("due", params.due),
        prefix=params.prefix,
        sort=TaskSort(params.sort),
        limit=params.limit,
    )
    found = await client.services.tasks.list(who(client), wanted, params.category)
    return m.TaskListResult(tuple(map(view, found.rows)), found.more)


async def task_show(client: "Client", params: m.TaskParams) -> m.TaskDetailResult:
    """Answer a task with everything that happened on it."""
    detail = await client.services.tasks.show(who(client), params.task)
    kinds = [one.kind for it in detail.intervals for one in it.interruptions]
    return m.TaskDetailResult(
        view(detail.row),
        tuple(map(interval, detail.intervals)),
        sum(it.elapsed_s for it in detail.intervals if it.phase == Phase.FOCUS),
        kinds.count(InterruptionKind.INTERNAL),
        kinds.count(InterruptionKind.EXTERNAL),
    )


def _category(answer: Mapping[str, Any]) -> m.CategoryResult:
    return m.CategoryResult(answer["category_id"], answer["name"])


async def category_list(client: "Client", _params: m.NoParams) -> m.CategoryListResult:
    """List categories."""
    found = await client.services.categories.list(who(client))
    return m.CategoryListResult(tuple(m.CategoryView(it.category_id, it.name, count) for it, count in found))


async def category_add(client: "Client", params: m.CategoryNameParams) -> m.CategoryResult:
    """Make a category."""
    answer = await client.services.categories.add(who(client), params.name, params.request_id)
    return _category(answer)


async def category_rename(client: "Client", params: m.CategoryRenameParams) -> m.CategoryResult:
    """Rename a category."""
    answer = await client.services.categories.rename(who(client), params.category, params.name, params.request_id)
    return _category(answer)


async def category_delete(client: "Client", params: m.CategoryDeleteParams) -> m.CategoryResult:
    """Delete a category."""
    answer = await client.services.categories.delete(who(client), params.category, params.move_to, params.request_id)
    return _category(answer)


async def log_list(client: "Client", params: m.ListParams) -> m.ListResult:
    """List intervals."""
    begin, end = instant("from", params.from_), instant("to", params.to)
    page = Page(params.after or 0, params.limit)
    found = await client.services.history.between(who(client), begin, end, params.task, params.category, page)
    return m.ListResult(tuple(map(interval, found)))


def _recorded(found: Recorded) -> m.RecordedResult:
    return m.RecordedResult(**msgspec.structs.asdict(interval(found.interval)), task_created=found.task_created)


async def log_add(client: "Client", params: m.LogAddParams) -> m.RecordedResult:
    """Record a focus that was forgotten."""
    entry = Entry(
        started_at=instant("start", params.start),
        ended_at=instant("end", params.end),
        outcome=Status(params.outcome),
        task=params.task,
        note=params.note,
    )
    return _recorded(
        await client.services.history.add(who(client), entry, create=params.create, request_id=params.request_id)
    )


async def log_edit(client: "Client", params: m.LogEditParams) -> m.RecordedResult:
    """Correct an interval."""
    entry = Entry(
        started_at=instant("start", params.start),
        ended_at=instant("end", params.end),
        outcome=Status(params.outcome) if params.outcome else None,
        task=params.task,
        note=params.note,
    )
    return _recorded(
        await client.services.history.edit(
            who(client), params.interval_id, entry, create=params.create, request_id=params.request_id
        )
    )


async def log_delete(client: "Client", params: m.IntervalIdParams) -> m.IntervalIdParams:
    """Take an interval out of the record."""
    await client.services.history.delete(who(client), params.interval_id, params.request_id)
    return params


async def interrupt(client: "Client", params: m.InterruptParams) -> m.InterruptResult:
    """Mark an interruption."""
    kind = InterruptionKind(params.kind)
    answer = await client.services.history.interrupt(who(client), kind, params.note, params.request_id)
    count = answer["count"]
    times = "once" if count == 1 else f"{count} times"
    message = f"Interrupted ({kind}), {times} in this interval; the clock runs on."
    return m.InterruptResult(f"{message}\n{KEPT}" if answer.get("kept") else message, count)


async def git_note(client: "Client", params: m.GitNoteParams) -> m.GitNoteResult:
    """Note a commit on the current focus."""
    answer = await client.services.history.note_commit(
        who(client), params.sha, params.subject, params.repository, params.request_id
    )
    return m.GitNoteResult(answer["interval_id"])


async def change_list(client: "Client", _params: m.NoParams) -> m.ChangeListResult:
    """List what can be undone."""
    found = await client.services.undo.list(who(client))
    return m.ChangeListResult(tuple(m.ChangeView(it.change_id, it.at, it.label) for it in found))


async def change_undo(client: "Client", params: m.VerbParams) -> m.UndoResult:
    """Take the latest change back."""
    answer = await client.services.undo.undo(who(client), params.request_id)
    return await _turned(client, "Undone", answer["label"], answer["at"])


async def change_redo(client: "Client", params: m.VerbParams) -> m.UndoResult:
    """Do again what was undone last."""
    answer = await client.services.undo.redo(who(client), params.request_id)
    return await _turned(client, "Done again", answer["label"], answer["at"])


async def _turned(client: "Client", verb: str, label: str, at: str) -> m.UndoResult:
    from datetime import datetime

    now = status(await client.services.timers.status(who(client)))
    return m.UndoResult(f"{verb}: {clean(label)}.", label, datetime.fromisoformat(at), now)
