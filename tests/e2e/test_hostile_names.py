"""Names with what terminals, rich, JSON and shells obey: refused, or shown as mere text, on every way out."""

import json
import os
import re
import sqlite3
import unicodedata
from contextlib import closing

import pytest

from tests.e2e.desktop import Desktop
from tests.e2e.user import User
from tests.integration.server.wire import greeted

#: What a terminal would obey instead of showing: controls, and what reorders the text around it.
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
#: Every way by which a name comes out of the command.
WAYS_OUT = (
    *(
        "status",
        "status -o plain",
        "status -f {task}",
        "log",
        "pause",
        "resume",
        "start another",
        "extend 5m",
        "toggle",
    ),
    *(
        "status --json",
        "status -o json",
        "log --json",
        "start another --json",
        "daemon logs",
        "finish",
        "break",
        "stop",
    ),
)

REFUSED = {
    "escape sequence": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "C1 control": "a\x9b31mb",
    "newline": "two\nlines",
    "carriage return": "good\revil",
    "tab": "a\tb",
    "backspace": "evil\x08\x08\x08\x08good",
    "override": "abc\u202edef",
    "isolate": "abc\u2066def",
    "line separator": "a\u2028b",
    "byte order mark": "\ufeffname",
    "only spaces": "   ",
    "too long": "x" * 201,
}
TAKEN = {
    "markup": "[bold red]x[/] [link=file:///etc/passwd]y[/link] [/]",
    "emoji code": ":tomato: :warning:",
    "quotes": "\"double\" 'single' `tick` $(touch pwned) $HOME; rm -rf / | & > <",
    "backslashes": "\\n \\x1b[31m \\u202e {task} {{}} %s %n",
    "emoji": "\N{TOMATO} \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea",
    "right to left": "שלום עולם مرحبا",
    "combining": "Z\u0351\u036b\u0343a\u0323\u0324l\u0342\u0344",
    "wide": "報告を書く\N{IDEOGRAPHIC SPACE}\N{FULLWIDTH LATIN CAPITAL LETTER F}\N{NO-BREAK SPACE}!",
    "longest": "é" * 200,
    "option": "--help",
    "number": "007 bond",
}


@pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED.keys())
def test_a_name_that_is_not_mere_text_is_refused(regular: User, name: str) -> None:
    said = regular.fails(2, "start", "--", name)
    assert not OBEYED.search(said)
    assert json.loads(regular.run("start", "--json", "--", name).err)["error"]["code"] == "validation"
    assert regular.pomo("status") == "idle\n"


@pytest.mark.parametrize("name", TAKEN.values(), ids=TAKEN.keys())
def test_a_name_that_only_looks_dangerous_comes_back_as_it_is(regular: User, name: str) -> None:
    assert "New task" in regular.pomo("start", "--", name)
    assert regular.json("status")["task"] == name
    assert regular.log()[-1]["task"] == name
    # To be asked for again by the same words.
    regular.pomo("stop")
    assert "New task" not in regular.pomo("start", "--", name)
    for command in ("status", "log", "status -f {task}"):
        assert name in regular.pomo(*command.split()), command
    regular.pomo("stop")
    assert os.listdir(regular.env["HOME"]).count("pwned") == 0


def test_whatever_stands_in_the_database_nothing_is_obeyed_on_the_way_out(user: User) -> None:
    """An import, an older pomo, another program may have written anything."""
    everything = "".join(filter(OBEYED.match, map(chr, range(1, 0x10000)))) + "\n [red]x[/red] \U000e0001"
    user.pomo("start", "victim")
    user.kill()
    with closing(sqlite3.connect(user.database)) as connection, connection:
        connection.execute("UPDATE tasks SET name = ?", [everything])
    with Desktop(user.env["XDG_RUNTIME_DIR"]):
        for command in WAYS_OUT:
            done = user.run(*command.split())
            assert not OBEYED.search(done.out + done.err), command
            assert "Traceback" not in done.err, command
            if "json" in command and done.out:
                assert json.loads(done.out) is not None
                assert done.out.isascii()
    assert not OBEYED.search(user.daemon_log())


def test_whatever_a_client_says_nothing_is_obeyed_in_the_log(user: User) -> None:
    user.pomo("status")
    with greeted(user.socket) as wire:
        for name in REFUSED.values():
            assert wire.error("timer.start", task=name)["code"] == "validation"
            assert wire.error(name[:60])["code"] == "protocol.method"
    log = user.daemon_log()
    assert not OBEYED.search(log)
    assert all(re.match(r"\d{4}-\d\d-\d\d ", line) for line in log.splitlines())


@pytest.mark.parametrize("argument", ["\x1b[31m", "a\u202eb\n\x9b31m", "[red]x[/red]"])
def test_an_argument_is_not_obeyed_in_an_error(regular: User, argument: str) -> None:
    for arguments in (
        *([argument], ["start", "--duration", argument], ["status", "-f", "{" + argument], ["status", "-p", argument]),
        *(["config", "get", argument], ["log", "--from", argument], [f"--{argument}"], ["start", "--at", argument]),
        *(["status", "--check", argument], ["status", "-o", argument], ["daemon", argument], ["start", "-p", argument]),
    ):
        done = regular.run(*arguments)
        assert done.code in (2, 3), arguments
        assert done.out == ""
        assert not OBEYED.search(done.err), arguments
        assert len(done.err.splitlines()) == 2, arguments


def test_the_words_for_what_is_obeyed_leave_out_nothing() -> None:
    """The test's own measure: all controls, and all that Unicode lists as bidirectional controls."""
    bidirectional = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    for number in range(0x110000):
        character = chr(number)
        if (unicodedata.category(character) == "Cc" and character != "\n") or (
            unicodedata.bidirectional(character) in bidirectional
        ):
            assert OBEYED.match(character), hex(number)
