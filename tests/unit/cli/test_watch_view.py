"""What `pomo watch` draws, for any size of the screen and any name."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_cli.render.glyphs import cells
from pomo_cli.render.watch import KEYS, lines, message_of

PAINT = re.compile(r"\x1b\[\d+m")
OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def status(**changes: Any) -> dict[str, Any]:
    return {
        "state": "focus",
        "phase": "focus",
        "status": "running",
        "remaining_s": 754,
        "elapsed_s": 746,
        "percent": 49,
        "task": "Write report",
        "cycle": 2,
        "cycle_length": 4,
        "today": 3,
        "goal": 8,
        "overtime_s": None,
        "interruptions": 0,
        **changes,
    }


def seen(found: list[str]) -> list[str]:
    return [PAINT.sub("", line).strip() for line in found]


def test_a_small_screen_has_all_that_counts() -> None:
    assert seen(lines(status(), (46, 13), "Said."))[1:] == [
        "Focus · Write report",
        "",
        "12:34",
        "",
        "█" * 17 + "░" * 19 + "  49 %",
        "",
        "●●○○ 2/4 · today 3 of 8 ●●●○○○○○",
        "",
        "Said.",
        "",
        "? help · q quit",
    ]


def test_a_large_screen_has_large_digits() -> None:
    found = seen(lines(status(remaining_s=1234), (80, 24)))
    assert found[3:6] == ["▀▀█ █▀█   ▀▀█ █ █", "█▀▀ █ █ ▀  ▀█ ▀▀█", "▀▀▀ ▀▀▀ ▀ ▀▀▀   ▀"]


@pytest.mark.parametrize(
    ("changes", "head", "clock"),
    [
        ({"status": "paused", "state": "focus-paused"}, "Focus paused · Write report", "12:34"),
        ({"remaining_s": None, "percent": None}, "Focus · Write report", "12:26"),
        ({"phase": "short_break", "state": "break", "task": None}, "Short break", "12:34"),
        (
            {"phase": "short_break", "state": "due", "status": None, "overtime_s": 65, "percent": None, "task": None},
            "Short break due",
            "+01:05",
        ),
    ],
)
def test_each_state_is_named_and_has_its_clock(changes: dict[str, Any], head: str, clock: str) -> None:
    found = seen(lines(status(**changes), (60, 13)))
    assert (found[1], found[3]) == (head, clock)


def test_idle_and_without_a_daemon_there_is_no_clock() -> None:
    idle = seen(lines(status(phase=None, state="idle", status=None, percent=None, task=None), (60, 13)))
    assert idle[1:4] == ["idle", "", "●●○○ 2/4 · today 3 of 8 ●●●○○○○○"]
    assert "not running" in seen(lines(None, (60, 13)))[1]


def test_the_keys_are_told_when_asked_for() -> None:
    found = "\n".join(seen(lines(status(), (80, 40), keys=True)))
    assert all(meaning in found for _, meaning in KEYS)


def test_without_colour_nothing_is_painted() -> None:
    assert any(PAINT.search(line) for line in lines(status(), (80, 24)))
    assert not any("\x1b" in line for line in lines(status(), (80, 24), color=False))


def test_a_terminal_that_can_draw_little_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C")
    assert all(line.isascii() for line in lines(status(), (80, 24), color=False))


@given(
    name=st.text(min_size=1, max_size=120),
    columns=st.integers(1, 200),
    rows=st.integers(1, 60),
    said=st.text(max_size=100),
    keys=st.booleans(),
)
def test_no_line_is_wider_than_the_screen_and_nothing_is_obeyed(
    name: str, columns: int, rows: int, said: str, *, keys: bool
) -> None:
    found = lines(status(task=name), (columns, rows), message_of(said), keys=keys)
    assert len(found) <= rows
    for line in found:
        plain = PAINT.sub("", line)
        assert not OBEYED.search(plain)
        assert cells(plain) <= columns
