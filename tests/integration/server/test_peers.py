"""Who may connect: the kernel says which OS user that is, and only the daemon's own, and root, are served."""

import os
import pwd
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.server.connection import peer_uid
from pomo_daemon.server.listener import private_folder
from tests.e2e.user import User
from tests.integration.server.hosting import HostedServer
from tests.integration.server.wire import Wire

#: Becomes the OS user of the second argument, sends the third to the socket of the first, and copies what comes back.
STRANGER = """
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(int(sys.argv[2]))
with socket.socket(socket.AF_UNIX) as it:
    it.settimeout(10)
    it.connect(sys.argv[1])
    try:
        it.sendall(sys.argv[3].encode() + b"\\n")
    except BrokenPipeError:
        pass
    try:
        while piece := it.recv(4096):
            sys.stdout.buffer.write(piece)
    except ConnectionResetError:
        pass
"""
nobody = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def as_nobody(path: str, line: str) -> subprocess.CompletedProcess[str]:
    uid = str(pwd.getpwnam("nobody").pw_uid)
    return subprocess.run(
        # Without site packages: nobody may not be allowed to read them.
        [os.path.realpath(sys.executable), "-I", "-S", "-c", STRANGER, path, uid, line],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=30,
    )


@nobody
def test_another_os_user_does_not_get_to_the_socket(daemon: User) -> None:
    done = as_nobody(daemon.socket, "status default - plain")
    assert done.returncode == 1
    assert "PermissionError" in done.stderr
    assert done.stdout == ""


@nobody
@pytest.mark.parametrize(
    "line",
    [
        "status default - plain",
        "do default - 0123456789abcdef start",
        '{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1}}',
        '{"jsonrpc":"2.0","id":1,"method":"daemon.info"}',
    ],
)
def test_another_os_user_who_gets_to_the_socket_is_refused_by_the_kernels_word(daemon: User, line: str) -> None:
    path = daemon.socket
    while path != "/tmp":
        os.chmod(path, 0o777)
        path = os.path.dirname(path)
    done = as_nobody(daemon.socket, line)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    assert '"code":"auth.forbidden"' in done.stdout
    assert f"refused a connection of user {pwd.getpwnam('nobody').pw_uid}" in daemon.daemon_log()
    assert daemon.pomo("status") == "idle\n"


def test_the_kernel_names_this_user() -> None:
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert peer_uid(one) == os.getuid()


def test_the_socket_is_closed_to_others_from_its_first_moment(folder: str) -> None:
    seen: set[int] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            for entry in os.listdir(folder):
                try:
                    found = os.lstat(f"{folder}/{entry}")
                except FileNotFoundError:
                    continue
                if stat.S_ISSOCK(found.st_mode) and entry.endswith(".sock"):
                    seen.add(stat.S_IMODE(found.st_mode))

    watching = threading.Thread(target=watch)
    watching.start()
    with HostedServer(folder) as server, Wire(server.path) as wire:
        assert wire.text("status default - plain") == (0, "idle")
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    ended.set()
    watching.join()
    assert seen == {0o600}


def test_a_folder_is_made_for_its_owner_alone(folder: str) -> None:
    private_folder(f"{folder}/a/b")
    assert stat.S_IMODE(os.stat(f"{folder}/a/b").st_mode) == 0o700


def test_an_open_folder_is_closed(folder: str) -> None:
    os.mkdir(f"{folder}/a")
    os.chmod(f"{folder}/a", 0o777)
    private_folder(f"{folder}/a")
    assert stat.S_IMODE(os.stat(f"{folder}/a").st_mode) == 0o700


def link(path: str) -> None:
    os.symlink("/tmp", path)


def dangling_link(path: str) -> None:
    os.symlink("/nowhere/at/all", path)


def file(path: str) -> None:
    with open(path, "w", encoding="utf-8"):
        pass


def gift(path: str) -> None:
    os.mkdir(path)
    os.chown(path, pwd.getpwnam("nobody").pw_uid, -1)


@pytest.mark.parametrize("make", [link, dangling_link, file, pytest.param(gift, marks=nobody)])
def test_what_is_no_folder_of_ones_own_is_refused(folder: str, make: Callable[[str], None]) -> None:
    make(f"{folder}/pomo")
    with pytest.raises(PomoError) as refusal:
        private_folder(f"{folder}/pomo")
    assert refusal.value.code == "daemon.unavailable"
    assert f"{folder}/pomo" in refusal.value.message


def test_a_socket_that_is_somebody_elses_by_now_is_not_removed(folder: str) -> None:
    with HostedServer(folder) as server:
        os.unlink(server.path)
        with open(server.path, "w", encoding="utf-8") as theirs:
            theirs.write("theirs")
    with open(server.path, encoding="utf-8") as found:
        assert found.read() == "theirs"
