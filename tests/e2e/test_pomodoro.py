"""The main job: an interval that is started, ends by itself, is shown on the desktop, and stands in the log."""

import time

from tests.e2e.desktop import Desktop
from tests.e2e.user import User, until


def test_an_interval_ends_by_itself_is_shown_and_stands_in_the_log(user: User, desktop: Desktop) -> None:
    user.pomo("start", "Write report", "--duration", "2s")
    started = time.monotonic()
    shown = desktop.wait(1, within=5)
    assert time.monotonic() - started < 5  # 2 s of focus, and 3 s for the rest
    assert shown["summary"] == "Focus completed: Write report"
    assert shown["body"] == "Time for a short break."
    assert {"break": "Start break", "skip": "Skip break", "extend": "5 more minutes"}.items() <= shown[
        "actions"
    ].items()
    [interval] = user.log()
    assert (interval["phase"], interval["status"], interval["task"]) == ("focus", "completed", "Write report")
    assert (interval["planned_s"], interval["elapsed_s"]) == (2, 2)


def test_the_button_starts_the_break(user: User, desktop: Desktop) -> None:
    user.pomo("start", "--duration", "1s")
    desktop.wait(1)
    desktop.press("break")
    until(lambda: user.pomo("status").startswith("short break 0"))
    assert [it["status"] for it in user.log()] == ["completed", "running"]


def test_the_button_gives_five_more_minutes(user: User, desktop: Desktop) -> None:
    user.pomo("start", "Write report", "--duration", "1s")
    desktop.wait(1)
    desktop.press("extend")
    until(lambda: user.pomo("status").startswith("focus 0"))
    [interval] = user.log()
    assert (interval["status"], interval["task"]) == ("running", "Write report")


def test_the_next_notification_replaces_the_one_before(user: User, desktop: Desktop) -> None:
    user.pomo("start", "--duration", "1s")
    first = desktop.wait(1)
    user.pomo("break", "--duration", "1s")
    second = desktop.wait(2)
    assert second["summary"] == "Break completed"
    assert second["closed"] == [first["id"]]


def test_markup_in_a_name_is_shown_as_it_is(user: User, desktop: Desktop) -> None:
    user.pomo("start", "A & B <b>bold</b>", "--duration", "1s")
    assert desktop.wait(1)["summary"] == "Focus completed: A & B <b>bold</b>"


def test_a_bus_that_the_environment_names_is_used(user: User) -> None:
    with Desktop(user.env["HOME"]) as desktop:
        user.env["DBUS_SESSION_BUS_ADDRESS"] = desktop.address
        user.pomo("start", "--duration", "1s")
        desktop.wait(1)


def test_without_a_bus_the_timer_does_not_notice_and_the_log_says_it(user: User) -> None:
    user.pomo("start", "--duration", "1s")
    until(lambda: "short break due" in user.pomo("status"))
    until(lambda: "Notifications are not shown: there is no session bus" in user.daemon_log())
    assert user.json("daemon", "status")["notifications"] == "failing"


def test_a_desktop_that_comes_later_is_shown_what_ends_then(user: User) -> None:
    user.pomo("start", "--duration", "1s")
    until(lambda: "Notifications are not shown" in user.daemon_log())
    with Desktop(user.env["XDG_RUNTIME_DIR"]) as desktop:
        user.pomo("break", "--duration", "1s")
        assert desktop.wait(1)["summary"] == "Break completed"
        until(lambda: user.json("daemon", "status")["notifications"] == "working")
        assert "Notifications are shown again" in user.daemon_log()


def test_a_notification_server_that_hangs_holds_up_nothing(user: User) -> None:
    with Desktop(user.env["XDG_RUNTIME_DIR"], hanging=True):
        user.pomo("start", "--duration", "1s")
        until(lambda: "short break due" in user.pomo("status"))
        for _ in range(10):
            asked = time.monotonic()
            user.pomo("status")
            assert time.monotonic() - asked < 1
        until(lambda: "Notifications are not shown: no answer in time" in user.daemon_log())
