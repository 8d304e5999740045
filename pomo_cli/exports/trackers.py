"""The files of time trackers: Timewarrior, Watson, Open Pomodoro. Breaks are none of theirs."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from pomo_cli.exports.record import Interval, Record, instant, one_line, stretches
from pomo_cli.exports.values import json_text


def to_timewarrior(record: Record) -> Iterator[str]:
    """Write data lines; task and category are tags, a note is the annotation. A gap parts an interval in two."""
    for it in record.focus():
        tags = [_quoted(tag) for tag in (it["task"], it["category"]) if tag]
        note = one_line(it["note"]).replace('"', "'")
        tail = (f" # {' '.join(tags)}" if tags else " #" if note else "") + (f' # "{note}"' if note else "")
        for begin, end in stretches(it):
            yield f"inc {begin:%Y%m%dT%H%M%SZ} - {end:%Y%m%dT%H%M%SZ}{tail}\n"


def month_of(line: str) -> str:
    """Answer the data file that a Timewarrior line belongs in: the month of its start."""
    return f"{line[4:8]}-{line[8:10]}.data"


def _quoted(tag: str) -> str:
    tag = one_line(tag).replace('"', "'").replace("\\", "/")
    plain = tag.isascii() and tag.replace("-", "").replace("_", "").isalnum()
    return tag if plain else f'"{tag}"'


def to_watson(record: Record) -> Iterator[str]:
    """Write frames; the project is the task, the category a tag. A gap parts an interval in two."""
    first = True
    for frame in _frames(record):
        yield ("[\n" if first else ",\n") + json_text(frame)
        first = False
    yield "[]\n" if first else "\n]\n"


def _frames(record: Record) -> Iterator[list[Any]]:
    for it in record.focus():
        tags = [it["category"]] if it["category"] else []
        for place, (begin, end) in enumerate(stretches(it)):
            start, stop = int(begin.timestamp()), int(end.timestamp())
            number = record.number("frame", f"{it['interval_id']}.{place}").hex
            yield [start, stop, it["task"] or "pomodoro", number, tags, stop]


def to_openpomodoro(record: Record) -> Iterator[str]:
    """Write a history: what counts as a pomodoro, in whole minutes, on the clock of its place."""
    for it in record.focus():
        if it["status"] == "completed":
            words = [_local(it)]
            if it["task"]:
                text = one_line(it["task"]).replace("\\", "\\\\").replace('"', '\\"')
                words.append(f'description="{text}"')
            words.append(f"duration={max(round(it['elapsed_s'] / 60), 1)}")
            if it["category"]:
                words.append(
                    f"tags={one_line(it['category']).replace(' ', '-').replace(',', '-').replace(chr(34), '-')}"
                )
            yield " ".join(words) + "\n"


def _local(it: Interval) -> str:
    try:
        zone = ZoneInfo(it["zone"])
    except (OSError, ValueError, KeyError):
        zone = ZoneInfo("UTC")
    return instant(it["started_at"]).astimezone(zone).isoformat(timespec="seconds")
