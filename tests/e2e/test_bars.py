"""The snippets of docs/bars.md, in the programs that they are for, with a task whose name each of them would obey."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pomo_cli.hot import OUTPUTS
from tests.contract.test_outputs import pango
from tests.e2e.user import PATIENCE_S, SCRIPT, User, until

PAGE = Path(__file__).parents[2].joinpath("docs/bars.md").read_text(encoding="utf-8")
#: Styles and formats of tmux, tags of polybar, markup, commands: all of it mere text.
NAME = "R&D <b>x</b> 5% %{F#f00}r%{F-} %{A1:touch pwned:}c C## #[fg=red] #{pane_id} #(touch pwned) #S $(touch pwned)"


def snippet(heading: str, language: str) -> str:
    """Answer the block of a language below a heading of the page."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return found[0]


def program(name: str) -> str:
    """Answer where a program is, or skip the test."""
    found: str | None = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture
def busy(user: User) -> User:
    """Give a user at work, whose PATH has pomo."""
    user.env["PATH"] = f"{os.path.dirname(SCRIPT)}:{user.env['PATH']}"
    user.pomo("start", NAME)
    return user


@pytest.fixture
def display() -> Iterator[str]:
    """Give the name of an X display."""
    reading, writing = os.pipe()
    with subprocess.Popen(
        [program("Xvfb"), "-displayfd", str(writing), "-screen", "0", "1600x200x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
        server.terminate()


def test_tmux_shows_the_name_as_it_is(busy: User) -> None:
    env = {**busy.env, "TERM": "xterm-256color", "SHELL": "/bin/sh"}
    inner, outer = f"{busy.env['HOME']}/inner", f"{busy.env['HOME']}/outer"
    config = Path(busy.env["HOME"], "tmux.conf")
    # Longer than the page has it: a test wants to see all of the name.
    config.write_text(
        f"{snippet('tmux', 'tmux')}set -g status-right-length 200\nset -g status-left ''\n", encoding="utf-8"
    )

    def tmux(socket: str, *arguments: str) -> str:
        done = subprocess.run(
            [program("tmux"), "-f", str(config), "-S", socket, *arguments],
            env=env,
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        return done.stdout

    tmux(inner, "new-session", "-d", "-x", "190", "-y", "5", "/bin/sh")
    try:
        # What it draws is seen by another tmux, whose own line is off.
        tmux(outer, "new-session", "-d", "-x", "190", "-y", "5", f"env -u TMUX tmux -S {inner} attach")
        tmux(outer, "set", "-g", "status", "off")
        until(lambda: NAME in tmux(outer, "capture-pane", "-p", "-J"))
        busy.pomo("pause")
        paused = rf"‖ 2\d:\d\d {re.escape(NAME)}"
        until(lambda: re.search(paused, tmux(outer, "capture-pane", "-p", "-J")), within=5)
    finally:
        # The other one ends with what it shows.
        tmux(inner, "kill-server")
    assert not os.path.exists(f"{busy.env['HOME']}/pwned")


def test_i3blocks_takes_line_after_line(busy: User) -> None:
    config = Path(busy.env["HOME"], "i3blocks.conf")
    config.write_text(snippet("i3blocks", "ini"), encoding="utf-8")
    process = busy.spawn([program("i3blocks"), "-c", str(config)])
    assert process.stdout is not None

    def block() -> dict[str, str]:
        """Answer the next update: each is an array of blocks behind a comma."""
        assert process.stdout is not None
        for line in process.stdout:
            blocks = json.loads(line.lstrip(b",")) if line[:2] in (b",[", b"[{") else []
            for found in blocks:
                if found.get("name") == "pomo" and found["full_text"]:
                    return dict(found)
        raise AssertionError

    first = block()
    assert first["markup"] == "pango"
    assert pango(first["full_text"]).endswith(NAME[-20:])
    assert "●" in first["full_text"]
    busy.pomo("pause")
    while "‖" not in block()["full_text"]:
        pass


def test_polybar_draws_the_name_and_obeys_none_of_it(busy: User, display: str) -> None:
    config = Path(busy.env["HOME"], "polybar.ini")
    bar = "[bar/test]\nwidth = 100%\nmodules-left = pomo\nfont-0 = monospace\n"
    config.write_text(bar + snippet("polybar", "ini"), encoding="utf-8")
    log = Path(busy.env["HOME"], "polybar.log")
    command = f'exec "{program("polybar")}" -c "{config}" -l trace test >"{log}" 2>&1'
    process = busy.spawn(["/bin/sh", "-c", command], DISPLAY=display)
    # What it could not draw of the name, the space of no width, it tells of with the text around.
    try:
        until(lambda: log.exists() and "Dropping unmatched character" in log.read_text(encoding="utf-8"))
    finally:
        process.terminate()
    told = log.read_text(encoding="utf-8")
    assert f"' {NAME}'".replace("%{", "%\u200b{") in told
    assert "error" not in told


def test_waybar_is_told_to_read_json_line_by_line() -> None:
    module = json.loads(f"{{{snippet('Waybar', 'jsonc')}}}")["custom/pomo"]
    # waybar-custom(5): without an interval, the program runs on, and each line of it is an update.
    assert module.keys() <= {"exec", "return-type", "restart-interval", "max-length", "on-click", "on-click-right"}
    assert module["return-type"] == "json"
    assert set(re.findall(r"#custom-pomo\.([a-z-]+)", snippet("Waybar", "css"))) == {
        "focus",
        "break",
        "long-break",
        "due",
    }


def test_i3status_rust_is_told_to_read_json_line_by_line() -> None:
    [block] = tomllib.loads(snippet("i3status-rust", "toml"))["block"]
    # The fields of its custom block; unknown ones it refuses.
    assert block.keys() <= {"block", "command", "persistent", "json", "interval", "hide_when_empty", "format", "click"}
    assert (block["block"], block["persistent"], block["json"]) == ("custom", True, True)


def test_starship_runs_commands_that_work(busy: User) -> None:
    module = tomllib.loads(snippet("starship", "toml"))["custom"]["pomo"]
    assert module.keys() <= {"command", "when", "shell", "style", "format", "symbol", "description"}

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*module["shell"], "-c", command],
            env=busy.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )

    assert run(module["when"]).returncode == 0
    assert run(module["command"]).stdout.endswith(f"{NAME}\n")
    busy.pomo("stop")
    assert run(module["when"]).returncode == 1


def test_the_page_names_every_output() -> None:
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE, re.MULTILINE)) == set(OUTPUTS)
