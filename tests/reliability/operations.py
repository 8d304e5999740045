"""Every operation that changes something, with the state that it finds: what crash_points.py lets daemons die over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.fakes.auth import PASSWORD

#: What earlier requests were answered, by method: for what cannot be known beforehand.
Answers = Mapping[str, Any]
Request = tuple[str, dict[str, Any] | Callable[[Answers], dict[str, Any]]]

#: A day that begins at 10:00, two hours before noon.
INVENTORY: Final[tuple[Request, ...]] = (
    ("category.add", {"name": "Work"}),
    ("category.add", {"name": "Home"}),
    ("task.add", {"name": "Write", "category": "Work", "pomodoro_count": 3}),
    ("task.add", {"name": "Plan"}),
    ("task.done", {"task": "Plan"}),
    ("task.add", {"name": "Old"}),
    ("task.delete", {"task": "Old"}),
    ("history.add", {"start": "2026-01-12T10:00:00Z", "end": "2026-01-12T10:25:00Z", "task": "Write"}),
)
RUNNING: Final = (*INVENTORY, ("timer.start", {"task": "Write"}))
PAUSED: Final = (*RUNNING, ("timer.pause", {}))
SCHEDULED: Final[tuple[Request, ...]] = (
    *INVENTORY,
    ("schedule.add", {"cron": "30 18 * * mon-fri", "task": "Write"}),
)
ACCOUNT: Final[tuple[Request, ...]] = (
    ("auth.register", {"username": "bob", "email": "bob@example.org", "password": PASSWORD}),
    ("auth.login", {"name": "bob", "password": PASSWORD, "device": "laptop"}),
)


@dataclass(frozen=True)
class Operation:
    """A request, or without a method the start of a daemon; `minutes` lie between its state and it.

    `first` is asked just before it, again too: what a daemon holds in its memory dies with it.
    `spent`: the error of asking again where it was done, for what has no request id. `token`: whether the login of
    `before` asks, and not the OS user.
    """

    name: str
    method: str = ""
    params: dict[str, Any] | Callable[[Answers], dict[str, Any]] | None = None
    before: tuple[Request, ...] = INVENTORY
    minutes: int = 10
    spent: str = ""
    token: bool = False
    first: tuple[Request, ...] = ()


#: Noon of the day before, and a minute, in microseconds since 1970.
_NOON: Final = 1_768_132_800_000_000
_MINUTE: Final = 60_000_000
HANDED_IN: Final[tuple[Request, ...]] = (
    ("import.begin", {"name": "import a.csv"}),
    (
        "import.append",
        {
            "import_id": 1,
            "seq": 0,
            "done": True,
            "rows": [
                ["category", 1, "Abroad"],
                ["task", 2, 1, "Travel", "Abroad"],
                ["interval", 3, "a/1", "focus", "completed", _NOON, _NOON + 25 * _MINUTE, None, "UTC", "", 1],
                ["gap", _NOON + 2 * _MINUTE, _NOON + 3 * _MINUTE],
                ["interruption", "external", _NOON + 4 * _MINUTE, "phone"],
                ["interval", 4, "a/2", "focus", "stopped", _NOON + 30 * _MINUTE, _NOON + 40 * _MINUTE],
            ],
        },
    ),
)
IMPORT: Final[Request] = ("import.commit", {"import_id": 1})

# Functions, since they are sent to other processes.


def _number(answers: Answers) -> dict[str, Any]:
    return {"interval_id": answers["history.add"]["interval_id"]}


def _correction(answers: Answers) -> dict[str, Any]:
    return {**_number(answers), "end": "2026-01-12T10:20:00Z", "task": "New"}


def _schedule(answers: Answers) -> dict[str, Any]:
    return {"schedule_id": answers["schedule.add"]["schedule_id"]}


def _refresh_token(answers: Answers) -> dict[str, Any]:
    return {"refresh_token": answers["auth.login"]["refresh_token"]}


def _login(answers: Answers) -> dict[str, Any]:
    return {"login_id": answers["auth.login"]["login_id"]}


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation("a start of a daemon after the deadline", before=RUNNING, minutes=40),
    Operation("timer.start", "timer.start", {"task": "New"}),
    Operation("timer.start in place of another", "timer.start", {"task": "New", "replace": True}, RUNNING),
    Operation("timer.break", "timer.break", {}),
    Operation("timer.repeat", "timer.repeat", {}),
    Operation("timer.pause", "timer.pause", {}, RUNNING),
    Operation("timer.toggle after the deadline", "timer.toggle", {}, RUNNING, 40),
    Operation("timer.resume", "timer.resume", {}, PAUSED),
    Operation("timer.toggle", "timer.toggle", {}, RUNNING),
    Operation("timer.stop", "timer.stop", {}, RUNNING),
    Operation("timer.finish", "timer.finish", {}, RUNNING),
    Operation("timer.finish of a pause", "timer.finish", {}, PAUSED),
    Operation("timer.cancel", "timer.cancel", {}, RUNNING),
    Operation("timer.skip", "timer.skip", {}, RUNNING),
    Operation("timer.extend", "timer.extend", {"by_s": 300}, RUNNING),
    Operation("timer.extend after the deadline", "timer.extend", {"by_s": 300}, RUNNING, 40),
    Operation("timer.interrupt", "timer.interrupt", {"kind": "external", "note": "phone"}, RUNNING),
    Operation(
        "history.add",
        "history.add",
        {"start": "2026-01-12T11:00:00Z", "end": "2026-01-12T11:25:00Z", "task": "New", "note": "late"},
    ),
    Operation("history.edit", "history.edit", _correction),
    Operation("history.delete", "history.delete", _number),
    Operation("task.add", "task.add", {"name": "New", "category": "Work"}),
    Operation("task.edit", "task.edit", {"task": "Write", "name": "Rewrite", "category": "Home"}),
    Operation("task.done", "task.done", {"task": "Write"}),
    Operation("task.reopen", "task.reopen", {"task": "#2"}),
    Operation("task.delete", "task.delete", {"task": "Write"}),
    Operation("task.restore", "task.restore", {"task": "#3"}),
    Operation("category.add", "category.add", {"name": "New"}),
    Operation("category.rename", "category.rename", {"category": "Work", "name": "Labour"}),
    Operation("category.delete", "category.delete", {"category": "Work", "move_to": "Home"}),
    Operation("schedule.add", "schedule.add", {"cron": "@daily", "task": "New"}),
    Operation("schedule.pause", "schedule.pause", _schedule, SCHEDULED),
    Operation("schedule.resume", "schedule.resume", _schedule, (*SCHEDULED, ("schedule.pause", _schedule))),
    Operation("schedule.delete", "schedule.delete", _schedule, SCHEDULED),
    Operation("change.undo of a schedule", "change.undo", {}, SCHEDULED),
    Operation("change.undo", "change.undo", {}),
    Operation("change.undo of a start", "change.undo", {}, RUNNING),
    Operation("change.redo", "change.redo", {}, (*INVENTORY, ("change.undo", {}))),
    Operation("import.commit", *IMPORT, first=HANDED_IN),
    Operation("change.undo of an import", "change.undo", {}, (*INVENTORY, *HANDED_IN, IMPORT)),
    Operation("change.redo of an import", "change.redo", {}, (*INVENTORY, *HANDED_IN, IMPORT, ("change.undo", {}))),
    Operation("git.note", "git.note", {"sha": "0123456789abcdef", "subject": "Mend it"}, RUNNING),
    Operation("auth.register", *ACCOUNT[0], before=(), spent="user.exists"),
    Operation("auth.login", *ACCOUNT[1], before=ACCOUNT[:1]),
    Operation("auth.refresh", "auth.refresh", _refresh_token, ACCOUNT),
    Operation("auth.logout", "auth.logout", {}, ACCOUNT, spent="auth.invalid_token", token=True),
    Operation(
        "auth.passwd",
        "auth.passwd",
        {"password": "another password", "old_password": PASSWORD},
        ACCOUNT,
        spent="auth.invalid_credentials",
        token=True,
    ),
    Operation(
        "auth.revoke",
        "auth.revoke",
        _login,
        ACCOUNT,
        spent="auth.invalid_token",
        token=True,
    ),
)
