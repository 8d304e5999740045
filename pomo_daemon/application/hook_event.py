"""What a hook is told of an event: JSON on its stdin, and the same in short in its environment (docs/hooks.md)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pomo_daemon.application.ports import Announcement, HookEvent
from pomo_daemon.domain.events import EventType

#: Rises when something that is told changes its meaning; what is added does not raise it.
VERSION: Final = 1

_TASK: Final = {"task_id": 1, "name": "Example task"}
_STATUS: Final = {
    EventType.PAUSED: "paused",
    EventType.COMPLETED: "completed",
    EventType.STOPPED: "stopped",
    EventType.SKIPPED: "skipped",
    EventType.CANCELLED: "cancelled",
}


def hook_event(announcement: Announcement, profile: str, now: datetime) -> HookEvent:
    """Make what hooks are told of an event; it has the same id whenever it is told."""
    event_id = f"{profile}-{announcement.user_id}-{announcement.seq}"
    late = max((now - announcement.at) // timedelta(seconds=1), 0)
    document = {
        "version": VERSION,
        "id": event_id,
        "seq": announcement.seq,
        "type": announcement.type,
        "at": announcement.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "profile": profile,
        "late_s": late,
        "data": announcement.data,
    }
    return HookEvent(event_id, announcement.type, document, _variables(document))


def _variables(told: Mapping[str, Any]) -> dict[str, str]:
    """Answer what the environment says; what does not apply is empty, so that `set -u` is no trap."""
    data = told["data"]
    interval = data.get("interval") or {}
    found = {
        "HOOK_VERSION": told["version"],
        "EVENT": told["type"],
        "EVENT_ID": told["id"],
        "EVENT_AT": told["at"],
        "LATE_S": told["late_s"],
        "PROFILE": told["profile"],
        "INTERVAL_ID": interval.get("interval_id"),
        "PHASE": interval.get("phase"),
        "STATUS": interval.get("status"),
        "STARTED_AT": interval.get("started_at"),
        "ENDED_AT": interval.get("ended_at"),
        "PLANNED_S": interval.get("planned_s"),
        "ELAPSED_S": interval.get("elapsed_s"),
        "TASK": interval.get("task", data.get("name")),
        "TASK_ID": interval.get("task_id", data.get("task_id")),
        "NEXT": data.get("next"),
        "WAITS": int(data.get("waits") or 0),
        "HOOK_DEPTH": data.get("hook_depth", 0) + 1,
    }
    # A NUL would end a variable: nothing that has one could be told at all.
    return {f"POMO_{name}": "" if it is None else str(it).replace("\0", "") for name, it in found.items()}


def example(kind: EventType, user_id: int, now: datetime) -> Announcement:
    """Make an event of a type up, for a hook to be tried with. Its number is 0, which no event has."""
    data: Mapping[str, Any] = _TASK
    if kind.startswith(("interval.", "timer.")):
        status = _STATUS.get(kind, "running")
        begun = now - timedelta(minutes=25)
        data = {
            "interval": {
                "interval_id": 1,
                "phase": "focus",
                "status": status,
                "task": _TASK["name"],
                "task_id": _TASK["task_id"],
                "started_at": begun.isoformat(),
                "ended_at": None if status in ("running", "paused") else now.isoformat(),
                "planned_s": 1500,
                "elapsed_s": 1500,
            },
            "next": "short_break" if status == "completed" else None,
            "waits": status == "completed",
        }
    return Announcement(user_id, 0, kind, now, data)
