"""`pomo auth`: how a password comes in, what is kept and what is removed, and what is never shown."""

import getpass
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from pomo_cli import prompt
from pomo_cli.tokens import TokenFile
from pomo_daemon.protocol.errors import PomoError
from tests.unit.cli.auth_daemon import FAR_AWAY, LONG_AGO, PASSWORD, AuthDaemon
from tests.unit.cli.conftest import Ran, write_config

Run = Callable[..., Ran]
Type = Callable[..., list[str]]

ACCOUNT = {"user_id": 7, "username": "ada", "email": "ada@example.org"}
PEER = {**ACCOUNT, "login_id": None, "by": "peer", "profile": "default", "access_expires_at": None}
LOGIN = {
    "login_id": 3,
    "device": "pomo on desk\x1b[31m",
    "created_at": "2026-11-24T08:00:00Z",
    "last_used_at": "2026-11-24T09:00:00Z",
    "expires_at": "2026-12-24T09:00:00Z",
    "current": False,
}


@pytest.fixture
def daemon(no_start: list[str]) -> Iterator[AuthDaemon]:  # noqa: ARG001
    """Give a fake daemon that knows logins."""
    with AuthDaemon() as running:
        running.results["auth.register"] = ACCOUNT
        running.results["auth.logout"] = {"login_id": 3}
        running.results["auth.passwd"] = {"revoked": 0}
        yield running


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Give a function that puts bytes into stdin, where no terminal is."""

    def put(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))

    return put


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Type:
    """Give a function that lets somebody at a terminal type passwords; it answers the list of the questions."""

    def sit(*secrets: str, seen: str = "") -> list[str]:
        asked: list[str] = []
        left = iter(secrets)

        def hidden(question: str) -> str:
            asked.append(question)
            return next(left)

        monkeypatch.setattr(prompt, "can_ask", lambda: True)
        monkeypatch.setattr(getpass, "getpass", hidden)
        monkeypatch.setattr("sys.stdin", io.StringIO(seen))
        return asked

    return sit


def kept(profile: str = "default") -> Any:
    return TokenFile(profile).read()


def test_a_password_typed_unseen_logs_in_and_the_tokens_are_kept(daemon: AuthDaemon, run: Run, types: Type) -> None:
    asked = types(PASSWORD)
    ran = run("auth", "login", "--username", "ada")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "Logged in as 'ada' in the profile 'default', until 2100-01-01 01:00 if it is not used.\n"
    assert asked == ["Password of ada: "]
    (sent,) = daemon.requests("auth.login")
    assert sent == {"name": "ada", "password": PASSWORD, "device": f"pomo on {os.uname().nodename}"}
    assert kept() == ("access-1", FAR_AWAY.isoformat(), "refresh_1", FAR_AWAY.isoformat(), "4", "ada")


def test_who_it_is_is_asked_for_too(daemon: AuthDaemon, run: Run, types: Type) -> None:
    types(PASSWORD, seen="ada@example.org\n")
    assert run("auth", "login").code == 0
    assert daemon.requests("auth.login")[0]["name"] == "ada@example.org"


@pytest.mark.parametrize("line", [b"correct horse\n", b"correct horse", b"correct horse\r\n", b"correct horse\nmore\n"])
def test_a_password_comes_by_stdin_as_one_line(
    line: bytes, daemon: AuthDaemon, run: Run, pipe: Callable[[bytes], None]
) -> None:
    pipe(line)
    ran = run("auth", "login", "--username", "ada", "--password-stdin", "--json")
    assert ran.code == 0
    assert json.loads(ran.out) == {
        "login_id": 4,
        "username": "ada",
        "access_expires_at": FAR_AWAY.isoformat(),
        "refresh_expires_at": FAR_AWAY.isoformat(),
    }
    assert daemon.requests("auth.login")[0]["password"] == PASSWORD


@pytest.mark.parametrize("given", [b"", b"\n", b"\xff\n"])
def test_no_password_on_stdin_is_a_usage_error(
    given: bytes, daemon: AuthDaemon, run: Run, pipe: Callable[[bytes], None]
) -> None:
    for command in (("login", "--username", "ada"), ("register", "--username", "ada", "--email", "a@b"), ("passwd",)):
        pipe(given)
        assert run("auth", *command, "--password-stdin").code == 2
    assert daemon.lines == []


@pytest.mark.parametrize(
    "command", [("login",), ("login", "--username", "a"), ("register", "--username", "a", "--email", "b"), ("passwd",)]
)
def test_without_a_terminal_it_is_a_usage_error_and_nothing_hangs(command: tuple[str, ...], daemon: AuthDaemon) -> None:
    # A pipe that stays open: whoever read from it would wait.
    reading, writing = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pomo_cli", "auth", *command],
            stdin=reading,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            start_new_session=True,
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 2)
    assert daemon.lines == []


def test_a_password_is_no_argument_and_no_variable(
    daemon: AuthDaemon, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POMO_PASSWORD", PASSWORD)
    for words in (("--password", PASSWORD), (PASSWORD,), ()):
        assert run("auth", "login", "--username", "ada", *words).code == 2
    assert daemon.lines == []


def test_a_wrong_password_keeps_nothing(daemon: AuthDaemon, run: Run, types: Type) -> None:
    types("wrong")
    ran = run("auth", "login", "--username", "ada")
    assert (ran.code, ran.out, ran.err.splitlines()[0]) == (5, "", "pomo: Name or password is wrong.")
    assert kept() is None
    daemon.results["auth.register"] = PomoError("user.exists")
    types("secret 1", "secret 1")
    assert run("auth", "register", "--username", "ada", "--email", "a@b").code == 4


def test_to_register_is_to_type_a_password_twice_and_to_be_logged_in(daemon: AuthDaemon, run: Run, types: Type) -> None:
    asked = types(PASSWORD, PASSWORD)
    ran = run("auth", "register", "--username", "ada", "--email", "ada@example.org")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "Account 'ada' made.")
    assert ran.out.splitlines()[1].startswith("Logged in as 'ada'")
    assert len(asked) == 2
    assert daemon.requests("auth.register") == [{"username": "ada", "email": "ada@example.org", "password": PASSWORD}]
    assert kept().username == "ada"


def test_two_different_passwords_change_nothing(daemon: AuthDaemon, run: Run, types: Type) -> None:
    types("one", "other")
    assert run("auth", "register", "--username", "ada", "--email", "a@b").code == 2
    types("old", "one", "other")
    assert run("auth", "passwd").code == 2
    assert daemon.lines == []


def test_an_account_that_is_made_but_not_logged_in_is_told_so(daemon: AuthDaemon, run: Run, types: Type) -> None:
    types("another", "another")
    ran = run("auth", "register", "--username", "ada", "--email", "a@b")
    assert (ran.code, "'ada' is made, but not logged in" in ran.err) == (5, True)
    assert len(daemon.requests("auth.register")) == 1


def test_a_login_replaces_the_one_before_which_ends(daemon: AuthDaemon, run: Run, types: Type) -> None:
    daemon.log_in(expires=LONG_AGO)
    types(PASSWORD)
    assert run("auth", "login", "--username", "ada").code == 0
    assert daemon.requests("auth.revoke") == [{"login_id": 3}]
    # With the new login; the tokens of the old one are tried for nothing.
    assert daemon.tokens_sent() == [None, "access-2"]
    assert kept().login_id == "4"


@pytest.mark.parametrize("state", ["damaged", "unsafe"])
def test_a_login_replaces_tokens_in_whatever_state(state: str, daemon: AuthDaemon, run: Run, types: Type) -> None:
    daemon.log_in()
    path = TokenFile("default").path
    if state == "damaged":
        with open(path, "w", encoding="utf-8") as opened:
            opened.write("nonsense")
    else:
        os.chmod(path, 0o644)
    types(PASSWORD)
    assert run("auth", "login", "--username", "ada").code == 0
    assert kept().login_id == "4"


def test_each_profile_has_its_own_login(daemon: AuthDaemon, run: Run, types: Type) -> None:
    write_config('profile = "work"\n[profiles.work]\n[profiles.club]\n')
    for arguments in ((), ("-p", "club")):
        types(PASSWORD)
        assert run("auth", "login", "--username", "ada", *arguments).code == 0
    assert (kept("work").access_token, kept("club").access_token, kept()) == ("access-1", "access-2", None)
    assert [it["profile"] for it in daemon.requests("hello")] == ["work", "club"]


def test_logging_out_ends_the_login_and_removes_the_tokens(daemon: AuthDaemon, run: Run) -> None:
    daemon.log_in()
    assert run("auth", "logout") == (0, "Logged out.\n", "")
    assert (len(daemon.requests("auth.logout")), TokenFile("default").exists()) == (1, False)
    ran = run("auth", "logout")
    assert (ran.code, ran.err.splitlines()[0]) == (5, "pomo: Nobody is logged in here.")


def test_logging_out_removes_the_tokens_of_a_login_that_has_ended(daemon: AuthDaemon, run: Run) -> None:
    daemon.log_in()
    daemon.forget()
    ran = run("auth", "logout")
    assert (ran.code, TokenFile("default").exists()) == (0, False)
    assert ran.out.endswith("The daemon did not take part: The login has ended.\n")


def test_logging_out_removes_the_tokens_though_the_daemon_is_away(daemon: AuthDaemon, run: Run) -> None:
    daemon.log_in()
    daemon.stop()
    ran = run("auth", "logout", "--no-autostart")
    assert (ran.code, TokenFile("default").exists()) == (0, False)
    assert "The daemon did not take part" in ran.out
    daemon.log_in()
    assert json.loads(run("auth", "logout", "--no-autostart", "--json").out) == {"told": False}


def test_logging_out_removes_damaged_tokens(daemon: AuthDaemon, run: Run) -> None:
    daemon.log_in()
    with open(TokenFile("default").path, "wb") as opened:
        opened.write(b"\xff")
    assert (run("auth", "logout").code, TokenFile("default").exists()) == (0, False)


def test_a_login_is_renewed_when_asked(daemon: AuthDaemon, run: Run) -> None:
    assert run("auth", "refresh").code == 5
    daemon.log_in()
    assert run("auth", "refresh") == (0, "The access token is renewed, until 2100-01-01 01:00.\n", "")
    assert (daemon.spent, kept().access_token) == (["refresh_1"], "access-2")
    assert "access-" not in run("auth", "refresh", "--json").out
    daemon.forget()
    assert run("auth", "refresh").err.startswith("pomo: The login has ended.\n")
    assert kept() is None


def test_whoami_says_how_one_is_known(daemon: AuthDaemon, run: Run) -> None:
    daemon.results["auth.whoami"] = PEER
    assert run("auth", "whoami").out == "ada <ada@example.org>\nKnown by the operating system; profile default.\n"
    daemon.log_in()
    mine = {**PEER, "login_id": 3, "by": "password", "access_expires_at": "2026-11-24T09:15:00Z", "email": None}
    daemon.results["auth.whoami"] = mine
    assert run("auth", "whoami").out == "ada\nKnown by login 3, until 2100-01-01 01:00; profile default.\n"
    assert json.loads(run("auth", "whoami", "--json").out) == mine


def test_a_new_password_needs_the_old_one_if_there_is_one(
    daemon: AuthDaemon, run: Run, types: Type, pipe: Callable[[bytes], None]
) -> None:
    types("old", "new", "new")
    assert run("auth", "passwd").out == "The password is changed.\n"
    types("", "first", "first")
    daemon.results["auth.passwd"] = {"revoked": 2}
    assert run("auth", "passwd").out == "The password is changed. 2 other logins have ended.\n"
    for data in (b"old\nnew\n", b"first\n"):
        pipe(data)
        assert run("auth", "passwd", "--password-stdin").code == 0
    said = [(it["old_password"], it["password"]) for it in daemon.requests("auth.passwd")]
    assert said == [("old", "new"), (None, "first")] * 2


def test_logins_are_listed_with_this_one_marked(daemon: AuthDaemon, run: Run) -> None:
    daemon.results["auth.logins"] = [LOGIN, {**LOGIN, "login_id": 12, "device": "pomo on lap", "current": True}]
    assert run("auth", "logins").out.splitlines() == [
        "   3  pomo on desk\N{REPLACEMENT CHARACTER}[31m  last used 2026-11-24 10:00, until 2026-12-24 10:00",
        "* 12  pomo on lap        last used 2026-11-24 10:00, until 2026-12-24 10:00",
    ]
    assert len(json.loads(run("auth", "logins", "--json").out)) == 2
    daemon.results["auth.logins"] = []
    assert run("auth", "logins").out == "There are no logins.\n"


def test_a_login_is_revoked_and_ones_own_tokens_go_with_it(daemon: AuthDaemon, run: Run) -> None:
    daemon.log_in()
    daemon.results["auth.revoke"] = {"login_id": 9}
    assert run("auth", "revoke", "9") == (0, "Login 9 has ended.\n", "")
    assert kept() is not None
    assert run("auth", "revoke", "3").code == 0
    assert kept() is None
    daemon.results["auth.revoke"] = PomoError("login.not_found")
    assert run("auth", "revoke", "9").code == 3
    assert run("auth", "revoke", "x").code == run("auth", "revoke", "0").code == 2


def test_where_the_keyring_is_away_nobody_logs_in_for_nothing(
    daemon: AuthDaemon, run: Run, types: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config('[profiles.default]\ntokens = "keyring"\n')
    monkeypatch.setitem(sys.modules, "keyring", None)
    types(PASSWORD)
    ran = run("auth", "login", "--username", "ada")
    assert (ran.code, "pomo[keyring]" in ran.err) == (5, True)
    assert daemon.requests("auth.login") == []


def test_a_password_is_in_no_traceback_and_no_log(
    daemon: AuthDaemon, run: Run, types: Type, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(TokenFile, "store", fail)
    types(PASSWORD)
    ran = run("auth", "login", "--username", "ada")
    assert (ran.code, len(daemon.requests("auth.login"))) == (1, 1)
    with open(f"{place}/state/cli.log", encoding="utf-8") as log:
        written = log.read()
    assert "unforeseen" in written
    assert PASSWORD not in written + ran.out + ran.err
    assert "access-" not in written + ran.out + ran.err


def test_where_nothing_is_typed_it_is_a_usage_error(
    daemon: AuthDaemon, run: Run, types: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    types()

    def closed(_question: str) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", closed)
    assert run("auth", "login", "--username", "ada").code == 2
    assert daemon.lines == []
