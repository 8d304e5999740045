"""Completion: the table against the commands, what fits where, and that bash neither breaks nor obeys any name."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pomo_cli import app, complete
from pomo_cli.completion_table import TABLE
from pomo_cli.tokens import TokenFile, Tokens
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.settings import SETTINGS
from tests.unit.cli.completion_tree import table
from tests.unit.cli.conftest import Ran, write_config
from tests.unit.cli.fake_daemon import SILENCE, FakeDaemon
from tests.unit.cli.test_hot import _modules_after
from tests.unit.cli.test_log import interval
from tests.unit.cli.test_task_commands import task

Run = Callable[..., Ran]

BASH = shutil.which("bash") or ""
NAMES = [
    "Write report",
    "Write mail",
    "$(touch pwned)",
    "`touch pwned`; touch pwned & touch pwned | touch pwned > pwned",
    'it\'s "quoted" \\ and $HOME !! {a,b} *',
    "~root",
    "#1 of many",
    "日本語 [bold]",
    "a:b=c@d",
    'say "again"',
]
TASKS = [task(number, name=name) for number, name in enumerate(NAMES, 3)]
CATEGORIES = [
    {"category_id": number, "name": name, "tasks": number} for number, name in enumerate(["Work", *NAMES[2:5]], 1)
]


def listed(params: dict[str, Any]) -> dict[str, Any]:
    """Answer tasks as the daemon does."""
    begin, limit = params["prefix"].lower(), params["limit"]
    digits = begin.removeprefix("#")
    found = [it for it in TASKS if it["name"].lower().startswith(begin) or str(it["task_id"]).startswith(digits)]
    return {"tasks": found[:limit], "more": len(found[limit:])}


@pytest.fixture
def inventory(daemon: FakeDaemon) -> FakeDaemon:
    """Give a fake daemon with tasks and categories of all kinds of names."""
    daemon.results |= {
        "task.list": listed,
        "category.list": {"categories": CATEGORIES},
        "hooks.list": {
            "hooks": [
                {"event": it, "path": "/x", "problem": ""}
                for it in ("interval.started", "interval.completed", "interval.started")
            ]
        },
        "schedule.list": {"schedules": [{"schedule_id": 4, "cron": "0 9 * * *", "task": None, "text": "Stand up"}]},
        "auth.logins": [{"login_id": 3, "device": "pomo on desk"}, {"login_id": 12, "device": "pomo on lap"}],
        "history.list": {"intervals": [interval("2026-11-24T08:00:00Z"), interval("2026-11-24T08:30:00Z", task=None)]},
    }
    return daemon


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a machine under load still answer."""
    monkeypatch.setattr(complete, "PATIENCE", 5.0)


def values(*words: str, shell: str = "zsh") -> list[str]:
    return [line.split("\t")[0] for line in complete.lines(shell, "9", words)]


def test_the_table_is_that_of_the_commands() -> None:
    """Else run `python -m tests.unit.cli.completion_tree`, which writes it."""
    assert table() == TABLE


def test_a_tab_imports_no_typer_and_asks_once(daemon: FakeDaemon) -> None:
    daemon.results["task.list"] = listed
    found = _modules_after("from pomo_cli.__main__ import main; main()", "--complete", "bash", "9", "start", "")
    assert not {it.split(".")[0] for it in found} & {"typer", "rich", "asyncio", "datetime", "tomllib", "tempfile"}
    assert len(daemon.requests("task.list")) == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("",), [*app.COMMANDS]),
        (("sta",), ["start", "status"]),
        (("--json", "sta"), ["start", "status"]),
        (("-p", ""), ["default", "work", "club"]),
        (("task", "--profile=w"), ["--profile=work"]),
        (("profile", "use", "c"), ["club"]),
        (("profile", "show", ""), ["default", "work", "club"]),
        (("profile", "edit", "work", "--login", ""), ["peer", "password"]),
        (("profile", "delete", "--yes", "d"), ["default"]),
        (("profile", "create", ""), []),
        (("auth", ""), ["register", "login", "logout", "refresh", "whoami", "passwd", "logins", "revoke"]),
        (("auth", "revoke", ""), ["3", "12"]),
        (("auth", "revoke", "1"), ["12"]),
        (("schedule", "pause", ""), ["4"]),
        (("hooks", "test", "interval.s"), ["interval.started"]),
        (("-p", "default", "tas"), ["task"]),
        (("task", ""), ["add", "list", "show", "edit", "done", "reopen", "delete", "restore"]),
        (("task", "re"), ["reopen", "restore"]),
        (("task", "list", "--status", ""), ["open", "done", "deleted", "all"]),
        (("task", "list", "--status=d"), ["--status=done", "--status=deleted"]),
        (("task", "list", "--due", ""), ["today", "week", "overdue"]),
        (("task", "add", "-c", "w"), ["Work"]),
        (("task", "list", "--no-c"), ["--no-color", "--no-category"]),
        (("status", "-o", "p"), ["plain", "polybar"]),
        (("status", "--check", "p"), ["paused"]),
        (("config", "get", "timer.f"), ["timer.focus"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
        (("log", ""), ["add", "edit", "delete"]),
        (("start", "--", "--fl"), []),
        (("start", "--duration", ""), []),
        (("task", "add", ""), []),
        (("nonsense", ""), []),
        (("start", "3", ""), []),
        ((), [*app.COMMANDS]),
    ],
)
@pytest.mark.usefixtures("inventory", "unhurried")
def test_what_fits_where(words: Sequence[str], expected: list[str]) -> None:
    write_config("[profiles.work]\n[profiles.club]\n")
    assert sorted(values(*words)) == sorted(expected)


@pytest.mark.parametrize("words", [("config", "set", ""), ("config", "unset", "")])
def test_every_setting_is_offered(words: Sequence[str]) -> None:
    assert values(*words) == [*SETTINGS]


@pytest.mark.usefixtures("unhurried")
def test_tasks_are_offered_by_number_with_their_name_and_by_name(inventory: FakeDaemon) -> None:
    shown = complete.lines("zsh", "9", ["start", ""])
    assert shown == [f"{it['task_id']}\t{it['name']}" for it in TASKS]
    assert values("start", "1") == ["10", "11", "12"]
    assert sorted(values("start", "#1")) == ["#1 of many", "10", "11", "12"]
    assert values("task", "done", "write") == ["Write report", "Write mail"]
    for words, status in ((("task", "reopen", "3"), "done"), (("task", "restore", "3"), "deleted")):
        assert values(*words) == ["3"]
        assert inventory.requests("task.list")[-1]["status"] == status
        assert inventory.requests("task.list")[-1]["prefix"] == "3"
    # A name means an open task: of all others only the number does.
    assert values("task", "restore", "Write r") == ["3"]


@pytest.mark.usefixtures("unhurried")
def test_the_names_are_those_of_the_profile_and_of_the_login_there(
    inventory: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    TokenFile("work").store(Tokens("access", "x", "refresh", "x", "3", "ada"))
    for words in (("start", ""), ("-p", "work", "start", ""), ("start", "--profile=work", "")):
        assert values(*words)
    monkeypatch.setenv("POMO_PROFILE", "club")
    assert values("start", "")
    asked = [(it["profile"], it["token"]) for it in inventory.requests("hello")]
    assert asked == [("default", None), ("work", "access"), ("work", "access"), ("club", None)]
    with pytest.raises(ValueError, match="is no name"):
        values("-p", "../x", "start", "")


def test_profiles_are_offered_without_a_daemon_and_with_a_file_that_is_no_toml_none(run: Run) -> None:
    write_config("no toml")
    assert run("--complete", "bash", "9", "-p", "") == (0, "", "")


def test_a_name_of_digits_is_offered_by_its_number(daemon: FakeDaemon) -> None:
    daemon.results["task.list"] = {"tasks": [task(7, name="12"), task(8, name="#12"), task(9, name="12th")], "more": 0}
    assert values("start", "1") == ["7", "8", "12th"]


@pytest.mark.usefixtures("unhurried")
def test_what_is_left_out_is_told_where_the_shell_has_a_place_for_it(daemon: FakeDaemon) -> None:
    daemon.results |= {
        "task.list": {"tasks": TASKS[:2], "more": 9800},
        "category.list": {
            "categories": [CATEGORIES[0] | {"name": f"c{number}"} for number in range(complete.MOST + 3)]
        },
    }
    assert complete.lines("zsh", "9", ["start", ""]) == ["3\tWrite report", "4\tWrite mail", "\t9800 more: type on"]
    assert complete.lines("zsh", "9", ["start", "--x=", "--"])[-1] != "\t9800 more: type on"
    assert complete.lines("bash", "63", ["start", "w"]) == [r"Write\ report", r"Write\ mail", "9800 more: type on"]
    assert complete.lines("bash", "63", ["start", ""])[2:] == ["9800 more: type on"]
    # Elsewhere it would be taken into the line.
    assert complete.lines("bash", "9", ["start", ""]) == ["3", "4"]
    assert complete.lines("fish", "9", ["start", ""]) == ["3\tWrite report", "4\tWrite mail"]
    assert complete.lines("zsh", "9", ["category", "delete", "c"])[complete.MOST :] == ["\t3 more: type on"]
    assert daemon.requests("task.list")[0]["limit"] == complete.MOST


@pytest.mark.usefixtures("inventory", "unhurried")
def test_intervals_are_offered_by_number() -> None:
    assert complete.lines("fish", "9", ["log", "edit", ""]) == [
        "1\tfocus completed",
        "1\tfocus completed Write report",
    ]


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[31mred", "a\u202eb", "tab\tbed"])
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.usefixtures("unhurried")
def test_a_name_with_what_a_terminal_obeys_is_offered_by_its_number(name: str, shell: str, daemon: FakeDaemon) -> None:
    daemon.results |= {
        "task.list": {"tasks": [task(7, name=name)], "more": 0},
        "category.list": {"categories": [{"category_id": 7, "name": name, "tasks": 1}]},
    }
    assert values("start", name[:1], shell=shell) == ["7"]
    assert "\n" not in "".join(complete.lines(shell, "63", ["start", ""]))
    assert values("task", "add", "-c", name[:1], shell=shell) in ([], ["7"])


@pytest.mark.parametrize("script", [[SILENCE], [b"nonsense\n"], [b"{}\n{}\n"], [b"<hang up>"]])
def test_a_daemon_that_is_away_costs_no_more_than_its_patience(
    script: list[bytes], daemon: FakeDaemon, run: Run
) -> None:
    daemon.script = script
    before = time.monotonic()
    assert run("--complete", "bash", "9", "start", "") == (0, "", "")
    assert time.monotonic() - before < 2


def test_without_a_daemon_none_is_started(run: Run, no_start: list[str]) -> None:
    assert run("--complete", "bash", "9", "start", "") == (0, "", "")
    assert run("--complete", "bash", "9", "sta").out.split() == ["start", "status"]
    assert run("--complete") == run("--complete", "bash") == (0, "", "")
    assert no_start == []


@pytest.mark.usefixtures("unhurried")
def test_an_error_of_the_daemon_is_silence(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["task.list"] = PomoError("database.unavailable")
    assert run("--complete", "zsh", "9", "start", "") == (0, "", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_printed(shell: str, run: Run) -> None:
    ran = run("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert f"pomo --complete {shell} " in ran.out
    assert run("completion", "csh").code == 2


class Bash:
    """A bash that has sourced the completion, in a folder of its own."""

    def __init__(self, folder: str, script: str) -> None:
        self.folder = folder
        os.mkdir(f"{folder}/bin")
        pomo = f"{folder}/bin/pomo"
        # As the real one, but for the time that it waits: the machine may be under load.
        program = "from pomo_cli import complete; complete.PATIENCE = 5.0; from pomo_cli.__main__ import main; main()"
        with open(pomo, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {sys.executable} -c {shlex.quote(program)} "$@"\n')
        os.chmod(pomo, 0o755)
        self._env = {**os.environ, "PATH": f"{folder}/bin:/usr/bin:/bin", "PYTHONPATH": os.getcwd()}
        self._script = script

    def run(self, code: str) -> str:
        done = subprocess.run(
            [BASH, "--norc", "--noprofile", "-c", f"{self._script}\n{code}"],
            cwd=self.folder,
            env=self._env,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stderr == ""
        assert "pwned" not in os.listdir(self.folder)
        return done.stdout

    def replies(self, *words: str, comp_type: int = 9) -> list[str]:
        """Answer what a TAB behind the words would get."""
        listed = " ".join(map(shlex.quote, ("pomo", *words)))
        out = self.run(
            f"COMP_WORDS=({listed}); COMP_CWORD={len(words)}; COMP_TYPE={comp_type}; _pomo\n"
            '[ "${#COMPREPLY[@]}" = 0 ] || printf "%s\\0" "${COMPREPLY[@]}"'
        )
        return out.split("\0")[:-1]

    def meant(self, typed: str) -> list[str]:
        """Answer the words that bash makes of what stands on the line."""
        return self.run(f'set -f; words() {{ printf "%s\\0" "$@"; }}\nwords {typed}').split("\0")[:-1]


@pytest.fixture
def bash(place: str, run: Run) -> Bash:
    if not BASH:
        pytest.skip("bash is not installed")
    return Bash(place, run("completion", "bash").out)


@pytest.mark.usefixtures("inventory")
def test_in_bash_words_are_completed(bash: Bash) -> None:
    assert bash.replies("sta") == ["start", "status"]
    assert bash.replies("task", "list", "--status", "=", "d") == ["done", "deleted"]
    assert bash.replies("task", "list", "--status", "=") == ["open", "done", "deleted", "all"]
    assert bash.replies("start", "") == [str(it["task_id"]) for it in TASKS]
    assert bash.replies("start", "Write\\ ") == ["Write\\ report", "Write\\ mail"]
    assert bash.replies("start", '"Write r') == ["Write report"]
    assert bash.replies("start", "'wr") == ["Write report", "Write mail"]
    # Names are beside the numbers where bash only lists them, and in no other place: menu-complete would insert them.
    assert bash.replies("start", "", comp_type=63)[0] == "3  Write report"
    assert all(it.isdigit() for it in bash.replies("start", "", comp_type=37))


def test_in_bash_nothing_on_the_line_is_obeyed(bash: Bash, inventory: FakeDaemon) -> None:
    assert bash.replies("start", "$(touch pwned)", "") == []
    assert bash.replies("`touch pwned`", "") == []
    assert bash.replies("start", "$(touch pwned)") == ["\\$\\(touch\\ pwned\\)"]
    assert inventory.requests("task.list")


@pytest.mark.parametrize("quote", ["", '"', "'"])
@pytest.mark.parametrize("name", NAMES)
def test_in_bash_a_completed_name_is_that_name(name: str, quote: str, bash: Bash, inventory: FakeDaemon) -> None:
    [number] = [str(it["task_id"]) for it in TASKS if it["name"] == name]
    inventory.results["task.list"] = {"tasks": [it for it in TASKS if it["name"] == name], "more": 0}
    begin = "#1 " if name.startswith("#") else name[:1]
    typed = begin if quote else "".join(it if it.isalpha() else f"\\{it}" for it in begin)
    [reply] = bash.replies("start", f"{quote}{typed}")
    # As readline closes a quote: not behind one.
    [meant] = bash.meant(f"{quote}{reply}{'' if reply.endswith(quote) else quote}")
    assert meant in (name, number)
    assert meant == name or quote


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(texts, min_size=1, max_size=50))
def test_bash_reads_every_escaped_name_as_it_is(bash: Bash, names: list[str]) -> None:
    """All at once, since a bash takes its time: whatever is offered is the name, by itself and within each quote."""
    for quote in ("", '"', "'"):
        offered: list[tuple[str, str]] = [
            (name, escaped)
            for name in names
            if (escaped := complete._escape(name, quote)) and not (quote == "" and set(name) & set("\n"))
        ]
        line = " ".join(f"{quote}{escaped}{quote}" for _, escaped in offered)
        assert bash.meant(line) == [name for name, _ in offered] or not offered


@given(texts, st.sampled_from(["", '"', "'"]))
def test_to_unquote_is_to_take_the_escapes_back(name: str, quote: str) -> None:
    escaped = complete._escape(name, quote)
    if escaped:
        assert complete._unquote(f"{quote}{escaped}") == (name, quote)


@given(st.lists(st.text(), max_size=6), st.sampled_from(["bash", "zsh", "fish"]))
def test_whatever_is_typed_nothing_fails(words: list[str], shell: str) -> None:
    def nobody(*_: Any) -> Any:
        return {"tasks": TASKS, "more": 3, "categories": CATEGORIES, "intervals": []}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(complete, "_ask", nobody)
        assert all("\n" not in line for line in complete.lines(shell, "9", words))


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_take_their_scripts(shell: str, run: Run) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed")
    script = run("completion", shell).out
    options = ["-f", "-c", f"autoload -U compinit; compinit -D; {script}"] if shell == "zsh" else ["-N", "-c", script]
    done = subprocess.run([found, *options], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
