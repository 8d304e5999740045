"""`pomo config`: what it shows, what it refuses, and that it changes nothing but what it is told to."""

import json
import os
from collections.abc import Callable

import pytest

from pomo_daemon.protocol.settings import SETTINGS
from tests.unit.cli.conftest import Ran, write_config

Run = Callable[..., Ran]

FILE = """\
# my settings
[timer]
focus = "50m"   # long ones
goal = 8

# silence
[notify]
enabled = false
"""


def read(path: str) -> str:
    with open(path, encoding="utf-8") as opened:
        return opened.read()


def test_a_changed_value_leaves_comments_and_all_else_as_they_are(run: Run) -> None:
    path = write_config(FILE)
    assert run("config", "set", "timer.focus", "45m") == (0, "timer.focus is 45m now, it was 50m.\n", "")
    assert read(path) == FILE.replace('"50m"', '"45m"')


@pytest.mark.parametrize(
    ("key", "given", "written"),
    [
        ("timer.focus", "1h30m", 'focus = "1h30m"'),
        ("timer.goal", "0", "goal = 0"),
        ("notify.sound", "true", "sound = true"),
        ("timer.auto_start", "breaks", 'auto_start = "breaks"'),
        ("timer.day_start", "4:00", 'day_start = "04:00"'),
        ("timer.zone", "Europe/Berlin", 'zone = "Europe/Berlin"'),
        ("timer.zone", "", 'zone = ""'),
    ],
)
def test_each_kind_of_value_is_written_in_its_form(key: str, given: str, written: str, run: Run) -> None:
    path = write_config("")
    assert run("config", "set", key, given).code == 0
    assert read(path).splitlines() == [f"[{key.partition('.')[0]}]", written]
    assert run("config", "check").code == 0


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda it: it.key)
def test_every_default_may_be_set_and_is_then_still_the_default(setting: object, run: Run) -> None:
    setting = SETTINGS[setting.key]  # type: ignore[attr-defined]
    shown = run("config", "get", setting.key).out.rstrip("\n")
    assert run("config", "set", setting.key, shown).code == 0
    rows = {row["key"]: row for row in json.loads(run("config", "show", "--json").out)}
    assert rows[setting.key]["is_default"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("timer.focus", "0"),
        ("timer.focus", "soon"),
        ("timer.goal", "-5"),
        ("timer.goal", "x"),
        ("notify.sound", "yes"),
        ("timer.auto_start", "all of them"),
        ("timer.zone", "Foo/Bar"),
        ("timer.nonsense", "1"),
    ],
)
def test_a_value_that_is_not_valid_changes_nothing(key: str, value: str, run: Run) -> None:
    path = write_config(FILE)
    ran = run("config", "set", key, value)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 2)
    assert read(path) == FILE


def test_a_key_that_is_nearly_right_is_named(run: Run) -> None:
    assert run("config", "get", "timer.fokus").err.endswith("Did you mean timer.focus?\n")
    assert run("config", "get", "goal").err.endswith("Did you mean timer.goal?\n")


def test_unset_gives_the_default_back(run: Run) -> None:
    path = write_config(FILE)
    assert run("config", "unset", "timer.goal") == (0, "timer.goal has its default, 0.\n", "")
    assert "goal" not in read(path)
    assert "# silence" in read(path)
    assert run("config", "unset", "timer.goal").code == 0
    assert run("config", "unset", "log.level").code == 0


def test_unset_without_a_file_makes_none(run: Run) -> None:
    assert run("config", "unset", "timer.goal").code == 0
    assert not os.path.exists(os.environ["POMO_CONFIG"])


def test_a_new_file_is_for_the_user_alone_and_an_old_one_keeps_its_mode(run: Run) -> None:
    path = os.environ["POMO_CONFIG"]
    run("config", "set", "timer.goal", "3")
    assert os.stat(path).st_mode & 0o777 == 0o600
    os.chmod(path, 0o640)
    run("config", "set", "timer.goal", "4")
    assert os.stat(path).st_mode & 0o777 == 0o640
    assert os.listdir(os.path.dirname(path)) == ["config.toml"]


def test_a_link_stays_one(place: str, run: Run) -> None:
    path = write_config("")
    os.unlink(path)
    os.mkdir(f"{place}/dotfiles")
    os.symlink(f"{place}/dotfiles/pomo.toml", path)
    run("config", "set", "timer.goal", "3")
    assert os.path.islink(path)
    assert read(f"{place}/dotfiles/pomo.toml") == "[timer]\ngoal = 3\n"


def test_a_write_that_fails_leaves_the_file_and_no_rest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_config(FILE)

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    ran = run("config", "set", "timer.goal", "3")
    assert (ran.code, "No space left" in ran.err) == (2, True)
    assert read(path) == FILE
    assert os.listdir(os.path.dirname(path)) == ["config.toml"]


@pytest.mark.parametrize("broken", ["[timer", "timer = 3\n", "\0", "timer.goal = 1\n[timer]\nfocus = '1m'\n"])
def test_a_file_that_is_no_configuration_is_not_touched(broken: str, run: Run) -> None:
    path = write_config(broken)
    ran = run("config", "set", "timer.goal", "3")
    assert (ran.code, ran.out) == (2, "")
    assert read(path) == broken


def test_a_file_that_is_not_text_is_not_touched(run: Run) -> None:
    path = write_config("")
    with open(path, "wb") as opened:
        opened.write(b"\xff\xfe")
    for arguments in (("set", "timer.goal", "3"), ("show",), ("check",)):
        assert run("config", *arguments).code == 2


def test_dotted_keys_are_changed_where_they_stand(run: Run) -> None:
    path = write_config("timer.goal = 1 # one\n")
    run("config", "set", "timer.goal", "2")
    assert read(path) == "timer.goal = 2 # one\n"


def test_show_lists_every_setting_and_marks_defaults(run: Run) -> None:
    write_config(FILE)
    lines = dict(line.split(" = ", 1) for line in run("config", "show").out.splitlines())
    assert lines.keys() == SETTINGS.keys()
    assert lines["timer.focus"].split() == ['"50m"', "#", "default", '"25m"']
    assert lines["timer.long_break"].split() == ['"15m"', "#", "default"]
    rows = json.loads(run("config", "show", "--json").out)
    assert rows[0] == {
        "key": "timer.focus",
        "value": "50m",
        "default": "25m",
        "meaning": SETTINGS["timer.focus"].meaning,
        "is_default": False,
    }


def test_show_with_a_broken_file_shows_what_counts_and_says_so(run: Run) -> None:
    write_config('[timer]\nfocus = "soon"\ngoal = 3\n')
    ran = run("config", "show")
    assert ran.code == 2
    assert "timer.goal = 3 " in ran.out
    assert "timer.focus" in ran.err


def test_check_tells_every_problem(run: Run) -> None:
    write_config('[timer]\nfocus = "soon"\n[nonsense]\nx = 1\n')
    ran = run("config", "check")
    assert ran.code == 2
    assert [line.split(":")[1].strip() for line in ran.err.splitlines()[:2]] == ["timer.focus", "nonsense.x"]
    problem = json.loads(run("config", "check", "--json").err)["error"]
    assert problem["code"] == "config.invalid"
    assert "timer.focus" in problem["message"]
    assert "nonsense.x" in problem["message"]


def test_path_and_get_answer_bare_values(run: Run) -> None:
    path = write_config(FILE)
    assert run("config", "path").out == f"{path}\n"
    assert run("config", "get", "notify.enabled").out == "false\n"
    assert run("config", "get", "timer.goal", "--json").out == "8\n"
    assert run("config", "get", "timer.focus", "--json").out == '"50m"\n'


def test_the_settings_that_need_a_restart_say_so(run: Run, daemon: object) -> None:  # noqa: ARG001
    assert "pomo daemon restart" in run("config", "set", "log.level", "debug").out
    assert "restart" not in run("config", "set", "timer.goal", "3").out


PROFILES = """\
timer.focus = "30m"

# the office
[profiles.work]
login = "peer"   # as at home

[log]
level = "info"
"""


def test_with_a_profile_its_own_settings_are_written_and_shown(run: Run) -> None:
    path = write_config(PROFILES)
    assert run("config", "set", "timer.focus", "50m", "-p", "work").out == "timer.focus is 50m now, it was 30m.\n"
    assert read(path) == PROFILES.replace("home\n", 'home\n\n[profiles.work.timer]\nfocus = "50m"\n').replace(
        "\n\n[log", "\n[log"
    )
    assert run("config", "get", "timer.focus", "-p", "work").out == "50m\n"
    assert run("config", "get", "timer.focus").out == "30m\n"
    rows = {row["key"]: row["value"] for row in json.loads(run("config", "show", "-p", "work", "--json").out)}
    assert rows["timer.focus"] == "50m"
    assert run("config", "unset", "timer.focus", "-p", "work").out == "timer.focus is that of all profiles, 30m.\n"
    assert run("config", "get", "timer.focus", "-p", "work").out == "30m\n"
    assert run("config", "check").code == 0


def test_the_profile_in_use_is_that_of_the_file(run: Run) -> None:
    write_config('profile = "work"\ntimer.focus = "30m"\n[profiles.work]\ntimer.focus = "50m"\n')
    assert run("config", "get", "timer.focus").out == "50m\n"
    ran = run("config", "set", "timer.focus", "35m")
    assert (
        ran.out
        == "timer.focus is 35m now, it was 30m.\nThe profile in use has its own, 50m: change it with '--profile'.\n"
    )


def test_the_profile_in_use_is_a_setting_too(run: Run) -> None:
    path = write_config(PROFILES)
    assert run("config", "set", "profile", "work").out == "profile is work now, it was default.\n"
    assert read(path) == f'profile = "work"\n\n{PROFILES}'
    assert run("config", "get", "profile").out == "work\n"
    assert run("config", "set", "profile", "elsewhere").code == 3
    assert run("config", "set", "profile", "A B").code == 2
    assert run("config", "unset", "profile").code == 0
    assert read(path).lstrip() == PROFILES


@pytest.mark.parametrize("key", ["log.level", "daemon.idle_timeout", "profile"])
def test_what_is_the_same_for_all_profiles_is_not_written_into_one(key: str, run: Run) -> None:
    path = write_config(PROFILES)
    value = {"log.level": "debug", "profile": "work"}.get(key, "5m")
    assert run("config", "set", key, value, "-p", "work").code == 2
    assert run("config", "set", "timer.goal", "3", "-p", "elsewhere").code == 3
    assert read(path) == PROFILES


def test_a_file_in_a_form_that_cannot_be_changed_is_not_touched(run: Run) -> None:
    path = write_config('profiles = {work = {login = "peer"}}\n')
    ran = run("config", "set", "timer.goal", "3", "-p", "work")
    assert (ran.code, "written in a way" in ran.err) == (2, True)
    assert read(path) == 'profiles = {work = {login = "peer"}}\n'
