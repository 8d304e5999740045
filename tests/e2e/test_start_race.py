"""Many start at once: one daemon comes of it, and everybody is answered."""

import os
import shutil
import subprocess
import time

from hypothesis import settings

from pomo_daemon.protocol import paths
from tests.e2e.user import DAEMON, PATIENCE_S, POMO, Done, User, until

ROUNDS = 50 if settings.get_current_profile_name() == "long" else 6
#: What eight clients ask for: the hot path, the full client, and one that changes something.
COMMANDS = (
    "status",
    "",
    "toggle",
    "status --json",
    "log --json",
    "status --check focus",
    "start one",
    "status -f {state}",
)


def at_once(user: User, *commands: list[str]) -> list[Done]:
    """Run commands that all begin at one moment: each waits in a shell for a pipe to end."""
    reading, writing = os.pipe()
    started = [
        subprocess.Popen(
            ["/bin/sh", "-c", 'read -r _; exec "$@"', "sh", *command],
            env=user.env,
            cwd="/",
            stdin=reading,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    os.close(reading)
    os.close(writing)
    ended = [(it, *it.communicate(timeout=PATIENCE_S)) for it in started]
    return [Done(process.returncode, out, err) for process, out, err in ended]


def forget_everything(user: User) -> None:
    user.kill()
    until(lambda: not user.daemons())
    for folder in (f"{user.env['HOME']}/.local", f"{user.env['XDG_RUNTIME_DIR']}/pomo"):
        shutil.rmtree(folder)


def test_eight_clients_at_once_without_a_daemon_start_one_and_are_all_answered(newcomer: User) -> None:
    for _ in range(ROUNDS):
        began = time.monotonic()
        ended = at_once(newcomer, *([*POMO, *command.split()] for command in COMMANDS))
        took = time.monotonic() - began
        for command, done in zip(COMMANDS, ended, strict=True):
            # Whether the focus of `toggle` or of `start` came first decides what the two others see.
            allowed = {"status --check focus": (0, 1), "start one": (0, 4), "toggle": (0,)}.get(command, (0,))
            assert done.code in allowed, (command, done)
            assert bool(done.err) == (done.code == 4), (command, done)
        assert newcomer.daemons() == [newcomer.pid]
        assert newcomer.daemon_log().count(" starts, pid ") == 1
        assert len(newcomer.log()) == 1
        assert took < PATIENCE_S
        forget_everything(newcomer)


def test_eight_daemons_at_once_leave_one_and_none_complains(newcomer: User) -> None:
    spawned = [newcomer.spawn(DAEMON) for _ in range(8)]
    until(lambda: paths.read_holder(newcomer.lock) is not None)
    assert newcomer.pomo("status") == "idle\n"
    losers = [it for it in spawned if it.pid != newcomer.pid]
    assert len(losers) == 7
    for loser in losers:
        assert loser.wait(PATIENCE_S) == 0
        assert loser.stderr is not None
        assert loser.stderr.read() == b"ready\n"
    assert newcomer.daemon_log().count(" starts, pid ") == 1
