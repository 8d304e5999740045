"""TAB in the shells themselves: what a key makes of the line is run, and has done what was meant."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.user import PATIENCE_S, User, until

#: How each starts without anybody's settings, and takes the script.
SHELLS = {
    "bash": ("bash --norc --noprofile -i", "source <(pomo completion bash)"),
    "zsh": ("zsh -f -i", "autoload -U compinit; compinit -D; source <(pomo completion zsh)"),
    "fish": ("fish -N -i", "pomo completion fish | source"),
}
#: What is typed, and of which task that is the beginning.
BEGINNINGS = {
    "wri": "Write report",
    "rea": 'Read "Dune" & it\'s \\ $HOME !! {a,b} * ; | <x>',
    r"\$": "$(touch pwned)",
    r"\`": "`touch pwned`",
    r"\~": "~root",
    "日": "日本語 [bold]",
    "'pla": "Plan the week",
    '"rev': 'Review $(touch pwned) "again"',
    "%": "%Bpercent%b %n",
}
# As the installed command, but for the time that it waits: the machine may be under load.
PROGRAM = "from pomo_cli import complete; complete.PATIENCE = 5.0; from pomo_cli.__main__ import main; main()"


class Keyboard:
    """A shell in a tmux of its own, with the completion in it, and the keys that are pressed there."""

    def __init__(self, user: User, shell: str) -> None:
        self.shell = shell
        self.home = user.env["HOME"]
        os.mkdir(f"{self.home}/bin")
        with open(f"{self.home}/bin/pomo", "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {sys.executable} -c {shlex.quote(PROGRAM)} "$@"\n')
        os.chmod(f"{self.home}/bin/pomo", 0o755)
        self._env = {
            **user.env,
            "TERM": "xterm-256color",
            "PATH": f"{self.home}/bin:/usr/bin:/bin",
            "fish_greeting": "",
        }
        command, take = SHELLS[shell]
        self._tmux("new-session", "-d", "-x", "150", "-y", "50", command)
        self.press(f"cd; {take}; echo go''od", "Enter")
        self.until(lambda: "good" in self._screen().splitlines())

    def press(self, text: str, *keys: str) -> None:
        """Type a text, and press keys."""
        self._tmux("send-keys", "-l", text)
        for key in keys:
            self._tmux("send-keys", key)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def shows(self, text: str) -> bool:
        """Tell whether a text is to be seen."""
        return text in self._screen()

    def until(self, true: Callable[[], object]) -> None:
        """Wait for what the shell does. Raises AssertionError with what is to be seen."""
        try:
            until(true)
        except TimeoutError:
            raise AssertionError(self._screen()) from None

    def close(self) -> None:
        self._tmux("kill-server")

    def _screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-f", "/dev/null", "-S", f"{self.home}/tmux", *arguments]
        done = subprocess.run(command, env=self._env, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
        return done.stdout


@pytest.fixture(params=SHELLS)
def keyboard(user: User, request: pytest.FixtureRequest) -> Iterator[Keyboard]:
    """Give a shell with the completion in it."""
    for program in ("tmux", request.param):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    opened = Keyboard(user, request.param)
    yield opened
    opened.close()


def test_what_a_tab_completes_is_what_was_meant(user: User, keyboard: Keyboard) -> None:
    for name in BEGINNINGS.values():
        user.pomo("task", "add", name)
    user.pomo("category", "add", "Study & $(touch pwned)")
    for typed in BEGINNINGS:
        keyboard.press(f"pomo task done {typed}", "Tab", "Enter")
    keyboard.press("pomo task add filed -c st", "Tab", "Enter")
    keyboard.until(lambda: [it["name"] for it in user.json("task", "list")] == ["filed"])
    [filed] = user.json("task", "list")
    assert filed["category"] == "Study & $(touch pwned)"
    assert len(user.json("task", "list", "--status", "all")) == len(BEGINNINGS) + 1
    assert not any("pwned" in name for name in os.listdir(keyboard.home))


def test_numbers_are_listed_with_the_names_they_stand_for(user: User, keyboard: Keyboard) -> None:
    for name in BEGINNINGS.values():
        user.pomo("task", "add", name)
    # The second one is what bash needs to list; to the others it would mean to take the first.
    keyboard.press("pomo start ", *(("Tab", "Tab") if keyboard.shell == "bash" else ("Tab",)))
    keyboard.until(lambda: all(keyboard.shows(name) for name in BEGINNINGS.values()))
    keyboard.press("3", "Tab", "Enter")
    keyboard.until(lambda: user.json("status")["task"] == "$(touch pwned)")
    assert not any("pwned" in name for name in os.listdir(keyboard.home))
