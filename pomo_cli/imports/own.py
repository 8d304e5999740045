"""pomo's own formats: JSON, which has everything, and CSV, a row for each interval."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from pomo_cli.imports.fields import WORD, instant, named, needed, number, text
from pomo_cli.imports.lines import Ending, JsonFile, opened
from pomo_cli.imports.rows import Context, Found, Row, Running, Wrong, each, interval
from pomo_cli.render.table import FORMULA

_SECOND: Final = 1_000_000
_HEAD: Final = {"format": "pomo", "version": 1}
_MOST: Final = 1000
_BELONGING: Final = ("gaps", "interruptions", "commits")
_COUNTS: Final = ("interval_id", "planned_s", "elapsed_s", "internal", "external")


def read_json(stream: BinaryIO, context: Context) -> Iterator[Found]:
    """Read what `export json` wrote, or `log --json`."""
    tasks: set[int] = set()
    things = ((it.line, it) for it in JsonFile(stream).values())
    return each(things, lambda line, it: _thing(line, it.name or "intervals", it.value, tasks, context))


def _thing(line: int, name: str, value: Any, tasks: set[int], context: Context) -> Iterable[Found]:  # noqa: ANN401
    if name in _HEAD:
        if value != _HEAD[name]:
            raise Ending(line, f"{name}: is not one that this pomo reads.")
        return ()
    if not isinstance(value, dict):
        raise Wrong(f"{name}: is not an object.")
    match name:
        case "intervals":
            return _interval(line, value, tasks, context)
        case "categories":
            return (("category", line, named("name", text(value, "name")), _key(value, "category_id")),)
        case "tasks":
            row = _task(line, value)
            tasks.add(row[2])
            return (row,)
    return ()


def _key(thing: Mapping[str, Any], name: str) -> int:
    found = number(thing, name, 0) or 0
    if found < 0:
        raise Wrong(f"{name}: is not a number of ours.")
    return found


def _task(line: int, it: Mapping[str, Any]) -> Row:
    key = needed("task_id", _key(it, "task_id") or None)
    created = instant(it, "created_at")
    return (
        *("task", line, key, named("name", text(it, "name")), named("category", text(it, "category")) or None),
        *(f"pomo/task/{key}/{created}", key, text(it, "description"), number(it, "pomodoro_count", 0)),
        *(instant(it, "due"), created, instant(it, "updated_at")),
        *(instant(it, "completed_at"), instant(it, "deleted_at")),
    )


def _interval(line: int, it: Mapping[str, Any], tasks: set[int], context: Context) -> Iterator[Found]:
    if it.get("ended_at") is None and it.get("status") in ("running", "paused"):
        yield Running(line)
        return
    start, key = needed("started_at", instant(it, "started_at")), _key(it, "interval_id")
    end, planned = needed("ended_at", instant(it, "ended_at")), number(it, "planned_s")
    belonging = list(_belonging(it)) if any(map(it.get, _BELONGING)) else ()
    task, name, category = (
        number(it, "task_id"),
        named("task", text(it, "task")),
        named("category", text(it, "category")),
    )
    if task is not None and task not in tasks:
        # By its name, where the file tells no more of it.
        task = None
    if task is None and name:
        task = yield from context.task(line, name, category)
    yield interval(
        line,
        f"pomo/interval/{key}/{start}",
        start,
        end,
        phase=text(it, "phase", "focus", WORD),
        status=text(it, "status", "completed", WORD),
        zone=text(it, "zone", "", WORD),
        planned=None if planned is None else planned * _SECOND,
        task=task,
        key=key,
        note=text(it, "note"),
    )
    yield from belonging


def _belonging(it: Mapping[str, Any]) -> Iterator[Row]:
    for gap in _parts(it, "gaps"):
        ends = (needed(f"gaps: {name}", instant(gap, name)) for name in ("started_at", "ended_at"))
        yield ("gap", *ends, text(gap, "reason", "pause", WORD))
    for one in _parts(it, "interruptions"):
        at = needed("interruptions: at", instant(one, "at"))
        yield ("interruption", text(one, "kind", "", WORD), at, text(one, "note"), _key(one, "interruption_id"))
    for one in _parts(it, "commits"):
        words = (text(one, name)[:1001] for name in ("sha", "subject", "repository"))
        yield ("commit", *words, needed("commits: at", instant(one, "at")))


def _parts(it: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = it.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Wrong(f"{name}: is not an array of objects.")
    return found


def rows_of(stream: BinaryIO) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the rows of a CSV file by the names in its head, without what is empty, and their lines. Raises Ending."""
    line = 1
    try:
        with opened(stream, newline="") as text:
            reader = csv.reader(text)
            head = [it.strip() for it in next(reader, ())]
            line = reader.line_num + 1
            for row in reader:
                if row:
                    yield line, {name: value for name, value in zip(head, row, strict=False) if value}
                line = reader.line_num + 1
    except csv.Error as error:
        raise Ending(line, f"is not CSV: {error}.") from None


def read_csv(stream: BinaryIO, context: Context) -> Iterator[Found]:
    """Read what `export csv` wrote; of a table of one's own `started_at` and `ended_at` are enough."""
    return each(rows_of(stream), lambda line, row: _row(line, row, context))


def _plain(value: str) -> str:
    """Take away the apostrophe that keeps a spreadsheet from computing a text."""
    return value[1:] if value[1:].startswith((*FORMULA, "'")) else value


def _row(line: int, row: Mapping[str, str], context: Context) -> Iterator[Found]:
    marked = {name: _plain(value) for name, value in row.items() if value[0] == "'"}
    it = {**row, **marked} if marked else row
    if it.get("status") in ("running", "paused"):
        yield Running(line)
        return
    start, end = (needed(name, instant(it, name, context.zone)) for name in ("started_at", "ended_at"))
    key, planned, spent, *broke_in = (_count(it, name) for name in _COUNTS)
    name, category = named("task", text(it, "task")), named("category", text(it, "category"))
    task = (yield from context.task(line, name, category, text(it, "task_id"))) if name else None
    yield interval(
        line,
        f"pomo/interval/{key or 0}/{start}",
        start,
        end,
        phase=text(it, "phase", "focus", WORD),
        status=text(it, "status", "completed", WORD),
        zone=text(it, "zone", "", WORD),
        planned=planned * _SECOND if planned else None,
        task=task,
        key=key or 0,
        note=text(it, "note"),
    )
    # The table does not say when time did not count, but how much did.
    if spent is not None and (idle := end - start - spent * _SECOND) >= _SECOND:
        yield ("gap", end - idle, end, "pause")
    for kind, count in zip(("internal", "external"), broke_in, strict=True):
        for _ in range(min(count or 0, _MOST)):
            yield ("interruption", kind, start, "", 0)


def _count(it: Mapping[str, str], name: str) -> int | None:
    value = it.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 16):  # noqa: PLR2004  # what JSON can carry
        raise Wrong(f"{name}: {value[:40]!r} is not a whole number.")
    return int(value)
