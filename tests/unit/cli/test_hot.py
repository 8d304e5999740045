"""The hot path: what it understands, what it leaves to the full client, and what it imports."""

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_cli import app, hot, output
from pomo_cli.render import glyphs
from pomo_daemon.protocol import framing, paths
from pomo_daemon.protocol.methods import VERBS
from pomo_daemon.server import text as text_line
from tests.unit.cli.conftest import Ran
from tests.unit.cli.fake_daemon import HANG_UP, SILENCE, FakeDaemon, text

Run = Callable[..., Ran]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], b"status - - plain\n"),
        (["status"], b"status - - plain\n"),
        (["status", "-o", "json"], b"status - - json\n"),
        (["status", "--output=plain"], b"status - - plain\n"),
        (["status", "-f", "{task} a b"], b"status - - template {task} a b\n"),
        (["status", "--format={icon} =x"], b"status - - template {icon} =x\n"),
        (["status", "--check", "break"], b"status - - check break\n"),
    ],
)
def test_a_plain_question_becomes_a_line(arguments: list[str], line: bytes) -> None:
    assert hot.line(arguments) == line


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["report"], b"report - - 99 drawn -\n"),
        (["report", "year"], b"report - - 99 drawn year\n"),
        (["report", "year", "--json"], None),
        (["report", "heatmap"], None),
    ],
)
def test_a_plain_report_becomes_a_line(
    arguments: list[str], line: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"COLUMNS": "99", "LANG": "C.UTF-8", "LC_ALL": "", "LC_CTYPE": ""}.items():
        monkeypatch.setenv(name, value)
    assert hot.line(arguments) == line


@pytest.mark.parametrize("columns", ["", "0", "7", "x", "120", "100000"])
@pytest.mark.parametrize("language", ["C", "POSIX", "C.UTF-8", "de_DE.UTF-8", ""])
@pytest.mark.parametrize("name", ["LC_ALL", "LC_CTYPE", "LANG"])
def test_a_report_is_as_wide_and_as_drawn_as_by_the_full_client(
    name: str, language: str, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for it in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.setenv(it, "")
    monkeypatch.setenv(name, language)
    monkeypatch.setenv("COLUMNS", columns)
    assert hot._form() == ("drawn" if glyphs.can_draw() else "plain")
    assert hot._columns() == min(output.columns(), 9999) or columns == "100000"


@pytest.mark.parametrize("verb", VERBS)
def test_a_bare_verb_becomes_a_line_with_a_request_id_of_its_own(verb: str) -> None:
    first, second = hot.line([verb]), hot.line([verb])
    assert first is not None
    words = first.decode().split()
    assert words[:3] + words[4:] == ["do", "-", "-", verb]
    assert len(words[3]) == 16
    assert first != second


def test_a_name_with_spaces_and_other_scripts_goes_as_it_is() -> None:
    line = hot.line(["start", "Bericht  schreiben 日本 🍅"])
    assert line is not None
    assert line.endswith(" start Bericht  schreiben 日本 🍅\n".encode())


@pytest.mark.parametrize(
    "arguments",
    [
        ["log"],
        ["--json"],
        ["-h"],
        [""],
        ["status", "-o", "nonsense"],
        ["status", "-o"],
        ["status", "-ojson"],
        ["status", "-o=json"],
        ["status", "--json"],
        ["status", "-o", "json", "-f", "x"],
        ["status", "--check", "x"],
        ["status", "-f", ""],
        ["status", "-f", "a\nb"],
        ["status", "plain"],
        ["start", "a", "b"],
        ["start", ""],
        ["start", " a"],
        ["start", "a\nb"],
        ["start", "a\x1b[31m"],
        ["start", "a\u202eb"],
        ["start", "a\udcff"],
        ["start", "-x"],
        ["start", "--replace"],
        ["start", "a" * 5000],
        ["pause", "now"],
        ["extend", "5m"],
    ],
)
def test_any_other_form_is_left_to_the_full_client(arguments: list[str]) -> None:
    assert hot.line(arguments) is None


@given(st.lists(st.text(), max_size=4))
def test_no_arguments_make_more_than_one_line(arguments: list[str]) -> None:
    for line in (hot.line(arguments), hot.line(["start", *arguments]), hot.line(["status", "-f", *arguments])):
        assert line is None or (line.count(b"\n") == 1 and line.endswith(b"\n"))


def test_the_profile_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POMO_PROFILE", "work-2")
    assert hot.line([]) == b"status work-2 - plain\n"


@pytest.mark.parametrize("profile", ["a b", "a\nb", "é", "a/b"])
def test_a_strange_profile_is_left_to_the_full_client(profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POMO_PROFILE", profile)
    assert hot.line([]) is None


def test_a_closed_stdout_is_left_to_the_full_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert hot.line([]) is None


def test_another_encoding_is_left_to_the_full_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(encoding="iso8859-1"))
    assert hot.line([]) is None


def test_the_answer_is_copied_with_a_newline(daemon: FakeDaemon, run: Run) -> None:
    assert run() == (0, "focus 12:34 Write report (2/4)\n", "")
    assert daemon.lines == [b"status - - plain\n"]


def test_a_newline_of_the_answer_is_not_doubled(daemon: FakeDaemon, run: Run) -> None:
    daemon.texts = lambda _line: text(0, "a\nb\n")
    assert run().out == "a\nb\n"


def test_an_error_goes_to_stderr_with_its_exit_code(daemon: FakeDaemon, run: Run) -> None:
    daemon.texts = lambda _line: text(4, "pomo: A focus is running.\n      Let it run.")
    assert run("start", "x") == (4, "", "pomo: A focus is running.\n      Let it run.\n")


def test_check_prints_nothing(daemon: FakeDaemon, run: Run) -> None:
    daemon.texts = lambda line: text(0, "") if b"focus" in line else text(1, "")
    assert run("status", "--check", "focus") == (0, "", "")
    assert run("status", "--check", "idle") == (1, "", "")


def test_a_long_answer_in_pieces_is_read_whole(daemon: FakeDaemon, run: Run) -> None:
    daemon.texts = lambda _line: text(0, "é" * 200_000)
    assert run() == (0, "é" * 200_000 + "\n", "")


def test_without_a_lock_there_is_nobody_to_ask() -> None:
    assert hot.ask(b"status - - plain\n") is None


def test_where_nobody_listens_the_full_client_takes_over(daemon: FakeDaemon) -> None:
    daemon.stop()
    assert hot.ask(b"status - - plain\n") is None


@pytest.mark.parametrize("answer", [b"", b"ok 100\nhalf", b"{}\n", b"ok\n", b"error x y\n", b"ok -\n"])
def test_an_answer_that_is_not_whole_is_none(answer: bytes, daemon: FakeDaemon) -> None:
    daemon.script = [answer + HANG_UP]
    assert hot.ask(b"status - - plain\n") is None


def test_a_lost_answer_is_asked_for_again_under_the_same_request_id(daemon: FakeDaemon, run: Run) -> None:
    daemon.script = [HANG_UP]
    daemon.texts = lambda _line: text(0, "Focus paused.")
    assert run("pause") == (0, "Focus paused.\n", "")
    assert len(daemon.lines) == 2
    assert daemon.lines[0] == daemon.lines[1]


def test_silence_is_told_once_and_not_asked_again(
    daemon: FakeDaemon, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot, "ANSWER_SECONDS", 0.05)
    daemon.script = [SILENCE]
    ran = run("toggle")
    assert ran.code == 6
    assert ran.out == ""
    what, hint = ran.err.splitlines()
    assert what == f"pomo: The daemon does not answer within 2 s (pid {os.getpid()})."
    assert hint.startswith("      The command may still be carried out: 'pomo status' shows it. It may be stopped")
    assert len(daemon.lines) == 1
    daemon.script = [SILENCE]
    assert run("status").err.splitlines()[1].startswith("      It may be stopped")


@pytest.mark.parametrize(("uid", "trusted"), [(os.getuid(), True), (0, True), (4242, False)])
def test_only_the_own_user_and_root_are_trusted(uid: int, trusted: bool) -> None:  # noqa: FBT001
    connection = SimpleNamespace(getsockopt=lambda *_: struct.pack("3i", 1, uid, 1))
    assert hot._is_trusted(connection) is trusted  # type: ignore[arg-type]


def test_the_verbs_are_those_of_the_protocol() -> None:
    assert hot.VERBS == VERBS
    assert (hot.ANSWER_SECONDS, hot.REPORT_SECONDS) == (framing.ANSWER_SECONDS, framing.REPORT_SECONDS)
    assert (hot.STATUS_WORD, hot.DO_WORD, hot.REPORT_WORD) == framing.TEXT_WORDS
    assert ("-", *hot.PERIODS) == text_line._PERIODS


@pytest.mark.parametrize("home", ["/home/a", "relative", None])
@pytest.mark.parametrize("base", ["/data", "relative", "", None])
@pytest.mark.parametrize("own", ["/own", "relative", "", None])
def test_the_lock_is_that_of_the_protocol_or_left_to_the_full_client(
    own: str | None, base: str | None, home: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"POMO_DATA_DIR": own, "XDG_DATA_HOME": base, "HOME": home}.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    found = hot._path("POMO_DATA_DIR", "XDG_DATA_HOME", ".local/share", "daemon.lock")
    plain = own.startswith("/") if own else base == "/data" or home == "/home/a"
    assert found == (paths.lock_file() if plain else None)


@pytest.mark.parametrize(
    "written",
    ["", "12\n0.1.0\n", "x\n0.1.0\n/tmp/s\n", "12\n0.1.0\n/tmp/s\n", "12\n0.1.0\n/tmp/s\ndefault\n\nmore\n", "\udcff"],
)
def test_a_lock_of_another_form_is_left_to_the_full_client(written: str) -> None:
    os.makedirs(paths.data_dir(), exist_ok=True)
    with open(paths.lock_file(), "w", encoding="utf-8", errors="surrogateescape") as lock:
        lock.write(written)
    assert hot.ask(b"status - - plain\n") is None


@pytest.mark.parametrize(("profile", "sent"), [(None, b"-"), ("work", b"work")])
def test_the_access_token_of_the_profile_goes_with_the_line(
    profile: str | None, sent: bytes, daemon: FakeDaemon, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    if profile is not None:
        monkeypatch.setenv("POMO_PROFILE", profile)
    os.makedirs(f"{paths.state_dir()}/tokens")
    for name in ("default", "work"):
        with open(f"{paths.state_dir()}/tokens/{name}", "w", encoding="ascii") as file:
            file.write(f"to-ken_{name}\n2026-01-01T00:00:00Z\nother\n")
    daemon.texts = lambda _line: text(0, "idle")
    run()
    assert daemon.lines == [b"status %b to-ken_%b plain\n" % (sent, (profile or "default").encode())]


@pytest.mark.parametrize("content", ["", "a b\n", "\n", "é\n"])
def test_what_is_no_token_does_not_go_with_the_line(content: str, daemon: FakeDaemon, run: Run) -> None:
    os.makedirs(f"{paths.state_dir()}/tokens")
    with open(f"{paths.state_dir()}/tokens/default", "w", encoding="utf-8") as file:
        file.write(content)
    daemon.texts = lambda _line: text(0, "idle")
    assert run().out == "idle\n"
    assert daemon.lines == [b"status - - plain\n"]


def test_where_a_login_is_needed_the_full_client_takes_over(daemon: FakeDaemon) -> None:
    daemon.texts = lambda _line: text(5, "pomo: That needs a login.")
    assert hot.ask(b"status - - plain\n") is None


def _modules_after(code: str, *arguments: str) -> set[str]:
    """Answer what a fresh interpreter imports for a command line, beyond what it starts with."""
    program = (
        "import os, sys; before = set(sys.modules); "
        "os._exit = lambda code: print('MODULES', *sorted(set(sys.modules) - before)); "
        f"sys.argv = ['pomo', *{list(arguments)!r}]; {code}"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.rpartition("MODULES")[2].split())


@pytest.mark.parametrize("arguments", [(), ("status", "-f", "{task}"), ("start", "Write report"), ("report", "year")])
def test_the_hot_path_imports_what_is_allowed_and_nothing_more(arguments: tuple[str, ...], daemon: FakeDaemon) -> None:
    found = _modules_after("from pomo_cli.__main__ import main; main()", *arguments)
    assert found == {"_socket", "pomo_cli", "pomo_cli.__main__", "pomo_cli.hot"}
    assert len(daemon.lines) == 1


@pytest.mark.parametrize("arguments", [("log",), ("extend", "5m"), ("status", "--json"), ("config", "show"), ("-h",)])
def test_the_full_client_in_a_pipe_imports_no_library_of_the_daemon_nor_rich(
    arguments: tuple[str, ...],
    daemon: FakeDaemon,  # noqa: ARG001
) -> None:
    found = _modules_after("from pomo_cli.__main__ import main; main()", *arguments)
    roots = {name.split(".")[0] for name in found}
    assert not roots & {"rich", "asyncio", "msgspec", "sqlalchemy", "alembic", "apscheduler", "tomlkit", "dbus_fast"}
    assert not {name for name in found if name.startswith("pomo_daemon.") and "protocol" not in name}


def test_the_help_lists_all_commands_without_importing_them(run: Run) -> None:
    found = _modules_after("from pomo_cli.__main__ import main; main()", "--help")
    assert {it for it in found if it.startswith("pomo_cli.commands.")} == {
        "pomo_cli.commands.root",
        "pomo_cli.commands.shared",
    }
    shown = run("--help").out
    assert all(f"  {name} " in shown and entry.summary in shown for name, entry in app.COMMANDS.items())
