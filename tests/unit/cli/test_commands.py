"""Command lines: what goes over the wire, what is shown, and the exit codes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pomo_cli import app, clock, output
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.methods import VERBS
from tests.unit.cli.conftest import Ran, write_config
from tests.unit.cli.fake_daemon import TIMER_RESULT, FakeDaemon, text

Run = Callable[..., Ran]

START: dict[str, Any] = {
    "duration_s": None,
    "at": None,
    "task": None,
    "create": True,
    "flow": False,
    "replace": False,
}


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    moment = datetime(2026, 11, 24, 12, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


def sent(daemon: FakeDaemon, method: str) -> dict[str, Any]:
    (params,) = daemon.requests(method)
    return {name: value for name, value in params.items() if name != "request_id"}


@pytest.mark.parametrize(
    ("arguments", "changes"),
    [
        (("--replace",), {"replace": True}),
        (("--no-create", "x"), {"task": "x", "create": False}),
        (("a\u200db",), {"task": "a\u200db"}),
        (("#12", "--duration", "1h30m"), {"task": "#12", "duration_s": 5400}),
        (("--duration=25",), {"duration_s": 1500}),
        (("--duration", "0"), {"duration_s": 0}),
        (("--flow", "--", "-x"), {"task": "-x", "flow": True}),
        (("--ago", "5m"), {"at": "2026-11-24T11:55:00+00:00"}),
        (("--at", "12:30"), {"at": "2026-11-24T11:30:00+00:00"}),
        (("--at", "14:00"), {"at": "2026-11-23T13:00:00+00:00"}),
        (("--at", "10m ago"), {"at": "2026-11-24T11:50:00+00:00"}),
    ],
)
def test_start_says_what_was_asked_for(
    arguments: tuple[str, ...], changes: dict[str, Any], daemon: FakeDaemon, run: Run
) -> None:
    assert run("start", *arguments) == (0, "Focus started: Write report, 25m (1/4).\n", "")
    assert sent(daemon, "timer.start") == START | changes


def test_clock_times_are_meant_in_the_zone_of_the_settings(daemon: FakeDaemon, run: Run) -> None:
    write_config('[timer]\nzone = "America/New_York"\n')
    run("start", "--at", "06:30")
    assert sent(daemon, "timer.start")["at"] == "2026-11-24T11:30:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "params"),
    [
        (("start", "--break"), {"duration_s": None, "at": None, "long": False}),
        (
            ("start", "--long-break", "--ago", "1m"),
            {"duration_s": None, "at": "2026-11-24T11:59:00+00:00", "long": True},
        ),
        (("break", "--long"), {"duration_s": None, "long": True}),
        (("break", "--duration", "90s"), {"duration_s": 90, "long": False}),
    ],
)
def test_a_break_says_what_was_asked_for(
    arguments: tuple[str, ...], params: dict[str, Any], daemon: FakeDaemon, run: Run
) -> None:
    assert run(*arguments).code == 0
    assert sent(daemon, "timer.break") == params


@pytest.mark.parametrize(
    ("arguments", "seconds"),
    [(("5m",), 300), (("-5m",), -300), (("-1h30m", "-q"), -5400), (("--", "-90s"), -90), (("+5",), 300)],
)
def test_extend_takes_either_sign(arguments: tuple[str, ...], seconds: int, daemon: FakeDaemon, run: Run) -> None:
    assert run("extend", *arguments).code == 0
    assert sent(daemon, "timer.extend") == {"by_s": seconds}


@pytest.mark.parametrize("verb", ["pause", "resume", "toggle", "stop", "finish", "cancel", "skip", "repeat"])
def test_verbs_with_an_option_go_the_long_way(verb: str, daemon: FakeDaemon, run: Run) -> None:
    assert run(verb, "-q") == (0, "", "")
    assert len(daemon.requests(f"timer.{verb}")) == 1


def test_every_verb_of_the_timer_has_a_command() -> None:
    assert {*VERBS, "extend", "status"} <= app.COMMANDS.keys()


@pytest.mark.parametrize(
    "arguments",
    [
        ("start", "a", "b"),
        ("start", "--duration", "soon"),
        ("start", "--at", "soon"),
        ("start", "--at", "25:00"),
        ("start", "--at", "12:00", "--ago", "5m"),
        ("start", "--flow", "--duration", "5m"),
        ("start", "--break", "x"),
        ("start", "--break", "--replace"),
        ("start", "bad\udcff"),
        ("start", "--nonsense"),
        ("start", "--duration"),
        ("extend",),
        ("extend", "soon"),
        ("extend", "5m", "6m"),
        ("pause", "now"),
        ("nonsense",),
        ("--nonsense",),
        ("status", "-o", "nonsense"),
        ("status", "--check", "nonsense"),
        ("status", "-f", "a\nb"),
        ("status", "-o", "json", "-f", "x"),
        ("log", "--from", "soon"),
        ("log", "--from", "today", "--to", "yesterday"),
        ("daemon",),
        ("config", "set", "timer.focus"),
        ("daemon", "logs", "-n", "0"),
    ],
)
def test_wrong_usage_is_two_lines_and_exit_2(arguments: tuple[str, ...], daemon: FakeDaemon, run: Run) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    what, hint = ran.err.splitlines()
    assert what.startswith("pomo: ")
    assert what.endswith(".")
    assert hint.startswith("      ")
    assert hint.strip()
    in_json = run("--json", *arguments)
    assert in_json.code == 2
    assert json.loads(in_json.err)["error"]["code"] == "validation"
    assert daemon.requests("timer.start") == []


def test_a_name_of_several_words_is_told_to_be_quoted(run: Run) -> None:
    assert run("start", "Write", "report").err.endswith("Quote it: pomo start 'Write report'\n")


def test_a_command_that_is_nearly_right_is_named(run: Run) -> None:
    assert "'start'" in run("strat").err


@pytest.mark.parametrize(
    "arguments", [("--json", "pause"), ("pause", "--json"), ("-q", "--json", "pause", "--no-color")]
)
def test_global_options_stand_before_and_after_the_command(
    arguments: tuple[str, ...], daemon: FakeDaemon, run: Run
) -> None:
    ran = run(*arguments)
    assert ran.code == 0
    assert ran.out == ("" if "-q" in arguments else json.dumps(TIMER_RESULT) + "\n")
    assert len(daemon.lines) == 2


def test_what_looks_like_a_global_option_may_be_a_value_or_a_name(daemon: FakeDaemon, run: Run) -> None:
    run("start", "--", "--json")
    assert sent(daemon, "timer.start")["task"] == "--json"
    run("status", "--no-autostart", "-f", "--json")
    assert daemon.lines[-1] == b"status - - template --json\n"


def test_the_profile_is_taken_from_the_option_then_the_environment(
    daemon: FakeDaemon, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POMO_PROFILE", "work")
    run("pause", "-q")
    run("-p", "home", "pause")
    run("pause", "--profile=club")
    assert [it["profile"] for it in daemon.requests("hello")] == ["work", "home", "club"]


def test_an_error_is_two_lines_or_json(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["timer.pause"] = PomoError("timer.idle", "Nothing is running.", "Begin.")
    assert run("pause", "--no-color") == (4, "", "pomo: Nothing is running.\n      Begin.\n")
    ran = run("pause", "--json")
    assert json.loads(ran.err) == {"error": {"code": "timer.idle", "message": "Nothing is running.", "hint": "Begin."}}
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)


def test_a_value_that_the_daemon_refuses_points_to_the_help_of_the_command(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["timer.start"] = PomoError("validation", "duration: too short.")
    assert run("start", "--duration", "0").err.endswith("See 'pomo start --help'.\n")


def test_nothing_that_a_terminal_obeys_comes_out_of_an_error(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["timer.pause"] = PomoError("internal", "a\x1b[31m\n[/x]\u202e\x9b", "b\x07\x7f")
    assert run("pause", "-q").err == "pomo: a�[31m [/x]��\n      b��\n"
    assert run("pause", "--json").err.isascii()


def test_lines_of_a_result_are_cleaned_each(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["timer.pause"] = TIMER_RESULT | {"message": "one\x1b]0;x\x07\ntwo"}
    assert run("pause", "--no-color").out == "one�]0;x�\ntwo\n"


def test_bare_pomo_with_options_is_the_status(daemon: FakeDaemon, run: Run) -> None:
    daemon.texts = lambda line: text(0, '{"state": "idle"}') if b" json" in line else text(0, "idle")
    assert run("--no-color").out == "idle\n"
    assert run("--json").out == '{"state": "idle"}\n'
    assert run("--quiet").out == ""


def test_a_status_that_fails_in_json_has_a_code(daemon: FakeDaemon, run: Run) -> None:
    daemon.texts = lambda _line: text(3, "pomo: There is no such profile.")
    daemon.results["timer.status"] = PomoError("profile.not_found")
    ran = run("status", "--json")
    assert (ran.code, ran.out, json.loads(ran.err)["error"]["code"]) == (3, "", "profile.not_found")


def test_json_and_another_output_do_not_go_together(run: Run) -> None:
    assert run("status", "--json", "-o", "plain").code == 2


def test_a_profile_that_no_line_can_hold_does_not_exist(run: Run, daemon: FakeDaemon) -> None:
    assert run("-p", "a b", "status").code == 3
    assert daemon.lines == []


def test_without_a_daemon_and_autostart_the_exit_code_is_6(run: Run, no_start: list[str]) -> None:
    for arguments in (("--no-autostart",), ("log", "--no-autostart"), ("daemon", "status")):
        assert run(*arguments).code == 6
    assert no_start == []


def test_the_version_is_shown(run: Run) -> None:
    assert run("--version") == (0, "pomo 0.1.0\n", "")


@pytest.mark.parametrize("name", app.COMMANDS)
def test_the_summary_in_the_table_is_what_the_help_says(name: str, run: Run) -> None:
    ran = run(name, "--help")
    assert ran.code == 0
    assert f"\n\n  {app.COMMANDS[name].summary}\n" in ran.out
    assert "Global options:" in ran.out


def test_something_unexpected_is_one_line_and_its_details_are_kept(
    daemon: FakeDaemon, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_value: object) -> None:
        secret = "password"  # noqa: F841
        raise RuntimeError("boom [/x] \x1b[31m")

    monkeypatch.setattr(output, "show_json", fail)
    ran = run("pause", "--json")
    path = f"{paths.state_dir()}/cli.log"
    error = json.loads(ran.err)["error"]
    assert (ran.code, ran.out, error["code"], error["hint"]) == (1, "", "internal", f"Details are in {path}.")
    assert "boom [/x] �[31m" in error["message"]
    with open(path) as opened:
        log = opened.read()
    assert "RuntimeError: boom" in log
    assert "password" not in log.replace('secret = "password"', "")
    assert len(daemon.requests("timer.pause")) == 1
