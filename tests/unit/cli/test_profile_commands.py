"""`pomo profile`: what it writes into the configuration, what it shows and hides, and what it refuses to delete."""

import io
import json
import os
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pomo_cli import prompt
from pomo_cli.tokens import TokenFile, Tokens
from pomo_daemon.protocol.profiles import check_name
from tests.unit.cli.conftest import Ran, write_config
from tests.unit.cli.fake_daemon import FakeDaemon

Run = Callable[..., Ran]

SECRET = "postgresql+psycopg://ada:s3cret@db/pomo?password=s3cret"
FILE = f"""\
# everything
profile = "work"
timer.goal = 8   # a lot

# the office
[profiles.work]
database_url = "{SECRET}"
redis_url = "redis://:s3cret@cache"
login = "password"
timer.focus = "50m"   # long

# the club
[profiles.club]
tokens = "keyring"

[log]
level = "info"
"""
TOKENS = Tokens("a", "2100-01-01T00:00:00Z", "b", "2100-01-01T00:00:00Z", "3", "ada")


@pytest.fixture
def path() -> str:
    return write_config(FILE)


def read(path: str) -> str:
    with open(path, encoding="utf-8") as opened:
        return opened.read()


def error(ran: Ran) -> tuple[int, str]:
    return ran.code, json.loads(ran.err)["error"]["code"]


@pytest.mark.usefixtures("path")
def test_profiles_are_listed_with_the_one_in_use_marked(run: Run, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = run("profile", "list").out.splitlines()
    assert [line.split() for line in lines] == [
        ["default", f"{place}/data/pomo.db", "peer"],
        ["*", "work", "postgresql+psycopg://ada@db/pomo", "password"],
        ["club", f"{place}/data/club.db", "peer"],
    ]
    rows = json.loads(run("profile", "list", "--json").out)
    assert [(it["name"], it["in_use"], it["login"]) for it in rows] == [
        ("default", False, "peer"),
        ("work", True, "password"),
        ("club", False, "peer"),
    ]
    monkeypatch.setenv("POMO_PROFILE", "club")
    rows = json.loads(run("profile", "list", "--json").out)
    assert [it["name"] for it in rows if it["in_use"]] == ["club"]


@pytest.mark.usefixtures("path")
def test_a_profile_is_shown_without_any_password(run: Run) -> None:
    ran = run("profile", "show")
    assert ran.out.splitlines() == [
        "work (in use)",
        "  database: postgresql+psycopg://ada@db/pomo",
        "  redis: redis://@cache",
        "  login: password",
        "  tokens: file",
        "  timer.focus = 50m",
    ]
    for arguments in (("show", "work"), ("show", "work", "--json"), ("list",), ("list", "--json")):
        assert "s3cret" not in run("profile", *arguments).out
    assert json.loads(run("profile", "show", "club", "--json").out)["settings"] == {}


@pytest.mark.usefixtures("path")
def test_the_database_of_a_profile_without_one_is_a_file(run: Run, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(run("profile", "show", "club", "--json").out)["database"] == f"{place}/data/club.db"
    assert json.loads(run("profile", "show", "default", "--json").out)["database"] == f"{place}/data/pomo.db"
    monkeypatch.setenv("POMO_DATABASE_URL", SECRET)
    shown = json.loads(run("profile", "show", "default", "--json").out)["database"]
    assert shown == "postgresql+psycopg://ada@db/pomo"


@pytest.mark.parametrize("arguments", [("show", "x"), ("use", "x"), ("edit", "x", "--login", "peer"), ("delete", "x")])
def test_a_profile_that_is_not_there_is_not_found(arguments: tuple[str, ...], run: Run, path: str) -> None:
    assert error(run("profile", *arguments, "--json")) == (3, "profile.not_found")
    assert read(path) == FILE


def test_a_profile_is_made_and_all_else_stays_as_it_is(run: Run, path: str) -> None:
    ran = run("profile", "create", "home", "--database-url", SECRET, "--login", "password", "--tokens", "keyring")
    assert (ran.code, "s3cret" in ran.out, "pomo profile use home" in ran.out) == (0, False, True)
    text = read(path)
    assert [it for it in FILE.splitlines() if it not in text.splitlines()] == []
    assert tomllib.loads(text)["profiles"]["home"] == {"database_url": SECRET, "login": "password", "tokens": "keyring"}
    assert run("config", "check").code == 0


def test_a_first_profile_needs_no_file(run: Run) -> None:
    assert run("profile", "create", "work").code == 0
    assert read(os.environ["POMO_CONFIG"]) == "[profiles.work]\n"
    assert run("profile", "show", "work").code == 0


@pytest.mark.parametrize("name", ["work", "default"])
def test_a_profile_is_not_made_twice(name: str, run: Run, path: str) -> None:
    assert error(run("profile", "create", name, "--json")) == (4, "profile.exists")
    assert read(path) == FILE


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "A b"),
        ("create", ""),
        ("create", "../x"),
        ("create", "pomo"),
        ("create", "x", "--login", "root"),
        ("create", "x", "--tokens", "paper"),
        ("create", "x", "--database-url", "mysql://x"),
        ("edit", "work", "--redis-url", "x"),
        ("edit", "work"),
        ("delete", "club"),
    ],
)
def test_what_is_not_valid_changes_nothing(arguments: tuple[str, ...], run: Run, path: str) -> None:
    ran = run("profile", *arguments)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 2)
    assert read(path) == FILE


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(name=st.from_regex(r"[a-z0-9_.\-A-Z/ ]{1,34}", fullmatch=True) | st.text(max_size=10))
def test_a_name_is_made_and_deleted_again_or_refused(name: str, run: Run) -> None:
    path = write_config(FILE)
    ran = run("profile", "create", "--", name)
    try:
        valid = check_name(name) not in ("default", "work", "club", "pomo")
    except ValueError:
        valid = False
    assert (ran.code == 0) is valid
    if valid:
        assert run("profile", "show", "--", name).code == 0
        assert run("profile", "delete", "--yes", "--", name).code == 0
    assert tomllib.loads(read(path)) == tomllib.loads(FILE)


def test_another_profile_is_used_from_then_on(run: Run, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("profile", "use", "club") == (0, "The profile in use is 'club' now.\n", "")
    assert read(path) == FILE.replace('profile = "work"', 'profile = "club"')
    monkeypatch.setenv("POMO_PROFILE", "work")
    assert "POMO_PROFILE names another" in run("profile", "use", "default").out


def test_a_profile_is_changed_where_it_stands(run: Run, path: str) -> None:
    ran = run("profile", "edit", "work", "--login", "peer", "--redis-url", "")
    assert ran == (0, "Profile 'work' changed.\n", "")
    assert read(path) == FILE.replace('"password"', '"peer"').replace('redis_url = "redis://:s3cret@cache"\n', "")
    ran = run("profile", "edit", "work", "--database-url", "")
    assert ran.out == "Profile 'work' changed. What is in postgresql+psycopg://ada@db/pomo stays there.\n"
    assert run("profile", "edit", "default", "--login", "password").code == 0
    assert json.loads(run("profile", "show", "default", "--json").out)["login"] == "password"
    assert run("config", "check").code == 0


@pytest.mark.parametrize("name", ["default", "work"])
def test_the_default_profile_and_the_one_in_use_are_not_deleted(name: str, run: Run, path: str) -> None:
    assert error(run("profile", "delete", name, "--yes", "--json")) == (4, "profile.in_use")
    assert error(run("profile", "delete", "club", "--yes", "--json", "-p", "club")) == (4, "profile.in_use")
    assert read(path) == FILE


def test_a_deleted_profile_leaves_its_database_and_takes_its_tokens(run: Run, path: str, place: str) -> None:
    os.makedirs(f"{place}/data")
    with open(f"{place}/data/club.db", "wb") as database:
        database.write(b"data")
    for name in ("club", "work"):
        TokenFile(name).store(TOKENS)
    ran = run("profile", "delete", "club", "--yes")
    assert ran == (0, f"Profile 'club' deleted. Its database is left alone: {place}/data/club.db.\n", "")
    assert "club" not in tomllib.loads(read(path))["profiles"]
    assert (TokenFile("club").exists(), TokenFile("work").exists()) == (False, True)
    assert os.listdir(f"{place}/data") == ["club.db"]


@pytest.mark.parametrize(
    ("typed", "gone"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_who_deletes_is_asked_on_a_terminal(
    typed: str,
    gone: bool,  # noqa: FBT001
    run: Run,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prompt, "can_ask", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    ran = run("profile", "delete", "club")
    assert (ran.code, "is left alone" in ran.err) == (0, True)
    assert ("club" not in tomllib.loads(read(path))["profiles"]) is gone
    assert (read(path) == FILE) is not gone


@pytest.mark.parametrize("broken", ["no toml", "profiles = 3\n", '[profiles.work]\nlogin = "maybe"\n'])
def test_a_configuration_that_is_not_valid_is_not_touched(broken: str, run: Run) -> None:
    path = write_config(broken)
    for arguments in (("use", "work"), ("edit", "work", "--tokens", "file"), ("create", "work")):
        assert run("profile", *arguments).code in (2, 3, 4)
    assert run("config", "set", "timer.goal", "3", "-p", "work").code in (2, 3)
    assert read(path) == broken


def test_no_profile_command_needs_a_daemon(run: Run, path: str, no_start: list[str]) -> None:  # noqa: ARG001
    for arguments in (("list",), ("show",), ("use", "club"), ("create", "x"), ("delete", "x", "--yes")):
        assert run("profile", *arguments).code == 0
    assert no_start == []


def test_days_and_settings_are_those_of_the_profile(run: Run, daemon: FakeDaemon) -> None:
    write_config('timer.zone = "UTC"\n[profiles.work]\ntimer.zone = "Asia/Tokyo"\n')

    def begin(*arguments: str) -> Any:
        run("log", "--from", "2026-11-24", *arguments)
        return daemon.requests("history.list")[-1]["from"]

    assert begin() == "2026-11-24T00:00:00+00:00"
    assert begin("-p", "work") == "2026-11-23T15:00:00+00:00"
