"""A command and a daemon of different ages: understood, replaced, or refused with what to do."""

import sys

import pytest

from pomo_daemon.protocol.version import VERSION
from tests.e2e.user import User, until

#: Holds the lock as a daemon does; answers `hello` with its second argument, `daemon.stop` by ending.
OTHER_DAEMON = """
import fcntl, json, os, socket, sys
path, answer = sys.argv[1], json.loads(sys.argv[2])
lock = open(sys.argv[3], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
listening = socket.socket(socket.AF_UNIX)
listening.bind(path)
listening.listen()
lock.write(f"{os.getpid()}\\n0.0.9\\n{path}\\n")
lock.flush()
print("ready", flush=True)
while True:
    client = listening.accept()[0].makefile("rw")
    for line in client:
        request = json.loads(line) if line.startswith("{") else {"method": "text", "id": None}
        client.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], **answer}) + "\\n")
        client.flush()
        if request["method"] == "daemon.stop":
            os._exit(0)
"""
OLDER = '{"result": {"protocol": 1, "version": "0.0.9", "server": "pomo-daemon", "profile": "default", "user": "x"}}'
FOREIGN = (
    '{"error": {"code": -32004, "message": "m", "data": {"code": "protocol.version", "message": "The daemon (0.0.9)'
    ' speaks protocol 0, the client 1.", "hint": "Run \'pomo daemon restart\'; the running interval goes on."}}}'
)


def run_other_daemon(user: User, answer: str) -> int:
    process = user.spawn([sys.executable, "-c", OTHER_DAEMON, f"{user.env['HOME']}/other.sock", answer, user.lock])
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process.pid


def test_a_daemon_older_than_the_command_is_replaced_and_the_command_done(user: User) -> None:
    older = run_other_daemon(user, OLDER)
    assert user.pomo("log") != ""
    assert user.pid != older
    assert user.json("daemon", "status")["version"] == VERSION


@pytest.mark.parametrize("command", ["log", "status --json", "pause --json"])
def test_a_daemon_of_another_protocol_is_exit_9_and_restart_helps(user: User, command: str) -> None:
    run_other_daemon(user, FOREIGN)
    done = user.run(*command.split())
    assert (done.code, done.out) == (9, "")
    assert "pomo daemon restart" in done.err
    user.pomo("daemon", "restart")
    until(user.is_served)
    assert user.pomo("status") == "idle\n"


def test_the_command_and_the_daemon_tell_their_version(user: User) -> None:
    assert user.pomo("--version") == f"pomo {VERSION}\n"
