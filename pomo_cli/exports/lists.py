"""The files of task lists: Taskwarrior and todo.txt. Intervals are none of theirs, but how many there were is told."""

from collections.abc import Iterator

from pomo_cli.exports.record import Record, Task, instant, one_line
from pomo_cli.exports.values import json_text


def to_taskwarrior(record: Record) -> Iterator[str]:
    """Write tasks for `task import`: a category is the project, `pomo_est` and `pomo_act` count pomodoros."""
    yield "["
    for place, task in enumerate(record.tasks):
        yield ("," if place else "") + "\n" + json_text(_task(record, task))
    yield "\n]\n"


def _task(record: Record, task: Task) -> dict[str, object]:
    end = task["deleted_at"] or task["completed_at"]
    found: dict[str, object] = {
        "uuid": str(record.number("task", task["task_id"])),
        "status": "deleted" if task["deleted_at"] else "completed" if end else "pending",
        "entry": _stamp(task["created_at"]),
        "modified": _stamp(task["updated_at"]),
        "description": one_line(task["name"]),
        "pomo_est": task["pomodoro_count"],
        "pomo_act": task["done"],
    }
    if end:
        found["end"] = _stamp(end)
    if task["category"]:
        found["project"] = one_line(task["category"])
    if task["due"]:
        found["due"] = _stamp(task["due"])
    if task["description"]:
        found["annotations"] = [{"entry": _stamp(task["created_at"]), "description": one_line(task["description"])}]
    return found


def _stamp(text: str) -> str:
    return f"{instant(text):%Y%m%dT%H%M%SZ}"


def to_todotxt(record: Record) -> Iterator[str]:
    """Write the tasks that are not deleted; `pomo:2/3` are the pomodoros done and estimated."""
    for task in record.tasks:
        if task["deleted_at"]:
            continue
        # The date of creation stands before the name, so that no name is taken for a priority or a date.
        words = [task["created_at"][:10], one_line(task["name"])]
        if task["completed_at"]:
            words = ["x", task["completed_at"][:10], *words]
        if task["category"]:
            words.append("+" + one_line(task["category"]).replace(" ", "_"))
        if task["due"]:
            words.append(f"due:{task['due'][:10]}")
        words.append(f"pomo:{task['done']}/{task['pomodoro_count']}")
        yield " ".join(words) + "\n"
