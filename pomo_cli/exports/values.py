"""pomo's own formats: JSON, which has everything, and CSV, a row for each interval."""

import json
from collections.abc import Iterator

from pomo_cli.exports.record import Record
from pomo_cli.render.table import csv_text
from pomo_daemon.protocol.text import REPLACED

COLUMNS = (
    *("interval_id", "phase", "status", "task_id", "task", "category", "started_at", "ended_at", "zone"),
    *("planned_s", "elapsed_s", "internal", "external", "note"),
)
#: Of what is replaced elsewhere `json` itself escapes all below DEL.
_ESCAPES = {code: f"\\u{code:04x}" for code in REPLACED if code >= 0x7F}  # noqa: PLR2004


def json_text(thing: object) -> str:
    """Write JSON that people can read, in which whatever a terminal would obey is escaped."""
    return json.dumps(thing, ensure_ascii=False).translate(_ESCAPES)


def to_json(record: Record) -> Iterator[str]:
    """Write everything, one thing a line."""
    yield '{"format": "pomo", "version": 1'
    parts = {"categories": iter(record.categories), "tasks": iter(record.tasks), "intervals": record.intervals()}
    for name, things in parts.items():
        yield f',\n"{name}": ['
        for place, thing in enumerate(things):
            yield ("," if place else "") + "\n" + json_text(thing)
        yield "\n]"
    yield "\n}\n"


def to_csv(record: Record) -> Iterator[str]:
    """Write a row for each interval."""
    yield csv_text(COLUMNS, [])
    for it in record.intervals():
        kinds = [one["kind"] for one in it["interruptions"]]
        row = {**it, "internal": kinds.count("internal"), "external": kinds.count("external")}
        yield csv_text(COLUMNS, [row]).partition("\n")[2]
