"""The messages of an import. The daemon's side only, as messages.py.

Rows are arrays that begin with a letter: there may be a million, and a line holds many of them. Instants and lengths
are whole microseconds, instants since 1970. Gaps, interruptions and commits belong to the interval before them.
"""

from typing import Annotated, Literal

import msgspec

from pomo_daemon.protocol.messages import Id, Name, RequestId, Text

Overlap = Literal["fail", "skip", "trim"]


class CategoryRow(msgspec.Struct, frozen=True, array_like=True, tag="category"):
    """A category; `line` is where the file has it, `key` its number there, 0 for none."""

    line: Id
    name: Name
    key: Id = 0


class TaskRow(msgspec.Struct, frozen=True, array_like=True, tag="task"):
    """A task, which intervals mean by its `number`. Without a `source` it comes only if an interval needs it."""

    line: Id
    number: Id
    name: Name
    category: Name | None = None
    source: Name = ""
    key: Id = 0
    description: Text = ""
    pomodoro_count: int = 0
    due: int | None = None
    created_at: int | None = None
    updated_at: int | None = None
    completed_at: int | None = None
    deleted_at: int | None = None


class IntervalRow(msgspec.Struct, frozen=True, array_like=True, tag="interval"):
    """An interval; `source` is what its program knows it by. An empty `zone` is that of the settings."""

    line: Id
    source: Name
    phase: Name
    status: Name
    started_at: int
    ended_at: int
    planned: int | None = None
    zone: Name = ""
    note: Text = ""
    task: Id | None = None
    key: Id = 0


class GapRow(msgspec.Struct, frozen=True, array_like=True, tag="gap"):
    """A stretch that does not count."""

    started_at: int
    ended_at: int
    reason: Name = "pause"


class InterruptionRow(msgspec.Struct, frozen=True, array_like=True, tag="interruption"):
    """What broke in."""

    kind: Name
    at: int
    note: Text = ""
    key: Id = 0


class CommitRow(msgspec.Struct, frozen=True, array_like=True, tag="commit"):
    """What was committed."""

    sha: Name
    subject: Name
    repository: Name
    at: int


Row = CategoryRow | TaskRow | IntervalRow | GapRow | InterruptionRow | CommitRow


class BeginParams(msgspec.Struct, frozen=True):
    """`name` is what the change is called in the list of those that can be undone."""

    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    overlap: Overlap = "fail"


class BeginResult(msgspec.Struct, frozen=True):
    """The number of the import. One that was begun before is given up."""

    import_id: int


class AppendParams(msgspec.Struct, frozen=True):
    """The chunk number `seq`, from 0 on; one that was handed in already is not taken twice. `done`: none follow."""

    import_id: Id
    seq: Id
    rows: tuple[Row, ...]
    done: bool = False


class Problem(msgspec.Struct, frozen=True):
    """A row that is left out, and why: the message names the field."""

    line: int
    message: str


class AppendResult(msgspec.Struct, frozen=True):
    """What is wrong."""

    problems: tuple[Problem, ...]


class ImportParams(msgspec.Struct, frozen=True):
    """One import."""

    import_id: Id


class CommitParams(msgspec.Struct, frozen=True):
    """One import, taken over once for a `request_id`."""

    import_id: Id
    request_id: RequestId | None = None


class ImportResult(msgspec.Struct, frozen=True):
    """What an import brings, or would bring; `focus_s` is the time that counts, `first` and `last` its ends.

    `known` are intervals and tasks that were there already, `overlapping` intervals left out because something lies
    there, `trimmed` ones made shorter for it. `obstacle` says what is in the way of the first of them.
    """

    intervals: int
    focus_s: int
    tasks: int
    categories: int
    known: int
    overlapping: int
    trimmed: int
    first: int | None
    last: int | None
    new_tasks: tuple[str, ...]
    new_categories: tuple[str, ...]
    obstacle: str
