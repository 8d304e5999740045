"""Shell, cron, ssh, sudo, a git hook, a script: everybody meets the same daemon, and it keeps nothing of theirs."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from pomo_daemon.protocol.version import VERSION
from tests.e2e.user import PATIENCE_S, POMO, User, environment_of, until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away and become somebody else")

#: Listens as the OS user whose number is the second argument, and answers whoever comes.
IMPOSTOR = """
import os, socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
os.setuid(int(sys.argv[2]))
listening.listen()
print("ready", flush=True)
clients = []
while True:
    clients.append(listening.accept()[0])
    try:
        clients[-1].sendall(b"ok 4\\nevil")
    except BrokenPipeError:
        pass
"""


@pytest.fixture
def cron(user: User) -> Iterator[User]:
    """Give the same user as cron has them: HOME and PATH, and nothing else."""
    bare = User({name: user.env[name] for name in ("HOME", "PATH")})
    yield bare
    # Its daemon may listen in the runtime folder of whoever runs the tests: there nothing is to be left behind.
    if user.is_served():
        user.kill(signal.SIGTERM)


def test_cron_meets_the_daemon_of_the_shell(user: User, cron: User) -> None:
    user.pomo("start", "Write report")
    assert cron.json("status")["task"] == "Write report"
    cron.pomo("pause")
    assert user.json("status")["state"] == "focus-paused"
    assert len(user.daemons()) == 1


def test_the_shell_meets_the_daemon_of_cron(user: User, cron: User) -> None:
    cron.pomo("start", "Write report")
    assert user.json("status")["task"] == "Write report"
    assert len(user.daemons()) == 1


def test_without_a_home_the_user_database_knows_it(user: User) -> None:
    """A folder of the data is named, or this would be the home of whoever runs the tests."""
    folders = {f"POMO_{name}_DIR": f"{user.env['HOME']}/{name}" for name in ("DATA", "STATE", "RUNTIME")}
    homeless = User({"PATH": user.env["PATH"], **folders})
    homeless.env["POMO_CONFIG"] = f"{user.env['HOME']}/config.toml"
    done = homeless.run("start", "Write report")
    assert (done.code, done.err) == (0, "")
    assert homeless.run("daemon", "stop").code == 0


def test_a_home_that_is_no_path_is_not_taken_for_one(user: User) -> None:
    done = user.run("config", "path", env={"HOME": "relative", "XDG_CONFIG_HOME": "relative"})
    assert done.out == f"{pwd.getpwuid(os.getuid()).pw_dir}/.config/pomo/config.toml\n"


@as_root
def test_a_runtime_folder_of_somebody_else_is_not_used(user: User) -> None:
    foreign = user.env["XDG_RUNTIME_DIR"]
    os.chown(foreign, pwd.getpwnam("nobody").pw_uid, -1)
    user.pomo("start", "Write report")
    assert not user.socket.startswith(foreign)
    assert os.listdir(foreign) == []
    user.kill(signal.SIGTERM)


@as_root
def test_a_socket_folder_of_somebody_else_is_refused(user: User) -> None:
    folder = f"{user.env['XDG_RUNTIME_DIR']}/pomo"
    os.mkdir(folder, 0o777)
    os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    assert f"{folder} is not a folder of this user" in user.fails(6, "status")


def test_a_link_in_place_of_the_socket_folder_is_refused(user: User) -> None:
    os.mkdir(f"{user.env['HOME']}/trap")
    os.symlink(f"{user.env['HOME']}/trap", f"{user.env['XDG_RUNTIME_DIR']}/pomo")
    assert "is not a folder of this user" in user.fails(6, "status")
    assert os.listdir(f"{user.env['HOME']}/trap") == []


def test_what_others_may_enter_is_closed_to_them(user: User) -> None:
    os.chmod(user.data, 0o755)
    os.mkdir(f"{user.env['XDG_RUNTIME_DIR']}/pomo", 0o777)
    os.chmod(f"{user.env['XDG_RUNTIME_DIR']}/pomo", 0o777)
    user.pomo("start", "Write report")
    for path, mode in (
        (user.data, 0o700),
        (os.path.dirname(user.socket), 0o700),
        (user.socket, 0o600),
        (user.lock, 0o600),
        (f"{user.env['HOME']}/.local/state/pomo/daemon.log", 0o600),
    ):
        assert os.stat(path).st_mode & 0o777 == mode, path


def test_the_daemon_keeps_nothing_of_its_starter(user: User) -> None:
    foreign = {
        "GIT_DIR": "/repository/.git",
        "GIT_INDEX_FILE": "/repository/.git/index",
        "GIT_PREFIX": "",
        "VIRTUAL_ENV": "/somewhere",
        "SECRET_TOKEN": "canary",
        "DATABASE_URL": "postgresql://somebody:canary@elsewhere/theirs",
        "LD_PRELOAD": "",
        "PYTHONPATH": "/somewhere",
        "TZ": "Europe/Berlin",
        "LC_TIME": "C",
    }
    assert user.run("start", "Write report", env=foreign).code == 0
    pid = user.pid
    assert environment_of(pid).keys() == {*user.env, "TZ", "LC_TIME"}
    assert os.readlink(f"/proc/{pid}/cwd") == "/"
    assert os.getsid(pid) == pid != os.getsid(0)
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        assert "Umask:\t0077" in file.read()
    for number in (0, 1, 2):
        assert os.readlink(f"/proc/{pid}/fd/{number}") == "/dev/null"
    with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
        assert "Write report" not in file.read()


def test_the_starter_gets_its_prompt_back(user: User) -> None:
    """Neither a substitution nor a pipe, nor a descriptor of the shell, is held open by the daemon."""
    began = time.monotonic()
    done = user.shell('exec 9>&1; said=$(pomo start "Write report" 2>&1); echo "<$said>"; pomo status | cat')
    assert time.monotonic() - began < PATIENCE_S / 2
    assert done.code == 0
    assert done.out.startswith("<Focus started: Write report, 25m (1/4).\nNew task #1.>\nfocus 2")
    assert user.is_served()


def test_the_daemon_outlives_the_terminal_it_was_started_in(user: User) -> None:
    shell = user.spawn(["/bin/sh", "-c", f"{' '.join(POMO)} start; echo; exec sleep 60"])
    until(user.is_served)
    assert shell.stdout is not None
    while shell.stdout.readline() != b"\n":
        pass
    os.killpg(shell.pid, signal.SIGHUP)
    shell.wait(PATIENCE_S)
    assert user.run("status", "--no-autostart").code == 0


def test_a_commit_hook_of_git_may_call_it(user: User) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    repository = f"{user.env['HOME']}/repository"

    def git(*arguments: str) -> None:
        names = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(
            ["git", "-C", repository, *names, *arguments], env=user.env, check=True, capture_output=True, timeout=60
        )

    os.mkdir(repository)
    git("init")
    hook = f"{repository}/.git/hooks/post-commit"
    with open(hook, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nset -e\n{" ".join(POMO)} start "from a hook" -q\n')
    os.chmod(hook, 0o755)
    git("commit", "--allow-empty", "-m", "first")
    assert user.json("status")["task"] == "from a hook"
    assert not [name for name in environment_of(user.pid) if name.startswith("GIT_")]
    # A rebase runs hooks in a stranger place still.
    git("commit", "--allow-empty", "-m", "second")
    git("rebase", "--exec", f"{' '.join(POMO)} status -q", "HEAD~1")
    assert len(user.daemons()) == 1


@as_root
def test_a_daemon_of_another_user_is_not_trusted(user: User) -> None:
    """Somebody put a socket of their own where ours should be, and the lock says that it is alive."""
    path = f"{user.env['HOME']}/trap.sock"
    impostor = user.spawn([sys.executable, "-c", IMPOSTOR, path, str(pwd.getpwnam("nobody").pw_uid)])
    assert impostor.stdout is not None
    assert impostor.stdout.readline() == b"ready\n"
    with open(user.lock, "w", encoding="utf-8") as file:
        file.write(f"{impostor.pid}\n{VERSION}\n{path}\n")
    for command in (["status"], ["log"], ["pause"], ["daemon", "status"]):
        assert "another user" in user.fails(5, *command)
