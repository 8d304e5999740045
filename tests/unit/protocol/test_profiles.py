"""Profiles as config.toml has them."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.protocol.paths import without_password
from pomo_daemon.protocol.profiles import DEFAULT, Profile, check_field, check_name, read_profiles, to_show
from pomo_daemon.protocol.settings import read_all


def test_without_a_word_there_is_the_default_profile() -> None:
    assert read_profiles({}) == ({DEFAULT: Profile()}, {DEFAULT: {}}, DEFAULT, [])


def test_a_profile_has_its_urls_and_its_way_to_log_in() -> None:
    text = """
    profile = "work"
    [profiles.work]
    database_url = "postgres://ada@db/pomo"
    redis_url = "redis://cache"
    login = "password"
    tokens = "keyring"
    """
    found, _settings, in_use, problems = read_profiles(tomllib.loads(text))
    assert found["work"] == Profile("work", "postgresql+psycopg://ada@db/pomo", "redis://cache", "password", "keyring")
    assert (in_use, problems, found["work"].by_peer, found[DEFAULT].by_peer) == ("work", [], False, True)


def test_a_setting_of_a_profile_is_stronger_than_the_common_one_and_that_than_the_default() -> None:
    content, problems = read_all('timer.goal = 3\ntimer.focus = "20m"\n[profiles.work]\ntimer.goal = 8\n')
    goals = {name: (values["timer.goal"], values["timer.focus"].seconds) for name, values in content.values.items()}  # type: ignore[union-attr]
    assert (goals, problems) == ({"default": (3, 1200), "work": (8, 1200)}, [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("profile = []", "profile: there is no"),
        ('profile = "x"', "profile: there is no [profiles.x]"),
        ("profiles = 3", "profiles: takes tables"),
        ("profiles = 'default'", "profiles: takes tables"),
        ("[profiles]\ndefault = 3", "profiles.default: takes a table of its own"),
        ("[profiles]\nwork = 3", "profiles.work: takes a table of its own"),
        ("[profiles.Work]", "profiles.Work: profile: 'Work' is no name"),
        ('[profiles.a]\nlogin = "maybe"', "profiles.a: login: takes one of peer, password"),
        ("[profiles.a]\nlogin = 3", "profiles.a: login: takes a text"),
        (
            '[profiles.a]\ndatabase_url = "mysql://x"',
            "profiles.a: database_url: takes a URL that begins with sqlite://",
        ),
        ('[profiles.a]\nredis_url = "redis://"', "profiles.a: redis_url: takes a URL"),
        ('[profiles.a]\ndaemon.idle_timeout = "1m"', "profiles.a.daemon.idle_timeout: is the same for all profiles"),
        ("[profiles.pomo]", "profiles.pomo: database_url: pomo.db is the default profile's"),
        ("[profiles.a]\nnothing = 1", "profiles.a.nothing: there is no such setting"),
    ],
)
def test_what_is_wrong_is_named_and_leaves_the_rest_right(text: str, problem: str) -> None:
    content, problems = read_all(text)
    assert len(problems) == 1
    assert problems[0].startswith(problem)
    assert content.in_use == DEFAULT
    assert content.profiles[DEFAULT] == Profile()


@given(st.text())
def test_a_name_is_safe_in_a_path_and_on_a_line_or_refused(name: str) -> None:
    try:
        taken = check_name(name)
    except ValueError:
        return
    assert taken == name
    assert name.isascii()
    assert not set(name) & set("/. \n\0")


@given(st.sampled_from(["database_url", "redis_url", "login", "tokens"]), st.text())
def test_a_field_is_one_line_or_refused(key: str, value: str) -> None:
    try:
        assert check_field(key, value).isprintable()
    except ValueError as error:
        told = str(error)
        assert told.startswith(f"{key}: ")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:secret@db/pomo", "postgresql://ada@db/pomo"),
        ("postgresql://ada:se@cret@db/pomo", "postgresql://ada@db/pomo"),
        ("redis://:secret@cache", "redis://@cache"),
        ("sqlite:////tmp/x", "sqlite:////tmp/x"),
    ],
)
def test_a_password_in_a_url_is_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:se?cret@db/pomo", "postgresql://ada@db/pomo"),
        (
            "postgresql://db/pomo?user=ada&password=secret&sslmode=require",
            "postgresql://db/pomo?user=ada&sslmode=require",
        ),
        ("postgresql://ada:secret@db/pomo?password=secret", "postgresql://ada@db/pomo"),
        ("sqlite:////tmp/x", "sqlite:////tmp/x"),
        ("", ""),
    ],
)
def test_nor_is_one_behind_the_place(url: str, shown: str) -> None:
    assert to_show(url) == shown
