"""The client: hello, calls, retries, deadlines, versions, events; and how a daemon is reached."""

import fcntl
import os
import signal
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from pomo_cli import autostart, client, clock, hot, reach
from pomo_cli.client import Client, is_older
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.version import VERSION
from tests.unit.cli.fake_daemon import HANG_UP, SILENCE, TIMER_RESULT, FakeDaemon, text


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(PomoError) as caught:
        work()
    return caught.value.code


def test_a_call_says_hello_first_and_answers_the_result(daemon: FakeDaemon) -> None:
    with Client(profile="work") as caller:
        assert caller.call("timer.pause") == TIMER_RESULT
    (hello,) = daemon.requests("hello")
    assert hello == {"protocol": 1, "client": "pomo", "version": daemon.version, "profile": "work"}


def test_what_changes_something_carries_a_request_id_and_what_asks_does_not(daemon: FakeDaemon) -> None:
    with Client() as caller:
        caller.call("timer.pause")
        caller.call("timer.start", {"task": "x"})
        caller.call("history.list", {})
    (pause,), (start,), (listing,) = map(daemon.requests, ("timer.pause", "timer.start", "history.list"))
    assert len(pause["request_id"]) == len(start["request_id"]) == 16
    assert pause["request_id"] != start["request_id"]
    assert listing == {}


def test_an_error_of_the_daemon_is_raised_with_its_code_message_and_hint(daemon: FakeDaemon) -> None:
    daemon.results["timer.start"] = PomoError("timer.conflict", "A focus is running.", "Let it run.")
    with Client() as caller, pytest.raises(PomoError) as caught:
        caller.call("timer.start")
    error = caught.value
    assert (error.code, error.message, error.hint, error.exit) == (
        "timer.conflict",
        "A focus is running.",
        "Let it run.",
        4,
    )


def test_a_lost_answer_is_asked_for_again_under_the_same_request_id(daemon: FakeDaemon) -> None:
    with Client() as caller:
        caller.call("daemon.info")
        daemon.script = [HANG_UP]
        assert caller.call("timer.pause") == TIMER_RESULT
    first, second = daemon.requests("timer.pause")
    assert first == second


def test_two_lost_answers_are_an_error_that_claims_nothing(daemon: FakeDaemon) -> None:
    with Client() as caller:
        caller.call("daemon.info")
        hello = b'{"jsonrpc":"2.0","id":4,"result":{"version":"0.1.0"}}\n'
        daemon.script = [HANG_UP, hello, HANG_UP]
        assert code_of(lambda: caller.call("timer.pause")) == "daemon.unavailable"


def test_silence_is_an_error_after_the_deadline(daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.05)
    with Client() as caller:
        caller.call("daemon.info")
        daemon.script = [SILENCE]
        assert code_of(lambda: caller.call("timer.pause")) == "daemon.unavailable"
    assert len(daemon.requests("timer.pause")) == 1


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda caller: caller.call("timer.pause"), True),
        (lambda caller: caller.text(b"do default - 0123456789abcdef pause\n"), True),
        (lambda caller: caller.call("history.list"), False),
        (lambda caller: caller.text(b"status default - plain\n"), False),
    ],
)
def test_after_silence_it_is_said_that_a_command_may_still_be_carried_out(
    ask: Callable[[Client], object],
    told: bool,  # noqa: FBT001
    daemon: FakeDaemon,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.05)
    with Client() as caller:
        caller.call("daemon.info")
        daemon.script = [SILENCE]
        with pytest.raises(PomoError) as caught:
            ask(caller)
    assert ("may still be carried out" in caught.value.hint) is told
    assert f"kill -9 {os.getpid()}" in caught.value.hint


def test_the_daemon_of_the_machine_may_take_as_long_as_a_start_and_is_not_to_be_killed(
    daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.05)
    monkeypatch.setenv("POMO_SYSTEM_SOCKET", daemon.socket_path)
    daemon.results["history.list"] = lambda _params: {"late": threading.Event().wait(0.2)}
    with Client() as caller:
        assert caller.call("history.list") == {"late": False}
        monkeypatch.setattr(reach, "START_SECONDS", 0.05)
        daemon.script = [SILENCE]
        with pytest.raises(PomoError, match=r"of this machine does not answer within 0\.05 s") as caught:
            caller.call("history.list")
    assert "systemctl status pomo" in caught.value.hint
    assert "kill" not in caught.value.hint


@pytest.mark.parametrize(
    "line", [b"nonsense\n", b"[]\n", b'{"error": 3}\n', b'{"error": {"data": {"code": 5}}}\n', b"[" * 100_000 + b"\n"]
)
def test_an_answer_that_makes_no_sense_is_a_protocol_error(line: bytes, daemon: FakeDaemon) -> None:
    with Client() as caller:
        daemon.script = [line]
        assert code_of(lambda: caller.call("daemon.info")) == "protocol.error"


def test_answers_to_other_questions_and_fields_of_a_newer_daemon_are_passed_over(daemon: FakeDaemon) -> None:
    with Client() as caller:
        caller.call("daemon.info")
        daemon.script = [b'{"id": 77, "result": 1}\n{"method": "event"}\n{"id": 2, "result": {"pid": 9}, "new": 1}\n']
        caller._ids = 1
        assert caller.call("daemon.info") == {"pid": 9}


def test_a_call_that_was_begun_is_answered_when_its_result_is_wanted(daemon: FakeDaemon) -> None:
    with Client() as caller:
        result = caller.begin("history.list", {"limit": 1})
        assert result() == {"intervals": []}
        daemon.script = [HANG_UP]
        assert caller.begin("history.list", {"limit": 2})() == {"intervals": []}
    assert [it["limit"] for it in daemon.requests("history.list")] == [1, 2, 2]


def test_a_call_that_was_begun_may_be_forgotten_whatever_comes_of_it(daemon: FakeDaemon) -> None:
    daemon.results["import.append"] = PomoError("import.not_found")
    with Client() as caller:
        caller.begin("import.append", {})
        caller.begin("history.list", {})
        assert caller.call("timer.pause") == TIMER_RESULT


def test_a_code_of_a_newer_daemon_keeps_its_words(daemon: FakeDaemon) -> None:
    data = b'{"code": "moon.full", "message": "The moon is full.", "hint": "Wait."}'
    daemon.script = [b'{"id": 1, "error": {"code": 1, "message": "", "data": ' + data + b"}}\n"]
    with Client() as caller, pytest.raises(PomoError, match="The moon is full") as caught:
        caller.call("daemon.info")
    assert (caught.value.code, caught.value.exit) == ("moon.full", 1)


def test_a_text_line_is_answered_or_refused(daemon: FakeDaemon) -> None:
    daemon.texts = lambda line: text(0, "idle") if b"plain" in line else text(3, "pomo: No.")
    assert Client().text(b"status default - plain\n") == (0, b"idle")
    assert Client().text(b"status x - json\n") == (3, b"pomo: No.")


def test_a_refusal_in_json_to_a_text_line_is_understood(daemon: FakeDaemon) -> None:
    data = b'{"code": "protocol.busy", "message": "Too many.", "hint": "Wait."}'
    daemon.script = [b'{"id": null, "error": {"code": 1, "message": "", "data": ' + data + b"}}\n" + HANG_UP]
    assert code_of(lambda: Client().text(b"status default - plain\n")) == "protocol.busy"


@pytest.mark.parametrize("code", ["auth.forbidden", "protocol.busy"])
def test_a_refusal_before_anything_was_sent_is_understood(
    code: str, daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_options: bool) -> tuple[socket.socket, paths.Holder]:
        ours, theirs = socket.socketpair()
        theirs.sendall(b'{"id": null, "error": {"code": 1, "message": "", "data": {"code": "%b"}}}\n' % code.encode())
        theirs.close()
        return ours, paths.Holder(1, VERSION, "")

    monkeypatch.setattr(reach, "connect", refused)
    with Client() as caller:
        assert code_of(lambda: caller.call("timer.pause")) == code
        assert code_of(lambda: caller.text(b"do default - 0123456789abcdef pause\n")) == code
    assert daemon.lines == []


@pytest.mark.parametrize("answer", [b"what\n", b"ok x\n", b"error 1\n"])
def test_a_text_answer_that_makes_no_sense_is_a_protocol_error(answer: bytes, daemon: FakeDaemon) -> None:
    daemon.script = [answer]
    assert code_of(lambda: Client().text(b"status default - plain\n")) == "protocol.error"


def test_events_come_in_order_until_the_daemon_goes(daemon: FakeDaemon) -> None:
    daemon.results["events.subscribe"] = {"seq": 5}
    daemon.events = [{"seq": 6, "type": "interval.started"}, {"seq": 7, "type": "interval.paused"}]
    found = []
    for event in Client().subscribe(since=5):
        found.append(event["seq"])
        if event["seq"] == 7:
            daemon.stop()
    assert found == [6, 7]
    assert daemon.requests("events.subscribe") == [{"since": 5}]


def test_a_daemon_of_another_database_is_told_from_the_one_wanted(
    daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> object:
        with Client() as caller:
            return caller.call("daemon.info")

    line = b"status default - plain\n"
    daemon.database = "postgresql+psycopg://ada@host/one"
    daemon.publish()
    assert ask()
    assert hot.ask(line) == 0
    for wanted, is_it in (("one", True), ("two", False)):
        monkeypatch.setenv("POMO_DATABASE_URL", f"postgresql+psycopg://ada:secret@host/{wanted}")
        if is_it:
            assert ask()
            # With a password in it, it takes the full client to compare.
            assert hot.ask(line) is None
            monkeypatch.setenv("POMO_DATABASE_URL", daemon.database)
            assert hot.ask(line) == 0
            continue
        assert code_of(ask) == "daemon.database"
        assert code_of(lambda: Client().text(line)) == "daemon.database"
        assert hot.ask(line) is None
        with Client(any_database=True) as caller:
            assert caller.call("daemon.info")
    # A daemon that does not say what it serves is not suspected.
    daemon.database = ""
    daemon.stop()
    with FakeDaemon():
        assert ask()


def test_another_protocol_is_an_error_that_says_what_to_do(no_start: list[str]) -> None:  # noqa: ARG001
    with FakeDaemon(protocol=99), Client() as caller:
        assert code_of(lambda: caller.call("timer.pause")) == "protocol.version"


def test_an_older_daemon_is_replaced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    successors: list[FakeDaemon] = []

    def spawn() -> None:
        # It calls itself old as well: the client must not go on replacing.
        successors.append(FakeDaemon(version="0.0.2").__enter__())

    monkeypatch.setattr(autostart, "_spawn_and_wait", spawn)
    with FakeDaemon(version="0.0.1") as old, Client() as caller:
        assert caller.call("timer.pause") == TIMER_RESULT
        assert len(old.requests("daemon.stop")) == 1
        assert old.requests("timer.pause") == []
        assert [len(it.requests("timer.pause")) for it in successors] == [1]
        assert successors[0].requests("daemon.stop") == []
    successors[0].stop()


def test_an_older_daemon_is_left_alone_by_a_client_that_may_start_none(no_start: list[str]) -> None:
    with FakeDaemon(version="0.0.1") as old, Client(start=False) as caller:
        assert caller.call("timer.pause") == TIMER_RESULT
        assert old.requests("daemon.stop") == []
    assert no_start == []


@pytest.mark.parametrize(
    ("version", "than", "older"),
    [
        ("0.1.0", "0.1.0", False),
        ("0.1.0", "0.1.1", True),
        ("0.9", "0.10", True),
        ("1.0", "0.10.3", False),
        ("0.1.0.dev1", "0.1.1", True),
        ("", "0.1.0", False),
        ("nonsense", "0.1.0", False),
    ],
)
def test_versions_are_compared_by_numbers(version: str, than: str, older: bool) -> None:  # noqa: FBT001
    assert is_older(version, than) is older


def starts_one(attempts: list[str], monkeypatch: pytest.MonkeyPatch) -> FakeDaemon:
    """Let a start of the daemon start a fake one."""
    fake = FakeDaemon()

    def spawn() -> None:
        attempts.append("start")
        fake.__enter__()

    monkeypatch.setattr(autostart, "_spawn_and_wait", spawn)
    return fake


def test_without_a_daemon_one_is_started_once(no_start: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    started = starts_one(no_start, monkeypatch)
    connection, holder = reach.connect(start=True)
    connection.close()
    started.stop()
    assert (len(no_start), holder.pid) == (1, os.getpid())


def test_a_client_that_may_start_none_says_that_none_runs(no_start: list[str]) -> None:
    assert code_of(lambda: reach.connect(start=False)) == "daemon.unavailable"
    assert no_start == []


def test_daemons_that_end_at_once_are_not_started_for_ever(no_start: list[str]) -> None:
    assert code_of(lambda: reach.connect(start=True)) == "daemon.unavailable"
    assert len(no_start) == reach.STARTS


def test_a_stale_lock_and_socket_do_not_hinder_a_start(no_start: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeDaemon() as dead:
        pass
    with open(paths.lock_file(), "w") as lock:
        lock.write(f"1\n0.1.0\n{dead.socket_path}\n")
    started = starts_one(no_start, monkeypatch)
    reach.connect(start=True)[0].close()
    started.stop()
    assert len(no_start) == 1


def test_a_daemon_that_is_starting_is_waited_for(fake_time: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    starting = FakeDaemon()
    starting.hold()

    def sleep(seconds: float) -> None:
        fake_time.append(seconds)
        if len(fake_time) == 5:
            starting.listen()
            starting.publish()

    monkeypatch.setattr(clock, "sleep", sleep)
    reach.connect(start=True)[0].close()
    starting.stop()
    assert len(fake_time) == 5


def test_a_daemon_that_never_gets_ready_is_given_up(fake_time: list[float]) -> None:
    starting = FakeDaemon()
    starting.hold()
    assert code_of(lambda: reach.connect(start=True)) == "daemon.unavailable"
    starting.stop()
    assert sum(fake_time) == pytest.approx(reach.START_SECONDS, abs=0.1)


def test_a_living_daemon_whose_socket_is_gone_is_asked_for_a_new_one(
    daemon: FakeDaemon, no_start: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    os.unlink(daemon.socket_path)
    signals = []

    def kill(pid: int, number: int) -> None:
        signals.append((pid, number))
        daemon.listen()

    monkeypatch.setattr(os, "kill", kill)
    reach.connect(start=True)[0].close()
    assert signals == [(os.getpid(), signal.SIGHUP)]
    assert no_start == []


def test_a_living_daemon_that_stays_deaf_is_given_up_and_none_beside_it_started(
    daemon: FakeDaemon, no_start: list[str], fake_time: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    os.unlink(daemon.socket_path)
    monkeypatch.setattr(os, "kill", lambda *_: None)
    assert code_of(lambda: reach.connect(start=True)) == "daemon.unavailable"
    assert sum(fake_time) == pytest.approx(reach.REOPEN_SECONDS, abs=0.1)
    assert no_start == []


def test_a_path_that_no_socket_can_have_is_a_clear_error() -> None:
    os.makedirs(paths.data_dir())
    with open(paths.lock_file(), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(f"1\n0.1.0\n/{'x' * 120}\ndefault\n\n")
        lock.flush()
        with pytest.raises(PomoError, match="longer than 107 bytes"):
            reach.connect(start=True)


def test_a_socket_of_another_user_is_refused() -> None:
    stranger = SimpleNamespace(getsockopt=lambda *_: struct.pack("3i", 1, 4242, 1))
    assert code_of(lambda: reach._check_owner(stranger, "/x")) == "auth.forbidden"  # type: ignore[arg-type]


def test_what_can_be_the_name_of_no_file_is_locked_by_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not paths.is_locked(f"{tmp_path}/{'x' * 300}/daemon.lock")
    assert not paths.is_locked(f"{tmp_path}/file/daemon.lock")
