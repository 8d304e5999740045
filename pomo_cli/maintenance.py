"""Work on a whole database: a process of the daemon's code does it, this one starts it, shows how far it is, and asks.

The daemon is stopped only when it is known that the work can be done, and started again, however the work ends, if it
ran before.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from pomo_cli import autostart, reach, system
from pomo_daemon.protocol.errors import PomoError

#: Told how far the work is: what is being done, parts done, parts in all.
Progress = Callable[[str, int, int], None]
#: Seconds for the process to end once it has nothing more to say.
_END_SECONDS = 10.0


def run(
    request: Mapping[str, Any],
    progress: Progress,
    *,
    allow: Callable[[Any], bool] = lambda _facts: True,
    halt: Callable[[], int | None] = lambda: None,
    then: Callable[[Any], None] = lambda _result: None,
) -> Any:  # noqa: ANN401  # it is JSON
    """Answer the result of a piece of work, or None if it was not to be done. Raises PomoError.

    If it needs the database for itself: `allow` tells whether to go on, `halt` stops the daemon and answers its pid,
    and `then` is called with the result before there is a daemon again.
    """
    if not reach.is_held() and system.is_wanted():
        raise PomoError(
            "auth.forbidden",
            "The database is that of the whole machine.",
            "Run this as the user of its daemon, with POMO_DATA_DIR naming its folder.",
        )
    with _Child(request) as child:
        kind, value = child.next(progress)
        if kind != "ready":
            return value
        if not allow(value):
            return None
        with _without_daemon(child, halt):
            _kind, value = child.next(progress)
            then(value)
        return value


@contextmanager
def _without_daemon(child: "_Child", halt: Callable[[], int | None]) -> Iterator[None]:
    """Hand the lock over from the daemon to the child, so that no client starts another daemon in between."""
    pid = None
    try:
        turn = autostart.take_turn()
        try:
            pid = halt()
            child.go()
        finally:
            os.close(turn)
        yield
    finally:
        child.end()
        if pid is not None:
            autostart.start(reach.is_held, stubborn=True)


class _Child:
    """The process, within `with`. It is told everything on stdin: what is in a command line, everybody can see."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._request = request

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # no shell, and a fixed command line
            [sys.executable, "-m", "pomo_daemon.maintenance"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        self._say(json.dumps(self._request))
        return self

    def __exit__(self, *_exception: object) -> None:
        self.end()

    def go(self) -> None:
        """Tell it that the daemon has stopped, and wait until it holds the daemon's lock."""
        self._say("go")
        self.next(lambda _what, _done, _total: None)

    def next(self, progress: Progress) -> tuple[str, Any]:
        """Answer what it says next, beside how far it is. Raises PomoError: what it says, or that it says nothing."""
        assert self._process.stdout is not None  # noqa: S101
        for line in self._process.stdout:
            [(kind, value)] = json.loads(line).items()
            if kind == "progress":
                progress(value["what"], value["done"], value["total"])
            elif kind == "error":
                raise PomoError(value["code"], value["message"], value["hint"])
            else:
                return kind, value
        raise PomoError(
            "internal",
            f"The work was broken off (status {self._process.wait(_END_SECONDS)}).",
            "Do it again: it goes on from there.",
        )

    def end(self) -> None:
        """See that it has ended."""
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None  # noqa: S101
            stream.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has said why
