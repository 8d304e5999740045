"""The text line that bars, prompts and key bindings use."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.protocol.errors import ERRORS
from pomo_daemon.protocol.text import clean
from tests.integration.server.conftest import hosted
from tests.integration.server.hosting import HostedServer
from tests.integration.server.wire import Wire, greeted

#: What a terminal would obey instead of showing.
OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
served = pytest.fixture(scope="module")(hosted)


def test_status_needs_no_hello_and_shows_the_timer(server: HostedServer) -> None:
    with Wire(server.path) as wire:
        assert wire.text("status default - plain") == (0, "idle")
        assert wire.text("do default - 0123456789abcde0 start Write report")[0] == 0
        assert re.fullmatch(r"focus (25:00|24:5\d) Write report \(1/4\)", wire.text("status default - plain")[1])
        assert wire.text("status default - template {phase}|{task}|{{}}") == (0, "focus|Write report|{}")
        assert wire.text("status default - template two  spaces ") == (0, "two  spaces ")
        assert json.loads(wire.text("status default - json")[1])["task"] == "Write report"


def test_a_report_needs_no_hello_and_adds_up(server: HostedServer) -> None:
    with Wire(server.path) as wire:
        assert "Nothing" not in wire.text("report default - 80 drawn -")[1]
        for _ in range(2):
            wire.text(f"do default - 0123456789abcde{_} start")
            wire.text(f"do default - 0123456789abcdf{_} finish")
        drawn, plain = (wire.text(f"report default - 60 {form} year") for form in ("drawn", "plain"))
    for code, said in (drawn, plain):
        assert code == 0
        assert "\nTotal: 2 pomodoros, 0s focus.\n" in said
    assert "\N{EN DASH}" in drawn[1]
    assert plain[1].isascii()


def test_check_answers_with_its_exit_code_and_without_words(server: HostedServer) -> None:
    with Wire(server.path) as wire:
        assert wire.text("status default - check idle") == (0, "")
        assert wire.text("status default - check running") == (1, "")


@pytest.mark.parametrize(
    ("verbs", "said"),
    [
        ("start", "Focus started, 25m (1/4)."),
        ("start pause", "Focus paused, 25:00 left."),
        ("start pause resume", "Focus goes on, 25:00 left."),
        ("toggle toggle", "Focus paused, 25:00 left."),
        ("start stop", "Focus stopped, 0s; it does not count as a pomodoro."),
        ("start finish", "Focus completed, 0s.\nA short break is due: 'pomo break' starts it."),
        ("start finish stop", "The short break is no longer due."),
        ("start cancel", "Focus forgotten, 0s."),
        ("start stop repeat", "Focus started, 25m (1/4)."),
        ("start skip", "Focus stopped, 0s; it does not count as a pomodoro.\nShort break started, 5m."),
        ("break", "Short break started, 5m."),
        ("break skip", "Short break cut short after 0s.\nFocus started, 25m (1/4)."),
    ],
)
def test_every_verb_does_what_its_method_does(server: HostedServer, verbs: str, said: str) -> None:
    text = ""
    with Wire(server.path) as wire:
        for number, verb in enumerate(verbs.split()):
            code, text = wire.text(f"do default - 0123456789abcde{number} {verb}")
            assert code == 0, text
        # A second may have passed on a busy machine.
        assert re.sub(r"24:5\d", "25:00", re.sub(r"\b[1-9]s", "0s", text)) == said


def test_a_line_sent_again_is_done_once(server: HostedServer) -> None:
    with Wire(server.path) as one, Wire(server.path) as other:
        first = one.text("do default - 0123456789abcdef toggle")
        assert other.text("do default - 0123456789abcdef toggle") == first
        assert other.text("status default - check running") == (0, "")


def test_text_and_json_may_be_mixed(wire: Wire) -> None:
    assert wire.text("do default - 0123456789abcdef start")[0] == 0
    assert wire.call("timer.status")["state"] == "focus"
    assert wire.text("status default - check focus") == (0, "")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("status default", "protocol.error"),
        ("status default -", "protocol.error"),
        ("status default - nonsense", "validation"),
        ("status default - template {nonsense}", "validation"),
        ("status default - template {", "validation"),
        ("status default - template {phase:>10}", "validation"),
        ("status default - template {0.__class__}", "validation"),
        ("status default - check nonsense", "validation"),
        ("status elsewhere - plain", "profile.not_found"),
        ("status  - plain", "profile.not_found"),
        ("report default - 80 drawn", "protocol.error"),
        ("report default - 80 drawn decade", "protocol.error"),
        ("report default - 80 drawn year more", "protocol.error"),
        ("report default - -1 drawn year", "protocol.error"),
        ("report default - 80 painted year", "protocol.error"),
        ("report elsewhere - 80 drawn year", "profile.not_found"),
        ("do default -", "protocol.error"),
        ("do default - short start", "protocol.error"),
        ("do default - 0123456789abcdef", "protocol.error"),
        ("do default - 0123456789abcdef explode", "protocol.error"),
        ("do default - 0123456789abcdef pause now", "protocol.error"),
        ("do elsewhere - 0123456789abcdef start", "profile.not_found"),
        ("do default - 0123456789abcdef pause", "timer.idle"),
        ("do default - 0123456789abcdef start #99", "task.not_found"),
        ("do default - 0123456789abcdef start " + "x" * 201, "validation"),
        ("do default - 0123456789abcdef start a\x1b[31mb", "validation"),
        ("do default - 0123456789abcdef start a\u202eb", "validation"),
        ("do default - 0123456789abcdef start \ud800", "protocol.error"),
    ],
)
def test_an_error_has_the_exit_code_and_two_lines_for_people(served: HostedServer, line: str, code: str) -> None:
    with Wire(served.path) as wire:
        exit_code, text = wire.text(line)
        assert exit_code == ERRORS[code].exit
        what, hint = text.split("\n")
        assert what.startswith("pomo: ")
        assert hint.startswith("      ")
        assert not OBEYED.search(what + hint)
        assert wire.text("status default - plain") == (0, "idle")


@given(name=st.text(st.characters(codec="utf-8") | st.sampled_from("\x1b\x9b\u202e\n\t{}[]%\"'\\&<>"), max_size=250))
def test_any_name_is_refused_or_harmless_on_every_way_out(served: HostedServer, name: str) -> None:
    with greeted(served.path) as wire:
        wire.request("timer.start", task=name, replace=True)
        answer = wire.message()
        if "error" in answer:
            assert answer["error"]["data"]["code"] in ("validation", "task.not_found")
            assert not OBEYED.search(answer["error"]["message"] + answer["error"]["data"]["hint"])
            return
        stored = answer["result"]["status"]["task"]
        for text in (
            wire.text("status default - plain")[1],
            wire.text("status default - template {task} {bar}")[1],
            wire.text("status default - json")[1],
            *answer["result"]["message"].split("\n"),
        ):
            assert not OBEYED.search(text), ascii(text)
        assert json.loads(wire.text("status default - json")[1])["task"] == stored
        assert wire.text("status default - template {task}")[1] == clean(stored)
        if not name.strip().removeprefix("#").isdigit():
            assert stored.lower() == name.strip().lower()


@given(template=st.text(st.characters(exclude_characters="\n", codec="utf-8"), min_size=1, max_size=100))
def test_any_template_is_refused_or_harmless(served: HostedServer, template: str) -> None:
    with Wire(served.path) as wire:
        code, text = wire.text(f"status default - template {template}")
        assert code in (0, ERRORS["validation"].exit)
        assert not OBEYED.search(text.replace("\n", "") if code else text)
