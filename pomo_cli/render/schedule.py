"""Schedules, in lines."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pomo_cli.render.glyphs import cells, pad
from pomo_daemon.protocol.text import clean

Schedule = Mapping[str, Any]


def what(it: Schedule) -> str:
    """Say what a schedule does: `start Write report`."""
    return clean(f"{it['action']} {it['task'] or it['text']}")


def times(it: Schedule) -> str:
    """Say when it is due next, on its own clock."""
    if it["paused"]:
        return "paused"
    place = ZoneInfo(it["zone"])
    shown = [f"{datetime.fromisoformat(at).astimezone(place):%a %Y-%m-%d %H:%M}" for at in it["next"]]
    return f"next {', '.join(shown)} ({clean(it['zone'])})"


def made(it: Schedule) -> str:
    """Say what was made."""
    created = f"\nNew task #{it['task_id']}." if it["task_created"] else ""
    return f"Schedule {it['schedule_id']}: {clean(it['cron'])}  {what(it)}.\n{times(it)}{created}"


def listed(found: Sequence[Schedule]) -> str:
    """Show schedules: a line each, and below it when it is due next."""
    numbers = [str(it["schedule_id"]) for it in found]
    digits = max(map(len, numbers), default=0)
    widest = max((cells(clean(it["cron"])) for it in found), default=0)
    return "\n".join(
        f"{number.rjust(digits)}  {pad(clean(it['cron']), widest)}  {what(it)}\n{' ' * digits}  {times(it)}"
        for number, it in zip(numbers, found, strict=True)
    )
