"""The files of time trackers: Timewarrior, Watson, Open Pomodoro, Toggl. What they track is focus."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BufferedReader
from typing import Any, BinaryIO, Final

from pomo_cli.imports.fields import TEXT, micros, named, needed, seconds, short, text, unicode
from pomo_cli.imports.lines import JsonFile, lines
from pomo_cli.imports.own import rows_of
from pomo_cli.imports.rows import Context, Found, Running, Wrong, each, interval

Words = Mapping[str, Sequence[str]]

_MINUTE: Final = 60_000_000
_STAMP: Final = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_TOKEN: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)')
_PAIR: Final = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')
_ESCAPED: Final = re.compile(r"\\(.)")


def entry(line: int, source: str, start: int, end: int, words: Words, context: Context) -> Iterator[Found]:
    """Give a stretch of time as an interval, its words as the mapping says."""
    mapping = context.mapping
    name, category, note = (picked(words, it) for it in (mapping.task, mapping.category, mapping.note))
    task = (yield from context.task(line, named("task", name), named("category", category))) if name else None
    planned = end - start if end > start else None
    yield interval(
        line, source, start, end, status=mapping.outcome, planned=planned, note=short("note", note, TEXT), task=task
    )


def picked(words: Words, field: str) -> str:
    """Answer the words of a field: `tag` is the first tag, `tag2` the second, `tags` are all."""
    if field == "tags":
        return ", ".join(words.get("tags", ()))
    if field in ("tag", "tag2"):
        place = 0 if field == "tag" else 1
        return next(iter(words.get("tags", ())[place:]), "")
    return next(iter(words.get(field, ())), "")


def read_timewarrior(stream: BinaryIO, context: Context) -> Iterator[Found]:
    """Read a data file, or what `timew export` wrote."""
    # A buffered stream looks ahead without reading.
    if isinstance(stream, BufferedReader) and stream.peek(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        return each(JsonFile(stream).plain(), lambda line, it: _exported(line, it, context))
    return each(lines(stream), lambda line, words: _data_line(line, words, context))


def _data_line(line: int, words: str, context: Context) -> Iterator[Found]:
    kind, *rest = unicode("line", words).split(" ", 4)
    if kind != "inc":
        raise Wrong("line: begins with no 'inc'.")
    start = _stamp("start", rest[0] if rest else "")
    if len(rest) < 3 or rest[1] != "-":  # noqa: PLR2004  # start, dash, end
        yield Running(line)
        return
    end = _stamp("end", rest[2])
    groups: list[list[str]] = [[]]
    for quoted, plain in _TOKEN.findall(rest[3] if len(rest) > 3 else ""):  # noqa: PLR2004
        if plain == "#":
            groups.append([])
        else:
            # Timewarrior has a backslash before quotes, and before nothing else.
            groups[-1].append(plain or quoted.replace('\\"', '"'))
    tags, annotation = (*groups[1:3], [], [])[:2]
    yield from _tracked(line, start, end, tags, " ".join(annotation), context)


def _exported(line: int, it: Any, context: Context) -> Iterator[Found]:  # noqa: ANN401
    if not isinstance(it, dict):
        raise Wrong("entry: is not an object.")
    tags = it.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Wrong("tags: are not texts.")
    start = _stamp("start", text(it, "start"))
    if not it.get("end"):
        yield Running(line)
        return
    tags = [unicode("tags", tag) for tag in tags]
    yield from _tracked(line, start, _stamp("end", text(it, "end")), tags, text(it, "annotation"), context)


def _tracked(
    line: int, start: int, end: int, tags: Sequence[str], annotation: str, context: Context
) -> Iterator[Found]:
    # Timewarrior knows a stretch by its start: no two begin together.
    words = {"tags": tags, "description": [annotation] if annotation else []}
    yield from entry(line, f"timewarrior/{start}", start, end, words, context)


def _stamp(name: str, value: str) -> int:
    try:
        if _STAMP.fullmatch(value):
            found = datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return micros(name, found.isoformat())
    except ValueError:
        pass
    raise Wrong(f"{name}: {value[:40]!r} is not a time such as 20261124T090000Z.")


def read_watson(stream: BinaryIO, context: Context) -> Iterator[Found]:
    """Read a frames file, or what `watson log --json` wrote."""
    return each(JsonFile(stream).plain(), lambda line, it: _frame(line, it, context))


def _frame(line: int, it: Any, context: Context) -> Iterator[Found]:  # noqa: ANN401
    if isinstance(it, dict):
        project, number, tags = text(it, "project"), text(it, "id"), it.get("tags") or []
        start, end = (micros(name, text(it, name)) for name in ("start", "stop"))
    elif isinstance(it, list) and len(it) >= 4:  # noqa: PLR2004  # start, stop, project, number
        project, number = (text({name: value}, name) for name, value in (("project", it[2]), ("id", it[3])))
        start, end = (seconds(name, value) for name, value in (("start", it[0]), ("stop", it[1])))
        tags = (it[4] if len(it) > 4 else None) or []  # noqa: PLR2004
    else:
        raise Wrong("frame: is neither an array nor an object.")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Wrong("tags: are not texts.")
    if not number:
        raise Wrong("id: is missing.")
    # What has no task of pomo's is exported as `pomodoro`.
    words = {
        "project": [project] if project not in ("", "pomodoro") else [],
        "tags": [unicode("tags", it) for it in tags],
    }
    yield from entry(line, f"watson/{number}", start, end, words, context)


def read_openpomodoro(stream: BinaryIO, context: Context) -> Iterator[Found]:
    """Read a history file."""
    return each(lines(stream), lambda line, words: _pomodoro(line, unicode("line", words), context))


def _pomodoro(line: int, words: str, context: Context) -> Iterator[Found]:
    first, _, rest = words.partition(" ")
    start = micros("start", first)
    pairs = {name: plain or _ESCAPED.sub(r"\1", quoted) for name, quoted, plain in _PAIR.findall(rest)}
    minutes = pairs.get("duration", "25")
    if not (minutes.isascii() and minutes.isdigit() and 0 < int(minutes[:6]) <= 1440):  # noqa: PLR2004  # a day
        raise Wrong(f"duration: {minutes[:40]!r} is not a number of minutes up to 1440.")
    tags = [it for it in pairs.get("tags", "").split(",") if it]
    description = [pairs["description"]] if pairs.get("description") else []
    end = start + int(minutes) * _MINUTE
    yield from entry(line, f"openpomodoro/{start}", start, end, {"description": description, "tags": tags}, context)


#: What Toggl calls the columns, in this edition or that.
_TOGGL: Final = {
    "start_date": ("start date",),
    "start_time": ("start time",),
    "end_date": ("end date", "stop date"),
    "end_time": ("end time", "stop time"),
}


def read_toggl(stream: BinaryIO, context: Context) -> Iterator[Found]:
    """Read a detailed report as CSV; its times are on the clock of the profile's zone."""
    return each(rows_of(stream), lambda line, row: _toggl(line, row, context))


def _toggl(line: int, row: Mapping[str, str], context: Context) -> Iterator[Found]:
    it = {name.lower(): value.strip() for name, value in row.items()}
    start, end = (_moment(it, name, context) for name in ("start", "end"))
    fields = ("description", "project", "client", "task")
    words: dict[str, Sequence[str]] = {name: [value] for name in fields if (value := text(it, name))}
    words["tags"] = [tag.strip() for tag in text(it, "tags").split(",") if tag.strip()]
    known_by = "/".join(text(it, name) for name in ("email", *fields))
    yield from entry(line, f"toggl/{start}/{known_by}", start, end, words, context)


def _moment(it: Mapping[str, str], end: str, context: Context) -> int:
    day, time = (next((it[name] for name in _TOGGL[f"{end}_{part}"] if it.get(name)), "") for part in ("date", "time"))
    if not day or not time:
        needed(f"{end} date, {end} time", None)
    return micros(end, f"{day}T{time.zfill(8)}", context.zone)
