"""The command as a process: signals, closed and full outputs, readers that go away."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.unit.cli.fake_daemon import SILENCE, FakeDaemon, text

POMO = (sys.executable, "-m", "pomo_cli")
#: One line each of the hot path, the text line of the full client, JSON-RPC, and no daemon at all.
LINES = [(), ("status", "--no-color"), ("log",), ("--help",)]


@contextlib.contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*POMO, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("arguments", [*LINES[:3], ("pause",)])
def test_ctrl_c_is_quiet_and_exit_130(arguments: tuple[str, ...], daemon: FakeDaemon) -> None:
    daemon.script = [SILENCE]
    with started(*arguments) as process:
        assert daemon.heard.acquire(timeout=30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")


@pytest.mark.parametrize("arguments", LINES)
def test_a_full_output_is_one_error_and_exit_1(arguments: tuple[str, ...], daemon: FakeDaemon) -> None:  # noqa: ARG001
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*POMO, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "pomo: The output cannot be written: No space left on device."
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("arguments", LINES)
def test_a_reader_that_went_away_is_no_error_to_tell(arguments: tuple[str, ...], daemon: FakeDaemon) -> None:  # noqa: ARG001
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*POMO, *arguments], stdout=writing, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("closed", [">&-", "<&- >&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("arguments", LINES)
def test_closed_streams_do_no_harm(arguments: tuple[str, ...], closed: str, daemon: FakeDaemon) -> None:
    command = f'"$@" {closed}'
    done = subprocess.run(
        ["sh", "-c", command, "sh", *POMO, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    # Nothing but questions reached the daemon: no output went into its socket.
    assert all(line.startswith((b"{", b"status ")) for line in daemon.lines)


def test_an_error_that_cannot_be_told_keeps_its_exit_code(daemon: FakeDaemon) -> None:
    daemon.texts = lambda _line: text(4, "pomo: A focus is running.")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*POMO, "start", "x"], stderr=full, stdout=subprocess.PIPE, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (4, b"")


def test_an_output_that_does_not_block_is_written_whole(daemon: FakeDaemon) -> None:
    daemon.texts = lambda _line: text(0, "x" * 300_000)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with subprocess.Popen(POMO, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        with open(reading, "rb") as pipe:
            read = pipe.read()
        assert process.wait(timeout=60) == 0
    assert read == b"x" * 300_000 + b"\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_the_encoding_of_the_locale_lacks_is_escaped(
    encoding: str, daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    daemon.texts = lambda _line: text(0, "focus é 日")
    done = subprocess.run(POMO, capture_output=True, check=True, timeout=60)
    assert done.stdout == {"ascii": b"focus \\xe9 \\u65e5\n", "latin-1": b"focus \xe9 \\u65e5\n"}[encoding]
