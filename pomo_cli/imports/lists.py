"""The files of task lists: Taskwarrior and todo.txt. They bring tasks, and no time."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, tzinfo
from typing import Any, BinaryIO, Final

from pomo_cli.imports.fields import TEXT, micros, named, number, short, text, unicode
from pomo_cli.imports.lines import JsonFile, lines
from pomo_cli.imports.rows import Context, Found, Wrong, each, known_by
from pomo_cli.imports.trackers import picked

_STAMP: Final = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PRIORITY: Final = re.compile(r"\([A-Z]\)")
_ESTIMATE: Final = re.compile(r"\d{1,6}(?:/(\d{1,6}))?", re.ASCII)
_STATES: Final = ("pending", "waiting", "completed", "deleted")


def read_taskwarrior(stream: BinaryIO, context: Context) -> Iterator[Found]:
    """Read what `task export` wrote; templates of recurring tasks are none themselves."""
    return each(JsonFile(stream).plain(), lambda line, it: _task(line, it, context))


def _task(line: int, it: Any, context: Context) -> Iterator[Found]:  # noqa: ANN401  # whatever the file has
    if not isinstance(it, dict):
        raise Wrong("task: is not an object.")
    uuid, status = text(it, "uuid"), text(it, "status")
    if status == "recurring":
        return
    if not uuid:
        raise Wrong("uuid: is missing.")
    if status not in _STATES:
        raise Wrong(f"status: {status[:40]!r} is not one of {', '.join(_STATES)}.")
    tags, project = it.get("tags") or [], text(it, "project")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Wrong("tags: are not texts.")
    words = {"project": [project] if project else [], "tags": [unicode("tags", tag) for tag in tags]}
    category = named("project", picked(words, context.mapping.category)) or None
    created = _stamp(it, "entry")
    end = _stamp(it, "end") or _stamp(it, "modified") or created
    yield (
        *("task", line, context.number(), named("description", text(it, "description")), category),
        *(known_by(f"taskwarrior/{uuid}"), 0, _annotations(it), max(number(it, "pomo_est", 0) or 0, 0)),
        *(_stamp(it, "due"), created, _stamp(it, "modified")),
        *(end if status == "completed" else None, end if status == "deleted" else None),
    )


def _annotations(it: Mapping[str, Any]) -> str:
    found = it.get("annotations") or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Wrong("annotations: is not an array of objects.")
    return short("annotations", "\n".join(text(one, "description") for one in found), TEXT)


def _stamp(it: Mapping[str, Any], name: str) -> int | None:
    value = text(it, name)
    if not value:
        return None
    try:
        if _STAMP.fullmatch(value):
            return micros(name, datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).isoformat())
    except ValueError:
        pass
    raise Wrong(f"{name}: {value[:40]!r} is not a time such as 20261124T090000Z.")


def read_todotxt(stream: BinaryIO, context: Context) -> Iterator[Found]:
    """Read a todo.txt; a priority is none of pomo's, and left out."""
    return each(lines(stream), lambda line, words: _todo(line, unicode("line", words).split(), context))


def _todo(line: int, words: list[str], context: Context) -> Iterator[Found]:
    done = words[0] == "x"
    if done:
        del words[0]
    if words and _PRIORITY.fullmatch(words[0]):
        del words[0]
    days: list[int] = []
    while words and _DAY.fullmatch(words[0]) and len(days) <= done:
        days.append(_day("date", words.pop(0), context.zone))
    # Of one that is done the day of that comes first.
    completed = days.pop(0) if done and len(days) > 1 else None
    created = days.pop() if days else None
    marks, (count, due) = _marks(words), _notes(words, context.zone)
    mark = marks.get(context.mapping.category, "")
    kept = [word for word in words if not _is_note(word) and word != mark]
    name = named("name", " ".join(kept))
    category = named("project", mark[1:].replace("_", " ").strip()) or None
    source = known_by(f"todotxt/{created}/{name}/{mark}")
    end = (completed if completed is not None else created or 0) if done else None
    yield ("task", line, context.number(), name, category, source, 0, "", count, due, created, created, end, None)


def _marks(words: Sequence[str]) -> dict[str, str]:
    """Answer the last project and context: what pomo writes has the project behind the name."""
    kinds = {"+": "project", "@": "context"}
    return {kinds[word[0]]: word for word in words if word[0] in kinds and len(word) > 1}


def _is_note(word: str) -> bool:
    name, _, value = word.partition(":")
    return bool((name == "due" and _DAY.fullmatch(value)) or (name == "pomo" and _ESTIMATE.fullmatch(value)))


def _notes(words: Sequence[str], zone: tzinfo) -> tuple[int, int | None]:
    """Answer the estimate, and when it is due: at the end of a day."""
    count, due = 0, None
    for word in filter(_is_note, words):
        name, _, value = word.partition(":")
        if name == "due":
            due = _day("due", value, zone, time(23, 59, 59))
        else:
            count = int(value.partition("/")[2] or 0)
    return count, due


def _day(name: str, value: str, zone: tzinfo, at: time = time(0)) -> int:
    return micros(name, f"{value}T{at.isoformat()}", zone)
