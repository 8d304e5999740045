"""The login as the client keeps it: the token goes with every call, and is renewed when due, once for all commands."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pomo_cli import app, hot
from pomo_cli.client import Client
from pomo_cli.tokens import TokenFile
from pomo_daemon.protocol.errors import PomoError
from tests.unit.cli.auth_daemon import FAR_AWAY, LONG_AGO, AuthDaemon, soon
from tests.unit.cli.conftest import Ran, write_config
from tests.unit.cli.fake_daemon import HANG_UP, TIMER_RESULT, text

Run = Callable[..., Ran]


@pytest.fixture
def daemon(no_start: list[str]) -> Iterator[AuthDaemon]:  # noqa: ARG001
    """Give a fake daemon that knows logins."""
    with AuthDaemon() as running:
        yield running


def call(method: str, params: dict[str, Any] | None = None, **how: Any) -> Any:
    """Answer what a client of its own is told."""
    with Client(**how) as client:
        return client.call(method, params)


def ended(work: Callable[[], object]) -> None:
    """Show that the work fails because the login has ended, and that the tokens are gone."""
    with pytest.raises(PomoError, match="The login has ended") as caught:
        work()
    assert (caught.value.code, caught.value.exit) == ("auth.invalid_token", 5)
    assert "pomo auth login" in caught.value.hint
    assert not TokenFile("default").exists()


def test_without_a_login_nothing_is_said_of_one(daemon: AuthDaemon) -> None:
    assert call("timer.pause") == TIMER_RESULT
    assert "token" not in daemon.requests("hello")[0]


def test_the_token_goes_with_hello_and_names_its_profile(daemon: AuthDaemon) -> None:
    tokens = daemon.log_in()
    work = daemon.log_in("work")
    call("timer.pause")
    call("timer.pause", profile="work")
    call("timer.pause", profile="club")
    call("timer.pause", login=False)
    assert daemon.tokens_sent() == [tokens.access_token, work.access_token, None, None]
    assert [it["profile"] for it in daemon.requests("hello")] == ["default", "work", "club", None]


def test_the_profile_of_the_configuration_is_the_one_whose_token_is_taken(daemon: AuthDaemon) -> None:
    write_config('profile = "work"\n[profiles.work]\n')
    daemon.log_in()
    work = daemon.log_in("work")
    call("timer.pause")
    assert (daemon.tokens_sent(), daemon.requests("hello")[0]["profile"]) == ([work.access_token], "work")


@pytest.mark.parametrize("text", ["no toml", 'profile = "nowhere"\n'])
def test_with_a_configuration_that_is_not_valid_the_daemons_profile_counts(text: str, daemon: AuthDaemon) -> None:
    write_config(text)
    tokens = daemon.log_in()
    call("timer.pause")
    assert daemon.tokens_sent() == [tokens.access_token]


@pytest.mark.parametrize(("left", "renewed"), [(-1, True), (9, True), (60, False)])
def test_an_access_token_is_renewed_a_little_before_its_end(left: float, renewed: bool, daemon: AuthDaemon) -> None:  # noqa: FBT001
    tokens = daemon.log_in(expires=soon(left))
    call("timer.pause")
    assert daemon.spent == ([tokens.refresh_token] if renewed else [])
    kept = TokenFile("default").read()
    assert kept is not None
    assert (kept == tokens) is not renewed
    assert daemon.tokens_sent()[-1] == kept.access_token


def test_a_token_that_the_daemon_refuses_is_renewed_and_the_request_sent_again(daemon: AuthDaemon) -> None:
    tokens = daemon.log_in()
    daemon.access.clear()
    assert call("timer.start", {"task": "x"}) == TIMER_RESULT
    assert daemon.spent == [tokens.refresh_token]
    assert daemon.tokens_sent() == [tokens.access_token, None, "access-2"]
    assert len(daemon.requests("timer.start")) == 1


def test_a_login_that_is_refused_in_the_middle_is_renewed_under_the_same_request_id(daemon: AuthDaemon) -> None:
    daemon.log_in()
    with Client() as client:
        client.call("daemon.info")
        data = b'{"code": "auth.invalid_token", "message": "", "hint": ""}'
        daemon.script = [b'{"id": 3, "error": {"code": 1, "data": ' + data + b"}}\n"]
        assert client.call("timer.pause") == TIMER_RESULT
    first, second = daemon.requests("timer.pause")
    assert first == second
    assert daemon.tokens_sent()[-1] == "access-2"


def test_a_request_is_repeated_once_and_no_more(daemon: AuthDaemon) -> None:
    daemon.log_in()
    daemon.results["timer.pause"] = PomoError("auth.invalid_token", "Never.")
    with pytest.raises(PomoError, match="Never"):
        call("timer.pause")
    assert (len(daemon.requests("timer.pause")), len(daemon.spent)) == (2, 1)


def test_a_lost_answer_to_a_refresh_is_asked_for_again(daemon: AuthDaemon) -> None:
    daemon.log_in(expires=LONG_AGO)
    hello = b'{"id": 1, "result": {"version": "0.1.0"}}\n'
    daemon.script = [hello, HANG_UP]
    call("timer.pause")
    first, second = daemon.requests("auth.refresh")
    assert first == second
    assert len(daemon.spent) == 1


@pytest.mark.parametrize("expires", [LONG_AGO, FAR_AWAY])
def test_a_refused_refresh_ends_the_login_here(expires: object, daemon: AuthDaemon) -> None:
    daemon.log_in(expires=expires)  # type: ignore[arg-type]
    daemon.forget()
    ended(lambda: call("timer.pause"))
    assert daemon.requests("timer.pause") == []


def test_a_refresh_that_fails_otherwise_keeps_the_login(daemon: AuthDaemon) -> None:
    tokens = daemon.log_in(expires=LONG_AGO)
    data = b'{"code": "database.unavailable", "message": "", "hint": ""}'
    daemon.script = [b'{"id": 1, "error": {"code": 1, "data": ' + data + b"}}\n"]
    with pytest.raises(PomoError) as caught:
        call("timer.pause")
    assert caught.value.code == "database.unavailable"
    assert TokenFile("default").read() == tokens


def test_who_was_logged_out_meanwhile_does_not_go_on_as_somebody_else(daemon: AuthDaemon) -> None:
    daemon.log_in()
    with Client() as client:
        client.call("daemon.info")
        TokenFile("default").remove()
        daemon.results["timer.pause"] = PomoError("auth.invalid_token", "Ended.")
        ended(lambda: client.call("timer.pause"))
    assert len(daemon.requests("timer.pause")) == 1


def test_a_token_that_another_command_got_meanwhile_is_taken(daemon: AuthDaemon) -> None:
    daemon.log_in()
    with Client() as client:
        client.call("daemon.info")
        newer = daemon.log_in()
        data = b'{"code": "auth.invalid_token", "message": "", "hint": ""}'
        daemon.script = [b'{"id": 3, "error": {"code": 1, "data": ' + data + b"}}\n"]
        client.call("timer.pause")
    assert (daemon.tokens_sent()[-1], daemon.spent) == (newer.access_token, [])


def test_where_the_next_tokens_could_not_be_kept_none_are_spent(
    daemon: AuthDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = daemon.log_in(expires=LONG_AGO)

    def full(_file: object, _text: str) -> None:
        raise PomoError("internal", "No space left.")

    with monkeypatch.context() as patch:
        patch.setattr(TokenFile, "_replace", full)
        with pytest.raises(PomoError, match="No space left"):
            call("timer.pause")
    assert daemon.spent == []
    assert TokenFile("default").read() == tokens


def test_twenty_threads_with_an_expired_token_make_one_refresh(daemon: AuthDaemon) -> None:
    daemon.log_in(expires=LONG_AGO)
    start = threading.Barrier(20)
    found: list[object] = []

    def work() -> None:
        start.wait()
        found.append(call("timer.pause"))

    threads = [threading.Thread(target=work) for _ in range(20)]
    for it in threads:
        it.start()
    for it in threads:
        it.join()
    assert found == [TIMER_RESULT] * 20
    assert len(daemon.spent) == 1


def test_twenty_processes_with_a_refused_token_make_one_refresh_and_lose_nothing(daemon: AuthDaemon) -> None:
    daemon.log_in()
    daemon.access.clear()
    command = [sys.executable, "-m", "pomo_cli", "pause", "--json"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(20)]
    ends = [(it.communicate(timeout=90), it.returncode) for it in running]
    assert {(err, code) for (_, err), code in ends} == {("", 0)}
    assert len(daemon.spent) == 1
    assert len(daemon.requests("timer.pause")) == 20


def test_a_text_line_takes_the_token_and_the_profile_of_the_login(daemon: AuthDaemon) -> None:
    daemon.log_in("work")
    assert Client(profile="work").text(b"status - - plain\n") == (0, b"idle for access-1")
    assert Client().text(b"status - - plain\n") == (0, b"idle for -")
    assert daemon.lines == [b"status work access-1 plain\n", b"status - - plain\n"]


def test_a_text_line_that_is_refused_goes_again_with_a_new_token(daemon: AuthDaemon, run: Run) -> None:
    daemon.log_in()
    daemon.access.clear()
    daemon.by_peer = False
    assert run("status") == (0, "idle for access-2\n", "")
    assert run("start", "Write report").out == "idle for access-2\n"
    asked = [it.split(b" ") for it in daemon.lines if it.startswith(b"do ")]
    assert [it[1:3] + it[4:] for it in asked] == [[b"-", b"access-2", b"start", b"Write", b"report\n"]]


def test_a_line_of_the_hot_path_is_sent_again_under_its_request_id(daemon: AuthDaemon) -> None:
    daemon.log_in()
    daemon.access.clear()
    line = hot.line(["pause"])
    assert line is not None
    assert hot.ask(line) is None
    assert app.send(line) == 0
    ids = {it.split(b" ")[3] for it in daemon.lines if it.startswith(b"do ")}
    assert len(ids) == 1
    assert daemon.lines[-1].split(b" ")[1:3] == [b"default", b"access-2"]


def test_what_a_login_does_not_mend_is_shown_once(daemon: AuthDaemon, run: Run) -> None:
    daemon.by_peer = False
    assert run("status") == (5, "", "pomo: That needs a login.\n")
    daemon.log_in()
    daemon.texts = lambda _line: text(5, "pomo: Never.")
    assert run("status") == (5, "", "pomo: Never.\n")
    daemon.forget()
    assert run("status").err == "pomo: The login has ended.\n      Log in again with 'pomo auth login'.\n"
    assert run("status") == (5, "", "pomo: Never.\n")


def test_tokens_that_others_may_read_are_used_for_nothing(daemon: AuthDaemon, run: Run) -> None:
    import os

    daemon.log_in()
    os.chmod(TokenFile("default").path, 0o644)
    ran = run("log")
    assert (ran.code, ran.out, daemon.lines) == (5, "", [])
    assert "others may use it (mode 644)" in ran.err
