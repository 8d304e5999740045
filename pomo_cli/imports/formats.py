"""The registry of formats that can be imported, each with what its fields become unless options say otherwise."""

from typing import Final, NamedTuple

from pomo_cli.imports.lists import read_taskwarrior, read_todotxt
from pomo_cli.imports.own import read_csv, read_json
from pomo_cli.imports.rows import Mapping, Reader
from pomo_cli.imports.trackers import read_openpomodoro, read_timewarrior, read_toggl, read_watson


class Format(NamedTuple):
    """How a format is read; `fields` are those that options can map, `lists`: it has tasks, and no time."""

    read: Reader
    mapping: Mapping = Mapping()
    fields: tuple[str, ...] = ()
    lists: bool = False


_TAGS: Final = ("tag", "tag2", "tags")

FORMATS: Final[dict[str, Format]] = {
    "json": Format(read_json),
    "csv": Format(read_csv),
    "timewarrior": Format(read_timewarrior, Mapping("tag", "tag2", "description"), (*_TAGS, "description")),
    "watson": Format(read_watson, Mapping("project", "tag"), ("project", *_TAGS)),
    "openpomodoro": Format(read_openpomodoro, Mapping("description", "tag"), ("description", *_TAGS)),
    "toggl": Format(
        read_toggl, Mapping("description", "project"), ("description", "project", "client", "task", *_TAGS)
    ),
    "taskwarrior": Format(read_taskwarrior, Mapping(category="project"), ("project", *_TAGS), lists=True),
    "todotxt": Format(read_todotxt, Mapping(category="project"), ("project", "context"), lists=True),
}

#: Every field that some format has, and what leaves one out.
FIELDS: Final = (*dict.fromkeys(name for it in FORMATS.values() for name in it.fields), "none")
