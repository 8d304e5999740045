"""The prompt segment in real shells: what it shows, that it obeys nothing, and that it starts nothing."""

import os
import pty
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.user import PATIENCE_S, User

#: How each shell is started without its user's files, and expands a prompt with the segment between two marks.
SHELLS = {
    "bash": (["bash", "--norc"], "__pomo_prompt; PS1='<${POMO_PROMPT}>'; printf '%s\\n' \"${PS1@P}\""),
    "zsh": (["zsh", "-f"], "setopt prompt_subst; __pomo_prompt; PROMPT='<${POMO_PROMPT}>'; print -P -- \"$PROMPT\""),
    "fish": (["fish", "--no-config"], "function fish_prompt; printf '<'; pomo_prompt; printf '>\\n'; end; fish_prompt"),
}
NAMES = (
    *(
        'it\'s "quoted"',
        "$(touch pwned) `touch pwned` ${HOME} $HOME",
        "\\n \\u \\w \\[\\033[31m\\] \\$ \\\\",
        "%F{red} %n %% %d",
    ),
    *(
        "!! !1 !",
        "<(touch pwned) | & ; touch pwned",
        "; touch pwned #",
        "*.py ~ {a,b} [x]",
        "a[$(touch pwned)]",
        "-e -n --",
    ),
    *("日本語 \N{TOMATO}", "two  spaces   here", "(touch pwned) $argv @P"),
)


class Shell:
    """One of the shells, with `pomo shell-init` sourced, and what stands in the file that the daemon would write."""

    def __init__(self, user: User, name: str) -> None:
        self.name = name
        self.user = user
        self.folder = Path(user.env["HOME"], "work")
        self.folder.mkdir()
        self._init = Path(user.env["HOME"], f"init.{name}")
        self._init.write_text(user.pomo("shell-init", name), encoding="utf-8")

    @property
    def file(self) -> Path:
        """Answer the file that the segment reads."""
        found = re.search(r"__pomo_files[ =](.*)", self._init.read_text(encoding="utf-8"))
        assert found is not None
        return Path(found[1].strip("'") + ".status")

    def write(self, text: str, profile: str = "") -> None:
        self.file.parent.mkdir(mode=0o700, exist_ok=True)
        file = self.file.with_name(self.file.name.replace(".status", f"{profile}.status"))
        file.write_text(text, encoding="utf-8", newline="")

    def command(self, script: str) -> list[str]:
        words, _ = SHELLS[self.name]
        return [*words, "-c", f". {self._init}\n{script}"]

    def prompt(self, **changes: str) -> str:
        """Answer the segment, as the shell draws it."""
        done = subprocess.run(
            self.command(SHELLS[self.name][1]),
            env={**self.user.env, "POMO_PROMPT_WIDTH": "300", **changes},
            cwd=self.folder,
            capture_output=True,
            check=False,
            timeout=PATIENCE_S,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        shown = done.stdout.decode()
        assert shown.startswith("<")
        assert shown.endswith(">\n")
        return shown[1:-2]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, user: User) -> Shell:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    return Shell(user, request.param)


def now() -> int:
    return int(time.time())


@pytest.mark.parametrize(
    ("seconds", "clock"),
    [
        (754, r"● 12:3\d"),
        (9, r"● 00:0\d"),
        (3 * 3600 + 65, r"● 3:0[01]:\d\d"),
        (-70, r"◔ \+01:1\d"),
        (-7000, r"◔ \+1:56:\d\d"),
    ],
)
def test_a_shell_counts_to_the_end_and_beyond(shell: Shell, seconds: int, clock: str) -> None:
    shell.write(f"down {now() + seconds} {now() + seconds + 7200} ● Write report\n")
    assert re.fullmatch(f"{clock} Write report ", shell.prompt())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("held 754 253402300799 ‖ Write report\n", "‖ 12:34 Write report "),
        ("held 3661 253402300799 ‖ Write report\n", "‖ 1:01:01 Write report "),
        # Of a clock that was set back since.
        ("up 253402300000 253402300799 ● focus\n", "● 00:00 focus "),
    ],
)
def test_what_does_not_run_stands_still(shell: Shell, text: str, shown: str) -> None:
    shell.write(text)
    assert shell.prompt() == shown


def test_without_a_deadline_it_counts_up(shell: Shell) -> None:
    shell.write(f"up {now() - 60} 253402300799 ● focus\n")
    assert re.fullmatch(r"● 01:0\d focus ", shell.prompt())


def test_long_after_the_end_nothing_is_shown_that_a_dead_daemon_left(shell: Shell) -> None:
    shell.write(f"down {now() - 7300} {now() - 100} ● Write report\n")
    assert shell.prompt() == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_and_never_obeyed(shell: Shell, name: str) -> None:
    shell.write(f"held 754 253402300799 ‖ {name}\n")
    assert shell.prompt() == f"‖ 12:34 {name} "
    assert os.listdir(shell.folder) == []


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "down", "down 5\n", "down x y ● z\n", "held -1 9 ‖ z\n", "\x00\x01\xff\n", "down 5 6 ● z\n"),
        *(
            "down a[$(touch$IFS pwned)] 253402300799 ● z\n",
            "held 1 a[$(touch${IFS}pwned)] ‖ z\n",
            "held 1+1 99999999999 ‖ z\n",
        ),
    ],
)
def test_what_is_no_status_shows_nothing_and_is_not_evaluated(shell: Shell, text: str) -> None:
    shell.write(text)
    assert shell.prompt() == ""
    assert os.listdir(shell.folder) == []


def test_a_long_name_is_cut(shell: Shell) -> None:
    shell.write(f"held 754 253402300799 ‖ {'é' * 200}\n")
    shown = shell.prompt(POMO_PROMPT_WIDTH="10")
    assert re.fullmatch("‖ 12:34 é{9,10}… ", shown), shown


def test_each_profile_has_its_own(shell: Shell) -> None:
    shell.write("held 754 253402300799 ‖ Write report\n", "work")
    assert shell.prompt(POMO_PROFILE="default") == ""
    assert shell.prompt(POMO_PROFILE="work") == "‖ 12:34 Write report "


def test_it_shows_what_a_command_has_done_as_soon_as_that_is_done(shell: Shell) -> None:
    user = shell.user
    assert shell.prompt() == ""
    user.pomo("start", "Write 'report' $(touch pwned)")
    assert re.fullmatch(r"● 2[45]:\d\d Write 'report' \$\(touch pwned\) ", shell.prompt())
    assert shell.file.stat().st_mode & 0o777 == 0o600
    user.pomo("pause")
    assert shell.prompt().startswith("‖ ")
    user.pomo("resume")
    # A timer outlives its daemon; what was started goes on, and ends when it would.
    user.kill()
    assert shell.prompt().startswith("● ")
    user.pomo("stop")
    assert shell.prompt() == ""
    user.pomo("start")
    user.pomo("daemon", "stop")
    assert shell.prompt() == ""
    assert not [it for it in os.listdir(shell.file.parent) if "status" in it]


def test_nothing_is_started_and_nothing_connected_to(shell: Shell) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    shell.write(f"down {now() + 754} {now() + 8000} ● Write report\n")
    log = Path(shell.user.env["HOME"], "strace")

    def calls(times: int) -> list[str]:
        call = "pomo_prompt" if shell.name == "fish" else "__pomo_prompt"
        count = " ".join(map(str, range(times)))
        loop = f"for i in {count or '1'}; {'do ' if shell.name != 'fish' else ''}{call if times else 'true'}; "
        subprocess.run(
            [strace, "-f", "-qq", "-o", log, "-e", "trace=fork,vfork,clone,clone3,execve,socket,connect",
             *shell.command(loop + ("end" if shell.name == "fish" else "done"))],
            env=shell.user.env, check=True, capture_output=True, timeout=PATIENCE_S * 3,
        )  # fmt: skip
        # A thread that fish gives itself, once, is no process.
        return re.findall(r"^\d+ +(\w+)\((?!.*CLONE_THREAD)", log.read_text(encoding="utf-8"), re.MULTILINE)

    assert calls(20) == calls(0)


def on_a_terminal(shell: Shell, setup: str, lines: list[str], seen: Callable[[str], object]) -> str:
    """Type lines to an interactive shell; answer what it shows once that is `seen`."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.clear()
        os.environ.update(shell.user.env | {"TERM": "dumb"})
        os.execvp(SHELLS[shell.name][0][0], [*SHELLS[shell.name][0], "-i"])
    text = ""
    try:
        os.write(terminal, f"{setup}\n".encode())
        for line in lines:
            os.write(terminal, f"{line}\n".encode())
        give_up = time.monotonic() + PATIENCE_S
        while not seen(text) and time.monotonic() < give_up:
            text += os.read(terminal, 4096).decode("utf-8", "replace")
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    return text


def test_bash_shows_it_in_front_of_each_command_and_keeps_the_last_exit_code(user: User) -> None:
    shell = Shell(user, "bash")
    shell.write("held 754 253402300799 ‖ Write report\n")
    setup = f"PROMPT_COMMAND='true'; . {shell._init}; PS1='[$?]${{POMO_PROMPT}}> '"
    shown = on_a_terminal(shell, setup, ["false"], lambda text: "[1]" in text and text.endswith("> "))
    assert "[1]‖ 12:34 Write report > " in shown


def test_the_page_of_the_command_says_how_each_shell_takes_it(user: User) -> None:
    for name in SHELLS:
        assert f"pomo shell-init {name}" in user.pomo("shell-init", name).splitlines()[0]
    user.fails(2, "shell-init", "tcsh")
