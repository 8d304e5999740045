"""One daemon for all users of a machine: each has their own, and nobody reaches what is another's."""

import os
import stat
from collections.abc import Iterator

import pytest

from tests.e2e.shared import LocalUser, Machine

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become other users")


@pytest.fixture
def machine() -> Iterator[Machine]:
    with Machine() as made:
        yield made


@pytest.fixture
def ada(machine: Machine) -> LocalUser:
    return machine.user(61001)


@pytest.fixture
def bob(machine: Machine) -> LocalUser:
    return machine.user(61002)


def test_each_user_has_a_timer_of_their_own_without_a_password(ada: LocalUser, bob: LocalUser) -> None:
    assert ada.pomo("start", "Ada's own", "--duration", "40m").startswith("Focus started: Ada's own, 40m")
    assert bob.pomo() == "idle\n"
    assert bob.pomo("start", "Bob's own").startswith("Focus started: Bob's own, 25m")
    assert ada.pomo("status", "-f", "{task}") == "Ada's own\n"
    assert [it["name"] for it in bob.json("task", "list")] == ["Bob's own"]


def test_the_ids_of_another_user_are_not_found(ada: LocalUser, bob: LocalUser) -> None:
    ada.pomo("task", "add", "Secret")
    interval = ada.json("log", "add", "--start", "2026-01-12 09:00", "--end", "2026-01-12 09:25")["interval_id"]
    assert "There is no task #1" in bob.fails(3, "task", "show", "1")
    bob.fails(3, "task", "delete", "1")
    bob.fails(3, "log", "delete", str(interval))
    assert ada.json("task", "show", "1")["task"]["name"] == "Secret"


def test_the_database_and_the_log_are_unreadable_to_users(machine: Machine, ada: LocalUser) -> None:
    ada.pomo("start")
    for path in (f"{machine.data}/pomo.db", f"{machine.data}/state/daemon.log", machine.data):
        done = ada.shell(f"cat {path} || ls {path}")
        assert done.code != 0
        assert "Permission denied" in done.err
    assert stat.S_IMODE(os.stat(f"{machine.data}/pomo.db").st_mode) == 0o600


def test_no_user_may_stop_the_daemon(ada: LocalUser, bob: LocalUser) -> None:
    ada.pomo("start", "Goes on")
    told = bob.python("""
from pomo_cli.client import Client
from pomo_daemon.protocol.errors import PomoError
try:
    Client(start=False).call("daemon.stop")
except PomoError as error:
    print(error.code, end="")
""")
    assert told == "auth.forbidden"
    assert ada.pomo("status", "-f", "{task}") == "Goes on\n"


def test_a_timer_goes_on_when_the_daemon_was_killed_and_started_again(machine: Machine, ada: LocalUser) -> None:
    ada.pomo("start", "Goes on")
    machine.kill()
    machine.start()
    assert ada.pomo("status", "-f", "{task}") == "Goes on\n"


def test_a_socket_in_a_folder_that_is_not_roots_is_not_trusted(machine: Machine, ada: LocalUser) -> None:
    os.chown(f"{machine.folder}/run", 61002, 61002)
    assert "is not root's alone" in ada.fails(5, "status")


def test_a_user_whose_configuration_does_not_say_so_has_a_daemon_of_their_own(machine: Machine, ada: LocalUser) -> None:
    ada.pomo("start", "On the machine")
    os.unlink(ada.config)
    assert ada.pomo() == "idle\n"
    assert ada.json("daemon", "status")["socket"] != machine.socket_path
    ada.pomo("daemon", "stop")
