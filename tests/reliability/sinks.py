"""Any text as a name, a note and a category, on every way out: valid for what reads it, and obeyed by nothing."""

import csv
import io
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from icalendar import Calendar

from pomo_cli.exports.formats import FORMATS
from pomo_cli.exports.record import Record
from pomo_cli.render import log, task
from pomo_cli.render.page import page
from pomo_cli.render.terminal import draw
from pomo_daemon.adapters.notify import desktop
from pomo_daemon.application.hook_event import example, hook_event
from pomo_daemon.application.notifications import notification_for
from pomo_daemon.domain.events import EventType
from pomo_daemon.server.outputs import prompt, template
from pomo_daemon.server.text import OUTPUTS
from tests.contract.test_outputs import OBEYED, names, pango, shown, view
from tests.reliability.frame import Campaign, Outcome, Scale, spread
from tests.unit.cli import test_export, test_log, test_report

FIGURE: Final = "texts through every sink"
NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
#: Names as a database can hold them: no half of a character.
whole: Final = names.map(lambda it: "".join(one for one in it if not "\ud800" <= one <= "\udfff") or "x")


def harmless(text: str, allowed: str = "\n") -> None:
    """Raise AssertionError where a terminal would obey something."""
    found = OBEYED.search(text.translate({ord(it): None for it in allowed}))
    assert found is None, f"{found.group()!r} is obeyed in {text!r}"


def record(name: str) -> Record:
    """Make a record in which everything is called so."""
    interval = test_export.interval(1, "2026-11-24T09:00", 25, task=name, note=name, category=name)
    made = test_export.task(1, name, category=name, description=name)
    group = {"category_id": 1, "name": name, "tasks": 1}
    return Record("default", [group], [made], lambda: iter([interval]))


def bar(output: str) -> Callable[[str], None]:
    """Answer the check of a status output."""

    def check(name: str) -> None:
        text = OUTPUTS[output](view("focus", name))
        harmless(text, "\n" if output == "i3blocks" else "")
        shown(output, text)

    return check


def prompt_file(name: str) -> None:
    """Check the line that shells read."""
    line = prompt.render(view("focus", name), NOON, timedelta(hours=2))
    assert line.endswith("\n")
    harmless(line[:-1], "")
    assert line.split(" ", 4)[0] == "down"


def terminal(name: str) -> None:
    """Check lists as lines and as tables."""
    days = log.by_day([test_log.interval("2026-11-24T08:00:00Z", task=name, note=name)], test_log.BERLIN, NOON)
    tasks = task.rows([test_export.task(1, name, category=name)], test_log.BERLIN, NOON, drawn=True)
    for text in (
        log.plain(days, ""),
        draw(log.table(days, ""), 80),
        task.plain(tasks, ""),
        draw(task.table(tasks, ""), 80),
    ):
        harmless(test_log.SGR.sub("", text))


def exported(form: str) -> Callable[[str], None]:
    """Answer the check of an export."""

    def check(name: str) -> None:
        text = "".join(FORMATS[form](record(name)))
        harmless(text, "\r\n\t")
        if form in ("json", "watson", "taskwarrior"):
            json.loads(text)
        elif form == "csv":
            [row] = csv.DictReader(io.StringIO(text, newline=""))
            assert row["task"][:1] not in tuple("=+-@\t\r")
        elif form == "ics":
            assert len(Calendar.from_ical(text).walk("VEVENT")) == 1
            assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
        else:
            assert text.count("\n") == 1, text

    return check


class Tags(HTMLParser):
    """Collects the tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        self.tags.add(tag)


def html(name: str) -> None:
    """Check the page of a report: no tag but those of a page without the name."""
    row = {"key": "1", "label": name, **test_report.tally(1500, 1)}
    found, plain = Tags(), Tags()
    text = page(test_report.report(by="task", rows=[row]), [row])
    found.feed(text)
    plain.feed(page(test_report.report(by="task", rows=[{**row, "label": "x"}]), [{**row, "label": "x"}]))
    assert found.tags == plain.tags
    harmless(text)


def notification(name: str) -> None:
    """Check what goes over the bus: a title without markup, and a body that is markup."""
    data = {"interval": {"phase": "focus", "task": name}, "next": "short_break", "waits": True}
    made = notification_for("interval.completed", data)
    assert made is not None
    harmless(desktop._clean(made.title).replace("\n", " "))
    pango(desktop._clean(f"{made.body}{name}").translate(desktop._MARKUP).translate({0xFFFE: None, 0xFFFF: None}))


def hook(name: str) -> None:
    """Check what a hook gets: variables that a process can have, and JSON."""
    made = example(EventType.COMPLETED, 1, NOON)
    interval = {**made.data["interval"], "task": name}
    event = hook_event(replace(made, data={**made.data, "interval": interval}), "default", NOON)
    assert all("\0" not in it and os.fsencode(it) for it in event.variables.values() if it)
    assert json.loads(json.dumps(event.document))["data"]["interval"]["task"] == name


def trailer(name: str) -> None:
    """Check the line that git puts under a message: one trailer, and no other."""
    said = template.render(view("focus", name), "{task} (#{task_id}, {cycle} of {cycle_length})")
    harmless(said, "")
    with tempfile.NamedTemporaryFile("w+", dir="/tmp", encoding="utf-8", suffix=".msg") as file:
        file.write("Mend it\n\nSigned-off-by: ada\n")
        file.flush()
        subprocess.run(
            ["git", "interpret-trailers", "--in-place", "--trailer", f"Pomodoro: {said}", file.name],
            check=True,
            capture_output=True,
        )
        with open(file.name, encoding="utf-8") as message:
            lines = message.read().rstrip("\n").split("\n")
    assert lines[:3] == ["Mend it", "", "Signed-off-by: ada"]
    assert len(lines) == 4
    assert lines[3].startswith("Pomodoro: ")


#: Every sink, with how many times fewer texts it gets: a process for each takes its time.
SINKS: Final[dict[str, tuple[Callable[[str], None], int]]] = {
    **{f"status as {it}": (bar(it), 1) for it in OUTPUTS},
    "prompt file": (prompt_file, 1),
    "terminal": (terminal, 10),
    **{f"export as {it}": (exported(it), 2) for it in FORMATS},
    "page of a report": (html, 5),
    "notification": (notification, 1),
    "hook": (hook, 2),
    "git trailer": (trailer, 40),
}


def pour(asked: tuple[str, int]) -> Outcome:
    """Pour so many texts into a sink."""
    name, texts = asked
    check, fewer = SINKS[name]
    count = max(texts // fewer, 5)

    @settings(
        max_examples=count, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(whole)
    def every(text: str) -> None:
        check(text)

    try:
        every()
    except Exception as error:  # noqa: BLE001  # that is what is looked for
        return Outcome({"texts": str(count)}, [f"{name}: {type(error).__name__}: {error}"])
    return Outcome({"texts": str(count)})


def campaign(texts: int) -> Outcome:
    """Pour texts into every sink."""
    found = list(spread(pour, [(it, texts) for it in SINKS]))
    broken = [f"{it}: python -m tests.reliability sinks {texts=}" for outcome in found for it in outcome.broken]
    total = sum(int(it.measured["texts"]) for it in found)
    return Outcome({FIGURE: f"{total:,} texts through {len(SINKS)} sinks: {len(broken)} not valid or obeyed"}, broken)


CAMPAIGN: Final = Campaign(
    name="sinks",
    shows="Any text as a name on its way to a terminal, a bar, a prompt, a file of each format, a page, a "
    "notification, a hook, a commit.",
    figures={FIGURE: "always valid for its sink, never a control byte"},
    run=campaign,
    amounts={Scale.PART: {"texts": 100}, Scale.FULL: {"texts": 1_000}, Scale.LONG: {"texts": 200_000}},
)
