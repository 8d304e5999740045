"""Every status output, with any name of a task: valid for what reads it, and obeyed by nothing there."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_cli import hot
from pomo_daemon.application.views import Clocks, StatusView
from pomo_daemon.protocol.text import clean
from pomo_daemon.server.outputs import i3blocks, template
from pomo_daemon.server.text import OUTPUTS

STATES = ("idle", "focus", "focus-paused", "break", "break-paused", "long-break", "long-break-paused", "due")
_PHASES = {"focus": "focus", "break": "short_break", "long-break": "long_break", "due": "short_break"}
#: What a terminal, or a bar that reads lines, would obey.
OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
names = st.text(st.characters() | st.sampled_from("#{}%[]<>&\"'\\$()`\n\x1b\u202e"), min_size=1, max_size=60)


def view(state: str, task: str | None = None, *, flow: bool = False, over: int = 125) -> StatusView:
    """Make a status in one of the states."""
    base, _, paused = state.rpartition("-") if state.endswith("-paused") else (state, "", "")
    current = state not in ("idle", "due")
    return StatusView(
        state=state,
        phase=_PHASES.get(base),
        status=("paused" if paused else "running") if current else None,
        remaining_s=754 if current and not flow else None,
        elapsed_s=746 if current else None,
        planned_s=1500 if current and not flow else None,
        deadline=datetime(2026, 11, 24, 10, tzinfo=UTC) if current and not flow and not paused else None,
        percent=49 if current and not flow else None,
        task=task,
        task_id=1 if task else None,
        cycle=2,
        cycle_length=4,
        today=3,
        goal=8,
        profile="default",
        overtime_s=over if state == "due" else None,
        interruptions=0,
        interval_id=7 if current else None,
    )


def pango(markup: str) -> str:
    """Answer the text of Pango markup, read as strictly as XML. Raises ParseError."""
    return "".join(ET.fromstring(f"<markup>{markup}</markup>").itertext())


def tmux(text: str) -> str:
    """Answer what tmux draws of what `#()` answers: expanded, then parted into styles and text, as format.c does it."""

    def expand(found: re.Match[str]) -> str:
        hashes, after = found[1], found[2]
        if after == "[":
            return found[0]
        assert len(hashes) % 2 == 0, f"{found[0]!r} is expanded"
        return hashes[::2] + after

    def draw(found: re.Match[str]) -> str:
        hashes, after = found[1], found[2]
        assert after != "[" or len(hashes) % 2 == 0, f"{found[0]!r} is a style"
        return "#" * ((len(hashes) + 1) // 2) + after

    text = re.sub(r"^#\[fg=#[0-9a-f]{6}\](.*?)#\[default\]", r"\1", text)
    return re.sub(r"(#+)([^#]?)", draw, re.sub(r"(#+)([^#]?)", expand, text))


def polybar(text: str) -> str:
    """Answer what polybar draws; fails for a tag that is not ours."""
    text = re.sub(r"^%\{F#[0-9a-f]{6}\}(.*?)%\{F-\}", r"\1", text)
    assert "%{" not in text
    return text.replace("%\u200b{", "%{")


def waybar(text: str) -> str:
    """Answer the text of a Waybar module, all of it checked."""
    found: dict[str, Any] = json.loads(text)
    assert set(found) == {"text", "tooltip", "class", "alt", "percentage"}
    assert found["class"] in STATES
    assert isinstance(found["percentage"], int)
    pango(found["tooltip"])
    return pango(found["text"])


def i3status_rs(text: str) -> str:
    """Answer the text of a custom block, all of it checked."""
    found: dict[str, Any] = json.loads(text)
    assert set(found) == {"icon", "state", "text", "short_text"}
    assert found["state"] in ("Idle", "Info", "Good", "Warning", "Critical")
    pango(found["short_text"])
    return pango(found["text"])


def three_lines(text: str) -> str:
    """Answer the full text of i3blocks, all of it checked."""
    full, short, color = text.split("\n")
    assert re.fullmatch("#[0-9a-f]{6}", color)
    assert pango(full).startswith(pango(short))
    return pango(full)


READERS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": lambda text: str(json.loads(text)["task"]),
    "waybar": waybar,
    "i3status-rs": i3status_rs,
    "i3blocks": three_lines,
    "polybar": polybar,
    "tmux": tmux,
}


def shown(output: str, text: str) -> str:
    """Answer the words that a reader of this output sees, having checked that its form is right."""
    return READERS[output](text)


def as_drawn(name: str) -> str:
    """Answer a name as outputs have it: without controls, nor what XML does not know."""
    return clean(name).translate({0xFFFE: "\ufffd", 0xFFFF: "\ufffd"})


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("output", OUTPUTS)
def test_every_output_says_that_the_shared_database_is_away(output: str, state: str) -> None:
    there = view(state, "Write report")
    away = msgspec.structs.replace(there, offline=True)
    assert "offline" in shown(output, OUTPUTS[output](away)) or json.loads(OUTPUTS[output](away))["offline"]
    assert "offline" not in OUTPUTS[output](there).replace('"offline": false', "")
    assert template.render(away, "{offline}") == "offline"


@pytest.mark.parametrize("output", OUTPUTS)
@given(name=names, state=st.sampled_from(STATES))
def test_every_name_is_shown_as_it_is_and_obeyed_by_nothing(output: str, name: str, state: str) -> None:
    text = OUTPUTS[output](view(state, name))
    assert not OBEYED.search(text.replace("\n", "", 2 if output == "i3blocks" else 0))
    seen = shown(output, text)
    if output == "json":
        assert seen == name
    elif state not in ("idle", "due"):
        # A name's last space has nothing behind it and is no loss.
        assert as_drawn(name).rstrip() in seen.translate({0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}), text


@given(name=names, state=st.sampled_from(STATES))
def test_i3blocks_is_followed_by_lines_of_markup(name: str, state: str) -> None:
    text = i3blocks.follow(view(state, name))
    assert not OBEYED.search(text)
    assert pango(text) == shown("i3blocks", i3blocks.render(view(state, name)))


@pytest.mark.parametrize("state", STATES)
def test_the_class_is_the_state(state: str) -> None:
    assert json.loads(OUTPUTS["waybar"](view(state)))["class"] == state


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("idle", "○"),
        ("focus", "● 12:34 Write report"),
        ("focus-paused", "‖ 12:34 Write report"),
        ("break", "◌ 12:34 Write report"),
        ("due", "◔ +02:05 short break due"),
    ],
)
def test_bars_show_an_icon_a_clock_and_what_it_is_about(state: str, words: str) -> None:
    for output in ("waybar", "i3status-rs", "i3blocks", "polybar", "tmux"):
        assert shown(output, OUTPUTS[output](view(state, "Write report"))) == words


def test_without_a_deadline_the_clock_counts_up() -> None:
    assert shown("tmux", OUTPUTS["tmux"](view("focus", flow=True))) == "● 12:26 focus"


def test_the_hot_path_and_the_daemon_know_the_same_outputs() -> None:
    assert tuple(OUTPUTS) == hot.OUTPUTS


@pytest.mark.parametrize(
    ("text", "clocks"),
    [
        ("{task} {today}/{goal}", Clocks(running=False, due=False)),
        ("{{remaining}}", Clocks(running=False, due=False)),
        ("{bar}", Clocks(running=True, due=False)),
        ("{task} {overtime}", Clocks(running=False, due=True)),
        ("{clock}", Clocks()),
    ],
)
def test_a_template_is_known_to_show_clocks_or_not(text: str, clocks: Clocks) -> None:
    assert template.clocks(text) == clocks
